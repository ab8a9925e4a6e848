#pragma once
// The events sign and verify, for every protocol (docs/events.md).
#include <string>

#include "engine/config.h"
#include "engine/work.h"

namespace leadbridge::engine {

// `body`: the bytes that came with the event. Error: bad_event.
WorkResult sign_event(const codec::Json& event, const std::string& body, const Config& config, bool verify,
                      base::Millis now);

}  // namespace leadbridge::engine
