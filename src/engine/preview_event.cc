#include "engine/preview_event.h"

#include "jobs/debug/preview_job.h"

namespace leadbridge::engine {

std::unique_ptr<jobs::Job> preview_event(const codec::Json& event, const std::string& body) {
    return std::make_unique<jobs::PreviewJob>(event, body);
}

}  // namespace leadbridge::engine
