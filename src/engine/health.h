#pragma once
// GET /healthz: for monitors, open to everybody, so without people and without a number as long as a phone's.
#include <optional>

#include "engine/config.h"
#include "engine/work.h"
#include "platforms/endpoint.h"

namespace leadbridge::engine {

// ?max_age=SECONDS also fails when a source's last run is older: the way to notice a schedule that has stopped.
Work health(const platforms::Incoming& incoming, const Config& config);

// Of a summary of `status`, or of one that says why there is none.
effect::Respond health_response(const codec::Json& summary, int exit, base::Millis now,
                                std::optional<std::int64_t> max_age_s);

}  // namespace leadbridge::engine
