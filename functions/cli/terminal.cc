#include "functions/cli/terminal.h"

#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "base/text.h"

namespace leadbridge::native {
namespace {

constexpr int kUsualWidth = 80;
constexpr int kLeastWidth = 40;
constexpr int kMostWidth = 1000;

std::string_view variable(const char* name) {
    const char* value = std::getenv(name);
    return value == nullptr ? "" : value;
}

bool wants_colours(std::FILE* where) {
    return ::isatty(::fileno(where)) == 1 && variable("NO_COLOR").empty() && variable("TERM") != "dumb";
}

}  // namespace

int output_width() {
    std::int64_t width = base::parse_int64(variable("COLUMNS")).value_or(0);
    winsize size = {};
    if (width <= 0 && ::ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0) width = size.ws_col;
    if (width <= 0) return kUsualWidth;
    return static_cast<int>(std::min<std::int64_t>(std::max<std::int64_t>(width, kLeastWidth), kMostWidth));
}

std::string toned(const std::string& text, Tone tone, std::FILE* where) {
    if (tone == Tone::plain || !wants_colours(where)) return text;
    const char* code = tone == Tone::strong    ? "1"
                       : tone == Tone::good    ? "32"
                       : tone == Tone::warning ? "33"
                                               : "31";
    return std::string("\x1b[") + code + "m" + text + "\x1b[0m";
}

}  // namespace leadbridge::native
