#include "lead/region.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <initializer_list>

#include "lead/phone_scan.h"
#include "lead/region_table.h"

namespace leadbridge::lead {
namespace {

bool one_of(std::string_view text, std::initializer_list<std::string_view> words) {
    return std::find(words.begin(), words.end(), text) != words.end();
}
bool starts_with_any(std::string_view text, std::initializer_list<std::string_view> words) {
    return std::any_of(words.begin(), words.end(), [&](std::string_view w) { return text.starts_with(w); });
}
bool ends_with_any(std::string_view text, std::initializer_list<std::string_view> words) {
    return std::any_of(words.begin(), words.end(), [&](std::string_view w) { return text.ends_with(w); });
}

std::size_t char_length(std::string_view text) { return text.empty() ? 0 : scan::decode(text, 0).length; }

bool han_character(char32_t c) {
    return (c >= 0x4E00 && c <= 0x9FFF) || (c >= 0x3400 && c <= 0x4DBF) || (c >= 0x20000 && c <= 0x2FFFF) ||
           c == 0x3007;
}

bool is_separator(std::string_view text) {
    if (text.empty()) return false;
    switch (scan::decode(text, 0).value) {
        case ' ':
        case '\t':
        case '\r':
        case '\n':
        case '/':
        case '\\':
        case ',':
        case ';':
        case '|':
        case '-':
        case '_':
        case '>':
        case 0xA0:
        case 0xB7:
        case 0x2013:
        case 0x2014:
        case 0x2192:
        case 0x3000:
        case 0x3001:
        case 0xFEFF:
        case 0xFF0C:
        case 0xFF0F:
        case 0xFF1B:
        case 0xFF5C:
        case 0xFF0D:
            return true;
        default:
            return false;
    }
}

// A name ends here: nothing follows, a separator, or a sign that no name has.
bool ends_name(std::string_view after) {
    return after.empty() || is_separator(after) ||
           starts_with_any(after, {"(", ")", "[", "]", ":", ".", "（", "）", "【", "】", "：", "。"});
}

// The Han characters up to anything else.
std::string_view token(std::string_view text) {
    std::size_t at = 0;
    while (at < text.size()) {
        const scan::CodePoint p = scan::decode(text, at);
        if (!han_character(p.value)) break;
        at += p.length;
    }
    return text.substr(0, at);
}

bool municipality(const Unit& province) {
    const std::uint32_t code = province.code / 10000;
    return code == 11 || code == 12 || code == 31 || code == 50;
}

const Unit* province_of(std::uint32_t code) {
    const Unit* found = nullptr;
    RegionTable::get().each_of(code / 10000 * 10000, [&](const Unit& unit) {
        if (found == nullptr && unit.level == Level::kProvince) found = &unit;
    });
    return found;
}

// 浙江, 浙江省, 广西省
const Unit* find_province(std::string_view name) {
    const std::string plain = RegionTable::get().simplified(name, 60);
    const Unit* found = nullptr;
    RegionTable::get().each_at(plain, [&](const Unit& unit) {
        bool whole = false;
        if (unit.level == Level::kProvince && named_at(unit, plain, whole) == plain.size())
            found = province_of(unit.code);
    });
    return found;
}

// Pieces of a text that are names of units which lie in each other, in any order.
struct Chain {
    struct Word {
        std::uint16_t begin = 0, size = 0;
    };
    std::array<const Unit*, 4> units{};  // by level
    std::array<Word, 4> words{};         // where the text has them
    std::uint16_t end = 0;               // of the last piece
    std::uint8_t pieces = 0;
    std::uint8_t repeats = 0;  // pieces in a row that were there before

