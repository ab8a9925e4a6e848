#include "functions/cli/version.h"

#include "engine/editions.h"
#include "engine/messages.h"
#include "functions/native/http_curl.h"
#include "functions/native/store/open.h"

#ifndef LEADBRIDGE_VERSION
#define LEADBRIDGE_VERSION "0.1.0"
#endif

namespace leadbridge::native {

void print_version(bool json) {
    const auto [curl, tls] = http_library();
    if (json) {
        Json data = Json::object();
        for (const auto& [what, text] : engine::editions()) data[std::string(what)] = text;
        print_json({{"job", "version"},
                    {"version", LEADBRIDGE_VERSION},
                    {"abi", engine::kAbiVersion},
                    {"libcurl", curl},
                    {"tls", tls},
                    {"sqlite", sqlite_library()},
                    {"data", data}});
        return;
    }
    say("leadbridge " LEADBRIDGE_VERSION);
    say("messages (ABI) " + std::to_string(engine::kAbiVersion) + ", libcurl " + curl + ", " + tls +
        ", SQLite " + sqlite_library());
    for (const auto& [what, text] : engine::editions()) say(std::string(what) + ": " + std::string(text));
}

void add_version(CLI::App& app, Globals& globals, Action& action) {
    CLI::App* command = app.add_subcommand("version", "what this program is made of");
    add_common(*command, globals);
    command->callback([&globals, &action] {
        action = [&globals] {
            print_version(globals.json);
            return 0;
        };
    });
}

}  // namespace leadbridge::native
