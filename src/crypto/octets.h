#pragma once
// Private to this room: text bytes as Crypto++ wants them.
#include <cryptopp/config.h>

#include <string>
#include <string_view>

namespace leadbridge::crypto {

inline const CryptoPP::byte* octets(std::string_view bytes) {
    return reinterpret_cast<const CryptoPP::byte*>(bytes.data());
}
inline CryptoPP::byte* writable_octets(std::string& bytes) {
    return reinterpret_cast<CryptoPP::byte*>(bytes.data());
}

}  // namespace leadbridge::crypto
