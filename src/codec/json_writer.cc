#include "codec/json_writer.h"

#include <array>
#include <charconv>
#include <cmath>

#include "base/text.h"
#include "codec/decimal.h"

namespace leadbridge::codec {
namespace {

// What follows the backslash; 0 = the byte stands for itself.
constexpr std::array<char, 256> kEscape = [] {
    std::array<char, 256> table{};
    for (std::size_t c = 0; c < 0x20; ++c) table[c] = 'u';
    table['\b'] = 'b', table['\t'] = 't', table['\n'] = 'n', table['\f'] = 'f', table['\r'] = 'r';
    table['"'] = '"', table['\\'] = '\\';
    return table;
}();

// What that adds to the length.
constexpr std::array<unsigned char, 256> kExtra = [] {
    std::array<unsigned char, 256> table{};
    for (std::size_t c = 0; c < table.size(); ++c) table[c] = kEscape[c] == 0 ? 0 : kEscape[c] == 'u' ? 5 : 1;
    return table;
}();

std::string_view until(const char* begin, const char* end) {
    return {begin, static_cast<std::size_t>(end - begin)};
}

}  // namespace

// Twice over the bytes, first for the size of the text: most strings need no escape and are one copy, the others one
// growth of the text and no call for each run between escapes.
void JsonWriter::text(std::string_view value) {
    std::size_t extra = 0;
    unsigned char seen = 0;
    for (const char c : value) {
        extra += kExtra[static_cast<unsigned char>(c)];
        seen |= static_cast<unsigned char>(c);
    }
    if (seen >= 0x80 && !base::valid_utf8(value)) {
        std::string valid;
        for (const char32_t c : base::to_code_points(value)) base::append_utf8(valid, c);
        return text(valid);
    }
    separate();
    comma_ = true;
    if (extra == 0) {
        out_.append("\"", 1).append(value).append("\"", 1);
        return;
    }
    const std::size_t begin = out_.size();
    out_.resize(begin + value.size() + extra + 2);
    char* to = out_.data() + begin;
    *to++ = '"';
    for (const char c : value) {
        const char escape = kEscape[static_cast<unsigned char>(c)];
        if (escape == 0) {
            *to++ = c;
            continue;
        }
        *to++ = '\\';
        *to++ = escape;
        if (escape != 'u') continue;
        *to++ = '0';
        *to++ = '0';
        *to++ = c < 0x10 ? '0' : '1';
        *to++ = "0123456789abcdef"[static_cast<unsigned char>(c) & 15U];
    }
    *to = '"';
}

void JsonWriter::number(std::int64_t value) {
    std::array<char, 24> digits;  // NOLINT
    json(until(digits.data(), std::to_chars(digits.data(), digits.data() + digits.size(), value).ptr));
}

void JsonWriter::value(const Json& v) {
    switch (v.type()) {
        case Json::value_t::object:
            begin_object();
            for (const auto& [key, member] : v.get_ref<const Json::object_t&>()) {
                escaped_name(key);
                value(member);
            }
            return end_object();
        case Json::value_t::array:
            begin_array();
            for (const auto& item : v.get_ref<const Json::array_t&>()) value(item);
            return end_array();
        case Json::value_t::string:
            return text(v.get_ref<const std::string&>());
        case Json::value_t::number_integer:
            return number(v.get<std::int64_t>());
        case Json::value_t::number_unsigned: {
            std::array<char, 24> digits;  // NOLINT
            const auto end =
                std::to_chars(digits.data(), digits.data() + digits.size(), v.get<std::uint64_t>());
            return json(until(digits.data(), end.ptr));
        }
        case Json::value_t::boolean:
            return boolean(v.get<bool>());
        case Json::value_t::number_float: {
            const double number = v.get<double>();
            if (!std::isfinite(number)) return null();
            std::string digits;
            append_decimal(digits, number);
            return json(digits);
        }
        default:
            return null();
    }
}

}  // namespace leadbridge::codec
