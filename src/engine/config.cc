#include "engine/config.h"

#include <algorithm>

#include "base/text.h"
#include "engine/config_upgrade.h"

namespace leadbridge::engine {
namespace {

using codec::Json;
using codec::Settings;

constexpr std::int64_t kLeastPepper = 16;
constexpr std::int64_t kUsualDataType = 4;  // of rows that are served

void read_apps(Settings apps, platforms::Apps& out) {
    for (const auto& name : apps.keys()) {
        Settings app = apps.child(name);
        wire::TopApp entry;
        entry.app_key = app.required_text("app_key", "take it from the app's page on the open platform");
        // Trimmed: a line break behind the secret is the commonest reason for a refused signature.
        entry.app_secret = crypto::Secret(base::trim(app.secret("app_secret", true)));
        entry.previous_app_secret = crypto::Secret(base::trim(app.secret_if_set("previous_app_secret")));
        app.finish();
        out.emplace(name, std::move(entry));
    }
}

// A platform that is not named cannot say which keys are its own: one problem is enough.
bool has_platform(Settings& entry, std::string& platform, std::string_view example) {
    platform = entry.required_text("platform", "for example \"" + std::string(example) + "\"");
    if (!platform.empty()) return true;
    for (const auto& key : entry.keys()) entry.accept(key);
    return false;
}

// What both walks have.
void read_walk(const PulledSource& pulled, Settings& entry, const Config& config,
               jobs::WalkSettings& settings) {
    settings.name = pulled.name;
    settings.platform = pulled.platform;
    settings.lead_days = config.lead_days;
    settings.page_size = entry.integer("page_size", 100, 1, 500);
    settings.retries = entry.integer("retries", 2, 0, 10);
    settings.max_wait_s = entry.integer("max_wait_s", 10, 0, 600);
}

jobs::IdWalkSettings read_id_walk(const PulledSource& pulled, Settings& entry, const Config& config) {
    jobs::IdWalkSettings settings;
    read_walk(pulled, entry, config, settings);
    settings.reread_pages = entry.integer("reread_pages", 1, 1, 20);
    settings.overlap = entry.integer("overlap", 20, 0, 500);
    Settings backfill = entry.child("backfill");
    settings.backfill_days = backfill.integer("days", 0, 0, 36500);
    settings.backfill_leads = backfill.integer("leads", 0, 0, 1'000'000'000);
    backfill.finish();
    const std::string mode = entry.one_of("offset_mode", {"auto", "desc", "asc"}, "auto");
    settings.offset_mode = mode == "desc"  ? jobs::OffsetMode::descending
                           : mode == "asc" ? jobs::OffsetMode::ascending
                                           : jobs::OffsetMode::automatic;
    return settings;
}

jobs::WindowWalkSettings read_window_walk(const PulledSource& pulled, Settings& entry, const Config& config) {
    jobs::WindowWalkSettings settings;
    read_walk(pulled, entry, config, settings);
    settings.overlap_s = entry.integer("overlap_minutes", 30, 0, 44640) * 60;
    settings.window_days = entry.integer("window_days", 7, 1, 366);
    Settings backfill = entry.child("backfill");
    settings.backfill_days = backfill.integer("days", 30, 1, 36500);
    backfill.finish();
    if (const std::string since = entry.text("since", ""); !since.empty()) {
        const auto at = base::parse_china_text(since);
        settings.since = at.value_or(0);
        if (!at) entry.note("since", "is not a time", "for example \"2024-01-01 00:00:00\" (+08:00)");
    }
    return settings;
}

void read_source(const std::string& name, Settings entry, Config& config) {
    PulledSource pulled;
    pulled.name = name;
    if (!has_platform(entry, pulled.platform, "alimama")) return;
    pulled.source = platforms::make_pull_source(pulled.platform, name, entry, config.apps);
    const bool by_window =
        std::holds_alternative<std::shared_ptr<const platforms::WindowSource>>(pulled.source);
    if (by_window) {
        pulled.by_window = read_window_walk(pulled, entry, config);
    } else {
        pulled.by_id = read_id_walk(pulled, entry, config);
    }
    entry.finish();
    if (std::visit([](const auto& source) { return source != nullptr; }, pulled.source))
        config.sources.push_back(std::move(pulled));
}

void read_endpoint(const std::string& path, Settings& endpoints, Settings& sources, Config& config) {
    Settings entry = endpoints.child(path);
    CalledEndpoint called;
    called.path = path;
    if (path.size() < 2 || path[0] != '/' || path.find_first_of("?# ") != std::string::npos ||
        path.substr(0, 4) == "/v1/" || path == "/healthz" || path == "/preview") {
        endpoints.note(path, "is not a path an endpoint can have", "for example \"/spi/tmall\"");
    }
    if (!has_platform(entry, called.platform, "tmall")) return;
    called.endpoint = platforms::make_endpoint(called.platform, path, entry, config.apps, sources);
    called.source = entry.text("source", called.platform);
    entry.finish();
    if (std::visit([](const auto& endpoint) { return endpoint != nullptr; }, called.endpoint))
        config.endpoints.push_back(std::move(called));
}

void read_backflow(const std::string& name, Settings entry, Config& config) {
    Backflow backflow;
    backflow.name = name;
    if (!has_platform(entry, backflow.platform, "outinvest")) return;
    if (platforms::row_check(backflow.platform) != nullptr) {
        backflow.data_type = entry.integer("data_type", kUsualDataType, 0, 1'000'000);
    } else {
        backflow.target = platforms::make_stats_target(backflow.platform, name, entry, config.apps);
        if (!backflow.target) return;
    }
    entry.finish();
    config.backflow.push_back(std::move(backflow));
}

void read_privacy(Settings privacy, Config& config) {
    auto vault = std::make_shared<lead::Vault>();
    if (const std::string key = privacy.secret("data_key", false); !key.empty()) {
        auto parsed = crypto::SealKey::parse(key);
        if (parsed) {
            vault->data_key = std::move(parsed).value();
        } else {
            privacy.note("data_key", parsed.error().reason, "generate one with `openssl rand -hex 32`");
        }
    }
    const std::string pepper = base::trim(privacy.secret("pepper", false));
    if (!pepper.empty() && static_cast<std::int64_t>(pepper.size()) < kLeastPepper) {
        privacy.note("pepper", "is shorter than 16 characters", "generate one with `openssl rand -hex 32`");
    }
    vault->pepper = crypto::Secret(pepper);
    const std::string mask = privacy.one_of("mask", {"3-4", "3-2"}, "3-4");
    vault->mask = mask == "3-2" ? lead::MaskStyle::first3_last2 : lead::MaskStyle::first3_last4;
    config.raw_days = privacy.integer("raw_days", 30, 0, 3650);
    config.lead_days = privacy.integer("lead_days", 730, 0, 36500);
    privacy.finish();
    config.vault = std::move(vault);
}

// As browsers write it: scheme, host, port if it is not the usual one; nothing behind.
bool is_origin(const std::string& text) {
    if (text == "*" || text == "null") return true;
    const auto host = text.find("://") + 3;
    return (text.starts_with("http://") || text.starts_with("https://")) && host < text.size() &&
           text.find_first_of("/ *?#@,", host) == std::string::npos && text == base::lower_ascii(text);
}

void read_api(Settings api, Config& config) {
    const auto token = [&api](std::string_view key) {
        return crypto::Secret(base::trim(api.secret(key, false)));
    };
    config.backflow_token = token("backflow_token");
    config.read_token = token("read_token");
    config.phones_token = token("phones_token");
    if (!config.phones_token.empty() && config.phones_token.use() == config.read_token.use())
        api.note("phones_token", "is the same as read_token: everybody would see phones",
                 "generate another one");
    config.allow_origins = api.texts("allow_origins");
    if (!std::all_of(config.allow_origins.begin(), config.allow_origins.end(), is_origin)) {
        api.note("allow_origins", "holds something that is no origin",
                 "for example [\"https://crm.example\"], in lower case and without a path; \"null\" for a "
                 "page opened from disk");
    }
    api.finish();
}

}  // namespace

Config read_config(std::string_view text) {
    Config config;
    config.vault = std::make_shared<lead::Vault>();
    const auto parsed = codec::parse_json(text, kConfigLimits);
    if (!parsed) {
        config.problems.push_back({"(file)", parsed.error().reason,
                                   "the configuration is one JSON object; check commas and quotes there"});
        return config;
    }
    config.problems = old_forms(parsed.value());
    if (!config.problems.empty()) return config;  // what else is wrong may be wrong for that reason only
    Settings top(parsed.value(), "", config.problems);
    config.tenant = top.text("tenant", "default");
    Settings store = top.child("store");
    config.store.kind = store.one_of("kind", {"sqlite", "d1", "memory", "dynamodb"}, config.store.kind);
    config.store.path = store.text("path", config.store.path);
    config.store.table = store.text("table", config.store.table);
    config.store.region = store.text("region", "");
    config.store.endpoint = store.text("endpoint", "");
    store.finish();
    Settings page = top.child("page");
    config.has_page = page.has("token");
    config.page_token = crypto::Secret(page.secret("token", false));
    page.finish();

    read_apps(top.child("apps"), config.apps);
    read_privacy(top.child("privacy"), config);
    Settings sources = top.child("sources");
    for (const auto& name : sources.keys()) read_source(name, sources.child(name), config);
    Settings endpoints = top.child("endpoints");
    for (const auto& path : endpoints.keys()) read_endpoint(path, endpoints, sources, config);
    Settings backflow = top.child("backflow");
    for (const auto& name : backflow.keys()) read_backflow(name, backflow.child(name), config);
    // Who answers a platform's queries can load rows for them without saying so twice.
    for (const auto& called : config.endpoints) {
        const bool named = std::any_of(config.backflow.begin(), config.backflow.end(),
                                       [&](const auto& each) { return each.name == called.platform; });
        if (!named && platforms::row_check(called.platform) != nullptr)
            config.backflow.push_back({called.platform, called.platform, kUsualDataType, nullptr});
    }
    if (sources.keys().empty() && endpoints.keys().empty() && backflow.keys().empty())
        top.note("sources", "is missing or empty",
                 "add one, for example {\"ads\": {\"platform\": \"alimama\", ...}}");
    read_api(top.child("api"), config);
    Settings budget = top.child("budget");
    config.budget_requests = budget.integer("requests", 40, 1, 100'000);
    config.budget_seconds = budget.integer("seconds", 25, 1, 86'400);
    config.budget_decryptions = budget.integer("decryptions", 0, 0, 1'000'000);
    budget.finish();
    if (top.has("sinks")) top.note("sinks", "is not available in this version", "remove it");
    top.accept("sinks");
    top.accept("$schema");
    top.finish();
    return config;
}

}  // namespace leadbridge::engine
