#include "functions/lambda/log.h"

#include <cstdio>

#include "base/log_text.h"
#include "codec/json.h"

namespace leadbridge::lambda {
namespace {

constexpr std::size_t kLongestMessage = 64 * 1024;  // a log entry holds 256 KB

}  // namespace

void log_line(std::string_view level, std::string_view code, std::string_view message,
              std::string_view request, std::string_view item, std::optional<int> exit) {
    auto line = codec::object({{"level", level},
                               {"code", code},
                               {"message", base::without_long_numbers(message.substr(0, kLongestMessage))}});
    if (!request.empty()) line["request"] = request;
    if (!item.empty()) line["item"] = item;
    if (exit) line["exit"] = *exit;
    const std::string text = codec::dump_json(line) + "\n";
    std::fwrite(text.data(), 1, text.size(), stderr);  // unbuffered: one write, one entry
}

}  // namespace leadbridge::lambda
