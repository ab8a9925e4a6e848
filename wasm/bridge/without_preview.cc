// leadbridge.wasm: no preview. This definition stands in front of the archive's, whose object is then not
// linked (decision 016).
#include "engine/preview_event.h"

namespace leadbridge::engine {

std::unique_ptr<jobs::Job> preview_event(const codec::Json&, const std::string&) { return nullptr; }

}  // namespace leadbridge::engine
