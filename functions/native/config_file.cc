#include "functions/native/config_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <exception>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <set>
#include <string_view>
#include <utility>

#include "base/text.h"
#include "functions/native/aws/secrets.h"

namespace leadbridge::native {
namespace {

using Json = nlohmann::json;

constexpr int kMaxDepth = 32;
constexpr std::size_t kMaxSecretBytes = 64 * 1024;

std::string in_directory_of(const std::string& file, const std::string& path) {
    return (std::filesystem::path(file).parent_path() / path).lexically_normal().string();
}

std::string strip_line_break(std::string text) {
    if (!text.empty() && text.back() == '\n') text.pop_back();
    if (!text.empty() && text.back() == '\r') text.pop_back();
    return text;
}

// "line 3, column 7" of a byte offset (1 = first byte, as nlohmann counts).
std::string position(std::string_view text, std::size_t byte) {
    std::size_t line = 1;
    std::size_t column = 1;
    for (std::size_t i = 0; i + 1 < byte && i < text.size(); ++i) {
        if (text[i] == '\n') {
            ++line;
            column = 1;
        } else {
            ++column;
        }
    }
    return "line " + std::to_string(line) + ", column " + std::to_string(column);
}

// Strict JSON: no duplicate keys (the last one would silently win), no deep nesting.
base::Result<Json> parse_strict(const std::string& text, const std::string& path) {
    std::vector<std::set<std::string>> keys;
    std::string duplicate;
    bool too_deep = false;
    const auto watch = [&](int depth, Json::parse_event_t event, Json& value) {
        if (depth > kMaxDepth) too_deep = true;
        if (too_deep) return false;
        if (event == Json::parse_event_t::object_start) keys.emplace_back();
        if (event == Json::parse_event_t::object_end && !keys.empty()) keys.pop_back();
        if (event == Json::parse_event_t::key && !keys.empty()) {
            const std::string name = value.get<std::string>();
            if (!keys.back().insert(name).second) duplicate = name;
        }
        return true;
    };
    try {
        Json parsed = Json::parse(text, watch);
        if (too_deep) return base::fail("config_json", path + ": nested deeper than 32 levels");
        if (!duplicate.empty()) {
            return base::fail("config_json", path + ": the key \"" + base::printable(duplicate, 60) +
                                                 "\" is there twice in one object. Remove one.");
        }
        if (!parsed.is_object()) {
            return base::fail("config_json", path + ": must be a JSON object, { ... }");
        }
        return parsed;
    } catch (const Json::parse_error& error) {
        return base::fail("config_json", path + ": not valid JSON at " + position(text, error.byte) +
                                             ". JSON has no comments and no comma after the last entry.");
    } catch (const std::exception&) {
        return base::fail("config_json", path + ": not valid JSON");
    }
}

std::string pointer_to(const std::string& parent, std::string key) {
    std::string out;
    for (const char c : key) {
        if (c == '~') {
            out += "~0";
        } else if (c == '/') {
            out += "~1";
        } else {
            out += c;
        }
    }
    return parent + "/" + out;
}

class Resolver {
  public:
    explicit Resolver(ConfigFile& config) : config_(config) {}

    base::Status walk(Json& node, const std::string& at) {
        if (node.is_object()) {
            for (const char* how : {"env", "file", "ssm", "secretsmanager"}) {
                if (!node.contains(how) || !node[how].is_string()) continue;
                if (node.contains("value") || node.contains("missing") || node.contains("failed")) {
                    return base::fail("config_secret",
                                      config_.path + ": " + at +
                                          ": a secret is never written into the file. Keep only \"" + how +
                                          "\" here, and put the value where it points.");
                }
                if (resolve(node, at, how)) return base::Ok{};
            }
        }
        if (node.is_object()) {
            for (auto& [key, value] : node.items()) {
                if (auto status = walk(value, pointer_to(at, key)); !status.ok()) return status;
            }
        } else if (node.is_array()) {
            std::size_t index = 0;
            for (Json& value : node) {
                if (auto status = walk(value, at + "/" + std::to_string(index++)); !status.ok())
                    return status;
            }
        } else if (node.is_string()) {
            const auto& text = node.get_ref<const std::string&>();
            if (text.rfind("http://", 0) == 0 || text.rfind("https://", 0) == 0) {
                config_.endpoints.push_back({at, text});
            }
        }
        return base::Ok{};
    }

