#include "platforms/registry.h"

#include <array>

#include "platforms/alimama/preview.h"
#include "platforms/alimama/settings.h"
#include "platforms/etc/clue_query.h"
#include "platforms/etc/clue_rows.h"
#include "platforms/etc/preview.h"
#include "platforms/etc/settings.h"
#include "platforms/leadbridge/preview.h"
#include "platforms/outinvest/preview.h"
#include "platforms/outinvest/settings.h"
#include "platforms/tanma/preview.h"
#include "platforms/tanma/settings.h"
#include "platforms/tmall/preview.h"
#include "platforms/tmall/settings.h"

namespace leadbridge::platforms {
namespace {

using codec::Settings;

struct PullEntry {
    std::string_view platform;
    PullSource (*make)(const std::string& name, Settings&, const Apps&);
};
constexpr std::array<PullEntry, 3> kPullSources = {{
    {"alimama",
     [](const auto& name, auto& settings, const auto& apps) -> PullSource {
         return alimama::make_source(name, settings, apps);
     }},
    {"tanma",
     [](const auto& name, auto& settings, const auto& apps) -> PullSource {
         return tanma::make_source(name, settings, apps);
     }},
    {"etc",
     [](const auto& name, auto& settings, const auto& apps) -> PullSource {
         return etc::make_pull_source(name, settings, apps);
     }},
}};

struct EndpointEntry {
    std::string_view platform;
    Endpoint (*make)(const std::string& path, Settings&, const Apps&, Settings& sources);
};
constexpr std::array<EndpointEntry, 3> kEndpoints = {{
    {"tmall",
     [](const auto& path, auto& settings, const auto& apps, auto&) -> Endpoint {
         return tmall::make_endpoint(path, settings, apps);
     }},
    {"etc",
     [](const auto&, auto& settings, const auto& apps, auto&) -> Endpoint {
         return etc::make_query_endpoint(settings, apps);
     }},
    {"tanma",
     [](const auto& path, auto& settings, const auto& apps, auto& sources) -> Endpoint {
         return tanma::make_push_endpoint(path, settings, apps, sources);
     }},
}};

struct TargetEntry {
    std::string_view platform;
    std::shared_ptr<const StatsTarget> (*make)(const std::string& name, Settings&, const Apps&);
};
constexpr std::array<TargetEntry, 1> kTargets = {{{"outinvest", outinvest::make_target}}};

// The platform's entry, or null and a problem that names those there are.
template <typename Table>
auto find(const Table& table, const std::string& platform, Settings& settings, const char* cannot)
    -> decltype(table.data()) {
    std::string known;
    for (const auto& entry : table) {
        if (entry.platform == platform) return &entry;
        known += (known.empty() ? "" : ", ") + std::string(entry.platform);
    }
    settings.note("platform", "\"" + platform + "\" cannot " + cannot, "known: " + known);
    for (const auto& key : settings.keys()) settings.accept(key);
    return nullptr;
}

}  // namespace

PullSource make_pull_source(const std::string& platform, const std::string& name, Settings& settings,
                            const Apps& apps) {
    const auto* entry = find(kPullSources, platform, settings, "be pulled by this version");
    return entry == nullptr ? PullSource() : entry->make(name, settings, apps);
}

Endpoint make_endpoint(const std::string& platform, const std::string& name, Settings& settings,
                       const Apps& apps, Settings& sources) {
    const auto* entry = find(kEndpoints, platform, settings, "call this version");
    return entry == nullptr ? Endpoint() : entry->make(name, settings, apps, sources);
}

std::shared_ptr<const StatsTarget> make_stats_target(const std::string& platform, const std::string& name,
                                                     Settings& settings, const Apps& apps) {
    const auto* entry = find(kTargets, platform, settings, "take rows from this version");
    return entry == nullptr ? nullptr : entry->make(name, settings, apps);
}

const std::array<PreviewEntry, 6>& previews() {
    static const std::array<PreviewEntry, 6> entries = {leadbridge::preview(), alimama::preview(),
                                                        tmall::preview(),      tanma::preview(),
                                                        etc::preview(),        outinvest::preview()};
    return entries;
}

const PreviewEntry* preview_of(std::string_view platform) {
    for (const auto& entry : previews()) {
        if (entry.platform == platform) return &entry;
    }
    return nullptr;
}

const PreviewEntry* recognise(const codec::Json& row) {
    struct Score {
        std::size_t own = 0, known = 0;
    };
    std::array<Score, 6> scores;
    for (const auto& [name, value] : row.items()) {
        Score* only = nullptr;
        std::size_t knowers = 0;
        for (std::size_t i = 0; i < scores.size(); ++i) {
            if (!previews()[i].knows(name)) continue;
            ++scores[i].known;
            ++knowers;
            only = &scores[i];
        }
        if (knowers == 1) ++only->own;
    }
    std::size_t best = 0;
    for (std::size_t i = 1; i < scores.size(); ++i) {
        const bool more = scores[i].own != scores[best].own ? scores[i].own > scores[best].own
                                                            : scores[i].known > scores[best].known;
        if (more) best = i;
    }
    return scores[best].own > 0 && scores[best].known > 1 ? &previews()[best] : nullptr;
}

RowCheck row_check(const std::string& platform) { return platform == "etc" ? etc::check_clue_row : nullptr; }

}  // namespace leadbridge::platforms
