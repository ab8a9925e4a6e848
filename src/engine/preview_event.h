#pragma once
// The event preview (docs/preview.md). The Worker's module leaves it out (wasm/bridge, decision 016).
#include <optional>
#include <string>

#include "codec/json.h"
#include "jobs/task.h"

namespace leadbridge::engine {

// Nothing where it is left out.
std::optional<jobs::Outcome> preview_event(jobs::Context& context, const codec::Json& event,
                                           const std::string& body);

}  // namespace leadbridge::engine
