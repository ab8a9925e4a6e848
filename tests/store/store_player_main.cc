// Plays store operations on DynamoDB: one JSON object a line on stdin, one result a line on stdout.
//   {"op":"open","table":..,"endpoint":..,"sweep":true,"attempt_ms":..,"total_ms":..,"create":true}
// and the operations of tests/store/conformance.json with their arguments spelled out.
#include <iostream>
#include <memory>
#include <nlohmann/json.hpp>
#include <sstream>
#include <string>

#include "functions/native/store/dynamodb/dynamodb.h"
#include "store_json.h"

namespace {

using Json = nlohmann::json;
using namespace leadbridge::testing;
namespace native = leadbridge::native;

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

// From a message's body: one record a line.
Json records_of(const std::string& lines) {
    std::istringstream in(lines);
    std::string line;
    Json records = std::getline(in, line) ? Json::parse(line) : Json::object();
    while (std::getline(in, line)) {
        const Json parsed = Json::parse(line);
        for (const auto& [list, record] : parsed.items()) records[list].push_back(record);
    }
    return records;
}

Json perform(std::unique_ptr<native::Store>& store, const Json& step) {
    const std::string op = step.at("op");
    if (op == "open") return open(store, step);
    if (store == nullptr) return failed({"closed", "open a store first"});
    if (op == "load") return result_json(store->load(load_from(step)));
    if (op == "commit") return result_json(store->commit(commit_from(step, records_of(step.at("records")))));
    if (op == "claim") return result_json(store->claim(claim_from(step)));
    if (op == "settle") return result_json(store->settle(settle_from(step)));
    if (op == "scan") return result_json(store->scan(scan_from(step, step.at("page"))));
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
