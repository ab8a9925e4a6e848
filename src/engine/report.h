#pragma once
// The last words of an invocation: what went wrong in one sentence, and what a log may keep of the summary.
#include <string>

#include "codec/json.h"
#include "codec/settings.h"
#include "effect/effect.h"

namespace leadbridge::engine {

// Of an invocation that came to nothing.
codec::Json failed_summary(const std::string& job, const std::string& code, const std::string& reason);
// The same for a configuration that cannot be used: each problem with its path and its fix.
codec::Json configuration_summary(const std::string& job, const codec::Problems& problems);

// Everything that went wrong, of a summary with exit 1 or 2: {"code", "reason"}. For strangers too: no number
// as long as a phone's.
codec::Json failure_of(const codec::Json& summary);

// Without leads, and without a number as long as a phone's.
effect::Log log_of(const std::string& kind, int exit, const codec::Json& summary);

}  // namespace leadbridge::engine
