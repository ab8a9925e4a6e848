#include "lead/mask.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <vector>

#include "lead/phone_scan.h"

namespace leadbridge::lead {
namespace {

using scan::is_digit;
using scan::Sym;

constexpr std::string_view kHidden = "***";

std::string mask_digits(std::string_view digits, MaskStyle style) {
    constexpr std::size_t kLeastHidden = 4;
    const std::size_t n = digits.size();
    const std::size_t spare = n > kLeastHidden ? n - kLeastHidden : 0;
    const std::size_t head = std::min<std::size_t>(3, spare);
    const std::size_t tail = std::min<std::size_t>(style == MaskStyle::first3_last4 ? 4 : 2, spare - head);
    std::string out(n, '*');
    std::copy_n(digits.begin(), head, out.begin());
    std::copy(digits.end() - static_cast<std::ptrdiff_t>(tail), digits.end(),
              out.end() - static_cast<std::ptrdiff_t>(tail));
    return out;
}

// Digits and stars of a masked number; what stands in for digits (x, dots, bullets) becomes a star.
std::string masked_pattern(std::string_view raw, bool& extension) {
    const std::vector<Sym> syms = scan::scan(raw);
    std::string out;
    for (std::size_t i = 0; i < syms.size(); ++i) {
        const char c = syms[i].c;
        const bool repeated = i + 1 < syms.size() && syms[i + 1].c == c;
        if (is_digit(c)) {
            out.push_back(c);
        } else if (c == '*' || ((c == 'x' || c == '.' || c == '-') && !out.empty() &&
                                (repeated || out.back() == '*') && syms[i - 1].c != ' ')) {
            // `-` right after the stars of 138****-8911 is a separator
            if (c == '-' && syms[i - 1].c != '-' && !repeated) continue;
            out.push_back('*');
        }
    }
    if (out.starts_with("86") && out.size() >= 13) out.erase(0, 2);
    extension = out.size() > 11 && out[0] == '1';
    if (extension) out.resize(11);
    return out;
}

std::string mask_masked(const Phone& phone, MaskStyle style) {
    bool extension = false;
    std::string out = masked_pattern(phone.raw.substr(0, 256), extension);
    extension = extension || !phone.ext.empty();
    const std::size_t first = out.find('*');
    const std::size_t last = out.rfind('*');
    if (first == std::string::npos) return std::string(kHidden);
    const std::size_t head = std::min<std::size_t>(3, first);
    const std::size_t tail =
        std::min<std::size_t>(style == MaskStyle::first3_last4 ? 4 : 2, out.size() - last - 1);
    if (out.size() - head - tail < 3) {
        out = mask_digits(out, style);
    } else {
        std::fill(out.begin() + static_cast<std::ptrdiff_t>(head),
                  out.end() - static_cast<std::ptrdiff_t>(tail), '*');
    }
    if (extension) out.append("-***");
    return out;
}

bool joins_previous(char32_t c) {  // combining marks, emoji modifiers
    return scan::zero_width(c) || (c >= 0x0300 && c <= 0x036F) || (c >= 0x1AB0 && c <= 0x1AFF) ||
           (c >= 0x20D0 && c <= 0x20FF) || (c >= 0x3099 && c <= 0x309A) || (c >= 0xFE20 && c <= 0xFE2F) ||
           (c >= 0x1F3FB && c <= 0x1F3FF) || (c >= 0xE0020 && c <= 0xE007F) || (c >= 0xE0100 && c <= 0xE01EF);
}

// Text cut into what people see as characters; blanks around it and after the 64th character dropped.
std::vector<std::string_view> characters(std::string_view text) {
    constexpr char32_t kJoiner = 0x200D;
    std::vector<std::string_view> out;
    std::size_t begin = 0;
    bool glue = false;
    bool flag = false;  // the first half of a flag was just seen
    for (std::size_t at = 0; at < text.size();) {
        const scan::CodePoint p = scan::decode(text, at);
        const bool regional = p.value >= 0x1F1E6 && p.value <= 0x1F1FF;
        if (out.empty() && (p.value == ' ' || p.value == 0x3000 || p.value == 0xFEFF)) {
            at += p.length;
            continue;
        }
        if (!out.empty() && (joins_previous(p.value) || glue || (regional && flag))) {
            out.back() = text.substr(begin, at + p.length - begin);
            flag = false;
        } else {
            if (out.size() == 64) break;
            begin = at;
            out.push_back(text.substr(at, p.length));
            flag = regional;
        }
        glue = p.value == kJoiner;
        at += p.length;
    }
    while (!out.empty() && (out.back() == " " || out.back() == "\xE3\x80\x80")) out.pop_back();
    return out;
}

bool is_star(std::string_view c) { return c == "*" || c == "＊" || c == "•" || c == "●"; }

// Several groups of digits that may be one number, with at most three separators between two groups.
struct Group {
    std::size_t begin;
    std::size_t end;
};

bool separator(char c) { return c == ' ' || c == '-' || c == '.' || c == '(' || c == ')'; }

std::size_t next_group(const std::vector<Sym>& syms, std::size_t at) {
    const std::size_t limit = std::min(syms.size(), at + 4);
    if (at + 1 < syms.size() && syms[at].c == ',' && is_digit(syms[at + 1].c)) return at + 1;
    for (std::size_t i = at; i < limit; ++i) {
        if (is_digit(syms[i].c)) return i;
        if (!separator(syms[i].c)) break;
    }
    return syms.size();
}

std::size_t group_end(const std::vector<Sym>& syms, std::size_t at) {
    while (at < syms.size() && is_digit(syms[at].c)) ++at;
    return at;
}

bool ip_address(const std::vector<Sym>& syms, std::size_t begin, std::size_t end) {
    std::size_t dots = 0;
    std::size_t run = 0;
    for (std::size_t i = begin; i < end; ++i) {
        if (is_digit(syms[i].c)) {
            if (++run > 3) return false;
        } else if (syms[i].c == '.' && run > 0) {
            ++dots, run = 0;
        } else {
            return false;
        }
    }
    return dots == 3 && run > 0;
}

bool personal(const Phone& p) {
    return p.cls == PhoneClass::mobile || p.cls == PhoneClass::landline || p.cls == PhoneClass::privacy_ext ||
           p.cls == PhoneClass::privacy_700 || (p.cls == PhoneClass::service && p.dial.size() == 13);
}

// The longest number that starts at `at` (a digit or a plus); returns its end, or 0.
std::size_t number_at(const std::vector<Sym>& syms, std::size_t at, Phone& phone) {
    constexpr std::size_t kMaxGroups = 6;
    constexpr std::size_t kMaxDigits = 20;
    std::array<std::size_t, kMaxGroups> ends{};
    std::size_t groups = 0;
    std::size_t digits = 0;
    std::vector<Sym> window;
    std::size_t begin = syms[at].c == '+' ? next_group(syms, at + 1) : at;
    while (groups < kMaxGroups && begin < syms.size()) {
        const std::size_t end = group_end(syms, begin);
        digits += end - begin;
        if (digits > kMaxDigits) break;
        ends[groups++] = end;
        begin = next_group(syms, end);
    }
    for (; groups > 0; --groups) {
        const std::size_t end = ends[groups - 1];
        if (end - at < 7) break;
        if (ip_address(syms, at, end)) continue;
        window.assign(syms.begin() + static_cast<std::ptrdiff_t>(at),
                      syms.begin() + static_cast<std::ptrdiff_t>(end));
        for (Sym& s : window)
            s.c = s.c == ',' ? ' ' : s.c;  // a comma here separates, it announces no extension
        phone = Phone{};
        if (scan::parse_number(window.data(), window.data() + window.size(), phone) && personal(phone))
            return end;
    }
    return 0;
}

// Fewer than seven digits are no phone. Other digits than ASCII begin with D9, DB, EF (full width) or F0;
// Chinese text seldom does.
bool worth_scanning(std::string_view text) {
    std::size_t digits = 0;
    for (const char c : text) {
        const auto byte = static_cast<unsigned char>(c);
        const bool maybe = is_digit(c) || byte == 0xD9 || byte == 0xDB || byte == 0xEF || byte == 0xF0;
        if (maybe && ++digits >= 7) return true;
    }
    return false;
}

}  // namespace

std::optional<MaskStyle> mask_style(std::string_view text) {
    if (text == "3-4") return MaskStyle::first3_last4;
    if (text == "3-2") return MaskStyle::first3_last2;
    return std::nullopt;
}

std::string mask_phone(const Phone& phone, MaskStyle style) {
    if (phone.cls == PhoneClass::encrypted) return "******";
    if (phone.cls == PhoneClass::masked) return mask_masked(phone, style);
    std::string_view number = phone.dial;
    std::string digits;
    if (phone.cls == PhoneClass::invalid) {
        for (const Sym& s : scan::scan(std::string_view(phone.raw).substr(0, 256))) {
            if (is_digit(s.c)) digits.push_back(s.c);
        }
        digits.resize(std::min<std::size_t>(digits.size(), 32));
        return digits.empty() ? std::string(kHidden) : mask_digits(digits, style);
    }
    std::string out;
    if (number.starts_with('+')) {
        out.push_back('+');
        number.remove_prefix(1);
    }
    if (!phone.ext.empty()) number.remove_suffix(std::min(number.size(), phone.ext.size() + 1));
    out += mask_digits(number, style);
    if (!phone.ext.empty()) out += "-***";
    return out;
}

std::string mask_name(std::string_view name) {
    constexpr std::size_t kMostStars = 7;
    const std::vector<std::string_view> seen = characters(name);
    if (seen.empty()) return {};
    if (seen.size() == 1) return "*";
    const auto stars = static_cast<std::size_t>(std::count_if(seen.begin(), seen.end(), is_star));
    if (stars > 0 && seen.size() - stars <= 2 && seen.size() <= 16) {
        std::string out;
        for (const std::string_view c : seen) out += c;
        return out;
    }
    std::string out(seen[0]);
    out.append(std::min(seen.size() - 1, kMostStars), '*');
    return out;
}

std::string mask_email(std::string_view email) {
    const std::size_t at = email.rfind('@');
    if (at == std::string_view::npos || at == 0) return email.empty() ? std::string() : std::string(kHidden);
    const std::string_view domain = email.substr(at + 1);
    const bool plain =
        !domain.empty() && domain.size() <= 253 && std::all_of(domain.begin(), domain.end(), [](char c) {
            return is_digit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '.' || c == '-';
        });
    if (!plain) return std::string(kHidden);
    const std::vector<std::string_view> local = characters(email.substr(0, at));
    std::string out;
    if (local.size() > 1) out = local[0];
    out.append(kHidden).append(1, '@').append(redact(domain));
    return out;
}

std::string mask_wechat(std::string_view id) {
    const std::vector<std::string_view> seen = characters(id);
    if (seen.empty()) return {};
    const Phone phone = parse_phone(id);
    if (phone.valid && phone.cls != PhoneClass::service) return mask_phone(phone);
    std::string out;
    if (seen.size() > 2) out += seen[0];
    if (seen.size() > 5) out += seen[1];
    out += kHidden;
    if (seen.size() > 5 && seen.size() < 64) out += seen.back();
    return out;
}

std::string redact(std::string_view text) {
    if (!worth_scanning(text)) return std::string(text);
    const std::vector<Sym> syms = scan::scan(text);
    std::string out;
    out.reserve(text.size());
    std::size_t copied = 0;
    for (std::size_t i = 0; i < syms.size();) {
        const bool plus = syms[i].c == '+' && i + 1 < syms.size();
        if (!is_digit(syms[i].c) && !plus) {
            ++i;
            continue;
        }
        Phone phone;
        const std::size_t end = number_at(syms, i, phone);
        if (end == 0) {
            i = plus ? i + 1 : group_end(syms, i);
            continue;
        }
        out.append(text.substr(copied, syms[i].begin - copied)).append(mask_phone(phone));
        copied = syms[end - 1].end;
        i = end;
    }
    return out.append(text.substr(copied));
}

}  // namespace leadbridge::lead
