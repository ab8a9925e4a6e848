#include "engine/store_text.h"

#include <algorithm>
#include <iterator>

#include "base/text.h"

namespace leadbridge::engine {
namespace {

using codec::JsonWriter;

constexpr std::string_view kKinds[] = {"leads", "counts", "rows", "row_counts", "queues", "dead"};
static_assert(std::size(kKinds) == std::variant_size_v<effect::Query>);

void put_if(JsonWriter& json, std::string_view name, const std::optional<std::string>& value) {
    if (value) json.text(name, *value);
}
void put_if(JsonWriter& json, std::string_view name, const std::optional<std::int64_t>& value) {
    if (value) json.number(name, *value);
}

struct QueryMembers {
    JsonWriter& json;

    void operator()(const effect::LeadQuery& query) const {
        put_if(json, "source", query.source);
        put_if(json, "person_key", query.person_key);
        put_if(json, "since", query.since);
        put_if(json, "until", query.until);
        put_if(json, "revision", query.revision);
    }
    void operator()(const effect::RowQuery& query) const {
        json.text("set", query.set);
        put_if(json, "since", query.since);
        if (query.offset != 0) json.number("offset", query.offset);
    }
    void operator()(const effect::DeadQuery& query) const { put_if(json, "queue", query.queue); }
    void operator()(const effect::CountQuery&) const {}
    void operator()(const effect::RowCountQuery&) const {}
    void operator()(const effect::QueueQuery&) const {}
};

template <typename Record>
void put_lines(std::string& out, std::string_view list, const std::vector<Record>& records) {
    for (const Record& record : records) {
        out += '\n';
        JsonWriter json(out);
        json.begin_object();
        json.name(list);
        put_record(json, record);
        json.end_object();
    }
}

}  // namespace

std::string_view scan_kind(const effect::Query& query) { return kKinds[query.index()]; }

std::optional<std::size_t> scan_kind_index(std::string_view kind) {
    const auto* const found = std::find(std::begin(kKinds), std::end(kKinds), kind);
    if (found == std::end(kKinds)) return std::nullopt;
    return static_cast<std::size_t>(found - std::begin(kKinds));
}

std::string_view settled_name(effect::Settled outcome) {
    switch (outcome) {
        case effect::Settled::done:
            return "done";
        case effect::Settled::retry:
            return "retry";
        case effect::Settled::dead:
            break;
    }
    return "dead";
}

void put_load(JsonWriter& json, const effect::StoreLoad& load) {
    json.name("keys");
    json.begin_array();
    for (const std::string& key : load.keys) json.text(key);
    json.end_array();
    json.number("now", load.now);
}

void put_checkpoints(JsonWriter& json, const std::vector<effect::CheckpointMove>& moves) {
    json.name("checkpoints");
    json.begin_array();
    for (const effect::CheckpointMove& move : moves) {
        json.begin_object();
        json.text("key", move.key);
        json.number("expected", move.expected);
        json.text("value", move.value);
        json.end_object();
    }
    json.end_array();
}

void put_scan(JsonWriter& json, const effect::StoreScan& scan) {
    json.name("query");
    json.begin_object();
    std::visit(QueryMembers{json}, scan.query);
    json.end_object();
    json.number("limit", scan.limit);
    json.text("page", scan.page);
}

void put_claim(JsonWriter& json, const effect::StoreClaim& claim) {
    json.text("queue", claim.queue);
    json.number("limit", claim.limit);
    json.number("lease_ms", claim.lease_ms);
    json.text("lease", claim.lease);
    json.number("now", claim.now);
}

void put_settle(JsonWriter& json, const effect::StoreSettle& settle) {
    json.text("queue", settle.queue);
    json.name("entries");
    json.begin_array();
    for (const effect::Settlement& entry : settle.entries) {
        json.begin_object();
        json.text("id", entry.id);
        json.text("lease", entry.lease);
        json.text("outcome", settled_name(entry.outcome));
        json.number("retry_at", entry.retry_at);
        json.text("reason", entry.reason);
        json.end_object();
    }
    json.end_array();
    json.number("now", settle.now);
}

void put_commit(JsonWriter& json, const effect::Records& records) {
    json.text("commit", records.commit);
    json.number("now", records.now);
}

void put_record(JsonWriter& json, const effect::LeadRecord& lead) {
    json.begin_object();
    json.text("id", lead.id);
    json.text("source", lead.source);
    json.text("platform", lead.platform);
    json.text("account", lead.account);
    json.text("lead_id", lead.lead_id);
    json.number("version", lead.version);
    json.number("revision", lead.revision);
    json.number("sort_at", lead.sort_at);
    json.text_or_null("person_key", lead.person_key);
    json.number_or_null("expires_at", lead.expires_at);
    json.text("doc", lead.doc);
    json.end_object();
}

void put_record(JsonWriter& json, const effect::Row& row) {
    json.begin_object();
    json.text("set", row.set);
    json.text("id", row.id);
    json.number("at", row.at);
    json.number_or_null("expires_at", row.expires_at);
    json.text("doc", row.doc);
    json.end_object();
}

void put_record(JsonWriter& json, const effect::OutboxEntry& entry) {
    json.begin_object();
    json.text("id", entry.id);
    json.text("queue", entry.queue);
    json.number("due_at", entry.due_at);
    json.text_or_null("lead", entry.lead);
    json.text("payload", entry.payload);
    json.end_object();
}

void put_record(JsonWriter& json, const effect::Mark& mark) {
    json.begin_object();
    json.text("key", mark.key);
    json.number("expires_at", mark.expires_at);
    if (mark.once) json.boolean("once", true);
    json.end_object();
}

void put_record(JsonWriter& json, const effect::AuditEntry& entry) {
    json.begin_object();
    json.number("at", entry.at);
    json.text("action", entry.action);
    json.text("subject", entry.subject);
    json.text("detail", entry.detail);
    json.end_object();
}

void put_record(JsonWriter& json, const effect::RawBody& raw) {
    json.begin_object();
    json.text("id", raw.id);
    json.text("source", raw.source);
    json.number("received_at", raw.received_at);
    json.number_or_null("expires_at", raw.expires_at);
    json.text("content_type", raw.content_type);
    json.text("body_base64", base::base64_encode(raw.body));
    json.end_object();
}

std::string record_lines(const effect::Records& records) {
    std::string out;
    std::size_t size = 64;
    for (const auto& lead : records.leads) size += 512 + lead.doc.size() + lead.doc.size() / 4;
    out.reserve(size);
    JsonWriter head(out);
    head.begin_object();
    put_commit(head, records);
    head.end_object();
    put_lines(out, "leads", records.leads);
    put_lines(out, "rows", records.rows);
    put_lines(out, "outbox", records.outbox);
    put_lines(out, "marks", records.marks);
    put_lines(out, "audit", records.audit);
    put_lines(out, "raw", records.raw);
    return out;
}

}  // namespace leadbridge::engine
