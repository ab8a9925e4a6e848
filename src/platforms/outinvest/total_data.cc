#include "platforms/outinvest/total_data.h"

#include <array>

#include "base/text.h"

namespace leadbridge::platforms::outinvest {
namespace {

using codec::Json;
using codec::member;
using codec::member_text;

constexpr std::string_view kMethod = "tmall.alihouse.customer.clue.out.invest.total.data.back.flow";
constexpr auto kInteger = ColumnType::integer;
constexpr auto kNumber = ColumnType::number;

// Names and order of the documented sample (of type 2, stores).
constexpr std::array<Column, 37> kColumns = {{{"id", kInteger},
                                              {"store_id", kInteger},
                                              {"storeName", ColumnType::text},
                                              {"aliDayTSendRate", kNumber},
                                              {"aliDayTcSend", kInteger},
                                              {"aliDayTnSend", kInteger},
                                              {"aliOrderTSendRate", kNumber},
                                              {"aliOrderTcSend", kInteger},
                                              {"aliOrderTnSend", kInteger},
                                              {"aliUv", kInteger},
                                              {"allLzSendRate", kNumber},
                                              {"allLzcSend", kInteger},
                                              {"allLznSend", kInteger},
                                              {"businessType", kInteger},
                                              {"createTime", ColumnType::time},
                                              {"fcDayTSendRate", kNumber},
                                              {"fcDayTcSend", kInteger},
                                              {"fcDayTnSend", kInteger},
                                              {"fcLzSendRate", kNumber},
                                              {"fcLzcSend", kInteger},
                                              {"fcLznSend", kInteger},
                                              {"fcOrderTSendRate", kNumber},
                                              {"fcOrderTcSend", kInteger},
                                              {"fcOrderTnSend", kInteger},
                                              {"fcUv", kInteger},
                                              {"replyImAll", kInteger},
                                              {"replyImRate", kNumber},
                                              {"sendImAll", kInteger},
                                              {"statisticsDate", ColumnType::date},
                                              {"totalCSend", kInteger},
                                              {"totalDayTSendRate", kNumber},
                                              {"totalDayTcSend", kInteger},
                                              {"totalDayTnSend", kInteger},
                                              {"totalNSend", kInteger},
                                              {"totalSendRate", kNumber},
                                              {"totalUv", kInteger},
                                              {"updateTime", ColumnType::time}}};
constexpr std::size_t kId = 0, kBusinessType = 13, kStatisticsDate = 28;
static_assert(kColumns[kBusinessType].name == "businessType");
static_assert(kColumns[kStatisticsDate].name == "statisticsDate");

}  // namespace

TotalData::TotalData(wire::TopClient client, std::int64_t batch_rows, const std::vector<ExtraColumn>& extra)
    : client_(std::move(client)), batch_rows_(batch_rows), columns_(kColumns.begin(), kColumns.end()) {
    for (const auto& column : extra) {
        extra_names_.push_back(column.name);
        columns_.push_back({extra_names_.back(), column.type});
    }
}

std::variant<StatsRow, std::vector<RowProblem>> TotalData::check(std::int64_t type, const Json& row) const {
    if (type < 1 || type > 3) {
        return std::vector<RowProblem>{
            {"", "the type must be 1 (broker), 2 (store) or 3 (city); it is given with the file"}};
    }
    auto cells = check_cells(columns_, row);
    const auto missing = [&](std::size_t column) {
        if (!cells.json[column].empty()) return;
        for (const auto& problem : cells.problems) {
            if (problem.column == columns_[column].name) return;
        }
        cells.problems.push_back({std::string(columns_[column].name), "is missing; every row needs it"});
    };
    missing(kId);
    missing(kStatisticsDate);
    const std::string& business = cells.json[kBusinessType];
    if (!business.empty() && business != "1" && business != "2" && business != "3")
        cells.problems.push_back({"businessType", "must be 1, 2 or 3"});
    if (!cells.problems.empty()) return std::move(cells.problems);

    StatsRow out;
    const std::string& date = cells.json[kStatisticsDate];
    out.key = std::to_string(type) + "/" + cells.json[kId] + "/" + date.substr(1, date.size() - 2);
    out.text = cells.object(columns_);
    out.unknown_columns = std::move(cells.unknown);
    return out;
}

effect::Http TotalData::request(std::int64_t type, const std::vector<std::string>& rows,
                                base::Millis platform_now) const {
    std::string data;
    for (const auto& row : rows) data.append(data.empty() ? "[" : ",").append(row);
    const Json req = codec::object({{"data", data + "]"}, {"type", type}});
    return wire::top_request(client_, kMethod, {{"req", codec::dump_json(req)}}, platform_now);
}

StatsTarget::Answer TotalData::read(const effect::HttpResult& result) const {
    Answer out;
    auto answer = wire::top_answer(client_, kMethod, result);
    if (auto* failure = std::get_if<wire::CallFailure>(&answer)) {
        // An answer was on its way: the rows were very likely taken.
        if (failure->code == "transport_too_large") failure->unknown_outcome = true;
        out.refused = failure->by_service;
        out.failure = std::move(*failure);
        return out;
    }
    return read_verdict(std::get<wire::TopPayload>(answer).value);
}

StatsTarget::Answer read_verdict(const Json& payload) {
    StatsTarget::Answer out;
    const Json& wrapped = member(payload, "result");
    const Json& verdict = wrapped.is_object() ? wrapped : payload;
    const auto success = codec::member_bool(verdict, "success");
    if (!success) {
        out.failure = wire::transport_failure("unexpected_answer",
                                              "the platform's answer does not say whether it took the rows");
        return out;
    }
    out.taken = *success;
    if (out.taken) return out;
    out.refused = true;
    out.failure = wire::call_failure(
        wire::Remedy::stop, "refused",
        "the platform refuses the row: " + base::printable(member_text(verdict, "msg").value_or(""), 160) +
            " (" + base::printable(member_text(verdict, "code").value_or("no code"), 60) + ")");
    return out;
}

bool is_known_column(std::string_view name) {
    for (const auto& column : kColumns) {
        if (column.name == name) return true;
    }
    return false;
}

}  // namespace leadbridge::platforms::outinvest
