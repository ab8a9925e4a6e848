#include "lead/region_table.h"

#include <algorithm>

#include "lead/phone_scan.h"
#include "region_table_data.h"

namespace leadbridge::lead {
namespace {

constexpr std::string_view kUnits(region_data::kUnits, sizeof(region_data::kUnits) - 1);
constexpr std::u16string_view kTraditional(region_data::kTraditional,
                                           sizeof(region_data::kTraditional) / sizeof(char16_t) - 1);

bool digit(char c) { return c >= '0' && c <= '9'; }

constexpr std::size_t kHan = 3;  // bytes of a Han character
// The longer of two that end alike first, the frequent ones in front.
constexpr std::string_view kSuffixes[] = {"县",     "市",         "新区", "林区", "特区", "地区",
                                          "自治区", "特别行政区", "区",   "旗",   "镇",   "街道",
                                          "乡",     "省",         "盟",   "州",   "师"};

// The name without its suffix, when two characters are left; the table says what this cannot know.
std::string_view without_suffix(std::string_view name) {
    for (const std::string_view suffix : kSuffixes) {
        if (name.ends_with(suffix) && name.size() >= suffix.size() + 2 * kHan)
            return name.substr(0, name.size() - suffix.size());
    }
    return {};
}

bool peoples(std::string_view text) {
    return text.find("族") != std::string_view::npos || text.find("自治") != std::string_view::npos;
}

}  // namespace

std::size_t named_at(const Unit& unit, std::string_view text, bool& whole) {
    if (text.starts_with(unit.name)) {
        // 九龙, 松山湖: a name without a suffix proves no more than a short name
        whole = std::any_of(std::begin(kSuffixes), std::end(kSuffixes),
                            [&](std::string_view suffix) { return unit.name.ends_with(suffix); });
        return unit.name.size();
    }
    whole = false;
    if (unit.short_name.empty() || !text.starts_with(unit.short_name)) return 0;
    // 恩施州, 大厂自治县, 管城区: the suffix without the peoples' names
    const std::size_t size = unit.short_name.size();
    std::string_view after = text.substr(size);
    const bool self = after.starts_with("自治");
    if (self) after.remove_prefix(2 * kHan);
    if (unit.name.size() > size + 2 * kHan && peoples(unit.name.substr(size)) &&
        (self || unit.level != Level::kProvince) &&
        after.starts_with(unit.name.substr(unit.name.size() - kHan))) {
        whole = true;
        return size + (self ? 3 : 1) * kHan;
    }
    return size;
}

bool inside(const Unit& unit, const Unit& wider) {
    if (wider.level == Level::kProvince) return unit.code / 10000 == wider.code / 10000;
    return wider.level == Level::kCity && unit.level > Level::kCity && wider.code % 100 == 0 &&
           unit.code / 100 == wider.code / 100;
}

const RegionTable& RegionTable::get() {
    static const RegionTable table;
    return table;
}

std::string_view RegionTable::edition() { return region_data::kEdition; }

RegionTable::RegionTable() : simplified_(kLastHan - kFirstHan + 1) {
    heads_.fill(kNone);
    read_units();
    for (std::size_t i = 0; i + 1 < kTraditional.size(); i += 2)
        simplified_[kTraditional[i] - kFirstHan] = kTraditional[i + 1];
}

// The signs are explained in cmake/region_table.mjs.
void RegionTable::read_units() {
    units_.reserve(5000);
    next_.reserve(5000);
    std::uint32_t province = 0;
    std::uint32_t city = 0;
    Unit last{};
    for (std::size_t at = 0; at < kUnits.size();) {
        const char sign = kUnits[at];
        std::uint32_t number = 0;
        if (!digit(sign)) ++at;
        if (digit(sign) || sign == '=' || sign == '+') {
            number = static_cast<std::uint32_t>((kUnits[at] - '0') * 10 + (kUnits[at + 1] - '0'));
            at += 2;
        }
        const bool former = at < kUnits.size() && kUnits[at] == '-';
        if (former) ++at;
        const std::size_t begin = at;
        while (at < kUnits.size() && (kUnits[at] & 0x80) != 0) ++at;
        const std::string_view name = kUnits.substr(begin, at - begin);
        Unit unit{name, without_suffix(name), 0, Level::kCounty, former};
        switch (sign) {
            case '=':
                province = number * 10000;
                unit.code = province;
                unit.level = Level::kProvince;
                break;
            case '+':
                city = province + number * 100;
                unit.code = city;
                unit.level = Level::kCity;
                break;
            case '.':
            case '*':
                unit.code = city;
                unit.level = sign == '.' ? Level::kTown : Level::kCounty;
                break;
            case '~':
                unit.code = last.code;
                unit.level = last.level;
                unit.former = last.former;
                unit.short_name = {};
                break;
            case '\'':
                units_.back().short_name = units_.back().name.substr(0, name.size());
                continue;
            default:
                unit.code = city + number;
                // 济源市 stands where a city stands, 神农架林区 does not
                if (city / 100 % 100 == 90 && name.ends_with("市")) unit.level = Level::kCity;
        }
        if (sign != '~' && sign != '.' && sign != '*') last = unit;
        if (!name.empty()) add(unit);
    }
}

void RegionTable::add(Unit unit) {
    // 北京市 is a province that has no city
    if (unit.level == Level::kCity && units_[first_of(unit.code / 10000 * 10000)].name == unit.name) return;
    const std::size_t place = bucket(unit.name);
    next_.push_back(heads_[place]);
    heads_[place] = static_cast<std::uint16_t>(units_.size());
    units_.push_back(unit);
}

std::size_t RegionTable::first_of(std::uint32_t code) const {
    const auto found = std::lower_bound(units_.begin(), units_.end(), code,
                                        [](const Unit& unit, std::uint32_t c) { return unit.code < c; });
    return static_cast<std::size_t>(found - units_.begin());
}

std::size_t RegionTable::bucket(std::string_view text) {
    std::uint32_t hash = 0;
    for (std::size_t i = 0; i < kKey; ++i) hash = hash * 31 + static_cast<unsigned char>(text[i]);
    return (hash ^ (hash >> 11)) % 2048;
}

std::string RegionTable::simplified(std::string_view text, std::size_t most) const {
    std::string out(text.substr(0, most));
    for (std::size_t at = 0; at < text.size() && at < most;) {
        const scan::CodePoint p = scan::decode(text, at);
        if (at + p.length > most) {
            out.resize(at);
            break;
        }
        const char16_t c =
            p.value >= kFirstHan && p.value <= kLastHan ? simplified_[p.value - kFirstHan] : u'\0';
        if (c != 0) {
            out[at] = static_cast<char>(0xE0 | (c >> 12));
            out[at + 1] = static_cast<char>(0x80 | ((c >> 6) & 0x3F));
            out[at + 2] = static_cast<char>(0x80 | (c & 0x3F));
        }
        at += p.length;
    }
    return out;
}

}  // namespace leadbridge::lead
