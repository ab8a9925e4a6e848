#pragma once
// GET /v1/leads and GET /v1/status: what is stored, for the merchant's own eyes (docs/api.md, docs/openapi.json).
#include <string_view>

#include "engine/config.h"
#include "engine/work.h"

namespace leadbridge::engine {

inline constexpr std::string_view kLeadsPath = "/v1/leads";
inline constexpr std::string_view kStatusPath = "/v1/status";

bool is_read_path(std::string_view path);
// Precondition: is_read_path(path). Every request gets an answer.
Work read_api(jobs::Context& context, std::string_view path, const platforms::Incoming& incoming,
              const Config& config);

// The query of a read as the event it stands for (docs/events.md), `page` still as it came. `problem`: which
// parameter is bad, and why.
codec::Json read_event(std::string_view kind, std::string_view query, std::string& problem);

}  // namespace leadbridge::engine
