#include "crypto/ctr.h"

#include <cryptopp/aes.h>

#include "crypto/octets.h"

namespace leadbridge::crypto {
namespace {

constexpr std::size_t kBlock = 16;

}  // namespace

// By hand over the block cipher that sealing brings along: the library's own counter mode is one more template.
std::string aes128_ctr(std::string_view key, std::string_view counter, std::string_view bytes) {
    if (key.size() != kBlock || counter.size() != kBlock) return "";
    const CryptoPP::AES::Encryption cipher(octets(key), kBlock);
    std::string block(counter);
    std::string stream(kBlock, '\0');
    std::string out(bytes);
    for (std::size_t i = 0; i < out.size(); ++i) {
        if (i % kBlock == 0) {
            cipher.ProcessBlock(octets(block), writable_octets(stream));
            for (std::size_t at = kBlock; at-- > 0;) {
                block[at] = static_cast<char>(static_cast<unsigned char>(block[at]) + 1U);
                if (block[at] != 0) break;
            }
        }
        out[i] = static_cast<char>(static_cast<unsigned char>(out[i]) ^
                                   static_cast<unsigned char>(stream[i % kBlock]));
    }
    return out;
}

}  // namespace leadbridge::crypto
