#include "codec/settings.h"

#include <algorithm>
#include <numeric>

#include "base/text.h"

namespace leadbridge::codec {
namespace {

const Json& empty_object() {
    static const Json kEmpty = Json::object();
    return kEmpty;
}

std::size_t edit_distance(std::string_view a, std::string_view b) {
    std::vector<std::size_t> row(b.size() + 1);
    std::iota(row.begin(), row.end(), std::size_t{0});
    for (std::size_t i = 1; i <= a.size(); ++i) {
        std::size_t diagonal = row[0];
        row[0] = i;
        for (std::size_t j = 1; j <= b.size(); ++j) {
            const std::size_t above = row[j];
            row[j] = std::min({row[j] + 1, row[j - 1] + 1, diagonal + (a[i - 1] == b[j - 1] ? 0U : 1U)});
            diagonal = above;
        }
    }
    return row[b.size()];
}

}  // namespace

Settings::Settings(const Json& node, std::string path, Problems& problems)
    : node_(node.is_object() ? node : empty_object()), path_(std::move(path)), problems_(problems) {
    if (!node.is_object() && !node.is_null()) {
        problems_.push_back({path_.empty() ? "(top)" : path_, "must be an object", "write { ... }"});
    }
}

const Json& Settings::take(std::string_view key) {
    seen_.emplace(key);
    return member(node_, key);
}

bool Settings::has(std::string_view key) const { return !member(node_, key).is_null(); }

void Settings::note(std::string_view key, std::string problem, std::string fix) {
    const std::string path =
        path_.empty() ? std::string(key) : path_ + (key.empty() ? "" : "." + std::string(key));
    problems_.push_back({path, std::move(problem), std::move(fix)});
}

std::string Settings::text(std::string_view key, std::string_view fallback) {
    const Json& value = take(key);
    if (value.is_null()) return std::string(fallback);
    if (value.is_string()) return value.get<std::string>();
    if (value.is_number_integer()) return *scalar_text(value);  // an app key written as a number
    note(key, "must be text", "put it in quotes");
    return std::string(fallback);
}

std::string Settings::required_text(std::string_view key, std::string_view fix) {
    std::string value = text(key, "");
    if (base::trim(value).empty()) note(key, "is missing", std::string(fix));
    return value;
}

std::int64_t Settings::integer(std::string_view key, std::int64_t fallback, std::int64_t least,
                               std::int64_t most) {
    const Json& value = take(key);
    if (value.is_null()) return fallback;
    const auto number = value.is_number_integer() ? member_int(node_, key) : std::nullopt;
    if (number && *number >= least && *number <= most) return *number;
    note(key, "must be a whole number from " + std::to_string(least) + " to " + std::to_string(most),
         "the default is " + std::to_string(fallback));
    return fallback;
}

bool Settings::boolean(std::string_view key, bool fallback) {
    const Json& value = take(key);
    if (value.is_null()) return fallback;
    if (value.is_boolean()) return value.get<bool>();
    note(key, "must be true or false", "write it without quotes");
    return fallback;
}

std::vector<std::string> Settings::texts(std::string_view key) {
    const Json& list = take(key);
    std::vector<std::string> out;
    bool good = list.is_null() || list.is_array();
    for (const auto& each : list) {
        good = good && each.is_string();
        out.push_back(scalar_text(each).value_or(""));
    }
    if (!good) note(key, "must be a list of texts", "write [\"...\"]");
    return out;
}

std::string Settings::one_of(std::string_view key, std::initializer_list<std::string_view> options,
                             std::string_view fallback) {
    const Json& value = take(key);
    if (value.is_null()) return std::string(fallback);
    std::string list;
    for (const auto option : options) {
        if (value.is_string() && value.get_ref<const std::string&>() == option) return std::string(option);
        list += (list.empty() ? "" : ", ") + std::string(option);
    }
    note(key, "is not one of the known values", "use one of: " + list);
    return std::string(fallback);
}

std::string Settings::secret(std::string_view key, bool required) {
    const Json& value = take(key);
    if (value.is_null()) {
        if (required) note(key, "is missing", "write {\"env\": \"NAME\"} and set that variable or secret");
        return "";
    }
    if (!value.is_object() || (!value.contains("env") && !value.contains("file"))) {
        note(key, "a secret must not stand in the configuration",
             "write {\"env\": \"NAME\"} or {\"file\": \"path\"}");
        return "";
    }
    const bool from_env = value.contains("env");
    const std::string name = member_text(value, from_env ? "env" : "file").value_or("");
    const auto content = member_text(value, "value");
    if (content && !content->empty()) return *content;
    const std::string why = member_text(value, "missing").value_or("");
    if (from_env) {
        note(key,
             content ? "environment variable " + name + " is empty"
                     : "environment variable " + name + " is not set",
             "set " + name + " (shell, Worker secret or Lambda environment)");
    } else {
        note(key,
             content ? "file " + name + " is empty"
                     : "file " + name + " cannot be read" + (why.empty() ? "" : ": " + why),
             "check the path and its permissions");
    }
    return "";
}

std::string Settings::secret_if_set(std::string_view key) {
    const Json& value = member(node_, key);
    if (value.is_object() && !member_text(value, "value")) {
        seen_.emplace(key);
        return "";
    }
    return secret(key, false);
}

Settings Settings::child(std::string_view key) {
    const Json& value = take(key);
    return {value, path_.empty() ? std::string(key) : path_ + "." + std::string(key), problems_};
}

std::vector<std::string> Settings::keys() const {
    std::vector<std::string> names;
    for (const auto& [name, value] : node_.items()) names.push_back(name);
    return names;
}

void Settings::finish() {
    for (const auto& [name, value] : node_.items()) {
        if (seen_.contains(name)) continue;
        std::string nearest;
        std::size_t least = 4;
        for (const auto& known : seen_) {
            const std::size_t distance = edit_distance(name, known);
            if (distance < least) {
                least = distance;
                nearest = known;
            }
        }
        note(base::printable(name, 60), "unknown key",
             nearest.empty() ? "remove it" : "did you mean \"" + nearest + "\"?");
    }
}

}  // namespace leadbridge::codec
