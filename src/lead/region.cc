#include "lead/region.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <initializer_list>

#include "lead/phone_scan.h"

namespace leadbridge::lead {
namespace {

struct Province {
    std::string_view prefix;  // GB/T 2260
    std::string_view name;    // short
    std::string_view official;
};

constexpr std::array<Province, 34> kProvinces = {{
    {"11", "北京", "北京市"},           {"12", "天津", "天津市"},         {"13", "河北", "河北省"},
    {"14", "山西", "山西省"},           {"15", "内蒙古", "内蒙古自治区"}, {"21", "辽宁", "辽宁省"},
    {"22", "吉林", "吉林省"},           {"23", "黑龙江", "黑龙江省"},     {"31", "上海", "上海市"},
    {"32", "江苏", "江苏省"},           {"33", "浙江", "浙江省"},         {"34", "安徽", "安徽省"},
    {"35", "福建", "福建省"},           {"36", "江西", "江西省"},         {"37", "山东", "山东省"},
    {"41", "河南", "河南省"},           {"42", "湖北", "湖北省"},         {"43", "湖南", "湖南省"},
    {"44", "广东", "广东省"},           {"45", "广西", "广西壮族自治区"}, {"46", "海南", "海南省"},
    {"50", "重庆", "重庆市"},           {"51", "四川", "四川省"},         {"52", "贵州", "贵州省"},
    {"53", "云南", "云南省"},           {"54", "西藏", "西藏自治区"},     {"61", "陕西", "陕西省"},
    {"62", "甘肃", "甘肃省"},           {"63", "青海", "青海省"},         {"64", "宁夏", "宁夏回族自治区"},
    {"65", "新疆", "新疆维吾尔自治区"}, {"71", "台湾", "台湾省"},         {"81", "香港", "香港特别行政区"},
    {"82", "澳门", "澳门特别行政区"},
}};

bool municipality(const Province& p) { return p.official.ends_with("市"); }

const Province* find_province(std::string_view name) {
    for (const Province& p : kProvinces) {
        if (name == p.name || name == p.official) return &p;
        if (name.starts_with(p.name) && name.substr(p.name.size()) == "省") return &p;  // 广西省
    }
    return nullptr;
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

bool one_of(std::string_view text, std::initializer_list<std::string_view> words) {
    return std::find(words.begin(), words.end(), text) != words.end();
}
bool starts_with_any(std::string_view text, std::initializer_list<std::string_view> words) {
    return std::any_of(words.begin(), words.end(), [&](std::string_view w) { return text.starts_with(w); });
}
bool ends_with_any(std::string_view text, std::initializer_list<std::string_view> words) {
    return std::any_of(words.begin(), words.end(), [&](std::string_view w) { return text.ends_with(w); });
}

// Reads one text from the front. Each level is a pure look at `rest_`; what no level takes is the address.
class Reader {
  public:
    explicit Reader(std::string_view text) : rest_(text) { skip_separators(); }

    Region run() {
        province();
        city();
        district();
        street();
        skip_separators();
        region_.address = rest_;
        return std::move(region_);
    }

  private:
    void skip_separators() {
        separated_ = rest_.empty();
        while (is_separator(rest_)) {
            rest_.remove_prefix(char_length(rest_));
            separated_ = true;
        }
    }

    bool take(std::string_view word) {
        if (!rest_.starts_with(word)) return false;
        rest_.remove_prefix(word.size());
        return true;
    }

    // The Han characters (or a placeholder's x) up to a separator, a digit, a sign or the end.
    std::string_view token() const {
        std::size_t at = 0;
        while (at < rest_.size()) {
            const scan::CodePoint p = scan::decode(rest_, at);
            if (!han_character(p.value) && p.value != 'x' && p.value != 'X') break;
            at += p.length;
        }
        return rest_.substr(0, at);
    }
    static std::size_t count(std::string_view han) {
        std::size_t n = 0;
        for (std::size_t at = 0; at < han.size(); at += scan::decode(han, at).length) ++n;
        return n;
    }
    bool whole_token(std::string_view name) const {
        const std::string_view after = rest_.substr(name.size());
        return after.empty() || is_separator(after);
    }

    void province() {
        const std::string_view before = rest_;
        if (rest_.starts_with("中国"))
            rest_.remove_prefix(std::string_view("中国").size()), skip_separators();
        for (const Province& p : kProvinces) {
            if (take(p.official) || (rest_.starts_with(p.name) && take_short(p))) {
                province_ = &p;
                break;
            }
        }
        if (province_ != nullptr) {
            region_.province = province_->official;
        } else {
            rest_ = before;
            const std::string_view name = token();
            const std::size_t end = name.find("省");
            if (end == std::string_view::npos || end == 0 || count(name.substr(0, end)) > 3) return;
            region_.province = name.substr(0, end + std::string_view("省").size());
            rest_.remove_prefix(region_.province.size());
        }
        skip_separators();
        if (rest_.starts_with(region_.province) && !municipality_found())
            take(region_.province), skip_separators();
    }

    bool municipality_found() const { return province_ != nullptr && municipality(*province_); }

    // 浙江 alone is a province only when what follows reads like the next level: 北京东路, 吉林大街, 河南路
    // are streets.
    bool take_short(const Province& p) {
        const std::string_view before = rest_;
        // 海南藏族自治州 and 河南蒙古族自治县 lie in 青海
        if (starts_with_any(rest_, {"海南藏族", "海南州", "河南蒙古族"})) return false;
        if (rest_.starts_with("吉林市")) return true;  // in 吉林省: the city is read next
        rest_.remove_prefix(p.name.size());
        take("省");
        if (rest_.empty() || is_separator(rest_)) return true;
        const Reader probe = ahead(p);
        if (!probe.region_.city.empty() && !municipality(p)) return true;
        if (district_size() > 0) return true;
        rest_ = before;
        return false;
    }

    Reader ahead(const Province& p) const {
        Reader probe(rest_);
        probe.province_ = &p;
        probe.separated_ = false;
        probe.city();
        probe.district();
        return probe;
    }

    void city() {
        if (municipality_found()) {
            region_.city = province_->official;
            if (!take(province_->official) && rest_.starts_with(province_->name)) {
                const std::string_view after = rest_.substr(province_->name.size());
                if (after.empty() || is_separator(after)) rest_ = after;
            }
            skip_or_stay();
            if (take("市辖区") || take("县")) skip_or_stay();
            return;
        }
        if (take("省直辖县级行政区划") || take("自治区直辖县级行政区划") || take("直辖县级行政区划"))
            skip_separators();
        std::size_t size = city_by_suffix();
        if (size == 0 && province_ != nullptr) size = city_by_position();
        if (size == 0) return;
        region_.city = rest_.substr(0, size);
        rest_.remove_prefix(size);
        skip_separators();
        if (take("市辖区")) skip_separators();
    }

    void skip_or_stay() {
        const bool was = separated_;
        skip_separators();
        separated_ = separated_ || was;
    }

    // Bytes of the name at the front that ends in 市, 地区, 自治州 or 盟; 0 for none.
    std::size_t city_by_suffix() const {
        const std::string_view text = token();
        std::size_t n = 0;
        for (std::size_t at = 0; at < text.size() && n < 14; ++n) {
            const std::string_view here = text.substr(at);
            const std::string_view name = text.substr(0, at);
            if (n >= 2 && n <= 10 && here.starts_with("自治州"))
                return at + std::string_view("自治州").size();
            if (n >= 2 && n <= 4 && here.starts_with("地区")) return at + std::string_view("地区").size();
            if (n >= 2 && n <= 4 && here.starts_with("盟") && province_ != nullptr &&
                province_->prefix == "15") {
                return at + std::string_view("盟").size();
            }
            if (n >= 2 && n <= 5 && here.starts_with("市")) {
                const std::string_view after = here.substr(std::string_view("市").size());
                if (!after.starts_with("场") && !ends_with_any(name, {"超", "菜", "夜"})) {
                    return at + std::string_view("市").size();
                }
            }
            if (starts_with_any(here, {"区", "县", "旗", "省", "路", "街", "号"})) return 0;
            at += char_length(here);
        }
        return 0;
    }

    std::size_t city_by_position() const {
        const std::string_view name = token();
        const std::size_t n = count(name);
        if (n < 2 || !whole_token(name) || district_size() == name.size()) return 0;
        if (ends_with_any(
                name, {"路", "街", "道", "号", "店", "镇", "乡", "村", "楼", "厦", "院", "学", "馆", "厅"})) {
            return one_of(name, {"景德镇"}) ? name.size() : 0;
        }
        if (separated_) return n <= 8 ? name.size() : 0;
        const bool long_names = one_of(province_->name, {"内蒙古", "新疆"});  // 呼和浩特, 乌鲁木齐
        return n <= 3 || (n == 4 && long_names) ? name.size() : 0;
    }

    // Bytes of the name at the front that ends in 区, 县, 旗 or (inside a city) 市; 0 for none.
    std::size_t district_size() const {
        const std::string_view text = token();
        std::size_t n = 0;
        for (std::size_t at = 0; at < text.size() && n < 16; ++n) {
            const std::string_view here = text.substr(at);
            const std::string_view name = text.substr(0, at);
            const std::size_t length = char_length(here);
            const std::string_view after = here.substr(length);
            if (n >= 1 && starts_with_any(here, {"区", "县", "旗", "市"})) {
                const bool county_city = here.starts_with("市");
                // 沙市区, 津市市: the suffix comes one later; 小区, 社区, 校区 are no districts
                const bool later = county_city && n == 1 && starts_with_any(after, {"区", "市"});
                const bool estate =
                    here.starts_with("区") &&
                    ends_with_any(name, {"小", "社", "校", "厂", "景", "院", "片", "街", "商"});
                const bool shop =
                    county_city && (after.starts_with("场") || ends_with_any(name, {"超", "菜", "夜", "城"}));
                const bool allowed = !county_city || (!region_.city.empty() && n <= 6);
                if (estate) return 0;
                if (allowed && !later && !shop) return at + length;
            }
            if (starts_with_any(here, {"街", "号"}) || (n >= 1 && here.starts_with("路")) ||
                (n >= 2 && starts_with_any(here, {"镇", "乡"}))) {
                return 0;
            }
            at += length;
        }
        return 0;
    }

    void district() {
        if (region_.province.empty() && region_.city.empty()) return;
        const bool separated = separated_;
        std::size_t size = district_size();
        const std::string_view name = token();
        // 浙江 杭州余杭区: without a table nobody can say where the city ends
        if (size > 0 && region_.city.empty() && !separated && count(name.substr(0, size)) > 4 &&
            name.substr(0, size).ends_with("区") && !name.substr(0, size).ends_with("林区")) {
            size = 0;
        }
        const bool by_position = separated || municipality_found();
        if (size == 0 && by_position && !region_.city.empty() && whole_token(name)) {
            const std::size_t n = count(name);
            if (n >= 2 && n <= 6 &&
                !ends_with_any(name, {"路", "街", "道", "号", "店", "镇", "乡", "村", "楼", "厦", "院",
                                      "小区", "学", "馆", "厅"})) {
                size = name.size();
            }
        }
        if (size == 0) return;
        region_.district = rest_.substr(0, size);
        rest_.remove_prefix(size);
        skip_separators();
    }

    void street() {
        if (region_.city.empty() && region_.district.empty()) return;
        const std::string_view text = token();
        std::size_t n = 0;
        for (std::size_t at = 0; at < text.size() && n < 12; ++n) {
            const std::string_view here = text.substr(at);
            std::string_view suffix;
            if (n >= 1 && here.starts_with("街道")) suffix = "街道";
            if (n >= 2 && here.starts_with("苏木")) suffix = "苏木";
            if (n >= 2 && here.starts_with("镇")) suffix = "镇";
            if (n >= 2 && here.starts_with("乡")) suffix = "乡";
            if (!suffix.empty() && n <= 10) {
                const std::string_view after = here.substr(suffix.size());
                const bool name_of_road = starts_with_any(after, {"路", "大道", "大街", "巷"}) ||
                                          (after.starts_with("街") && !after.starts_with("街道"));
                if (suffix == "街道" || !name_of_road) {
                    region_.street = rest_.substr(0, at + suffix.size());
                    rest_.remove_prefix(region_.street.size());
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

    std::string_view rest_;
    bool separated_ = false;  // a separator (or the end) stands right before rest_
    const Province* province_ = nullptr;
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

}  // namespace

Region parse_region(std::string_view source_text) {
    Region region = Reader(trim(source_text)).run();
    if (region.province.empty() && region.city.empty()) region.address = trim(source_text);
    region.source_text = source_text;
    return region;
}

void add_code(Region& region, std::string_view level, std::string_view code) {
    if (code.empty()) return;
    const Province* province = find_province(region.province);
    const bool digits = code.size() == 6 && std::all_of(code.begin(), code.end(), scan::is_digit);
    const bool gb =
        province != nullptr && digits && code.starts_with(province->prefix) && level_form(level, code);
    region.codes.push_back({gb ? "gb2260" : "source", std::string(level), std::string(code)});
}

Region region_from_parts(const RegionParts& parts) {
    const std::array<std::string_view, 4> names = {trim(parts.province), trim(parts.city),
                                                   trim(parts.district), trim(parts.street)};
    Region region;
    if (std::all_of(names.begin(), names.end(), [](std::string_view n) { return n.empty(); })) {
        region = parse_region(parts.address);
    } else {
        const Province* province = find_province(names[0].empty() ? names[1] : names[0]);
        if (names[0].empty() && province != nullptr && !municipality(*province)) province = nullptr;
        region.province = province != nullptr ? province->official : names[0];
        region.city = one_of(names[1], {"市辖区", "县", "省直辖县级行政区划", "自治区直辖县级行政区划"})
                          ? ""
                          : names[1];
        if (province != nullptr && municipality(*province) &&
            (region.city.empty() || region.city == province->name)) {
            region.city = province->official;
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
