#pragma once
// Configuration keys shared by every platform that is called through TOP.
#include "codec/settings.h"
#include "platforms/registry.h"
#include "wire/top_call.h"

namespace leadbridge::platforms {

bool is_http_url(std::string_view url);

// The app of `apps` that the entry names with `app`; by default the only one.
wire::TopApp read_app(codec::Settings& settings, const Apps& apps);

// app, endpoint, session, sign_method, format, simplify, timeout_s, max_answer_mb.
wire::TopClient read_top_client(codec::Settings& settings, const Apps& apps, bool session_required);

}  // namespace leadbridge::platforms
