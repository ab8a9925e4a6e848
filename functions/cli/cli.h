#pragma once
// The command line `leadbridge`. Each group of commands has its own file, which adds its options to the
// parser and an action that runs when they were right.
//
// stdout: the answer (text, or exactly one JSON line with --json). stderr: everything else.
// Exit status: 0 done, 1 usage or configuration, 2 something failed, 3 stopped with work left.
#include <CLI/CLI.hpp>
#include <functional>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>

#include "base/result.h"
#include "functions/cli/terminal.h"
#include "functions/native/config_file.h"
#include "functions/native/drive.h"
#include "functions/native/store/open.h"

namespace leadbridge::native {

using Json = nlohmann::json;

struct Globals {
    std::string config = "leadbridge.json";
    bool json = false;
    bool verbose = false;
};

using Action = std::function<int()>;

// Adds --config, --json and -v.
void add_common(CLI::App& command, Globals& globals);

void add_pull(CLI::App& app, Globals& globals, Action& action);
void add_leads(CLI::App& app, Globals& globals, Action& action);
void add_status(CLI::App& app, Globals& globals, Action& action);
void add_normalise(CLI::App& app, Globals& globals, Action& action);
void add_sign(CLI::App& app, Globals& globals, Action& action);
void add_verify(CLI::App& app, Globals& globals, Action& action);
void add_backflow(CLI::App& app, Globals& globals, Action& action);
void add_doctor(CLI::App& app, Globals& globals, Action& action);
void add_config(CLI::App& app, Globals& globals, Action& action);
void add_completion(CLI::App& app, Action& action);

// ---- one invocation of the core ---------------------------------------------------------------------------

struct Answer {
    int exit = 0;
    Json summary;  // an object with "job"; on failure before work "error" {code, reason} or "errors" [...]
};

// Drives one event; `body` are raw bytes that go with it. `config` is nothing for commands that need none
// (sign with a secret of its own).
Answer run_event(const Globals& globals, const std::string& resolved_config, base::Millis budget_ms,
                 StoreHolder& store, const Json& event, bool progress, std::string body = "");
// Reads the configuration first; for commands that do nothing else around the event.
Answer run_with_config(const Globals& globals, const Json& event, std::string body = "");

Answer failed(const std::string& job, const base::Error& error, int exit);

// ---- printing ---------------------------------------------------------------------------------------------

// Prints the answer and gives the exit status. `text` writes a successful summary for people.
int finish(const Globals& globals, const Answer& answer, const std::function<void(const Json&)>& text);
// Lines for people: control characters are taken out.
void say(const std::string& text, Tone tone = Tone::plain);       // stdout
void complain(const std::string& text, Tone tone = Tone::plain);  // stderr
void print_json(const Json& summary);                             // stdout, one line
std::string line_of(const Json& summary);                         // compact, one line

// Members of summaries; empty or 0 when absent or of another type.
std::string text_at(const Json& object, const char* key);
std::int64_t number_at(const Json& object, const char* key);
const Json& child_at(const Json& object, const char* key);  // null when absent
std::string china_time(const std::string& iso);             // "2026-11-21 19:05:00", in +08:00

int run_cli(int argc, char** argv);

}  // namespace leadbridge::native
