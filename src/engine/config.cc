#include "engine/config.h"

#include "base/text.h"

namespace leadbridge::engine {
namespace {

using codec::Json;
using codec::Settings;

constexpr std::int64_t kLeastPepper = 16;

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

void read_source(const std::string& name, Settings entry, Config& config) {
    PulledSource pulled;
    auto& settings = pulled.settings;
    settings.name = name;
    settings.lead_days = config.lead_days;
    settings.platform = entry.required_text("platform", "for example \"alimama\"");
    settings.page_size = entry.integer("page_size", 100, 1, 500);
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
    settings.retries = entry.integer("retries", 2, 0, 10);
    settings.max_wait_s = entry.integer("max_wait_s", 10, 0, 600);
    if (settings.platform.empty()) {
        for (const auto& key : entry.keys()) entry.accept(key);
        return;
    }
    pulled.source = platforms::make_pull_source(settings.platform, name, entry, config.apps);
    entry.finish();
    if (pulled.source) config.sources.push_back(std::move(pulled));
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
    privacy.integer("raw_days", 30, 0, 3650);  // raw payloads come with the pushed platforms
    config.lead_days = privacy.integer("lead_days", 730, 0, 36500);
    privacy.finish();
    config.vault = std::move(vault);
}

}  // namespace

Config read_config(std::string_view text) {
    Config config;
    config.vault = std::make_shared<lead::Vault>();
    const auto parsed = codec::parse_json(text, {1 << 20, 32});
    if (!parsed) {
        config.problems.push_back({"(file)", parsed.error().reason,
                                   "the configuration is one JSON object; check commas and quotes there"});
        return config;
    }
    Settings top(parsed.value(), "", config.problems);
    config.tenant = top.text("tenant", "default");
    Settings store = top.child("store");
    store.one_of("kind", {"sqlite", "d1", "memory"}, "sqlite");
    store.text("path", "leadbridge.db");
    store.finish();
    Settings page = top.child("page");
    page.secret("token", false);
    page.finish();

    read_apps(top.child("apps"), config.apps);
    read_privacy(top.child("privacy"), config);
    Settings sources = top.child("sources");
    for (const auto& name : sources.keys()) read_source(name, sources.child(name), config);
    if (sources.keys().empty())
        top.note("sources", "is missing or empty",
                 "add one, for example {\"ads\": {\"platform\": \"alimama\", ...}}");

    Settings budget = top.child("budget");
    config.budget_requests = budget.integer("requests", 40, 1, 100'000);
    config.budget_seconds = budget.integer("seconds", 25, 1, 86'400);
    budget.finish();
    for (const char* later : {"endpoints", "backflow", "sinks"}) {
        if (top.has(later)) top.note(later, "is not available in this version", "remove it");
        top.accept(later);
    }
    top.accept("$schema");
    top.finish();
    return config;
}

}  // namespace leadbridge::engine
