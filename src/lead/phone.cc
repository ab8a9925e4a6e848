#include "lead/phone.h"

#include <algorithm>
#include <array>
#include <cstddef>

#include "lead/phone_scan.h"

namespace leadbridge::lead {
namespace scan {

CodePoint decode(std::string_view text, std::size_t at) {
    const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
    const unsigned char first = byte(at);
    if (first < 0x80) return {first, 1};
    std::size_t length = 0;
    char32_t value = 0;
    if (first >= 0xC2 && first <= 0xDF) {
        length = 2, value = first & 0x1FU;
    } else if ((first & 0xF0U) == 0xE0U) {
        length = 3, value = first & 0x0FU;
    } else if (first >= 0xF0 && first <= 0xF4) {
        length = 4, value = first & 0x07U;
    }
    if (length == 0 || at + length > text.size()) return {0xFFFD, 1};
    for (std::size_t i = 1; i < length; ++i) {
        if ((byte(at + i) & 0xC0U) != 0x80U) return {0xFFFD, 1};
        value = (value << 6) | (byte(at + i) & 0x3FU);
    }
    const bool too_long = (length == 3 && value < 0x800) || (length == 4 && value < 0x10000);
    if (too_long || value > 0x10FFFF || (value >= 0xD800 && value <= 0xDFFF)) return {0xFFFD, 1};
    return {value, length};
}

bool zero_width(char32_t c) {
    return c == 0x00AD || c == 0x034F || c == 0x061C || c == 0x180E || c == 0x20E3 || c == 0xFEFF ||
           (c >= 0x200B && c <= 0x200F) || (c >= 0x202A && c <= 0x202E) || (c >= 0x2060 && c <= 0x2069) ||
           (c >= 0xFE00 && c <= 0xFE0F);
}

namespace {

constexpr char kDropped = '\0';

// clang-format off
constexpr char ascii_symbol(char32_t c) {
    if (c >= '0' && c <= '9') return static_cast<char>(c);
    if (c >= 'a' && c <= 'z') return static_cast<char>(c);
    if (c >= 'A' && c <= 'Z') return static_cast<char>(c + 32);
    switch (c) {
        case ' ': case '\t': case '\r': case '\v': case '\f': return ' ';
        case '/': case ';': case '|': case '\\': case '&': case '\n': return '/';
        case '-': case '_': case '~': return '-';
        case '(': case '[': case '{': return '(';
        case ')': case ']': case '}': return ')';
        case '+': case '.': case ',': case '#': case ':': case '*': case '@': return static_cast<char>(c);
        default:
            return 'w';
    }
}

char symbol(char32_t c) {
    if (c < 0x80) return ascii_symbol(c);
    if (c >= 0xFF01 && c <= 0xFF5E) return ascii_symbol(c - 0xFEE0);
    if (zero_width(c)) return kDropped;
    if (c >= 0x0660 && c <= 0x0669) return static_cast<char>('0' + (c - 0x0660));
    if (c >= 0x06F0 && c <= 0x06F9) return static_cast<char>('0' + (c - 0x06F0));
    if (c >= 0x1D7CE && c <= 0x1D7FF) return static_cast<char>('0' + (c - 0x1D7CE) % 10);
    if (c == 0x00A0 || c == 0x1680 || (c >= 0x2000 && c <= 0x200A) || c == 0x202F || c == 0x205F ||
        c == 0x3000) {
        return ' ';
    }
    if (c >= 0x2010 && c <= 0x2015) return '-';
    switch (c) {
        case 0x2043: case 0x2212: case 0x2500: case 0x2E3A: case 0x2E3B: case 0x301C: case 0x30FC:
        case 0xFE31: case 0xFE32: case 0xFE58: case 0xFE63: case 0xFF70: return '-';
        case 0x207A: case 0x2795: case 0xFE62: return '+';
        case 0x00B7: case 0x2027: case 0x2219: case 0x30FB: case 0x22C5: return '.';
        case 0x2022: case 0x2026: case 0x2217: case 0x22C6: case 0x25A0: case 0x25A1: case 0x25CB:
        case 0x25CF: case 0x2588: case 0x2605: case 0x2731: case 0x00D7: case 0x204E: case 0xFE61:
            return '*';
        case 0x3010: case 0x3014: case 0x300A: case 0x300C: case 0xFE59: return '(';
        case 0x3011: case 0x3015: case 0x300B: case 0x300D: case 0xFE5A: return ')';
        case 0xFE50: return ',';
        case 0xFE55: return ':';
        case 0x3001: case 0x3002: case 0xFF61: case 0xFF64: case 0x2028: case 0x2029: case 0xFE54:
        case 0x548C: case 0x6216: case 0x53CA: return '/';  // 和 或 及
        case 0x8F6C: case 0x8F49: return 'Z';  // 转 轉
        case 0x5206: return 'F';  // 分
        case 0x673A: case 0x6A5F: return 'J';  // 机 機
        case 0x53F7: case 0x865F: return 'H';  // 号 號
        case 0x63A5: return 'E';  // 接
        case 0x5185: return 'N';  // 内
        case 0x7EBF: return 'L';  // 线
        default:
            return 'w';
    }
}

// clang-format on

// 转分机号 转分机 转接 转 分机号 分机 内线 extension extn ext x # , : longest spelling first.
constexpr std::array<std::string_view, 14> kExtensionWords = {
    "ZFJH", "ZFJ", "ZNL", "ZE", "Z", "FJH", "FJ", "NL", "extension", "extn", "ext", "x", "#", ","};

std::size_t extension_word(const Sym* at, const Sym* end) {
    for (const std::string_view word : kExtensionWords) {
        if (static_cast<std::size_t>(end - at) < word.size()) continue;
        if (std::equal(word.begin(), word.end(), at, [](char c, const Sym& s) { return c == s.c; })) {
            return word.size();
        }
    }
    return 0;
}

std::size_t run_length(const Sym* at, const Sym* end) {
    const Sym* stop = at;
    while (stop != end && stop->c == at->c) ++stop;
    return static_cast<std::size_t>(stop - at);
}

// Length of a run that hides digits: any *, two or more x, dotted or dashed lines; otherwise 0.
std::size_t mask_run(const Sym* at, const Sym* end) {
    const std::size_t run = run_length(at, end);
    switch (at->c) {
        case '*':
            return run;
        case 'x':
            return run >= 2 ? run : 0;
        case '.':
            return run >= 3 ? run : 0;
        case '-':
            return run >= 4 ? run : 0;
        default:
            return 0;
    }
}

bool is_mobile(std::string_view n) { return n.size() == 11 && n[0] == '1' && n[1] >= '3'; }

// Area codes in use after the leading 0, one bit per last digit: 030x..099x (libphonenumber metadata of
// CN, fixed line).
constexpr std::array<std::uint16_t, 70> kAreas = {
    0x000, 0x3FF, 0x000, 0x020, 0x200, 0x3FF, 0x000, 0x2FF, 0x000, 0x17E,  // 03xx
    0x000, 0x3E6, 0x282, 0x3FE, 0x000, 0x3FE, 0x390, 0x3FF, 0x00C, 0x000,  // 04xx
    0x000, 0x3FF, 0x088, 0x3FF, 0x048, 0x3FF, 0x05E, 0x3FF, 0x001, 0x3FE,  // 05xx
    0x000, 0x000, 0x000, 0x02E, 0x000, 0x000, 0x10D, 0x000, 0x000, 0x006,  // 06xx
    0x002, 0x3FF, 0x114, 0x3F3, 0x078, 0x3FF, 0x34D, 0x3FF, 0x000, 0x3FF,  // 07xx
    0x000, 0x1CC, 0x0E0, 0x3FF, 0x000, 0x3F2, 0x000, 0x3FF, 0x1C8, 0x1FE,  // 08xx
    0x34E, 0x2FE, 0x000, 0x3FF, 0x00A, 0x03E, 0x000, 0x3FF, 0x000, 0x3FF,  // 09xx
};

// Length of the area code that `n` (without its 0) starts with: 2 for 10 and 2x, 3 for the others, 0 for none.
std::size_t area_length(std::string_view n) {
    if (n.size() < 3) return 0;
    if (n[0] == '1') return n[1] == '0' ? 2 : 0;
    if (n[0] == '2') return n[1] != '6' ? 2 : 0;
    if (n[0] < '3') return 0;
    const auto tens = static_cast<std::size_t>((n[0] - '3') * 10 + (n[1] - '0'));
    return (static_cast<unsigned>(kAreas[tens]) >> (n[2] - '0')) & 1U ? 3 : 0;
}

// 95588, 955xxx, 96xxx, 100xx, 11xxx, 12xxx, and 8-digit 95 numbers.
bool is_short_service(std::string_view n) {
    if (n.size() < 5 || n.size() > 8 || n.size() == 7) return false;
    if (n[0] == '9') return n[1] == '5' || (n[1] == '6' && n.size() < 8);
    if (n[0] != '1') return false;
    if (n.size() == 6) return n == "116114" || n == "118114";
    return n.size() == 5 && (n[1] == '1' || n[1] == '2' || (n[1] == '0' && n[2] == '0'));
}

bool is_long_service(std::string_view n) {
    if (n.size() == 10 && (n.starts_with("400") || n.starts_with("800"))) return true;
    if (n.starts_with("950") && (n.size() == 10 || n.size() == 11)) return true;
    if (n.size() != 13) return false;  // IoT cards: 1064x, 1400x, 1410x, 1440x
    return n.starts_with("1064") || n.starts_with("1400") || n.starts_with("1410") || n.starts_with("1440");
}

struct Digits {
    std::array<char, 32> text{};
    std::size_t size = 0;
    std::uint32_t breaks = 0;    // bit i: a separator stands before digit i
    std::size_t last_group = 0;  // index of the first digit after the last separator, 0 when there is none
    char last_separator = ' ';
    std::size_t hidden = 0;
    bool plus = false;

