#pragma once
// ETC's keys of a `sources.*` entry (caller role): those of TOP, target_app_key, method, filter,
// appid, data_type, account.
#include "platforms/registry.h"

namespace leadbridge::platforms::etc {

std::shared_ptr<const WindowSource> make_pull_source(const std::string& name, codec::Settings& settings,
                                                     const Apps& apps);

}  // namespace leadbridge::platforms::etc
