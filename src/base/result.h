#pragma once
// A value, or an error an operator can act on. No exception leaves a public function of any room.
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>

namespace leadbridge::base {

// `code` is stable and short, for programs (`session_expired`); `reason` is for people and says what to do
// next. Neither ever holds a secret, a plaintext phone or an unbounded piece of somebody's input.
struct Error {
    std::string code;
    std::string reason;
};

struct [[nodiscard]] Ok {};

template <typename T>
class [[nodiscard]] Result {
  public:
    Result(T value) : state_(std::in_place_index<0>, std::move(value)) {}      // NOLINT: implicit by design
    Result(Error error) : state_(std::in_place_index<1>, std::move(error)) {}  // NOLINT: implicit by design

    [[nodiscard]] bool ok() const noexcept { return state_.index() == 0; }
    explicit operator bool() const noexcept { return ok(); }

    // Precondition of value(): ok(). Precondition of error(): !ok().
    [[nodiscard]] T& value() & { return std::get<0>(state_); }
    [[nodiscard]] const T& value() const& { return std::get<0>(state_); }
    [[nodiscard]] T&& value() && { return std::get<0>(std::move(state_)); }
    [[nodiscard]] Error& error() { return std::get<1>(state_); }
    [[nodiscard]] const Error& error() const { return std::get<1>(state_); }
    [[nodiscard]] T value_or(T fallback) const { return ok() ? value() : std::move(fallback); }

  private:
    std::variant<T, Error> state_;
};

using Status = Result<Ok>;

inline Error fail(std::string_view code, std::string_view reason) {
    return Error{std::string(code), std::string(reason)};
}

}  // namespace leadbridge::base
