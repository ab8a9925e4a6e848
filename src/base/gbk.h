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

// Native builds carry a table. The module has no room for one (decision 012): its host hands it over before
// the first text in GBK, as UTF-8 of all pairs, lead bytes 81..FE by trail bytes 40..FE without 7F, U+FFFD
// for those that are nothing. False when that is not what came. Until then nothing but ASCII can be read.
bool provide_gbk(std::string_view utf8);
bool gbk_available();

}  // namespace leadbridge::base