    const Unit* at(Level level) const { return units[static_cast<std::size_t>(level)]; }
    bool empty() const { return pieces == 0; }
    bool narrower_than(Level level) const {
        for (std::size_t i = static_cast<std::size_t>(level) + 1; i < units.size(); ++i)
            if (units[i] != nullptr) return true;
        return false;
    }
    // Whether the unit can be a piece of this chain: a level not read yet, or the same unit again.
    bool takes(const Unit& unit) const {
        const Unit* known = at(unit.level);
        if (known != nullptr &&
            (known->code != unit.code || (unit.town_or_zone() && known->name != unit.name)))
            return false;
        return (unit.level != Level::kTown || at(Level::kCity) != nullptr) && agrees(unit);
    }
    bool agrees(const Unit& unit) const {
        for (const Unit* other : units) {
            if (other == nullptr || other->level == unit.level) continue;
            if (!(other->level < unit.level ? inside(unit, *other) : inside(*other, unit))) return false;
        }
        return true;
    }
};

// Reads one text from the front; what no level takes is the address. Names are looked for in a copy with simplified
// characters, whose places are the text's own.
class Reader {
  public:
    explicit Reader(std::string_view text)
        : text_(text), plain_(RegionTable::get().simplified(text, kReach)) {}

    Region run() {
        chain_ = longest(Chain{}, 0);
        at_ = chain_.end;
        if (chain_.empty()) {
            placeholders();
        } else {
            levels();
        }
        skip_separators();
        region_.address = text_.substr(at_);
        return std::move(region_);
    }

  private:
    static constexpr std::size_t kReach = 600;      // bytes; names stand in front
    static constexpr std::size_t kMostPieces = 10;  // with repeats: a text that says everything three times
    static constexpr std::size_t kMostSteps = 200;

    std::string_view plain(std::size_t from) const {
        return std::string_view(plain_).substr(std::min(from, plain_.size()));
    }
    std::size_t after_separators(std::size_t at) const {
        while (is_separator(plain(at))) at += char_length(plain(at));
        return at;
    }
    void skip_separators() {
        const std::size_t before = at_;
        while (at_ < text_.size() && is_separator(text_.substr(at_))) at_ += char_length(text_.substr(at_));
        separated_ = at_ > before || at_ == 0 || at_ == text_.size();
    }
    std::string_view take(std::size_t size) {
        const std::string_view taken = text_.substr(at_, size);
        at_ += size;
        return taken;
    }

    // Words between the levels that name none: 市辖区.
    std::size_t filler(const Chain& chain, std::size_t at) const {
        if (chain.empty()) return word(at, {"中华人民共和国", "中国"});
        if (const std::size_t size =
                word(at, {"市辖区", "省直辖县级行政区划", "自治区直辖县级行政区划", "省直辖县级行政单位",
                          "直辖县级行政区划", "省直辖县", "省直辖"})) {
            return size;
        }
        const Unit* province = chain.at(Level::kProvince);
        return province != nullptr && municipality(*province) ? word(at, {"县"}) : 0;
    }
    std::size_t word(std::size_t at, std::initializer_list<std::string_view> words) const {
        for (const std::string_view w : words)
            if (plain(at).starts_with(w)) return w.size();
        return 0;
    }

    // The chain with the pieces that follow at a place: as long as it gets, and none that is not certain.
    Chain longest(const Chain& chain, std::size_t from) const {
        if (chain.pieces == kMostPieces) return chain;
        const std::size_t at = after_separators(from);
        const Chain best = piece(chain, at);
        const std::size_t size = best.end == chain.end ? filler(chain, at) : 0;
        return size == 0 ? best : piece(chain, after_separators(at + size));
    }

    Chain piece(const Chain& chain, std::size_t at) const {
        Chain best = chain;
        const Unit* first = nullptr;
        const auto consider = [&](const Unit& unit, std::size_t size, bool whole) {
            if (++steps_ > kMostSteps) return;
            const Chain next = with(chain, unit, at, size, whole);
            if (next.end == chain.end || next.end < best.end) return;
            if (next.end == best.end && !prefers(chain, unit, first)) return;
            best = next;
            first = &unit;
        };
        RegionTable::get().each_at(plain(at), [&](const Unit& unit) {
            bool whole = false;
            const std::size_t size = chain.takes(unit) ? named_at(unit, plain(at), whole) : 0;
            if (size > 0) consider(unit, size, whole);
            // 青岛市北区 is 青岛 and 市北区
            const std::size_t cut = unit.short_name.size();
            if (whole && cut > 0 && plain(at + cut).starts_with("市") && names_stand_at(at + cut))
                consider(unit, cut, false);
        });
        return best;
    }

    bool names_stand_at(std::size_t at) const {
        bool any = false;
        RegionTable::get().each_at(plain(at), [&](const Unit&) { any = true; });
        return any;
    }

