#pragma once
// The events sign and verify, for every protocol (docs/events.md).
#include <memory>
#include <string>

#include "engine/config.h"
#include "jobs/task.h"

namespace leadbridge::engine {

// `body`: the bytes that came with the event. Error: bad_event.
base::Result<std::unique_ptr<jobs::Job>> sign_event(const codec::Json& event, const std::string& body,
                                                    const Config& config, bool verify);

}  // namespace leadbridge::engine
