#include "platforms/tanma/push_message.h"

#include "base/text.h"
#include "platforms/page_bounds.h"

namespace leadbridge::platforms::tanma {
namespace {

using codec::Json;
using codec::member;
using codec::member_text;

// A fresh customer comes as a few fields here and completely in the list, with about the same time: the
// list's form must be the newer one.
constexpr base::Millis kListIsNewer = 600 * base::kSecond;

base::Error unreadable(std::string reason) { return base::Error{"unreadable", std::move(reason)}; }

}  // namespace

bool is_push_message(const Json& message) {
    const Json& noise = member(message, "noise");
    const bool whole = noise.is_number_integer() || noise.is_string();
    return whole && member(message, "type").is_string();
}

base::Result<Json> open_push(const wire::TanmaApp& app, std::string_view body) {
    const auto bytes = base::base64_decode(body);
    if (!bytes) return unreadable("the body of a push is not base64");
    auto message = codec::parse_json(wire::tanma_push_cipher(app, *bytes));
    if (!message) {
        return unreadable("the body of a push does not decrypt to JSON: check `corpid` (now " +
                          base::printable(app.corpid, 60) + ")");
    }
    if (!message.value().is_object()) return unreadable("the body of a push is not a JSON object");
    if (!is_push_message(message.value())) return unreadable("a push without `type` or `noise`");
    return message;
}

PushContent push_content(const ClueReader& reader, const Json& message, base::Millis sent, base::Millis now,
                         std::map<std::string, std::int64_t>& unknown) {
    PushContent out;
    const std::string type = member_text(message, "type").value_or("");
    if (type == "register" || type == "verify") return out;
    Json parsed;
    const Json* content = &member(message, "content");
    if (content->is_string()) {
        if (auto read = codec::parse_json(content->get_ref<const std::string&>())) {
            parsed = std::move(read).value();
            content = &parsed;
        }
    }
    const auto add = [&](const Json& item) {
        const bool in_list = !member_text(item, "customerId").value_or("").empty();
        if (!in_list && member_text(item, "externalUserId").value_or("").empty()) return;
        auto lead = reader.to_lead(item, now, unknown);
        const bool fresh = in_list && type.substr(0, 4) == "new_";
        lead.source.version = fresh ? sent - kListIsNewer : sent;
        if (lead.modified.raw.empty()) lead.modified = lead::moment(std::to_string(sent));
        lead.extra["push_type"] = type;
        out.leads.push_back(std::move(lead));
    };
    if (content->is_array() && content->size() > kMostRows) {
        out.whole = false;  // kept as it came
    } else if (content->is_array()) {
        for (const auto& item : *content) add(item);
        out.whole = out.leads.size() == content->size() && !content->empty();
    } else {
        add(*content);
        out.whole = !out.leads.empty();
    }
    return out;
}

}  // namespace leadbridge::platforms::tanma
