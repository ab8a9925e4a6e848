// backflow: rows that go back to a platform, loaded for it to fetch or sent to it.
#include <memory>
#include <string>

#include "base/text.h"
#include "functions/cli/cli.h"

namespace leadbridge::native {
namespace {

constexpr std::size_t kMaxFileBytes = 16U << 20U;

struct BackflowOptions {
    std::string name;
    std::string action;
    std::string file;
    std::string format = "auto";
    int type = 0;
    int data_type = -1;
};

std::string counted(std::int64_t count, const std::string& what) {
    return std::to_string(count) + " " + what;
}

void print_problems_of(const Json& summary) {
    for (const Json& problem : child_at(summary, "problems")) {
        std::string where;
        if (const std::int64_t line = number_at(problem, "line"); line > 0)
            where = "line " + std::to_string(line);
        if (where.empty()) where = text_at(problem, "key");
        std::string what = text_at(problem, "problem");
        if (what.empty()) what = text_at(problem, "state") + ": " + text_at(problem, "reason");
        const std::string column = text_at(problem, "column");
        complain("  " + where + ": " + (column.empty() ? "" : column + " ") + what);
    }
    std::string unknown;
    for (const auto& [column, count] : child_at(summary, "unknown_columns").items()) {
        unknown +=
            (unknown.empty() ? "" : ", ") + column + (count.is_number() ? " (" + count.dump() + ")" : "");
    }
    if (!unknown.empty()) complain("  columns the platform does not know, left out: " + unknown);
}

void print_load(const Json& summary) {
    say(text_at(summary, "name") + ": " + counted(number_at(summary, "inserted"), "rows new, ") +
        counted(number_at(summary, "updated"), "changed, ") +
        counted(number_at(summary, "unchanged"), "unchanged, ") +
        counted(number_at(summary, "refused"), "refused"));
    print_problems_of(summary);
}

void print_send(const Json& summary) {
    const std::string name = text_at(summary, "name");
    if (summary.contains("enqueued")) {
        say(name + ": " + counted(number_at(summary, "rows"), "rows read, ") +
            counted(number_at(summary, "enqueued"), "queued, ") +
            counted(number_at(summary, "already_sent"), "sent before, ") +
            counted(number_at(summary, "already_waiting"), "waiting already, ") +
            counted(number_at(summary, "invalid"), "invalid"));
    }
    say(name + ": " + counted(number_at(summary, "sent"), "sent, ") +
        counted(number_at(summary, "refused"), "refused by the platform, ") +
        counted(number_at(summary, "unknown"), "without a known outcome (sent again later), ") +
        counted(number_at(summary, "waiting"), "left to send"));
    if (const std::string reason = text_at(summary, "reason"); !reason.empty()) complain("  " + reason);
    print_problems_of(summary);
}

void print_status(const Json& summary) {
    const std::string name = text_at(summary, "name");
    if (const Json& sets = child_at(summary, "sets"); sets.is_array()) {
        if (sets.empty()) say(name + ": no rows are loaded");
        for (const Json& set : sets) {
            const std::string newest = china_time(text_at(set, "newest_at"));
            say(name + ": data type " + std::to_string(number_at(set, "data_type")) + ", " +
                counted(number_at(set, "rows"), "rows") + (newest.empty() ? "" : ", newest " + newest));
        }
        return;
    }
    const Json& states = child_at(summary, "states");
    const Json& queue = child_at(summary, "queue");
    say(name + ": " + counted(number_at(states, "sent"), "rows sent, ") +
        counted(number_at(states, "waiting"), "waiting, ") +
        counted(number_at(states, "unknown"), "without a known outcome, ") +
        counted(number_at(states, "refused"), "refused"));
    if (const std::int64_t waiting = number_at(queue, "waiting"); waiting > 0) {
        say("  " + counted(waiting, "in the queue, the next due ") + china_time(text_at(queue, "next_at")));
    }
    print_problems_of(summary);
}

Answer usage(const std::string& reason) { return failed("backflow", base::fail("usage", reason), 1); }

Answer backflow(const Globals& globals, const BackflowOptions& options) {
    const bool load = options.action == "load", send = options.action == "send";
    if (load && options.file.empty()) return usage("load needs a file: leadbridge backflow NAME load FILE");
    if (!load && !send && !options.file.empty()) return usage("status takes no file");
    if (send && !options.file.empty() && options.type == 0)
        return usage("say what the rows are about: --type 1 (broker), 2 (store) or 3 (city)");
    Json event = {{"kind", "backflow"}, {"name", options.name}, {"action", options.action}};
    std::string body;
    if (!options.file.empty()) {
        auto file = read_file(options.file, kMaxFileBytes);
        if (!file.ok()) return usage(file.error().reason);
        body = std::move(file.value());
        // Without rows `send` would send what waits: an empty file is a mistake, not that wish.
        if (base::trim(body).empty()) return usage("the file is empty");
        event["format"] = options.format;
        if (send) event["type"] = options.type;
        if (load && options.data_type >= 0) event["data_type"] = options.data_type;
    }
    return run_with_config(globals, event, std::move(body));
}

}  // namespace

void add_backflow(CLI::App& app, Globals& globals, Action& action) {
    CLI::App* command =
        app.add_subcommand("backflow", "give rows back to a platform, and see what became of them");
    add_common(*command, globals);
    command->footer(
        "leadbridge backflow etc load FILE              rows for the platform to fetch\n"
        "leadbridge backflow stats send FILE --type 2   statistics to the platform\n"
        "leadbridge backflow stats send                 what still waits\n"
        "leadbridge backflow stats status\n"
        "FILE is CSV with a header line or JSON (one object a line), UTF-8; - is standard input.");
    auto options = std::make_shared<BackflowOptions>();
    command->add_option("NAME", options->name, "entry of `backflow` in the configuration")->required();
    command->add_option("ACTION", options->action, "load, send or status")
        ->required()
        ->check(CLI::IsMember({"load", "send", "status"}));
    command->add_option("FILE", options->file, "the rows");
    command->add_option("--type", options->type, "send: 1 broker, 2 store, 3 city")->check(CLI::Range(1, 3));
    command->add_option("--data-type", options->data_type, "load: what the platform asks for as dataType")
        ->check(CLI::Range(0, 1'000'000));
    command->add_option("--format", options->format, "auto, csv or ndjson")
        ->check(CLI::IsMember({"auto", "csv", "ndjson"}));
    command->callback([&globals, &action, options] {
        action = [&globals, options] {
            return finish(globals, backflow(globals, *options), [options](const Json& summary) {
                if (options->action == "load") print_load(summary);
                if (options->action == "send") print_send(summary);
                if (options->action == "status") print_status(summary);
            });
        };
    });
}

}  // namespace leadbridge::native
