#pragma once
// Lambda makes one log entry of each line on stderr: one JSON object a line.
#include <optional>
#include <string>
#include <string_view>

namespace leadbridge::lambda {

// `request` is the invocation's id, empty outside of one; `item` that of a queue's message; `exit` a run's
// exit status, which alarms count (infra/aws/template.yaml). Numbers as long as a phone's
// are hidden.
void log_line(std::string_view level, std::string_view code, std::string_view message,
              std::string_view request = {}, std::string_view item = {}, std::optional<int> exit = {});

}  // namespace leadbridge::lambda
