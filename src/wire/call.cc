#include "wire/call.h"

#include <array>

#include "base/text.h"

namespace leadbridge::wire {

std::string_view remedy_name(Remedy remedy) {
    static constexpr std::array<std::string_view, 5> kNames = {"wait", "retry", "reauthorise", "fix_clock",
                                                               "stop"};
    return kNames[static_cast<std::size_t>(remedy)];
}

CallFailure call_failure(Remedy remedy, std::string_view code, std::string reason) {
    CallFailure f;
    f.remedy = remedy;
    f.code = code;
    f.reason = std::move(reason);
    return f;
}

CallFailure transport_failure(std::string_view code, const std::string& what) {
    auto f = call_failure(Remedy::retry, code, what + "; tried again, then left for the next run");
    f.unknown_outcome = true;
    return f;
}

CallFailure network_failure(const effect::HttpResult& result) {
    const std::string& kind = result.error_kind;
    const std::string detail =
        result.error_message.empty() ? "" : " (" + base::printable(result.error_message, 120) + ")";
    const auto not_sent = [](CallFailure f) {
        f.unknown_outcome = false;
        return f;
    };
    if (kind == "timeout")
        return transport_failure("transport_timeout", "the platform did not answer in time" + detail);
    if (kind == "dns") {
        return not_sent(transport_failure(
            "transport_dns", "the endpoint's host name does not resolve" + detail + ": check `endpoint`"));
    }
    if (kind == "connect")
        return not_sent(transport_failure("transport_connect", "no connection to the endpoint" + detail));
    if (kind == "tls") {
        return call_failure(Remedy::stop, "transport_tls",
                            "the endpoint's certificate is not trusted" + detail +
                                ": check the endpoint, the host's clock and its CA bundle");
    }
    if (kind == "reset")
        return transport_failure("transport_reset",
                                 "the connection broke in the middle of the answer" + detail);
    if (kind == "too_large") {
        return call_failure(Remedy::stop, "transport_too_large",
                            "the answer is larger than this bridge reads" + detail + ": lower `page_size`");
    }
    return transport_failure("transport_failed", "the request failed" + detail);
}

std::string shape_of(std::string_view body) {
    const std::string text = base::trim(body.substr(0, 256));
    if (base::starts_with_no_case(text, "<!doctype html") || base::starts_with_no_case(text, "<html"))
        return "an HTML page";
    if (text.empty()) return "an empty body";
    if (text[0] == '<') return "XML";
    if (text[0] == '{') return "JSON";
    return "text that is neither JSON nor XML";
}

std::string with_status(int status, const std::string& what) {
    return "the endpoint answered HTTP " + std::to_string(status) + " with " + what;
}

CallFailure unreadable_answer(const effect::HttpResult& result, const std::string& why) {
    const std::string shape = shape_of(result.body);
    const std::string what = with_status(result.status, shape);
    if (result.status != 200 && result.status != 400) return transport_failure("transport_status", what);
    if (shape == "an empty body") return transport_failure("transport_empty", what);
    if (shape == "an HTML page") return transport_failure("transport_html", what);
    if (why.empty()) return transport_failure("transport_status", what);
    return transport_failure("transport_unreadable", what + " that cannot be read: " + why);
}

const std::string* header(const effect::Headers& headers, std::string_view name) {
    for (const auto& [key, value] : headers) {
        if (base::lower_ascii(key) == name) return &value;
    }
    return nullptr;
}

std::optional<base::Millis> server_date(const effect::Headers& headers) {
    const auto* date = header(headers, "date");
    return date == nullptr ? std::nullopt : base::parse_http_date(*date);
}

}  // namespace leadbridge::wire
