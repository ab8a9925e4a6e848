#pragma once
// The platforms this build knows, by what they can do. A new one is a folder and its lines here.
#include <array>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <variant>

#include "codec/settings.h"
#include "platforms/columns.h"
#include "platforms/endpoint.h"
#include "platforms/preview.h"
#include "platforms/pull_source.h"
#include "platforms/stats_target.h"
#include "platforms/window_source.h"

namespace leadbridge::platforms {

using Apps = std::map<std::string, wire::TopApp>;

using PullSource = std::variant<std::shared_ptr<const IdPagedSource>, std::shared_ptr<const WindowSource>>;
using Endpoint = std::variant<std::shared_ptr<const PushEndpoint>, std::shared_ptr<const QueryEndpoint>>;

// Each reads the platform's own keys of one entry of the configuration; problems are noted there. Null when
// unusable. `name` is the entry's key: of `sources`, of `endpoints` (a path), of `backflow`.
PullSource make_pull_source(const std::string& platform, const std::string& name, codec::Settings& settings,
                            const Apps& apps);
// `sources`: for an endpoint that belongs to a pulled source and shares its account.
Endpoint make_endpoint(const std::string& platform, const std::string& name, codec::Settings& settings,
                       const Apps& apps, codec::Settings& sources);
std::shared_ptr<const StatsTarget> make_stats_target(const std::string& platform, const std::string& name,
                                                     codec::Settings& settings, const Apps& apps);

// How rows are checked that are loaded for a platform to ask for; null for platforms that ask for none.
RowCheck row_check(const std::string& platform);

// Every platform whose payloads can be read without a source; leadbridge's own exports are among them.
const std::array<PreviewEntry, 6>& previews();
const PreviewEntry* preview_of(std::string_view platform);
// The platform that knows most of a row's names, counting those first that no other knows; null without one
// of these, or with nothing else.
const PreviewEntry* recognise(const codec::Json& row);

}  // namespace leadbridge::platforms
