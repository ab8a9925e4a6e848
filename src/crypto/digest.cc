#include "crypto/digest.h"

#define CRYPTOPP_ENABLE_NAMESPACE_WEAK 1
#include <cryptopp/hmac.h>
#include <cryptopp/md5.h>
#include <cryptopp/misc.h>
#include <cryptopp/sha.h>

#include "crypto/octets.h"

namespace leadbridge::crypto {
namespace {

template <typename Hash>
std::string digest(Hash&& hash, std::string_view bytes) {
    std::string out(hash.DigestSize(), '\0');
    hash.CalculateDigest(writable_octets(out), octets(bytes), bytes.size());
    return out;
}

}  // namespace

std::string md5(std::string_view bytes) { return digest(CryptoPP::Weak::MD5(), bytes); }
std::string sha256(std::string_view bytes) { return digest(CryptoPP::SHA256(), bytes); }

// Only inside OAEP: rounds rolled up, for it is seldom needed and a library's is eight times as large.
std::string sha1(std::string_view bytes) {
    const auto rotated = [](std::uint32_t x, unsigned by) { return (x << by) | (x >> (32 - by)); };
    std::string text(bytes);
    text += static_cast<char>(0x80);
    while (text.size() % 64 != 56) text += '\0';
    for (unsigned shift = 64; shift > 0;)
        text += static_cast<char>((std::uint64_t{bytes.size()} * 8 >> (shift -= 8)) & 0xFFU);
    std::array<std::uint32_t, 5> state = {0x67452301, 0xEFCDAB89, 0x98BADCFE, 0x10325476, 0xC3D2E1F0};
    for (std::size_t block = 0; block < text.size(); block += 64) {
        std::array<std::uint32_t, 80> w{};
        for (std::size_t i = 0; i < 64; ++i)
            w[i / 4] = (w[i / 4] << 8U) | static_cast<unsigned char>(text[block + i]);
        for (std::size_t i = 16; i < 80; ++i) w[i] = rotated(w[i - 3] ^ w[i - 8] ^ w[i - 14] ^ w[i - 16], 1);
        auto [a, b, c, d, e] = state;
        for (std::size_t i = 0; i < 80; ++i) {
            static constexpr std::array<std::uint32_t, 4> kRound = {0x5A827999, 0x6ED9EBA1, 0x8F1BBCDC,
                                                                    0xCA62C1D6};
            const std::uint32_t mixed = i < 20        ? (b & c) | (~b & d)
                                        : i / 20 == 2 ? (b & c) | (b & d) | (c & d)
                                                      : b ^ c ^ d;
            const std::uint32_t next = rotated(a, 5) + mixed + e + kRound[i / 20] + w[i];
            e = d;
            d = c;
            c = rotated(b, 30);
            b = a;
            a = next;
        }
        state = {state[0] + a, state[1] + b, state[2] + c, state[3] + d, state[4] + e};
    }
    std::string out;
    for (const std::uint32_t word : state) {
        for (unsigned shift = 32; shift > 0;) out += static_cast<char>((word >> (shift -= 8)) & 0xFFU);
    }
    return out;
}

std::string hmac_md5(std::string_view key, std::string_view bytes) {
    return digest(CryptoPP::HMAC<CryptoPP::Weak::MD5>(octets(key), key.size()), bytes);
}

std::string hmac_sha256(std::string_view key, std::string_view bytes) {
    return digest(CryptoPP::HMAC<CryptoPP::SHA256>(octets(key), key.size()), bytes);
}

bool equal_constant_time(std::string_view a, std::string_view b) {
    return a.size() == b.size() && CryptoPP::VerifyBufsEqual(octets(a), octets(b), a.size());
}

std::string RandomStream::bytes(std::size_t n) {
    while (rest_.size() < n) {
        std::string block = seed_;
        for (unsigned shift = 0; shift < 64; shift += 8)
            block += static_cast<char>((counter_ >> shift) & 0xFFU);
        ++counter_;
        rest_ += sha256(block);
    }
    std::string out = rest_.substr(0, n);
    rest_.erase(0, n);
    return out;
}

std::uint32_t RandomStream::below(std::uint32_t bound) {
    const std::string four = bytes(4);
    std::uint32_t value = 0;
    for (const char c : four) value = (value << 8) | static_cast<unsigned char>(c);
    return static_cast<std::uint32_t>((static_cast<std::uint64_t>(value) * bound) >> 32);
}

}  // namespace leadbridge::crypto
