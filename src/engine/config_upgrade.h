#pragma once
// Configurations of earlier versions. What changes in the format becomes a step here; `leadbridge config upgrade`
// applies the steps, and read_config refuses what they would change with the step's own words.
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "codec/json.h"
#include "codec/settings.h"

namespace leadbridge::engine {

struct ConfigChange {
    std::string path;  // sources.ads.session
    std::string what;  // the exact change: "rename it to `key`"
};

// Brings the form of the versions before `version` into that of `version`. A configuration that has it already
// stays as it is: steps run on whatever somebody wrote.
struct ConfigStep {
    std::string_view version;
    std::vector<ConfigChange> (*apply)(codec::Json& config);
};
using ConfigSteps = std::vector<ConfigStep>;

const ConfigSteps& config_steps();  // oldest first

inline constexpr codec::JsonLimits kConfigLimits = {1 << 20, 32};

struct UpgradedConfig {
    std::string text;  // byte for byte what was given when nothing is to be changed
    std::vector<ConfigChange> changes;
    codec::Problems
        problems;  // what this version refuses even so; secrets are references here and are not judged
};
base::Result<UpgradedConfig> upgrade_config(std::string_view text, const ConfigSteps& steps = config_steps());

// Each old form as a problem with its fix; empty when the configuration is of this version.
codec::Problems old_forms(const codec::Json& config, const ConfigSteps& steps = config_steps());

}  // namespace leadbridge::engine
