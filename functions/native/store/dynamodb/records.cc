#include "functions/native/store/dynamodb/records.h"

#include <nlohmann/json.hpp>
#include <set>
#include <tuple>

#include "base/text.h"

namespace leadbridge::native::dynamo {
namespace {

using Json = nlohmann::json;

constexpr std::size_t kMostText = 380 * 1024;  // of an item's 400 KB; the rest for its other attributes
constexpr std::size_t kMostId = 900;           // of a sort key's 1024 bytes

template <typename T>
std::optional<T> maybe(const Json& object, const char* name) {
    const auto found = object.find(name);
    if (found == object.end() || found->is_null()) return std::nullopt;
    return found->get<T>();
}

template <typename T>
T need(const Json& object, const char* name) {
    return object.at(name).get<T>();
}

Lead read_lead(const Json& json) {
    Lead lead;
    lead.id = need<std::string>(json, "id");
    lead.source = need<std::string>(json, "source");
    lead.platform = need<std::string>(json, "platform");
    lead.account = need<std::string>(json, "account");
    lead.lead_id = need<std::string>(json, "lead_id");
    lead.version = need<std::int64_t>(json, "version");
    lead.revision = need<std::int64_t>(json, "revision");
    lead.sort_at = need<Millis>(json, "sort_at");
    lead.person_key = maybe<std::string>(json, "person_key");
    lead.expires_at = maybe<Millis>(json, "expires_at");
    lead.doc = need<std::string>(json, "doc");
    return lead;
}

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

Records read_records(const std::string& text) {
    const Json json = Json::parse(text.empty() ? "{}" : text);
    Records records;
    records.now = json.value("now", Millis{0});
    records.commit = json.value("commit", std::string());
    const auto list = [&json](const char* name) { return json.value(name, Json::array()); };
    const Json leads = list("leads"), rows = list("rows");
    if (!leads.empty() || !rows.empty()) {
        (void)need<Millis>(json, "now");
        (void)need<std::string>(json, "commit");
    }
    for (const Json& each : leads) {
        Lead lead = read_lead(each);
        const auto [at, fresh] = records.leads.try_emplace(lead.id, lead);
        Lead& kept = at->second;
        if (!fresh && std::tie(lead.version, lead.revision) > std::tie(kept.version, kept.revision)) {
            kept = std::move(lead);
        }
    }
    for (const Json& each : rows) {
        Row row{need<std::string>(each, "set"), need<std::string>(each, "id"), need<std::string>(each, "doc"),
                need<Millis>(each, "at"), maybe<Millis>(each, "expires_at")};
        records.rows[{row.set, row.id}].push_back(std::move(row));
    }
    std::set<std::string> entries, marks;
    for (const Json& each : list("outbox")) {
        Entry entry{need<std::string>(each, "id"), need<std::string>(each, "queue"),
                    need<std::string>(each, "payload"), need<Millis>(each, "due_at"),
                    maybe<std::string>(each, "lead")};
        if (entries.insert(entry.id).second) records.outbox.push_back(std::move(entry));
    }
    for (const Json& each : list("marks")) {
        Mark mark{need<std::string>(each, "key"), need<Millis>(each, "expires_at"),
                  maybe<bool>(each, "once").value_or(false)};
        if (marks.insert(mark.key).second) records.marks.push_back(std::move(mark));
    }
    for (const Json& each : list("audit")) {
        records.audit.push_back({need<Millis>(each, "at"), need<std::string>(each, "action"),
                                 maybe<std::string>(each, "subject").value_or(""),
                                 maybe<std::string>(each, "detail").value_or("")});
    }
    for (const Json& each : list("raw")) {
        records.raw.push_back({need<std::string>(each, "id"), need<std::string>(each, "source"),
                               maybe<std::string>(each, "content_type").value_or(""),
                               need<std::string>(each, "body_base64"), need<Millis>(each, "received_at"),
                               maybe<Millis>(each, "expires_at")});
    }
    return records;
}

std::string too_large(const effect::StoreCommit& commit, const Records& records) {
    std::string why;
    const auto check = [&why](const char* what, const std::string& id, std::size_t text) {
        if (why.empty()) why = misfit(what, id, text);
    };
    for (const auto& move : commit.checkpoints) check("checkpoint", move.key, move.value.size());
    for (const auto& [id, lead] : records.leads) {
        check("lead", id, lead.doc.size() + lead.source.size() + lead.person_key.value_or("").size());
    }
    for (const auto& [key, rows] : records.rows) {
        check("set", key.first, 0);
        for (const Row& row : rows) check("row", key.second, row.doc.size());
        if (key.second.empty() && why.empty()) why = "a row needs an id that is not empty";
    }
    for (const Entry& entry : records.outbox) check("outbox entry", entry.id, entry.payload.size());
    for (const Mark& mark : records.marks) check("mark", mark.key, 0);
    for (const Audit& audit : records.audit) check("audit entry", audit.action, audit.detail.size());
    for (const Raw& raw : records.raw) check("raw record", raw.id, 0);  // its body is cut into pieces
    return why;
}

}  // namespace leadbridge::native::dynamo
