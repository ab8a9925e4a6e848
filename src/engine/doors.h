#pragma once
// What is open to callers, as data: a host refuses to read what no door takes, before it reads it.
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "codec/json.h"
#include "engine/config.h"

namespace leadbridge::engine {

struct Door {
    std::string path;
    std::vector<std::string_view> methods;  // HEAD is answered as GET
    std::int64_t most_bytes = 0;            // of a body
    bool token = false;                     // Authorization: Bearer is needed
};

inline constexpr std::string_view kBackflowPath = "/v1/backflow/";
inline constexpr std::string_view kHealthPath = "/healthz";
inline constexpr std::int64_t kMostRowBytes = 16 << 20;  // a file of rows; the module's memory is 64 MB

std::vector<Door> doors_of(const Config& config);
// False: whatever `bytes` the caller sends, they are not wanted; the core's answer needs none of them.
bool takes_body(const std::vector<Door>& doors, std::string_view method, std::string_view path,
                bool authorized, std::int64_t bytes);

// The event `doors`. Beside the doors: the page's token, as the digest by which its cookie is known.
codec::Json doors_summary(const Config& config);

}  // namespace leadbridge::engine
