#include "functions/native/store/dynamodb/records.h"

#include <set>
#include <string_view>
#include <tuple>

#include "base/text.h"

namespace leadbridge::native::dynamo {
namespace {

constexpr std::size_t kMostText = 380 * 1024;  // of an item's 400 KB; the rest for its other attributes
constexpr std::size_t kMostId = 900;           // of a sort key's 1024 bytes

std::string misfit(const char* what, const std::string& id, std::size_t text) {
    const std::string name = std::string(what) + " \"" + base::printable(id, 80) + "\"";
    if (id.size() > kMostId) return name + " has a name of more than 900 bytes, more than DynamoDB takes";
    if (text > kMostText) {
        return name +
               " is larger than 380 KB, more than DynamoDB takes in one item. Use SQLite or D1 for "
               "records of this size.";
    }
    return {};
}

}  // namespace

Records::Records(const effect::Records& all)
    : audit(all.audit), raw(all.raw), now(all.now), commit(all.commit) {
    for (const effect::LeadRecord& lead : all.leads) {
        const auto [at, fresh] = leads.try_emplace(lead.id, &lead);
        const effect::LeadRecord& kept = *at->second;
        if (!fresh && std::tie(lead.version, lead.revision) > std::tie(kept.version, kept.revision))
            at->second = &lead;
    }
    for (const effect::Row& row : all.rows) rows[{row.set, row.id}].push_back(&row);
    std::set<std::string_view> entries, keys;
    for (const effect::OutboxEntry& entry : all.outbox) {
        if (entries.insert(entry.id).second) outbox.push_back(&entry);
    }
    for (const effect::Mark& mark : all.marks) {
        if (keys.insert(mark.key).second) marks.push_back(&mark);
    }
}

std::string too_large(const std::vector<effect::CheckpointMove>& moves, const Records& records) {
    std::string why;
    const auto check = [&why](const char* what, const std::string& id, std::size_t text) {
        if (why.empty()) why = misfit(what, id, text);
    };
    for (const auto& move : moves) check("checkpoint", move.key, move.value.size());
    for (const auto& [id, lead] : records.leads) {
        check("lead", id, lead->doc.size() + lead->source.size() + lead->person_key.value_or("").size());
    }
    for (const auto& [key, rows] : records.rows) {
        check("set", key.first, 0);
        for (const effect::Row* row : rows) check("row", key.second, row->doc.size());
        if (key.second.empty() && why.empty()) why = "a row needs an id that is not empty";
    }
    for (const effect::OutboxEntry* entry : records.outbox)
        check("outbox entry", entry->id, entry->payload.size());
    for (const effect::Mark* mark : records.marks) check("mark", mark->key, 0);
    for (const effect::AuditEntry& entry : records.audit)
        check("audit entry", entry.action, entry.detail.size());
    for (const effect::RawBody& raw : records.raw)
        check("raw record", raw.id, 0);  // its body is cut into pieces
    return why;
}

}  // namespace leadbridge::native::dynamo
