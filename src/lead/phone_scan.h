#pragma once
// Inside of the lead room: the one scanner that the phone parser and the redactor read numbers with.
#include <cstdint>
#include <string_view>
#include <vector>

#include "lead/phone.h"
#include "lead/written.h"

namespace leadbridge::lead::scan {

using written::CodePoint;
using written::decode;

// One visible code point, reduced to a small alphabet:
//   0-9 (of any script)  +  - (every dash, ~ and _)  . (dot, middle dot)  ( )  ,  #  :  ' ' (a run of blanks)
//   * (mask)  / (everything that ends a number)  @  a-z (ASCII letters, any width)  Z F J H E N L (the Han
//   characters of extension words)  w (anything else)
// Invisible characters are dropped, so digits around them are neighbours.
struct Sym {
    char c;
    std::uint32_t begin;  // byte range in the text
    std::uint32_t end;
};

enum class Spelled { words, digits };  // what Han numerals, circled digits and the like are read as

std::vector<Sym> scan(std::string_view text, Spelled spelled = Spelled::words);

bool holds_spelled_digits(std::string_view text);  // three at least

inline bool is_digit(char c) { return c >= '0' && c <= '9'; }

// A number and where it stands.
struct Found {
    const Sym* begin = nullptr;  // with its label and trailing words
    const Sym* end = nullptr;
    const Sym* first = nullptr;  // from its first digit or plus to its last digit
    const Sym* last = nullptr;
    const Sym* bare = nullptr;  // end of the number without its extension
    char mark = '\0';           // what announced the extension: - ( , blank, w for a word
    std::size_t digits = 0;
    Phone phone{};  // `raw` is not set
};

// Reads [begin, end) as one number with its label, extension and trailing words. False: the class stays
// invalid. Masked numbers give true.
bool parse_number(const Sym* begin, const Sym* end, Found& out);

// All numbers of a text in order, and the pieces with digits between them as `invalid`.
std::vector<Found> find_numbers(const std::vector<Sym>& syms);

}  // namespace leadbridge::lead::scan
