#pragma once
// A request that needs no work: what is answered.
#include <string>

#include "jobs/task.h"

namespace leadbridge::jobs {

// {"error": code, "message"} for the caller.
effect::Respond error_response(int status, const std::string& code, const std::string& message,
                               effect::Headers headers = {});

// Without a code there is nothing wrong, and nothing to say.
Outcome answer(int status, const std::string& code, const std::string& message, effect::Headers headers = {});

}  // namespace leadbridge::jobs
