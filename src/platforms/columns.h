#pragma once
// Typed columns of rows that the merchant reports: what a cell may hold, and how it is written as JSON.
#include <cstdint>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/time.h"
#include "codec/json.h"

namespace leadbridge::platforms {

struct RowProblem {
    std::string column;   // empty = the row as a whole
    std::string problem;  // never repeats the cell: it may be somebody's phone
};

// A number is kept digit for digit; dates are `yyyy-MM-dd`, times `yyyy-MM-dd HH:mm:ss`, both must exist.
enum class ColumnType : unsigned char { integer, number, text, date, time };

struct Column {
    std::string_view name;
    ColumnType type;
};

struct CheckedCells {
    std::vector<std::string> json;  // as the columns stand; empty = absent (or null, or blank)
    std::vector<RowProblem> problems;
    std::vector<std::string> unknown;  // names of the row that are no column, printable

    // {"a":1,"b":"x"} of the cells that are there.
    [[nodiscard]] std::string object(const std::vector<Column>& columns) const;
};

// `row` is an object; CSV cells are all text.
CheckedCells check_cells(const std::vector<Column>& columns, const codec::Json& row);

// The store's set of the rows of one data type: what is loaded is what is served.
std::string row_set(std::int64_t data_type);

// A row to keep for a platform that will ask for it.
struct StoredRow {
    std::string id;  // orders the rows
    base::Millis at = 0;
    std::string doc;  // compact JSON
    std::vector<std::string> unknown_columns;
};
// Returns the row, or its problems (never empty).
using RowCheck = std::variant<StoredRow, std::vector<RowProblem>> (*)(const codec::Json& row);

}  // namespace leadbridge::platforms
