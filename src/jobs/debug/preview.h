#pragma once
// `preview`: a payload of any platform becomes leads, without a source and without a store (docs/preview.md).
#include <string_view>

#include "codec/json.h"
#include "jobs/task.h"

namespace leadbridge::jobs {

Outcome preview(codec::Json event, std::string_view body, base::Millis now, crypto::RandomStream& random);

}  // namespace leadbridge::jobs
