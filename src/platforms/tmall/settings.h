#pragma once
// Tmall's keys of an `endpoints.*` entry: those of SPI, source, account, open_key, labels.
#include "platforms/registry.h"

namespace leadbridge::platforms::tmall {

std::shared_ptr<const PushEndpoint> make_endpoint(const std::string& path, codec::Settings& settings,
                                                  const Apps& apps);

}  // namespace leadbridge::platforms::tmall
