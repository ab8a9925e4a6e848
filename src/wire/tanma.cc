#include "wire/tanma.h"

#include "base/text.h"
#include "crypto/ctr.h"
#include "crypto/digest.h"

namespace leadbridge::wire {
namespace {

using codec::Json;

constexpr std::size_t kHalf = 16;  // of a SHA-256: key and counter of AES-128

std::string hash_of(std::initializer_list<std::string_view> parts) {
    std::string text;
    for (const auto part : parts) text.append(part);
    return base::hex_lower(crypto::sha256(text));
}

CallFailure classify(std::int64_t code, const Json& answer, const effect::HttpResult& result) {
    const std::string words =
        " (code " + std::to_string(code) + ": " +
        base::printable(codec::member_text(answer, "message").value_or("no message"), 160) + ")";
    if (code == 1002) {
        return call_failure(
            Remedy::stop, "invalid_signature",
            "the platform refuses the signature: check that `app_key` belongs to `app_id` and "
            "has no blank or line break" +
                words);
    }
    if (code == 1003) {
        auto f = call_failure(Remedy::fix_clock, "clock_off",
                              "the platform refuses the timestamp: correct this host's clock" + words);
        f.platform_clock = server_date(result.headers);
        return f;
    }
    if (code == 40417) {
        return call_failure(Remedy::stop, "refused",
                            "the platform refuses a parameter of the request (a phone number that exists "
                            "already); it is not repeated" +
                                words);
    }
    if (code == 429 || result.status == 429) {
        auto f = call_failure(Remedy::wait, "throttled",
                              "the platform limits this app's calls; the bridge waits by itself" + words);
        const auto* after = header(result.headers, "retry-after");
        const auto seconds = after == nullptr ? std::nullopt : base::parse_int64(base::trim(*after));
        f.wait_ms = (seconds && *seconds > 0 && *seconds <= 86'400 ? *seconds : 5) * base::kSecond;
        return f;
    }
    if (code == -1 || (code >= 500 && code <= 599) || (code >= 50'000 && code <= 59'999)) {
        auto f = call_failure(
            Remedy::retry, "platform_trouble",
            "the platform has trouble of its own; tried again, then left for the next run" + words);
        f.unknown_outcome = true;
        return f;
    }
    return call_failure(Remedy::stop, "refused",
                        "the platform refuses the request with a code this version does not know; it is not "
                        "repeated, ask the platform's support what the code means" +
                            words);
}

}  // namespace

std::string tanma_corpid(std::string_view app_id) {
    const bool of_wecom = app_id.substr(0, 2) == "ww" || app_id.substr(0, 2) == "wx";
    return std::string(of_wecom ? app_id.substr(0, app_id.find('_')) : app_id);
}

std::string tanma_sign(const TanmaApp& app, std::string_view timestamp, std::string_view body) {
    return hash_of({app.app_id, timestamp, body, app.app_key.use()});
}

std::string tanma_push_sign(const TanmaApp& app, std::string_view version, std::string_view timestamp) {
    return hash_of({app.app_id, version, timestamp, app.app_key.use()});
}

std::string tanma_push_cipher(const TanmaApp& app, std::string_view bytes) {
    return crypto::aes128_ctr(crypto::sha256(app.app_key.use()).substr(0, kHalf),
                              crypto::sha256(app.corpid).substr(0, kHalf), bytes);
}

effect::Http tanma_request(const TanmaClient& client, std::string_view path, std::string body,
                           base::Millis platform_now) {
    const std::string timestamp = std::to_string(platform_now);
    effect::Http http;
    http.method = "POST";
    http.url = client.endpoint;
    while (!http.url.empty() && http.url.back() == '/') http.url.pop_back();
    http.url += path;
    http.headers = {{"content-type", "application/json"},
                    {"accept", "application/json"},
                    {"user-agent", "leadbridge"},
                    {"appId", client.app.app_id},
                    {"timestamp", timestamp},
                    {"sign", tanma_sign(client.app, timestamp, body)}};
    if (client.send_app_key_header)
        http.headers.emplace_back("appKey", std::string(client.app.app_key.use()));
    http.body = std::move(body);
    http.timeout_ms = client.timeout_ms;
    http.max_bytes = client.max_answer_bytes;
    return http;
}

TanmaAnswer tanma_answer(const effect::HttpResult& result) {
    if (!result.error_kind.empty()) return network_failure(result);
    auto document = codec::parse_json(result.body);
    if (!document)
        return result.status == 429 ? classify(429, Json(), result)
                                    : unreadable_answer(result, document.error().reason);
    return tanma_data(std::move(document).value(), result);
}

TanmaAnswer tanma_data(Json document, const effect::HttpResult& result) {
    const auto code = codec::member_int(document, "code");
    if (code && *code != 0 && result.status < 500) return classify(*code, document, result);
    if (result.status == 429) return classify(429, document, result);
    if (result.status != 200)
        return transport_failure("transport_status", with_status(result.status, "JSON"));
    if (!code) {
        return transport_failure("transport_envelope",
                                 with_status(result.status, "JSON without `code`") + ": check `endpoint`");
    }
    const auto data = document.find("data");
    if (data == document.end() || !data->is_object()) {
        return transport_failure("transport_envelope",
                                 with_status(result.status, "code 0 but no `data` object"));
    }
    return std::move(*data);
}

}  // namespace leadbridge::wire
