#pragma once
// Which job an event starts: docs/events.md lists the kinds.
#include <memory>
#include <string>

#include "engine/config.h"
#include "jobs/report/status_job.h"

namespace leadbridge::engine {

// preview, and sign and verify with a secret of their own, work without a valid configuration.
bool needs_configuration(const codec::Json& event);

// `body`: the bytes that came with the event. `answer`: an HTTP caller waits (status and leads). Errors:
// unknown_event, bad_event (says which field).
base::Result<std::unique_ptr<jobs::Job>> job_of_event(const codec::Json& event, const std::string& body,
                                                      const Config& config,
                                                      std::optional<jobs::HttpAnswer> answer = {});

}  // namespace leadbridge::engine
