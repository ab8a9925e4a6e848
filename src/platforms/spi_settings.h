#pragma once
// Configuration keys and first steps shared by every endpoint that a platform calls through SPI.
#include <string>
#include <variant>

#include "platforms/endpoint.h"
#include "platforms/registry.h"
#include "wire/spi.h"

namespace leadbridge::platforms {

// What the platform's page shows as answers; undocumented nesting stays configurable (`replies`).
struct SpiReplies {
    std::string success;  // pushes only
    std::string illegal;  // the signature, the clock or a shared key is wrong
    std::string failure;  // {code} and {message} are filled in
};

class SpiDoor {
  public:
    // app, clock_window_s, max_body_kb, replies{success, illegal, failure}.
    static SpiDoor read(codec::Settings& settings, const Apps& apps, SpiReplies replies);

    // The verified call, or the refusal with its answer: size, signature, clock.
    std::variant<wire::SpiCheck, Refusal> check(const Incoming& incoming, base::Millis now) const;
    [[nodiscard]] Refusal illegal(std::string code, std::string reason) const;
    [[nodiscard]] Reply success() const { return json(replies_.success); }
    // `message` goes to the caller: nothing of this bridge's inside.
    [[nodiscard]] Reply failure(std::string_view code, std::string_view message, int status = 200) const;
    [[nodiscard]] std::int64_t max_body_bytes() const noexcept { return max_body_bytes_; }
    [[nodiscard]] base::Millis replay_until(base::Millis now) const;

  private:
    static Reply json(std::string body);

    wire::TopApp app_;
    std::int64_t clock_window_s_ = 600;
    std::int64_t max_body_bytes_ = 1 << 20;
    SpiReplies replies_;
};

// The call's business fields: of a JSON or XML body, or of the form; query pairs that are none of the
// protocol's own join in where the body has no such field. Nothing when the body cannot be read: `problem` says why.
std::optional<codec::Json> spi_fields(const wire::SpiCheck& check, std::string& problem);

}  // namespace leadbridge::platforms