    std::string_view view() const { return {text.data(), size}; }
    // Digits from `from` to the next separator.
    std::size_t group_at(std::size_t from) const {
        std::size_t at = from + 1;
        while (at < size && ((breaks >> at) & 1U) == 0) ++at;
        return at - from;
    }
};

bool landline(std::string_view national, Phone& out) {  // area code without 0, then 7 or 8 digits
    const std::size_t area = area_length(national);
    if (area == 0) return false;
    const std::string_view local = national.substr(area);
    if (local.size() < 7 || local.size() > 8 || local[0] < '2' || (area == 2 && local.size() != 8)) {
        // 021-12345, 0571-96345: a service number of that city
        if (!is_short_service(local) || local.size() > 6) return false;
        out.cls = PhoneClass::service;
        out.dial.assign(1, '0').append(national);
        return true;
    }
    out.cls = PhoneClass::landline;
    out.dial.assign(1, '0').append(national);
    out.e164.assign("+86").append(national);
    return true;
}

// `n`: digits of the national number, of which `first_group` stand before the first separator.
// `with_country`: +86 or 0086 was written, so an area code may stand without its 0.
bool china(std::string_view n, std::size_t first_group, bool with_country, Phone& out) {
    if (with_country && n.size() >= 13 && n.starts_with("86")) n.remove_prefix(2);
    if (n.size() == 12 && n[0] == '0' && is_mobile(n.substr(1))) n.remove_prefix(1);  // long-distance prefix
    if (is_mobile(n)) {
        out.cls = PhoneClass::mobile;
        out.dial = n;
        out.e164.assign("+86").append(n);
        return true;
    }
    if (n.size() == 15 && n.starts_with("700")) {
        out.cls = PhoneClass::privacy_700;
        out.dial = n;
        return true;
    }
    if (is_long_service(n) || (is_short_service(n) && first_group >= n.size())) {
        out.cls = PhoneClass::service;
        out.dial = n;
        return true;
    }
    if (n.size() < 8) return false;
    if (n[0] == '0') return landline(n.substr(1), out);
    // Without its 0 an area code must show itself: a country code, a separator after it, or all 11 digits of
    // a number that cannot be a mobile with a digit missing.
    const std::size_t area = area_length(n);
    if (area == 0 || !(with_country || first_group == area || (n.size() == 11 && area == 3))) return false;
    return landline(n, out);
}

// ITU-T E.164 country codes in use, 86 left out.
constexpr std::array<std::uint16_t, 220> kCountries = {
    1,   7,   20,  27,  30,  31,  32,  33,  34,  36,  39,  40,  41,  43,  44,  45,  46,  47,  48,  49,
    51,  52,  53,  54,  55,  56,  57,  58,  60,  61,  62,  63,  64,  65,  66,  81,  82,  84,  90,  91,
    92,  93,  94,  95,  98,  211, 212, 213, 216, 218, 220, 221, 222, 223, 224, 225, 226, 227, 228, 229,
    230, 231, 232, 233, 234, 235, 236, 237, 238, 239, 240, 241, 242, 243, 244, 245, 246, 247, 248, 249,
    250, 251, 252, 253, 254, 255, 256, 257, 258, 260, 261, 262, 263, 264, 265, 266, 267, 268, 269, 290,
    291, 297, 298, 299, 350, 351, 352, 353, 354, 355, 356, 357, 358, 359, 370, 371, 372, 373, 374, 375,
    376, 377, 378, 380, 381, 382, 383, 385, 386, 387, 389, 420, 421, 423, 500, 501, 502, 503, 504, 505,
    506, 507, 508, 509, 590, 591, 592, 593, 594, 595, 596, 597, 598, 599, 670, 672, 673, 674, 675, 676,
    677, 678, 679, 680, 681, 682, 683, 685, 686, 687, 688, 689, 690, 691, 692, 800, 808, 850, 852, 853,
    855, 856, 870, 878, 880, 881, 882, 883, 886, 888, 960, 961, 962, 963, 964, 965, 966, 967, 968, 970,
    971, 972, 973, 974, 975, 976, 977, 979, 992, 993, 994, 995, 996, 998};

std::size_t country_length(std::string_view n) {
    if (n.empty() || n[0] == '0') return 0;
    unsigned code = 0;
    for (std::size_t i = 0; i < 3 && i < n.size(); ++i) {
        code = code * 10 + static_cast<unsigned>(n[i] - '0');
        if (std::find(kCountries.begin(), kCountries.end(), code) != kCountries.end()) return i + 1;
    }
    return 0;
}

// Digits after + or 00 of a number outside the mainland. Lengths are checked for the four usual plans only.
bool foreign(std::string_view n, Phone& out) {
    const std::size_t country = country_length(n);
    if (country == 0 || n.size() > 15) return false;
    std::string_view national = n.substr(country);
    bool mobile = false;
    if (n[0] == '1') {
        if (national.size() != 10 || national[0] < '2' || national[3] < '2') return false;
    } else if (n.starts_with("852")) {
        if (national.size() != 8 || national[0] < '2') return false;
        mobile = national[0] >= '4' && national[0] != '8';
    } else if (n.starts_with("853")) {
        if (national.size() != 8) return false;
        mobile = national[0] == '6';
    } else if (n.starts_with("886")) {
        if (national[0] == '0') national.remove_prefix(1);
        if (national.size() < 8 || national.size() > 9) return false;
        mobile = national[0] == '9' && national.size() == 9;
    } else if (national.size() < 6) {
        return false;
    }
    out.cls = mobile ? PhoneClass::mobile : PhoneClass::landline;
    out.e164.assign(1, '+').append(n.substr(0, country)).append(national);
    out.dial = out.e164;
    return true;
}

// `size` leading digits of `d`, without an extension.
bool classify(const Digits& d, std::size_t size, Phone& out) {
    const std::string_view n = d.view().substr(0, size);
    if (d.plus) return n.starts_with("86") ? china(n.substr(2), d.group_at(2), true, out) : foreign(n, out);
    if (n.starts_with("0086")) return china(n.substr(4), d.group_at(4), true, out);
    if (n.starts_with("00")) return foreign(n.substr(2), out);
    if (china(n, d.group_at(0), false, out)) return true;
    return n.starts_with("86") && n.size() >= 12 && china(n.substr(2), d.group_at(2), true, out);
}

bool finish(Phone& out, std::string_view ext) {
    out.valid = true;
    if (ext.empty()) return true;
    out.ext = ext;
    out.dial.append(1, out.dial[0] == '+' ? 'x' : '-').append(ext);
    if (out.cls == PhoneClass::mobile) {  // whatever its length: the mobile itself is somebody else's
        out.cls = PhoneClass::privacy_ext;
        out.e164.clear();
    }
    return true;
}

bool masked(const Digits& d, Phone& out) {
    const std::size_t visible = d.size - d.hidden;
    const bool hides_enough = visible <= 8 || (d.hidden >= 2 && visible < 11);
    if (d.size < 5 || d.size > 20 || !hides_enough) return false;
    out.cls = PhoneClass::masked;
    return true;
}

// First symbol of the number: after a label that ends in a colon (it may hold a digit: `电话2：`), then after
// words, blanks and a lonely star that marks a required field.
const Sym* number_start(const Sym* begin, const Sym* end) {
    std::size_t digits = 0;
    for (const Sym* s = begin; s != end && digits <= 2 && s->c != '*' && s->c != '+'; ++s) {
        if (is_digit(s->c)) ++digits;
        if (s->c == ':') {
            if (std::any_of(s, end, [](const Sym& t) { return is_digit(t.c) || t.c == '*'; })) begin = s + 1;
            break;
        }
    }
    const Sym* s = begin;
    for (; s != end; ++s) {
        if (is_digit(s->c) || s->c == '+') break;
        if (s->c == '*') {
            if (run_length(s, end) >= 2) break;
            continue;
        }
        const std::size_t run = s->c == 'x' ? mask_run(s, end) : 0;
        if (run >= 2 && s + run != end && (is_digit(s[run].c) || s[run].c == '-' || s[run].c == '*')) break;
    }
    return s;
}

// Digits and masks with the separators between them; stops at an extension word or at trailing words.
bool collect(const Sym*& s, const Sym* end, Digits& d) {
    char separator = '\0';
    for (; s != end; ++s) {
        const std::size_t hides = mask_run(s, end);
        if (is_digit(s->c) || hides > 0) {
            const std::size_t count = hides > 0 ? hides : 1;
            if (d.size + count > d.text.size()) return false;
            if (separator != '\0' && d.size > 0) {
                d.breaks |= 1U << d.size;
                d.last_group = d.size;
                d.last_separator = separator;
            }
            separator = '\0';
            for (std::size_t i = 0; i < count; ++i) d.text[d.size++] = hides > 0 ? '*' : s->c;
            d.hidden += hides;
            if (hides > 0) s += hides - 1;
        } else if (s->c == '+') {
            if (d.size > 0) return false;
            d.plus = true;
        } else if (s->c == '-' || s->c == '(') {
            separator = s->c;
        } else if (s->c == ' ' || s->c == '.' || s->c == ')') {
            if (separator == '\0') separator = s->c;
        } else {
            break;
        }
    }
    return d.size > 0;
}

// An extension word and its 1..6 digits; a word without digits is a trailing remark.
bool read_extension(const Sym*& s, const Sym* end, std::string& ext) {
    if (s == end) return true;
    const std::size_t word = extension_word(s, end);
    if (word == 0) return true;
    const Sym* t = s + word;
    while (t != end && (t->c == ' ' || t->c == ':' || t->c == '.' || t->c == '-' || t->c == '(' ||
                        t->c == 'H' || t->c == ',')) {
        ++t;
    }
    while (t != end && is_digit(t->c)) {
        if (ext.size() == 6) return false;
        ext.push_back(t->c);
        ++t;
    }
    if (!ext.empty()) s = t;
    return true;
}

}  // namespace

std::vector<Sym> scan(std::string_view text) {
    std::vector<Sym> out;
    out.reserve(text.size());
    for (std::size_t at = 0; at < text.size();) {
        const CodePoint p = decode(text, at);
        const char c = symbol(p.value);
        if (c != kDropped) {
            out.push_back({c, static_cast<std::uint32_t>(at), static_cast<std::uint32_t>(at + p.length)});
        }
        at += p.length;
    }
    return out;
}

bool parse_number(const Sym* begin, const Sym* end, Phone& out) {
    out.cls = PhoneClass::invalid;
    if (std::any_of(begin, end, [](const Sym& s) { return s.c == '@'; })) return false;
    const Sym* s = number_start(begin, end);
    Digits d;
    if (!collect(s, end, d)) return false;
    std::string ext;
    if (!read_extension(s, end, ext)) return false;
    const auto more = [&](const Sym& t) {  // after a masked number its extension may be masked too
        return is_digit(t.c) || t.c == '+' || (t.c == '*' && d.hidden == 0);
    };
    if (std::any_of(s, end, more)) return false;
    if (d.hidden > 0) {
        out.ext = ext;
        return masked(d, out);
    }

    // 0571-88888888-8001, 18877771111-123, 400-800-8888-1; a German number may really end in -89
    const bool abroad = d.plus && !d.view().starts_with("86");
    if (ext.empty() && !abroad && d.last_group > 0 && d.size - d.last_group <= 6 &&
        (d.last_separator == '-' || d.last_separator == '(') && classify(d, d.last_group, out)) {
        return finish(out, d.view().substr(d.last_group));
    }
    return classify(d, d.size, out) && finish(out, ext);
}

}  // namespace scan

namespace {

using scan::is_digit;
using scan::Sym;

constexpr std::size_t kMaxText = 1024;
constexpr std::size_t kMaxPhones = 16;

bool ascii_blank(char c) { return c == ' ' || (c >= '\t' && c <= '\r'); }

std::string_view trim(std::string_view text) {
    while (!text.empty() && ascii_blank(text.front())) text.remove_prefix(1);
    while (!text.empty() && ascii_blank(text.back())) text.remove_suffix(1);
    return text;
}

// The usual case: 11 ASCII digits and nothing else.
bool plain_mobile(std::string_view text, Phone& out) {
    if (text.size() != 11 || !scan::is_digit(text[0])) return false;
    if (text[0] != '1' || text[1] < '3') return false;
    for (const char c : text) {
        if (!is_digit(c)) return false;
    }
    out.raw = text;
    out.cls = PhoneClass::mobile;
    out.dial = text;
    out.e164.reserve(14);
    out.e164.assign("+86").append(text);
    out.valid = true;
    return true;
}

bool holds_mobile(std::string_view text) {
    std::size_t run = 0;
    for (std::size_t i = 0; i < text.size(); ++i) {
        const char c = text[i];
        const bool fits = run == 0 ? c == '1' : is_digit(c) && (run > 1 || c >= '3');
        run = fits ? run + 1 : (c == '1' ? 1 : 0);
        if (run == 11) return true;
    }
    return false;
}

// Base64 or hexadecimal of at least one cipher block, or Taobao's $...$ and ~...~ forms (docs/protocols/alimama.md).
// A text with a mobile in it is none: 11 such digits stand in a ciphertext once in ten million times.
bool is_ciphertext(std::string_view text) {
    if (text.size() < 24) return false;
    const bool wrapped =
        (text.front() == '$' && text.back() == '$') || (text.front() == '~' && text.back() == '~');
    std::size_t upper = 0;
    std::size_t lower = 0;
    std::size_t hex = 0;
    std::size_t padding = 0;
    std::size_t size = 0;
    for (const char c : text) {
        if (ascii_blank(c)) continue;
        ++size;
        const bool symbol =
            c == '+' || c == '/' || c == '-' || c == '_' || (wrapped && (c == '$' || c == '~'));
        if (c >= 'a' && c <= 'z') {
            ++lower;
        } else if (c >= 'A' && c <= 'Z') {
            ++upper;
        } else if (c == '=') {
            ++padding;
            continue;
        } else if (!is_digit(c) && !symbol) {
            return false;
        }
        if (padding > 0 && !wrapped) return false;
        if (is_digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F')) ++hex;
    }
    const std::size_t letters = upper + lower;
    if (!wrapped) {
        const bool hexadecimal = hex == size && size >= 32 && size % 2 == 0 && letters > 0;
        const bool whole = padding > 0 ? size % 4 == 0 && padding <= 2 : size % 4 != 1;
        const bool mixed = upper > 0 && lower > 0 && letters < size && letters * 4 >= size;
        if (!hexadecimal && !(whole && mixed)) return false;
    }
    return !holds_mobile(text);
}

class FieldParser {
  public:
    explicit FieldParser(std::string_view text) : text_(text), syms_(scan::scan(text)) {}

    std::vector<Phone> run() {
        const Sym* const end = syms_.data() + syms_.size();
        for (const Sym* begin = syms_.data(); begin != end;) {
            const Sym* stop = std::find_if(begin, end, [](const Sym& s) { return s.c == '/'; });
            part(begin, stop);
            begin = stop == end ? end : stop + 1;
        }
        if (out_.empty() && !syms_.empty()) add(syms_.data(), end, Phone{});
        return std::move(out_);
    }

  private:
    static bool has_digits(const Sym* begin, const Sym* end) {
        return std::any_of(begin, end, [](const Sym& s) { return is_digit(s.c) || s.c == '*'; });
    }

    void add(const Sym* begin, const Sym* end, Phone&& phone) {
        while (begin != end && begin->c == ' ') ++begin;
        while (begin != end && (end[-1].c == ' ' || end[-1].c == ',' || end[-1].c == '-')) --end;
        if (begin == end) return;
        if (out_.size() == kMaxPhones) {  // the last one takes the rest of the text
            out_.back() = Phone{.raw = std::string(text_.substr(last_begin_))};
            return;
        }
        const auto same = [&](const Phone& p) { return p.dial == phone.dial && p.cls == phone.cls; };
        if (!phone.dial.empty() && std::any_of(out_.begin(), out_.end(), same)) return;
        last_begin_ = begin->begin;
        phone.raw = text_.substr(begin->begin, end[-1].end - begin->begin);
        out_.push_back(std::move(phone));
    }

    void part(const Sym* begin, const Sym* end) {
        if (!has_digits(begin, end)) return;
        Phone phone;
        if (scan::parse_number(begin, end, phone)) return add(begin, end, std::move(phone));
        several(begin, end);
    }

    static std::size_t digits_ahead(const Sym* s, const Sym* end) {
        std::size_t n = 0;
        while (s != end && n < 7 && is_digit(s->c)) ++s, ++n;
        return n;
    }

    static std::size_t digits_behind(const Sym* begin, const Sym* s) {
        std::size_t n = 0;
        while (s != begin && n < 7 && is_digit(s[-1].c)) --s, ++n;
        return n;
    }

    // Where another number may start: after a blank or a comma, at a word after a digit, and after a hyphen
    // between two long runs of digits.
    static std::vector<const Sym*> starts(const Sym* begin, const Sym* end) {
        std::vector<const Sym*> out{begin};
        for (const Sym* s = begin + 1; s < end; ++s) {
            const char before = s[-1].c;
            const bool word = s->c > '@';
            if (((before == ' ' || before == ',') && s->c != ' ') || (is_digit(before) && word) ||
                (before == '-' && digits_ahead(s, end) == 7 && digits_behind(begin, s - 1) == 7)) {
                out.push_back(s);
            }
        }
        out.push_back(end);
        return out;
    }

    // Longest number first at every start, at most eight pieces wide: 138 0013 8000 is one number.
    void several(const Sym* begin, const Sym* end) {
        const std::vector<const Sym*> at = starts(begin, end);
        const Sym* pending = begin;
        for (std::size_t i = 0; i + 1 < at.size();) {
            std::size_t j = std::min(i + 8, at.size() - 1);
            Phone phone;
            while (j > i && !scan::parse_number(at[i], at[j], phone)) --j;
            if (j == i) {
                ++i;
                continue;
            }
            if (has_digits(pending, at[i])) add(pending, at[i], Phone{});
            add(at[i], at[j], std::move(phone));
            pending = at[j];
            i = j;
        }
        if (has_digits(pending, end)) add(pending, end, Phone{});
    }

    std::string_view text_;
    std::vector<Sym> syms_;
    std::vector<Phone> out_;
    std::size_t last_begin_ = 0;
};

}  // namespace

std::string_view to_string(PhoneClass cls) {
    switch (cls) {
        case PhoneClass::mobile:
            return "mobile";
        case PhoneClass::landline:
            return "landline";
        case PhoneClass::service:
            return "service";
        case PhoneClass::privacy_ext:
            return "privacy_ext";
        case PhoneClass::privacy_700:
            return "privacy_700";
        case PhoneClass::masked:
            return "masked";
        case PhoneClass::encrypted:
            return "encrypted";
        case PhoneClass::invalid:
            break;
    }
    return "invalid";
}

Phone encrypted_phone(std::string_view ciphertext) {
    return Phone{.raw = std::string(trim(ciphertext)), .cls = PhoneClass::encrypted};
}

Phone parse_phone(std::string_view text) {
    Phone phone;
    if (plain_mobile(text, phone)) return phone;
    text = trim(text);
    if (is_ciphertext(text)) return encrypted_phone(text);
    if (text.size() <= kMaxText) {
        const std::vector<Sym> syms = scan::scan(text);
        if (!scan::parse_number(syms.data(), syms.data() + syms.size(), phone)) phone = Phone{};
    }
    phone.raw = text;
    return phone;
}

std::vector<Phone> parse_phones(std::string_view text) {
    std::vector<Phone> out;
    Phone phone;
    if (plain_mobile(text, phone)) {
        out.push_back(std::move(phone));
        return out;
    }
    text = trim(text);
    if (text.empty()) return out;
    if (is_ciphertext(text)) {
        out.push_back(encrypted_phone(text));
    } else if (text.size() > kMaxText) {
        out.push_back(Phone{.raw = std::string(text)});
    } else {
        out = FieldParser(text).run();
    }
    return out;
}

bool looks_like_phone(std::string_view plaintext) {
    if (plaintext.size() < 5 || plaintext.size() > 40) return false;
    const std::vector<Sym> syms = scan::scan(plaintext);
    const Sym* const end = syms.data() + syms.size();
    constexpr std::string_view kAllowed = "0123456789+- .(),#/ZFJHENL";
    for (const Sym* s = syms.data(); s != end; ++s) {
        const std::string_view source = plaintext.substr(s->begin, s->end - s->begin);
        if (kAllowed.find(s->c) != std::string_view::npos) {
            if (source.size() == 1 && static_cast<unsigned char>(source[0]) < 0x20 && source[0] != '\n' &&
                source[0] != '\r') {
                return false;
            }
            continue;
        }
        // Latin extension words: x, ext, extn, extension
        const Sym* word = s;
        while (s + 1 != end && s[1].c >= 'a' && s[1].c <= 'z') ++s;
        std::string letters;
        for (; word <= s; ++word) letters.push_back(word->c);
        if (letters != "x" && letters != "ext" && letters != "extn" && letters != "extension") return false;
    }
    const std::vector<Phone> phones = parse_phones(plaintext);
    return std::any_of(phones.begin(), phones.end(), [](const Phone& p) { return p.valid; });
}

bool identifies_person(const Phone& phone) {
    return phone.cls == PhoneClass::mobile && phone.valid && phone.ext.empty() && !phone.e164.empty();
}

}  // namespace leadbridge::lead
