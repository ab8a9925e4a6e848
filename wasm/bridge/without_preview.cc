// leadbridge.wasm: no preview. This definition stands in front of the archive's, whose object is then not
// linked (decision 016).
#include "engine/preview_event.h"

namespace leadbridge::engine {

std::optional<jobs::Outcome> preview_event(jobs::Context&, const codec::Json&, const std::string&) {
    return std::nullopt;
}

}  // namespace leadbridge::engine
