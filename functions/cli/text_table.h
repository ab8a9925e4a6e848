#pragma once
// Text for terminals: Chinese takes two columns, and text of strangers cannot move the cursor.
#include <string>
#include <string_view>
#include <vector>

namespace leadbridge::native {

// Columns a terminal uses: East Asian wide and full-width 2, combining and format characters 0, others 1.
int column_width(char32_t code_point);
int display_width(std::string_view utf8);

// Control, bidirectional and line-breaking characters become blanks, invalid bytes '?'.
std::string for_terminal(std::string_view utf8);
// At most `columns` wide; what is cut off is shown by one ellipsis.
std::string fit(std::string_view utf8, int columns);

struct Column {
    std::string title;
    int max_width = 40;
};
// One header line and one line a row, columns two blanks apart, no blanks at the ends of lines. Where they are wider
// than `width` together, the widest columns give way.
std::string table(const std::vector<Column>& columns, const std::vector<std::vector<std::string>>& rows,
                  int width);

}  // namespace leadbridge::native
