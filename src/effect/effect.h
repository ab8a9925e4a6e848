#pragma once
// What the core asks of its host, and what the host answers. The core performs nothing itself (docs/architecture.md:
// feed one input with `now`, drain effects until idle, feed the next). The same shapes as messages: docs/abi.md.
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "base/time.h"
#include "effect/store.h"

namespace leadbridge::effect {

using Id = std::uint32_t;  // unique within one invocation; answers carry it back
using Headers = std::vector<std::pair<std::string, std::string>>;

// ---- effects ----------------------------------------------------------------------------------------------

struct Http {
    std::string method;
    std::string url;  // absolute, already encoded
    Headers headers;
    std::string body;             // raw bytes, sent as they are
    std::int64_t timeout_ms = 0;  // whole exchange
    std::int64_t max_bytes = 0;   // a longer answer is `too_large`
};

struct Wait {
    std::int64_t ms = 0;
};

struct StoreLoad {
    std::vector<std::string> keys;
    base::Millis now = 0;  // marks that expired before it are not there
};

// All or nothing; `conflict` unless every key still has its expected version.
struct StoreCommit {
    std::vector<CheckpointMove> checkpoints;
    Records records;
};

// Ordered pages.
struct StoreScan {
    Query query;
    std::int64_t limit = 0;
    std::string page;  // token of the page before, empty = first
};

struct StoreClaim {
    std::string queue;
    std::int64_t limit = 0;
    std::int64_t lease_ms = 0;
    std::string lease;  // unique token; settle must bring it back
    base::Millis now = 0;
};

struct Settlement {
    std::string id;
    std::string lease;
    Settled outcome = Settled::done;
    base::Millis retry_at = 0;
    std::string reason;
};

struct StoreSettle {
    std::string queue;
    std::vector<Settlement> entries;
    base::Millis now = 0;
};

// Removes what has expired at `now`, a bounded number of records a time; the answer's `updated` counts them.
struct StorePurge {
    base::Millis now = 0;
};

struct Respond {
    int status = 200;
    Headers headers;
    std::string body;
};

struct Log {
    std::string level;  // "info" | "warn" | "error"
    std::string code;
    std::string message;  // never a secret or a full phone number
};

// Last effect of an invocation. exit: 0 done, 1 usage or configuration, 2 something failed, 3 stopped with work left.
struct Done {
    int exit = 0;
    std::string summary;  // JSON object text
    Log log{};            // the same for a log that strangers read and that is kept
};

using What = std::variant<Http, Wait, StoreLoad, StoreCommit, StoreScan, StoreClaim, StoreSettle, StorePurge,
                          Respond, Log, Done>;

struct Effect {
    Id id = 0;
    What what;
};

// ---- inputs -----------------------------------------------------------------------------------------------

struct Start {
    std::string event;   // JSON object text, {"kind":"pull",...}
    std::string body;    // raw bytes that came with the event
    std::string random;  // 32 fresh bytes: the only randomness the core has
};

struct HttpResult {
    Id id = 0;
    int status = 0;
    Headers headers;
    std::string body;
    std::string
        error_kind;  // empty = an answer came; else timeout | connect | dns | tls | reset | too_large | other
    std::string error_message;  // for people
};

struct WaitResult {
    Id id = 0;
};

struct Record {
    std::string key;
    std::int64_t version = 0;
    std::string value;
};

struct ClaimedEntry {
    std::string id;
    std::string payload;
    std::int64_t attempts = 0;
    std::string lease;
};

struct StoreResult {
    Id id = 0;
    Outcome outcome = Outcome::error;
    std::string reason;           // for people, when not ok
    std::vector<Record> records;  // load: those that exist
    std::int64_t inserted = 0;    // commit: leads and rows
    std::int64_t updated = 0;
    std::int64_t unchanged = 0;
    Items items;                        // scan
    std::string next;                   // scan: token, empty = no more
    std::vector<ClaimedEntry> entries;  // claim

    [[nodiscard]] bool ok() const { return outcome == Outcome::ok; }
};

// What a scan found; empty when it was another scan.
template <typename Item>
const std::vector<Item>& items_of(const StoreResult& result) {
    static const std::vector<Item> kNone;
    const auto* items = std::get_if<std::vector<Item>>(&result.items);
    return items == nullptr ? kNone : *items;
}

struct CpuWarning {};

using Input = std::variant<Start, HttpResult, WaitResult, StoreResult, CpuWarning>;

}  // namespace leadbridge::effect
