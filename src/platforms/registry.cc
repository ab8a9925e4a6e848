#include "platforms/registry.h"

#include <array>

#include "platforms/alimama/settings.h"

namespace leadbridge::platforms {
namespace {

using Maker = std::shared_ptr<const IdPagedSource> (*)(const std::string&, codec::Settings&, const Apps&);

struct Entry {
    std::string_view platform;
    Maker make;
};

constexpr std::array<Entry, 1> kPullSources = {{{"alimama", alimama::make_source}}};

}  // namespace

std::shared_ptr<const IdPagedSource> make_pull_source(const std::string& platform, const std::string& name,
                                                      codec::Settings& settings, const Apps& apps) {
    std::string known;
    for (const auto& entry : kPullSources) {
        if (entry.platform == platform) return entry.make(name, settings, apps);
        known += (known.empty() ? "" : ", ") + std::string(entry.platform);
    }
    settings.note("platform", "\"" + platform + "\" cannot be pulled by this version", "known: " + known);
    for (const auto& key : settings.keys()) settings.accept(key);
    return nullptr;
}

}  // namespace leadbridge::platforms
