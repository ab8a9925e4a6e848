// crash_host: one invocation like the command line's, but the process dies (exit 137, no clean-up) before or
// after its N-th effect. Without --kill-at it finishes; when it does finish it prints {"effects":N,...}.
//
//   crash_host --config FILE [--source NAME]... [--event FILE [--body FILE]]
//              [--kill-at N --when before|after] [--skip-waits] [--ahead-ms N] [--trace]
//
// --event: a JSON event instead of `pull`; --body: the raw bytes that came with it.
// --skip-waits moves the clock of the run instead of waiting; --ahead-ms starts it later (or, negative, earlier);
// --trace lists "number kind" on stderr.
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <cstdio>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "functions/native/config_file.h"
#include "functions/native/drive.h"
#include "functions/native/store/dynamodb/dynamodb.h"
#include "functions/native/store/memory.h"
#include "functions/native/store/sqlite/sqlite.h"

int main(int argc, char** argv) {
    using namespace leadbridge;
    using Json = nlohmann::json;

    CLI::App app("one invocation that dies at a chosen effect");
    std::string config_path, event_path, body_path;
    std::string when = "before";
    std::vector<std::string> sources;
    std::size_t kill_at = 0;
    bool skip_waits = false;
    bool trace = false;
    base::Millis ahead_ms = 0;
    app.add_option("--config", config_path)->required();
    app.add_option("--source", sources);
    app.add_option("--kill-at", kill_at, "0: never");
    app.add_option("--when", when)->check(CLI::IsMember({"before", "after"}));
    app.add_flag("--skip-waits", skip_waits);
    app.add_flag("--trace", trace);
    app.add_option("--event", event_path);
    app.add_option("--body", body_path);
    app.add_option("--ahead-ms", ahead_ms);
    CLI11_PARSE(app, argc, argv);

    auto config = native::read_config_file(config_path);
    if (!config.ok()) {
        std::fprintf(stderr, "%s\n", config.error().reason.c_str());
        return 1;
    }
    std::unique_ptr<native::Store> store;
    const auto open_store = [&]() -> base::Result<native::Store*> {
        const native::StoreChoice& choice = config.value().store;
        if (choice.kind == "memory") {
            store = native::open_memory_store();
        } else if (choice.kind == "dynamodb") {
            native::DynamoOptions dynamo;
            dynamo.table = choice.table;
            dynamo.region = choice.region;
            dynamo.endpoint = choice.endpoint;
            dynamo.hidden_until = native::wall_clock() + ahead_ms;
            auto opened = native::open_dynamodb_store(dynamo);
            if (!opened.ok()) return opened.error();
            store = std::move(opened.value());
        } else {
            auto opened = native::open_sqlite_store(choice.path);
            if (!opened.ok()) return opened.error();
            store = std::move(opened.value());
        }
        return store.get();
    };

    native::DriveOptions options;
    Json event = {{"kind", "pull"}};
    if (!sources.empty()) event["sources"] = sources;
    options.event = event.dump();
    for (const auto& [path, text] : {std::pair{&event_path, &options.event}, {&body_path, &options.body}}) {
        if (path->empty()) continue;
        auto bytes = native::read_file(*path, std::size_t{16} << 20);
        if (!bytes.ok()) {
            std::fprintf(stderr, "%s\n", bytes.error().reason.c_str());
            return 1;
        }
        *text = std::move(bytes.value());
    }
    options.limit_ms = config.value().budget_ms + 60'000;
    options.skip_waits = skip_waits;
    options.ahead_ms = ahead_ms;
    const auto die_at = [&](const char* here) {
        return [&, here](std::size_t number, std::string_view kind) {
            if (trace) {
                std::fprintf(stderr, "%zu %s %.*s\n", number, here, static_cast<int>(kind.size()),
                             kind.data());
            }
            if (number == kill_at && when == here) ::_exit(137);
        };
    };
    options.hooks.before = die_at("before");
    options.hooks.after = die_at("after");

    engine::Engine engine(config.value().resolved);
    native::HttpClient http;
    const native::DriveOutcome outcome = native::drive(engine, http, open_store, options);
    Json line = {{"effects", outcome.effects}, {"exit", outcome.exit}};
    if (outcome.error) {
        line["error"] = {{"code", outcome.error->code}, {"reason", outcome.error->reason}};
    } else {
        line["summary"] = Json::parse(outcome.summary, nullptr, false);
    }
    if (outcome.response)
        line["response"] = {{"status", outcome.response->status}, {"body", outcome.response->body}};
    std::printf("%s\n", line.dump(-1, ' ', false, Json::error_handler_t::replace).c_str());
    return outcome.exit;
}
