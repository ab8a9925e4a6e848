// The store suite (tests/store/conformance.json) on the native stores: memory, and SQLite on disk.
#include <unistd.h>

#include <catch2/catch.hpp>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <functional>
#include <iterator>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>

#include "functions/native/store/memory.h"
#include "functions/native/store/sqlite/sqlite.h"
#include "store/store_json.h"
#include "test_data.h"

namespace {

using leadbridge::base::Millis;
using leadbridge::native::Store;
using namespace leadbridge::testing;
using Json = nlohmann::json;

// {$repeat, item} and {$text, times}: see `about` in conformance.json. n < 0: not inside a repeat.
Json expand(const Json& value, int n = -1) {
    if (value.is_string() && n >= 0) {
        std::string text = value.get<std::string>();
        if (text == "$n") return n;
        char digits[16];
        std::snprintf(digits, sizeof digits, "%04d", n);
        for (std::size_t at = text.find("{n}"); at != std::string::npos; at = text.find("{n}", at + 4)) {
            text.replace(at, 3, digits);
        }
        return text;
    }
    if (value.is_array()) {
        Json all = Json::array();
        for (const Json& item : value) {
            if (!item.is_object() || !item.contains("$repeat")) {
                all.push_back(expand(item, n));
                continue;
            }
            for (int i = 0; i < item.at("$repeat").get<int>(); ++i) all.push_back(expand(item.at("item"), i));
        }
        return all;
    }
    if (!value.is_object()) return value;
    if (value.contains("$text")) {
        std::string all;
        for (int i = 0; i < value.at("times").get<int>(); ++i) all += value.at("$text").get<std::string>();
        return all;
    }
    Json all = Json::object();
    for (const auto& [name, member] : value.items()) all[name] = expand(member, n);
    return all;
}

Json pick(const Json& item, const Json& step) {
    if (!step.contains("fields")) return item;
    Json some = Json::object();
    for (const std::string name : step.at("fields")) some[name] = item.at(name);
    return some;
}

// One case on one fresh store.
class Runner {
  public:
    explicit Runner(Store& store) : store_(store) {}

    void run(const Json& step) {
        const Json expect = expand(step.value("expect", Json::object()));
        const Json result = perform(step, step.at("op").get<std::string>());
        INFO("step " << step.dump() << "\nreason " << result.value("reason", ""));
        REQUIRE(result.at("outcome") == expect.value("outcome", "ok"));
        if (result.at("outcome") != "ok") {
            CHECK_FALSE(result.value("reason", "").empty());
            return;
        }
        for (const auto& [name, value] : expect.items()) {
            INFO(name);
            if (name == "next") {
                CHECK((result.at("next") != "") == value.get<bool>());
            } else if (name == "count" && result.contains("entries")) {
                CHECK(result.at("entries").size() == value.get<std::size_t>());
            } else {
                CHECK(result.at(name) == value);
            }
        }
    }

  private:
    Json perform(const Json& step, const std::string& op) {
        try {
            return performed(step, op);
        } catch (const std::exception& error) {  // no operation of the contract
            return {{"outcome", "error"}, {"reason", error.what()}};
        }
    }

    Json performed(const Json& step, const std::string& op) {
        if (op == "load") return result_json(store_.load(load_from(step)));
        if (op == "commit") {
            const Json& records = step.at("records");
            const std::string text = records.value("text", "{}");
            return result_json(store_.commit(commit_from(
                step, records.contains("text") ? Json::parse(text.empty() ? "{}" : text) : expand(records))));
        }
        if (op == "scan") return scan(step);
        if (op == "scan_all") return scan_all(step);
        if (op == "claim") return result_json(store_.claim(claim_from(step)));
        if (op == "settle") return result_json(store_.settle(settle_from(step)));
        REQUIRE(op == "purge");
        const auto purged = store_.purge(step.at("now").get<Millis>());
        if (!purged.ok()) return {{"outcome", "error"}, {"reason", purged.error().reason}};
        const auto& gone = purged.value();
        return {{"outcome", "ok"},   {"leads", gone.leads}, {"outbox", gone.outbox},
                {"rows", gone.rows}, {"marks", gone.marks}, {"raw", gone.raw}};
    }

    Json scan(const Json& step) {
        const std::string token = step.value("page", "");
        Json json = result_json(store_.scan(scan_from(step, token == "next" ? next_ : token)));
        next_ = json.at("next").get<std::string>();
        for (Json& item : json["items"]) item = pick(item, step);
        return json;
    }

    Json scan_all(const Json& step) {
        int pages = 0;
        std::size_t count = 0;
        Json first, last;
        std::string token;
        do {
            const Json result = result_json(store_.scan(scan_from(step, token)));
            REQUIRE(result.at("outcome") == "ok");
            REQUIRE_FALSE(result.at("items").empty());
            if (pages == 0) first = result.at("items").front().at("id");
            last = result.at("items").back().at("id");
            count += result.at("items").size();
            pages += 1;
            token = result.at("next").get<std::string>();
        } while (!token.empty() && pages < 100);
        return {{"outcome", "ok"}, {"pages", pages}, {"count", count}, {"first", first}, {"last", last}};
    }

    Store& store_;
    std::string next_;
};

using Open = std::function<std::unique_ptr<Store>(std::size_t number)>;

void run_suite(const Open& open) {
    std::ifstream file(std::string(LEADBRIDGE_TEST_DATA) + "/store/conformance.json");
    const Json suite = Json::parse(file);
    REQUIRE(suite.at("cases").size() > 20);
    std::size_t number = 0;
    for (const Json& one : suite.at("cases")) {
        INFO(one.at("name").get<std::string>());
        const auto store = open(number++);
        REQUIRE(store);
        Runner runner(*store);
        for (const Json& step : one.at("steps")) runner.run(step);
    }
}

}  // namespace

TEST_CASE("store suite: memory", "[store]") {
    run_suite([](std::size_t) { return leadbridge::native::open_memory_store(); });
}

TEST_CASE("store suite: SQLite on disk", "[store]") {
    char name[] = "/tmp/leadbridge-store-XXXXXX";
    const std::filesystem::path directory = mkdtemp(name);
    run_suite([&](std::size_t number) {
        auto store = leadbridge::native::open_sqlite_store(directory / (std::to_string(number) + ".db"));
        if (!store.ok()) FAIL(store.error().reason);
        return std::move(store).value();
    });
    std::filesystem::remove_all(directory);
}
