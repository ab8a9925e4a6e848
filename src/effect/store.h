#pragma once
// The store contract (docs/store.md) as types: what a commit writes, what a scan asks and finds. Every host's store
// takes these, or their text form (engine/store_text.h). Integers are below 2^53: a JavaScript host holds no more.
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "base/time.h"

namespace leadbridge::effect {

// ---- what a commit writes ---------------------------------------------------------------------------------

struct CheckpointMove {
    std::string key;
    std::int64_t expected = 0;  // version the core loaded; 0 = the key does not exist yet
    std::string value;          // opaque to the store; the new version is expected + 1
};

struct LeadRecord {
    std::string id;
    std::string source;  // key in the configuration
    std::string platform, account, lead_id;
    std::int64_t version = 0;   // a stored lead is replaced only by a greater (version, revision)
    std::int64_t revision = 0;  // 0 while a phone is unreadable
    base::Millis sort_at = 0;
    std::optional<std::string> person_key;
    std::optional<base::Millis> expires_at;
    std::string doc;  // the document, opaque to the store
};

struct Row {
    std::string set;
    std::string id;       // within the set, never empty
    base::Millis at = 0;  // a stored row is replaced by a greater `at`, or the same with another `doc`
    std::string doc;
    std::optional<base::Millis> expires_at;
};

struct OutboxEntry {
    std::string id;
    std::string queue;
    base::Millis due_at = 0;
    std::string payload;
    std::optional<std::string> lead;  // inserted only if this very commit inserted or updated that lead
};

struct Mark {
    std::string key;
    base::Millis expires_at = 0;
    bool once = false;  // while it lives it refuses the whole commit
};

struct AuditEntry {
    base::Millis at = 0;
    std::string action, subject, detail;
};

struct RawBody {
    std::string id;
    std::string source;
    base::Millis received_at = 0;
    std::optional<base::Millis> expires_at;
    std::string content_type;
    std::string body;  // bytes
};

struct Records {
    std::string commit;  // unique for each commit; the same text again reports the same counts
    base::Millis now = 0;
    std::vector<LeadRecord> leads;
    std::vector<Row> rows;
    std::vector<OutboxEntry> outbox;
    std::vector<Mark> marks;
    std::vector<AuditEntry> audit;
    std::vector<RawBody> raw;
};

// ---- what a scan asks -------------------------------------------------------------------------------------

struct LeadQuery {  // newest first
    std::optional<std::string> source, person_key;
    std::optional<base::Millis> since, until;  // of sort_at, `until` exclusive
    std::optional<std::int64_t> revision;
};
struct CountQuery {};  // one item a source
struct RowQuery {      // of one set, by id
    std::string set;
    std::optional<base::Millis> since;  // of `at`
    std::int64_t offset = 0;            // rows to skip
};
struct RowCountQuery {};  // one item a set
struct QueueQuery {};     // one item a queue
struct DeadQuery {        // dead letters, by id
    std::optional<std::string> queue;
};

using Query = std::variant<LeadQuery, CountQuery, RowQuery, RowCountQuery, QueueQuery, DeadQuery>;

// ---- what it finds ----------------------------------------------------------------------------------------

struct StoredLead {
    std::string id, source;
    std::int64_t version = 0, revision = 0;
    base::Millis received_at = 0, updated_at = 0;
    std::string doc;
};

struct SourceCount {
    std::string source;
    std::int64_t leads = 0, unread = 0;
    base::Millis newest = 0;
};

struct StoredRow {
    std::string id;
    base::Millis at = 0;
    std::string doc;
    base::Millis updated_at = 0;
};

struct SetCount {
    std::string set;
    std::int64_t rows = 0;
    base::Millis newest = 0;
};

struct QueueCount {
    std::string queue;
    std::int64_t waiting = 0, dead = 0;  // waiting: leased ones too
    std::optional<base::Millis> next_at;
};

struct DeadLetter {
    std::string id, queue, payload;
    std::int64_t attempts = 0;
    std::string reason;
    base::Millis at = 0;
};

// A list of the kind that was asked for; the alternatives stand in the order of Query's.
using Items = std::variant<std::vector<StoredLead>, std::vector<SourceCount>, std::vector<StoredRow>,
                           std::vector<SetCount>, std::vector<QueueCount>, std::vector<DeadLetter>>;

// ---- how operations end -----------------------------------------------------------------------------------

enum class Outcome { ok, conflict, error };

enum class Settled { done, retry, dead };

}  // namespace leadbridge::effect
