#pragma once
// One configuration for every host (infra/config.schema.json describes the same for editors).
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "codec/settings.h"
#include "jobs/pull/id_walk_task.h"
#include "jobs/pull/window_walk_task.h"
#include "lead/lead.h"
#include "platforms/registry.h"

namespace leadbridge::engine {

// One of the two walks, by what the platform's list offers.
struct PulledSource {
    std::string name;
    std::string platform;
    platforms::PullSource source;
    jobs::IdWalkSettings by_id;
    jobs::WindowWalkSettings by_window;
};

struct CalledEndpoint {
    std::string path;
    std::string platform;
    std::string source;  // under which its leads are stored; empty for queries
    platforms::Endpoint endpoint;
};

// What flows back: rows that are loaded here and served, or pushed to the platform.
struct Backflow {
    std::string name;
    std::string platform;
    std::int64_t data_type = 0;                            // of rows that are served
    std::shared_ptr<const platforms::StatsTarget> target;  // of rows that are pushed; null for the others
};

// Where a host keeps what the core asks it to keep; what a kind means is the host's.
struct StoreChoice {
    std::string kind = "sqlite";         // "sqlite" | "d1" | "memory" | "dynamodb"
    std::string path = "leadbridge.db";  // sqlite
    std::string table = "leadbridge";    // dynamodb, like the two below
    std::string region{};                // empty = the host's own
    std::string endpoint{};              // empty = AWS
};

struct Config {
    std::string tenant;
    StoreChoice store;
    platforms::Apps apps;
    std::vector<PulledSource> sources;
    std::vector<CalledEndpoint> endpoints;
    std::vector<Backflow> backflow;
    bool has_page = false;                   // a token for the page is configured, if only in name
    crypto::Secret page_token;               // opens the page of the Worker
    crypto::Secret backflow_token;           // opens /v1/backflow/; empty = closed
    crypto::Secret read_token;               // opens /v1/leads and /v1/status, phones masked
    crypto::Secret phones_token;             // the same with plain phones
    std::vector<std::string> allow_origins;  // of pages that may read; "*" = any
    std::shared_ptr<const lead::Vault> vault;
    std::int64_t lead_days = 730;
    std::int64_t raw_days = 30;
    std::int64_t budget_requests = 40;
    std::int64_t budget_seconds = 25;
    std::int64_t budget_decryptions = 0;  // 0 = no limit
    codec::Problems problems;             // not empty: nothing may run
};

Config read_config(std::string_view json);

}  // namespace leadbridge::engine
