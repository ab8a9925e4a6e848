#include "engine/config_upgrade.h"

#include <algorithm>
#include <iterator>
#include <set>

#include "engine/config.h"

namespace leadbridge::engine {
namespace {

using codec::Json;

bool is_reference(const Json& node) {
    return node.is_object() && (node.contains("env") || node.contains("file") || node.contains("ssm") ||
                                node.contains("secretsmanager"));
}

// Paths as problems have them. Depth is bounded by the parser.
void collect_references(const Json& node, const std::string& path, std::set<std::string>& out) {
    if (is_reference(node)) {
        out.insert(path);
    } else if (node.is_object()) {
        for (const auto& [name, value] : node.items())
            collect_references(value, path.empty() ? name : path + "." + name, out);
    }
}

}  // namespace

// Nothing a configuration of 0.1.0 may hold has changed since.
const ConfigSteps& config_steps() {
    static const ConfigSteps steps;
    return steps;
}

codec::Problems old_forms(const Json& config, const ConfigSteps& steps) {
    codec::Problems problems;
    if (steps.empty()) return problems;
    Json copy = config;
    for (const auto& step : steps) {
        for (auto& [path, what] : step.apply(copy)) {
            problems.push_back({std::move(path),
                                "is as it was written before version " + std::string(step.version),
                                what + "; `leadbridge config upgrade FILE` does it"});
        }
    }
    return problems;
}

base::Result<UpgradedConfig> upgrade_config(std::string_view text, const ConfigSteps& steps) {
    auto parsed = codec::parse_json(text, kConfigLimits);
    if (!parsed) return parsed.error();
    Json config = std::move(parsed).value();
    UpgradedConfig out;
    for (const auto& step : steps) {
        auto changes = step.apply(config);
        std::move(changes.begin(), changes.end(), std::back_inserter(out.changes));
    }
    out.text = out.changes.empty() ? std::string(text)
                                   : config.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
    std::set<std::string> references;
    collect_references(config, "", references);
    out.problems = read_config(out.text).problems;
    const auto of_secret = [&](const codec::Problem& problem) { return references.contains(problem.path); };
    out.problems.erase(std::remove_if(out.problems.begin(), out.problems.end(), of_secret),
                       out.problems.end());
    return out;
}

}  // namespace leadbridge::engine
