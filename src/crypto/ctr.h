#pragma once
// AES-128 in counter mode, as a platform's push uses it. No integrity of its own: whoever decrypts must check
// that the text makes sense.
#include <string>
#include <string_view>

namespace leadbridge::crypto {

// Encrypts and decrypts alike. `key` and `counter` (the first block, counted up as one big-endian number) are
// 16 bytes each; anything else gives an empty text.
std::string aes128_ctr(std::string_view key, std::string_view counter, std::string_view bytes);

}  // namespace leadbridge::crypto
