#pragma once
// The TOP signature (docs/protocols/top.md; official TaobaoUtils.signTopRequest).
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "crypto/secret.h"

namespace leadbridge::wire {

using Params = std::vector<std::pair<std::string, std::string>>;

// `legacy` is what the official code does for an absent or unknown method: MD5 with the secret at the end only.
enum class SignMethod { md5, hmac, hmac_sha256, legacy };
SignMethod sign_method(std::string_view name);  // lower case only: "MD5" is legacy, as in the official code
std::string_view sign_method_name(SignMethod method);

// Sorted by UTF-16 code units, name and value joined without separators; an empty or blank value drops its
// pair, `sign` never takes part; the body follows when it is signed. Without the secret.
std::string top_base_string(const Params& params, std::optional<std::string_view> body);
// Upper-case hex over the base string, secret around, behind or as key, as the method says.
std::string top_sign(SignMethod method, const crypto::Secret& secret, std::string_view base_string);

// True when the official client would send and sign this value.
bool sendable(std::string_view value);

// application/x-www-form-urlencoded, pairs in the given order.
std::string form_body(const Params& params);

}  // namespace leadbridge::wire
