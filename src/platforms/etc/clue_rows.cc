#include "platforms/etc/clue_rows.h"

#include <array>

namespace leadbridge::platforms::etc {
namespace {

using codec::Json;

constexpr auto kInteger = ColumnType::integer;
constexpr auto kText = ColumnType::text;

constexpr std::array<Column, 25> kColumns = {{{"id", kInteger},
                                              {"status", kInteger},
                                              {"distribute_did", kInteger},
                                              {"z_role", kInteger},
                                              {"zid", kInteger},
                                              {"z_name", kText},
                                              {"z_mobile", kText},
                                              {"cid", kInteger},
                                              {"worktable_count", kInteger},
                                              {"first_push_time", kInteger},
                                              {"last_order_time", kInteger},
                                              {"order_time_lag", kInteger},
                                              {"intention_level", kText},
                                              {"intention_city_cn", kText},
                                              {"intention_district", kText},
                                              {"intention_hid", kInteger},
                                              {"intention_house_city_en", kText},
                                              {"purpose", kText},
                                              {"intention_house_type", kText},
                                              {"intention_area", kText},
                                              {"house_num", kText},
                                              {"payment_capacity", kInteger},
                                              {"budget", kText},
                                              {"created_time", ColumnType::time},
                                              {"updated_time", ColumnType::time}}};
constexpr std::size_t kId = 0, kCreated = 23, kUpdated = 24;

std::string_view neutral(ColumnType type) { return type == kInteger ? "0" : type == kText ? "\"\"" : "null"; }

}  // namespace

std::variant<StoredRow, std::vector<RowProblem>> check_clue_row(const Json& row) {
    static const std::vector<Column> columns(kColumns.begin(), kColumns.end());
    auto cells = check_cells(columns, row);
    if (cells.json[kId].empty()) {
        if (cells.problems.empty() || cells.problems.front().column != "id")
            cells.problems.push_back({"id", "is missing; every row needs it"});
    } else if (cells.json[kId][0] == '-' || cells.json[kId] == "0") {
        cells.problems.push_back({"id", "must be greater than 0"});
    }
    if (!cells.problems.empty()) return std::move(cells.problems);

    for (std::size_t i = 0; i < columns.size(); ++i) {
        if (cells.json[i].empty()) cells.json[i] = neutral(columns[i].type);
    }
    StoredRow out;
    out.id = std::string(19 - cells.json[kId].size(), '0') + cells.json[kId];
    const std::string& time = cells.json[cells.json[kUpdated] == "null" ? kCreated : kUpdated];
    if (time != "null")
        out.at = base::parse_china_text(std::string_view(time).substr(1, time.size() - 2)).value_or(0);
    out.doc = cells.object(columns);
    out.unknown_columns = std::move(cells.unknown);
    return out;
}

}  // namespace leadbridge::platforms::etc
