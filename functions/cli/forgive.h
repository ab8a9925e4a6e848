#pragma once
// What the command line does for people who mistype: the nearest word that exists, help wherever it is asked for,
// and completion for bash, all from the one tree of commands.
#include <CLI/CLI.hpp>
#include <string>
#include <string_view>
#include <vector>

namespace leadbridge::native {

// ` Did you mean "status"?`, or nothing when no word is near.
std::string did_you_mean(std::string_view typed, const std::vector<std::string>& known);

std::vector<std::string> command_names(const CLI::App& app);
// `--source`, `--page` ... of one command; long names only.
std::vector<std::string> option_names(const CLI::App& command);

// The command that was reached before parsing failed: `app` itself, `leads`, `config upgrade`.
const CLI::App& innermost(const CLI::App& app);

// `help`, `help leads`, `leads help` become `--help`, `leads --help`.
std::vector<std::string> with_help(const CLI::App& app, std::vector<std::string> arguments);

// A script for bash's `complete`.
std::string bash_completion(const CLI::App& app);

}  // namespace leadbridge::native
