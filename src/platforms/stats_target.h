#pragma once
// Where rows that the merchant reports (statistics) are pushed in batches.
#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "codec/json.h"
#include "effect/effect.h"
#include "platforms/columns.h"
#include "wire/call.h"

namespace leadbridge::platforms {

// A row as it will be sent, with the name that makes it recognisable.
struct StatsRow {
    std::string key;                           // same row, same key: "1/64/2022-04-02"
    std::string text;                          // its JSON, compact, values as the platform's sample has them
    std::vector<std::string> unknown_columns;  // not sent, reported
};

class StatsTarget {
  public:
    virtual ~StatsTarget() = default;
    [[nodiscard]] virtual std::int64_t batch_rows() const = 0;
    // Checks one row (an object; CSV cells are all text) against the columns of the platform's sample.
    // Returns the row, or its problems (never empty).
    virtual std::variant<StatsRow, std::vector<RowProblem>> check(std::int64_t type,
                                                                  const codec::Json& row) const = 0;
    // `rows`: texts of checked rows of one type.
    virtual effect::Http request(std::int64_t type, const std::vector<std::string>& rows,
                                 base::Millis platform_now) const = 0;
    struct Answer {
        bool taken = false;
        bool refused = false;  // the rows themselves are refused: smaller batches find the guilty one
        std::optional<wire::CallFailure> failure;  // when not taken
    };
    virtual Answer read(const effect::HttpResult& result) const = 0;
};

}  // namespace leadbridge::platforms
