#pragma once
// Tanma's push: a signed header, an encrypted body, and a number that must come back exactly
// (docs/protocols/tanma.md). The signature leaves the body out and key and counter never change, so
// the clock window, the message id and HTTPS are what protects against replay and tampering.
#include <string>
#include <variant>
#include <vector>

#include "platforms/endpoint.h"
#include "platforms/tanma/push_message.h"
#include "wire/tanma.h"

namespace leadbridge::platforms::tanma {

struct PushSettings {
    std::int64_t clock_window_s = 600;  // 0 = the clock is not checked
    std::int64_t max_body_bytes = 1 << 20;
    std::string reply;  // {noise} is filled in as it came
};

class PushDoor final : public PushEndpoint {
  public:
    // `apps`: the present key first, then a former one under rotation.
    PushDoor(std::vector<wire::TanmaApp> apps, ClueReader reader, PushSettings settings)
        : apps_(std::move(apps)), reader_(std::move(reader)), settings_(std::move(settings)) {}

    std::variant<Delivery, Refusal> receive(const Incoming& incoming, base::Millis now) const override;
    [[nodiscard]] std::int64_t most_bytes() const override { return settings_.max_body_bytes; }
    Reply not_stored() const override;

  private:
    Delivery delivery(const codec::Json& message, base::Millis sent, base::Millis now) const;

    std::vector<wire::TanmaApp> apps_;
    ClueReader reader_;
    PushSettings settings_;
};

}  // namespace leadbridge::platforms::tanma
