#pragma once
// Inside of the lead room: what a code point is to somebody who reads a number aloud.
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

namespace leadbridge::lead::written {

struct CodePoint {
    char32_t value;  // U+FFFD for a byte that is not part of valid UTF-8
    std::size_t length;
};
CodePoint decode(std::string_view text, std::size_t at);

// Takes no room of its own: marks, format characters and fillers (Unicode 17: M, Cf,
// Default_Ignorable_Code_Point, and the empty braille pattern).
bool invisible(char32_t c);

// A decimal digit of any script (Unicode 17: Nd).
std::optional<char> decimal_digit(char32_t c);

// What people write instead of a digit: Han and Suzhou numerals, circled, bracketed, dotted, raised and lowered
// ones. As often as not they are no digit but part of a word or a list: 三里屯, ① 13567658911.
std::optional<char> spelled_digit(char32_t c);

}  // namespace leadbridge::lead::written
