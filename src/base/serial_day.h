#pragma once
// Dates as spreadsheets keep them: days since 1899-12-30, the time of day as a fraction.
#include <optional>
#include <string_view>

#include "base/time.h"

namespace leadbridge::base {

// "45011.5" is noon of 2023-03-26 in +08:00; from 1970 to 2099. Only where the source is a table: elsewhere such a number
// is no date.
std::optional<Millis> parse_serial_day(std::string_view text);

}  // namespace leadbridge::base
