#include "base/serial_day.h"

#include <algorithm>
#include <string>

#include "base/text.h"

namespace leadbridge::base {

std::optional<Millis> parse_serial_day(std::string_view raw) {
    constexpr std::string_view kDigits = "0123456789";
    constexpr Millis kChinaOffset = 8 * 3'600'000;
    constexpr std::int64_t kEpoch = 25'569, kEnd = 73'051;  // 1970-01-01, 2100-01-01
    constexpr std::size_t kFractionDigits = 10;             // a hundred-thousandth of a second
    const std::string text = trim(raw);
    const auto point = std::min(text.find('.'), text.size());
    const std::string_view whole = std::string_view(text).substr(0, point);
    std::string_view fraction = std::string_view(text).substr(std::min(point + 1, text.size()));
    const auto all_digits = [=](std::string_view part) {
        return part.find_first_not_of(kDigits) == std::string_view::npos;
    };
    if (whole.size() != 5 || !all_digits(whole) || !all_digits(fraction)) return std::nullopt;
    if (point != text.size() && fraction.empty()) return std::nullopt;
    const auto day = parse_int64(whole).value_or(0);
    if (day < kEpoch || day >= kEnd) return std::nullopt;
    fraction = fraction.substr(0, kFractionDigits);
    std::int64_t one = 1;
    for (std::size_t i = 0; i < fraction.size(); ++i) one *= 10;
    const Millis of_day = (parse_int64(fraction).value_or(0) * kDay + one / 2) / one;
    return (day - kEpoch) * kDay + of_day - kChinaOffset;
}

}  // namespace leadbridge::base
