// config upgrade: a configuration file of an earlier version, as this one reads it.
#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <memory>
#include <string>

#include "base/text.h"
#include "engine/config_upgrade.h"
#include "functions/cli/cli.h"

namespace leadbridge::native {
namespace {

// A file that is there stays: it may be the only copy of what somebody wrote.
base::Status write_new_file(const std::string& path, const std::string& text) {
    const auto failed = [&path](int error) {
        return base::fail(
            "file", base::printable(path) + " cannot be written: " +
                        (error == EEXIST ? "it is there already; name another file" : std::strerror(error)));
    };
    const int file = ::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
    if (file < 0) return failed(errno);
    int error = 0;
    for (std::size_t at = 0; at < text.size() && error == 0;) {
        const ssize_t written = ::write(file, text.data() + at, text.size() - at);
        if (written > 0) at += static_cast<std::size_t>(written);
        if (written < 0 && errno != EINTR) error = errno;
    }
    if (::close(file) != 0 && error == 0) error = errno;
    if (error == 0) return base::Ok{};
    ::unlink(path.c_str());  // half a configuration is none
    return failed(error);
}

Answer upgrade(const std::string& from, const std::string& to) {
    auto old = read_file(from, kMaxConfigBytes);
    if (!old.ok()) return failed("config", old.error(), 1);
    auto upgraded = engine::upgrade_config(old.value());
    if (!upgraded.ok()) {
        return failed(
            "config",
            base::fail(upgraded.error().code, base::printable(from) + ": " + upgraded.error().reason), 1);
    }
    const auto& [text, changes, problems] = upgraded.value();
    Json summary = {{"job", "config"}, {"changes", Json::array()}};
    for (const auto& [path, what] : changes) summary["changes"].push_back({{"path", path}, {"what", what}});
    if (!problems.empty()) {
        summary["error"] = {{"code", "configuration"},
                            {"reason", "this version does not read it as it is, and nothing was written"}};
        for (const auto& [path, problem, fix] : problems)
            summary["errors"].push_back({{"path", path}, {"problem", problem}, {"fix", fix}});
        return {1, std::move(summary)};
    }
    if (!to.empty()) {
        if (auto status = write_new_file(to, text); !status.ok()) return failed("config", status.error(), 1);
        summary["to"] = to;
    } else {
        summary["text"] = text;
    }
    return {0, std::move(summary)};
}

void print_upgrade(const Json& summary) {
    const Json& changes = child_at(summary, "changes");
    for (const Json& change : changes) complain(text_at(change, "path") + ": " + text_at(change, "what"));
    if (changes.empty()) complain("nothing had to be changed");
    std::fputs(text_at(summary, "text").c_str(), stdout);
}

}  // namespace

void add_config(CLI::App& app, Globals& globals, Action& action) {
    CLI::App* command = app.add_subcommand("config", "the configuration file itself");
    command->require_subcommand(1);
    CLI::App* sub = command->add_subcommand("upgrade", "a file of an earlier version, as this one reads it");
    sub->footer(
        "Writes to standard output; secrets are not looked up. Exit status 1: this version does not read it, "
        "and why.");
    auto from = std::make_shared<std::string>();
    auto to = std::make_shared<std::string>();
    sub->add_option("OLD", *from, "configuration file, - for standard input")->required();
    sub->add_option("--to", *to, "a new file to write instead")->type_name("FILE");
    sub->add_flag("--json", globals.json, "one line of JSON on standard output, for programs");
    sub->callback([&globals, &action, from, to] {
        action = [&globals, from, to] { return finish(globals, upgrade(*from, *to), print_upgrade); };
    });
}

}  // namespace leadbridge::native
