#include "platforms/outinvest/settings.h"

#include <array>

#include "base/text.h"
#include "platforms/outinvest/total_data.h"
#include "platforms/top_settings.h"

namespace leadbridge::platforms::outinvest {
namespace {

// Names go into the JSON as they are.
bool plain_name(std::string_view name) {
    return !name.empty() && name.size() <= 60 &&
           name.find_first_not_of("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_") ==
               std::string_view::npos;
}

}  // namespace

std::shared_ptr<const StatsTarget> make_target(const std::string&, codec::Settings& settings,
                                               const Apps& apps) {
    auto client = read_top_client(settings, apps, true);
    const std::int64_t batch_rows = settings.integer("batch_rows", 50, 1, 500);
    std::vector<TotalData::ExtraColumn> extra;
    codec::Settings columns = settings.child("extra_columns");
    static constexpr std::array<std::string_view, 5> kTypes = {"integer", "number", "text", "date", "time"};
    for (const auto& name : columns.keys()) {
        const std::string type =
            columns.one_of(name, {kTypes[0], kTypes[1], kTypes[2], kTypes[3], kTypes[4]}, "text");
        const bool known = is_known_column(name);
        if (known || !plain_name(name)) {
            columns.note(
                base::printable(name, 60),
                known ? "is a column of the platform already" : "is no column name (letters, digits and _)",
                "remove it");
            continue;
        }
        TotalData::ExtraColumn column{name};
        for (std::size_t i = 0; i < kTypes.size(); ++i) {
            if (kTypes[i] == type) column.type = static_cast<ColumnType>(i);
        }
        extra.push_back(std::move(column));
    }
    return std::make_shared<TotalData>(std::move(client), batch_rows, extra);
}

}  // namespace leadbridge::platforms::outinvest
