#include <catch2/catch.hpp>
#include <string>

#include "base/text.h"
#include "codec/json.h"
#include "platforms/outinvest/settings.h"
#include "platforms/outinvest/total_data.h"

using namespace leadbridge;
using namespace leadbridge::platforms;
using codec::Json;
using outinvest::TotalData;

namespace {

// The `data` of the documented sample.
const std::string kSample =
    R"({"id":64,"store_id":3,"storeName":"222333444555666777","aliDayTSendRate":2,"aliDayTcSend":2,"aliDayTnSend":1,)"
    R"("aliOrderTSendRate":1,"aliOrderTcSend":1,"aliOrderTnSend":1,"aliUv":1,"allLzSendRate":1,"allLzcSend":1,)"
    R"("allLznSend":1,"businessType":1,"createTime":"2022-03-31 21:23:12","fcDayTSendRate":1,"fcDayTcSend":1,)"
    R"("fcDayTnSend":1,"fcLzSendRate":1,"fcLzcSend":1,"fcLznSend":1,"fcOrderTSendRate":1,"fcOrderTcSend":1,)"
    R"("fcOrderTnSend":1,"fcUv":1,"replyImAll":1,"replyImRate":0,"sendImAll":1,"statisticsDate":"2022-04-02",)"
    R"("totalCSend":1,"totalDayTSendRate":1,"totalDayTcSend":1,"totalDayTnSend":1,"totalNSend":11,)"
    R"("totalSendRate":0,"totalUv":1,"updateTime":"2022-03-31 21:23:12"})";

std::shared_ptr<const StatsTarget> make(wire::TopFormat format = wire::TopFormat::json, bool simplify = false,
                                        const std::vector<TotalData::ExtraColumn>& extra = {}) {
    wire::TopClient client;
    client.endpoint = "https://host/rest";
    client.app.app_key = "1";
    client.app.app_secret = crypto::Secret("fake-secret");
    client.session = crypto::Secret("fake-session");
    client.format = format;
    client.simplify = simplify;
    return std::make_shared<TotalData>(client, 50, extra);
}

Json json(const std::string& text) { return codec::parse_json(text).value(); }

// The row's text, or "column: problem; ..." of what is wrong.
std::string checked(const Json& row, std::int64_t type = 2,
                    const std::vector<TotalData::ExtraColumn>& extra = {}) {
    const auto result = make(wire::TopFormat::json, false, extra)->check(type, row);
    if (const auto* good = std::get_if<StatsRow>(&result)) return good->text;
    std::string text;
    for (const auto& p : std::get<std::vector<RowProblem>>(result))
        text += p.column + ": " + p.problem + "; ";
    return text;
}
std::string checked_with(const std::string& column, const Json& value) {
    Json row = json(R"({"id":1,"statisticsDate":"2022-04-02"})");
    row[column] = value;
    return checked(row);
}
bool has(const std::string& text, const std::string& part) { return text.find(part) != std::string::npos; }

StatsTarget::Answer read(const std::string& body, wire::TopFormat format = wire::TopFormat::json,
                         bool simplify = false, int status = 200) {
    effect::HttpResult result;
    result.status = status;
    result.body = body;
    return make(format, simplify)->read(result);
}
const std::string kEnvelope = "tmall_alihouse_customer_clue_out_invest_total_data_back_flow_response";

}  // namespace

TEST_CASE("the documented sample goes out as it stands", "[outinvest]") {
    const auto row = std::get<StatsRow>(make()->check(2, json(kSample)));
    CHECK(row.text == kSample);
    CHECK(row.key == "2/64/2022-04-02");
    CHECK(row.unknown_columns.empty());

    const auto http = make()->request(2, {row.text}, 0);
    const auto form = base::form_decode(http.body);
    REQUIRE(form);
    CHECK(form->substr(0, 12) == "req={\"data\":");
    const Json req = json(form->substr(4));
    CHECK(req["type"] == 2);
    CHECK(req["data"] == "[" + kSample + "]");
    CHECK(has(http.url, "method=tmall.alihouse.customer.clue.out.invest.total.data.back.flow&"));
    CHECK(has(http.url, "session=fake-session"));
    CHECK(has(http.url, "sign="));
}

TEST_CASE("CSV text is typed", "[outinvest]") {
    CHECK(
        checked(json(R"({"id":" 64 ","storeName":"222","replyImRate":"0.50","statisticsDate":"2022-04-02",
        "businessType":"2","createTime":"2022-03-31 21:23:12","aliUv":"","totalUv":" ","fcUv":"NULL","fcLzcSend":null})")) ==
        R"({"id":64,"storeName":"222","businessType":2,"createTime":"2022-03-31 21:23:12","replyImRate":0.50,"statisticsDate":"2022-04-02"})");
}

