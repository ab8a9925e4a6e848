#pragma once
// Tmall customer leads, pushed to us (docs/protocols/tmall.md). JSON, XML or form; every
// field optional; the page names no method, so the path of the endpoint decides.
#include <string>

#include "crypto/secret.h"
#include "platforms/spi_settings.h"
#include "platforms/tmall/lead_fields.h"

namespace leadbridge::platforms::tmall {

struct LeadPushSettings {
    std::string path;         // of the endpoint: names it in replay marks
    std::string source;       // under which the leads are stored
    std::string account;      // stands in where a push names no seller
    crypto::Secret open_key;  // shared value from Tmall's staff; empty = not checked
    Labels labels;
};

class LeadPush final : public PushEndpoint {
  public:
    LeadPush(SpiDoor door, LeadPushSettings settings)
        : door_(std::move(door)),
          settings_(std::move(settings)),
          reader_(settings_.source, settings_.account, settings_.labels) {}

    std::variant<Delivery, Refusal> receive(const Incoming& incoming, base::Millis now) const override;
    [[nodiscard]] std::int64_t most_bytes() const override { return door_.max_body_bytes(); }
    Reply not_stored() const override {
        return door_.failure("isp.store-unavailable", "not stored, please send again");
    }

  private:
    SpiDoor door_;
    LeadPushSettings settings_;
    LeadReader reader_;
};

}  // namespace leadbridge::platforms::tmall
