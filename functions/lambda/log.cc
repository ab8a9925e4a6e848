#include "functions/lambda/log.h"

#include <algorithm>
#include <cstdio>

#include "codec/json.h"

namespace leadbridge::lambda {
namespace {

constexpr std::size_t kLongestNumber = 6;
constexpr std::size_t kLongestMessage = 64 * 1024;  // a log entry holds 256 KB

}  // namespace

std::string masked(std::string_view text) {
    std::string out(text);
    const auto is_digit = [](char c) { return c >= '0' && c <= '9'; };
    for (auto at = out.begin(); at != out.end();) {
        at = std::find_if(at, out.end(), is_digit);
        const auto end = std::find_if_not(at, out.end(), is_digit);
        if (static_cast<std::size_t>(end - at) > kLongestNumber) std::fill(at, end, '#');
        at = end;
    }
    return out;
}

void log_line(std::string_view level, std::string_view code, std::string_view message,
              std::string_view request, std::string_view item, std::optional<int> exit) {
    auto line = codec::object(
        {{"level", level}, {"code", code}, {"message", masked(message.substr(0, kLongestMessage))}});
    if (!request.empty()) line["request"] = request;
    if (!item.empty()) line["item"] = item;
    if (exit) line["exit"] = *exit;
    const std::string text = codec::dump_json(line) + "\n";
    std::fwrite(text.data(), 1, text.size(), stderr);  // unbuffered: one write, one entry
}

}  // namespace leadbridge::lambda
