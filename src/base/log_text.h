#pragma once
// What may stand in a log.
#include <string>
#include <string_view>

namespace leadbridge::base {

// Runs of 7 or more digits become '#': logs are read by strangers and kept, and a phone number has more.
std::string without_long_numbers(std::string_view text);

}  // namespace leadbridge::base
