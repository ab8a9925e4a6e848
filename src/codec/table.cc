#include "codec/table.h"

#include <algorithm>

#include "base/text.h"

namespace leadbridge::codec {
namespace {

constexpr std::string_view kBom = "\xEF\xBB\xBF";
constexpr std::string_view kBlank = " \t\r\n";
constexpr std::size_t kMaxObjectDepth = 8;  // a row is flat; what is deeper is refused by its column

}  // namespace

std::optional<TableFormat> table_format(std::string_view name) {
    if (name == "auto") return TableFormat::automatic;
    if (name == "csv") return TableFormat::csv;
    if (name == "ndjson") return TableFormat::json;
    return std::nullopt;
}

base::Result<TableReader> TableReader::open(std::string bytes, TableFormat format) {
    if (bytes.size() > kMaxTableBytes) {
        return base::fail("table_too_large", "the file has " + std::to_string(bytes.size()) +
                                                 " bytes, at most " + std::to_string(kMaxTableBytes) +
                                                 " are read: split it");
    }
    TableReader reader;
    reader.text_ = std::move(bytes);
    if (std::string_view(reader.text_).substr(0, kBom.size()) == kBom) reader.at_ = kBom.size();
    // A NUL is how UTF-16 shows itself.
    if (!base::valid_utf8(reader.text_) || reader.text_.find('\0') != std::string::npos) {
        return base::fail("table_not_utf8",
                          "the file is not UTF-8 text (spreadsheet programs often write GBK or UTF-16): save "
                          "it as \"CSV UTF-8\" and load it again");
    }
    const std::size_t first = reader.text_.find_first_not_of(kBlank, reader.at_);
    if (first == std::string::npos) return base::fail("table_empty", "the file is empty");
    const char sign = reader.text_[first];
    reader.csv_ =
        format == TableFormat::csv || (format == TableFormat::automatic && sign != '{' && sign != '[');
    if (reader.csv_) {
        if (auto header = reader.read_header(); !header) return header.error();
    } else if (sign == '[') {
        reader.array_ = true;
        reader.skip_blank(kBlank);
        ++reader.at_;
    }
    return reader;
}

std::optional<TableRow> TableReader::next() {
    if (csv_) return next_csv();
    return array_ ? next_element() : next_line();
}

// ---- CSV --------------------------------------------------------------------------------------------------

// The one that stands most often in the header, outside of quotes.
void TableReader::detect_separator() {
    std::size_t most = 0;
    for (const char candidate : {',', ';', '\t'}) {
        bool quoted = false;
        std::size_t count = 0;
        for (std::size_t i = at_; i < text_.size() && (quoted || (text_[i] != '\n' && text_[i] != '\r'));
             ++i) {
            if (text_[i] == '"') quoted = !quoted;
            if (!quoted && text_[i] == candidate) ++count;
        }
        if (count > most) {
            most = count;
            separator_ = candidate;
        }
    }
}

base::Status TableReader::read_header() {
    skip_blank("\r\n");
    detect_separator();
    TableRow row;
    read_cells(header_, row);
    const auto bad = [](const std::string& what) {
        return base::fail("table_header", "the header (first line) " + what);
    };
    if (!row.problem.empty()) return bad(row.problem);
    for (std::size_t i = 0; i < header_.size(); ++i) {
        header_[i] = base::trim(header_[i]);
        if (header_[i].empty()) {
            return bad("has no name for column " + std::to_string(i + 1) +
                       ": name every column, or delete the empty ones");
        }
        if (std::find(header_.begin(), header_.begin() + static_cast<std::ptrdiff_t>(i), header_[i]) !=
            header_.begin() + static_cast<std::ptrdiff_t>(i))
            return bad("names the column \"" + base::printable(header_[i], 60) + "\" twice: delete one");
    }
    return base::Ok{};
}

void TableReader::take_newline() {
    if (text_[at_] == '\r' && at_ + 1 < text_.size() && text_[at_ + 1] == '\n') ++at_;
    ++at_;
    ++line_;
}

void TableReader::skip_blank(std::string_view blanks) {
    while (!at_end() && blanks.find(text_[at_]) != std::string_view::npos) {
        if (text_[at_] == '\r' || text_[at_] == '\n') {
            take_newline();
        } else {
            ++at_;
        }
    }
}

void TableReader::skip_line() {
    at_ = std::min(text_.find_first_of("\r\n", at_), text_.size());
    if (!at_end()) take_newline();
}

// Stands on the opening quote; false when the closing one is missing.
bool TableReader::read_quoted(std::string& cell) {
    for (++at_; !at_end();) {
        const char c = text_[at_];
        if (c == '"') {
            if (++at_ >= text_.size() || text_[at_] != '"') return true;
        } else if (c == '\n' || c == '\r') {
            const std::size_t from = at_;
            take_newline();
            cell.append(text_, from, at_ - from);
            continue;
        }
        cell += c;
        ++at_;
    }
    return false;
}

// One record, its line break included. False when it breaks the rules; the reader then stands on the next line.
bool TableReader::read_cells(std::vector<std::string>& cells, TableRow& row) {
    const char stop[] = {separator_, '\r', '\n'};
    const auto broken = [&](std::string problem) {
        row.problem = std::move(problem);
        skip_line();
        return false;
    };
    cells.clear();
    row.line = line_;
    for (;;) {
        if (cells.size() >= kMaxTableColumns)
            return broken("has more than " + std::to_string(kMaxTableColumns) + " columns");
        std::string cell;
        if (!at_end() && text_[at_] == '"') {
            const std::int64_t opened = line_;
            if (!read_quoted(cell)) {
                return broken("has a quote (\") opened in line " + std::to_string(opened) +
                              " that is never closed; nothing behind it can be read");
            }
            if (!at_end() && std::string_view(stop, 3).find(text_[at_]) == std::string_view::npos) {
                return broken("has text behind a closing quote: write a quote inside a cell as two (\"\")");
            }
        } else {
            const std::size_t end =
                std::min(text_.find_first_of(std::string_view(stop, 3), at_), text_.size());
            cell = text_.substr(at_, end - at_);
            at_ = end;
        }
        cells.push_back(std::move(cell));
        if (at_end()) return true;
        if (text_[at_] != separator_) {
            take_newline();
            return true;
        }
        ++at_;
    }
}

std::optional<TableRow> TableReader::next_csv() {
    skip_blank("\r\n");
    if (at_end()) return std::nullopt;
    TableRow row;
    std::vector<std::string> cells;
    if (!read_cells(cells, row)) return row;
    // Spreadsheets like to end lines with empty cells that have no column.
    while (cells.size() > header_.size() && cells.back().empty()) cells.pop_back();
    if (cells.size() != header_.size()) {
        row.problem = "has " + std::to_string(cells.size()) + " cells where the header has " +
                      std::to_string(header_.size()) +
                      ": correct the line (a cell that holds a separator must stand in quotes)";
        return row;
    }
    Json::object_t fields;
    for (std::size_t i = 0; i < cells.size(); ++i) {
        if (!cells[i].empty()) fields.emplace(header_[i], std::move(cells[i]));
    }
    row.fields = std::move(fields);
    return row;
}

// ---- JSON -------------------------------------------------------------------------------------------------

void TableReader::read_object(TableRow& row, std::string_view text) const {
    JsonLimits limits;
    limits.max_bytes = kMaxTableBytes;
    limits.max_depth = kMaxObjectDepth;
    limits.keep_decimals = true;
    auto value = parse_json(text, limits);
    if (!value) {
        row.problem = "is not JSON: " + value.error().reason;
    } else if (!value.value().is_object()) {
        row.problem = "is not a JSON object ({...})";
    } else if (value.value().size() > kMaxTableColumns) {
        row.problem = "has more than " + std::to_string(kMaxTableColumns) + " columns";
    } else {
        row.fields = std::move(value).value();
    }
}

std::optional<TableRow> TableReader::next_line() {
    skip_blank(kBlank);
    if (at_end()) return std::nullopt;
    TableRow row;
    row.line = line_;
    const std::size_t end = std::min(text_.find_first_of("\r\n", at_), text_.size());
    read_object(row, std::string_view(text_).substr(at_, end - at_));
    at_ = end;
    return row;
}

// Finds the end of an element by its brackets; whether it is JSON is then the parser's matter.
std::optional<TableRow> TableReader::next_element() {
    skip_blank(kBlank);
    TableRow row;
    row.line = line_;
    const std::size_t begin = at_;
    int depth = 0;
    bool quoted = false;
    for (; !at_end(); ++at_) {
        const char c = text_[at_];
        if (c == '\n') ++line_;
        if (quoted) {
            if (c == '\\') ++at_;
            if (c == '"') quoted = false;
        } else if (c == '"') {
            quoted = true;
        } else if (c == '{' || c == '[') {
            ++depth;
        } else if (depth > 0 && (c == '}' || c == ']')) {
            --depth;
        } else if (depth == 0 && (c == ',' || c == ']')) {
            break;
        }
    }
    if (at_end()) {
        row.problem = "the JSON array is not closed: the file is cut off";
        at_ = text_.size();
        array_ = false;
        return row;
    }
    const std::string_view text = std::string_view(text_).substr(begin, at_ - begin);
    array_ = text_[at_++] == ',';  // behind the array only blanks should come; they are read as lines
    if (!array_ && base::trim(text).empty()) return next_line();
    read_object(row, text);
    return row;
}

}  // namespace leadbridge::codec
