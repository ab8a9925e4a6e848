// The engine's own promises; what the jobs do is in tests/cases.
#include "engine/engine.h"

#include <catch2/catch.hpp>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include "codec/json.h"
#include "engine/store_text.h"
#include "test_data.h"

using namespace leadbridge;
using codec::Json;
using engine::Engine;

namespace {

constexpr base::Millis kNow = 1694077000000;

std::string config() {
    std::ifstream in(std::string(LEADBRIDGE_TEST_DATA) + "/data/keys/fake_rsa1024_pkcs8.pem");
    const std::string key{std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
    const auto secret = [](const std::string& value) { return Json{{"env", "N"}, {"value", value}}; };
    return codec::dump_json({{"apps", {{"main", {{"app_key", "1"}, {"app_secret", secret("fake-secret")}}}}},
                             {"sources",
                              {{"ads",
                                {{"platform", "alimama"},
                                 {"session", secret("fake-session")},
                                 {"mobile_key", secret(key)},
                                 {"retries", 0}}}}}});
}

effect::Start start(const std::string& event) { return {event, "", std::string(32, 'r')}; }

std::vector<effect::Effect> drain(Engine& engine) {
    std::vector<effect::Effect> all;
    while (auto effect = engine.next()) all.push_back(std::move(*effect));
    return all;
}
std::vector<effect::Effect> feed(Engine& engine, const effect::Input& input, base::Millis now = kNow) {
    engine.feed(input, now);
    return drain(engine);
}
// The summary of `done`, with its exit; null when it is not the last effect.
Json done(const std::vector<effect::Effect>& effects) {
    if (effects.empty()) return nullptr;
    const auto* last = std::get_if<effect::Done>(&effects.back().what);
    if (last == nullptr) return nullptr;
    Json summary = codec::parse_json(last->summary).value();
    summary["exit"] = last->exit;
    return summary;
}
effect::StoreResult ok(effect::Id id, const std::string& value = "") {
    effect::StoreResult r;
    r.id = id;
    r.outcome = effect::Outcome::ok;
    if (!value.empty()) r.records = {{"pull/ads", 1, value}};
    return r;
}
effect::StoreResult bad(effect::Id id, effect::Outcome outcome) {
    effect::StoreResult r;
    r.id = id;
    r.outcome = outcome;
    r.reason = "disk full";
    return r;
}
effect::HttpResult page(effect::Id id, const std::string& rows) {
    effect::HttpResult r;
    r.id = id;
    r.status = 200;
    r.body =
        "{\"mama_crm_lead_list_response\":{\"result_ok\":true,\"result_data\":{\"result\":[" + rows + "]}}}";
    return r;
}

}  // namespace

TEST_CASE("events that are none", "[engine]") {
    for (const auto& [event, code] : std::vector<std::pair<std::string, std::string>>{
             {"", "bad_event"},
             {"{", "bad_event"},
             {"\xFF", "bad_event"},
             {"{\"a\":" + std::string(100, '['), "bad_event"},
             {"null", "unknown_event"},
             {"[]", "unknown_event"},
             {"{}", "unknown_event"},
             {"{\"kind\":7}", "unknown_event"},
             {"{\"kind\":\"fly\"}", "unknown_event"},
             {R"({"kind":"pull","sources":["x"]})", "bad_event"},
             {R"({"kind":"pull","sources":[7]})", "bad_event"}}) {
        CAPTURE(event);
        Engine engine(config());
        const Json summary = done(feed(engine, start(event)));
        REQUIRE(summary.is_object());
        CHECK(summary["exit"] == 1);
        CHECK(summary["error"]["code"] == code);
        CHECK_FALSE(summary["error"]["reason"].get<std::string>().empty());
    }
}

TEST_CASE("a host without 32 random bytes, a bad configuration", "[engine]") {
    for (const std::size_t n : {0U, 31U, 33U}) {
        Engine engine(config());
        CHECK(done(feed(engine, effect::Start{R"({"kind":"pull"})", "",
                                              std::string(n, 'r')}))["error"]["code"] == "host_fault");
    }
    Engine engine("{\"sorces\":{}}");
    const Json summary = done(feed(engine, start(R"({"kind":"pull"})")));
    CHECK(summary["exit"] == 1);
    CHECK(summary["error"]["code"] == "configuration");
    CHECK(summary["errors"].size() == 2);
    CHECK(summary["job"] == "pull");
    // Signing needs none of it.
    Engine signer("nonsense");
    CHECK(done(feed(
              signer,
              start(R"({"kind":"sign","secret":"s","sign_method":"md5","params":{"a":"1"}})")))["exit"] == 0);
}

// A pull ends by removing what has expired.
Json ended(Engine& engine, const std::vector<effect::Effect>& effects) {
    REQUIRE_FALSE(effects.empty());
    REQUIRE(std::holds_alternative<effect::StorePurge>(effects.back().what));
    return done(feed(engine, ok(effects.back().id)));
}

TEST_CASE("the store's answers decide", "[engine]") {
    Engine engine(config());
    auto effects = feed(engine, start(R"({"kind":"pull"})"));
    REQUIRE(effects.size() == 1);
    REQUIRE(std::holds_alternative<effect::StoreLoad>(effects[0].what));

    SECTION("cannot be read") {
        const Json summary = ended(engine, feed(engine, bad(effects[0].id, effect::Outcome::error)));
        CHECK(summary["exit"] == 2);
        CHECK(summary["sources"][0]["code"] == "store_failed");
        CHECK(summary["sources"][0]["reason"].get<std::string>().find("disk full") != std::string::npos);
    }
    SECTION("a damaged checkpoint is not guessed at") {
        const Json summary =
            ended(engine, feed(engine, ok(effects[0].id, "{\"v\":1,\"covered\":[[3,2,1]]}")));
        CHECK(summary["exit"] == 2);
        CHECK(summary["sources"][0]["code"] == "state_unreadable");
    }
    SECTION("cannot be written, or was moved by somebody else") {
        for (const effect::Outcome outcome : {effect::Outcome::error, effect::Outcome::conflict}) {
            Engine again(config());
            auto asked = feed(again, start(R"({"kind":"pull"})"));
            asked = feed(again, ok(asked[0].id));
            REQUIRE(std::holds_alternative<effect::Http>(asked[0].what));
            asked = feed(again, page(asked[0].id, "{\"id\":5}"));
            REQUIRE(asked.size() == 1);
            const auto& commit = std::get<effect::StoreCommit>(asked[0].what);
            CHECK(commit.checkpoints.at(0).key == "pull/ads");
            CHECK(commit.checkpoints.at(0).expected == 0);
            const Json summary = ended(again, feed(again, bad(asked[0].id, outcome)));
            CHECK(summary["exit"] == (outcome == effect::Outcome::error ? 2 : 3));
            CHECK(summary["sources"][0]["outcome"] ==
                  (outcome == effect::Outcome::error ? "failed" : "conflict"));
        }
    }
    SECTION("answers nobody waits for are ignored") {
        CHECK(feed(engine, ok(4711)).empty());
        CHECK(feed(engine, page(effects[0].id + 1, "")).empty());
        CHECK(feed(engine, effect::WaitResult{99}).empty());
        CHECK(feed(engine, start(R"({"kind":"status"})")).empty());
        effects = feed(engine, ok(effects[0].id));
        REQUIRE(effects.size() == 1);
        CHECK(std::holds_alternative<effect::Http>(effects[0].what));
    }
    SECTION("a CPU warning stops at the page boundary with everything committed") {
        effects = feed(engine, ok(effects[0].id));
        CHECK(feed(engine, effect::CpuWarning{}).empty());
        effects = feed(engine, page(effects[0].id, "{\"id\":5}"));
        REQUIRE(std::holds_alternative<effect::StoreCommit>(effects[0].what));
        effects = feed(engine, ok(effects[0].id));  // log, closing commit
        const Json summary = ended(engine, feed(engine, ok(effects.back().id)));
        CHECK(summary["exit"] == 3);
        CHECK(summary["sources"][0]["outcome"] == "budget");
        CHECK(feed(engine, ok(1)).empty());  // after done nothing happens
    }
}

TEST_CASE("the same inputs give the same effects", "[engine]") {
    const auto run = [] {
        Engine engine(config());
        std::string text;
        auto effects = feed(engine, start(R"({"kind":"pull"})"));
        effects = feed(engine, ok(effects[0].id));
        text += std::get<effect::Http>(effects[0].what).url;
        effects = feed(engine, page(effects[0].id, "{\"id\":5,\"mobile\":\"13800138000\"}"));
        return text + engine::record_lines(std::get<effect::StoreCommit>(effects[0].what).records);
    };
    CHECK(run() == run());
}

TEST_CASE("a request never outlives the budget", "[engine]") {
    Engine engine(config());
    auto effects = feed(engine, start(R"({"kind":"pull"})"));
    effects = feed(engine, ok(effects[0].id), kNow + 20'000);
    CHECK(std::get<effect::Http>(effects[0].what).timeout_ms == 5000);
}
