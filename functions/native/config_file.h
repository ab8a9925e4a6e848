#pragma once
// The configuration file as the core wants it: JSON text with every {"env": NAME}, {"file": path},
// {"ssm": NAME} and {"secretsmanager": NAME} resolved (docs/abi.md). What it says is the core's to read.
#include <string>
#include <vector>

#include "base/result.h"
#include "base/time.h"
#include "engine/config.h"

namespace leadbridge::native {

using engine::StoreChoice;

struct Endpoint {
    std::string path;  // JSON pointer, "/sources/ads/endpoint"
    std::string url;
};

struct ConfigFile {
    std::string path;
    std::string resolved;              // JSON text for engine::Engine; holds secrets: never print it
    engine::Config settings;           // what the core makes of it; check its `problems`
    StoreChoice store;                 // of the settings, with an absolute path and a region
    base::Millis budget_ms = 25'000;   // budget.seconds
    std::vector<Endpoint> endpoints;   // every http(s) address the configuration names
    std::vector<base::Error> missing;  // secrets that are not there; code = JSON pointer
    std::size_t fetched = 0;           // secrets that came from AWS
};

inline constexpr std::size_t kMaxConfigBytes = 1024 * 1024;

// Errors: config_missing, config_unreadable, config_too_large, config_encoding,
// config_json, config_secret, config_store.
base::Result<ConfigFile> read_config_file(const std::string& path);
// The same for text that is already there; `path` is what relative paths and messages refer to.
base::Result<ConfigFile> parse_config(std::string text, const std::string& path);

// A whole file (or standard input for "-"), at most `max_bytes`.
base::Result<std::string> read_file(const std::string& path, std::size_t max_bytes);

}  // namespace leadbridge::native
