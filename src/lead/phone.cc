#include "lead/phone.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <limits>

#include "lead/phone_plan.h"
#include "lead/phone_scan.h"
#include "lead/written.h"

namespace leadbridge::lead {
namespace scan {

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
    if (const auto digit = written::decimal_digit(c)) return *digit;
    if (written::invisible(c)) return kDropped;
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
    if (at->c != '*' && at->c != 'x' && at->c != '.' && at->c != '-') return 0;
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

// Area code without its 0, then the number. Where the plan has no number of that length it is kept, but marked;
// `sure`: it must fit the plan, because nothing else says that this is an area code. `zero`: the 0 or a country code
// was written.
bool landline(std::string_view national, bool zero, bool sure, Phone& out) {
    const std::size_t area = plan::area_length(national);
    if (area == 0) return false;
    const std::string_view local = national.substr(area);
    if (local.size() < 7 || local.size() > 8 || local[0] < '2' || (area == 2 && local.size() != 8)) {
        // 021-12345, 0571-96345: a service number of that city
        if (!zero || !plan::short_service(local) || local.size() > 6) return false;
        out.cls = PhoneClass::service;
        out.dial.assign(1, '0').append(national);
        return true;
    }
    if (!plan::local_length(national.substr(0, area), local.size())) {
        if (sure) return false;
        out.range = PhoneRange::unassigned;
    }
    out.cls = PhoneClass::landline;
    out.dial.assign(1, '0').append(national);
    out.e164.assign("+86").append(national);
    return true;
}

// `n`: digits of the national number, of which `first_group` stand before the first separator.
// `with_country`: +86 or 0086 was written, so an area code may stand without its 0.
bool china(std::string_view n, std::size_t first_group, bool with_country, Phone& out) {
    if (n.size() == 12 && n[0] == '0' && is_mobile(n.substr(1))) n.remove_prefix(1);  // long-distance prefix
    if (is_mobile(n)) {
        out.cls = PhoneClass::mobile;
        out.range = plan::mobile(n);
        out.dial = n;
        out.e164.assign("+86").append(n);
        return true;
    }
    if (n.size() == 15 && n.starts_with("700")) {
        out.cls = PhoneClass::privacy_700;
        out.dial = n;
        return true;
    }
    const bool machine = plan::machine(n);
    if (machine || plan::long_service(n) ||
        (plan::short_service(n) && (first_group >= n.size() || n.starts_with("1010")))) {
        out.cls = PhoneClass::service;
        if (machine) out.range = PhoneRange::m2m;
        out.dial = n;
        return true;
    }
    if (n.size() < 8) return false;
    if (n[0] == '0') return landline(n.substr(1), true, false, out);
    // Without its 0 an area code must show itself: a country code, a separator after it, or all 11 digits in one
    // piece of a number that cannot be a mobile with a digit missing.
    const std::size_t area = plan::area_length(n);
    const bool shown = with_country || first_group == area;
    if (area == 0 || !(shown || (n.size() == 11 && area == 3 && first_group >= n.size()))) return false;
    return landline(n, with_country, !shown, out);
}

constexpr std::size_t kMostE164 = 15;

// Digits after + or 00 of a number outside the mainland. Lengths are checked for the four usual plans only.
bool foreign(std::string_view n, Phone& out) {
    const std::size_t country = plan::country_length(n);
    if (country == 0) return false;
    std::string_view national = n.substr(country);
    if (plan::trunk_zero(n.substr(0, country))) {
        if (national.starts_with('0')) national.remove_prefix(1);
        if (national.starts_with('0')) return false;
    }
    bool mobile = false;
    if (n[0] == '1') {
        if (national.size() != 10 || national[0] < '2' || national[3] < '2') return false;
    } else if (n.starts_with("852")) {
        if (national.size() != 8 || national[0] < '2') return false;
        mobile = national[0] >= '4' && national[0] != '8';
    } else if (n.starts_with("853")) {
        mobile = national[0] == '6';
        if (national.size() != 8 || !(mobile || national[0] == '8' || national.starts_with("28")))
            return false;
    } else if (n.starts_with("886")) {
        if (national.size() < 8 || national.size() > 9 || national[0] < '2') return false;
        mobile = national[0] == '9' && national.size() == 9;
    } else if (national.size() < 6 || country + national.size() > kMostE164) {
        return false;
    }
    out.cls = mobile ? PhoneClass::mobile : PhoneClass::landline;
    out.range = plan::abroad(n);
    out.e164.assign(1, '+').append(n.substr(0, country)).append(national);
    out.dial = out.e164;
    return true;
}

// 852 91234567, 853-66123456, (886) 912 345 678: without + or 00 the code must stand alone.
bool neighbour(std::string_view n, std::size_t first_group, Phone& out) {
    const bool code =
        n.starts_with("852") || n.starts_with("853") || (n.starts_with("8869") && n.size() == 12);
    return code && first_group == 3 && n[3] != '0' && foreign(n, out);
}

// `size` leading digits of `d`, without an extension. +, 00 and 86 in every mixture: +86, 0086, 86, +0086, 86 86.
bool classify(const Digits& d, std::size_t size, Phone& out) {
    const std::string_view n = d.view().substr(0, size);
    std::size_t from = 0;
    if (n.starts_with("00")) from = 2;
    if ((d.plus || from > 0) && !n.substr(from).starts_with("86")) return foreign(n.substr(from), out);
    if (!d.plus && from == 0) {
        if (china(n, d.group_at(0), false, out) || neighbour(n, d.group_at(0), out)) return true;
        if (n.size() < 12) return false;
    }
    for (int codes = 0; codes < 3; ++codes) {
        if (n.substr(from).starts_with("00")) from += 2;
        if (!n.substr(from).starts_with("86")) return false;
        from += 2;
        if (from < n.size() && china(n.substr(from), d.group_at(from), true, out)) return true;
    }
    return false;
}

// 59399888 320, 88888888-801: a number of some city with an extension. Nobody elsewhere can dial it.
bool local_extension(const Digits& d, std::size_t size, std::string_view ext, char mark, Phone& out) {
    const std::string_view n = d.view().substr(0, size);
    if (d.plus || size < 7 || size > 8 || n[0] < '2' || n[0] == '9') return false;
    if (ext.size() > 4 || (ext.size() < 3 && mark != 'w' && mark != '-')) return false;
    const bool month = n[4] == '0' || (n[4] == '1' && n[5] <= '2');
    if (size == 8 && n.starts_with("20") && month && n[6] <= '3') return false;  // 20231101-174428
    out.cls = PhoneClass::landline;
    out.dial = n;
    return true;
}

bool finish(Phone& out, std::string_view ext) {
    out.valid = out.range != PhoneRange::unassigned &&
                (out.cls != PhoneClass::landline || !out.e164.empty());  // a local number lacks its area code
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

// +44 (0)20: a zero in brackets after a country code is not dialled with it.
bool bracketed_zero(const Sym* s, const Sym* end, const Digits& d) {
    if (end - s < 3 || s[1].c != '0' || s[2].c != ')') return false;
    std::string_view country = d.view();
    if (!d.plus && !country.starts_with("00")) return false;
    if (country.starts_with("00")) country.remove_prefix(2);
    return country == "86" || (plan::country_length(country) == country.size() && plan::trunk_zero(country));
}

// Digits and masks with the separators between them; stops at an extension word or at trailing words.
bool collect(const Sym*& s, const Sym* end, Digits& d, Found& out) {
    char separator = '\0';
    out.first = s;
    for (; s != end; ++s) {
        if (s->c == '(' && bracketed_zero(s, end, d)) {
            s += 2;
            separator = ' ';
            continue;
        }
        const std::size_t hides = is_digit(s->c) ? 0 : mask_run(s, end);
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
            out.last = s + 1;
        } else if (s->c == '+') {
            if (d.size > 0 && d.view() != "00" && d.view() != "86" && d.view() != "0086") return false;
            d = Digits{};  // 0086+86, 86+86
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

// An extension word and its 1..6 digits; a word without digits is a trailing remark. A comma announces an
// extension only where what follows it is no number of its own: 95588 is.
bool read_extension(const Sym*& s, const Sym* end, std::string& ext, Found& out) {
    if (s == end) return true;
    const std::size_t word = extension_word(s, end);
    if (word == 0) return true;
    const bool comma = s->c == ',';
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
    if (ext.empty()) return true;
    if (comma && plan::short_service(ext)) return false;
    out.mark = comma ? ',' : 'w';
    out.last = s = t;
    return true;
}

// 0571-88888888-8001, 18877771111-123, 400-800-8888-1; a German number may really end in -89
bool hyphen_extension(const Digits& d, Found& out) {
    if (d.last_group == 0 || d.size - d.last_group > 6) return false;
    if (d.last_separator != '-' && d.last_separator != '(') return false;
    if (d.plus && !d.view().starts_with("86")) return false;
    out.phone.range = PhoneRange::usual;
    if (!classify(d, d.last_group, out.phone)) return false;
    out.mark = d.last_separator;
    return finish(out.phone, d.view().substr(d.last_group));
}

// What stands behind a blank or a hyphen after a landline of any city: 0571-59399888 320, 88888888-801.
bool landline_extension(const Digits& d, Found& out) {
    if (d.last_group < 7 || d.last_separator == '.') return false;
    const std::string_view ext = d.view().substr(d.last_group);
    out.mark = d.last_separator;
    if (local_extension(d, d.last_group, ext, out.mark, out.phone)) return finish(out.phone, ext);
    Phone whole;
    if (d.last_separator != ' ' || ext.size() < 3 || ext.size() > 4 || !classify(d, d.last_group, whole))
        return false;
    if (whole.cls != PhoneClass::landline || whole.range != PhoneRange::usual) return false;
    if (d.plus && !d.view().starts_with("86")) return false;
    out.phone = std::move(whole);
    return finish(out.phone, ext);
}

bool classify_all(const Digits& d, const std::string& ext, Found& out) {
    if (ext.empty() && hyphen_extension(d, out)) return true;
    out.phone = Phone{};
    if (classify(d, d.size, out.phone)) return finish(out.phone, ext);
    out.phone = Phone{};
    if (ext.empty()) return landline_extension(d, out);
    return local_extension(d, d.size, ext, out.mark, out.phone) && finish(out.phone, ext);
}

}  // namespace

std::vector<Sym> scan(std::string_view text, Spelled spelled) {
    std::vector<Sym> out;
    out.reserve(text.size());
    for (std::size_t at = 0; at < text.size();) {
        const written::CodePoint p = written::decode(text, at);
        const auto begin = static_cast<std::uint32_t>(at);
        at += p.length;
        char c = symbol(p.value);
        if (c == 'w' && spelled == Spelled::digits) c = written::spelled_digit(p.value).value_or('w');
        if (c == kDropped) continue;
        if (c == ' ' && !out.empty() && out.back().c == ' ') {
            out.back().end = static_cast<std::uint32_t>(at);
        } else {
            out.push_back({c, begin, static_cast<std::uint32_t>(at)});
        }
    }
    return out;
}

bool holds_spelled_digits(std::string_view text) {
    constexpr std::size_t kLeast = 3;
    std::size_t count = 0;
    for (std::size_t at = 0; at < text.size() && count < kLeast;) {
        if (static_cast<unsigned char>(text[at]) < 0x80) {
            ++at;
            continue;
        }
        const written::CodePoint p = written::decode(text, at);
        if (written::spelled_digit(p.value)) ++count;
        at += p.length;
    }
    return count == kLeast;
}

namespace {

// 172.16.100.200 has the eleven digits of a mobile.
bool ip_address(const Sym* begin, const Sym* end) {
    int parts = 0;
    for (const Sym* s = begin; s != end; ++parts) {
        if (parts > 0 && (s->c != '.' || ++s == end)) return false;
        const Sym* first = s;
        int value = 0;
        while (s != end && is_digit(s->c) && s - first < 3) value = value * 10 + (s++->c - '0');
        if (s == first || value > 255 || (first->c == '0' && s - first > 1)) return false;
    }
    return parts == 4;
}

}  // namespace

bool parse_number(const Sym* begin, const Sym* end, Found& out) {
    out = Found{.begin = begin, .end = end};
    if (std::any_of(begin, end, [](const Sym& s) { return s.c == '@'; })) return false;
    const Sym* s = number_start(begin, end);
    Digits d;
    if (!collect(s, end, d, out)) return false;
    out.bare = out.last;
    out.digits = d.size;
    if (ip_address(out.first, out.last)) return false;
    std::string ext;
    if (!read_extension(s, end, ext, out)) return false;
    const auto more = [&](const Sym& t) {  // after a masked number its extension may be masked too
        return is_digit(t.c) || t.c == '+' || (t.c == '*' && d.hidden == 0);
    };
    if (std::any_of(s, end, more)) return false;
    if (d.hidden > 0) {
        out.phone.ext = ext;
        return masked(d, out.phone);
    }
    if (classify_all(d, ext, out)) return true;
    out.phone = Phone{};
    return false;
}

namespace {

// Cuts a text into its numbers. A part ends at what ends a number (/ ; line ends, `or`); a part that is no single
// number is cut where another one may start, and of all ways to cut it the cheapest is taken: above all no digit
// may be left over, then no number be made that the plan does not know, then no extension that could be avoided.
class Cutter {
  public:
    explicit Cutter(const std::vector<Sym>& syms) : begin_(syms.data()), end_(syms.data() + syms.size()) {}

    std::vector<Found> run() {
        for (const Sym* begin = begin_; begin != end_;) {
            const Sym* stop = std::find_if(begin, end_, [](const Sym& s) { return s.c == '/'; });
            part(begin, stop);
            begin = stop == end_ ? end_ : stop + 1;
        }
        return std::move(out_);
    }

  private:
    // A place where a number may start. After a hyphen, a dot or a bracket it may only when both numbers are long
    // ones that can be read: such a place is soft.
    struct Piece {
        const Sym* at;
        bool soft;
        std::size_t digits;  // up to the next place, stars included
    };
    struct Best {
        std::int64_t cost;
        std::size_t next;  // piece after this number, or after what is left over
        bool number;
    };

    static constexpr std::size_t kMostPieces = 24;    // of one number
    static constexpr std::size_t kMostDigits = 32;    // of one number
    static constexpr std::ptrdiff_t kMostSyms = 256;  // of one number with its words
    static constexpr std::size_t kLongNumber = 7;

    static bool counts(const Sym& s) { return is_digit(s.c) || s.c == '*'; }

    void part(const Sym* begin, const Sym* end) {
        if (!std::any_of(begin, end, counts)) return;
        Found found;
        if (parse_number(begin, end, found)) {
            out_.push_back(std::move(found));
        } else {
            several(begin, end);
        }
    }

    static std::size_t run_of_digits(const Sym* s, const Sym* end, std::ptrdiff_t step) {
        std::size_t n = 0;
        while (s != end && n < kLongNumber && is_digit(s->c)) s += step, ++n;
        return n;
    }

    // 0 no place for a number to start, 1 a soft one, 2 a place
    static int place(const Sym* begin, const Sym* s, const Sym* end) {
        const char before = s[-1].c;
        if ((before == ' ' || before == ',') && s->c != ' ') return 2;
        if (is_digit(before) && (s->c > '@' || s->c == '+')) return 2;
        if (before == '-' && run_of_digits(s, end, 1) == kLongNumber &&
            run_of_digits(s - 2, begin - 1, -1) == kLongNumber) {
            return 2;
        }
        const bool joined = before == '-' || before == '.' || before == ':' || before == ')' || before == '*';
        if ((joined && (is_digit(s->c) || s->c == '+' || s->c == '(')) || s->c == '(' || s->c == '#')
            return 1;
        return 0;
    }

    // 1356765891113900000001: mobiles without anything between them. The end of the first, or none.
    static const Sym* glued(const Sym* s, const Sym* end) {
        constexpr std::ptrdiff_t kMobile = 11;
        const Sym* stop = s;
        while (stop != end && stop - s <= 16 * kMobile && is_digit(stop->c)) ++stop;
        if (stop - s < 2 * kMobile || (stop - s) % kMobile != 0) return nullptr;
        for (const Sym* at = s; at != stop; at += kMobile) {
            if (at[0].c != '1' || at[1].c < '3') return nullptr;
        }
        return s + kMobile;
    }

    void places(const Sym* begin, const Sym* end) {
        pieces_.assign(1, {begin, false, 0});
        const Sym* next_mobile = nullptr;
        for (const Sym* s = begin; s != end; ++s) {
            if (s != begin) {
                const int found = s == next_mobile ? 1 : place(begin, s, end);
                if (found > 0) pieces_.push_back({s, found == 1, 0});
            }
            if (is_digit(s->c) && (s == begin || s == next_mobile || !is_digit(s[-1].c)))
                next_mobile = glued(s, end);
            if (counts(*s)) ++pieces_.back().digits;
        }
        pieces_.push_back({end, false, 0});
    }

    // A comma's extension must be all that stands between it and the next comma, word or long number.
    static bool alone(const Sym* s, const Sym* end) {
        while (s != end && s->c == ' ') ++s;
        if (s == end || s->c == ',' || s->c == '+') return true;
        return is_digit(s->c) ? run_of_digits(s, end, 1) == kLongNumber : s->c > '@';
    }

    // 转 700, #139: rather the extension of the number before
    static bool announced(const Sym* begin, const Sym* s, const Sym* end) {
        if (const std::size_t word = extension_word(s, end); word > 0) {
            const Sym* after = s + word;
            while (after != end && after->c == ' ') ++after;
            if (after != end && is_digit(after->c)) return true;
        }
        while (s != begin && s[-1].c == ' ') --s;
        return s != begin && std::string_view("#ZJHLE").find(s[-1].c) != std::string_view::npos;
    }

    static bool short_service(const Found& found) {
        const Phone& phone = found.phone;
        const std::size_t ext = phone.ext.empty() ? 0 : phone.ext.size() + 1;
        const std::size_t most = phone.dial.starts_with('0') ? 10 : 8;
        return phone.cls == PhoneClass::service && phone.dial.size() - ext <= most &&
               !phone.dial.starts_with("400") && !phone.dial.starts_with("800");
    }

    static std::int64_t cost(const Found& found) {
        constexpr std::int64_t kNumber = 5;
        const Phone& phone = found.phone;
        std::int64_t out = kNumber;
        if (phone.range == PhoneRange::unassigned) out += 200;
        if (short_service(found)) out += 60;
        if (phone.cls == PhoneClass::masked)
            out += 30 + (found.digits > 11 ? 10 * (static_cast<std::int64_t>(found.digits) - 11) : 0);
        if (found.mark == 'w') out += 10;
        if (found.mark == '-' || found.mark == '(') out += 20;
        if (found.mark == ',') out += 30;
        if (found.mark == ' ') out += 40;
        return out;
    }

    void several(const Sym* begin, const Sym* end) {
        constexpr std::int64_t kLeftOver = 1000;
        constexpr std::int64_t kSoft = 90;
        constexpr std::int64_t kAnnounced = 100;
        places(begin, end);
        const std::size_t last = pieces_.size() - 1;
        best_.assign(last + 1, {0, 0, false});
        Found found;
        for (std::size_t i = last; i-- > 0;) {
            Best& best = best_[i];
            best = {std::numeric_limits<std::int64_t>::max() / 2, last, false};
            if (!pieces_[i].soft) {
                std::size_t next = i + 1;
                std::int64_t left = static_cast<std::int64_t>(pieces_[i].digits) * kLeftOver;
                for (; pieces_[next].soft; ++next)
                    left += static_cast<std::int64_t>(pieces_[next].digits) * kLeftOver;
                best = {left + best_[next].cost, next, false};
            }
            const bool after_word = announced(begin, pieces_[i].at, end);
            std::size_t digits = 0;
            for (std::size_t j = i + 1; j <= last && j <= i + kMostPieces; ++j) {
                digits += pieces_[j - 1].digits;
                if (digits > kMostDigits || pieces_[j].at - pieces_[i].at > kMostSyms) break;
                const bool between = pieces_[i].soft || pieces_[j].soft;
                if (digits < 5 || (between && digits < kLongNumber)) continue;
                if (!parse_number(pieces_[i].at, pieces_[j].at, found)) continue;
                if (found.mark == ',' &&
                    (pieces_[j].soft || short_service(found) || !alone(pieces_[j].at, end)))
                    continue;
                const std::int64_t place = (pieces_[i].soft ? kSoft : 0) + (after_word ? kAnnounced : 0);
                const std::int64_t total = cost(found) + place + best_[j].cost;
                if (total < best.cost || (total == best.cost && best.number)) best = {total, j, true};
            }
        }
        const Sym* pending = begin;
        for (std::size_t i = 0; i < last; i = best_[i].next) {
            if (!best_[i].number) continue;
            parse_number(pieces_[i].at, pieces_[best_[i].next].at, found);
            // 8001 95208247, +63 0037262: beside digits that are no number it is rather the rest of them
            const bool beside =
                i > 0 && pieces_[i].at[-1].c == ' ' && std::any_of(pending, pieces_[i].at, counts);
            const bool abroad = pending->c == '+' || (pending[0].c == '0' && pending[1].c == '0');
            if (beside && (short_service(found) || abroad)) continue;
            left_over(pending, pieces_[i].at);
            pending = pieces_[best_[i].next].at;
            out_.push_back(found);
        }
        left_over(pending, end);
    }

    void left_over(const Sym* begin, const Sym* end) {
        if (std::any_of(begin, end, counts)) out_.push_back(Found{.begin = begin, .end = end});
    }

    const Sym* begin_;
    const Sym* end_;
    std::vector<Found> out_;
    std::vector<Piece> pieces_;
    std::vector<Best> best_;
};

}  // namespace

std::vector<Found> find_numbers(const std::vector<Sym>& syms) { return Cutter(syms).run(); }

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
    out.range = plan::mobile(text);
    out.valid = out.range != PhoneRange::unassigned;
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

// The piece of a field that a number was read from, blanks and commas at its ends removed.
std::string_view piece(std::string_view text, const Sym* begin, const Sym* end) {
    while (begin != end && begin->c == ' ') ++begin;
    while (begin != end && (end[-1].c == ' ' || end[-1].c == ',' || end[-1].c == '-')) --end;
    return begin == end ? std::string_view() : text.substr(begin->begin, end[-1].end - begin->begin);
}

std::vector<Phone> numbers(std::string_view text, const std::vector<Sym>& syms) {
    std::vector<Phone> out;
    std::size_t last_begin = 0;
    for (scan::Found& found : scan::find_numbers(syms)) {
        const std::string_view raw = piece(text, found.begin, found.end);
        if (raw.empty()) continue;
        if (out.size() == kMaxPhones) {  // the last one takes the rest of the text
            out.back() = Phone{.raw = std::string(text.substr(last_begin))};
            break;
        }
        const auto same = [&](const Phone& p) {
            return p.dial == found.phone.dial && p.cls == found.phone.cls;
        };
        if (!found.phone.dial.empty() && std::any_of(out.begin(), out.end(), same)) continue;
        last_begin = static_cast<std::size_t>(raw.data() - text.data());
        found.phone.raw = raw;
        out.push_back(std::move(found.phone));
    }
    return out;
}

bool any_number(const std::vector<Phone>& phones) {
    return std::any_of(phones.begin(), phones.end(),
                       [](const Phone& p) { return p.cls != PhoneClass::invalid; });
}

// Numerals in words are read only where the field says nothing otherwise.
std::vector<Phone> field(std::string_view text) {
    const std::vector<Sym> syms = scan::scan(text);
    std::vector<Phone> out = numbers(text, syms);
    if (!any_number(out) && scan::holds_spelled_digits(text)) {
        std::vector<Phone> spelled = numbers(text, scan::scan(text, scan::Spelled::digits));
        if (any_number(spelled)) return spelled;
    }
    if (out.empty() && !syms.empty()) {
        const std::string_view raw = piece(text, syms.data(), syms.data() + syms.size());
        if (!raw.empty()) out.push_back(Phone{.raw = std::string(raw)});
    }
    return out;
}

}  // namespace

std::string_view to_string(PhoneRange range) {
    switch (range) {
        case PhoneRange::unassigned:
            return "unassigned";
        case PhoneRange::satellite:
            return "satellite";
        case PhoneRange::m2m:
            return "m2m";
        case PhoneRange::emergency:
            return "emergency";
        case PhoneRange::usual:
            break;
    }
    return "";
}

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
        for (const scan::Spelled spelled : {scan::Spelled::words, scan::Spelled::digits}) {
            if (spelled == scan::Spelled::digits && !scan::holds_spelled_digits(text)) break;
            const std::vector<Sym> syms = scan::scan(text, spelled);
            scan::Found found;
            if (!scan::parse_number(syms.data(), syms.data() + syms.size(), found)) continue;
            phone = std::move(found.phone);
            break;
        }
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
        out = field(text);
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
