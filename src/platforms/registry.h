#pragma once
// The platforms this build knows. A new one is a folder and a line here.
#include <map>
#include <memory>
#include <string>

#include "codec/settings.h"
#include "platforms/pull_source.h"

namespace leadbridge::platforms {

using Apps = std::map<std::string, wire::TopApp>;

// Reads the platform's own keys of one `sources.*` entry; problems are noted there. Null when unusable.
std::shared_ptr<const IdPagedSource> make_pull_source(const std::string& platform, const std::string& name,
                                                      codec::Settings& settings, const Apps& apps);

}  // namespace leadbridge::platforms
