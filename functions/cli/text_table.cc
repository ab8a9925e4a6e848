#include "functions/cli/text_table.h"

#include <algorithm>
#include <array>
#include <iterator>
#include <numeric>

#include "base/text.h"

namespace leadbridge::native {
namespace {

constexpr int kLeastColumn = 4;

struct Range {
    char32_t first;
    char32_t last;
};

// Unicode 15 East_Asian_Width W and F, neighbouring ranges joined.
constexpr std::array kWide = {
    Range{0x1100, 0x115F},   Range{0x231A, 0x231B},   Range{0x23E9, 0x23EC},   Range{0x25FD, 0x25FE},
    Range{0x2614, 0x2615},   Range{0x2648, 0x2653},   Range{0x26AA, 0x26AB},   Range{0x26BD, 0x26BE},
    Range{0x2705, 0x2705},   Range{0x270A, 0x270B},   Range{0x2728, 0x2728},   Range{0x274C, 0x274C},
    Range{0x2753, 0x2755},   Range{0x2757, 0x2757},   Range{0x2795, 0x2797},   Range{0x2B1B, 0x2B1C},
    Range{0x2B50, 0x2B50},   Range{0x2B55, 0x2B55},   Range{0x2E80, 0x303E},   Range{0x3041, 0x3247},
    Range{0x3250, 0x4DBF},   Range{0x4E00, 0xA4C6},   Range{0xA960, 0xA97C},   Range{0xAC00, 0xD7A3},
    Range{0xF900, 0xFAFF},   Range{0xFE10, 0xFE19},   Range{0xFE30, 0xFE6B},   Range{0xFF01, 0xFF60},
    Range{0xFFE0, 0xFFE6},   Range{0x16FE0, 0x18D08}, Range{0x1AFF0, 0x1B2FB}, Range{0x1F004, 0x1F004},
    Range{0x1F0CF, 0x1F0CF}, Range{0x1F18E, 0x1F18E}, Range{0x1F191, 0x1F19A}, Range{0x1F200, 0x1F320},
    Range{0x1F32D, 0x1F335}, Range{0x1F337, 0x1F37C}, Range{0x1F37E, 0x1F393}, Range{0x1F3A0, 0x1F3CA},
    Range{0x1F3CF, 0x1F3D3}, Range{0x1F3E0, 0x1F3F0}, Range{0x1F3F4, 0x1F3F4}, Range{0x1F3F8, 0x1F43E},
    Range{0x1F440, 0x1F440}, Range{0x1F442, 0x1F4FC}, Range{0x1F4FF, 0x1F53D}, Range{0x1F54B, 0x1F567},
    Range{0x1F57A, 0x1F57A}, Range{0x1F595, 0x1F596}, Range{0x1F5A4, 0x1F5A4}, Range{0x1F5FB, 0x1F64F},
    Range{0x1F680, 0x1F6C5}, Range{0x1F6CC, 0x1F6CC}, Range{0x1F6D0, 0x1F6D7}, Range{0x1F6DC, 0x1F6EC},
    Range{0x1F6F4, 0x1F6FC}, Range{0x1F7E0, 0x1F7F0}, Range{0x1F90C, 0x1F9FF}, Range{0x1FA70, 0x1FAFF},
    Range{0x20000, 0x3FFFD},
};

// Combining marks and format characters.
constexpr std::array kZero = {
    Range{0x0300, 0x036F},   Range{0x0483, 0x0489},   Range{0x0591, 0x05BD}, Range{0x0610, 0x061A},
    Range{0x064B, 0x065F},   Range{0x093C, 0x093C},   Range{0x0941, 0x0948}, Range{0x0E31, 0x0E31},
    Range{0x0E34, 0x0E3A},   Range{0x0E47, 0x0E4E},   Range{0x1AB0, 0x1AFF}, Range{0x1DC0, 0x1DFF},
    Range{0x200B, 0x200F},   Range{0x2060, 0x2064},   Range{0x20D0, 0x20FF}, Range{0x302A, 0x302D},
    Range{0x3099, 0x309A},   Range{0xFE00, 0xFE0F},   Range{0xFE20, 0xFE2F}, Range{0xFEFF, 0xFEFF},
    Range{0xE0001, 0xE007F}, Range{0xE0100, 0xE01EF},
};

// What could move the cursor, colour the terminal or turn the text around.
constexpr std::array kUnsafe = {
    Range{0x0000, 0x001F}, Range{0x007F, 0x009F}, Range{0x200E, 0x200F},
    Range{0x2028, 0x202E}, Range{0x2066, 0x2069},
};

template <typename Ranges>
bool inside(const Ranges& ranges, char32_t code_point) {
    const auto after =
        std::upper_bound(ranges.begin(), ranges.end(), code_point,
                         [](char32_t value, const Range& range) { return value < range.first; });
    return after != ranges.begin() && code_point <= std::prev(after)->last;
}

}  // namespace

int column_width(char32_t code_point) {
    if (inside(kZero, code_point)) return 0;
    return inside(kWide, code_point) ? 2 : 1;
}

int display_width(std::string_view utf8) {
    int width = 0;
    for (const char32_t code_point : base::to_code_points(utf8)) width += column_width(code_point);
    return width;
}

std::string for_terminal(std::string_view utf8) {
    std::string out;
    for (const char32_t code_point : base::to_code_points(utf8)) {
        if (code_point == 0xFFFD) {
            out += '?';
        } else if (inside(kUnsafe, code_point)) {
            out += ' ';
        } else {
            base::append_utf8(out, code_point);
        }
    }
    return out;
}

std::string fit(std::string_view utf8, int columns) {
    if (display_width(utf8) <= columns) return std::string(utf8);
    std::string out;
    int width = 0;
    for (const char32_t code_point : base::to_code_points(utf8)) {
        width += column_width(code_point);
        if (width > columns - 1) break;
        base::append_utf8(out, code_point);
    }
    return columns > 0 ? out + "\u2026" : std::string();
}

std::string table(const std::vector<Column>& columns, const std::vector<std::vector<std::string>>& rows,
                  int width) {
    std::vector<std::vector<std::string>> cells(1);
    for (const Column& column : columns) cells[0].push_back(column.title);
    for (const auto& row : rows) {
        std::vector<std::string> line;
        for (std::size_t i = 0; i < columns.size(); ++i) {
            line.push_back(i < row.size() ? fit(base::trim(for_terminal(row[i])), columns[i].max_width) : "");
        }
        cells.push_back(std::move(line));
    }
    std::vector<int> widths(columns.size(), 0);
    for (const auto& line : cells) {
        for (std::size_t i = 0; i < line.size(); ++i) widths[i] = std::max(widths[i], display_width(line[i]));
    }
    const int between = columns.empty() ? 0 : 2 * (static_cast<int>(columns.size()) - 1);
    for (int over = std::accumulate(widths.begin(), widths.end(), between) - width; over > 0; --over) {
        const auto widest = std::max_element(widths.begin(), widths.end());
        if (*widest <= kLeastColumn) break;
        --*widest;
    }
    std::string out;
    for (const auto& line : cells) {
        std::string text;
        for (std::size_t i = 0; i < line.size(); ++i) {
            const std::string cell = fit(line[i], widths[i]);
            text += cell;
            text.append(static_cast<std::size_t>(widths[i] - display_width(cell)) + 2, ' ');
        }
        text.erase(text.find_last_not_of(' ') + 1);
        out += text + "\n";
    }
    return out;
}

}  // namespace leadbridge::native
