#pragma once
// Decimals as binary64 and back, exactly and with the same bytes on every host. A double holds a decimal when its shortest
// writing has the same digits: then what came in goes out.
#include <optional>
#include <string>
#include <string_view>

namespace leadbridge::codec {

// `literal` is a JSON number (RFC 8259). Nothing when no double holds it: more than 17 digits, out of range, or digits
// that reading would round away.
std::optional<double> read_decimal(std::string_view literal);

// The fewest digits that read back as this double, the nearest of those, as JavaScript writes them: 117.273142, 1e-7. A
// whole number that an integer could be taken for ends in `.0`. `value` is finite.
void append_decimal(std::string& out, double value);

}  // namespace leadbridge::codec
