// What the core tells hosts, monitors and logs: doors, health, sentences.
#include "engine/doors.h"

#include <catch2/catch.hpp>

#include "base/log_text.h"
#include "engine/health.h"
#include "engine/report.h"

using namespace leadbridge;
using codec::Json;
using namespace engine;

namespace {

constexpr auto kConfig = R"({
  "apps": {"main": {"app_key": "1", "app_secret": {"env": "S", "value": "secret"}}},
  "endpoints": {"/spi/tmall": {"platform": "tmall", "max_body_kb": 2}, "/spi/etc": {"platform": "etc"}},
  "api": {"backflow_token": {"env": "B", "value": "fake-backflow-token"}},
  "page": {"token": {"env": "P", "value": "tok"}}
})";

Json door(const Json& summary, const std::string& path) {
    for (const auto& each : summary["doors"])
        if (each["path"] == path) return each;
    return nullptr;
}

Json parsed(const std::string& text) { return codec::parse_json(text).value(); }

}  // namespace

TEST_CASE("doors: paths, methods, most bytes, tokens; closed ones are not there", "[doors]") {
    const Config config = read_config(kConfig);
    REQUIRE(config.problems.empty());
    const Json summary = doors_summary(config);
    CHECK(door(summary, "/spi/tmall") ==
          parsed(R"({"path":"/spi/tmall","methods":["GET","POST"],"most_bytes":2048,"token":false})"));
    CHECK(door(summary, "/spi/etc")["most_bytes"] == 1 << 20);
    CHECK(door(summary, "/v1/backflow/etc")["token"] == true);
    CHECK(door(summary, "/healthz")["most_bytes"] == 0);
    CHECK(door(summary, "/v1/leads").is_null());  // no token of the read API is configured
    // echo -n 'leadbridge page tok' | sha256sum
    CHECK(summary["page"]["token_sha256"].get<std::string>().size() == 64);
    CHECK(codec::dump_json(summary).find("fake-backflow-token") == std::string::npos);

    const auto doors = doors_of(config);
    CHECK(takes_body(doors, "POST", "/spi/tmall", false, 2048));
    CHECK_FALSE(takes_body(doors, "POST", "/spi/tmall", false, 2049));
    CHECK_FALSE(takes_body(doors, "PUT", "/spi/tmall", false, 1));
    CHECK_FALSE(takes_body(doors, "POST", "/spi/tmall/", false, 1));
    CHECK_FALSE(takes_body(doors, "PUT", "/v1/backflow/etc", false, 1));
    CHECK(takes_body(doors, "PUT", "/v1/backflow/etc", true, kMostRowBytes));
}

TEST_CASE("doors of a configuration that cannot be used: none, and the page stays closed", "[doors]") {
    const Json none = doors_summary(read_config("{}"));
    CHECK(none["doors"].empty());
    CHECK(none["page"].is_null());
    const Json missing = doors_summary(read_config(R"({"page":{"token":{"env":"P","missing":"not set"}}})"));
    CHECK(missing["page"]["token_sha256"].is_null());
}

TEST_CASE("logs hold no number as long as a phone's", "[doors]") {
    CHECK(base::without_long_numbers("13800138000 said 123456, then 1234567.") ==
          "########### said 123456, then #######.");
    CHECK(base::without_long_numbers("") == "");
    const auto log = log_of("leads", 0, parsed(R"({"job":"leads","leads":[{"name":"fake"},{}],"next":""})"));
    CHECK(log.level == "info");
    CHECK(log.code == "leads");
    CHECK(parsed(log.message) == parsed(R"({"job":"leads","leads":2,"next":""})"));
    CHECK(log_of("", 2, Json::object()).level == "error");
    CHECK(log_of("", 3, Json::object()).code == "run");
}

TEST_CASE("a failure is one sentence of everything that went wrong", "[doors]") {
    const auto reason = [](const char* summary) { return failure_of(parsed(summary)); };
    CHECK(
        reason(
            R"({"job":"pull","sources":[{"name":"a","outcome":"failed","code":"x","reason":"no 13800138000"},
                     {"name":"b","outcome":"ok","reason":""},{"name":"c","outcome":"parked","code":"t","reason":"later"},
                     {"name":"d","outcome":"budget","code":"budget","reason":"more"}]})") ==
        parsed(R"({"code":"x","reason":"a: no ########### | c: later"})"));
    CHECK(
        reason(R"({"job":"tick","pull":{"sources":[{"name":"a","outcome":"failed","code":"x","reason":"no"}]},
                     "backflow":[{"name":"s","outcome":"parked","code":"t","reason":"ban"},
                                 {"name":"u","outcome":"budget","code":"budget","reason":"more"},
                                 {"name":"v","outcome":"ok","code":"","reason":"","refused":2}]})")
            ["reason"] == "a: no | s: ban | v: rows were refused; `problems` of the summary says why");
    CHECK(reason(R"({"job":"x","error":{"code":"c","reason":"r"}})") ==
          parsed(R"({"code":"c","reason":"c: r"})"));
    CHECK(reason(R"({"job":"doctor"})")["reason"] == "doctor: failed, the summary says what");
}

TEST_CASE("health: state and age of each source, no people", "[doors]") {
    constexpr base::Millis kNow = 1'700'000'042'000;
    const auto health = [](const std::string& source, std::optional<std::int64_t> max_age = {},
                           int exit = 0) {
        const auto answer =
            health_response(parsed("{\"job\":\"status\",\"sources\":[" + source + "]}"), exit, kNow, max_age);
        Json body = parsed(answer.body);
        CHECK(body["ok"] == (answer.status == 200));
        return body;
    };
    const std::string ok = R"({"name":"ads","state":"ok","leads":253,"unread":0,"last_error":null,
        "last_run":{"at":"2023-11-14T22:13:20.000Z"}})";
    const Json well = health(ok);
    CHECK(well["ok"] == true);
    CHECK(well["sources"][0]["state"] == "ok");
    CHECK(well["sources"][0]["last_run_age_s"] == 42);
    CHECK(well["sources"][0]["stale"] == false);
    CHECK(well["sources"][0]["leads"] == 253);
    CHECK_FALSE(well.contains("reasons"));
    CHECK(health(ok, 42)["ok"] == true);
    CHECK(health(ok, 41)["reasons"][0].get<std::string>().find("look at the schedule (the cron trigger)") !=
          std::string::npos);
    CHECK(health(ok, -1)["ok"] == false);

    const std::string session = R"({"name":"ads","state":"failed","leads":1,"unread":0,"last_run":null,
        "last_error":{"code":"session_expired","reason":"Authorise again, 13800000000 said so"}})";
    const Json failed = health(session);
    CHECK(failed["ok"] == false);
    CHECK(failed["sources"][0]["code"] == "session_expired");
    CHECK(failed["reasons"][0] == "ads: Authorise again, ########### said so");

    // Who calls us has no runs; who was never run is late when somebody asks.
    const std::string listening =
        R"({"name":"tmall","state":"listening","leads":1,"unread":0,"last_run":null})";
    CHECK(health(listening, 1)["ok"] == true);
    const std::string never = R"({"name":"ads","state":"never_run","leads":0,"unread":0,"last_run":null})";
    CHECK(health(never)["ok"] == true);
    CHECK(health(never, 1)["ok"] == false);

    const auto broken = health_response(
        parsed(R"({"job":"status","error":{"code":"store_failed","reason":"the store cannot be read"}})"), 2,
        kNow, {});
    CHECK(broken.status == 503);
    CHECK(broken.body.find("store cannot be read") != std::string::npos);
}
