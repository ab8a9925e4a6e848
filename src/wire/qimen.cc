#include "wire/qimen.h"

#include "base/text.h"
#include "codec/xml.h"
#include "wire/top_call.h"

namespace leadbridge::wire {
namespace {

using codec::Json;
using codec::member_text;

CallFailure gateway_failure(const Json& error, const effect::HttpResult& result) {
    // Qimen writes `message` and `sub_message` where TOP writes `msg` and `sub_msg`; its code may be a word.
    const auto either = [&](std::string_view first, std::string_view second) {
        auto text = member_text(error, first).value_or("");
        return text.empty() ? member_text(error, second).value_or("") : text;
    };
    const std::string code = member_text(error, "code").value_or("");
    std::string sub_code = member_text(error, "sub_code").value_or("");
    if (sub_code.empty() && !base::parse_int64(code)) sub_code = code;
    auto f = classify_top_error(codec::object({{"code", code},
                                               {"sub_code", std::move(sub_code)},
                                               {"msg", either("msg", "message")},
                                               {"sub_msg", either("sub_msg", "sub_message")}}));
    if (f.remedy == Remedy::fix_clock) f.platform_clock = server_date(result.headers);
    return f;
}

bool says_no(const Json& answer) {
    const std::string flag = base::lower_ascii(member_text(answer, "flag").value_or(""));
    return (!flag.empty() && flag != "success") || !member_text(answer, "sub_code").value_or("").empty();
}

}  // namespace

QimenAnswer qimen_answer(const effect::HttpResult& result) {
    if (!result.error_kind.empty()) return network_failure(result);
    const std::string shape = shape_of(result.body);
    if (shape == "an HTML page") return unreadable_answer(result, "");
    std::string root;
    Json answer;
    const auto first = result.body.find_first_not_of(" \t\r\n\xEF\xBB\xBF");
    if (first != std::string::npos && result.body[first] == '<') {
        auto xml = codec::parse_xml(result.body);
        if (!xml) return unreadable_answer(result, xml.error().reason);
        root = std::move(xml.value().root);
        answer = std::move(xml.value().value);
    } else {
        auto json = codec::parse_json(result.body);
        if (!json) return unreadable_answer(result, json.error().reason);
        answer = std::move(json.value());
    }
    return qimen_content(std::move(answer), std::move(root), result);
}

QimenAnswer qimen_content(Json answer, std::string root, const effect::HttpResult& result) {
    for (const char* envelope : {"error_response", "response"}) {
        if (const auto found = answer.find(envelope); found != answer.end() && found->is_object()) {
            root = envelope;
            Json inner = std::move(*found);
            answer = std::move(inner);
        }
    }
    if (!answer.is_object())
        return transport_failure("transport_envelope",
                                 with_status(result.status, "no object") + ": check `endpoint`");
    if (root == "error_response" || says_no(answer)) return gateway_failure(answer, result);
    if (result.status != 200)
        return transport_failure("transport_status", with_status(result.status, shape_of(result.body)));
    return answer;
}

}  // namespace leadbridge::wire
