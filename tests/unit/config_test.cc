#include "engine/config.h"

#include <catch2/catch.hpp>
#include <fstream>
#include <iterator>
#include <string>

#include "test_data.h"

using namespace leadbridge;
using codec::Json;

namespace {

std::string file(const std::string& name) {
    std::ifstream in(std::string(LEADBRIDGE_TEST_DATA) + "/data/keys/" + name, std::ios::binary);
    return {std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
}
Json secret(const std::string& name, const std::string& value) { return {{"env", name}, {"value", value}}; }
Json minimal() {
    return {{"apps", {{"main", {{"app_key", "1"}, {"app_secret", secret("S", "fake-secret\n")}}}}},
            {"sources",
             {{"ads",
               {{"platform", "alimama"},
                {"session", secret("T", "fake-session")},
                {"mobile_key", secret("K", file("fake_rsa1024_pkcs8.pem"))}}}}}};
}
std::string said(const Json& config) {
    std::string text;
    for (const auto& p : engine::read_config(codec::dump_json(config)).problems)
        text += p.path + ": " + p.problem + " (" + p.fix + ")\n";
    return text;
}
bool has(const std::string& text, const std::string& part) { return text.find(part) != std::string::npos; }

}  // namespace

TEST_CASE("a minimal configuration has sensible defaults", "[config]") {
    const auto config = engine::read_config(codec::dump_json(minimal()));
    CHECK(said(minimal()) == "");
    CHECK(config.tenant == "default");
    CHECK(config.lead_days == 730);
    CHECK(config.budget_requests == 40);
    CHECK(config.budget_seconds == 25);
    REQUIRE(config.sources.size() == 1);
    const auto& s = config.sources[0].by_id;
    CHECK((s.name == "ads" && s.platform == "alimama" && s.page_size == 100 && s.reread_pages == 1 &&
           s.overlap == 20));
    CHECK((s.backfill_days == 0 && s.retries == 2 && s.max_wait_s == 10 && s.lead_days == 730));
    CHECK(config.apps.at("main").app_secret.use() == "fake-secret");  // trimmed
    CHECK(config.vault->pepper.empty());
    CHECK_FALSE(config.vault->data_key.has_value());
    const auto source = std::get<std::shared_ptr<const platforms::IdPagedSource>>(config.sources[0].source);
    const auto http = source->request({std::nullopt, 100, 0});
    CHECK(http.url.substr(0, 39) == "https://eco.taobao.com/router/rest?meth");
    CHECK(http.timeout_ms == 15'000);
    CHECK(http.max_bytes == 8 << 20);
}

TEST_CASE("the whole configuration", "[config]") {
    Json c = minimal();
    c["$schema"] = "x";
    c["tenant"] = "acme";
    c["store"] = {{"kind", "memory"}, {"path", "x.db"}};
    c["page"] = {{"token", secret("P", "t")}};
    c["privacy"] = {{"data_key", secret("D", std::string(64, '1'))},
                    {"pepper", secret("Q", "sixteen-letters!\n")},
                    {"mask", "3-2"},
                    {"raw_days", 1},
                    {"lead_days", 0}};
    c["budget"] = {{"requests", 1}, {"seconds", 86'400}};
    c["apps"]["main"]["previous_app_secret"] = secret("S0", "old");
    auto& s = c["sources"]["ads"];
    s.update({{"app", "main"},
              {"endpoint", "http://127.0.0.1:1/r"},
              {"sign_method", "md5"},
              {"format", "json"},
              {"simplify", true},
              {"page_size", 500},
              {"reread_pages", 20},
              {"overlap", 0},
              {"backfill", {{"days", 30}, {"leads", 5}}},
              {"offset_mode", "asc"},
              {"retries", 0},
              {"max_wait_s", 600},
              {"timeout_s", 1},
              {"max_answer_mb", 1},
              {"mobile_cipher", "rsa_oaep_sha1"},
              {"account", "shop"}});
    CHECK(said(c) == "");
    const auto config = engine::read_config(codec::dump_json(c));
    CHECK(config.vault->data_key.has_value());
    CHECK(config.vault->mask == lead::MaskStyle::first3_last2);
    CHECK(config.sources[0].by_id.lead_days == 0);
    CHECK(config.sources[0].by_id.offset_mode == jobs::OffsetMode::ascending);
}

TEST_CASE("every fault has a path, a problem and a fix, and shows no secret", "[config]") {
    struct Row {
        std::string pointer;  // JSON pointer of what is set
        Json value;
        std::string line;
    };
    const std::vector<Row> rows = {
        {"/tenant", {1}, "tenant: must be text"},
        {"/store", 7, "store: must be an object"},
        {"/store", {{"kind", "mysql"}}, "store.kind: is not one of the known values (use one of: sqlite"},
        {"/apps/main", {{"app_secret", secret("S", "x")}}, "apps.main.app_key: is missing (take it from"},
        {"/apps/main", {{"app_key", "1"}}, "apps.main.app_secret: is missing"},
        {"/apps/main/app_secrt", 1, "apps.main.app_secrt: unknown key (did you mean \"app_secret\"?)"},
        {"/apps/main/app_secret", "hunter2-typed", "apps.main.app_secret: a secret must not stand"},
        {"/privacy", {{"data_key", secret("D", "hunter2-short")}}, "privacy.data_key: not a 256-bit key"},
        {"/privacy",
         {{"pepper", secret("D", "hunter2")}},
         "privacy.pepper: is shorter than 16 characters (generate"},
        {"/privacy", {{"mask", "4-4"}}, "privacy.mask: is not one of"},
        {"/privacy", {{"lead_days", -1}}, "privacy.lead_days: must be a whole number from 0"},
        {"/budget", {{"requests", 0}}, "budget.requests: must be a whole number from 1"},
        {"/sources", Json::object(), "sources: is missing or empty"},
        {"/sources", {1}, "sources: must be an object"},
        {"/sources/ads", 7, "sources.ads: must be an object"},
        {"/sources/ads/platform", nullptr, "sources.ads.platform: is missing"},
        {"/sources/ads/platform", "douyin",
         "sources.ads.platform: \"douyin\" cannot be pulled by this version (known: alimama, tanma, etc)"},
        {"/sources/ads/app", "mian", "sources.ads.app: names \"mian\""},
        {"/sources/ads/endpoint", "ftp://x", "sources.ads.endpoint: is not an http or https address"},
        {"/sources/ads/endpoint", "https://", "sources.ads.endpoint: is not"},
        {"/sources/ads/endpoint", "https://a b", "sources.ads.endpoint: is not"},
        {"/sources/ads/mobile_key", secret("K", "hunter2"), "sources.ads.mobile_key: not an RSA key"},
        {"/sources/ads/mobile_key", secret("K", file("fake_passphrase_pkcs1.pem")),
         "sources.ads.mobile_key: the RSA key is protected"},
        {"/sources/ads/mobile_key", secret("K", file("fake_rsa2048_public.pem")),
         "sources.ads.mobile_key: is a public key"},
        {"/sources/ads/mobile_key", nullptr, "sources.ads.mobile_key: is missing"},
        {"/sources/ads/mobile_cipher", "rsa", "sources.ads.mobile_cipher: is not one of"},
        {"/sources/ads/backfill",
         {{"dayz", 1}},
         "sources.ads.backfill.dayz: unknown key (did you mean \"days\"?)"},
        {"/sinks", Json::object(), "sinks: is not available in this version (remove it)"},
    };
    for (const Row& row : rows) {
        CAPTURE(row.pointer, codec::dump_json(row.value).substr(0, 80));
        Json c = minimal();
        c[Json::json_pointer(row.pointer)] = row.value;
        const std::string text = said(c);
        CAPTURE(text);
        CHECK(has(text, row.line));
        CHECK_FALSE(has(text, "hunter2"));
        CHECK_FALSE(has(text, "()"));
        for (const char* plain : {"fake-secret", "fake-session", "PRIVATE KEY"})
            CHECK_FALSE(has(text, plain));
    }
    CHECK(has(said({}), "sources: is missing or empty"));
}

TEST_CASE("what is no configuration at all", "[config]") {
    for (const char* text : {"", "{", "[]", "null", "7", "\xFF", "{\"a\":1,}", "// c\n{}"}) {
        CAPTURE(text);
        CHECK_FALSE(engine::read_config(text).problems.empty());
    }
    CHECK_FALSE(engine::read_config("{\"a\":" + std::string(10'000, '[')).problems.empty());
    CHECK_FALSE(engine::read_config("{\"a\":\"" + std::string(2U << 20U, 'x') + "\"}").problems.empty());
}

TEST_CASE("who may read: tokens and origins", "[config]") {
    const auto with_api = [](const Json& api) {
        Json c = minimal();
        c["api"] = api;
        return c;
    };
    const Json good =
        with_api({{"read_token", secret("R", " fake-read \n")},
                  {"phones_token", secret("P", "fake-phones")},
                  {"allow_origins", {"https://crm.example", "http://localhost:8080", "null", "*"}}});
    CHECK(said(good) == "");
    const auto config = engine::read_config(codec::dump_json(good));
    CHECK(config.read_token.use() == "fake-read");
    CHECK(config.phones_token.use() == "fake-phones");
    CHECK(config.allow_origins.size() == 4);
    CHECK(engine::read_config(codec::dump_json(minimal())).read_token.empty());
    CHECK(engine::read_config(codec::dump_json(minimal())).allow_origins.empty());

    const Json same =
        with_api({{"read_token", secret("R", "fake-one")}, {"phones_token", secret("P", "fake-one ")}});
    CHECK(has(said(same), "api.phones_token: is the same as read_token"));
    CHECK(has(said(with_api({{"read_token", "in plain text"}})), "api.read_token: a secret must not stand"));
    CHECK(has(said(with_api({{"read_token", {{"env", "R"}}}})), "environment variable R is not set"));
    for (const char* origin :
         {"https://crm.example/", "crm.example", "https://", "https://a b", "https://CRM.example",
          "ftp://crm.example", "https://*.example", "https://u@crm.example", "", "NULL",
          "https://a, https://b", "https://a?b", " *"}) {
        CAPTURE(origin);
        CHECK(has(said(with_api({{"allow_origins", {"https://ok.example", origin}}})),
                  "api.allow_origins: holds"));
    }
    CHECK(has(said(with_api({{"allow_origins", "*"}})), "api.allow_origins: must be a list"));
    CHECK(has(said(with_api({{"allow_origins", {7}}})), "api.allow_origins: must be a list"));
    CHECK(has(said(with_api({{"allow_origins", Json::array({nullptr})}})),
              "api.allow_origins: must be a list"));
}
