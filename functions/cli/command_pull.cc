// tick: everything that is due; pull: fetch new leads of every source (or those named) into the store;
// normalise: read stored phones again.
#include <string>
#include <vector>

#include "functions/cli/cli.h"

namespace leadbridge::native {
namespace {

std::string counts(const Json& source) {
    std::string out = std::to_string(number_at(source, "inserted")) + " new, " +
                      std::to_string(number_at(source, "updated")) + " changed, " +
                      std::to_string(number_at(source, "pages")) + " pages in " +
                      std::to_string(number_at(source, "requests")) + " requests";
    const std::int64_t unread = number_at(source, "unread");
    if (unread > 0) out += ", " + std::to_string(unread) + " phones could not be read";
    return out;
}

std::string words(const std::string& outcome) {
    if (outcome == "budget") return "stopped by the budget, run it again to go on";
    if (outcome == "parked") return "the platform asked to wait";
    if (outcome == "conflict") return "another run was faster, nothing is lost";
    return outcome;
}

void print_pull(const Json& summary) {
    const Json& sources = child_at(summary, "sources");
    const std::int64_t waiting = number_at(summary, "waiting");
    if ((!sources.is_array() || sources.empty()) && waiting == 0) {
        say("No source is configured.");
        return;
    }
    for (const Json& source : sources) {
        const std::string outcome = text_at(source, "outcome");
        say(text_at(source, "name") + ": " + words(outcome) + "; " + counts(source),
            outcome == "failed" ? Tone::bad
            : outcome == "ok"   ? Tone::good
                                : Tone::warning);
        if (const std::string reason = text_at(source, "reason"); !reason.empty()) say("  " + reason);
    }
    if (waiting > 0)
        say(std::to_string(waiting) +
            " more have their turn in the next runs (budget.requests): the one that "
            "was served longest ago comes first");
    if (const Json& opened = child_at(summary, "opened"); opened.is_object()) {
        say(std::to_string(number_at(opened, "opened")) + " phones that were put off are read now, " +
            std::to_string(number_at(opened, "put_off")) + " wait (budget.decryptions)");
    }
}

void print_tick(const Json& summary) {
    print_pull(child_at(summary, "pull"));
    for (const Json& part : child_at(summary, "backflow")) {
        say(text_at(part, "name") + ": " + std::to_string(number_at(part, "sent")) + " rows sent, " +
            std::to_string(number_at(part, "refused")) + " refused, " +
            std::to_string(number_at(part, "waiting")) + " wait");
        if (const std::string reason = text_at(part, "reason"); !reason.empty()) say("  " + reason);
    }
}

Answer run_due(const Globals& globals, const Json& event) {
    auto config = read_config_file(globals.config);
    if (!config.ok()) return failed(text_at(event, "kind"), config.error(), 1);
    StoreHolder store(config.value().store);
    Answer answer = run_event(globals, config.value().resolved, config.value().budget_ms, store, event, true);
    if (const std::int64_t purged = number_at(answer.summary, "purged"); globals.verbose && purged > 0)
        complain("info: " + std::to_string(purged) + " expired records removed");
    return answer;
}

}  // namespace

void add_pull(CLI::App& app, Globals& globals, Action& action) {
    CLI::App* tick = app.add_subcommand(
        "tick", "everything that is due, for cron: pull every source, send what waits, clean up");
    add_common(*tick, globals);
    tick->callback([&globals, &action] {
        action = [&globals] { return finish(globals, run_due(globals, {{"kind", "tick"}}), print_tick); };
    });
    CLI::App* command = app.add_subcommand("pull", "fetch new leads into the store");
    add_common(*command, globals);
    auto sources = std::make_shared<std::vector<std::string>>();
    command->add_option("--source", *sources, "only these sources of the configuration")->type_name("NAME");
    command->callback([&globals, &action, sources] {
        action = [&globals, sources] {
            Json event = {{"kind", "pull"}};
            if (!sources->empty()) event["sources"] = *sources;
            return finish(globals, run_due(globals, event), print_pull);
        };
    });
}

void add_normalise(CLI::App& app, Globals& globals, Action& action) {
    CLI::App* command =
        app.add_subcommand("normalise", "try to read stored phones again, after a key was repaired");
    command->alias("normalize");
    add_common(*command, globals);
    command->callback([&globals, &action] {
        action = [&globals] {
            return finish(globals, run_with_config(globals, {{"kind", "normalise"}}),
                          [](const Json& summary) {
                              say(std::to_string(number_at(summary, "examined")) + " leads examined, " +
                                  std::to_string(number_at(summary, "readable")) + " now readable, " +
                                  std::to_string(number_at(summary, "unread")) + " still not");
                          });
        };
    });
}

}  // namespace leadbridge::native
