#include "engine/config_upgrade.h"

#include <catch2/catch.hpp>
#include <string>

#include "engine/config.h"

using namespace leadbridge;
using codec::Json;

namespace {

const std::string kOld = R"({
  "apps": {"main": {"app_key": 9007199254740993, "app_secret": {"env": "FAKE"}}},
  "sources": {"ads": {"platform": "alimama", "session": {"ssm": "/fake"}, "mobile_cipher": "passthrough"}}
})";

// A made-up change of the format: `requests` moves out of `limits` into `budget`.
engine::ConfigSteps move_requests() {
    return {{"9.9.0", [](Json& config) -> std::vector<engine::ConfigChange> {
                 if (!config.contains("limits")) return {};
                 config["budget"]["requests"] = config["limits"]["requests"];
                 config.erase("limits");
                 return {{"limits.requests", "move it to `budget.requests`"}};
             }}};
}

}  // namespace

TEST_CASE("a configuration of this version stays as it is, byte for byte", "[config]") {
    const auto upgraded = engine::upgrade_config(kOld);
    REQUIRE(upgraded);
    CHECK(upgraded.value().text == kOld);
    CHECK(upgraded.value().changes.empty());
    CHECK(upgraded.value().problems.empty());  // that no secret is there is not the file's fault
}

TEST_CASE("a step rewrites an old form, says what it did, and runs once", "[config]") {
    Json old = codec::parse_json(kOld).value();
    old["limits"]["requests"] = 7;
    const auto upgraded = engine::upgrade_config(codec::dump_json(old), move_requests());
    REQUIRE(upgraded);
    const auto& [text, changes, problems] = upgraded.value();
    REQUIRE(changes.size() == 1);
    CHECK(changes[0].path == "limits.requests");
    CHECK(problems.empty());
    const Json now = codec::parse_json(text).value();
    CHECK(now["budget"]["requests"] == 7);
    CHECK_FALSE(now.contains("limits"));
    CHECK(now["apps"]["main"]["app_key"] == 9007199254740993);
    const auto again = engine::upgrade_config(text, move_requests());
    CHECK(again.value().text == text);
    CHECK(again.value().changes.empty());
}

TEST_CASE("an old form is refused with the exact change", "[config]") {
    const Json old = {{"limits", {{"requests", 7}}}};
    const auto problems = engine::old_forms(old, move_requests());
    REQUIRE(problems.size() == 1);
    CHECK(problems[0].path == "limits.requests");
    CHECK(problems[0].problem == "is as it was written before version 9.9.0");
    CHECK(problems[0].fix == "move it to `budget.requests`; `leadbridge config upgrade FILE` does it");
    CHECK(old.contains("limits"));
    CHECK(engine::old_forms({{"budget", {{"requests", 7}}}}, move_requests()).empty());
}

TEST_CASE("what no step repairs is told, secrets excepted", "[config]") {
    Json wrong = codec::parse_json(kOld).value();
    wrong["sources"]["ads"]["page_sice"] = 3;
    wrong["apps"]["main"]["app_secret"] = "in the clear";
    const auto upgraded = engine::upgrade_config(codec::dump_json(wrong));
    REQUIRE(upgraded);
    std::string paths;
    for (const auto& problem : upgraded.value().problems) paths += problem.path + " ";
    CHECK(paths == "apps.main.app_secret sources.ads.page_sice ");
    CHECK_FALSE(engine::upgrade_config("{\"apps\": "));
}
