#include "wire/top_call.h"

#include <catch2/catch.hpp>
#include <string>
#include <vector>

#include "base/text.h"

using namespace leadbridge;
using namespace leadbridge::wire;

namespace {

constexpr const char* kMethod = "taobao.mama.crm.lead.list";
const std::string kSecret = "fake-app-secret";
const std::string kSession = "fake-session";

TopClient client(TopFormat format = TopFormat::json, bool simplify = false) {
    TopClient c;
    c.endpoint = "https://eco.taobao.com/router/rest";
    c.app.app_key = "12345678";
    c.app.app_secret = crypto::Secret(kSecret);
    c.session = crypto::Secret(kSession);
    c.format = format;
    c.simplify = simplify;
    return c;
}

CallFailure error(std::int64_t code, const std::string& sub_code = "", const std::string& sub_msg = "",
                  const std::string& msg = "message") {
    codec::Json e = {{"code", code}, {"msg", msg}};
    if (!sub_code.empty()) e["sub_code"] = sub_code;
    if (!sub_msg.empty()) e["sub_msg"] = sub_msg;
    return classify_top_error(e);
}

effect::HttpResult answer(const std::string& body, int status = 200) {
    effect::HttpResult r;
    r.status = status;
    r.body = body;
    return r;
}

// "remedy code" of a failure, "payload" of a payload.
std::string outcome(const TopClient& c, const effect::HttpResult& result) {
    const auto a = top_answer(c, kMethod, result);
    if (const auto* f = std::get_if<CallFailure>(&a)) {
        CHECK_FALSE(f->reason.empty());
        CHECK(base::valid_utf8(f->reason));
        CHECK(f->reason.size() < 700);
        return std::string(remedy_name(f->remedy)) + " " + f->code;
    }
    return "payload";
}

bool has(const std::string& text, const std::string& part) { return text.find(part) != std::string::npos; }

}  // namespace

TEST_CASE("the error table of the platform", "[top_call]") {
    struct Row {
        std::int64_t code;
        std::string sub_code;
        std::string remedy_and_code;
        std::string says;
    };
    const std::vector<Row> rows = {
        {3, "", "stop refused", "not repeated"},
        {4, "", "wait throttled", "1 more seconds"},
        {5, "", "wait throttled", ""},
        {6, "", "wait throttled", ""},
        {7, "accesscontrol.limited-by-app-access-count", "wait throttled", "waits by itself"},
        {8, "", "wait throttled", ""},
        {15, "accesscontrol.limited-by-api-access-count", "wait throttled", ""},
        {15, "accesscontrol.limited-by-app-api-access-count", "wait throttled", ""},
        {15, "accesscontrol.limited-by-dynamic-access-count", "wait throttled", ""},
        {9, "", "stop refused", ""},
        {10, "", "retry platform_trouble", "next run"},
        {11, "", "stop no_permission", "API package"},
        {11, "isv.permission-api-package-empty", "stop no_permission", "isv.permission-api-package-empty"},
        {11, "isv.permission-ip-whitelist-limit", "stop no_permission", "white-list"},
        {12, "", "stop no_permission", ""},
        {13, "", "stop no_permission", ""},
        {15, "", "retry platform_trouble", ""},
        {15, "isp.remote-service-error", "retry platform_trouble", ""},
        {15, "isp.remote-service-timeout", "retry platform_trouble", ""},
        {15, "isp.remote-connection-error", "retry platform_trouble", ""},
        {15, "isp.top-remote-connection-timeout", "retry platform_trouble", ""},
        {15, "isp.top-remote-connection-error", "retry platform_trouble", ""},
        {15, "isp.lead-service-unavailable", "retry platform_trouble", ""},
        {15, "isp.unknown-error", "retry platform_trouble", ""},
        {15, "isp.call-limited", "retry platform_trouble", ""},
        {15, "isp.system-busy", "retry platform_trouble", ""},
        {15, "isp.http-read-timeout", "retry platform_trouble", ""},
        {15, "isp.null-pointer-exception", "stop platform_error", "retry is useless"},
        {15, "isp.top-parse-error", "stop platform_error", ""},
        {15, "isp.top-mapping-parse-error", "stop platform_error", ""},
        {15, "isv.missing-parameter", "stop refused", ""},
        {21, "", "stop refused", ""},
        {22, "", "stop refused", ""},
        {23, "", "stop refused", ""},
        {24, "", "stop invalid_signature", ""},
        {25, "", "stop invalid_signature", "leadbridge sign"},
        {26, "", "reauthorise session_expired", "re-authorise"},
        {27, "", "reauthorise session_expired", "session"},
        {27, "invalid-sessionkey", "reauthorise session_expired", ""},
        {53, "", "reauthorise session_expired", ""},
        {15, "session-expired", "reauthorise session_expired", ""},
        {15, "session-not-exist", "reauthorise session_expired", ""},
        {15, "isv.invalid-sessionkey", "reauthorise session_expired", ""},
        {28, "", "stop invalid_app_key", "app_key"},
        {29, "", "stop invalid_app_key", "environment"},
        {30, "", "fix_clock clock_off", ""},
        {31, "", "fix_clock clock_off", "clock"},
        {32, "", "stop refused", ""},
        {33, "", "stop refused", ""},
        {34, "", "stop refused", ""},
        {40, "isv.missing-parameter", "stop refused", ""},
        {41, "", "stop refused", ""},
        {42, "", "stop refused", ""},
        {43, "", "stop refused", ""},
        {50, "", "retry platform_trouble", ""},
        {50, "isv.invalid-parameter", "stop refused", "isv.invalid-parameter"},
        {50, "isp.system-busy", "retry platform_trouble", ""},
        {550, "isv.whatever", "stop refused", ""},
        {901, "", "stop refused", ""},
        {-1, "", "stop refused", ""},
    };
    for (const Row& row : rows) {
        CAPTURE(row.code, row.sub_code);
        const CallFailure f = error(row.code, row.sub_code);
        CHECK(std::string(remedy_name(f.remedy)) + " " + f.code == row.remedy_and_code);
        CHECK(has(f.reason, row.says));
        CHECK(has(f.reason, "code " + std::to_string(row.code)));
        CHECK((f.wait_ms > 0) == (f.remedy == Remedy::wait));
        CHECK(f.invalid_parameter == (row.sub_code == "isv.invalid-parameter"));
    }
}

