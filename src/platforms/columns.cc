#include "platforms/columns.h"

#include <array>
#include <optional>

#include "base/text.h"

namespace leadbridge::platforms {
namespace {

using codec::Json;

constexpr std::size_t kMaxText = 2000;
constexpr std::size_t kMaxNumber = 60;

constexpr std::array<std::string_view, 5> kMust = {
    "must be a whole number of at most 19 digits, without blanks, separators or decimals",
    "must be a number like 12, 0.5 or -3.25, without % sign or separators",
    "must be text of at most 2000 bytes", "must be a date that exists, written like 2022-04-02",
    "must be a time that exists, written like 2022-03-31 21:23:12"};

// The number grammar of JSON, so that the text can be sent as it is.
bool is_number(std::string_view text) {
    std::size_t at = 0;
    const auto digits = [&] {
        const std::size_t from = at;
        while (at < text.size() && text[at] >= '0' && text[at] <= '9') ++at;
        return at - from;
    };
    const auto take = [&](char a, char b) {
        const bool found = at < text.size() && (text[at] == a || text[at] == b);
        at += found ? 1 : 0;
        return found;
    };
    take('-', '-');
    const std::size_t first = at;
    const std::size_t whole = digits();
    if (whole == 0 || (whole > 1 && text[first] == '0')) return false;
    if (take('.', '.') && digits() == 0) return false;
    if (take('e', 'E')) {
        take('+', '-');
        if (digits() == 0) return false;
    }
    return at == text.size();
}

// One writing only: the platform and the store compare these as text.
bool is_civil(std::string_view text, std::string_view shape) {
    if (text.size() != shape.size()) return false;
    for (std::size_t i = 0; i < text.size(); ++i) {
        const bool digit = text[i] >= '0' && text[i] <= '9';
        if (shape[i] == '0' ? !digit : text[i] != shape[i]) return false;
    }
    return base::parse_china_text(text).has_value();
}

std::string quoted(std::string text) { return codec::dump_json(Json(std::move(text))); }

// JSON text of a cell that is not blank; nothing when it is not of the type.
std::optional<std::string> read_cell(ColumnType type, const Json& value) {
    if (value.is_boolean()) return std::nullopt;
    auto text = codec::scalar_text(value);
    if (!text) return std::nullopt;
    if (type == ColumnType::text)
        return text->size() <= kMaxText ? std::optional(quoted(std::move(*text))) : std::nullopt;
    std::string plain = base::trim(*text);
    switch (type) {
        case ColumnType::integer:
            if (const auto number = base::parse_int64(plain)) return std::to_string(*number);
            return std::nullopt;
        case ColumnType::number:
            if (plain.size() <= kMaxNumber && is_number(plain)) return plain;
            return std::nullopt;
        case ColumnType::date:
            if (is_civil(plain, "0000-00-00")) return quoted(std::move(plain));
            return std::nullopt;
        default:
            if (is_civil(plain, "0000-00-00 00:00:00")) return quoted(std::move(plain));
            return std::nullopt;
    }
}

// Exports of databases write an absent number or time as NULL or \N.
bool absent(ColumnType type, const Json& value) {
    if (value.is_null()) return true;
    if (type == ColumnType::text || !value.is_string()) return false;
    const std::string text = base::lower_ascii(base::trim(value.get_ref<const std::string&>()));
    return text.empty() || text == "null" || text == "\\n";
}

}  // namespace

CheckedCells check_cells(const std::vector<Column>& columns, const Json& row) {
    CheckedCells out;
    out.json.resize(columns.size());
    std::size_t known = 0;
    for (std::size_t i = 0; i < columns.size(); ++i) {
        const auto found = row.find(columns[i].name);
        if (found == row.end()) continue;
        ++known;
        if (absent(columns[i].type, *found)) continue;
        if (auto text = read_cell(columns[i].type, *found)) {
            out.json[i] = std::move(*text);
        } else {
            out.problems.push_back({std::string(columns[i].name),
                                    std::string(kMust[static_cast<std::size_t>(columns[i].type)])});
        }
    }
    if (known == row.size()) return out;
    for (const auto& [name, value] : row.items()) {
        bool is_column = value.is_null();
        for (const auto& column : columns) is_column = is_column || column.name == name;
        if (!is_column) out.unknown.push_back(base::printable(name, 60));
    }
    return out;
}

std::string CheckedCells::object(const std::vector<Column>& columns) const {
    std::string text = "{";
    for (std::size_t i = 0; i < columns.size(); ++i) {
        if (json[i].empty()) continue;
        if (text.size() > 1) text += ',';
        text.append("\"").append(columns[i].name).append("\":").append(json[i]);
    }
    return text += '}';
}

std::string row_set(std::int64_t data_type) { return "etc/" + std::to_string(data_type); }

}  // namespace leadbridge::platforms
