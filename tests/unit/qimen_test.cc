// The Qimen gateway and the ETC clue rows that are pulled through it.
#include "wire/qimen.h"

#include <catch2/catch.hpp>
#include <string>

#include "base/text.h"
#include "platforms/etc/clue_pull.h"
#include "wire/top_call.h"

using namespace leadbridge;
using codec::Json;
using platforms::WindowPage;
using platforms::etc::CluePull;

namespace {

effect::HttpResult answer(const std::string& body, int status = 200) {
    effect::HttpResult result;
    result.status = status;
    result.headers = {{"Date", "Sun, 06 Nov 1994 08:49:37 GMT"}};
    result.body = body;
    return result;
}

wire::CallFailure failure(const std::string& body, int status = 200) {
    const auto got = wire::qimen_answer(answer(body, status));
    REQUIRE(std::holds_alternative<wire::CallFailure>(got));
    return std::get<wire::CallFailure>(got);
}

CluePull source() {
    wire::TopClient client;
    client.endpoint = "https://host/router/qm";
    client.app = {"12345678", crypto::Secret("0123456789abcdef0123456789abcdef"), {}};
    client.target_app_key = "23558957";
    platforms::etc::CluePullSettings settings;
    settings.name = settings.account = "etc_in";
    return {client, settings};
}

platforms::WindowAnswer read(const std::string& body, const std::string& cursor = "") {
    return source().read({0, 0, cursor, 100, 0}, answer(body));
}

std::string page_of(const std::string& data) {
    return codec::dump_json(
        codec::object({{"qmMessage", "Success"}, {"data", data}, {"qmCode", "200"}, {"status", "1"}}));
}

}  // namespace

TEST_CASE("Qimen answers: flat, wrapped, XML", "[qimen]") {
    for (const char* body :
         {R"({"qmCode":"200","status":"1"})",
          R"({"response":{"qmCode":"200","status":"1","flag":"success"}})",
          "<response><qmCode>200</qmCode><status>1</status></response>",
          "\xEF\xBB\xBF<?xml version=\"1.0\"?><r><response><qmCode>200</qmCode></response></r>"}) {
        CAPTURE(body);
        const auto got = wire::qimen_answer(answer(body));
        REQUIRE(std::holds_alternative<Json>(got));
        CHECK(codec::member_text(std::get<Json>(got), "qmCode") == "200");
    }
}

