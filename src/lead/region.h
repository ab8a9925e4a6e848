#pragma once
// Regions as platforms and people write them. Names are the truth, codes are evidence: the published samples
// carry codes that belong to no revision of GB/T 2260 (docs/protocols/phones-and-regions.md). Nothing here fails.
#include <string>
#include <string_view>
#include <vector>

namespace leadbridge::lead {

struct Code {
    std::string system;  // gb2260 | source
    std::string level;   // province | city | district | street | location (level not known)
    std::string code;    // as the platform sent it
};

struct Region {
    std::string province;     // official name (浙江省) when it is one of the 34; otherwise as written
    std::string city;         // as written: 杭州市, 杭州; of a municipality the municipality (北京市)
    std::string district;     // as written
    std::string street;       // 街道, 镇, 乡, 苏木
    std::string address;      // what is left, unchanged
    std::string source_text;  // the whole text, unchanged
    std::vector<Code> codes;
};

// Reads province, city, district, street from the front of a text, with or without separators between them.
// The 34 provinces are known by name (浙江, 浙江省); the other levels by their suffix, or by their position
// when separators stand between them (`浙江/杭州/余杭`). A text that does not begin with a province or a city
// stays whole in `address`.
Region parse_region(std::string_view source_text);

struct RegionParts {
    std::string_view province{};
    std::string_view city{};
    std::string_view district{};
    std::string_view street{};
    std::string_view address{};
    std::string_view province_code{};  // empty, or the digits as they came
    std::string_view city_code{};
    std::string_view district_code{};
    std::string_view street_code{};
};
// For platforms that send the levels apart. `source_text` is the names and the address with blanks between.
// Without any name the address is parsed instead.
Region region_from_parts(const RegionParts& parts);

// Keeps a code with its system: `gb2260` when it has 6 digits of the level's form (pp0000, ppcc00, ppccdd)
// and pp is the named province's; otherwise `source`. An empty code is not kept.
void add_code(Region& region, std::string_view level, std::string_view code);

}  // namespace leadbridge::lead
