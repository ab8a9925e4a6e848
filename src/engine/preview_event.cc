#include "engine/preview_event.h"

#include "jobs/debug/preview.h"

namespace leadbridge::engine {

std::optional<jobs::Outcome> preview_event(jobs::Context& context, const codec::Json& event,
                                           const std::string& body) {
    return jobs::preview(event, body, context.now(), context.random());
}

}  // namespace leadbridge::engine
