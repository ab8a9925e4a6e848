#include "codec/json.h"

#include <algorithm>
#include <vector>

#include "base/text.h"

namespace leadbridge::codec {
namespace {

constexpr std::string_view kBom = "\xEF\xBB\xBF";

// Builds the document from parser events, so that depth is bounded while reading and no number loses digits.
class Builder final : public nlohmann::json_sax<Json> {
  public:
    explicit Builder(std::size_t max_depth) : max_depth_(max_depth) {}

    bool null() override { return put(nullptr); }
    bool boolean(bool value) override { return put(value); }
    bool number_integer(number_integer_t value) override { return put(value); }
    bool number_unsigned(number_unsigned_t value) override { return put(value); }
    bool number_float(number_float_t value, const string_t& raw) override {
        const auto digits =
            std::count_if(raw.begin(), raw.end(), [](char c) { return c >= '0' && c <= '9'; });
        const bool integral = raw.find_first_of(".eE") == string_t::npos;
        if (integral || digits > 15) return put(raw);
        return put(value);
    }
    bool string(string_t& value) override { return put(std::move(value)); }
    bool binary(binary_t&) override { return false; }
    bool start_object(std::size_t) override { return open(Json::object()); }
    bool key(string_t& name) override {
        key_ = std::move(name);
        return true;
    }
    bool end_object() override { return close(); }
    bool start_array(std::size_t) override { return open(Json::array()); }
    bool end_array() override { return close(); }
    bool parse_error(std::size_t position, const std::string&, const nlohmann::detail::exception&) override {
        error_position = position;
        return false;
    }

    // The document was read to its end: what failed stands behind it.
    [[nodiscard]] bool whole() const { return any_ && stack_.empty(); }

    Json root;
    bool too_deep = false;
    std::size_t error_position = 0;

  private:
    template <typename Value>
    Json* add(Value&& value) {
        any_ = true;
        if (stack_.empty()) {
            root = std::forward<Value>(value);
            return &root;
        }
        Json& parent = *stack_.back();
        if (parent.is_array()) {
            parent.push_back(std::forward<Value>(value));
            return &parent.back();
        }
        return &(parent[std::move(key_)] = std::forward<Value>(value));
    }
    template <typename Value>
    bool put(Value&& value) {
        add(std::forward<Value>(value));
        return true;
    }
    bool open(Json container) {
        if (stack_.size() >= max_depth_) {
            too_deep = true;
            return false;
        }
        stack_.push_back(add(std::move(container)));
        return true;
    }
    bool close() {
        stack_.pop_back();
        return true;
    }

    std::size_t max_depth_;
    bool any_ = false;
    std::vector<Json*> stack_;
    std::string key_;
};

}  // namespace

base::Result<Json> parse_json(std::string_view text, const JsonLimits& limits) {
    if (text.substr(0, kBom.size()) == kBom) text.remove_prefix(kBom.size());
    if (text.size() > limits.max_bytes) {
        return base::fail("json_too_large", "JSON of " + std::to_string(text.size()) + " bytes, at most " +
                                                std::to_string(limits.max_bytes) + " are read");
    }
    if (base::trim(text).empty()) return base::fail("json_empty", "empty where JSON was expected");
    if (!base::valid_utf8(text)) return base::fail("json_not_utf8", "the JSON is not valid UTF-8");
    // To the parser a NUL is the end, and a second BOM is one more to skip.
    const auto nul = text.substr(0, kBom.size()) == kBom ? 0 : text.find('\0');
    if (nul != std::string_view::npos)
        return base::fail("json_malformed", "malformed JSON at byte " + std::to_string(nul));
    Builder builder(limits.max_depth);
    if (Json::sax_parse(text.begin(), text.end(), &builder)) return std::move(builder.root);
    if (builder.too_deep) {
        return base::fail("json_too_deep",
                          "JSON nested deeper than " + std::to_string(limits.max_depth) + " levels");
    }
    return base::fail(
        "json_malformed",
        builder.error_position >= text.size() && !builder.whole()
            ? "the JSON ends too early (truncated after " + std::to_string(text.size()) + " bytes)"
            : "malformed JSON at byte " + std::to_string(builder.error_position));
}

std::string dump_json(const Json& value) {
    return value.dump(-1, ' ', false, Json::error_handler_t::replace);
}

const Json& member(const Json& object, std::string_view key) {
    static const Json kNull;
    if (!object.is_object()) return kNull;
    const auto found = object.find(key);
    return found == object.end() ? kNull : *found;
}

std::optional<std::string> scalar_text(const Json& value) {
    if (value.is_string()) return value.get_ref<const std::string&>();
    if (value.is_boolean()) return value.get<bool>() ? "true" : "false";
    if (value.is_number_unsigned()) return std::to_string(value.get<std::uint64_t>());
    if (value.is_number_integer()) return std::to_string(value.get<std::int64_t>());
    if (value.is_number_float()) return dump_json(value);
    return std::nullopt;
}

std::optional<std::string> member_text(const Json& object, std::string_view key) {
    return scalar_text(member(object, key));
}

std::optional<std::int64_t> member_int(const Json& object, std::string_view key) {
    const Json& value = member(object, key);
    if (value.is_number_unsigned()) {
        const auto number = value.get<std::uint64_t>();
        return number <= INT64_MAX ? std::optional(static_cast<std::int64_t>(number)) : std::nullopt;
    }
    if (value.is_number_integer()) return value.get<std::int64_t>();
    if (value.is_string()) return base::parse_int64(base::trim(value.get_ref<const std::string&>()));
    return std::nullopt;
}

std::optional<bool> member_bool(const Json& object, std::string_view key) {
    const Json& value = member(object, key);
    if (value.is_boolean()) return value.get<bool>();
    if (value.is_string()) {
        const std::string text = base::lower_ascii(base::trim(value.get_ref<const std::string&>()));
        if (text == "true" || text == "1") return true;
        if (text == "false" || text == "0") return false;
    }
    return std::nullopt;
}

}  // namespace leadbridge::codec
