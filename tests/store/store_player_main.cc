// Plays store operations on DynamoDB: one JSON object a line on stdin, one result a line on stdout.
//   {"op":"open","table":..,"endpoint":..,"sweep":true,"attempt_ms":..,"total_ms":..,"create":true}
// and the operations of tests/store/conformance.json with their arguments spelled out.
#include <iostream>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>

#include "functions/native/store/dynamodb/dynamodb.h"

namespace {

using Json = nlohmann::json;
namespace effect = leadbridge::effect;
namespace native = leadbridge::native;

Json plain(const effect::StoreResult& result) {
    return {{"outcome", result.outcome}, {"reason", result.reason}};
}

Json failed(const leadbridge::base::Error& error) {
    return {{"outcome", "error"}, {"code", error.code}, {"reason", error.reason}};
}

Json open(std::unique_ptr<native::Store>& store, const Json& step) {
    native::DynamoOptions options;
    options.table = step.value("table", "leadbridge");
    options.region = step.value("region", "eu-central-1");
    options.endpoint = step.value("endpoint", "");
    options.attempt_ms = step.value("attempt_ms", options.attempt_ms);
    options.total_ms = step.value("total_ms", options.total_ms);
    options.hidden_until = step.value("hidden_until", options.hidden_until);
    options.sweep = step.value("sweep", false);
    if (step.value("create", false)) {
        if (auto status = native::create_table(options); !status.ok()) return failed(status.error());
    }
    auto opened = native::open_dynamodb_store(options);
    if (!opened.ok()) return failed(opened.error());
    store = std::move(opened.value());
    return {{"outcome", "ok"}};
}

Json load(native::Store& store, const Json& step) {
    const auto result = store.load({step.at("keys"), step.at("now")});
    Json json = plain(result);
    json["records"] = Json::array();
    for (const auto& [key, version, value] : result.records) {
        json["records"].push_back({{"key", key}, {"version", version}, {"value", value}});
    }
    return json;
}

Json commit(native::Store& store, const Json& step) {
    effect::StoreCommit asked;
    for (const Json& move : step.at("checkpoints")) {
        asked.checkpoints.push_back({move.at("key"), move.at("expected"), move.at("value")});
    }
    asked.records = step.at("records").get<std::string>();
    const auto result = store.commit(asked);
    Json json = plain(result);
    json["inserted"] = result.inserted;
    json["updated"] = result.updated;
    json["unchanged"] = result.unchanged;
    return json;
}

Json claim(native::Store& store, const Json& step) {
    const auto result = store.claim(
        {step.at("queue"), step.at("limit"), step.at("lease_ms"), step.at("lease"), step.at("now")});
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

Json settle(native::Store& store, const Json& step) {
    effect::StoreSettle asked;
    asked.queue = step.at("queue");
    asked.now = step.at("now");
    for (const Json& entry : step.at("entries")) {
        asked.entries.push_back({entry.at("id"), entry.at("lease"), entry.at("outcome"), entry.at("retry_at"),
                                 entry.at("reason")});
    }
    return plain(store.settle(asked));
}

Json perform(std::unique_ptr<native::Store>& store, const Json& step) {
    const std::string op = step.at("op");
    if (op == "open") return open(store, step);
    if (store == nullptr) return failed({"closed", "open a store first"});
    if (op == "load") return load(*store, step);
    if (op == "commit") return commit(*store, step);
    if (op == "claim") return claim(*store, step);
    if (op == "settle") return settle(*store, step);
    if (op == "scan") {
        const auto result =
            store->scan({step.at("kind"), step.at("query"), step.at("limit"), step.at("page")});
        Json json = plain(result);
        json["items"] = result.items;
        json["next"] = result.next;
        return json;
    }
    const auto purged = store->purge(step.at("now"));
    if (!purged.ok()) return failed(purged.error());
    const native::Purged& gone = purged.value();
    return {{"outcome", "ok"},   {"leads", gone.leads}, {"outbox", gone.outbox},
            {"rows", gone.rows}, {"marks", gone.marks}, {"raw", gone.raw}};
}

}  // namespace

int main() {
    std::unique_ptr<native::Store> store;
    for (std::string line; std::getline(std::cin, line);) {
        Json result;
        try {
            result = perform(store, Json::parse(line));
        } catch (const std::exception& error) {
            result = {{"outcome", "error"}, {"reason", error.what()}};
        }
        std::cout << result.dump() << std::endl;
    }
    return 0;
}
