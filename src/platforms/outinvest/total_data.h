#pragma once
// tmall.alihouse.customer.clue.out.invest.total.data.back.flow: statistics of brokers, stores and cities.
#include <deque>
#include <string>
#include <vector>

#include "platforms/stats_target.h"
#include "wire/top_call.h"

namespace leadbridge::platforms::outinvest {

class TotalData final : public StatsTarget {
  public:
    struct ExtraColumn {
        std::string name;
        ColumnType type = ColumnType::text;
    };
    TotalData(wire::TopClient client, std::int64_t batch_rows, const std::vector<ExtraColumn>& extra);
    TotalData(const TotalData&) = delete;
    TotalData& operator=(const TotalData&) = delete;

    [[nodiscard]] std::int64_t batch_rows() const override { return batch_rows_; }
    std::variant<StatsRow, std::vector<RowProblem>> check(std::int64_t type,
                                                          const codec::Json& row) const override;
    effect::Http request(std::int64_t type, const std::vector<std::string>& rows,
                         base::Millis platform_now) const override;
    Answer read(const effect::HttpResult& result) const override;

  private:
    wire::TopClient client_;
    std::int64_t batch_rows_;
    std::deque<std::string> extra_names_;  // what columns_ points to
    std::vector<Column> columns_;
};

// What the content of an answer's envelope says about the rows.
StatsTarget::Answer read_verdict(const codec::Json& payload);

// The sample's own columns; extra ones must have other names.
bool is_known_column(std::string_view name);

}  // namespace leadbridge::platforms::outinvest