TEST_CASE("how long a ban lasts", "[top_call]") {
    const std::vector<std::pair<std::string, base::Millis>> rows = {
        {"This ban will last for 1 more seconds", 1000},
        {"This ban will last for 2 more seconds", 2000},
        {"App Call Limited. This ban will last for 71 more seconds", 71'000},
        {"This ban will last for 31062 more seconds", 31'062'000},
        {"This ban will last for 0 more seconds", 0},
        {"This ban will last for 999999999 more seconds", 999'999'999'000},
        {"This ban will last for 99999999999999999999 more seconds", 999'999'999'000},
        {"This ban will last for -5 more seconds", 1000},
        {"This ban will last for  more seconds", 1000},
        {"This ban will last for ", 1000},
        {"slow down", 1000},
    };
    for (const auto& [text, wait] : rows) {
        CAPTURE(text);
        CHECK(error(7, "accesscontrol.limited-by-app-access-count", text).wait_ms == wait);
        CHECK(error(7, "", "", text).wait_ms == wait);
    }
    // The sentence counts, whatever the code.
    CHECK(error(15, "isp.call-limited", "This ban will last for 5 more seconds").wait_ms == 5000);
    CHECK(error(15, "isp.call-limited", "This ban will last for 5 more seconds").remedy == Remedy::wait);
}

TEST_CASE("error objects of any shape", "[top_call]") {
    for (const char* text :
         {R"({"code":"27","msg":"x"})", R"({"code":27})", R"({"code":" 27 ","sub_code":null})"}) {
        CHECK(classify_top_error(codec::parse_json(text).value()).code == "session_expired");
    }
    for (const char* text :
         {"{}", "[]", "null", "\"x\"", R"({"code":{},"sub_code":[1]})", R"({"code":1.5})"}) {
        CHECK(classify_top_error(codec::parse_json(text).value()).remedy == Remedy::stop);
    }
    // Long and dirty words are bounded.
    const auto f = error(50, std::string(5000, 'a'), std::string(5000, 'b') + "\x01");
    CHECK(f.reason.size() < 700);
}

TEST_CASE("envelope names", "[top_call]") {
    CHECK(top_envelope("taobao.mama.crm.lead.list") == "mama_crm_lead_list_response");
    CHECK(top_envelope("tmall.alihouse.customer.clue.out.invest.total.data.back.flow") ==
          "tmall_alihouse_customer_clue_out_invest_total_data_back_flow_response");
    CHECK(top_envelope("taobao.") == "_response");
    CHECK(top_envelope("") == "_response");
}

TEST_CASE("answers: exactly the envelope or error_response", "[top_call]") {
    const std::string good = R"({"mama_crm_lead_list_response":{"result_ok":true,"request_id":"r1"}})";
    const std::string expired = R"({"error_response":{"code":27,"msg":"x"}})";
    const std::string html = "<!DOCTYPE html><html><body>502</body></html>";
    struct Row {
        int status;
        std::string body;
        std::string wanted;
    };
    const std::vector<Row> rows = {
        {200, good, "payload"},
        {200, "\xEF\xBB\xBF" + good, "payload"},
        {400, good, "retry transport_envelope"},
        {500, good, "retry transport_status"},
        {200, expired, "reauthorise session_expired"},
        {400, expired, "reauthorise session_expired"},
        {403, expired, "reauthorise session_expired"},
        {502, expired, "reauthorise session_expired"},
        {200, "", "retry transport_empty"},
        {200, " \r\n", "retry transport_empty"},
        {204, "", "retry transport_status"},
        {200, html, "retry transport_html"},
        {200, "  <HTML>", "retry transport_html"},
        {502, html, "retry transport_status"},
        {403, "Forbidden", "retry transport_status"},
        {301, "", "retry transport_status"},
        {302, html, "retry transport_status"},
        {304, "", "retry transport_status"},
        {0, "", "retry transport_status"},
        {200, good.substr(0, 30), "retry transport_unreadable"},
        {200, "<mama_crm_lead_list_response/>", "retry transport_unreadable"},
        {200, "OK", "retry transport_unreadable"},
        {200, "[]", "retry transport_unreadable"},
        {200, "null", "retry transport_unreadable"},
        {200, "{}", "retry transport_envelope"},
        {200, R"({"result_ok":true})", "retry transport_envelope"},
        {200, R"({"mama_crm_lead_get_response":{}})", "retry transport_envelope"},
        {200, R"({"mama_crm_lead_list_response":{},"more":1})", "retry transport_envelope"},
        {200, R"({"mama_crm_lead_list_response":[]})", "retry transport_envelope"},
        {200, R"({"error_response":"x"})", "retry transport_envelope"},
    };
    for (const Row& row : rows) {
        CAPTURE(row.status, row.body);
        CHECK(outcome(client(), answer(row.body, row.status)) == row.wanted);
    }
    const auto payload = top_answer(client(), kMethod, answer(good));
    CHECK(std::get<TopPayload>(payload).request_id == "r1");
    CHECK(std::get<TopPayload>(payload).value["result_ok"] == true);
}

TEST_CASE("simplified and XML answers", "[top_call]") {
    const TopClient flat = client(TopFormat::json, true);
    CHECK(outcome(flat, answer(R"({"result_data":[],"result_ok":true})")) == "payload");
    CHECK(outcome(flat, answer(R"({"mama_crm_lead_list_response":{"result_ok":true}})")) == "payload");
    CHECK(outcome(flat, answer(R"({"error_response":{"code":26}})")) == "reauthorise session_expired");
    CHECK(outcome(flat, answer(R"({"other_response":{"a":1}})")) == "retry transport_envelope");
    CHECK(outcome(flat, answer(R"({"result_ok":true})", 500)) == "retry transport_status");
    const TopClient xml = client(TopFormat::xml);
    CHECK(outcome(xml, answer("<mama_crm_lead_list_response><a/></mama_crm_lead_list_response><!--top-->")) ==
          "payload");
    CHECK(outcome(xml, answer("<error_response><code>27</code></error_response>")) ==
          "reauthorise session_expired");
    CHECK(outcome(
              xml,
              answer("<error_response><code>7</code><sub_msg>This ban will last for 9 more seconds</sub_msg>"
                     "</error_response>")) == "wait throttled");
    CHECK(outcome(xml, answer("<x/>")) == "retry transport_envelope");
    CHECK(outcome(xml, answer("<html><body>x</body></html>")) == "retry transport_envelope");
    CHECK(outcome(xml, answer("{}")) == "retry transport_unreadable");
    CHECK(outcome(xml, answer("<!DOCTYPE x><mama_crm_lead_list_response/>")) == "retry transport_unreadable");
}

TEST_CASE("network failures", "[top_call]") {
    const std::vector<std::pair<std::string, std::string>> rows = {
        {"timeout", "retry transport_timeout"}, {"connect", "retry transport_connect"},
        {"dns", "retry transport_dns"},         {"tls", "stop transport_tls"},
        {"reset", "retry transport_reset"},     {"too_large", "stop transport_too_large"},
        {"other", "retry transport_failed"},    {"new kind", "retry transport_failed"},
    };
    for (const auto& [kind, wanted] : rows) {
        effect::HttpResult r;
        r.error_kind = kind;
        r.error_message = "detail " + std::string(1000, 'd');
        CHECK(outcome(client(), r) == wanted);
        const auto a = top_answer(client(), kMethod, r);
        CHECK(has(std::get<CallFailure>(a).reason, "(detail"));
    }
}

TEST_CASE("a refused timestamp takes the platform's clock from the Date header", "[top_call]") {
    auto r = answer(R"({"error_response":{"code":31,"msg":"Invalid Timestamp"}})");
    r.headers = {{"Content-Type", "x"}, {"dAtE", "Sun, 06 Nov 1994 08:49:37 GMT"}};
    CHECK(std::get<CallFailure>(top_answer(client(), kMethod, r)).platform_clock == 784111777000);
    r.headers = {{"date", "yesterday"}};
    CHECK_FALSE(std::get<CallFailure>(top_answer(client(), kMethod, r)).platform_clock.has_value());
    r.body = R"({"error_response":{"code":27}})";
    r.headers = {{"date", "Sun, 06 Nov 1994 08:49:37 GMT"}};
    CHECK_FALSE(std::get<CallFailure>(top_answer(client(), kMethod, r)).platform_clock.has_value());
}

TEST_CASE("requests: public parameters in the query, business ones in the form, empty ones nowhere",
          "[top_call]") {
    auto c = client();
    auto http = top_request(c, kMethod, {{"q", "{\"page_size\":100}"}, {"empty", ""}, {"blank", " \u3000"}},
                            1651571068000);
    CHECK(http.method == "POST");
    CHECK(http.body == "q=%7B%22page_size%22%3A100%7D");
    CHECK(has(http.url, "https://eco.taobao.com/router/rest?method=taobao.mama.crm.lead.list&"));
    CHECK(has(http.url, "&timestamp=2022-05-03+17%3A44%3A28&"));
    CHECK(has(http.url, "&session=fake-session&"));
    CHECK_FALSE(has(http.url + http.body, "empty"));
    CHECK_FALSE(has(http.url + http.body, "simplify"));
    CHECK_FALSE(has(http.url + http.body, kSecret));
    const std::string base_string =
        "app_key12345678formatjsonmethod" + std::string(kMethod) +
        "q{\"page_size\":100}sessionfake-sessionsign_methodhmac-sha256timestamp2022-05-03 17:44:28v2.0";
    CHECK(has(http.url, "&sign=" + top_sign(SignMethod::hmac_sha256, c.app.app_secret, base_string)));

    c.session = crypto::Secret();
    c.simplify = true;
    c.endpoint = "https://host/path?fixed=1";
    http = top_request(c, kMethod, {}, 0);
    CHECK(has(http.url, "https://host/path?fixed=1&method="));
    CHECK(has(http.url, "&simplify=true&"));
    CHECK_FALSE(has(http.url, "session"));
    CHECK(http.body.empty());
    c.format = TopFormat::xml;
    http = top_request(c, kMethod, {}, 0);
    CHECK(has(http.url, "format=xml"));
    CHECK_FALSE(has(http.url, "simplify"));
}
