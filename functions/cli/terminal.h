#pragma once
// What standard output is: how wide, and whether it wants colours.
#include <cstdio>
#include <string>

namespace leadbridge::native {

// Of the terminal; COLUMNS, else 80, when there is none.
int output_width();

enum class Tone { plain, strong, good, warning, bad };
// Text that is already safe for a terminal, in colour where `where` is one (NO_COLOR and TERM=dumb say no).
std::string toned(const std::string& text, Tone tone, std::FILE* where);

}  // namespace leadbridge::native
