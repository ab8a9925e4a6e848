#include "functions/cli/version.h"

#include <curl/curl.h>
#include <sqlite3.h>

#ifndef LEADBRIDGE_VERSION
#define LEADBRIDGE_VERSION "0.1.0"
#endif

namespace leadbridge::native {

void print_version(bool json) {
    const curl_version_info_data* curl = curl_version_info(CURLVERSION_NOW);
    const std::string tls = curl->ssl_version != nullptr ? curl->ssl_version : "no TLS";
    if (json) {
        print_json({{"job", "version"},
                    {"version", LEADBRIDGE_VERSION},
                    {"abi", 1},
                    {"libcurl", curl->version},
                    {"tls", tls},
                    {"sqlite", sqlite3_libversion()}});
        return;
    }
    say("leadbridge " LEADBRIDGE_VERSION);
    say("messages (ABI) 1, libcurl " + std::string(curl->version) + ", " + tls + ", SQLite " +
        sqlite3_libversion());
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
