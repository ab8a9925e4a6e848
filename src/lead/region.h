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
    std::string province;     // official name (浙江省)
    std::string city;         // as written: 杭州市, 杭州; of a municipality the municipality (北京市)
    std::string district;     // as written
    std::string street;       // 街道, 镇, 乡, 苏木
    std::string address;      // what is left, unchanged
    std::string source_text;  // the whole text, unchanged
    std::vector<Code> codes;
};

// Reads province, city, district, street from the front of a text with the division table, in whatever order and with or
// without separators between them. A level that is not certain stays empty: a short name counts only where a name ends
// or where the name of a unit inside it follows, and one that may be of another level (朝阳) does not count alone.
// A text in whose front no name stands is whole in `address`.
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

// Keeps a code with its system: `gb2260` when the table has it in the named province with the level's form (pp0000, ppcc00,
// ppccdd) and the level's name, where there is one, is its name; otherwise `source`. An empty code is not kept.
void add_code(Region& region, std::string_view level, std::string_view code);

// The package that the division table is made of, with its version and month.
std::string_view region_table_edition();

}  // namespace leadbridge::lead