TEST_CASE("integers keep 64 bits, decimals every digit", "[outinvest]") {
    for (const char* text : {"9223372036854775807", "-9223372036854775808", "9007199254740993"}) {
        CHECK(has(checked_with("aliUv", text), "\"aliUv\":" + std::string(text)));
        CHECK(has(checked_with("aliUv", json(text)), "\"aliUv\":" + std::string(text)));
    }
    for (const char* text : {"0.1", "-0.10", "12", "1e-7", "3.141592653589793238462643383279"})
        CHECK(has(checked_with("totalSendRate", text), "\"totalSendRate\":" + std::string(text)));
    for (const Json& wrong :
         {Json("9223372036854775808"), Json(18446744073709551615U), Json("1.0"), Json("1,000"), Json("12 3"),
          Json("+1"), Json("x"), Json(true), Json::array(), Json::object()}) {
        CAPTURE(wrong.dump());
        CHECK(has(checked_with("aliUv", wrong), "aliUv: must be a whole number"));
    }
    for (const char* wrong : {"50%", ".5", "5.", "01", "1e", "--1", "NaN", "0x1", "1,5", "Infinity"}) {
        CAPTURE(wrong);
        CHECK(has(checked_with("totalSendRate", wrong), "totalSendRate: must be a number"));
    }
}

TEST_CASE("dates must exist and have one writing", "[outinvest]") {
    for (const char* wrong : {"2022-02-30", "2022-13-01", "2022-4-2", "2022/04/02", "20220402",
                              "2022-04-02 00:00:00", "1648828800000", "x"}) {
        CAPTURE(wrong);
        CHECK(has(checked_with("statisticsDate", wrong), "statisticsDate: must be a date"));
    }
    for (const char* wrong : {"2022-03-31", "2022-03-31T21:23:12", "2022-03-31 24:00:00",
                              "2022-02-29 10:00:00", "2022-03-31 21:23", "2022-03-31 2:23:12"}) {
        CAPTURE(wrong);
        CHECK(has(checked_with("createTime", wrong), "createTime: must be a time"));
    }
    CHECK(has(checked_with("statisticsDate", "2024-02-29"), "2024-02-29"));
}

TEST_CASE("what is missing, out of range or unknown", "[outinvest]") {
    CHECK(has(checked(Json::object()), "id: is missing"));
    CHECK(has(checked(Json::object()), "statisticsDate: is missing"));
    CHECK_FALSE(has(checked(json(R"({"id":"x"})")), "id: is missing"));
    for (const char* wrong : {"0", "4", "-1"})
        CHECK(has(checked_with("businessType", wrong), "businessType: must be 1, 2"));
    for (const std::int64_t type : {0, 4, -1}) CHECK(has(checked(json(kSample), type), "the type must be"));
    CHECK(has(checked_with("storeName", std::string(2001, 'x')), "storeName: must be text"));
    CHECK(has(checked_with("storeName", "a\"\n\u4e2d"), "\"storeName\":\"a\\\"\\n\u4e2d\""));
    // Problems never repeat what stands in the cell.
    CHECK_FALSE(has(checked_with("aliUv", "13800138000x"), "13800138000"));

    const Json row =
        json(R"({"id":1,"statisticsDate":"2022-04-02","brokerName":"x","city_id":"7","gone":null})");
    CHECK(checked(row, 1) == R"({"id":1,"statisticsDate":"2022-04-02"})");
    const auto known = std::get<StatsRow>(make()->check(1, row));
    CHECK(known.unknown_columns == std::vector<std::string>{"brokerName", "city_id"});
    CHECK(checked(row, 3, {{"city_id", ColumnType::integer}, {"brokerName", ColumnType::text}}) ==
          R"({"id":1,"statisticsDate":"2022-04-02","city_id":7,"brokerName":"x"})");
}

TEST_CASE("answers in every style", "[outinvest]") {
    const std::string taken = R"({"code":"success","msg":"\u6210\u529f","success":"true"})";
    CHECK(read("{\"" + kEnvelope + "\":{\"result\":" + taken + ",\"request_id\":\"r\"}}").taken);
    CHECK(read("{\"result\":" + taken + ",\"request_id\":\"r\"}", wire::TopFormat::json, true).taken);
    CHECK(read("<?xml version=\"1.0\"?><" + kEnvelope +
                   "><result><code>success</code><msg>x</msg>"
                   "<success>true</success></result></" +
                   kEnvelope + "><!--top-->",
               wire::TopFormat::xml)
              .taken);
    CHECK(read("{\"" + kEnvelope + "\":{\"result\":{\"success\":true}}}").taken);

    const auto refused = read("{\"" + kEnvelope +
                              "\":{\"result\":{\"success\":\"false\",\"code\":\"E1\",\"msg\":\"bad row\"}}}");
    CHECK_FALSE(refused.taken);
    CHECK(refused.refused);
    REQUIRE(refused.failure);
    CHECK(has(refused.failure->reason, "bad row (E1)"));
    CHECK_FALSE(refused.failure->unknown_outcome);

    for (const std::string& body : {"{\"" + kEnvelope + "\":{}}", "{\"" + kEnvelope + "\":{\"result\":{}}}",
                                    "{\"" + kEnvelope + "\":{\"result\":{\"success\":\"perhaps\"}}}",
                                    std::string("{}"), std::string(""), std::string("<html>")}) {
        CAPTURE(body);
        const auto answer = read(body);
        CHECK_FALSE(answer.taken);
        CHECK_FALSE(answer.refused);
        REQUIRE(answer.failure);
        CHECK(answer.failure->unknown_outcome);
    }
}

