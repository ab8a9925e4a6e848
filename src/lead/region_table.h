#pragma once
// Inside of the lead room: the provinces, cities and counties of GB/T 2260 with the names of earlier years, generated at
// build time (cmake/region_table.mjs). Built in memory once, at the first region.
#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace leadbridge::lead {

enum class Level : std::uint8_t { kProvince, kCity, kCounty, kTown };

struct Unit {
    std::string_view name;
    std::string_view short_name;  // 杭州, 恩施: a beginning of the name; empty when there is none
    std::uint32_t code;           // pp0000, ppcc00 or ppccdd; a town or a zone has its city's
    Level level;
    bool former;  // a name of earlier years

    bool town_or_zone() const {
        return level == Level::kTown || (level == Level::kCounty && code % 100 == 0);
    }
};

// Bytes of the unit's name at the front of the text, 0 for none: the name itself or, with whole = false, its short name.
std::size_t named_at(const Unit& unit, std::string_view text, bool& whole);

// Whether the unit lies in the other one, by their codes.
bool inside(const Unit& unit, const Unit& wider);

class RegionTable {
  public:
    static const RegionTable& get();
    static std::string_view edition();  // the package of the table, its version and month

    // Calls f(const Unit&) for every unit whose name may stand at the front of the text.
    template <typename F>
    void each_at(std::string_view text, F f) const {
        if (text.size() < kKey) return;
        for (std::uint16_t i = heads_[bucket(text)]; i != kNone; i = next_[i]) {
            if (text.starts_with(units_[i].name.substr(0, kKey))) f(units_[i]);
        }
    }
    // Calls f(const Unit&) for every unit of this code, towns, zones and other names among them.
    template <typename F>
    void each_of(std::uint32_t code, F f) const {
        for (std::size_t i = first_of(code); i < units_.size() && units_[i].code == code; ++i) f(units_[i]);
    }
    // The same text with simplified characters, up to `most` bytes; every character keeps its place and length.
    std::string simplified(std::string_view text, std::size_t most) const;

  private:
    RegionTable();
    void read_units();
    void add(Unit unit);
    std::size_t first_of(std::uint32_t code) const;
    static std::size_t bucket(std::string_view text);

    static constexpr std::size_t kKey = 6;  // two Han characters: every name has them
    static constexpr std::uint16_t kNone = 0xFFFF;
    static constexpr char32_t kFirstHan = 0x3400, kLastHan = 0x9FFF;
    std::vector<Unit> units_;  // by code
    std::array<std::uint16_t, 2048> heads_{};
    std::vector<std::uint16_t> next_;
    std::vector<char16_t> simplified_;  // from kFirstHan; 0: itself
};

}  // namespace leadbridge::lead
