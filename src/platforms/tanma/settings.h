#pragma once
// Tanma's keys of a `sources.*` entry: endpoint, app_id, app_key, corpid, send_app_key_header, type,
// option_labels, timeout_s, max_answer_mb; and of an `endpoints.*` entry: source (or app_id, app_key,
// previous_app_key, corpid, option_labels of its own), clock_window_s, max_body_kb, reply.
#include "platforms/registry.h"

namespace leadbridge::platforms::tanma {

std::shared_ptr<const WindowSource> make_source(const std::string& name, codec::Settings& settings,
                                                const Apps& apps);
std::shared_ptr<const PushEndpoint> make_push_endpoint(const std::string& name, codec::Settings& settings,
                                                       const Apps& apps, codec::Settings& sources);

}  // namespace leadbridge::platforms::tanma
