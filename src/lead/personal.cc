#include "lead/personal.h"

#include <algorithm>
#include <array>
#include <string>
#include <string_view>

#include "lead/mask.h"
#include "lead/phone.h"

namespace leadbridge::lead {
namespace {

using codec::Json;

// Members of a document that name it and its source; not personal by their nature, and needed to find it.
constexpr std::array<std::string_view, 5> kNeverPersonal = {"v", "id", "kind", "is_test", "source"};

// Names of members and questions whose answer is hidden whole.
constexpr std::array<std::string_view, 8> kWeChat = {"wechat",
                                                     "weixin",
                                                     "wx",
                                                     "vx",
                                                     "wechat_id",
                                                     "\u5FAE\u4FE1",
                                                     "\u5FAE\u4FE1\u53F7",
                                                     "\u5FAE\u4FE1\u53F7\u7801"};
constexpr std::array<std::string_view, 6> kEmail = {
    "email", "e-mail", "mail", "\u90AE\u7BB1", "\u7535\u5B50\u90AE\u7BB1", "\u7535\u5B50\u90AE\u4EF6"};

template <class Names>
bool one_of(const Names& names, std::string_view name) {
    const auto small = [](char a, char b) {
        return a == (b >= 'A' && b <= 'Z' ? static_cast<char>(b + 32) : b);
    };
    return std::any_of(names.begin(), names.end(), [&](std::string_view known) {
        return known.size() == name.size() && std::equal(known.begin(), known.end(), name.begin(), small);
    });
}

bool names_id(std::string_view name) {
    return name == "id" || name.ends_with("_id") || name.ends_with("Id") || name.ends_with("_ids") ||
           name == "code";
}

// 2022-05-03 17:44:28, 2021-12-31T14:52:50.123Z: most texts with many digits are these.
bool date_time(std::string_view text) {
    constexpr std::string_view kShape = "0000-00-00?00:00:00.000Z";
    if (text.size() < 19 || text.size() > kShape.size()) return false;
    for (std::size_t i = 0; i < text.size(); ++i) {
        const bool digit = text[i] >= '0' && text[i] <= '9';
        const bool fits = kShape[i] == '0' ? digit
                                           : text[i] == kShape[i] ||
                                                 (kShape[i] == '?' && (text[i] == ' ' || text[i] == 'T'));
        if (!fits) return i == 19 && text.substr(i) == "Z";
    }
    return true;
}

std::string shown(const std::string& text, std::string_view name) {
    if (date_time(text)) return text;
    if (one_of(kWeChat, name)) return mask_wechat(text);
    if (one_of(kEmail, name)) return mask_email(text);
    const bool digits = text.find_first_not_of("0123456789") == std::string::npos;
    if (names_id(name) && digits && parse_phone(text).cls != PhoneClass::mobile) return text;
    return redact(text);
}

Json redacted_member(const Json& value, std::string_view name);

// {label: WeChat, value: ...}: the question says what the answer is.
std::string_view question(const Json& object) {
    for (const char* name : {"label", "code", "name", "key", "question"}) {
        const auto found = object.find(name);
        if (found == object.end() || !found->is_string()) continue;
        const std::string_view text = found->get_ref<const std::string&>();
        if (one_of(kWeChat, text) || one_of(kEmail, text)) return text;
    }
    return {};
}

Json redacted_object(const Json& object) {
    Json out = Json::object();
    const std::string_view asked = question(object);
    for (const auto& [key, inner] : object.items()) {
        const bool answer = !asked.empty() && (key == "value" || key == "answer" || key == "content");
        std::string name = redact(key);
        while (out.contains(name)) name += '*';  // two that are told apart by what is hidden
        out[name] = redacted_member(inner, answer ? asked : std::string_view(key));
    }
    return out;
}

Json redacted_member(const Json& value, std::string_view name) {
    if (value.is_string()) return shown(value.get_ref<const std::string&>(), name);
    if (value.is_number()) {
        const std::string text = codec::dump_json(value);
        std::string hidden = shown(text, name);
        return hidden == text ? value : Json(std::move(hidden));
    }
    if (value.is_array()) {
        Json out = Json::array();
        for (const Json& inner : value) out.push_back(redacted_member(inner, name));
        return out;
    }
    return value.is_object() ? redacted_object(value) : value;
}

}  // namespace

Json redacted(const Json& value) { return redacted_member(value, ""); }

void redact_document(Json& document) {
    Json out = Json::object();
    for (auto& [key, value] : document.items()) {
        if (one_of(kNeverPersonal, key) || key == "phones") {
            out[key] = std::move(value);
        } else if (key == "owner" && value.is_object() && value.contains("phones")) {
            Json phones = std::move(value["phones"]);
            value.erase("phones");
            out[key] = redacted(value);
            out[key]["phones"] = std::move(phones);
        } else {
            out[redact(key)] = redacted_member(value, key);
        }
    }
    document = std::move(out);
}

}  // namespace leadbridge::lead
