#pragma once
// A platform's call to us: is it signed as the official checker wants it (docs/protocols/spi.md;
// official SpiUtils.checkSign), is it fresh, and how is it named for a replay mark.
#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"
#include "base/time.h"
#include "effect/effect.h"
#include "wire/top_call.h"

namespace leadbridge::wire {

struct SpiRequest {
    std::string_view query;  // raw, without '?'
    const effect::Headers* headers = nullptr;
    std::string_view body;  // raw bytes
};

enum class SpiBody { none, form, json, xml, text };
std::string_view spi_body_name(SpiBody kind);

struct SpiCheck {
    bool valid = false;
    // Empty when valid: no_query, no_content_type, content_type, charset, bad_escape, too_many_params,
    // sign_missing, sign_mismatch, sign_lower_case, sign_in_body.
    std::string code;
    std::string reason;       // for operators, with what to do; never the secret or the expected sign
    std::string base_string;  // bytes between the two secrets, in the request's charset
    std::string expected, given;
    Params params;  // header list, query and form as the checker merges them, UTF-8, sorted; includes `sign`
    SpiBody kind = SpiBody::none;
    std::string body;  // json, xml and text bodies as UTF-8, otherwise empty
    bool gbk = false;  // the request's charset
    bool by_previous_secret = false;
};

// Both live secrets are always tried. An empty secret never matches.
SpiCheck check_spi(const SpiRequest& request, const TopApp& app);

// `timestamp` of the request against `now`, in both directions; window_s 0 switches the check off. Errors:
// timestamp_missing, timestamp_unreadable, timestamp_old, timestamp_future.
base::Status check_spi_time(const Params& params, base::Millis now, std::int64_t window_s);

// Names this request for a replay mark: a digest of sign and signed bytes, so it cannot be varied without
// breaking the signature, and says nothing about them.
std::string spi_replay_key(const SpiCheck& check);

std::string_view spi_param(const Params& params, std::string_view name);  // empty when absent

}  // namespace leadbridge::wire
