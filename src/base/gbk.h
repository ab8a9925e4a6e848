#pragma once
// GBK (CP936), with Java's replacements for what is malformed: signatures are computed over them (docs/protocols/spi.md).
#include <string>
#include <string_view>

namespace leadbridge::base {

// U+FFFD for a byte, or for a pair whose second byte cannot start a character either, that is not GBK. 0x80
// is not the euro sign (A2 E3 is).
std::string gbk_to_utf8(std::string_view bytes);
// '?' for a character GBK does not have.
std::string utf8_to_gbk(std::string_view utf8);

}  // namespace leadbridge::base