TEST_CASE("errors: the rows' fault, the call's, or unknown", "[outinvest]") {
    struct Case {
        std::string error;
        bool refused, unknown;
        wire::Remedy remedy;
    };
    for (
        const auto& c : std::vector<Case>{
            {R"({"code":50,"msg":"Remote service error","sub_code":"isv.invalid-parameter","sub_msg":"x"})",
             true, false, wire::Remedy::stop},
            {R"({"code":15,"msg":"Remote service error","sub_code":"isv.row-exists"})", true, false,
             wire::Remedy::stop},
            {R"({"code":50,"sub_code":"isp.remote-service-timeout"})", false, true, wire::Remedy::retry},
            {R"({"code":15,"sub_code":"isp.http-read-timeout"})", false, true, wire::Remedy::retry},
            {R"({"code":10,"msg":"Service Currently Unavailable"})", false, false, wire::Remedy::retry},
            {R"({"code":27,"msg":"Invalid session"})", false, false, wire::Remedy::reauthorise},
            {R"({"code":11,"msg":"Insufficient isv permissions","sub_code":"isv.permission-api-package-limit"})",
             false, false, wire::Remedy::stop},
            {R"({"code":22,"msg":"Invalid method","sub_code":"isv.invalid-method"})", false, false,
             wire::Remedy::stop},
            {R"({"code":25,"msg":"Invalid signature"})", false, false, wire::Remedy::stop},
            {R"({"code":7,"msg":"App Call Limited","sub_msg":"This ban will last for 71 more seconds"})",
             false, false, wire::Remedy::wait},
            {R"({"code":31,"msg":"Invalid timestamp"})", false, false, wire::Remedy::fix_clock}}) {
        CAPTURE(c.error);
        const auto answer = read("{\"error_response\":" + c.error + "}");
        CHECK_FALSE(answer.taken);
        CHECK(answer.refused == c.refused);
        REQUIRE(answer.failure);
        CHECK(answer.failure->unknown_outcome == c.unknown);
        CHECK(answer.failure->remedy == c.remedy);
    }
    CHECK(read("<error_response><code>50</code><sub_code>isv.invalid-parameter</sub_code></error_response>",
               wire::TopFormat::xml)
              .refused);
    for (const auto& [kind, unknown] : std::vector<std::pair<std::string, bool>>{{"timeout", true},
                                                                                 {"reset", true},
                                                                                 {"too_large", true},
                                                                                 {"other", true},
                                                                                 {"dns", false},
                                                                                 {"connect", false},
                                                                                 {"tls", false}}) {
        CAPTURE(kind);
        effect::HttpResult result;
        result.error_kind = kind;
        const auto answer = make()->read(result);
        CHECK_FALSE(answer.refused);
        CHECK(answer.failure->unknown_outcome == unknown);
    }
    CHECK(read("bad gateway", wire::TopFormat::json, false, 502).failure->unknown_outcome);
}

TEST_CASE("settings of the target", "[outinvest]") {
    const Apps apps = {{"main", {"1", crypto::Secret("s"), {}}}};
    const auto problems_of = [&](const std::string& text) {
        codec::Problems problems;
        const Json node = json(text);
        codec::Settings settings(node, "backflow.stats", problems);
        const auto made = outinvest::make_target("stats", settings, apps);
        settings.finish();
        REQUIRE(made);
        std::string said = std::to_string(made->batch_rows());
        for (const auto& p : problems) said += "; " + p.path + " " + p.problem;
        return said;
    };
    const std::string session = R"("session":{"env":"S","value":"x"})";
    CHECK(problems_of("{" + session + "}") == "50");
    CHECK(problems_of("{" + session +
                      R"(,"batch_rows":500,"extra_columns":{"cityName":"text","city_id":"integer"}})") ==
          "500");
    CHECK(has(problems_of("{" + session + R"(,"batch_rows":501})"), "backflow.stats.batch_rows must be"));
    CHECK(has(problems_of("{}"), "backflow.stats.session is missing"));
    const auto said =
        problems_of("{" + session + R"(,"extra_columns":{"aliUv":"text","a b":"text","x":"float"}})");
    CHECK(has(said, "extra_columns.aliUv is a column of the platform already"));
    CHECK(has(said, "extra_columns.a b is no column name"));
    CHECK(has(said, "extra_columns.x is not one of"));
}
