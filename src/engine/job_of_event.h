#pragma once
// Which work an event is: docs/events.md lists the kinds.
#include <optional>
#include <string>

#include "engine/config.h"
#include "engine/work.h"
#include "jobs/report/status_job.h"

namespace leadbridge::engine {

// preview, doors, and sign and verify with a secret of their own, work without a valid configuration.
bool needs_configuration(const codec::Json& event);

// `body`: the bytes that came with the event. `answer`: an HTTP caller waits (status and leads). Errors:
// unknown_event, bad_event (says which field).
WorkResult work_of_event(jobs::Context& context, const codec::Json& event, const std::string& body,
                         const Config& config, std::optional<jobs::HttpAnswer> answer = {});

}  // namespace leadbridge::engine
