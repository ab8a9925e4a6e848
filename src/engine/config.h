#pragma once
// One configuration for every host (DESIGN 10; infra/config.schema.json describes the same for editors).
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "codec/settings.h"
#include "jobs/pull_source_task.h"
#include "lead/lead.h"
#include "platforms/registry.h"

namespace leadbridge::engine {

struct PulledSource {
    jobs::PullSettings settings;
    std::shared_ptr<const platforms::IdPagedSource> source;
};

struct Config {
    std::string tenant;
    platforms::Apps apps;
    std::vector<PulledSource> sources;
    std::shared_ptr<const lead::Vault> vault;
    std::int64_t lead_days = 730;
    std::int64_t budget_requests = 40;
    std::int64_t budget_seconds = 25;
    codec::Problems problems;  // not empty: nothing may run
};

Config read_config(std::string_view json);

}  // namespace leadbridge::engine