TEST_CASE("Qimen says no in three ways", "[qimen]") {
    CHECK(failure(R"({"error_response":{"code":25,"msg":"Invalid signature"}})").code == "invalid_signature");
    CHECK(failure(R"({"response":{"flag":"failure","code":"25","message":"Invalid signature"}})").code ==
          "invalid_signature");
    CHECK(failure(R"({"flag":"failure","code":"7","sub_message":"This ban will last for 31 more seconds"})")
              .wait_ms == 31'000);
    CHECK(failure(R"({"sub_code":"isp.http-read-timeout","code":15})").remedy == wire::Remedy::retry);
    CHECK(failure(
              "<response><flag>failure</flag><code>15</code><sub_code>isp.http-closed</sub_code></response>")
              .code == "platform_trouble");
    CHECK(failure("<error_response><code>29</code></error_response>").code == "invalid_app_key");
    CHECK(failure(R"({"flag":"failure","code":"isv.invalid-thing","message":"no"})").code == "refused");
    const auto clock = failure(R"({"error_response":{"code":31,"msg":"Invalid timestamp"}})");
    CHECK(clock.remedy == wire::Remedy::fix_clock);
    CHECK(clock.platform_clock == 784111777000);
}

TEST_CASE("what is no Qimen answer", "[qimen]") {
    CHECK(failure("").code == "transport_empty");
    CHECK(failure("<html><body>Bad gateway</body></html>").remedy == wire::Remedy::retry);
    CHECK(failure("<html><body>Bad gateway</body>", 502).code == "transport_status");
    CHECK(failure("[1]").code == "transport_envelope");
    CHECK(failure("{\"qmCode\":").code == "transport_unreadable");
    CHECK(failure(R"({"qmCode":"200"})", 500).code == "transport_status");
    effect::HttpResult none;
    none.error_kind = "timeout";
    CHECK(std::get<wire::CallFailure>(wire::qimen_answer(none)).code == "transport_timeout");
}

TEST_CASE("the request of the sample is signed as the official client does", "[qimen][etc]") {
    const base::Millis at = *base::parse_china_text("2023-09-05 16:00:00");
    const auto http = source().request({1640933570000, 0, "", 100, at});
    CHECK(http.url.find("target_app_key=23558957") != std::string::npos);
    CHECK(http.url.find("sign=BA609D7A4354248125CDF928BF5D6B8FB753CE3BECA51505B535A0BD3EE964BE") !=
          std::string::npos);
    CHECK(base::form_decode(http.body) == "filter=\"\"&appid=\"\"&dataType=4&page=1&queryTime=1640933570");
    CHECK(base::form_decode(source().request({0, 0, "7", 100, at}).body)->find("&page=7&") !=
          std::string::npos);
}

TEST_CASE("a page of ETC rows, its end, and the page after it", "[etc]") {
    const auto page = std::get<WindowPage>(read(page_of(R"([{"id":215},{"id":239}])")));
    CHECK(page.rows.size() == 2);
    CHECK(page.next == "2");
    CHECK(std::get<WindowPage>(read(page_of(R"([{"id":1}])"), "41")).next == "42");
    const auto last = std::get<WindowPage>(read(page_of("[]"), "3"));
    CHECK(last.rows.empty());
    CHECK(last.next.empty());
    const auto xml = std::get<WindowPage>(
        read("<response><qmCode>200</qmCode><status>1</status><data>[{&quot;id&quot;:5}]</data></response>"));
    CHECK(xml.rows.size() == 1);
}

TEST_CASE("ETC answers that are no page", "[etc]") {
    const auto code = [](const std::string& body) {
        const auto got = read(body);
        REQUIRE(std::holds_alternative<wire::CallFailure>(got));
        CHECK_FALSE(std::get<wire::CallFailure>(got).reason.empty());
        return std::get<wire::CallFailure>(got).code;
    };
    CHECK(code(page_of("")) == "unexpected_answer");
    CHECK(code(page_of("{}")) == "unexpected_answer");
    CHECK(code(page_of("[7]")) == "unexpected_answer");
    CHECK(code(page_of("[{]")) == "unexpected_answer");
    CHECK(code(R"({"qmCode":"200","status":"1","data":[]})") == "unexpected_answer");
    CHECK(code(R"({"qmCode":"200","status":"1"})") == "unexpected_answer");
    CHECK(code("{}") == "unexpected_answer");
    CHECK(code(R"({"qmCode":"500","status":"1","data":"[]"})") == "result_not_ok");
    CHECK(code(R"({"qmCode":"200","status":"0","data":"[]"})") == "result_not_ok");
    CHECK(code(R"({"qmMessage":"Illegal request","qmCode":"sign-check-failure","status":"-1"})") ==
          "invalid_signature");
}

TEST_CASE("every column of an ETC row is mapped or kept", "[etc]") {
    const auto row = codec::parse_json(
        R"({"id":215,"status":0,"distribute_did":94836,"z_role":1,"zid":7,"z_name":"A","z_mobile":"13800138000",)"
        R"("cid":86647,"worktable_count":2,"first_push_time":1631104923,"last_order_time":0,"order_time_lag":0,)"
        R"("intention_level":"B","intention_city_cn":"","intention_district":"","intention_hid":0,)"
        R"("intention_house_city_en":"","purpose":"","intention_house_type":"","intention_area":"","house_num":"",)"
        R"("payment_capacity":0,"budget":"100-200","created_time":"2021-12-23 14:47:45","updated_time":null,)"
        R"("novel":{"a":1}})");
    std::map<std::string, std::int64_t> drift;
    const auto lead = source().to_lead(row.value(), 5, drift);
    CHECK(lead::lead_id(lead.source) == "etc:etc_in:215");
    CHECK(lead.source.name == "etc_in");
    CHECK(lead.status.raw == "0");
    CHECK(lead.source.version == *lead.created.utc);
    CHECK(lead.owner.id == "7");
    CHECK(lead.owner.name == "A");
    REQUIRE(lead.owner_phones.size() == 1);
    CHECK(lead.phones.empty());
    REQUIRE(lead.intent.size() == 2);
    CHECK(lead.intent[0].name == "level");
    CHECK(lead.intent[1].value.raw == "100-200");
    CHECK(lead.open_ids.at(0).value == "86647");
    CHECK(codec::dump_json(lead.extra) ==
          R"({"distribute_did":94836,"first_push_time":1631104923,"last_order_time":0,"novel":{"a":1},)"
          R"("order_time_lag":0,"worktable_count":2,"z_role":1})");
    CHECK(drift == std::map<std::string, std::int64_t>{{"novel", 1}});

    // Later times make a newer version; without an id the content is the name.
    auto later = row.value();
    later["last_order_time"] = 1700000000;
    CHECK(source().to_lead(later, 5, drift).source.version == 1700000000000);
    later.erase("id");
    CHECK(source().to_lead(later, 5, drift).source.lead_id.substr(0, 7) == "sha256-");
}
