#pragma once
// Rows of a table file, one at a time: CSV (RFC 4180) or JSON (one object a line, or one array of objects).
// Nothing in it is guessed: what is not a row comes back with its line and what is wrong with it.
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "codec/json.h"

namespace leadbridge::codec {

inline constexpr std::size_t kMaxTableBytes = 16U << 20U;
inline constexpr std::size_t kMaxTableColumns = 256;

enum class TableFormat { automatic, csv, json };
std::optional<TableFormat> table_format(std::string_view name);  // auto | csv | ndjson

struct TableRow {
    std::int64_t line = 0;  // where the row begins, from 1
    Json fields;            // an object; CSV cells are text, empty ones are absent
    std::string problem;    // not empty: there is no row
};

class TableReader {
  public:
    // Errors: table_empty, table_too_large, table_not_utf8, table_header.
    static base::Result<TableReader> open(std::string bytes, TableFormat format);
    [[nodiscard]] const std::vector<std::string>& header() const { return header_; }  // of CSV
    // Nothing behind the last row.
    std::optional<TableRow> next();

  private:
    base::Status read_header();
    void detect_separator();
    bool read_cells(std::vector<std::string>& cells, TableRow& row);
    bool read_quoted(std::string& cell);
    void skip_blank(std::string_view blanks);
    void take_newline();
    void skip_line();
    [[nodiscard]] bool at_end() const { return at_ >= text_.size(); }
    std::optional<TableRow> next_csv();
    std::optional<TableRow> next_line();
    std::optional<TableRow> next_element();
    void read_object(TableRow& row, std::string_view text) const;

    std::string text_;
    std::size_t at_ = 0;
    std::int64_t line_ = 1;
    bool csv_ = false;
    bool array_ = false;
    char separator_ = ',';
    std::vector<std::string> header_;
};

}  // namespace leadbridge::codec
