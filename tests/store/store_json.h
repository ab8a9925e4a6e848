#pragma once
// Operations of tests/store/conformance.json to the types of the contract and back. What is not of the contract (text
// for a number, a missing member) throws, as a host's JSON would never become a type.
#include <nlohmann/json.hpp>
#include <optional>
#include <stdexcept>
#include <string>
#include <vector>

#include "base/text.h"
#include "effect/effect.h"
#include "engine/store_text.h"

namespace leadbridge::testing {

using StoreJson = nlohmann::json;

inline std::string text_of(const StoreJson& object, const char* name) {
    return object.at(name).get_ref<const std::string&>();
}
inline std::int64_t integer_of(const StoreJson& object, const char* name) {
    const StoreJson& value = object.at(name);
    if (!value.is_number_integer()) throw std::runtime_error(std::string(name) + " must be an integer");
    return value.get<std::int64_t>();
}
inline bool has(const StoreJson& object, const char* name) {
    return object.contains(name) && !object.at(name).is_null();
}
inline std::optional<std::string> text_if(const StoreJson& object, const char* name) {
    return has(object, name) ? std::optional(text_of(object, name)) : std::nullopt;
}
inline std::optional<std::int64_t> integer_if(const StoreJson& object, const char* name) {
    return has(object, name) ? std::optional(integer_of(object, name)) : std::nullopt;
}

inline effect::LeadRecord lead_from(const StoreJson& json) {
    effect::LeadRecord lead;
    lead.id = text_of(json, "id");
    lead.source = text_of(json, "source");
    lead.platform = text_of(json, "platform");
    lead.account = text_of(json, "account");
    lead.lead_id = text_of(json, "lead_id");
    lead.version = integer_of(json, "version");
    lead.revision = integer_of(json, "revision");
    lead.sort_at = integer_of(json, "sort_at");
    lead.person_key = text_if(json, "person_key");
    lead.expires_at = integer_if(json, "expires_at");
    lead.doc = text_of(json, "doc");
    return lead;
}

inline effect::Records records_from(const StoreJson& json) {
    const auto list = [&json](const char* name) { return json.value(name, StoreJson::array()); };
    effect::Records records;
    const bool named = !list("leads").empty() || !list("rows").empty();
    records.now = named ? integer_of(json, "now") : json.value("now", std::int64_t{0});
    records.commit = named ? text_of(json, "commit") : json.value("commit", "");
    for (const auto& each : list("leads")) records.leads.push_back(lead_from(each));
    for (const auto& each : list("rows")) {
        records.rows.push_back({text_of(each, "set"), text_of(each, "id"), integer_of(each, "at"),
                                text_of(each, "doc"), integer_if(each, "expires_at")});
    }
    for (const auto& each : list("outbox")) {
        records.outbox.push_back({text_of(each, "id"), text_of(each, "queue"), integer_of(each, "due_at"),
                                  text_of(each, "payload"), text_if(each, "lead")});
    }
    for (const auto& each : list("marks")) {
        records.marks.push_back(
            {text_of(each, "key"), integer_of(each, "expires_at"), each.value("once", false)});
    }
    for (const auto& each : list("audit")) {
        records.audit.push_back({integer_of(each, "at"), text_of(each, "action"),
                                 text_if(each, "subject").value_or(""),
                                 text_if(each, "detail").value_or("")});
    }
    for (const auto& each : list("raw")) {
        const auto body = base::base64_decode(text_of(each, "body_base64"));
        if (!body) throw std::runtime_error("body_base64 must be base64");
        records.raw.push_back({text_of(each, "id"), text_of(each, "source"), integer_of(each, "received_at"),
                               integer_if(each, "expires_at"), text_if(each, "content_type").value_or(""),
                               *body});
    }
    return records;
}

inline effect::StoreLoad load_from(const StoreJson& step) {
    return {step.at("keys").get<std::vector<std::string>>(), integer_of(step, "now")};
}

// `records`: as docs/store.md shows them.
inline effect::StoreCommit commit_from(const StoreJson& step, const StoreJson& records) {
    effect::StoreCommit commit;
    for (const auto& move : step.at("checkpoints")) {
        commit.checkpoints.push_back(
            {text_of(move, "key"), integer_of(move, "expected"), text_of(move, "value")});
    }
    commit.records = records_from(records);
    return commit;
}

inline effect::Query query_from(const std::string& kind, const StoreJson& query) {
    if (!query.is_object()) throw std::runtime_error("scan: query must be an object");
    switch (engine::scan_kind_index(kind).value_or(99)) {
        case 0:
            return effect::LeadQuery{text_if(query, "source"), text_if(query, "person_key"),
                                     integer_if(query, "since"), integer_if(query, "until"),
                                     integer_if(query, "revision")};
        case 1:
            return effect::CountQuery{};
        case 2:
            return effect::RowQuery{text_of(query, "set"), integer_if(query, "since"),
                                    integer_if(query, "offset").value_or(0)};
        case 3:
            return effect::RowCountQuery{};
        case 4:
            return effect::QueueQuery{};
        case 5:
            return effect::DeadQuery{text_if(query, "queue")};
        default:
            throw std::runtime_error("scan: kind must be leads, counts, rows, row_counts, queues or dead");
    }
}

inline effect::StoreScan scan_from(const StoreJson& step, const std::string& page) {
    const StoreJson& query = step.at("query");
    return {query_from(text_of(step, "kind"), query == "" ? StoreJson::object() : query),
            integer_of(step, "limit"), page};
}

inline effect::StoreClaim claim_from(const StoreJson& step) {
    return {text_of(step, "queue"), integer_of(step, "limit"), integer_of(step, "lease_ms"),
            text_of(step, "lease"), integer_of(step, "now")};
}

inline effect::StoreSettle settle_from(const StoreJson& step) {
    effect::StoreSettle settle;
    settle.queue = text_of(step, "queue");
    settle.now = integer_of(step, "now");
    for (const auto& entry : step.at("entries")) {
        const std::string outcome = text_of(entry, "outcome");
        effect::Settlement settled{text_of(entry, "id"), text_of(entry, "lease"), effect::Settled::done,
                                   integer_of(entry, "retry_at"), text_of(entry, "reason")};
        if (outcome == "retry") {
            settled.outcome = effect::Settled::retry;
        } else if (outcome == "dead") {
            settled.outcome = effect::Settled::dead;
        } else if (outcome != "done") {
            throw std::runtime_error("settle: outcome must be done, retry or dead");
        }
        settle.entries.push_back(std::move(settled));
    }
    return settle;
}

struct ItemJson {
    StoreJson operator()(const effect::StoredLead& lead) const {
        return {{"id", lead.id},
                {"source", lead.source},
                {"version", lead.version},
                {"revision", lead.revision},
                {"received_at", lead.received_at},
                {"updated_at", lead.updated_at},
                {"doc", lead.doc}};
    }
    StoreJson operator()(const effect::SourceCount& count) const {
        return {{"source", count.source},
                {"leads", count.leads},
                {"unread", count.unread},
                {"newest", count.newest}};
    }
    StoreJson operator()(const effect::StoredRow& row) const {
        return {{"id", row.id}, {"at", row.at}, {"doc", row.doc}, {"updated_at", row.updated_at}};
    }
    StoreJson operator()(const effect::SetCount& count) const {
        return {{"set", count.set}, {"rows", count.rows}, {"newest", count.newest}};
    }
    StoreJson operator()(const effect::QueueCount& count) const {
        return {{"queue", count.queue},
                {"waiting", count.waiting},
                {"dead", count.dead},
                {"next_at", count.next_at ? StoreJson(*count.next_at) : StoreJson()}};
    }
    StoreJson operator()(const effect::DeadLetter& letter) const {
        return {{"id", letter.id},           {"queue", letter.queue},
                {"payload", letter.payload}, {"attempts", letter.attempts},
                {"reason", letter.reason},   {"at", letter.at}};
    }
};

inline const char* outcome_text(effect::Outcome outcome) {
    return outcome == effect::Outcome::ok         ? "ok"
           : outcome == effect::Outcome::conflict ? "conflict"
                                                  : "error";
}

inline StoreJson items_json(const effect::Items& items) {
    StoreJson all = StoreJson::array();
    std::visit(
        [&all](const auto& list) {
            for (const auto& item : list) all.push_back(ItemJson()(item));
        },
        items);
    return all;
}

// Every member, whatever was asked.
inline StoreJson result_json(const effect::StoreResult& result) {
    StoreJson json = {{"outcome", outcome_text(result.outcome)},
                      {"reason", result.reason},
                      {"records", StoreJson::array()},
                      {"inserted", result.inserted},
                      {"updated", result.updated},
                      {"unchanged", result.unchanged},
                      {"items", items_json(result.items)},
                      {"next", result.next},
                      {"entries", StoreJson::array()}};
    for (const auto& [key, version, value] : result.records)
        json["records"].push_back({{"key", key}, {"version", version}, {"value", value}});
    for (const auto& entry : result.entries) {
        json["entries"].push_back({{"id", entry.id},
                                   {"payload", entry.payload},
                                   {"attempts", entry.attempts},
                                   {"lease", entry.lease}});
    }
    return json;
}

}  // namespace leadbridge::testing