    // Of two readings of the same length: what was not there before, today's name, the wider level.
    static bool prefers(const Chain& chain, const Unit& unit, const Unit* other) {
        if (other == nullptr) return true;
        const bool again = chain.at(unit.level) != nullptr;
        const bool other_again = chain.at(other->level) != nullptr;
        if (again != other_again) return other_again;
        if (unit.former != other->former) return other->former;
        return unit.level < other->level;
    }

    // The chain with this piece and what follows it; the chain itself when the piece is not certain.
    Chain with(const Chain& chain, const Unit& unit, std::size_t at, std::size_t size, bool whole) const {
        const std::size_t level = static_cast<std::size_t>(unit.level);
        const bool again = chain.units[level] != nullptr;
        const std::string_view after = plain(at + size);
        if (whole && part_of_other_word(unit, after)) return chain;

        Chain next = chain;
        if (!again) {
            next.units[level] = &unit;
            next.words[level] = {static_cast<std::uint16_t>(at), static_cast<std::uint16_t>(size)};
        }
        next.end = static_cast<std::uint16_t>(at + size);
        ++next.pieces;
        next.repeats = again ? static_cast<std::uint8_t>(chain.repeats + 1) : 0;
        const Chain further = longest(next, next.end);
        if (further.end > next.end) return further;

        const bool ended = ends_name(text_.substr(at + size));
        const bool narrower = chain.narrower_than(unit.level);
        if (again || narrower) {
            // 江苏省南京市江苏省人民医院 stays whole; a chain that is said twice down to its last level is a repeat
            return ended || (whole && again && !narrower && chain.repeats > 0) ? next : chain;
        }
        if (whole) return chain.empty() && !certain_alone(unit) ? chain : next;
        if (!ended || (chain.empty() && unit.level != Level::kProvince && !certain_alone(unit))) return chain;
        return ambiguous(chain, unit, at, size) ? chain : next;
    }

    // 海城市场, 东区街道, 赵县大街, 第一师范
    static bool part_of_other_word(const Unit& unit, std::string_view after) {
        if (unit.name.ends_with("市") && after.starts_with("场")) return true;
        if (unit.name.ends_with("师")) return starts_with_any(after, {"范", "大", "专", "傅"});
        return unit.level == Level::kCounty && starts_with_any(after, {"街道", "路", "大街", "大道"});
    }

    // Without any other level: 沙县 and 东区 are words of any text, 向阳 is a name, 第八师 is of any army.
    static bool certain_alone(const Unit& unit) {
        if (unit.level == Level::kCity) return unit.code % 100 == 0 || unit.name.ends_with("市");
        if (unit.level != Level::kCounty) return unit.level == Level::kProvince;
        return !unit.town_or_zone() && unit.name.size() >= 9 &&
               !starts_with_any(unit.name, {"城", "市", "港", "新城", "老城", "新市"});
    }

    // A short name that may be of another level outside of this unit: 朝阳 is a city, and a district elsewhere.
    bool ambiguous(const Chain& chain, const Unit& unit, std::size_t at, std::size_t size) const {
        if (unit.level == Level::kProvince) return false;
        if (chain.empty() && (unit.level != Level::kCity || unit.code % 100 != 0)) return true;
        bool found = false;
        RegionTable::get().each_at(plain(at), [&](const Unit& other) {
            bool whole = false;
            found = found || (other.level != unit.level && other.level != Level::kProvince && !other.former &&
                              chain.at(other.level) == nullptr && chain.agrees(other) &&
                              named_at(other, plain(at), whole) == size && !inside(other, unit) &&
                              !inside(unit, other));
        });
        return found;
    }

