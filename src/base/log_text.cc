#include "base/log_text.h"

#include <algorithm>

namespace leadbridge::base {

std::string without_long_numbers(std::string_view text) {
    constexpr std::ptrdiff_t kLongest = 6;
    std::string out(text);
    const auto is_digit = [](char c) { return c >= '0' && c <= '9'; };
    for (auto at = out.begin(); at != out.end();) {
        at = std::find_if(at, out.end(), is_digit);
        const auto end = std::find_if_not(at, out.end(), is_digit);
        if (end - at > kLongest) std::fill(at, end, '#');
        at = end;
    }
    return out;
}

}  // namespace leadbridge::base
