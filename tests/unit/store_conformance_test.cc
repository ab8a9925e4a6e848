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
#include "test_data.h"

namespace {

using leadbridge::base::Millis;
using leadbridge::native::Store;
namespace effect = leadbridge::effect;
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

std::string query_text(const Json& step) {
    const Json& query = step.at("query");
    return query.is_string() ? query.get<std::string>() : query.dump();
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
    static Json plain(const effect::StoreResult& result) {
        return {{"outcome", result.outcome}, {"reason", result.reason}};
    }

    Json perform(const Json& step, const std::string& op) {
        if (op == "load") return load(step);
        if (op == "commit") return commit(step);
        if (op == "scan") return scan(step);
        if (op == "scan_all") return scan_all(step);
        if (op == "claim") return claim(step);
        if (op == "settle") return settle(step);
        REQUIRE(op == "purge");
        const auto purged = store_.purge(step.at("now").get<Millis>());
        if (!purged.ok()) return {{"outcome", "error"}, {"reason", purged.error().reason}};
        const auto& gone = purged.value();
        return {{"outcome", "ok"},   {"leads", gone.leads}, {"outbox", gone.outbox},
                {"rows", gone.rows}, {"marks", gone.marks}, {"raw", gone.raw}};
    }

    Json load(const Json& step) {
        const auto result =
            store_.load({step.at("keys").get<std::vector<std::string>>(), step.at("now").get<Millis>()});
        Json json = plain(result);
        json["records"] = Json::array();
        for (const auto& record : result.records) {
            json["records"].push_back(
                {{"key", record.key}, {"version", record.version}, {"value", record.value}});
        }
        return json;
    }

    Json commit(const Json& step) {
        effect::StoreCommit asked;
        for (const Json& move : step.at("checkpoints")) {
            asked.checkpoints.push_back({move.at("key").get<std::string>(),
                                         move.at("expected").get<std::int64_t>(),
                                         move.at("value").get<std::string>()});
        }
        const Json& records = step.at("records");
        asked.records =
            records.contains("text") ? records.at("text").get<std::string>() : expand(records).dump();
        const auto result = store_.commit(asked);
        Json json = plain(result);
        json["inserted"] = result.inserted;
        json["updated"] = result.updated;
        json["unchanged"] = result.unchanged;
        return json;
    }

    effect::StoreResult page(const Json& step, const std::string& token) {
        return store_.scan({step.at("kind").get<std::string>(), query_text(step),
                            step.at("limit").get<std::int64_t>(), token});
    }

    Json scan(const Json& step) {
        const std::string token = step.value("page", "");
        const auto result = page(step, token == "next" ? next_ : token);
        next_ = result.next;
        Json json = plain(result);
        json["next"] = result.next;
        json["items"] = Json::array();
        for (const std::string& item : result.items) json["items"].push_back(pick(Json::parse(item), step));
        return json;
    }

    Json scan_all(const Json& step) {
        int pages = 0;
        std::size_t count = 0;
        Json first, last;
        std::string token;
        do {
            const auto result = page(step, token);
            REQUIRE(result.outcome == "ok");
            REQUIRE_FALSE(result.items.empty());
            if (pages == 0) first = Json::parse(result.items.front()).at("id");
            last = Json::parse(result.items.back()).at("id");
            count += result.items.size();
            pages += 1;
            token = result.next;
        } while (!token.empty() && pages < 100);
        return {{"outcome", "ok"}, {"pages", pages}, {"count", count}, {"first", first}, {"last", last}};
    }

    Json claim(const Json& step) {
        const auto result =
            store_.claim({step.at("queue").get<std::string>(), step.at("limit").get<std::int64_t>(),
                          step.at("lease_ms").get<std::int64_t>(), step.at("lease").get<std::string>(),
                          step.at("now").get<Millis>()});
        Json json = plain(result);
        json["entries"] = Json::array();
        for (const auto& entry : result.entries) {
            json["entries"].push_back({{"id", entry.id},
                                       {"payload", entry.payload},
                                       {"attempts", entry.attempts},
                                       {"lease", entry.lease}});
        }
        return json;
    }

    Json settle(const Json& step) {
        effect::StoreSettle asked;
        asked.queue = step.at("queue").get<std::string>();
        asked.now = step.at("now").get<Millis>();
        for (const Json& entry : step.at("entries")) {
            asked.entries.push_back({entry.at("id").get<std::string>(), entry.at("lease").get<std::string>(),
                                     entry.at("outcome").get<std::string>(),
                                     entry.at("retry_at").get<Millis>(),
                                     entry.at("reason").get<std::string>()});
        }
        return plain(store_.settle(asked));
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
