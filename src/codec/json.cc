#include "codec/json.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <vector>

#include "base/text.h"
#include "codec/decimal.h"
#include "codec/json_writer.h"

namespace leadbridge::codec {
namespace {

constexpr std::string_view kBom = "\xEF\xBB\xBF";

// A value takes up to a hundred bytes of memory however short its text is, and what comes of it is copied: in
// 8 MB there may be 420,000 of them, and 50,000 in one object.
constexpr std::size_t kBytesOfValue = 20;
constexpr std::size_t kFewValues = 1000;  // any document may have these
constexpr std::size_t kMostMembers = 50'000;

std::size_t most_values(const JsonLimits& limits) { return limits.max_bytes / kBytesOfValue + kFewValues; }

// Reads the text once and builds the document as it goes. nlohmann's own reader is made for streams and
// exceptions: half as fast here, and 14 KB (gzip) of the module. Strictness is the same;
// tests/unit/json_test.cc compares the two on a hundred thousand damaged documents.
class Reader {
  public:
    Reader(std::string_view text, const JsonLimits& limits)
        : begin_(text.data()), at_(begin_), end_(begin_ + text.size()), limits_(limits) {}

    bool document(Json& out) {
        skip_blanks();
        if (!value(out, 0)) return false;
        whole_ = true;
        skip_blanks();
        return at_ == end_;
    }

    [[nodiscard]] std::size_t position() const { return static_cast<std::size_t>(at_ - begin_); }
    [[nodiscard]] bool too_deep() const { return too_deep_; }
    [[nodiscard]] bool too_many() const { return too_many_; }
    // Nothing was wrong but that the text ended.
    [[nodiscard]] bool cut() const { return at_ == end_ && !whole_; }

  private:
    void skip_blanks() {
        while (at_ != end_ && (*at_ == ' ' || *at_ == '\n' || *at_ == '\t' || *at_ == '\r')) ++at_;
    }

    bool take(char c) {
        if (at_ == end_ || *at_ != c) return false;
        ++at_;
        return true;
    }

    bool word(std::string_view text) {
        for (const char c : text) {
            if (!take(c)) return false;
        }
        return true;
    }

    bool value(Json& out, std::size_t depth) {  // NOLINT(misc-no-recursion): bounded by max_depth
        too_many_ = too_many_ || ++values_ > most_values(limits_);
        if (at_ == end_ || too_many_) return false;
        switch (*at_) {
            case '{':
                return enter(depth) && object(out, depth + 1);
            case '[':
                return enter(depth) && array(out, depth + 1);
            case '"': {
                out = Json::value_t::string;
                return string(out.get_ref<std::string&>());
            }
            case 't':
                out = true;
                return word("true");
            case 'f':
                out = false;
                return word("false");
            case 'n':
                out = nullptr;
                return word("null");
            default:
                return number(out);
        }
    }

    bool enter(std::size_t depth) {
        too_deep_ = depth >= limits_.max_depth;
        if (!too_deep_) ++at_;
        return !too_deep_;
    }

    bool object(Json& out, std::size_t depth) {  // NOLINT(misc-no-recursion)
        out = Json::value_t::object;
        auto& members = out.get_ref<Json::object_t&>();
        skip_blanks();
        if (take('}')) return true;
        std::string name;
        for (;;) {
            if (at_ == end_ || *at_ != '"') return false;
            name.clear();
            if (!string(name)) return false;
            skip_blanks();
            if (!take(':')) return false;
            skip_blanks();
            // Of two members with one name the last counts.
            if (!value(members[std::move(name)], depth)) return false;
            too_many_ = too_many_ || members.size() > kMostMembers;
            if (too_many_) return false;
            skip_blanks();
            if (take('}')) return true;
            if (!take(',')) return false;
            skip_blanks();
        }
    }

    bool array(Json& out, std::size_t depth) {  // NOLINT(misc-no-recursion)
        out = Json::value_t::array;
        auto& items = out.get_ref<Json::array_t&>();
        skip_blanks();
        if (take(']')) return true;
        for (;;) {
            items.emplace_back();
            if (!value(items.back(), depth)) return false;
            skip_blanks();
            if (take(']')) return true;
            if (!take(',')) return false;
            skip_blanks();
        }
    }

    bool string(std::string& out) {
        ++at_;  // the opening quote
        for (;;) {
            const char* const run = at_;
            unsigned char seen = 0;
            while (at_ != end_ && *at_ != '"' && *at_ != '\\' && static_cast<unsigned char>(*at_) >= 0x20)
                seen |= static_cast<unsigned char>(*at_++);
            const std::string_view text(run, static_cast<std::size_t>(at_ - run));
            if (seen >= 0x80 && !base::valid_utf8(text)) return false;
            out.append(text);
            if (at_ == end_) return false;
            const char c = *at_;
            if (c != '"' && c != '\\') return false;  // a control character
            ++at_;
            if (c == '"') return true;
            if (!escape(out)) return false;
        }
    }

