#pragma once
// What a platform must know so that the pull job can walk its list. Leads carry ids that grow; the list is
// asked for in pages at an id. (Sources with their own cursors get their own interface beside this one.)
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "base/time.h"
#include "codec/json.h"
#include "crypto/digest.h"
#include "effect/effect.h"
#include "lead/lead.h"
#include "wire/top_call.h"

namespace leadbridge::platforms {

struct PageRequest {
    std::optional<std::int64_t> offset;  // nothing = the newest page
    std::int64_t page_size = 100;
    base::Millis platform_now = 0;
};

// A row as it came; cheap. Turning it into a lead (which decrypts) is a second step, for rows that are news.
struct Row {
    std::optional<std::int64_t> id;  // nothing: the row has no usable id and takes no part in the walk
    std::int64_t version = 0;        // grows when the platform changes the row; 0 = unknown
    base::Millis created = 0;        // 0 = unknown; bounds the first backfill
    codec::Json fields;
};

struct Page {
    std::vector<Row> rows;  // in the order they came
    std::string account;    // seller id, when the page says it
};

// What opening phones may cost: one for each ciphertext.
struct Opening {
    crypto::RandomStream& random;
    std::int64_t left = INT64_MAX;
    std::int64_t put_off = 0;  // ciphertexts that were left closed
};

using PageAnswer = std::variant<Page, wire::CallFailure>;

class IdPagedSource {
  public:
    virtual ~IdPagedSource() = default;
    virtual effect::Http request(const PageRequest& page) const = 0;
    virtual PageAnswer read(const effect::HttpResult& result) const = 0;
    // `unknown` counts the fields this version does not know (drift).
    virtual lead::Lead to_lead(const Row& row, base::Millis received_at, Opening& opening,
                               std::map<std::string, std::int64_t>& unknown) const = 0;
    // Phones of a stored raw value that was unreadable when it came (another key may read it now).
    virtual std::vector<lead::Phone> read_phone(std::string_view raw, Opening& opening) const = 0;
};

}  // namespace leadbridge::platforms
