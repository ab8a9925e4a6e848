#pragma once
// Events of the bridge itself: tick, pull, request, backflow, status, leads, normalise, doctor.
#include <optional>
#include <string>
#include <vector>

#include "engine/config.h"
#include "engine/work.h"
#include "jobs/report/status_job.h"

namespace leadbridge::engine {

// Whose state `status` tells.
std::vector<jobs::StatusJob::Source> sources_of(const Config& config);

// Nothing for any other kind of event. `answer`: an HTTP caller waits (status and leads). Errors: bad_event.
std::optional<WorkResult> stored_job(jobs::Context& context, const codec::Json& event,
                                     const std::string& body, const Config& config,
                                     std::optional<jobs::HttpAnswer> answer);

}  // namespace leadbridge::engine
