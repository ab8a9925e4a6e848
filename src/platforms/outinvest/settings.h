#pragma once
#include "platforms/registry.h"

namespace leadbridge::platforms::outinvest {

// Keys: those of read_top_client, batch_rows, extra_columns.
std::shared_ptr<const StatsTarget> make_target(const std::string& name, codec::Settings& settings,
                                               const Apps& apps);

}  // namespace leadbridge::platforms::outinvest
