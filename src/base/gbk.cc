#include "base/gbk.h"

#include <iterator>
#include <memory>

#include "base/text.h"
#include "gbk_table.h"

namespace leadbridge::base {
namespace {

constexpr unsigned kFirstLead = 0x81;
constexpr unsigned kLastLead = 0xFE;
constexpr unsigned kFirstTrail = 0x40;
constexpr unsigned kLastTrail = 0xFE;
constexpr unsigned kTrails = kLastTrail - kFirstTrail + 1;
constexpr char32_t kReplacement = 0xFFFD;

// 180 KB, made when GBK is first met.
class Table {
  public:
    void set(unsigned lead, unsigned trail, char16_t unit) {
        units_[index(lead, trail)] = unit;
        codes_[unit] = static_cast<char16_t>(lead << 8 | trail);
    }

    // 0 when there is no such character.
    [[nodiscard]] char16_t unit(unsigned lead, unsigned trail) const {
        const bool inside =
            lead >= kFirstLead && lead <= kLastLead && trail >= kFirstTrail && trail <= kLastTrail;
        return inside ? units_[index(lead, trail)] : u'\0';
    }
    [[nodiscard]] unsigned code(char32_t code_point) const {
        return code_point < 0x10000 ? codes_[code_point] : 0U;
    }

  private:
    static constexpr std::size_t index(unsigned lead, unsigned trail) {
        return static_cast<std::size_t>(lead - kFirstLead) * kTrails + (trail - kFirstTrail);
    }

    char16_t units_[(kLastLead - kFirstLead + 1) * kTrails] = {};
    char16_t codes_[0x10000] = {};
};

constexpr char16_t kFirstIdeograph = 0x4E00;
constexpr char16_t kLastIdeograph = 0x9FA5;  // of Unicode 1.1, which GBK encodes

enum class From { pinyin, steps, user_defined, order };

struct Area {
    unsigned char lead_from, lead_to, trail_from, trail_to;
    From from;
};

// `order` comes last: it takes the ideographs the areas before it left, and then steps again.
constexpr Area kAreas[] = {
    {0xB0, 0xD7, 0xA1, 0xFE, From::pinyin},       {0xA1, 0xA9, 0x40, 0xFE, From::steps},
    {0xD8, 0xF7, 0xA1, 0xFE, From::steps},        {0xAA, 0xAF, 0xA1, 0xFE, From::user_defined},
    {0xF8, 0xFE, 0xA1, 0xFE, From::user_defined}, {0x81, 0xA0, 0x40, 0xFE, From::order},
    {0xAA, 0xFE, 0x40, 0xA0, From::order},
};

class Generator {
  public:
    void fill(Table& table) {
        const char16_t* pinyin = gbk_table::kPinyin;
        char16_t user_defined = 0xE000;
        for (const Area& area : kAreas) {
            for (unsigned lead = area.lead_from; lead <= area.lead_to; ++lead) {
                for (unsigned trail = area.trail_from; trail <= area.trail_to; ++trail) {
                    if (trail == 0x7F) continue;
                    table.set(lead, trail,
                              area.from == From::pinyin         ? *pinyin++
                              : area.from == From::user_defined ? user_defined++
                              : area.from == From::steps        ? next_step()
                                                                : next_in_order(table));
                }
            }
        }
    }

  private:
    char16_t next_step() {
        unsigned value = 0;
        for (unsigned shift = 0; step_ != std::end(gbk_table::kSteps); shift += 7) {
            const unsigned byte = *step_++;
            value |= (byte & 0x7FU) << shift;
            if (byte < 0x80) break;
        }
        const unsigned step = value % 2 != 0 ? 0U - (value + 1) / 2 : value / 2;
        return before_ = static_cast<char16_t>(before_ + step);
    }

    char16_t next_in_order(const Table& table) {
        while (ideograph_ <= kLastIdeograph && table.code(ideograph_) != 0) ++ideograph_;
        return ideograph_ <= kLastIdeograph ? ideograph_ : next_step();
    }

    const unsigned char* step_ = gbk_table::kSteps;
    char16_t before_ = 0;
    char16_t ideograph_ = kFirstIdeograph;
};

const Table& table() {
    static const auto kTable = [] {
        auto made = std::make_unique<Table>();
        Generator().fill(*made);
        return made;
    }();
    return *kTable;
}

}  // namespace

std::string gbk_to_utf8(std::string_view bytes) {
    std::string out;
    out.reserve(bytes.size() + bytes.size() / 2);
    const Table& known = table();
    for (std::size_t i = 0; i < bytes.size(); ++i) {
        const unsigned lead = static_cast<unsigned char>(bytes[i]);
        if (lead < 0x80) {
            out += bytes[i];
            continue;
        }
        const unsigned trail = i + 1 < bytes.size() ? static_cast<unsigned char>(bytes[i + 1]) : 0U;
        const char16_t unit = known.unit(lead, trail);
        append_utf8(out, unit != 0 ? char32_t{unit} : kReplacement);
        if (unit != 0 || (lead >= kFirstLead && lead <= kLastLead && trail > kLastLead)) ++i;
    }
    return out;
}

std::string utf8_to_gbk(std::string_view utf8) {
    std::string out;
    out.reserve(utf8.size());
    const Table& known = table();
    for (const char32_t c : to_code_points(utf8)) {
        const unsigned code = c < 0x80 ? 0 : known.code(c);
        if (code != 0) out += static_cast<char>(static_cast<unsigned char>(code >> 8));
        out += c < 0x80 ? static_cast<char>(c) : code != 0 ? static_cast<char>(code & 0xFFU) : '?';
    }
    return out;
}

}  // namespace leadbridge::base
