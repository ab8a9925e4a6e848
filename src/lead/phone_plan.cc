#include "lead/phone_plan.h"

#include <algorithm>
#include <array>
#include <cstdint>

namespace leadbridge::lead::plan {
namespace {

// Mobile ranges in use, one bit per third digit: 13x..19x.
constexpr std::array<std::uint16_t, 7> kMobile = {
    0x3FF,  // 13x
    0x2A0,  // 145 147 149
    0x3EF,  // 15x, not 154
    0x0E4,  // 162 165 166 167; 161: below
    0x1EF,  // 170-173 175-178; 174: below
    0x3FF,  // 18x
    0x3EF,  // 19x, not 194
};

// Area codes in use after the leading 0, one bit per last digit: 030x..099x.
constexpr std::array<std::uint16_t, 70> kAreas = {
    0x000, 0x3FF, 0x000, 0x020, 0x200, 0x3FF, 0x000, 0x2FF, 0x000, 0x17E,  // 03xx
    0x000, 0x3E6, 0x282, 0x3FE, 0x000, 0x3FE, 0x390, 0x3FF, 0x00C, 0x000,  // 04xx
    0x000, 0x3FF, 0x088, 0x3FF, 0x048, 0x3FF, 0x05E, 0x3FF, 0x001, 0x3FE,  // 05xx
    0x000, 0x000, 0x000, 0x02E, 0x000, 0x000, 0x10D, 0x000, 0x000, 0x006,  // 06xx
    0x002, 0x3FF, 0x114, 0x3F3, 0x078, 0x3FF, 0x34D, 0x3FF, 0x000, 0x3FF,  // 07xx
    0x000, 0x1CC, 0x0E0, 0x3FF, 0x000, 0x3F2, 0x000, 0x3FF, 0x1C8, 0x1FE,  // 08xx
    0x34E, 0x2FE, 0x000, 0x3FF, 0x00A, 0x03E, 0x000, 0x3FF, 0x000, 0x3FF,  // 09xx
};

// Areas of three digits whose numbers have eight, and the few that still have both.
constexpr std::array<std::uint16_t, 40> kEight = {
    311, 371, 377, 379, 411, 431, 432, 451, 510, 511, 512, 513, 514, 515, 516, 517, 518, 519, 523, 527,
    531, 532, 551, 571, 573, 574, 575, 576, 577, 579, 591, 595, 731, 755, 757, 760, 769, 791, 871, 898};
constexpr std::array<std::uint16_t, 4> kSevenAndEight = {433, 435, 754, 851};

// ITU-T E.164 country codes in use, 86 left out.
constexpr std::array<std::uint16_t, 214> kCountries = {
    1,   7,   20,  27,  30,  31,  32,  33,  34,  36,  39,  40,  41,  43,  44,  45,  46,  47,  48,  49,
    51,  52,  53,  54,  55,  56,  57,  58,  60,  61,  62,  63,  64,  65,  66,  81,  82,  84,  90,  91,
    92,  93,  94,  95,  98,  211, 212, 213, 216, 218, 220, 221, 222, 223, 224, 225, 226, 227, 228, 229,
    230, 231, 232, 233, 234, 235, 236, 237, 238, 239, 240, 241, 242, 243, 244, 245, 246, 247, 248, 249,
    250, 251, 252, 253, 254, 255, 256, 257, 258, 260, 261, 262, 263, 264, 265, 266, 267, 268, 269, 290,
    291, 297, 298, 299, 350, 351, 352, 353, 354, 355, 356, 357, 358, 359, 370, 371, 372, 373, 374, 375,
    376, 377, 378, 380, 381, 382, 383, 385, 386, 387, 389, 420, 421, 423, 500, 501, 502, 503, 504, 505,
    506, 507, 508, 509, 590, 591, 592, 593, 594, 595, 596, 597, 598, 599, 670, 672, 673, 674, 675, 676,
    677, 678, 679, 680, 681, 682, 683, 685, 686, 687, 688, 689, 690, 691, 692, 800, 808, 850, 852, 853,
    855, 856, 870, 878, 880, 881, 882, 883, 886, 888, 960, 961, 962, 963, 964, 965, 966, 967, 968, 970,
    971, 972, 973, 974, 975, 976, 977, 979, 992, 993, 994, 995, 996, 998};

constexpr std::array<std::uint16_t, 102> kTrunkZero = {
    20,  27,  31,  32,  33,  40,  41,  43,  44,  46,  49,  51,  53,  54,  55,  57,  58,  60,  61,  62,  63,
    64,  66,  81,  82,  84,  90,  91,  92,  93,  94,  95,  98,  211, 212, 213, 218, 231, 232, 233, 234, 243,
    249, 250, 251, 252, 254, 255, 256, 260, 261, 262, 263, 264, 265, 291, 353, 355, 358, 359, 370, 373, 374,
    377, 380, 381, 382, 383, 385, 386, 387, 389, 421, 423, 508, 590, 591, 593, 594, 595, 596, 598, 686, 850,
    855, 856, 880, 886, 961, 962, 963, 964, 966, 967, 970, 971, 972, 976, 977, 994, 995, 996};

unsigned value(std::string_view digits) {
    unsigned out = 0;
    for (const char c : digits) out = out * 10 + static_cast<unsigned>(c - '0');
    return out;
}

template <class Codes>
bool holds(const Codes& codes, unsigned code) {
    return std::binary_search(codes.begin(), codes.end(), code);
}

}  // namespace

PhoneRange mobile(std::string_view number) {
    if (number.starts_with("1349")) return PhoneRange::satellite;
    if (number.starts_with("1610")) return PhoneRange::usual;
    if (number.starts_with("174")) {
        const unsigned sub = value(number.substr(3, 2));
        if (sub <= 5 || sub >= 90) return PhoneRange::satellite;
        return sub <= 12 ? PhoneRange::emergency : PhoneRange::unassigned;
    }
    const auto used = static_cast<unsigned>(kMobile[static_cast<std::size_t>(number[1] - '3')]);
    return (used >> (number[2] - '0')) & 1U ? PhoneRange::usual : PhoneRange::unassigned;
}

bool machine(std::string_view number) {
    if (number.size() != 13) return false;
    for (const std::string_view prefix : {"1064", "1400", "1410", "1440", "1441", "146", "148"}) {
        if (number.starts_with(prefix)) return true;
    }
    return false;
}

std::size_t area_length(std::string_view n) {
    if (n.size() < 3) return 0;
    if (n[0] == '1') return n[1] == '0' ? 2 : 0;
    if (n[0] == '2') return n[1] != '6' ? 2 : 0;
    if (n[0] < '3') return 0;
    const auto tens = static_cast<std::size_t>((n[0] - '3') * 10 + (n[1] - '0'));
    return (static_cast<unsigned>(kAreas[tens]) >> (n[2] - '0')) & 1U ? 3 : 0;
}

bool local_length(std::string_view area, std::size_t digits) {
    const unsigned code = value(area);
    if (area.size() == 2 || holds(kEight, code)) return digits == 8;
    return digits == 7 || (digits == 8 && holds(kSevenAndEight, code));
}

bool short_service(std::string_view n) {
    if (n.size() < 5 || n.size() > 8 || n.size() == 7) return false;
    if (n[0] == '9') return n[1] == '5' || (n[1] == '6' && n.size() < 8);
    if (n[0] != '1') return false;
    if (n.size() == 8) return n.starts_with("1010") || n.starts_with("160") || n.starts_with("168");
    if (n.size() == 6) return n == "116114" || n == "118114";
    return n[1] == '1' || n[1] == '2' || (n[1] == '0' && n[2] == '0');
}

bool long_service(std::string_view n) {
    if (n.size() == 10 && (n.starts_with("400") || n.starts_with("800"))) return true;
    return n.starts_with("950") && (n.size() == 10 || n.size() == 11);
}

std::size_t country_length(std::string_view n) {
    if (n.empty() || n[0] == '0') return 0;
    for (std::size_t i = 1; i <= 3 && i <= n.size(); ++i) {
        if (holds(kCountries, value(n.substr(0, i)))) return i;
    }
    return 0;
}

bool trunk_zero(std::string_view country) { return holds(kTrunkZero, value(country)); }

PhoneRange abroad(std::string_view n) {
    const bool satellite = n.starts_with("870") || n.starts_with("881") || n.starts_with("88216");
    return satellite ? PhoneRange::satellite : PhoneRange::usual;
}

}  // namespace leadbridge::lead::plan
