#pragma once
// Tanma SCRM: signed calls, and the signature and cipher of its pushes (docs/protocols/tanma.md).
#include <cstdint>
#include <string>
#include <string_view>
#include <variant>

#include "base/time.h"
#include "codec/json.h"
#include "crypto/secret.h"
#include "effect/effect.h"
#include "wire/call.h"

namespace leadbridge::wire {

struct TanmaApp {
    std::string app_id;
    crypto::Secret app_key;
    std::string corpid;  // names the account, and is the push cipher's counter
};

struct TanmaClient {
    std::string endpoint;  // https://account.tanmarket.cn/apiServer
    TanmaApp app;
    bool send_app_key_header =
        false;  // the header of the documentation's test page: it gives the secret away
    std::int64_t timeout_ms = 15'000;
    std::int64_t max_answer_bytes = 8 << 20;
};

// What stands before '_' of an app id that begins like a WeCom corporation: "ww51046ddc4f4df510_NjaEnW" ->
// "ww51046ddc4f4df510". Any other is its own: "zc_test", as in the vendor's sample.
std::string tanma_corpid(std::string_view app_id);

// Lower-case hex SHA-256 of app id, timestamp, the exact body, app key.
std::string tanma_sign(const TanmaApp& app, std::string_view timestamp, std::string_view body);
// The same of app id, version, timestamp, app key: the body of a push is not signed.
std::string tanma_push_sign(const TanmaApp& app, std::string_view version, std::string_view timestamp);
// Encrypts and decrypts alike.
std::string tanma_push_cipher(const TanmaApp& app, std::string_view bytes);

// `body` is signed and sent as it is. `path` begins with '/'.
effect::Http tanma_request(const TanmaClient& client, std::string_view path, std::string body,
                           base::Millis platform_now);

using TanmaAnswer = std::variant<codec::Json, CallFailure>;

// `data` of an answer with code 0 (an object); anything else is a failure that says what came.
TanmaAnswer tanma_answer(const effect::HttpResult& result);
// The same of the body once it is read; `result` is where it came in.
TanmaAnswer tanma_data(codec::Json document, const effect::HttpResult& result);

}  // namespace leadbridge::wire
