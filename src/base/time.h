#pragma once
// Instants are UTC milliseconds since 1970. Platform text is `yyyy-MM-dd HH:mm:ss` in +08:00 and has no zone
// of its own (docs/protocols/top.md, `timestamp`); the host's zone is never consulted.
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace leadbridge::base {

using Millis = std::int64_t;
inline constexpr Millis kSecond = 1000;
inline constexpr Millis kDay = 86'400'000;

// "2022-05-03 17:44:28" (+08:00) for an instant. Everywhere here what lies outside of 0..9999 is clamped.
std::string china_text(Millis utc);
// "2022-05-03T09:44:28.000Z"
std::string iso_text(Millis utc);

// `yyyy-MM-dd HH:mm:ss` (also with `T`, `/` for `-`, without seconds, with `.SSS`, or a date alone), read as
// +08:00 unless the text carries `Z` or `+hh:mm`. Impossible dates (month 13, 30 February) give nothing.
std::optional<Millis> parse_china_text(std::string_view text);
// Civil text as above, or digits: yyyyMMdd[HHmm[ss[SSS]]], or epoch seconds (9, 10 digits) or milliseconds.
std::optional<Millis> parse_platform_time(std::string_view text);
// RFC 7231 date of an HTTP `Date` header ("Sun, 06 Nov 1994 08:49:37 GMT").
std::optional<Millis> parse_http_date(std::string_view text);

}  // namespace leadbridge::base
