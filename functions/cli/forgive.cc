#include "functions/cli/forgive.h"

#include <algorithm>

namespace leadbridge::native {
namespace {

constexpr std::size_t kLongestWord = 40;

// Edits between two words; two neighbouring letters changed about are one.
std::size_t distance(std::string_view a, std::string_view b) {
    std::vector<std::size_t> before, last(b.size() + 1), row(b.size() + 1);
    for (std::size_t j = 0; j <= b.size(); ++j) last[j] = j;
    for (std::size_t i = 1; i <= a.size(); ++i) {
        row[0] = i;
        for (std::size_t j = 1; j <= b.size(); ++j) {
            row[j] = std::min({last[j] + 1, row[j - 1] + 1, last[j - 1] + (a[i - 1] == b[j - 1] ? 0U : 1U)});
            if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
                row[j] = std::min(row[j], before[j - 2] + 1);
        }
        before = last;
        last = row;
    }
    return last[b.size()];
}

std::string joined(const std::vector<std::string>& words) {
    std::string out;
    for (const std::string& word : words) out += (out.empty() ? "" : " ") + word;
    return out;
}

void add_cases(const CLI::App& app, const std::string& path, std::string& paths, std::string& cases) {
    std::vector<std::string> words = command_names(app);
    const std::vector<std::string> options = option_names(app);
    words.insert(words.end(), options.begin(), options.end());
    cases += "    \"" + path + "\") words=\"" + joined(words) + "\" ;;\n";
    for (const CLI::App* command : app.get_subcommands({})) {
        const std::string below = path + " " + command->get_name();
        paths += "        \"" + below + "\") path=\"" + below + "\" ;;\n";
        add_cases(*command, below, paths, cases);
    }
}

}  // namespace

std::string did_you_mean(std::string_view typed, const std::vector<std::string>& known) {
    if (typed.size() > kLongestWord) return "";
    const std::string* nearest = nullptr;
    std::size_t least = std::max<std::size_t>(1, typed.size() / 3) + 1;
    for (const std::string& word : known) {
        // Who stops typing early means the longer word.
        const bool begins = typed.size() >= 3 && word.starts_with(typed);
        const std::size_t edits = begins ? 1 : distance(typed, word);
        if (edits >= least) continue;
        least = edits;
        nearest = &word;
    }
    return nearest == nullptr ? "" : ". Did you mean " + *nearest + "?";
}

std::vector<std::string> command_names(const CLI::App& app) {
    std::vector<std::string> names;
    for (const CLI::App* command : app.get_subcommands({})) names.push_back(command->get_name());
    return names;
}

std::vector<std::string> option_names(const CLI::App& command) {
    std::vector<std::string> names;
    for (const CLI::Option* option : command.get_options()) {
        for (const std::string& name : option->get_lnames()) names.push_back("--" + name);
    }
    return names;
}

const CLI::App& innermost(const CLI::App& app) {
    const CLI::App* reached = &app;
    for (auto used = reached->get_subcommands(); !used.empty(); used = reached->get_subcommands())
        reached = used.front();
    return *reached;
}

std::vector<std::string> with_help(const CLI::App& app, std::vector<std::string> arguments) {
    const auto first = std::find(arguments.begin(), arguments.end(), "help");
    if (first == arguments.end()) return arguments;
    // Only where a command could stand: behind names of commands, and nothing else.
    const CLI::App* at = &app;
    for (auto word = arguments.begin(); word != first; ++word) {
        const auto next = at->get_subcommands([&](const CLI::App* each) { return each->check_name(*word); });
        if (next.empty()) return arguments;
        at = next.front();
    }
    arguments.erase(first);
    arguments.emplace_back("--help");
    return arguments;
}

// Every path of commands, so that an argument is not taken for one.
std::string bash_completion(const CLI::App& app) {
    std::string paths, cases;
    add_cases(app, app.get_name(), paths, cases);
    return R"bash(# bash completion of leadbridge: eval "$(leadbridge completion bash)"
_leadbridge() {
    local word path=leadbridge words= current=${COMP_WORDS[COMP_CWORD]}
    COMPREPLY=()
    if [ "$COMP_CWORD" -gt 1 ]; then
        case ${COMP_WORDS[COMP_CWORD - 1]} in
        --config | --body | --body-file | --to) COMPREPLY=($(compgen -f -- "$current")); return ;;
        esac
    fi
    for word in "${COMP_WORDS[@]:1:COMP_CWORD-1}"; do
        case "$path $word" in
)bash" + paths +
           R"bash(        esac
    done
    case $path in
)bash" + cases +
           R"bash(    esac
    COMPREPLY=($(compgen -W "$words" -- "$current"))
    [ ${#COMPREPLY[@]} -gt 0 ] || COMPREPLY=($(compgen -f -- "$current"))
}
complete -F _leadbridge leadbridge
)bash";
}

}  // namespace leadbridge::native
