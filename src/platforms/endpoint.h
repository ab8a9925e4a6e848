#pragma once
// Doors at which a platform calls us: pushes bring leads, queries take rows away. An endpoint reads and
// answers bytes; storing lies between the two (jobs/receive_job, jobs/serve_job).
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "base/time.h"
#include "codec/json.h"
#include "effect/effect.h"
#include "lead/lead.h"

namespace leadbridge::platforms {

struct Incoming {
    std::string method;  // upper case
    std::string query;   // raw, without '?'
    effect::Headers headers;
    std::string body;               // raw bytes
    std::int64_t unread_bytes = 0;  // of a body that the host did not read, because it has too many

    [[nodiscard]] std::int64_t body_bytes() const {
        return unread_bytes > 0 ? unread_bytes : static_cast<std::int64_t>(body.size());
    }
};

struct Reply {
    int status = 200;
    std::string content_type = "application/json;charset=UTF-8";
    std::string body;
};

// Why a call was not taken. `verified`: the sender is who he claims to be, so its bytes are worth keeping.
struct Refusal {
    std::string code;
    std::string reason;  // for operators, never sent to the caller
    Reply reply;
    bool verified = false;
};

// What a verified push holds.
struct Delivery {
    std::vector<lead::Lead> leads;                // may be empty: registrations, events that are no lead
    std::string what = "lead";                    // for the log and the summary
    std::string replay_key;                       // the same push again has the same key
    base::Millis replay_until = 0;                // how long the key must be remembered
    bool keep_raw = false;                        // the bytes hold more than `leads` says
    std::map<std::string, std::int64_t> unknown;  // fields this version does not know (drift)
    Reply reply;                                  // once everything is stored, and for a replay
};

class PushEndpoint {
  public:
    virtual ~PushEndpoint() = default;
    virtual std::variant<Delivery, Refusal> receive(const Incoming& incoming, base::Millis now) const = 0;
    [[nodiscard]] virtual std::int64_t most_bytes() const = 0;  // of a body
    // The store did not take it: an answer that makes the platform send it again.
    virtual Reply not_stored() const = 0;
};

// One page of rows that a platform asks for.
struct RowQuery {
    std::string set;  // of the store's rows; empty = answer with no rows
    std::optional<base::Millis> since;
    std::vector<std::pair<std::string, std::string>> where;  // columns that must have these values, as text
    std::int64_t offset = 0;                                 // counted in rows that match
    std::int64_t limit = 200;
};

class QueryEndpoint {
  public:
    virtual ~QueryEndpoint() = default;
    virtual std::variant<RowQuery, Refusal> read(const Incoming& incoming, base::Millis now) const = 0;
    [[nodiscard]] virtual std::int64_t most_bytes() const = 0;  // of a body
    // `rows`: the stored documents, JSON object texts.
    virtual Reply answer(const std::vector<std::string>& rows) const = 0;
    virtual Reply not_available() const = 0;  // the store cannot be read
    virtual Reply too_many() const = 0;       // a condition that too many rows would have to be read for
};

}  // namespace leadbridge::platforms
