#pragma once
// JSON with limits. nlohmann/json behind it: only this room includes it. Integers keep 64 bits and decimals their
// digits (codec/decimal.h); a number that neither int64, uint64 nor double holds becomes text: nothing is rounded.
#include <initializer_list>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"

namespace leadbridge::codec {

using Json = nlohmann::json;

struct JsonLimits {
    std::size_t max_bytes = 8U << 20U;
    std::size_t max_depth = 64;
    bool keep_decimals = false;  // numbers with a fraction or an exponent become text, digit for digit
};

// Strict RFC 8259 in UTF-8, a leading BOM tolerated; one value per 20 of `max_bytes`, 50,000 members an object. Errors
// say where, never the text: json_empty, json_too_large, json_too_deep, json_too_many, json_not_utf8, json_malformed.
base::Result<Json> parse_json(std::string_view text, const JsonLimits& limits = {});

// Compact; invalid UTF-8 in a string becomes U+FFFD.
std::string dump_json(const Json& value);

// An object from its members. Unlike nlohmann's own braces it builds no pairs in between: faster and smaller.
struct Member {
    std::string_view name;
    mutable Json value;  // moved out of the list
};
Json object(std::initializer_list<Member> members);

// Member of an object or null; never throws.
const Json& member(const Json& object, std::string_view key);
// Text of a string, integer or boolean member; nothing for null, absent or structured values.
std::optional<std::string> member_text(const Json& object, std::string_view key);
std::optional<std::int64_t> member_int(const Json& object, std::string_view key);  // integer or numeric text
std::optional<bool> member_bool(const Json& object, std::string_view key);  // true/false, "true"/"false"
std::optional<std::string> scalar_text(const Json& value);

}  // namespace leadbridge::codec
