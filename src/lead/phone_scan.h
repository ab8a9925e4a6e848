#pragma once
// Inside of the lead room: the alphabet the phone parser and the log redactor share.
#include <cstdint>
#include <string_view>
#include <vector>

#include "lead/phone.h"

namespace leadbridge::lead::scan {

// One visible code point, reduced to a small alphabet:
//   0-9 (any width)  +  - (every dash, ~ and _)  . (dot, middle dot)  ( )  ,  #  :  ' ' (every blank)  *
//   (mask) / (everything that ends a number)  @  a-z (ASCII letters, any width) Z F J H E N L (the Han
//   characters of extension words)  w (anything else)
// Zero-width characters are dropped, so digits around them are neighbours.
struct Sym {
    char c;
    std::uint32_t begin;  // byte range in the text
    std::uint32_t end;
};

struct CodePoint {
    char32_t value;  // U+FFFD for a byte that is not part of valid UTF-8
    std::size_t length;
};
CodePoint decode(std::string_view text, std::size_t at);
bool zero_width(
    char32_t c);  // also combining marks that follow an emoji or digit: variation selectors, keycap

std::vector<Sym> scan(std::string_view text);

inline bool is_digit(char c) { return c >= '0' && c <= '9'; }

// Reads [begin, end) as one number with its label, extension and trailing words; `raw` is not set.
// False: the class stays invalid. Masked numbers give true.
bool parse_number(const Sym* begin, const Sym* end, Phone& out);

}  // namespace leadbridge::lead::scan
