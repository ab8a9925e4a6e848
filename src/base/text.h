#pragma once
// Text and byte helpers shared by every room. Strings are UTF-8 unless a name says bytes.
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace leadbridge::base {

bool valid_utf8(std::string_view bytes);
// Replaces every byte that is not part of valid UTF-8 by '?'; at most `max_bytes` of output, cut at a character.
std::string printable(std::string_view bytes, std::size_t max_bytes = 160);
// Code points in order; invalid bytes give U+FFFD.
std::u32string to_code_points(std::string_view utf8);
void append_utf8(std::string& out, char32_t code_point);

// Java's Character.isWhitespace over all code points, or empty (what TOP drops, docs/protocols/top.md).
bool java_blank(std::string_view utf8);
// Less-than by UTF-16 code units (Java String.compareTo, docs/protocols/top.md).
bool utf16_less(std::string_view a, std::string_view b);

std::string trim(std::string_view text);  // ASCII white space only
std::vector<std::string> split(std::string_view text, char separator);
bool starts_with_no_case(std::string_view text, std::string_view prefix);
bool contains_no_case(std::string_view text, std::string_view needle);
std::string lower_ascii(std::string_view text);
std::optional<std::int64_t> parse_int64(std::string_view digits);  // whole text, optional '-', no blanks

std::string hex_lower(std::string_view bytes);
std::string hex_upper(std::string_view bytes);
std::optional<std::string> hex_decode(std::string_view text);
std::string base64_encode(std::string_view bytes);
// Standard alphabet, padding optional, ASCII white space ignored (PEM bodies); anything else gives nothing.
std::optional<std::string> base64_decode(std::string_view text);

// application/x-www-form-urlencoded as java.net.URLEncoder writes it: blank -> '+', `*-_.` kept
// (docs/protocols/top.md).
std::string form_encode(std::string_view text);
// '+' -> blank; a broken % sequence gives nothing.
std::optional<std::string> form_decode(std::string_view text);
// `name=value` of such a form, both decoded; without '=' the value is empty.
std::optional<std::pair<std::string, std::string>> form_pair(std::string_view pair);

}  // namespace leadbridge::base
