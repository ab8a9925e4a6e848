#include "platforms/tmall/lead_push.h"

#include "base/text.h"
#include "crypto/digest.h"

namespace leadbridge::platforms::tmall {

std::variant<Delivery, Refusal> LeadPush::receive(const Incoming& incoming, base::Millis now) const {
    auto checked = door_.check(incoming, now);
    if (auto* refusal = std::get_if<Refusal>(&checked)) return std::move(*refusal);
    const auto& check = std::get<wire::SpiCheck>(checked);

    std::string problem;
    auto fields = spi_fields(check, problem);
    if (!fields || fields->empty()) {
        return Refusal{"body_unreadable",
                       "a signed push that cannot be read (" + (fields ? "it has no field" : problem) +
                           "); its bytes are kept, the platform was told to correct it",
                       door_.failure("body-unreadable", "the body cannot be read"), true};
    }
    if (!settings_.open_key.empty()) {
        const std::string given = codec::member_text(*fields, "open_key").value_or("");
        if (!crypto::equal_constant_time(given, settings_.open_key.use())) {
            return door_.illegal("open_key",
                                 given.empty()
                                     ? "the push carries no open_key: ask the platform's staff, or remove "
                                       "`open_key` from the endpoint"
                                     : "the push carries another open_key than configured: ask the "
                                       "platform's staff for the present one");
        }
    }
    Delivery delivery;
    const auto sent_at = base::parse_platform_time(wire::spi_param(check.params, "timestamp")).value_or(now);
    delivery.leads.push_back(reader_.to_lead(*fields, sent_at, now, delivery.unknown));
    delivery.replay_key = settings_.path + "/" + wire::spi_replay_key(check);
    delivery.replay_until = door_.replay_until(now);
    delivery.reply = door_.success();
    return delivery;
}

}  // namespace leadbridge::platforms::tmall
