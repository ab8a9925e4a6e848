#pragma once
// The event preview (docs/preview.md). The Worker's module leaves it out (wasm/bridge, decision 016).
#include <memory>
#include <string>

#include "codec/json.h"
#include "jobs/task.h"

namespace leadbridge::engine {

// Null where it is left out.
std::unique_ptr<jobs::Job> preview_event(const codec::Json& event, const std::string& body);

}  // namespace leadbridge::engine