    // What AWS keeps is asked for together, when all of it is known.
    void fetch() {
        if (waiting_.empty()) return;
        std::vector<SecretReference> references;
        for (const Waiting& each : waiting_) references.push_back(each.reference);
        const std::vector<FetchedSecret> found = fetch_secrets(references, config_.store.region);
        for (std::size_t i = 0; i < waiting_.size(); ++i) {
            Json& node = *waiting_[i].node;
            if (found[i].outcome == FetchedSecret::Outcome::found) {
                node["value"] = found[i].value;
                ++config_.fetched;
                continue;
            }
            node[found[i].outcome == FetchedSecret::Outcome::missing ? "missing" : "failed"] =
                found[i].problem;
            node["fix"] = found[i].fix;
            config_.missing.push_back({waiting_[i].at, found[i].problem});
        }
    }

  private:
    struct Waiting {
        Json* node;
        std::string at;
        SecretReference reference;
    };

    // False: an object of another kind, which the core judges.
    bool resolve(Json& node, const std::string& at, std::string_view how) {
        const auto only = [&node](std::initializer_list<const char*> known) {
            std::size_t members = 0;
            for (const char* name : known) members += node.contains(name) && node[name].is_string() ? 1 : 0;
            return members == node.size();
        };
        if (how == "env" && only({"env"})) {
            from_environment(node, at);
        } else if (how == "file" && only({"file"})) {
            from_file(node, at);
        } else if (how == "ssm" && only({"ssm"})) {
            waiting_.push_back({&node, at, {SecretReference::Service::parameter_store, node["ssm"], "", ""}});
        } else if (how == "secretsmanager" && only({"secretsmanager", "key", "stage"})) {
            waiting_.push_back({&node,
                                at,
                                {SecretReference::Service::secrets_manager, node["secretsmanager"],
                                 node.value("key", ""), node.value("stage", "")}});
        } else {
            return false;
        }
        return true;
    }
    void give(Json& node, const std::string& at, std::string value, const std::string& from) {
        if (value.empty()) return refuse(node, at, from + " is empty");
        if (!base::valid_utf8(value)) return refuse(node, at, from + " is not UTF-8 text");
        node["value"] = std::move(value);
    }
    void refuse(Json& node, const std::string& at, const std::string& why) {
        node["missing"] = why;
        config_.missing.push_back({at, why});
    }
    void from_environment(Json& node, const std::string& at) {
        const std::string name = node["env"].get<std::string>();
        const std::string label = "the environment variable " + base::printable(name, 80);
        const char* value = name.find('\0') == std::string::npos ? std::getenv(name.c_str()) : nullptr;
        if (value == nullptr) return refuse(node, at, label + " is not set");
        give(node, at, value, label);
    }
    void from_file(Json& node, const std::string& at) {
        const std::string path = in_directory_of(config_.path, node["file"].get<std::string>());
        auto content = read_file(path, kMaxSecretBytes);
        if (!content.ok()) return refuse(node, at, content.error().reason);
        give(node, at, strip_line_break(std::move(content.value())), "the file " + base::printable(path));
    }

