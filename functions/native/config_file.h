#pragma once
// The configuration file as the core wants it: JSON text with every {"env": NAME}, {"file": path},
// {"ssm": NAME} and {"secretsmanager": NAME} resolved (docs/abi.md). The core checks its content; here only
// what a host must know: where the store is and how long a run may take.
#include <string>
#include <vector>

#include "base/result.h"
#include "base/time.h"

namespace leadbridge::native {

struct StoreChoice {
    std::string kind = "sqlite";         // "sqlite" | "memory" | "dynamodb"
    std::string path = "leadbridge.db";  // relative paths are relative to the configuration file
    std::string table = "leadbridge";    // dynamodb, like the two below
    std::string region = "";             // AWS_REGION when the file names none
    std::string endpoint = "";           // empty = AWS
};

struct Endpoint {
    std::string path;  // JSON pointer, "/sources/ads/endpoint"
    std::string url;
};

struct ConfigFile {
    std::string path;
    std::string resolved;  // JSON text for engine::Engine; holds secrets: never print it
    StoreChoice store;
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
