#include "functions/cli/cli.h"

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstdio>
#include <string_view>
#include <utility>
#include <vector>

#include "base/text.h"
#include "base/time.h"
#include "functions/cli/forgive.h"
#include "functions/cli/progress.h"
#include "functions/cli/text_table.h"
#include "functions/cli/version.h"

namespace leadbridge::native {
namespace {

constexpr base::Millis kGuardMs = 60'000;  // beyond the budget

volatile std::sig_atomic_t stop_signal = 0;

void on_signal(int signal) { stop_signal = signal; }

void watch_signals() {
    struct sigaction action = {};
    action.sa_handler = &on_signal;  // no SA_RESTART: polls end early
    sigemptyset(&action.sa_mask);
    sigaction(SIGINT, &action, nullptr);
    sigaction(SIGTERM, &action, nullptr);
    std::signal(SIGPIPE, SIG_IGN);  // a closed connection or pipe is an error value, not the end
}

void print_lines(const std::string& text, Tone tone, std::FILE* where) {
    for (const std::string& line : base::split(text, '\n')) {
        std::fputs((toned(for_terminal(line), tone, where) + "\n").c_str(), where);
    }
}

void print_problems(const Json& summary) {
    const Json& errors = child_at(summary, "errors");
    const Json& error = child_at(summary, "error");
    if (errors.empty() && error.is_object()) complain("leadbridge: " + text_at(error, "reason"), Tone::bad);
    for (const Json& problem : errors) {
        std::string line = "leadbridge: " + text_at(problem, "path") + " " + text_at(problem, "problem");
        if (const std::string fix = text_at(problem, "fix"); !fix.empty()) line += "\n  fix: " + fix;
        complain(line, Tone::bad);
    }
}

int usage_error(bool json, const std::string& job, const std::string& message) {
    const std::string clean = base::printable(message, 400);
    if (json) {
        print_json({{"job", job}, {"error", {{"code", "usage"}, {"reason", clean}}}});
    }
    complain("leadbridge: " + clean, Tone::bad);
    complain(job.empty() ? "Try: leadbridge --help" : "Try: leadbridge " + job + " --help");
    return 1;
}

// The first argument that is no option and no option's value.
std::string first_word(const std::vector<std::string>& arguments) {
    for (std::size_t i = 0; i < arguments.size(); ++i) {
        if (arguments[i] == "--config") {
            ++i;
        } else if (arguments[i].empty() || arguments[i][0] != '-') {
            return arguments[i];
        }
    }
    return "";
}

bool is_command(const CLI::App& app, const std::string& word) {
    const auto named = [&word](const CLI::App* command) { return command->check_name(word); };
    return !app.get_subcommands(named).empty();
}

// "config upgrade"; nothing for the program itself.
std::string path_of(const CLI::App& command) {
    if (command.get_parent() == nullptr) return "";
    const std::string above = path_of(*command.get_parent());
    return above.empty() ? command.get_name() : above + " " + command.get_name();
}

// The nearest option or command to what could not be understood.
std::string suggestion(const CLI::App& app) {
    const CLI::App& command = innermost(app);
    for (const std::string& word : command.remaining()) {
        if (word.empty()) continue;
        const std::string name = word.substr(0, word.find('='));
        std::string found =
            did_you_mean(name, name[0] == '-' ? option_names(command) : command_names(command));
        if (!found.empty()) return found;
    }
    return "";
}

}  // namespace

void add_common(CLI::App& command, Globals& globals) {
    command.add_option("--config", globals.config, "configuration file (default: leadbridge.json)")
        ->type_name("FILE");
    command.add_flag("--json", globals.json, "one line of JSON on standard output, for programs");
    command.add_flag("-v,--verbose", globals.verbose, "also say what is going well");
}

Answer failed(const std::string& job, const base::Error& error, int exit) {
    return {exit, {{"job", job}, {"error", {{"code", error.code}, {"reason", error.reason}}}}};
}

Answer run_event(const Globals& globals, const std::string& resolved_config, base::Millis budget_ms,
                 StoreHolder& store, const Json& event, bool progress, std::string body) {
    const std::string job = text_at(event, "kind");
    Progress line(progress);
    DriveOptions options;
    options.event = line_of(event);
    options.body = std::move(body);
    options.limit_ms = budget_ms + kGuardMs;
    options.stop_requested = [] { return stop_signal != 0; };
    options.on_log = [&](const effect::Log& log) {
        if (log.level == "info" && !globals.verbose) return;
        line.clear();
        complain(log.level + ": " + log.message + (log.code.empty() ? "" : " [" + log.code + "]"),
                 log.level == "error"  ? Tone::bad
                 : log.level == "warn" ? Tone::warning
                                       : Tone::plain);
    };
    options.on_http = [&](const effect::HttpResult&) { line.request(); };
    options.on_store = [&](const effect::What& what, const effect::StoreResult& result) {
        if (std::holds_alternative<effect::StoreCommit>(what) && result.ok()) {
            line.commit(result.inserted, result.updated, result.unchanged);
        }
    };
    engine::Engine engine(resolved_config);
    HttpClient http;
    DriveOutcome outcome = drive(
        engine, http, [&store] { return store.open(); }, options);
    line.clear();
    if (outcome.error) {
        const bool configuration = store_error_is_configuration(outcome.error->code);
        return failed(job, *outcome.error, configuration ? 1 : outcome.exit);
    }
    Answer answer{outcome.exit, Json::parse(outcome.summary, nullptr, false)};
    if (!answer.summary.is_object()) {
        return failed(job, base::fail("summary", "the core gave no summary; this is a defect of leadbridge"),
                      2);
    }
    return answer;
}

Answer run_with_config(const Globals& globals, const Json& event, std::string body) {
    auto config = read_config_file(globals.config);
    if (!config.ok()) return failed(text_at(event, "kind"), config.error(), 1);
    StoreHolder store(config.value().store);
    return run_event(globals, config.value().resolved, config.value().budget_ms, store, event, false,
                     std::move(body));
}

int finish(const Globals& globals, const Answer& answer, const std::function<void(const Json&)>& text) {
    if (globals.json) {
        print_json(answer.summary);
    }
    print_problems(answer.summary);
    if (!globals.json && !answer.summary.contains("error") && !answer.summary.contains("errors")) {
        text(answer.summary);
    }
    if (std::fflush(stdout) != 0 || std::ferror(stdout) != 0) {
        if (errno == EPIPE) return answer.exit;  // `leads | head -1` has seen enough
        complain("leadbridge: standard output could not be written");
        return answer.exit == 0 ? 2 : answer.exit;
    }
    return answer.exit;
}

void print_json(const Json& summary) { std::fputs((line_of(summary) + "\n").c_str(), stdout); }

void say(const std::string& text, Tone tone) { print_lines(text, tone, stdout); }

void complain(const std::string& text, Tone tone) { print_lines(text, tone, stderr); }

std::string line_of(const Json& summary) {
    return summary.dump(-1, ' ', false, Json::error_handler_t::replace);
}

const Json& child_at(const Json& object, const char* key) {
    static const Json none;
    if (!object.is_object()) return none;
    const auto found = object.find(key);
    return found == object.end() ? none : *found;
}

std::string text_at(const Json& object, const char* key) {
    const Json& value = child_at(object, key);
    return value.is_string() ? value.get<std::string>() : std::string();
}

std::int64_t number_at(const Json& object, const char* key) {
    const Json& value = child_at(object, key);
    return value.is_number_integer() ? value.get<std::int64_t>() : 0;
}

std::string china_time(const std::string& iso) {
    const auto at = base::parse_platform_time(iso);
    return at ? base::china_text(*at) : iso;
}

void add_completion(CLI::App& app, Action& action) {
    CLI::App* command =
        app.add_subcommand("completion", "completion for a shell: eval \"$(leadbridge completion bash)\"");
    auto shell = std::make_shared<std::string>();
    command->add_option("SHELL", *shell, "bash")->required()->check(CLI::IsMember({"bash"}));
    command->callback([&app, &action] {
        action = [&app] {
            std::fputs(bash_completion(app).c_str(), stdout);
            return std::fflush(stdout) == 0 ? 0 : 2;
        };
    });
}

int run_cli(int argc, char** argv) {
    watch_signals();
    CLI::App app("leadbridge: sales leads from Chinese commerce platforms into your own systems",
                 "leadbridge");
    app.require_subcommand(1);
    app.footer(
        "Exit status: 0 done, 1 usage or configuration, 2 something failed, 3 stopped with work left.\n"
        "`leadbridge COMMAND --help` lists the options of a command.");
    app.set_help_flag("-h,--help", "this text");
    app.failure_message([](const CLI::App*, const CLI::Error& error) { return std::string(error.what()); });

    Globals globals;
    Action action;
    add_common(app, globals);  // before the command as well as after it
    add_pull(app, globals, action);
    add_leads(app, globals, action);
    add_status(app, globals, action);
    add_normalise(app, globals, action);
    add_sign(app, globals, action);
    add_verify(app, globals, action);
    add_backflow(app, globals, action);
    add_doctor(app, globals, action);
    add_config(app, globals, action);
    add_version(app, globals, action);
    add_completion(app, action);
    bool version_flag = false;
    app.add_flag("--version", version_flag, "same as the command version");

    // CLI11 has exit codes of its own, and --json has to hold for usage errors too.
    std::vector<std::string> arguments(argv + std::min(argc, 1), argv + argc);
    const bool json = std::find(arguments.begin(), arguments.end(), "--json") != arguments.end();
    if (arguments.size() == 1 && arguments[0] == "--version") {
        print_version(false);
        return 0;
    }
    if (const std::string word = first_word(arguments);
        !word.empty() && word != "help" && !is_command(app, word)) {
        return usage_error(json, "",
                           "there is no command \"" + base::printable(word, 40) + "\"" +
                               did_you_mean(word, command_names(app)));
    }
    arguments = with_help(app, std::move(arguments));
    std::reverse(arguments.begin(), arguments.end());  // as CLI11 takes them
    try {
        app.parse(std::move(arguments));
        if (action) return action();
        return usage_error(json, "", "no command");
    } catch (const CLI::CallForHelp& help) {
        app.exit(help);
        return 0;
    } catch (const CLI::CallForAllHelp& help) {
        app.exit(help);
        return 0;
    } catch (const CLI::ParseError& error) {
        return usage_error(json, path_of(innermost(app)), error.what() + suggestion(app));
    } catch (const std::bad_alloc&) {
        complain("leadbridge: out of memory");
        return 2;
    } catch (const std::exception& error) {
        complain(std::string("leadbridge: unexpected: ") + error.what());
        return 2;
    }
}

}  // namespace leadbridge::native