    void levels() {
        const Unit* province = chain_.at(Level::kProvince);
        region_.city = word_of(Level::kCity);
        region_.district = word_of(Level::kCounty);
        region_.street = word_of(Level::kTown);
        if (const Unit* city = chain_.at(Level::kCity); province == nullptr && city != nullptr) {
            const Unit* around = province_of(city->code);
            if (around->short_name == city->short_name) province = around;  // 吉林市
        }
        if (province != nullptr) {
            region_.province = province_of(province->code)->name;
            if (municipality(*province)) region_.city = region_.province;
        }
        skip_separators();
        if (take_word({"市辖区"})) skip_separators();
        if (region_.district.empty() && region_.street.empty() && !region_.city.empty()) district();
        if (region_.street.empty() && (!region_.city.empty() || !region_.district.empty())) street();
    }
    std::string_view word_of(Level level) const {
        const Chain::Word word = chain_.words[static_cast<std::size_t>(level)];
        return text_.substr(word.begin, word.size);
    }
    bool take_word(std::initializer_list<std::string_view> words) {
        const std::size_t size = word(at_, words);
        at_ += size;
        return size > 0;
    }

    // Districts that no table has: a zone by its kind (成都市高新区, 郑州经开区), and what stands in a district's place
    // between separators and is called one.
    void district() {
        std::size_t size = zone();
        const std::string_view name = token(plain(at_));
        if (size == 0 && separated_ && !name.empty() && name.size() <= 24 &&
            ends_name(text_.substr(at_ + name.size())) && ends_with_any(name, {"区", "县", "旗"}) &&
            name.size() >= 6 &&
            !ends_with_any(name, {"小区", "社区", "校区", "厂区", "景区", "院区", "片区", "街区", "商区"}) &&
            !county_elsewhere(name)) {
            size = name.size();
        }
        if (size == 0) return;
        region_.district = take(size);
        skip_separators();
    }
    std::size_t zone() const {
        const std::string_view text = token(plain(at_));
        std::size_t n = 0;
        for (std::size_t at = 0; at < text.size() && n < 16; ++n) {
            for (const std::string_view kind :
                 {"开发区", "高新区", "经开区", "管理区", "示范区", "试验区", "保税区", "高新技术产业园区"}) {
                const std::string_view here = text.substr(at);
                if (!here.starts_with(kind)) continue;
                const bool road = starts_with_any(here.substr(kind.size()), {"路", "大道", "大街"});
                return road ? 0 : at + kind.size();
            }
            if (starts_with_any(text.substr(at), {"路", "街", "道", "号", "村", "楼", "厦", "镇"})) return 0;
            at += char_length(text.substr(at));
        }
        return text.starts_with("工业园区") ? std::string_view("工业园区").size() : 0;
    }
    static bool county_elsewhere(std::string_view name) {
        bool found = false;
        RegionTable::get().each_at(name, [&](const Unit& unit) {
            found = found || (unit.level == Level::kCounty && !unit.former && unit.name == name);
        });
        return found;
    }

    void street() {
        const std::string_view text = token(plain(at_));
        std::size_t n = 0;
        for (std::size_t at = 0; at < text.size() && n < 12; ++n) {
            const std::string_view here = text.substr(at);
            std::string_view suffix;
            if (n >= 1 && here.starts_with("街道")) suffix = "街道";
            if (n >= 2 && here.starts_with("苏木")) suffix = "苏木";
            if (n >= 2 && here.starts_with("镇")) suffix = "镇";
            if (n >= 2 && here.starts_with("乡") && !text.substr(0, at).ends_with("城")) suffix = "乡";
            if (!suffix.empty() && n <= 10) {
                const std::string_view after = here.substr(suffix.size());
                const bool name_of_road = starts_with_any(after, {"路", "大道", "大街", "巷"}) ||
                                          (after.starts_with("街") && !after.starts_with("街道"));
                if (suffix == "街道" || !name_of_road) {
                    region_.street = take(at + suffix.size());
                    return;
                }
            }
            const bool road = here.starts_with("路") && !here.starts_with("路街道");  // 小寨路街道
            if (road || starts_with_any(here, {"号", "区", "村"}) ||
                (here.starts_with("街") && suffix.empty()))
                return;
            at += char_length(here);
        }
    }

    // xx省xx市xx县, as the platform's page writes a region
    void placeholders() {
        skip_separators();
        for (auto [level, suffix] :
             {std::pair{&region_.province, "省"}, {&region_.city, "市"}, {&region_.district, "县"}}) {
            std::size_t marks = 0;
            while (marks < 3 && starts_with_any(plain(at_ + marks), {"x", "X"})) ++marks;
            if (marks == 0 || !plain(at_ + marks).starts_with(suffix)) return;
            *level = take(marks + 3);
            skip_separators();
        }
    }

