#include "platforms/spi_settings.h"

#include <algorithm>
#include <array>

#include "base/text.h"
#include "codec/xml.h"
#include "platforms/top_settings.h"

namespace leadbridge::platforms {
namespace {

using codec::Json;

// Of the protocol, not of the interface (docs/protocols/spi.md, "What arrives").
constexpr std::array<std::string_view, 17> kProtocolParams = {"app_key",
                                                              "source_appkey",
                                                              "target_appkey",
                                                              "target_app_key",
                                                              "method",
                                                              "sign",
                                                              "sign_method",
                                                              "timestamp",
                                                              "format",
                                                              "v",
                                                              "session",
                                                              "request_id",
                                                              "simplify",
                                                              "partner_id",
                                                              "customerid",
                                                              "customerId",
                                                              "ext"};

bool protocol_param(std::string_view name) {
    return std::find(kProtocolParams.begin(), kProtocolParams.end(), name) != kProtocolParams.end();
}

void fill(std::string& text, std::string_view place, std::string_view value) {
    std::string quoted = codec::dump_json(Json(std::string(value)));
    quoted = quoted.substr(1, quoted.size() - 2);
    for (auto at = text.find(place); at != std::string::npos; at = text.find(place, at + quoted.size()))
        text.replace(at, place.size(), quoted);
}

}  // namespace

SpiDoor SpiDoor::read(codec::Settings& settings, const Apps& apps, SpiReplies replies) {
    SpiDoor door;
    door.app_ = read_app(settings, apps);
    door.clock_window_s_ = settings.integer("clock_window_s", 600, 0, 86'400);
    door.max_body_bytes_ = settings.integer("max_body_kb", 1024, 1, 8192) << 10;
    codec::Settings own = settings.child("replies");
    door.replies_.success = own.text("success", replies.success);
    door.replies_.illegal = own.text("illegal", replies.illegal);
    door.replies_.failure = own.text("failure", replies.failure);
    own.finish();
    return door;
}

std::variant<wire::SpiCheck, Refusal> SpiDoor::check(const Incoming& incoming, base::Millis now) const {
    if (incoming.body_bytes() > max_body_bytes_) {
        Refusal refusal;
        refusal.code = "body_too_large";
        refusal.reason = "a body of " + std::to_string(incoming.body_bytes()) + " bytes, at most " +
                         std::to_string(max_body_bytes_) +
                         " are read: raise `max_body_kb` if that was the platform";
        refusal.reply = failure("body-too-large", "the body is too large", 413);
        return refusal;
    }
    auto check = wire::check_spi({incoming.query, &incoming.headers, incoming.body}, app_);
    if (!check.valid) return illegal(std::move(check.code), std::move(check.reason));
    const auto clock = wire::check_spi_time(check.params, now, clock_window_s_);
    if (!clock) return illegal(clock.error().code, clock.error().reason);
    return check;
}

Refusal SpiDoor::illegal(std::string code, std::string reason) const {
    return {std::move(code), std::move(reason), json(replies_.illegal), false};
}

Reply SpiDoor::failure(std::string_view code, std::string_view message, int status) const {
    Reply reply = json(replies_.failure);
    fill(reply.body, "{code}", code);
    fill(reply.body, "{message}", message);
    reply.status = status;
    return reply;
}

base::Millis SpiDoor::replay_until(base::Millis now) const {
    return now + std::max(2 * clock_window_s_ * base::kSecond, base::kDay);
}

Reply SpiDoor::json(std::string body) {
    Reply reply;
    reply.body = std::move(body);
    return reply;
}

std::optional<Json> spi_fields(const wire::SpiCheck& check, std::string& problem) {
    Json fields = Json::object();
    if (check.kind == wire::SpiBody::xml) {
        auto document = codec::parse_xml(check.body);
        if (!document) {
            problem = document.error().reason;
            return std::nullopt;
        }
        fields = std::move(document.value().value);
    } else if (check.kind == wire::SpiBody::json || check.kind == wire::SpiBody::text) {
        // A call that has everything in its query comes with an empty body.
        auto document = base::trim(check.body).empty() ? base::Result<Json>(Json::object())
                                                       : codec::parse_json(check.body);
        if (!document) {
            problem = document.error().reason;
            return std::nullopt;
        }
        fields = std::move(document.value());
    }
    if (!fields.is_object()) {
        problem = "the body is not an object";
        return std::nullopt;
    }
    for (const auto& [name, value] : check.params) {
        if (!name.empty() && !protocol_param(name) && !fields.contains(name)) fields[name] = value;
    }
    return fields;
}

}  // namespace leadbridge::platforms
