#include "base/text.h"

#include <algorithm>
#include <array>
#include <charconv>

namespace leadbridge::base {
namespace {

struct Decoded {
    char32_t code_point;
    std::size_t length;  // 0 = invalid
};

// One code point at `at`; overlong forms, surrogates and values above U+10FFFF are invalid (RFC 3629).
Decoded decode_one(std::string_view text, std::size_t at) {
    const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
    const unsigned char b0 = byte(at);
    if (b0 < 0x80) return {b0, 1};
    std::size_t need = 0;
    char32_t value = 0;
    char32_t least = 0;
    if (b0 >= 0xC2 && b0 <= 0xDF) {
        need = 1, value = b0 & 0x1FU, least = 0x80;
    } else if (b0 >= 0xE0 && b0 <= 0xEF) {
        need = 2, value = b0 & 0x0FU, least = 0x800;
    } else if (b0 >= 0xF0 && b0 <= 0xF4) {
        need = 3, value = b0 & 0x07U, least = 0x10000;
    } else {
        return {0xFFFD, 0};
    }
    if (at + need >= text.size()) return {0xFFFD, 0};
    for (std::size_t i = 1; i <= need; ++i) {
        const unsigned char next = byte(at + i);
        if ((next & 0xC0U) != 0x80U) return {0xFFFD, 0};
        value = (value << 6) | (next & 0x3FU);
    }
    if (value < least || value > 0x10FFFF || (value >= 0xD800 && value <= 0xDFFF)) return {0xFFFD, 0};
    return {value, need + 1};
}

constexpr bool is_ascii_space(char c) {
    return c == ' ' || c == '\t' || c == '\r' || c == '\n' || c == '\f' || c == '\v';
}

constexpr char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; }

// Character.isWhitespace: Unicode space separators but the no-break ones, plus the control characters.
bool java_whitespace(char32_t c) {
    if ((c >= 0x09 && c <= 0x0D) || (c >= 0x1C && c <= 0x20)) return true;
    if (c == 0x1680 || c == 0x2028 || c == 0x2029 || c == 0x205F || c == 0x3000) return true;
    return c >= 0x2000 && c <= 0x200A && c != 0x2007;
}

int hex_value(char c) {
    if (c >= '0' && c <= '9') return c - '0';
    const char l = lower(c);
    return l >= 'a' && l <= 'f' ? l - 'a' + 10 : -1;
}

std::string hex(std::string_view bytes, const char* digits) {
    std::string out;
    out.reserve(bytes.size() * 2);
    for (const char c : bytes) {
        const auto b = static_cast<unsigned char>(c);
        out += digits[b >> 4];
        out += digits[b & 15U];
    }
    return out;
}

constexpr std::string_view kBase64 = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

constexpr std::array<signed char, 256> base64_table() {
    std::array<signed char, 256> table{};
    for (auto& entry : table) entry = -1;
    for (std::size_t i = 0; i < kBase64.size(); ++i) {
        table[static_cast<unsigned char>(kBase64[i])] = static_cast<signed char>(i);
    }
    return table;
}

}  // namespace

bool valid_utf8(std::string_view bytes) {
    for (std::size_t i = 0; i < bytes.size();) {
        const auto one = decode_one(bytes, i);
        if (one.length == 0) return false;
        i += one.length;
    }
    return true;
}

std::string printable(std::string_view bytes, std::size_t max_bytes) {
    std::string out;
    for (std::size_t i = 0; i < bytes.size();) {
        const auto one = decode_one(bytes, i);
        const std::size_t length = std::max<std::size_t>(one.length, 1);
        if (out.size() + length > max_bytes) {
            out += "...";
            break;
        }
        if (one.length == 0) {
            out += '?';
        } else if (one.code_point < 0x20 || one.code_point == 0x7F) {
            out += ' ';
        } else {
            out.append(bytes.substr(i, one.length));
        }
        i += length;
    }
    return out;
}

std::u32string to_code_points(std::string_view utf8) {
    std::u32string out;
    out.reserve(utf8.size());
    for (std::size_t i = 0; i < utf8.size();) {
        const auto one = decode_one(utf8, i);
        out += one.code_point;
        i += std::max<std::size_t>(one.length, 1);
    }
    return out;
}

void append_utf8(std::string& out, char32_t c) {
    const auto put = [&](char32_t value) { out += static_cast<char>(static_cast<unsigned char>(value)); };
    if (c < 0x80) {
        put(c);
    } else if (c < 0x800) {
        put(0xC0 | (c >> 6));
        put(0x80 | (c & 0x3F));
    } else if (c < 0x10000) {
        put(0xE0 | (c >> 12));
        put(0x80 | ((c >> 6) & 0x3F));
        put(0x80 | (c & 0x3F));
    } else {
        put(0xF0 | (c >> 18));
        put(0x80 | ((c >> 12) & 0x3F));
        put(0x80 | ((c >> 6) & 0x3F));
        put(0x80 | (c & 0x3F));
    }
}

bool java_blank(std::string_view utf8) {
    for (std::size_t i = 0; i < utf8.size();) {
        const auto one = decode_one(utf8, i);
        if (one.length == 0 || !java_whitespace(one.code_point)) return false;
        i += one.length;
    }
    return true;
}

bool utf16_less(std::string_view a, std::string_view b) {
    const auto [x, y] = std::mismatch(a.begin(), a.end(), b.begin(), b.end());
    if (x == a.end() || y == b.end()) return y != b.end();
    const unsigned first = static_cast<unsigned char>(*x);
    const unsigned second = static_cast<unsigned char>(*y);
    // The order of UTF-8's bytes is that of code points, and so that of UTF-16, but for what UTF-16 writes in
    // surrogates (F0 and above here): they lie before U+E000 (EE and EF).
    const bool surrogates = first >= 0xF0;
    if (surrogates != (second >= 0xF0) && std::min(first, second) >= 0xEE) return surrogates;
    return first < second;
}

