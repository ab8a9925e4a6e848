#pragma once
// Events of the bridge itself: pull, request, backflow, status, leads, normalise, doctor. The module of the
// preview leaves them out (wasm/preview).
#include <memory>
#include <optional>
#include <string>

#include "engine/config.h"
#include "jobs/report/status_job.h"

namespace leadbridge::engine {

using JobResult = base::Result<std::unique_ptr<jobs::Job>>;

// Nothing for any other kind of event. `answer`: an HTTP caller waits (status and leads). Errors: bad_event.
std::optional<JobResult> stored_job(const codec::Json& event, const std::string& body, const Config& config,
                                    std::optional<jobs::HttpAnswer> answer);

}  // namespace leadbridge::engine
