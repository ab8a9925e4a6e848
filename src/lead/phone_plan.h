#pragma once
// Number plans as data: who may have which number. As of 2026-11. Sources: libphonenumber's metadata of 2026-11-10
// (area codes and their lengths, mobile ranges, service numbers, country codes, trunk zeros) and, for ranges that
// it leaves out (149, 146xx and 148xx, 1440x and 1441x, 1410x, 17406-17412, 1749), the list of ranges kept by
// ChinaMobilePhoneNumberRegex. What a plan says is only a mark on a number: plans grow, leads stay.
#include <cstddef>
#include <string_view>

#include "lead/phone.h"

namespace leadbridge::lead::plan {

// Mainland mobile of 11 digits, 13..19.
PhoneRange mobile(std::string_view number);

// 13 digits of a machine's SIM.
bool machine(std::string_view number);

// Length of the area code that `n` (without its 0) starts with: 2 for 10 and 2x, 3 for the others, 0 for none.
std::size_t area_length(std::string_view n);
// May a number of that area have so many digits after its code? 8 in the large ones, 7 in the others.
bool local_length(std::string_view area, std::size_t digits);

// 95588, 955xxx, 96xxx, 100xx, 11xxx, 12xxx, 8-digit 95 numbers, 1010xxxx, 160xxxxx and 168xxxxx.
bool short_service(std::string_view n);
// 400 and 800 numbers, 950 relays.
bool long_service(std::string_view n);

// Length of the ITU country code that `n` starts with; 0 for none.
std::size_t country_length(std::string_view n);
// Is a 0 before the area code of that country dialled inside of it only? (+44 20, 020). Where it is part of the
// number (+39 06), or nobody says, it stays.
bool trunk_zero(std::string_view country);
PhoneRange abroad(std::string_view n);

}  // namespace leadbridge::lead::plan
