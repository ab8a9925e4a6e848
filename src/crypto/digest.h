#pragma once
// Digests, keyed digests, constant-time equality and the deterministic byte stream. Results are raw bytes.
#include <array>
#include <cstdint>
#include <string>
#include <string_view>

namespace leadbridge::crypto {

std::string md5(std::string_view bytes);
std::string sha1(std::string_view bytes);
std::string sha256(std::string_view bytes);
std::string hmac_md5(std::string_view key, std::string_view bytes);
std::string hmac_sha256(std::string_view key, std::string_view bytes);

// Time depends on the lengths only.
bool equal_constant_time(std::string_view a, std::string_view b);

// The only randomness of the core: SHA-256(seed | counter) blocks over the 32 bytes that came with Start.
class RandomStream {
  public:
    explicit RandomStream(std::string_view seed) : seed_(seed) {}
    std::string bytes(std::size_t n);
    std::uint32_t below(std::uint32_t bound);  // 0 <= result < bound; bound > 0

  private:
    std::string seed_;
    std::uint64_t counter_ = 0;
    std::string rest_;
};

}  // namespace leadbridge::crypto
