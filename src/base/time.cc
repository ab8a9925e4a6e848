#include "base/time.h"

#include <array>
#include <utility>

#include "base/text.h"

namespace leadbridge::base {
namespace {

constexpr Millis kChinaOffset = 8 * 3'600'000;
constexpr Millis kLastMillis = 253'402'300'799'999;   // 9999-12-31
constexpr Millis kFirstMillis = -62'167'219'200'000;  // 0000-01-01

constexpr std::string_view kDigits = "0123456789";

struct Civil {
    std::int64_t year;
    int month, day, hour, minute, second, millis;
};

// Proleptic Gregorian day number, after Howard Hinnant's days_from_civil.
constexpr std::int64_t days_from_civil(std::int64_t y, int m, int d) {
    y -= m <= 2;
    const std::int64_t era = (y >= 0 ? y : y - 399) / 400;
    const std::int64_t yoe = y - era * 400;
    const std::int64_t doy = (153 * (m + (m > 2 ? -3 : 9)) + 2) / 5 + d - 1;
    const std::int64_t doe = yoe * 365 + yoe / 4 - yoe / 100 + doy;
    return era * 146097 + doe - 719468;
}

Civil civil_from_millis(Millis ms) {
    std::int64_t days = ms / kDay;
    std::int64_t rest = ms % kDay;
    if (rest < 0) {
        rest += kDay;
        --days;
    }
    const std::int64_t z = days + 719468;
    const std::int64_t era = (z >= 0 ? z : z - 146096) / 146097;
    const std::int64_t doe = z - era * 146097;
    const std::int64_t yoe = (doe - doe / 1460 + doe / 36524 - doe / 146096) / 365;
    const std::int64_t doy = doe - (365 * yoe + yoe / 4 - yoe / 100);
    const std::int64_t mp = (5 * doy + 2) / 153;
    const int day = static_cast<int>(doy - (153 * mp + 2) / 5 + 1);
    const int month = static_cast<int>(mp < 10 ? mp + 3 : mp - 9);
    return {yoe + era * 400 + (month <= 2),
            month,
            day,
            static_cast<int>(rest / 3'600'000),
            static_cast<int>(rest / 60'000 % 60),
            static_cast<int>(rest / 1000 % 60),
            static_cast<int>(rest % 1000)};
}

bool leap(std::int64_t y) { return (y % 4 == 0 && y % 100 != 0) || y % 400 == 0; }

std::optional<Millis> millis_from_civil(const Civil& c) {
    static constexpr std::array<int, 12> kDays = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    if (c.month < 1 || c.month > 12 || c.day < 1) return std::nullopt;
    const int last = kDays[static_cast<std::size_t>(c.month - 1)] + (c.month == 2 && leap(c.year) ? 1 : 0);
    if (c.day > last || c.hour > 23 || c.minute > 59 || c.second > 59) return std::nullopt;
    return days_from_civil(c.year, c.month, c.day) * kDay + c.hour * Millis{3'600'000} +
           c.minute * Millis{60'000} + c.second * kSecond + c.millis;
}

Millis clamp(Millis ms) { return ms < kFirstMillis ? kFirstMillis : ms > kLastMillis ? kLastMillis : ms; }

// Reads exactly `n` digits at `at` and moves on; -1 where they are not.
int digits(std::string_view text, std::size_t& at, std::size_t n) {
    if (at + n > text.size()) return -1;
    int value = 0;
    for (std::size_t i = 0; i < n; ++i) {
        const char c = text[at + i];
        if (c < '0' || c > '9') return -1;
        value = value * 10 + (c - '0');
    }
    at += n;
    return value;
}

bool take(std::string_view text, std::size_t& at, std::string_view any_of) {
    if (at >= text.size() || any_of.find(text[at]) == std::string_view::npos) return false;
    ++at;
    return true;
}

// Digits that are a date and no count of anything, whether it exists or not: yyyyMMdd, yyyyMMddHHmmss and
// yyyyMMddHHmmssSSS; as a count the one would be a day of 1970, the other of the year 2611. Twelve digits are
// milliseconds as a rule; as yyyyMMddHHmm of these years they would be of 1976.
bool is_compact(std::string_view text) {
    return text.size() == 8 || text.size() == 14 || text.size() == 17 ||
           (text.size() == 12 && text >= "1900" && text < "2100");
}

// In +08:00.
std::optional<Millis> parse_compact(std::string_view text) {
    std::size_t at = 0;
    Civil c{};
    c.year = digits(text, at, 4);
    for (int* part : {&c.month, &c.day, &c.hour, &c.minute, &c.second}) {
        if (at < text.size()) *part = digits(text, at, 2);
    }
    if (at < text.size()) c.millis = digits(text, at, 3);
    const auto local = millis_from_civil(c);
    return local ? std::optional(clamp(*local - kChinaOffset)) : std::nullopt;
}

void put(std::string& out, int value, std::size_t width) {
    out.append(width, '0');
    for (std::size_t at = out.size(); width > 0; --width, value /= 10)
        out[--at] = static_cast<char>('0' + value % 10);
}

// yyyy-MM-dd HH:mm:ss with the given character between date and time.
std::string civil_text(const Civil& c, char between) {
    std::string out;
    out.reserve(24);
    put(out, static_cast<int>(c.year), 4);
    for (const auto& [before, value] :
         {std::pair{'-', c.month}, {'-', c.day}, {between, c.hour}, {':', c.minute}, {':', c.second}}) {
        out += before;
        put(out, value, 2);
    }
    return out;
}

}  // namespace

std::string china_text(Millis utc) {
    const auto c = civil_from_millis(clamp(clamp(utc) + kChinaOffset));
    return civil_text(c, ' ');
}

std::string iso_text(Millis utc) {
    const auto c = civil_from_millis(clamp(utc));
    std::string out = civil_text(c, 'T');
    out += '.';
    put(out, c.millis, 3);
    out += 'Z';
    return out;
}

std::optional<Millis> parse_china_text(std::string_view raw) {
    const std::string text = trim(raw);
    std::size_t at = 0;
    Civil c{};
    c.year = digits(text, at, 4);
    if (c.year < 0 || !take(text, at, "-/")) return std::nullopt;
    c.month = digits(text, at, 2);
    if (c.month < 0 || !take(text, at, "-/")) return std::nullopt;
    c.day = digits(text, at, 2);
    if (c.day < 0) return std::nullopt;
    Millis offset = kChinaOffset;
    if (at < text.size()) {
        if (!take(text, at, " T")) return std::nullopt;
        c.hour = digits(text, at, 2);
        if (c.hour < 0 || !take(text, at, ":")) return std::nullopt;
        c.minute = digits(text, at, 2);
        if (c.minute < 0) return std::nullopt;
        if (take(text, at, ":")) {
            c.second = digits(text, at, 2);
            if (c.second < 0) return std::nullopt;
            if (take(text, at, ".")) {
                int scale = 100;
                std::size_t seen = 0;
                while (at < text.size() && text[at] >= '0' && text[at] <= '9') {
                    c.millis += (text[at] - '0') * scale;
                    scale /= 10;
                    ++at;
                    ++seen;
                }
                if (seen == 0) return std::nullopt;
            }
        }
        if (take(text, at, "Zz")) {
            offset = 0;
        } else if (at < text.size() && (text[at] == '+' || text[at] == '-')) {
            const int sign = text[at] == '+' ? 1 : -1;
            ++at;
            const int hours = digits(text, at, 2);
            take(text, at, ":");
            const int minutes = digits(text, at, 2);
            if (hours < 0 || hours > 14 || minutes < 0 || minutes > 59) return std::nullopt;
            offset = sign * (hours * 3'600'000 + minutes * 60'000);
        }
    }
    if (at != text.size()) return std::nullopt;
    const auto local = millis_from_civil(c);
    if (!local) return std::nullopt;
    return clamp(*local - offset);
}

std::optional<Millis> parse_platform_time(std::string_view raw) {
    const std::string text = trim(raw);
    if (text.empty() || text.find_first_not_of(kDigits) != std::string::npos) return parse_china_text(text);
    if (is_compact(text)) return parse_compact(text);
    const auto number = parse_int64(text);
    if (!number || *number < 100'000'000) return std::nullopt;
    // Ten digits or fewer are seconds (until the year 2286), more are milliseconds.
    const Millis ms = *number < 10'000'000'000 ? *number * kSecond : *number;
    return ms > kLastMillis ? std::nullopt : std::optional<Millis>(ms);
}

std::optional<Millis> parse_http_date(std::string_view raw) {
    static constexpr std::string_view kMonths = "JanFebMarAprMayJunJulAugSepOctNovDec";
    const auto comma = raw.find(", ");
    if (comma == std::string_view::npos) return std::nullopt;
    const std::string_view text = raw.substr(comma + 2);
    std::size_t at = 0;
    Civil c{};
    c.day = digits(text, at, 2);
    if (c.day < 0 || !take(text, at, " ") || text.size() < at + 3) return std::nullopt;
    const auto month = kMonths.find(text.substr(at, 3));
    if (month == std::string_view::npos || month % 3 != 0) return std::nullopt;
    c.month = static_cast<int>(month / 3) + 1;
    at += 3;
    if (!take(text, at, " ")) return std::nullopt;
    c.year = digits(text, at, 4);
    if (c.year < 0 || !take(text, at, " ")) return std::nullopt;
    c.hour = digits(text, at, 2);
    if (c.hour < 0 || !take(text, at, ":")) return std::nullopt;
    c.minute = digits(text, at, 2);
    if (c.minute < 0 || !take(text, at, ":")) return std::nullopt;
    c.second = digits(text, at, 2);
    if (c.second < 0 || text.substr(at) != " GMT") return std::nullopt;
    return millis_from_civil(c);
}

}  // namespace leadbridge::base
