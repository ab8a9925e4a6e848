#include "platforms/outinvest/preview.h"

#include "platforms/outinvest/total_data.h"

namespace leadbridge::platforms::outinvest {
namespace {

using codec::Json;
using codec::member;

// {"type": 1, "data": "[..]"}: a request's rows, each with the type it was sent under.
std::optional<PreviewRows> rows_of_request(const Json& request) {
    const Json& data = member(request, "data");
    if (!data.is_string() || !request.contains("type")) return std::nullopt;
    auto list = codec::parse_json(data.get_ref<const std::string&>());
    if (!list || !list.value().is_array())
        return base::fail("unexpected_request", "`data` of the request is not a list written as text: " +
                                                    (list ? "another value" : list.error().reason));
    std::vector<Json> rows;
    for (auto& row : list.value())
        rows.push_back(codec::object({{"type", member(request, "type")}, {"row", std::move(row)}}));
    return rows;
}

std::optional<PreviewRows> open(PreviewDocument& document) {
    if (Json* answer =
            envelope(document, "tmall_alihouse_customer_clue_out_invest_total_data_back_flow_response")) {
        const auto verdict = read_verdict(*answer);
        return verdict.failure
                   ? base::fail(verdict.failure->code, verdict.failure->reason)
                   : base::fail("no_lead", "the platform took the statistics; its answer holds no lead");
    }
    if (const Json& req = member(document.value, "req"); !req.is_null()) {
        if (!req.is_string()) return rows_of_request(req);
        auto inner = codec::parse_json(req.get_ref<const std::string&>());
        if (!inner) return base::fail(inner.error().code, "`req` of the request: " + inner.error().reason);
        return rows_of_request(inner.value());
    }
    return rows_of_request(document.value);
}

class Reader final : public PreviewReader {
  public:
    PreviewRecord read(const Json& given) override {
        constexpr std::int64_t kStore = 2;
        PreviewRecord record;
        const bool sent = member(given, "row").is_object();
        record.row = sent ? member(given, "row") : given;
        record.type = sent ? codec::member_int(given, "type").value_or(0) : 0;
        auto checked = target_.check(sent ? record.type : kStore, record.row);
        if (auto* problems = std::get_if<std::vector<RowProblem>>(&checked)) {
            record.problems = std::move(*problems);
        } else {
            for (const auto& name : std::get<StatsRow>(checked).unknown_columns) record.unknown[name] = 1;
        }
        return record;
    }

  private:
    TotalData target_{{}, 1, {}};
};

}  // namespace

PreviewEntry preview() {
    return {"outinvest", is_known_column, open, nullptr,
            [](PreviewOptions&) -> std::unique_ptr<PreviewReader> { return std::make_unique<Reader>(); }};
}

}  // namespace leadbridge::platforms::outinvest