    ConfigFile& config_;
    std::vector<Waiting> waiting_;  // nodes of the one tree that is walked
};

std::string own_region() {
    for (const char* name : {"AWS_REGION", "AWS_DEFAULT_REGION"}) {
        const char* value = std::getenv(name);
        if (value != nullptr && *value != '\0') return value;
    }
    return "";
}

base::Result<StoreChoice> store_choice(StoreChoice choice, const std::string& path) {
    if (choice.region.empty()) choice.region = own_region();
    if (choice.kind != "sqlite" && choice.kind != "memory" && choice.kind != "dynamodb") {
        return base::fail(
            "config_store",
            path + ": /store/kind is \"" + base::printable(choice.kind, 40) +
                "\", but the command line keeps leads in \"sqlite\" or \"dynamodb\" (or \"memory\" for a "
                "trial). Write {\"kind\": \"sqlite\", \"path\": \"leadbridge.db\"}.");
    }
    if (choice.path.empty() || choice.path.find('\0') != std::string::npos) {
        return base::fail("config_store", path + ": /store/path must name a file");
    }
    choice.path = in_directory_of(path, choice.path);
    return choice;
}

}  // namespace

base::Result<std::string> read_file(const std::string& path, std::size_t max_bytes) {
    const bool standard_input = path == "-";
    const int fd = standard_input ? STDIN_FILENO : ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
    const std::string shown = standard_input ? "standard input" : base::printable(path);
    if (fd < 0) {
        const bool absent = errno == ENOENT || errno == ENOTDIR;
        return base::fail(
            absent ? "file_missing" : "file_unreadable",
            absent ? shown + " does not exist" : shown + " cannot be read: " + std::strerror(errno));
    }
    std::string out;
    std::string chunk(64 * 1024, '\0');
    std::string problem;
    while (problem.empty()) {
        const ssize_t got = ::read(fd, chunk.data(), chunk.size());
        if (got == 0) break;
        if (got < 0) {
            if (errno != EINTR) problem = std::strerror(errno);
            continue;
        }
        out.append(chunk, 0, static_cast<std::size_t>(got));
        if (out.size() > max_bytes) problem = "larger than " + std::to_string(max_bytes) + " bytes";
    }
    if (!standard_input) ::close(fd);
    if (!problem.empty()) {
        return base::fail(out.size() > max_bytes ? "file_too_large" : "file_unreadable",
                          shown + " cannot be read: " + problem);
    }
    return out;
}

base::Result<ConfigFile> read_config_file(const std::string& path) {
    auto text = read_file(path, kMaxConfigBytes);
    if (!text.ok()) {
        const std::string& code = text.error().code;
        if (code == "file_missing") {
            return base::fail("config_missing", "the configuration file " + base::printable(path) +
                                                    " does not exist. Name one with --config FILE.");
        }
        return base::fail(code == "file_too_large" ? "config_too_large" : "config_unreadable",
                          text.error().reason);
    }
    return parse_config(std::move(text.value()), path);
}

base::Result<ConfigFile> parse_config(std::string text, const std::string& path) {
    const std::string shown = base::printable(path);
    if (text.rfind("\xEF\xBB\xBF", 0) == 0) text.erase(0, 3);  // editors on Windows write a byte order mark
    if (!base::valid_utf8(text)) {
        return base::fail("config_encoding", shown + " is not UTF-8 text. Save it as UTF-8.");
    }
    auto parsed = parse_strict(text, shown);
    if (!parsed.ok()) return parsed.error();
    ConfigFile config;
    config.path = path;
    // Which region the secrets are in, before the rest of it can be read.
    const std::string unresolved = parsed.value().dump(-1, ' ', false, Json::error_handler_t::replace);
    config.store.region = engine::read_config(unresolved).store.region;
    if (config.store.region.empty()) config.store.region = own_region();
    Resolver resolver(config);
    if (auto status = resolver.walk(parsed.value(), ""); !status.ok()) return status.error();
    resolver.fetch();
    try {
        config.resolved = parsed.value().dump();
    } catch (const std::exception&) {
        return base::fail("config_encoding", shown + " holds text that is not UTF-8");
    }
    config.settings = engine::read_config(config.resolved);
    config.budget_ms = config.settings.budget_seconds * base::kSecond;
    auto store = store_choice(config.settings.store, path);
    if (!store.ok()) return store.error();
    config.store = store.value();
    return config;
}

}  // namespace leadbridge::native
