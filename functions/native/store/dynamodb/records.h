#pragma once
// The records of a commit as the DynamoDB store wants them: read completely, and measured against DynamoDB's
// limits, before anything is written.
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/time.h"
#include "effect/effect.h"

namespace leadbridge::native::dynamo {

using base::Millis;

struct Lead {
    std::string id, source, platform, account, lead_id;
    std::int64_t version = 0, revision = 0;
    Millis sort_at = 0;
    std::optional<std::string> person_key;
    std::optional<Millis> expires_at;
    std::string doc;
};

struct Row {
    std::string set, id, doc;
    Millis at = 0;
    std::optional<Millis> expires_at;
};

struct Entry {
    std::string id, queue, payload;
    Millis due_at = 0;
    std::optional<std::string> lead;
};

struct Mark {
    std::string key;
    Millis expires_at = 0;
    bool once = false;
};

struct Audit {
    Millis at = 0;
    std::string action, subject, detail;
};

struct Raw {
    std::string id, source, content_type, body_base64;
    Millis received_at = 0;
    std::optional<Millis> expires_at;
};

struct Records {
    std::map<std::string, Lead> leads;                                     // the greater form of each id
    std::map<std::pair<std::string, std::string>, std::vector<Row>> rows;  // (set, id), in order
    std::vector<Entry> outbox;                                             // the first of each id
    std::vector<Mark> marks;                                               // the first of each key
    std::vector<Audit> audit;
    std::vector<Raw> raw;
    Millis now = 0;
    std::string commit;
};

// Throws what nlohmann throws for text that is not what the contract says.
Records read_records(const std::string& text);

// Empty, or which record DynamoDB cannot hold (400 KB an item, 1 KB an id).
std::string too_large(const effect::StoreCommit& commit, const Records& records);

}  // namespace leadbridge::native::dynamo
