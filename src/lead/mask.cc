#include "lead/mask.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <vector>

#include "lead/phone_scan.h"
#include "lead/written.h"

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
    return written::invisible(c) || (c >= 0x1F3FB && c <= 0x1F3FF);
}

// Text cut into what people see as characters; blanks around it and after the 64th character dropped.
std::vector<std::string_view> characters(std::string_view text) {
    constexpr char32_t kJoiner = 0x200D;
    std::vector<std::string_view> out;
    std::size_t begin = 0;
    bool glue = false;
    bool flag = false;  // the first half of a flag was just seen
    for (std::size_t at = 0; at < text.size();) {
        const written::CodePoint p = written::decode(text, at);
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

bool separator(char c) { return c == ' ' || c == '-' || c == '.' || c == '(' || c == ')'; }

bool personal(const Phone& p) {
    return p.cls == PhoneClass::mobile || p.cls == PhoneClass::landline || p.cls == PhoneClass::privacy_ext ||
           p.cls == PhoneClass::privacy_700 || p.range == PhoneRange::m2m;
}

// A stretch of the text and what stands in its place.
struct Hidden {
    std::size_t begin;
    std::size_t end;
    std::string shown;
};

// Digits in groups with at most three separators between two of them.
struct Group {
    std::size_t begin;  // symbols
    std::size_t end;
    bool joined;  // to the group before
};

// 18 digits with a check digit (ISO 7064, MOD 11-2; X is ten) or the 15 of before 1999, with a date of birth.
bool identity_card(std::string_view n) {
    if (n.size() != 15 && n.size() != 18) return false;
    if (n[0] < '1' || n[0] > '8') return false;
    const auto two = [&](std::size_t at) { return (n[at] - '0') * 10 + (n[at + 1] - '0'); };
    const std::size_t month = n.size() == 18 ? 10 : 8;
    if (two(month) < 1 || two(month) > 12 || two(month + 2) < 1 || two(month + 2) > 31) return false;
    if (n.size() == 15) return true;
    if (two(6) != 19 && two(6) != 20) return false;
    int sum = 0;
    for (std::size_t i = 0; i < 18; ++i) {  // weights 2^(17-i) mod 11
        constexpr std::array<int, 18> kWeights = {7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2, 1};
        sum += kWeights[i] * (n[i] == 'x' ? 10 : n[i] - '0');
    }
    return sum % 11 == 1;
}

// Issued under the prefixes of UnionPay, Visa, Mastercard, JCB and American Express, with Luhn's check digit.
bool bank_card(std::string_view n) {
    const auto size = n.size();
    const bool union_pay = n.starts_with("62") && size >= 16 && size <= 19;
    const bool sixteen =
        size == 16 && (n[0] == '4' || (n[0] == '5' && n[1] >= '1' && n[1] <= '5') || n.starts_with("35"));
    const bool fifteen = size == 15 && (n.starts_with("34") || n.starts_with("37"));
    if (!union_pay && !sixteen && !fifteen) return false;
    int sum = 0;
    for (std::size_t i = 0; i < size; ++i) {
        if (n[i] > '9') return false;
        const int digit = n[size - 1 - i] - '0';
        sum += i % 2 == 0 ? digit : digit * 2 / 10 + digit * 2 % 10;
    }
    return sum % 10 == 0;
}

// Everything of one text that is a number of a person: what a phone field would be read as, and what hides in
// the middle of something else.
class NumberFinder {
  public:
    NumberFinder(std::string_view text, scan::Spelled spelled, std::vector<Hidden>& out)
        : syms_(scan::scan(text, spelled)), out_(out) {}

    void run() {
        for (const scan::Found& found : scan::find_numbers(syms_)) {
            if (personal(found.phone)) hide(found);
        }
        inside();
    }

  private:
    void hide(const Sym* first, const Sym* last, std::string shown) {
        out_.push_back({first->begin, last[-1].end, std::move(shown)});
    }

    void hide(const scan::Found& found) {
        scan::Found bare;  // 13567658911,500: the comma's number is no secret without the phone
        if (found.mark == ',' && scan::parse_number(found.first, found.bare, bare))
            return hide(bare.first, bare.last, mask_phone(bare.phone));
        hide(found.first, found.last, mask_phone(found.phone));
    }

    void find_groups() {
        constexpr std::size_t kMostBetween = 3;
        for (std::size_t i = 0; i < syms_.size(); ++i) {
            if (!is_digit(syms_[i].c)) continue;
            const std::size_t begin = i;
            while (i < syms_.size() && is_digit(syms_[i].c)) ++i;
            bool joined = !groups_.empty() && begin - groups_.back().end <= kMostBetween;
            for (std::size_t k = joined ? groups_.back().end : begin; k < begin; ++k) {
                const bool comma = syms_[k].c == ',' && begin - groups_.back().end == 1;
                joined = joined && (separator(syms_[k].c) || comma);
                if (comma) syms_[k].c = ' ';  // here it separates, it announces no extension
            }
            groups_.push_back({begin, i, joined});
        }
    }

    void inside() {
        find_groups();
        for (std::size_t i = 0; i < groups_.size();) i = number_at(i);
    }

    // Hides the longest number that starts with group `first`; the group to go on with.
    std::size_t number_at(std::size_t first) {
        constexpr std::size_t kMostGroups = 20;
        constexpr std::size_t kMostDigits = 20;
        std::size_t last = first;
        std::string digits;
        std::array<std::size_t, kMostGroups> sizes{};
        for (std::size_t i = first; i < groups_.size() && i < first + kMostGroups; ++i) {
            if (i > first && !groups_[i].joined) break;
            if (digits.size() + groups_[i].end - groups_[i].begin > kMostDigits) break;
            for (std::size_t k = groups_[i].begin; k < groups_[i].end; ++k) digits.push_back(syms_[k].c);
            sizes[i - first] = digits.size();
            last = i;
        }
        if (digits.size() < 7) return first + 1;
        const Sym* const all = syms_.data();
        std::size_t begin = groups_[first].begin;
        if (begin > 0 && all[begin - 1].c == '+') --begin;
        for (std::size_t i = last + 1; i-- > first;) {
            const std::size_t end = groups_[i].end;
            digits.resize(sizes[i - first]);
            if (digits.size() < 7) break;
            if (card(all + begin, end, digits)) return i + 1;
            if (digits.size() > 19) continue;
            scan::Found found;
            if (scan::parse_number(all + begin, all + end, found) && personal(found.phone)) {
                hide(found.first, found.last, mask_phone(found.phone));
                return i + 1;
            }
        }
        return first + 1;
    }

    bool card(const Sym* begin, std::size_t end, std::string& digits) {
        const bool ten = digits.size() == 17 && end < syms_.size() && syms_[end].c == 'x' &&
                         (end + 1 == syms_.size() || syms_[end + 1].c != 'x');
        if (ten) digits.push_back('x');
        const bool found = identity_card(digits) || (!ten && bank_card(digits));
        if (found) {
            std::string shown = mask_digits(digits, MaskStyle::first3_last4);
            if (ten) shown.back() = 'X';
            hide(begin, syms_.data() + end + (ten ? 1 : 0), std::move(shown));
        }
        if (ten) digits.pop_back();
        return found;
    }

    std::vector<Sym> syms_;
    std::vector<Group> groups_;
    std::vector<Hidden>& out_;
};

// Every address of a text: no word before the @ is longer than 64 characters, no domain than 253.
void find_addresses(std::string_view text, std::vector<Hidden>& out) {
    if (text.find('@') == std::string_view::npos && text.find("\uFF20") == std::string_view::npos) return;
    const std::vector<Sym> syms = scan::scan(text);
    const auto word = [](const Sym& s) {
        return is_digit(s.c) || (s.c >= 'a' && s.c <= 'z') || s.c == '-' || s.c == '.';
    };
    for (std::size_t i = 1; i + 1 < syms.size(); ++i) {
        if (syms[i].c != '@') continue;
        std::size_t begin = i;
        while (begin > 0 && i - begin < 64 && (word(syms[begin - 1]) || syms[begin - 1].c == '+')) --begin;
        std::size_t end = i + 1;
        std::size_t dot = 0;
        while (end < syms.size() && end - i <= 253 && word(syms[end])) {
            if (syms[end].c == '.') dot = end;
            ++end;
        }
        while (end > i + 1 && !(syms[end - 1].c >= 'a' && syms[end - 1].c <= 'z')) --end;
        if (begin == i || dot <= i + 1 || dot + 2 >= end) continue;
        std::string address;
        for (std::size_t k = begin; k < end; ++k) address.push_back(syms[k].c);
        out.push_back({syms[begin].begin, syms[end - 1].end, mask_email(address)});
    }
}

bool ascii_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }

// Labels that announce a WeChat id, in small letters. The Latin ones need a colon or the like after them.
std::size_t wechat_label(std::string_view text, bool& latin) {
    for (const std::string_view label :
         {"\u5FAE\u4FE1", "\u8587\u4FE1", "wechat", "weixin", "wx", "vx", "v\u4FE1"}) {
        if (text.size() < label.size()) continue;
        const auto same = [](char a, char b) {
            return a == (b >= 'A' && b <= 'Z' ? static_cast<char>(b + 32) : b);
        };
        if (!std::equal(label.begin(), label.end(), text.begin(), same)) continue;
        latin = ascii_letter(label.back());
        return label.size();
    }
    return 0;
}

// A letter and 5 to 19 letters, digits, hyphens and underscores after such a label.
void find_wechat_ids(std::string_view text, std::vector<Hidden>& out) {
    constexpr std::size_t kLeast = 6;
    constexpr std::size_t kMost = 20;
    for (std::size_t i = 0; i < text.size(); ++i) {
        const auto first = static_cast<unsigned char>(text[i]);
        if (first != 0xE5 && first != 0xE8 && (first | 0x20U) != 'w' && (first | 0x20U) != 'v') continue;
        bool latin = false;
        const std::size_t label = wechat_label(text.substr(i), latin);
        if (label == 0 || (latin && i > 0 && ascii_letter(text[i - 1]))) continue;
        std::size_t at = i + label;
        bool announced = !latin;
        for (const std::string_view mark :
             {"\u53F7", "id", "ID", " ", ":", "\uFF1A", "=", "\"", ":", " ", "\""}) {
            if (!text.substr(at).starts_with(mark)) continue;
            at += mark.size();
            announced = announced || mark != " ";
        }
        std::size_t end = at;
        while (end < text.size() && end - at <= kMost &&
               (ascii_letter(text[end]) || is_digit(text[end]) || text[end] == '_' || text[end] == '-')) {
            ++end;
        }
        if (!announced || end - at < kLeast || end - at > kMost || !ascii_letter(text[at])) continue;
        out.push_back({at, end, mask_wechat(text.substr(at, end - at))});
        i = end - 1;
    }
}

// A phone has seven digits at least.
bool worth_scanning(std::string_view text, scan::Spelled spelled) {
    constexpr std::size_t kLeast = 7;
    std::size_t digits = 0;
    std::size_t words = 0;
    for (std::size_t at = 0; at < text.size() && digits + words < kLeast;) {
        const auto byte = static_cast<unsigned char>(text[at]);
        if (byte < 0x80) {
            digits += is_digit(text[at]) ? 1U : 0U;
            ++at;
            continue;
        }
        const written::CodePoint p = written::decode(text, at);
        at += p.length;
        if (written::decimal_digit(p.value)) {
            ++digits;
        } else if (spelled == scan::Spelled::digits && written::spelled_digit(p.value)) {
            ++words;
        }
    }
    return digits + words >= kLeast &&
           (spelled == scan::Spelled::words || words > 0 || scan::holds_spelled_digits(text));
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
    std::vector<Hidden> hidden;
    for (const scan::Spelled spelled : {scan::Spelled::words, scan::Spelled::digits}) {
        if (worth_scanning(text, spelled)) NumberFinder(text, spelled, hidden).run();
    }
    find_addresses(text, hidden);
    find_wechat_ids(text, hidden);
    if (hidden.empty()) return std::string(text);
    std::stable_sort(hidden.begin(), hidden.end(), [](const Hidden& a, const Hidden& b) {
        return a.begin != b.begin ? a.begin < b.begin : a.end > b.end;
    });
    std::string out;
    out.reserve(text.size());
    std::size_t copied = 0;
    for (const Hidden& one : hidden) {
        if (one.end <= copied && copied > 0) continue;
        if (one.begin < copied) {  // two readings that overlap: the rest of the second is hidden whole
            out.append(kHidden);
        } else {
            out.append(text.substr(copied, one.begin - copied)).append(one.shown);
        }
        copied = one.end;
    }
    return out.append(text.substr(copied));
}

}  // namespace leadbridge::lead
