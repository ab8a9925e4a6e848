#pragma once
// Checked reading of the configuration: every problem is collected with its path and its fix, unknown keys included.
#include <cstdint>
#include <initializer_list>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "codec/json.h"

namespace leadbridge::codec {

struct Problem {
    std::string path;     // sources.ads.session
    std::string problem;  // what is wrong
    std::string fix;      // what to do
};
using Problems = std::vector<Problem>;

// One object of the configuration. Readers return the default when the key is absent or wrong (and note the
// problem). finish() notes the keys that nobody asked for.
class Settings {
  public:
    Settings(const Json& node, std::string path, Problems& problems);

    [[nodiscard]] bool has(std::string_view key) const;
    [[nodiscard]] const std::string& path() const noexcept { return path_; }
    std::string text(std::string_view key, std::string_view fallback);
    std::string required_text(std::string_view key, std::string_view fix);
    std::int64_t integer(std::string_view key, std::int64_t fallback, std::int64_t least, std::int64_t most);
    bool boolean(std::string_view key, bool fallback);
    std::vector<std::string> texts(std::string_view key);  // a list; empty when absent
    std::string one_of(std::string_view key, std::initializer_list<std::string_view> options,
                       std::string_view fallback);
    // {"env": "NAME"}, {"file": "path"}, {"ssm": "/name"} or {"secretsmanager": "name"} as resolved by the
    // host (docs/abi.md); empty when absent.
    std::string secret(std::string_view key, bool required);
    // The same, but what is `missing` is as good as an absent key (a secret under rotation); what `failed` to
    // be fetched is not.
    std::string secret_if_set(std::string_view key);
    // Absent -> an empty object, whose keys then have their defaults.
    Settings child(std::string_view key);
    [[nodiscard]] std::vector<std::string> keys() const;
    void accept(std::string_view key) { seen_.emplace(key); }
    void note(std::string_view key, std::string problem, std::string fix);
    void finish();

  private:
    const Json& take(std::string_view key);

    const Json& node_;
    std::string path_;
    Problems& problems_;
    std::set<std::string, std::less<>> seen_;
};

}  // namespace leadbridge::codec