    bool escape(std::string& out) {
        static constexpr std::string_view kNames = "\"\\/bfnrt";
        static constexpr std::string_view kBytes = "\"\\/\b\f\n\r\t";
        if (at_ == end_) return false;
        if (*at_ != 'u') {
            const auto which = kNames.find(*at_);
            if (which == std::string_view::npos) return false;
            out += kBytes[which];
            ++at_;
            return true;
        }
        unsigned unit = 0;
        if (!hex4(unit)) return false;
        char32_t code_point = unit;
        if (unit >= 0xDC00 && unit <= 0xDFFF) return false;
        if (unit >= 0xD800 && unit <= 0xDBFF) {
            unsigned low = 0;
            if (!take('\\') || at_ == end_ || *at_ != 'u' || !hex4(low) || low < 0xDC00 || low > 0xDFFF)
                return false;
            code_point = 0x10000 + ((char32_t{unit} - 0xD800) << 10U) + (low - 0xDC00);
        }
        base::append_utf8(out, code_point);
        return true;
    }

    bool hex4(unsigned& unit) {
        ++at_;  // the u
        for (int i = 0; i < 4; ++i, ++at_) {
            if (at_ == end_) return false;
            const char c = *at_;
            const int digit = c >= '0' && c <= '9'   ? c - '0'
                              : c >= 'a' && c <= 'f' ? c - 'a' + 10
                              : c >= 'A' && c <= 'F' ? c - 'A' + 10
                                                     : -1;
            if (digit < 0) return false;
            unit = unit * 16 + static_cast<unsigned>(digit);
        }
        return true;
    }

    std::size_t digits() {
        const char* const from = at_;
        while (at_ != end_ && *at_ >= '0' && *at_ <= '9') ++at_;
        return static_cast<std::size_t>(at_ - from);
    }

    bool number(Json& out) {
        const char* const from = at_;
        const bool negative = take('-');
        const bool zero = at_ != end_ && *at_ == '0';
        const std::size_t whole = digits();
        if (whole == 0) return false;
        if (zero && whole > 1) {
            at_ -= whole - 1;  // nothing may follow a leading zero
            return false;
        }
        bool integer = true;
        if (take('.')) {
            integer = false;
            if (digits() == 0) return false;
        }
        if (at_ != end_ && (*at_ == 'e' || *at_ == 'E')) {
            integer = false;
            ++at_;
            if (!take('-')) take('+');
            if (digits() == 0) return false;
        }
        const std::string_view raw(from, static_cast<std::size_t>(at_ - from));
        std::int64_t small = 0;
        std::uint64_t large = 0;
        if (integer && whole_number(raw, small)) {
            out = small;
            // As nlohmann has it: what is not negative is unsigned.
            if (!negative) out = static_cast<std::uint64_t>(small);
        } else if (integer && !negative && whole_number(raw, large)) {
            out = large;
        } else if (const auto held = limits_.keep_decimals ? std::nullopt : read_decimal(raw)) {
            out = *held;
        } else {
            out = std::string(raw);
        }
        return true;
    }

    template <typename Integer>
    static bool whole_number(std::string_view text, Integer& out) {
        const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), out);
        return error == std::errc() && end == text.data() + text.size();
    }

    const char* begin_;
    const char* at_;
    const char* end_;
    const JsonLimits& limits_;
    bool whole_ = false;
    bool too_deep_ = false;
    bool too_many_ = false;
    std::size_t values_ = 0;
};

}  // namespace

base::Result<Json> parse_json(std::string_view text, const JsonLimits& limits) {
    if (text.substr(0, kBom.size()) == kBom) text.remove_prefix(kBom.size());
    if (text.size() > limits.max_bytes) {
        return base::fail("json_too_large", "JSON of " + std::to_string(text.size()) + " bytes, at most " +
                                                std::to_string(limits.max_bytes) + " are read");
    }
    if (text.find_first_not_of(" \t\r\n\v\f") == std::string_view::npos)
        return base::fail("json_empty", "empty where JSON was expected");
    // The parser refuses invalid UTF-8 too; only then it matters what to call it.
    const auto not_utf8 = [&] { return !base::valid_utf8(text); };
    const auto bad_utf8 = base::Error{"json_not_utf8", "the JSON is not valid UTF-8"};
    // To the parser a NUL is the end, and a second BOM is one more to skip.
    const auto nul = text.substr(0, kBom.size()) == kBom ? 0 : text.find('\0');
    if (nul != std::string_view::npos && not_utf8()) return bad_utf8;
    if (nul != std::string_view::npos)
        return base::fail("json_malformed", "malformed JSON at byte " + std::to_string(nul));
    Json root;
    Reader reader(text, limits);
    if (reader.document(root)) return root;
    if (not_utf8()) return bad_utf8;
    if (reader.too_deep()) {
        return base::fail("json_too_deep",
                          "JSON nested deeper than " + std::to_string(limits.max_depth) + " levels");
    }
    if (reader.too_many()) {
        return base::fail("json_too_many", "JSON of more than " + std::to_string(most_values(limits)) +
                                               " values, or " + std::to_string(kMostMembers) +
                                               " members of one object");
    }
    return base::fail(
        "json_malformed",
        reader.cut() ? "the JSON ends too early (truncated after " + std::to_string(text.size()) + " bytes)"
                     : "malformed JSON at byte " + std::to_string(reader.position() + 1));
}

std::string dump_json(const Json& value) {
    std::string out;
    JsonWriter(out).value(value);
    return out;
}

Json object(std::initializer_list<Member> members) {
    Json::object_t out;
    for (const auto& [name, value] : members) out.emplace(name, std::move(value));
    return out;
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