    std::string_view text_;
    std::string plain_;              // the first kReach bytes
    mutable std::size_t steps_ = 0;  // readings tried
    std::size_t at_ = 0;
    bool separated_ = false;  // a separator (or an end) stands right before at_
    Chain chain_;
    Region region_;
};

std::string_view trim(std::string_view text) {
    while (!text.empty() && (text.front() == ' ' || (text.front() >= '\t' && text.front() <= '\r')))
        text.remove_prefix(1);
    while (!text.empty() && (text.back() == ' ' || (text.back() >= '\t' && text.back() <= '\r')))
        text.remove_suffix(1);
    return text;
}

bool level_form(std::string_view level, std::string_view code) {
    const bool city = code.substr(2, 2) != "00";
    const bool district = code.substr(4, 2) != "00";
    if (level == "province") return !city && !district;
    if (level == "city") return city && !district;
    if (level == "district") return city && district;
    return level == "location";
}

// Whether the table has this code in the region's province, and nothing that the region says of its level is against it.
bool same_in_table(const Region& region, const Unit& province, std::uint32_t code) {
    if (code / 10000 != province.code / 10000) return false;
    const bool county = code % 100 != 0;
    if (code == province.code) return true;
    // 110100: the districts of a municipality; 429000: counties under no city
    const std::uint32_t city = code / 100 % 100;
    if (!county && municipality(province) && city <= 2) return true;
    if (!county && city == 90) return region.city.empty();
    bool same = false;
    RegionTable::get().each_of(code, [&](const Unit& unit) {
        if (unit.town_or_zone()) return;
        const std::string& written = unit.level == Level::kCity ? region.city : region.district;
        const std::string plain = RegionTable::get().simplified(written, written.size());
        bool whole = false;
        same = same || written.empty() || named_at(unit, plain, whole) == plain.size();
    });
    return same;
}

}  // namespace

std::string_view region_table_edition() { return RegionTable::edition(); }

Region parse_region(std::string_view source_text) {
    Region region = Reader(trim(source_text)).run();
    if (region.province.empty() && region.city.empty() && region.district.empty())
        region.address = trim(source_text);
    region.source_text = source_text;
    return region;
}

void add_code(Region& region, std::string_view level, std::string_view code) {
    if (code.empty()) return;
    const Unit* province = find_province(region.province);
    const bool digits = code.size() == 6 && std::all_of(code.begin(), code.end(), scan::is_digit);
    std::uint32_t number = 0;
    if (digits)
        for (const char c : code) number = number * 10 + static_cast<std::uint32_t>(c - '0');
    const bool gb =
        province != nullptr && digits && level_form(level, code) && same_in_table(region, *province, number);
    region.codes.push_back({gb ? "gb2260" : "source", std::string(level), std::string(code)});
}

Region region_from_parts(const RegionParts& parts) {
    const std::array<std::string_view, 4> names = {trim(parts.province), trim(parts.city),
                                                   trim(parts.district), trim(parts.street)};
    Region region;
    if (std::all_of(names.begin(), names.end(), [](std::string_view n) { return n.empty(); })) {
        region = parse_region(parts.address);
    } else {
        const Unit* province = find_province(names[0].empty() ? names[1] : names[0]);
        if (names[0].empty() && province != nullptr && !municipality(*province)) province = nullptr;
        region.province = province != nullptr ? province->name : names[0];
        region.city = one_of(names[1], {"市辖区", "县", "省直辖县级行政区划", "自治区直辖县级行政区划"})
                          ? ""
                          : names[1];
        if (province != nullptr && municipality(*province) &&
            (region.city.empty() || find_province(region.city) == province)) {
            region.city = province->name;
        }
        region.district = names[2];
        region.street = names[3];
        region.address = parts.address;
        for (const std::string_view piece : {names[0], names[1], names[2], names[3], parts.address}) {
            if (piece.empty()) continue;
            if (!region.source_text.empty()) region.source_text.push_back(' ');
            region.source_text += piece;
        }
    }
    add_code(region, "province", parts.province_code);
    add_code(region, "city", parts.city_code);
    add_code(region, "district", parts.district_code);
    add_code(region, "street", parts.street_code);
    return region;
}

}  // namespace leadbridge::lead
