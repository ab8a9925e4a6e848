#pragma once
// One signed TOP call: the request, and its answer as a payload or as a failure with what to do about it
// (docs/protocols/top.md).
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

#include "base/time.h"
#include "codec/json.h"
#include "crypto/secret.h"
#include "effect/effect.h"
#include "wire/call.h"
#include "wire/top_sign.h"

namespace leadbridge::wire {

struct TopApp {
    std::string app_key;
    crypto::Secret app_secret;
    crypto::Secret previous_app_secret;  // only for verifying what comes in; empty = none
};

enum class TopFormat { json, xml };

struct TopClient {
    std::string endpoint;  // https://eco.taobao.com/router/rest
    TopApp app;
    crypto::Secret session;
    std::string target_app_key{};  // of a Qimen scene; empty = a plain TOP call
    SignMethod method = SignMethod::hmac_sha256;
    TopFormat format = TopFormat::json;
    bool simplify = false;
    std::int64_t timeout_ms = 15'000;
    std::int64_t max_answer_bytes = 8 << 20;
};

// Public parameters in the query, business parameters in the form, empty ones nowhere. `platform_now` is the
// platform's clock as far as it is known; it is sent as +08:00 text.
effect::Http top_request(const TopClient& client, std::string_view method, const Params& business,
                         base::Millis platform_now);

struct TopPayload {
    codec::Json value;       // content of the envelope (or the flat object when simplify)
    std::string request_id;  // may be empty
};

using TopAnswer = std::variant<TopPayload, CallFailure>;

// Strict: exactly the expected envelope or error_response; anything else is a transport failure that says what came.
TopAnswer top_answer(const TopClient& client, std::string_view method, const effect::HttpResult& result);

// "taobao.mama.crm.lead.list" -> "mama_crm_lead_list_response"
std::string top_envelope(std::string_view method);
// Exposed for tests: code, sub_code, msg, sub_msg of an error_response object.
CallFailure classify_top_error(const codec::Json& error);

}  // namespace leadbridge::wire
