#pragma once
// Alimama's keys of a `sources.*` entry: those of TOP, mobile_cipher, mobile_key, account.
#include "platforms/registry.h"

namespace leadbridge::platforms::alimama {

std::shared_ptr<const IdPagedSource> make_source(const std::string& name, codec::Settings& settings,
                                                 const Apps& apps);

}  // namespace leadbridge::platforms::alimama