std::string trim(std::string_view text) {
    while (!text.empty() && is_ascii_space(text.front())) text.remove_prefix(1);
    while (!text.empty() && is_ascii_space(text.back())) text.remove_suffix(1);
    return std::string(text);
}

std::vector<std::string> split(std::string_view text, char separator) {
    std::vector<std::string> parts;
    for (;;) {
        const auto at = text.find(separator);
        parts.emplace_back(text.substr(0, at));
        if (at == std::string_view::npos) return parts;
        text.remove_prefix(at + 1);
    }
}

bool starts_with_no_case(std::string_view text, std::string_view prefix) {
    return text.size() >= prefix.size() && std::equal(prefix.begin(), prefix.end(), text.begin(),
                                                      [](char a, char b) { return lower(a) == lower(b); });
}

bool contains_no_case(std::string_view text, std::string_view needle) {
    return std::search(text.begin(), text.end(), needle.begin(), needle.end(),
                       [](char a, char b) { return lower(a) == lower(b); }) != text.end();
}

std::string lower_ascii(std::string_view text) {
    std::string out(text);
    std::transform(out.begin(), out.end(), out.begin(), lower);
    return out;
}

std::optional<std::int64_t> parse_int64(std::string_view digits) {
    std::int64_t value = 0;
    const auto* end = digits.data() + digits.size();
    const auto [at, problem] = std::from_chars(digits.data(), end, value);
    if (problem != std::errc{} || at != end) return std::nullopt;
    return value;
}

std::string hex_lower(std::string_view bytes) { return hex(bytes, "0123456789abcdef"); }
std::string hex_upper(std::string_view bytes) { return hex(bytes, "0123456789ABCDEF"); }

std::optional<std::string> hex_decode(std::string_view text) {
    if (text.size() % 2 != 0) return std::nullopt;
    std::string out;
    out.reserve(text.size() / 2);
    for (std::size_t i = 0; i < text.size(); i += 2) {
        const int high = hex_value(text[i]);
        const int low = hex_value(text[i + 1]);
        if (high < 0 || low < 0) return std::nullopt;
        out += static_cast<char>(high * 16 + low);
    }
    return out;
}

std::string base64_encode(std::string_view bytes) {
    std::string out;
    out.reserve((bytes.size() + 2) / 3 * 4);
    for (std::size_t i = 0; i < bytes.size(); i += 3) {
        std::uint32_t group = 0;
        const std::size_t n = std::min<std::size_t>(3, bytes.size() - i);
        for (std::size_t j = 0; j < 3; ++j) {
            group = (group << 8) | (j < n ? static_cast<unsigned char>(bytes[i + j]) : 0U);
        }
        for (std::size_t j = 0; j < 4; ++j) {
            out += j <= n ? kBase64[(group >> (18 - 6 * j)) & 63U] : '=';
        }
    }
    return out;
}

std::optional<std::string> base64_decode(std::string_view text) {
    static constexpr auto kTable = base64_table();
    std::string out;
    out.reserve(text.size() / 4 * 3);
    std::uint32_t group = 0;
    int bits = 0;
    std::size_t symbols = 0;
    std::size_t padding = 0;
    for (const char c : text) {
        if (is_ascii_space(c)) continue;
        if (c == '=') {
            ++padding;
            continue;
        }
        const int value = kTable[static_cast<unsigned char>(c)];
        if (value < 0 || padding > 0) return std::nullopt;
        ++symbols;
        group = (group << 6) | static_cast<std::uint32_t>(value);
        bits += 6;
        if (bits >= 8) {
            bits -= 8;
            out += static_cast<char>((group >> bits) & 0xFFU);
        }
    }
    const bool padded_right = padding == 0 || (padding <= 2 && (symbols + padding) % 4 == 0);
    if (symbols % 4 == 1 || !padded_right) return std::nullopt;
    return out;
}

std::string form_encode(std::string_view text) {
    static constexpr std::string_view kDigits = "0123456789ABCDEF";
    std::string out;
    out.reserve(text.size() + text.size() / 2);
    for (const char c : text) {
        const bool kept = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                          c == '*' || c == '-' || c == '_' || c == '.';
        if (kept) {
            out += c;
        } else if (c == ' ') {
            out += '+';
        } else {
            const auto b = static_cast<unsigned char>(c);
            out += '%';
            out += kDigits[b >> 4];
            out += kDigits[b & 15U];
        }
    }
    return out;
}

std::optional<std::string> form_decode(std::string_view text) {
    std::string out;
    out.reserve(text.size());
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] == '+') {
            out += ' ';
        } else if (text[i] == '%') {
            if (i + 2 >= text.size()) return std::nullopt;
            const int high = hex_value(text[i + 1]);
            const int low = hex_value(text[i + 2]);
            if (high < 0 || low < 0) return std::nullopt;
            out += static_cast<char>(high * 16 + low);
            i += 2;
        } else {
            out += text[i];
        }
    }
    return out;
}

std::optional<std::pair<std::string, std::string>> form_pair(std::string_view pair) {
    const auto at = pair.find('=');
    auto name = form_decode(pair.substr(0, at));
    auto value = form_decode(at == std::string_view::npos ? std::string_view() : pair.substr(at + 1));
    if (!name || !value) return std::nullopt;
    return std::pair(std::move(*name), std::move(*value));
}

}  // namespace leadbridge::base
