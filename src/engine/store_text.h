#pragma once
// The store contract as JSON text (docs/store.md): members of a message's head, and records one a line. The same
// text is the parameter of the SQL statements (docs/decisions/003-one-parameter-commits.md), for SQLite here and for
// D1 behind the module.
#include <string>
#include <string_view>
#include <vector>

#include "codec/json_writer.h"
#include "effect/effect.h"

namespace leadbridge::engine {

std::string_view scan_kind(const effect::Query& query);             // "leads"
std::optional<std::size_t> scan_kind_index(std::string_view kind);  // of the alternative of Query and Items
std::string_view settled_name(effect::Settled outcome);

// Members into an object that the caller began.
void put_load(codec::JsonWriter& json, const effect::StoreLoad& load);
void put_checkpoints(codec::JsonWriter& json, const std::vector<effect::CheckpointMove>& moves);
void put_scan(codec::JsonWriter& json, const effect::StoreScan& scan);
void put_claim(codec::JsonWriter& json, const effect::StoreClaim& claim);
void put_settle(codec::JsonWriter& json, const effect::StoreSettle& settle);

// {"commit":..,"now":..}, and one record. No line break stands inside any of them.
void put_commit(codec::JsonWriter& json, const effect::Records& records);
void put_record(codec::JsonWriter& json, const effect::LeadRecord& lead);
void put_record(codec::JsonWriter& json, const effect::Row& row);
void put_record(codec::JsonWriter& json, const effect::OutboxEntry& entry);
void put_record(codec::JsonWriter& json, const effect::Mark& mark);
void put_record(codec::JsonWriter& json, const effect::AuditEntry& entry);
void put_record(codec::JsonWriter& json, const effect::RawBody& raw);

// The body of a `store.commit` message, one JSON object a line: first {"commit":..,"now":..}, then for each record
// {"leads":{..}}, the list it belongs to as its only name.
std::string record_lines(const effect::Records& records);

}  // namespace leadbridge::engine
