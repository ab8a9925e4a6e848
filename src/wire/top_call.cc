#include "wire/top_call.h"

#include <algorithm>

#include "base/text.h"
#include "codec/xml.h"

namespace leadbridge::wire {
namespace {

using codec::Json;

bool starts_with(std::string_view text, std::string_view prefix) {
    return text.substr(0, prefix.size()) == prefix;
}
bool has(std::string_view text, std::string_view part) { return text.find(part) != std::string_view::npos; }

// "This ban will last for 71 more seconds" -> 71. Seen with 1, 2, 71 and 31062.
std::optional<std::int64_t> ban_seconds(std::string_view text) {
    static constexpr std::string_view kBefore = "will last for ";
    const auto at = text.find(kBefore);
    if (at == std::string_view::npos) return std::nullopt;
    std::string_view rest = text.substr(at + kBefore.size());
    const auto end = rest.find_first_not_of("0123456789");
    return base::parse_int64(rest.substr(0, std::min<std::size_t>(end, 9)));
}

std::string platform_words(std::int64_t code, std::string_view sub_code, std::string_view message) {
    std::string words = "code " + std::to_string(code);
    if (!sub_code.empty()) words += ", " + base::printable(sub_code, 80);
    if (!message.empty()) words += ": " + base::printable(message, 160);
    return words;
}

struct Document {
    std::string root;  // empty for a flat (simplified) JSON answer
    Json value;
};

base::Result<Document> read_document(const TopClient& client, std::string_view body) {
    if (client.format == TopFormat::xml) {
        auto xml = codec::parse_xml(body);
        if (!xml) return xml.error();
        return Document{std::move(xml.value().root), std::move(xml.value().value)};
    }
    auto json = codec::parse_json(body);
    if (!json) return json.error();
    Json& object = json.value();
    if (!object.is_object()) return base::fail("json_not_object", "JSON that is not an object");
    if (object.size() == 1 && object.begin()->is_object()) {
        const std::string name = object.begin().key();
        if (base::contains_no_case(name, "_response"))
            return Document{name, std::move(object.begin().value())};
    }
    return Document{"", std::move(object)};
}

}  // namespace

std::string top_envelope(std::string_view method) {
    static constexpr std::string_view kPrefix = "taobao.";
    if (starts_with(method, kPrefix)) method.remove_prefix(kPrefix.size());
    std::string name(method);
    std::replace(name.begin(), name.end(), '.', '_');
    return name + "_response";
}

effect::Http top_request(const TopClient& client, std::string_view method, const Params& business,
                         base::Millis platform_now) {
    Params open = {{"method", std::string(method)},
                   {"app_key", client.app.app_key},
                   {"session", std::string(client.session.use())},
                   {"target_app_key", client.target_app_key},
                   {"timestamp", base::china_text(platform_now)},
                   {"v", "2.0"},
                   {"sign_method", std::string(sign_method_name(client.method))},
                   {"format", client.format == TopFormat::json ? "json" : "xml"}};
    if (client.simplify && client.format == TopFormat::json) open.emplace_back("simplify", "true");
    std::erase_if(open, [](const auto& pair) { return !sendable(pair.second); });
    Params form = business;
    std::erase_if(form, [](const auto& pair) { return !sendable(pair.second); });

    Params all = open;
    all.insert(all.end(), form.begin(), form.end());
    open.emplace_back("sign",
                      top_sign(client.method, client.app.app_secret, top_base_string(all, std::nullopt)));

    effect::Http http;
    http.method = "POST";
    http.url = client.endpoint + (has(client.endpoint, "?") ? "&" : "?") + form_body(open);
    http.headers = {{"content-type", "application/x-www-form-urlencoded;charset=UTF-8"},
                    {"accept", "text/xml,text/javascript"},
                    {"user-agent", "leadbridge"}};
    http.body = form_body(form);
    http.timeout_ms = client.timeout_ms;
    http.max_bytes = client.max_answer_bytes;
    return http;
}

CallFailure classify_top_error(const Json& error) {
    const std::int64_t code = codec::member_int(error, "code").value_or(-1);
    const std::string sub_code = codec::member_text(error, "sub_code").value_or("");
    const std::string msg = codec::member_text(error, "msg").value_or("");
    const std::string sub_msg = codec::member_text(error, "sub_msg").value_or("");
    const std::string words = platform_words(code, sub_code, sub_msg.empty() ? msg : sub_msg);

    const bool limited = code == 4 || code == 5 || code == 6 || code == 7 || code == 8 ||
                         starts_with(sub_code, "accesscontrol.limited-by-");
    const auto ban = ban_seconds(sub_msg.empty() ? msg : sub_msg);
    if (limited || ban) {
        auto f = call_failure(Remedy::wait, "throttled", "");
        f.wait_ms = ban.value_or(1) * base::kSecond;
        f.reason = "the platform limits this app's calls for " + std::to_string(ban.value_or(1)) +
                   " more seconds; the bridge waits by itself (" + words + ")";
        return f;
    }
    if (code == 26 || code == 27 || code == 53 || has(sub_code, "invalid-sessionkey") ||
        has(sub_code, "session-expired") || has(sub_code, "session-not-exist")) {
        return call_failure(
            Remedy::reauthorise, "session_expired",
            "session expired or missing: re-authorise the seller and renew the `session` secret (" + words +
                ")");
    }
    if (code == 31 || code == 30) {
        return call_failure(Remedy::fix_clock, "clock_off",
                            "the platform refuses the timestamp: correct this host's clock (" + words + ")");
    }
    if (code == 25 || code == 24) {
        return call_failure(
            Remedy::stop, "invalid_signature",
            "the platform refuses the signature: check that `app_secret` belongs to `app_key` and has no "
            "blank or line break; `leadbridge sign` shows the base string (" +
                words + ")");
    }
    if (code == 28 || code == 29) {
        return call_failure(
            Remedy::stop, "invalid_app_key",
            "unknown app key: check `app_key` and that the endpoint is the right environment (" + words +
                ")");
    }
    if (code == 11 || code == 12 || code == 13 || has(sub_code, "isv.permission")) {
        return call_failure(
            Remedy::stop, "no_permission",
            "the app may not call this API: apply for its API package, the seller's authorisation "
            "or the IP white-list (" +
                words + ")");
    }
    if (starts_with(sub_code, "isv.")) {
        auto f = call_failure(Remedy::stop, "refused",
                              "the platform refuses the request as sent; it is not repeated (" + words + ")");
        f.invalid_parameter = has(sub_code, "invalid-parameter");
        // Below 100 only these codes come from behind the gateway.
        f.by_service = code == 15 || code == 40 || code == 41 || code == 43 || code == 50 || code > 100;
        return f;
    }
    // The official table names these three as not worth a retry.
    if (sub_code == "isp.null-pointer-exception" || sub_code == "isp.top-parse-error" ||
        sub_code == "isp.top-mapping-parse-error") {
        return call_failure(Remedy::stop, "platform_error",
                            "the platform failed on this request and says a retry is useless; "
                            "tell its support the request (" +
                                words + ")");
    }
    if (starts_with(sub_code, "isp.") || code == 10 || code == 15 || code == 50) {
        auto f = call_failure(
            Remedy::retry, "platform_trouble",
            "the platform has trouble of its own; tried again, then left for the next run (" + words + ")");
        f.unknown_outcome = code != 10;  // it has gone on to the service behind the gateway
        return f;
    }
    return call_failure(Remedy::stop, "refused",
                        "the platform refuses the request as sent; it is not repeated (" + words + ")");
}

TopAnswer top_answer(const TopClient& client, std::string_view method, const effect::HttpResult& result) {
    if (!result.error_kind.empty()) return network_failure(result);

    const bool readable_status = result.status == 200 || result.status == 400;
    auto document = read_document(client, result.body);
    if (document && (readable_status || document.value().root == "error_response")) {
        Document& doc = document.value();
        if (doc.root == "error_response") {
            auto f = classify_top_error(doc.value);
            if (f.remedy == Remedy::fix_clock) f.platform_clock = server_date(result.headers);
            return f;
        }
        if (result.status == 200 && doc.root == top_envelope(method)) {
            std::string request_id = codec::member_text(doc.value, "request_id").value_or("");
            return TopPayload{std::move(doc.value), std::move(request_id)};
        }
        if (result.status == 200 && client.simplify && doc.root.empty()) {
            std::string request_id = codec::member_text(doc.value, "request_id").value_or("");
            return TopPayload{std::move(doc.value), std::move(request_id)};
        }
        const std::string what =
            doc.root.empty() ? "no envelope" : "the envelope " + base::printable(doc.root, 80);
        return transport_failure("transport_envelope",
                                 with_status(result.status, what + " instead of " + top_envelope(method)) +
                                     ": check `endpoint`, `format` and `simplify`");
    }
    return unreadable_answer(result, document ? "" : document.error().reason);
}

}  // namespace leadbridge::wire
