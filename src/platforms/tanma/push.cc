#include "platforms/tanma/push.h"

#include <algorithm>

#include "base/text.h"
#include "crypto/digest.h"

namespace leadbridge::platforms::tanma {
namespace {

using codec::Json;
using codec::member;
using codec::member_text;

Reply reply(int status, int code, const char* message) {
    Reply out;
    out.status = status;
    out.body = codec::dump_json(codec::object({{"code", code}, {"message", message}}));
    return out;
}

Refusal refusal(const char* code, std::string reason, Reply reply, bool verified = false) {
    return {code, std::move(reason), std::move(reply), verified};
}

Refusal bad_sign(const char* code, std::string reason) {
    return refusal(code, std::move(reason), reply(401, 1002, "sign check failure"));
}

Refusal unreadable(std::string reason) {
    return refusal("unreadable", std::move(reason), reply(400, 400, "the body cannot be read"), true);
}

// Thirteen digits; nothing else is a time of this protocol.
std::optional<base::Millis> millis(std::string_view text) {
    return text.size() == 13 && text[0] != '-' ? base::parse_int64(text) : std::nullopt;
}

}  // namespace

Reply PushDoor::not_stored() const { return reply(500, 500, "not stored, please send it again"); }

std::variant<Delivery, Refusal> PushDoor::receive(const Incoming& incoming, base::Millis now) const {
    if (incoming.body_bytes() > settings_.max_body_bytes) {
        return refusal("body_too_large",
                       "a body of " + std::to_string(incoming.body_bytes()) + " bytes, at most " +
                           std::to_string(settings_.max_body_bytes) +
                           " are read: raise `max_body_kb` if that was the platform",
                       reply(413, 413, "the body is too large"));
    }
    const auto value = [&](const char* lower_name) {
        const auto* found = wire::header(incoming.headers, lower_name);
        return found == nullptr ? std::string() : base::trim(*found);
    };
    const std::string app_id = value("appid");
    const std::string timestamp = value("timestamp");
    const std::string version = value("version");
    const std::string sign = base::lower_ascii(value("sign"));
    if (app_id.empty() || timestamp.empty() || sign.empty())
        return bad_sign("unsigned", "a push without the headers appId, timestamp and sign");
    const wire::TanmaApp* app = nullptr;
    bool known_app = false;
    for (const auto& candidate : apps_) {
        if (candidate.app_id != app_id) continue;
        known_app = true;
        if (crypto::equal_constant_time(wire::tanma_push_sign(candidate, version, timestamp), sign))
            app = &candidate;
    }
    if (!known_app) {
        return bad_sign("wrong_app_id", "a push for app id " + base::printable(app_id, 60) +
                                            ": compare it with `app_id` of the configuration");
    }
    if (app == nullptr) {
        return bad_sign("sign_mismatch",
                        "the signature of a push does not match: check `app_key`, or somebody else sent it");
    }
    const auto sent = millis(timestamp);
    const base::Millis window = settings_.clock_window_s * base::kSecond;
    if (!sent || (window > 0 && (*sent < now - window || *sent > now + window))) {
        return refusal("timestamp_outside_window",
                       "a push signed at " +
                           (sent ? base::iso_text(*sent)
                                 : "an unreadable time (" + base::printable(timestamp, 30) + ")") +
                           ", more than " + std::to_string(settings_.clock_window_s) +
                           " seconds from now: an old push sent again, or one of the clocks is wrong",
                       reply(401, 1003, "the timestamp is too far from the server's time"));
    }

    const auto message = open_push(*app, incoming.body);
    if (!message) return unreadable(message.error().reason);
    Delivery out = delivery(message.value(), *sent, now);
    // The same id may be used for another type of event; without one the bytes are their own name.
    const std::string id = member_text(message.value(), "msgId").value_or("");
    out.replay_key =
        reader_.name() + "/" + base::printable(out.what, 60) + "/" +
        (id.empty() ? base::hex_lower(crypto::sha256(incoming.body)).substr(0, 32) : base::printable(id, 80));
    out.replay_until = now + std::max(2 * window, base::kDay);
    return out;
}

Delivery PushDoor::delivery(const Json& message, base::Millis sent, base::Millis now) const {
    Delivery out;
    const std::string type = member_text(message, "type").value_or("");
    out.what = base::printable(type, 60);

    // Digits beyond 2^53 come back as they came: Json keeps 64 bits.
    const Json& noise = member(message, "noise");
    out.reply.body = settings_.reply;
    static constexpr std::string_view kPlace = "{noise}";
    if (const auto at = out.reply.body.find(kPlace); at != std::string::npos)
        out.reply.body.replace(at, kPlace.size(), codec::dump_json(noise));

    PushContent content = push_content(reader_, message, sent, now, out.unknown);
    out.leads = std::move(content.leads);
    out.keep_raw = !content.whole;
    return out;
}

}  // namespace leadbridge::platforms::tanma
