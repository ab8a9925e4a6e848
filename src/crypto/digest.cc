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
std::string sha1(std::string_view bytes) { return digest(CryptoPP::SHA1(), bytes); }
std::string sha256(std::string_view bytes) { return digest(CryptoPP::SHA256(), bytes); }

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
