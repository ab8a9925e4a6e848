#pragma once
// Bytes that must never be printed: there is no conversion to text and no stream operator, only use().
#include <string>
#include <string_view>
#include <utility>

namespace leadbridge::crypto {

class Secret {
  public:
    Secret() = default;
    explicit Secret(std::string bytes) : bytes_(std::move(bytes)) {}
    [[nodiscard]] bool empty() const noexcept { return bytes_.empty(); }
    [[nodiscard]] std::string_view use() const noexcept { return bytes_; }

  private:
    std::string bytes_;
};

}  // namespace leadbridge::crypto
