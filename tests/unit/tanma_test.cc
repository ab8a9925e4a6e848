#include "wire/tanma.h"

#include <catch2/catch.hpp>
#include <string>

#include "base/text.h"
#include "platforms/tanma/clue_list.h"
#include "platforms/tanma/push.h"
#include "platforms/tanma/settings.h"

using namespace leadbridge;
using namespace leadbridge::platforms;
using codec::Json;
using tanma::ClueReader;

namespace {

constexpr base::Millis kNow = 1620717417000;
constexpr const char* kKey = "0123456789abcdef0123456789abcdef";

wire::TanmaApp demo() { return {"wwdemo0000000000_AbCdEf", crypto::Secret(kKey), "wwdemo0000000000"}; }
wire::TanmaApp vendor() { return {"zc_test", crypto::Secret("zc_test"), "zc_test"}; }

Json json(const std::string& text) { return codec::parse_json(text).value(); }

Labels labels() {
    static const Json kLabels =
        json(R"({"customer_stage":{"396823724189760":"new"},"colour":{"1":"red","2":"blue"}})");
    codec::Problems problems;
    return Labels::read(codec::Settings(kLabels, "", problems));
}

tanma::ClueList list(std::optional<std::int64_t> type = std::nullopt) {
    wire::TanmaClient client;
    client.endpoint = "https://host/apiServer/";
    client.app = demo();
    return {client, ClueReader("scrm", client.app.corpid, labels()), type};
}

effect::HttpResult answer(const std::string& body, int status = 200, effect::Headers headers = {}) {
    effect::HttpResult result;
    result.status = status;
    result.headers = std::move(headers);
    result.body = body;
    return result;
}

wire::CallFailure failure(const effect::HttpResult& result) {
    const auto got = list().read({}, result);
    REQUIRE(std::holds_alternative<wire::CallFailure>(got));
    const auto& f = std::get<wire::CallFailure>(got);
    CHECK_FALSE(f.reason.empty());
    CHECK(f.reason.find(kKey) == std::string::npos);
    return f;
}

using Drift = std::map<std::string, std::int64_t>;
lead::Lead lead_of(const std::string& row, Drift& drift) { return list().to_lead(json(row), 5, drift); }
lead::Lead lead_of(const std::string& row) {
    Drift drift;
    return lead_of(row, drift);
}

const char* const kSamplePage =
    R"({"code":0,"message":"ok","data":{"list":[
{"customerId":410983932389440,"isClue":false,"type":1,"fields":[
 {"field":"customer_source","type":2,"valueAsText":null},{"field":"description","type":1,"valueAsText":"u IE"},
 {"field":"mobile","type":8,"valueAsText":"[\"145678388\"]"},{"field":"address","type":1,"valueAsText":null},
 {"field":"name","type":1,"valueAsText":"N"},{"field":"gender","type":2,"valueAsText":null},
 {"field":"customer_stage","type":2,"valueAsText":"396823724189760"}],"tagIds":[],
 "createTime":"2021-05-11 15:15:48","lastUpdateTime":"2021-05-11 15:15:48"},
{"customerId":410984073320512,"isClue":false,"type":2,"fields":[
 {"field":"mobile","type":8,"valueAsText":"[\"17893883939\"]"},
 {"field":"customer_stage","type":2,"valueAsText":"401244899840064"}],"tagIds":["t1","t2"],
 "createTime":"2021-05-11 15:16:57","lastUpdateTime":"2021-05-11 19:58:21",
 "companyInfo":{"id":410948476397632,"name":"uuu"}}],"nextCursor":"AAAAAGCaL2kAAAAAAAAAAAAAAAAAAAn8"}})";

// ---- pushes

std::string encrypted(const wire::TanmaApp& app, const std::string& text) {
    return base::base64_encode(wire::tanma_push_cipher(app, text));
}

tanma::PushDoor door(std::vector<wire::TanmaApp> apps, std::int64_t window = 600) {
    return {std::move(apps),
            ClueReader("scrm", "corp", labels()),
            {window, 1 << 20, R"({"code":0,"message":"ok","noise":{noise}})"}};
}

Incoming push(const wire::TanmaApp& app, const std::string& body, base::Millis at = kNow) {
    const std::string time = std::to_string(at);
    return {"POST",
            "",
            {{"APPID", app.app_id},
             {"Timestamp", time},
             {"version", "1"},
             {"SIGN", wire::tanma_push_sign(app, "1", time)}},
            body};
}

Delivery delivered(const std::string& text) {
    const auto got = door({demo()}).receive(push(demo(), encrypted(demo(), text)), kNow);
    REQUIRE(std::holds_alternative<Delivery>(got));
    return std::get<Delivery>(got);
}

Refusal refused(const tanma::PushDoor& at, const Incoming& incoming, base::Millis now = kNow) {
    const auto got = at.receive(incoming, now);
    REQUIRE(std::holds_alternative<Refusal>(got));
    const auto& refusal = std::get<Refusal>(got);
    CHECK_FALSE(refusal.reason.empty());
    CHECK(refusal.reason.find(kKey) == std::string::npos);
    CHECK(json(refusal.reply.body).contains("code"));
    return refusal;
}

}  // namespace

TEST_CASE("golden vectors of the signatures and the push cipher", "[tanma]") {
    CHECK(wire::tanma_push_sign(vendor(), "1", "1596681164807") ==
          "317672b4685d9b8bafe1794390e31209aed5cef912683292fed94a69085919d3");
    const std::string plain =
        R"({"type":"register","noise":4970601478527096155,"msgId":999,"content":"hello"})";
    const std::string cipher =
        "5TMVT8H4yTSSoING+afhRlGcCZAIxTs8Z7o3vGpid6tF2aF7C73uZ44qMopuNPCFmwOLOJ8xViCTHUfe/"
        "xYZSb71/VRSEDeIqqwN4eg=";
    CHECK(encrypted(vendor(), plain) == cipher);
    CHECK(wire::tanma_push_cipher(vendor(), *base::base64_decode(cipher)) == plain);
    CHECK(wire::tanma_sign(
              demo(), "1620717417000",
              R"({"since":"2021-05-11 00:00:00","before":"2021-05-12 00:00:00","size":100,"type":1})") ==
          "7831e5aa2be3fda841055b46cb45249f7dc92ac458efc393703742a865cc48b2");
    CHECK(wire::tanma_sign(demo(), "1620717417000", "") ==
          "ba1d1218bec4a58f5da84a8e520a9c454eada82133f965fdcb62753d51b925fa");
    CHECK(wire::tanma_corpid("ww51046ddc4f4df510_NjaEnW") == "ww51046ddc4f4df510");
    CHECK(wire::tanma_corpid("zc_test") == "zc_test");
}

TEST_CASE("the list's request signs the bytes it sends", "[tanma]") {
    const base::Millis since = *base::parse_china_text("2021-05-11 00:00:00");
    const auto http = list(1).request({since, since + base::kDay, "c\"1", 100, kNow});
    CHECK(http.method == "POST");
    CHECK(http.url == "https://host/apiServer/api/v3/clue/list-by-create-time-asc");
    CHECK(
        http.body ==
        R"({"before":"2021-05-12 00:00:00","cursor":"c\"1","since":"2021-05-11 00:00:00","size":100,"type":1})");
    CHECK(*wire::header(http.headers, "sign") == wire::tanma_sign(demo(), "1620717417000", http.body));
    CHECK(*wire::header(http.headers, "timestamp") == "1620717417000");
    CHECK(wire::header(http.headers, "appkey") == nullptr);
    const auto first = list().request({since, since + base::kDay, "", 100, kNow});
    CHECK(first.body.find("cursor") == std::string::npos);
    CHECK(first.body.find("type") == std::string::npos);
    wire::TanmaClient loud;
    loud.app = demo();
    loud.send_app_key_header = true;
    CHECK(*wire::header(wire::tanma_request(loud, "/x", "", kNow).headers, "appkey") == kKey);
}

TEST_CASE("Tanma's codes", "[tanma]") {
    CHECK(failure(answer(R"({"code":1002,"message":"no"})")).code == "invalid_signature");
    CHECK(failure(answer(R"({"code":1002,"message":"no"})", 401)).code == "invalid_signature");
    const auto clock =
        failure(answer(R"({"code":1003,"message":"no"})", 200, {{"date", "Sun, 06 Nov 1994 08:49:37 GMT"}}));
    CHECK(clock.remedy == wire::Remedy::fix_clock);
    CHECK(clock.platform_clock == 784111777000);
    CHECK(failure(answer(R"({"code":40417,"message":"x"})")).remedy == wire::Remedy::stop);
    CHECK(failure(answer(R"({"code":-1})")).remedy == wire::Remedy::retry);
    CHECK(failure(answer(R"({"code":500})")).remedy == wire::Remedy::retry);
    CHECK(failure(answer(R"({"code":50001})")).remedy == wire::Remedy::retry);
    CHECK(failure(answer(R"({"code":77,"message":"what"})")).reason.find("77: what") != std::string::npos);
    CHECK(failure(answer("slow down", 429, {{"Retry-After", "31"}})).wait_ms == 31'000);
    CHECK(failure(answer(R"({"code":429})", 200)).wait_ms == 5'000);
}

TEST_CASE("what is no page of the clue list", "[tanma]") {
    CHECK(failure(answer("")).code == "transport_empty");
    CHECK(failure(answer("<html></html>")).code == "transport_html");
    CHECK(failure(answer("oops", 502)).code == "transport_status");
    CHECK(failure(answer(R"({"code":0,"data":{"list":[]}})", 201)).code == "transport_status");
    CHECK(failure(answer(R"({"data":{"list":[]}})")).code == "transport_envelope");
    CHECK(failure(answer(R"({"code":0})")).code == "transport_envelope");
    CHECK(failure(answer(R"({"code":0,"data":[]})")).code == "transport_envelope");
    CHECK(failure(answer(R"({"code":"zero","data":{"list":[]}})")).code == "transport_envelope");
    for (const char* data : {R"({})", R"({"list":{}})", R"({"list":""})", R"({"list":[7]})",
                             R"({"list":[],"nextCursor":{}})", R"({"list":[],"nextCursor":true})"}) {
        CAPTURE(data);
        CHECK(failure(answer("{\"code\":0,\"data\":" + std::string(data) + "}")).code == "unexpected_answer");
    }
    CHECK(failure(
              answer("{\"code\":0,\"data\":{\"list\":[],\"nextCursor\":\"" + std::string(5000, 'c') + "\"}}"))
              .code == "unexpected_answer");
    const auto page = std::get<WindowPage>(list().read({}, answer(R"({"code":0,"data":{"list":null}})")));
    CHECK(page.rows.empty());
    CHECK(page.next.empty());
}

TEST_CASE("the documentation's example page", "[tanma]") {
    const auto page = std::get<WindowPage>(list().read({}, answer(kSamplePage)));
    REQUIRE(page.rows.size() == 2);
    CHECK(page.next == "AAAAAGCaL2kAAAAAAAAAAAAAAAAAAAn8");
    Drift drift;
    const auto person = list().to_lead(page.rows[0], 5, drift);
    CHECK(lead::lead_id(person.source) == "tanma:wwdemo0000000000:410983932389440");
    CHECK(person.kind == "person");
    CHECK(person.person_name == "N");
    CHECK(person.remark == "u IE");
    CHECK(person.status.raw == "false");
    REQUIRE(person.phones.size() == 1);
    CHECK(person.phones[0].raw == "145678388");
    CHECK_FALSE(person.phones[0].valid);
    REQUIRE(person.intent.size() == 1);
    CHECK(person.intent[0].value.label == "new");
    CHECK(person.source.version == *base::parse_china_text("2021-05-11 15:15:48"));
    CHECK(person.answers.empty());
    const auto company = list().to_lead(page.rows[1], 5, drift);
    CHECK(company.kind == "company");
    CHECK(company.company.id == "410948476397632");
    CHECK(company.company.name == "uuu");
    CHECK(company.tags == std::vector<std::string>{"t1", "t2"});
    CHECK(company.intent[0].value.label.empty());
    CHECK(company.source.version == *base::parse_china_text("2021-05-11 19:58:21"));
    CHECK(company.created.raw == "2021-05-11 15:16:57");
    CHECK(company.phones[0].e164 == "+8617893883939");
    CHECK(company.extra.empty());
    CHECK(drift.empty());
}

TEST_CASE("field types of Tanma", "[tanma]") {
    Drift drift;
    const auto lead = lead_of(
        R"({"customerId":"9007199254740993","type":1,"isClue":true,"fields":[
{"field":"gender","type":2,"valueAsText":"2"},{"field":"birthday","type":3,"valueAsText":"1990-01-02"},
{"field":"email","type":1,"valueAsText":"a@example.com"},{"field":"weixin","type":1,"valueAsText":"wx"},
{"field":"corp_name","type":1,"valueAsText":"Corp"},{"field":"customer_source","type":2,"valueAsText":"4"},
{"field":"colour","type":6,"valueAsText":"[\"1\",\"2\",\"9\"]"},{"field":"amount","type":4,"valueAsText":"12.50"},
{"field":"long","type":5,"valueAsText":"a\nb"},{"field":"visit","type":7,"valueAsText":"2021-05-11 15:16:57"},
{"field":"tel","type":8,"valueAsText":"[\"13800138000\",\"13800138001\"]"},
{"field":"mobile","type":8,"valueAsText":"13800138000"},{"field":"future","type":99,"valueAsText":"?"},
{"field":"name","type":1,"valueAsText":"A"},{"field":"name","type":1,"valueAsText":"B"},
{"field":"odd","type":1,"valueAsText":"v","more":[1]},{"field":"list","type":1,"valueAsText":["x"]},
{"valueAsText":"nameless"},"text"]})",
        drift);
    CHECK(lead.source.lead_id == "9007199254740993");
    CHECK(lead.status.label == "\u7ebf\u7d22");
    CHECK(lead.gender.label == "female");
    CHECK(lead.birthday == "1990-01-02");
    CHECK(lead.email == "a@example.com");
    CHECK(lead.wechat == "wx");
    CHECK(lead.company.name == "Corp");
    CHECK(lead.channel.raw == "4");
    CHECK(lead.person_name == "A");
    REQUIRE(lead.phones.size() == 2);  // the same number in two fields counts once
    std::map<std::string, lead::Answer> answers;
    for (const auto& answer : lead.answers) answers[answer.code] = answer;
    CHECK(answers["colour"].label == "red, blue");
    CHECK(answers["colour"].value == R"(["1","2","9"])");
    CHECK(answers["amount"].value == "12.50");
    CHECK(answers["long"].value == "a\nb");
    CHECK(answers["visit"].value == "2021-05-11 15:16:57");
    CHECK(answers["tel"].value == "138****8000, 138****8001");
    CHECK(answers["future"].value == "?");
    CHECK(answers["name"].value == "B");
    CHECK(answers["odd"].value == "v");
    CHECK(answers["list"].value == R"(["x"])");
    CHECK(codec::dump_json(lead.extra) ==
          R"({"fields":[{"field":"odd","more":[1]},{"valueAsText":"nameless"},"text"]})");
    CHECK(drift == Drift{{"fields (shape)", 2}, {"fields.more", 1}, {"fields.type 99", 1}});
}

TEST_CASE("rows of unexpected shapes lose nothing", "[tanma]") {
    Drift drift;
    const auto lead = lead_of(R"({"customerId":{},"type":7,"isClue":"maybe","fields":{"a":1},"tagIds":"t",)"
                              R"("companyInfo":{"id":1,"name":"n","x":2},"lastUpdateTime":"soon","novel":1})",
                              drift);
    CHECK(lead.source.lead_id.substr(0, 7) == "sha256-");
    CHECK(lead.source.version == 0);
    CHECK(lead.kind == "company");
    CHECK(codec::dump_json(lead.extra) ==
          R"({"companyInfo":{"id":1,"name":"n","x":2},"customerId":{},"fields":{"a":1},"isClue":"maybe",)"
          R"("novel":1,"tagIds":"t","type":7})");
    CHECK(drift.size() == 7);
    CHECK(lead_of("{}").source.lead_id != lead_of(R"({"a":1})").source.lead_id);
    CHECK(lead_of("[1]").extra["row"] == json("[1]"));
}

TEST_CASE("the vendor's sample push", "[tanma]") {
    const std::string body =
        "5TMVT8H4yTSSoING+afhRlGcCZAIxTs8Z7o3vGpid6tF2aF7C73uZ44qMopuNPCFmwOLOJ8xViCTHUfe/"
        "xYZSb71/VRSEDeIqqwN4eg=";
    const auto got = door({vendor()}).receive(push(vendor(), body, 1596681164807), 1596681164807);
    REQUIRE(std::holds_alternative<Delivery>(got));
    const auto& delivery = std::get<Delivery>(got);
    CHECK(delivery.reply.status == 200);
    CHECK(delivery.reply.body == R"({"code":0,"message":"ok","noise":4970601478527096155})");
    CHECK(delivery.what == "register");
    CHECK(delivery.leads.empty());
    CHECK_FALSE(delivery.keep_raw);
    CHECK(delivery.replay_key == "scrm/register/999");
    CHECK(delivery.replay_until == 1596681164807 + base::kDay);
}

TEST_CASE("pushed customers become leads", "[tanma]") {
    const std::string customer =
        R"({"customerId":410983932389440,"name":"N","mobiles":["13800138000",null],"qq":"1"})";
    for (const std::string& content : {customer, codec::dump_json(Json(customer)), "[" + customer + "]"}) {
        CAPTURE(content);
        const auto delivery =
            delivered(R"({"noise":-9223372036854775808,"msgId":"m1","type":"edit_qw_customer","content":)" +
                      content + "}");
        REQUIRE(delivery.leads.size() == 1);
        const auto& lead = delivery.leads.front();
        CHECK(lead::lead_id(lead.source) == "tanma:corp:410983932389440");
        CHECK(lead.source.version == kNow);
        CHECK(lead.person_name == "N");
        CHECK(lead.phones.size() == 1);
        CHECK(lead.extra["qq"] == "1");
        CHECK(delivery.unknown == Drift{{"qq", 1}});
        CHECK_FALSE(delivery.keep_raw);
        CHECK(delivery.reply.body == R"({"code":0,"message":"ok","noise":-9223372036854775808})");
    }
    // The list's form of a fresh customer is the newer one.
    const auto fresh =
        delivered(R"({"noise":1,"msgId":2,"type":"new_qw_customer","content":)" + customer + "}");
    CHECK(fresh.leads.at(0).source.version == kNow - 600'000);
    const auto other = delivered(R"({"noise":"1","type":"tag_info","content":{"tag":1}})");
    CHECK(other.leads.empty());
    CHECK(other.keep_raw);
    CHECK(other.replay_key.size() > 32);
    CHECK(other.reply.body == R"({"code":0,"message":"ok","noise":"1"})");
    CHECK(delivered(R"({"type":"x","noise":0,"content":[{"customerId":1},{}]})").keep_raw);
    CHECK(delivered(R"({"type":"verify","noise":0,"content":{"customerId":1}})").leads.empty());
    // A WeCom contact that is no customer yet.
    const auto contact = delivered(
        R"({"type":"new_qw_customer","noise":7,"msgId":3,"content":{"externalUserId":"wmFake1","unionId":null,)"
        R"("qwUserId":"sales1","mobiles":null,"wechatNickname":"Nick","wechatAvatar":"https://a.example/a"}})");
    REQUIRE(contact.leads.size() == 1);
    CHECK(contact.leads[0].source.lead_id == "wmFake1");
    CHECK(contact.leads[0].source.version == kNow);
    CHECK(contact.leads[0].nick == "Nick");
    CHECK(contact.leads[0].owner.id == "sales1");
    CHECK(contact.leads[0].extra["wechatAvatar"] == "https://a.example/a");
}

TEST_CASE("pushes that are not taken", "[tanma]") {
    const auto at = door({demo()});
    const std::string body = encrypted(demo(), R"({"type":"register","noise":1})");
    const auto with = [&](std::size_t header, const std::string& value) {
        auto incoming = push(demo(), body);
        incoming.headers[header].second = value;
        return incoming;
    };
    CHECK(refused(at, {"POST", "", {}, body}).code == "unsigned");
    CHECK(refused(at, with(0, "other")).code == "wrong_app_id");
    CHECK(refused(at, with(2, "2")).code == "sign_mismatch");
    CHECK(refused(at, with(3, std::string(64, '0'))).code == "sign_mismatch");
    CHECK(refused(at, with(3, "")).code == "unsigned");
    CHECK(refused(at, with(1, std::to_string(kNow + 1))).code == "sign_mismatch");
    CHECK(refused(at, with(3, "0")).reply.status == 401);
    CHECK(json(refused(at, with(3, "0")).reply.body)["code"] == 1002);
    for (const base::Millis off : {-600'001, 600'001}) {
        CHECK(refused(at, push(demo(), body), kNow + off).code == "timestamp_outside_window");
        CHECK(json(refused(at, push(demo(), body), kNow + off).reply.body)["code"] == 1003);
        CHECK(std::holds_alternative<Delivery>(door({demo()}, 0).receive(push(demo(), body), kNow + off)));
    }
    for (const base::Millis off : {-600'000, 600'000})
        CHECK(std::holds_alternative<Delivery>(at.receive(push(demo(), body), kNow + off)));
    // Seconds are not a time of this protocol, whatever the window.
    CHECK(refused(door({demo()}, 0), push(demo(), body, kNow / 1000)).code == "timestamp_outside_window");
    for (const std::string& bad :
         {std::string("***"), std::string(), encrypted(demo(), "hello"), encrypted(demo(), "[]"),
          encrypted(vendor(), "{}"), encrypted(demo(), "{}"), encrypted(demo(), R"({"type":5,"noise":1})"),
          encrypted(demo(), R"({"type":"x"})"), encrypted(demo(), R"({"type":"x","noise":{"a":1}})")}) {
        const auto refusal = refused(at, push(demo(), bad));
        CHECK(refusal.code == "unreadable");
        CHECK(refusal.verified);
        CHECK(refusal.reply.status == 400);
    }
    CHECK(refused(at, push(demo(), std::string((1 << 20) + 1, 'A'))).reply.status == 413);
    CHECK(at.not_stored().status == 500);
    CHECK(refused(door({}), push(demo(), body)).code == "wrong_app_id");
}

TEST_CASE("a former app key is still taken", "[tanma]") {
    auto present = demo();
    present.app_key = crypto::Secret("the-new-fake-key");
    const auto got = door({present, demo()})
                         .receive(push(demo(), encrypted(demo(), R"({"type":"verify","noise":1})")), kNow);
    CHECK(std::holds_alternative<Delivery>(got));
}

TEST_CASE("Tanma's configuration", "[tanma]") {
    const Json secret = json(R"({"env":"N","value":" fake-key\n"})");
    Json entry = codec::object({{"platform", "tanma"}, {"app_id", "ww1_x"}, {"app_key", secret}});
    codec::Problems problems;
    const auto make = [&] {
        problems.clear();
        codec::Settings settings(entry, "sources.scrm", problems);
        settings.accept("platform");
        auto source = tanma::make_source("scrm", settings, {});
        settings.finish();
        return source;
    };
    make();
    REQUIRE(problems.size() == 1);
    CHECK(problems[0].path == "sources.scrm.endpoint");
    entry["endpoint"] = "ftp://host";
    make();
    CHECK(problems.size() == 1);
    entry["endpoint"] = "https://host/apiServer";
    entry["type"] = 2;
    entry["option_labels"] = json(R"({"customer_stage":{"1":"x"}})");
    const auto source = make();
    CHECK(problems.empty());
    CHECK(source->request({0, 1000, "", 10, 0}).body.find("\"type\":2") != std::string::npos);

    const Json all = codec::object({{"scrm", entry}, {"ads", codec::object({{"platform", "alimama"}})}});
    const auto door_of = [&](const Json& endpoint) {
        problems.clear();
        codec::Settings sources(all, "sources", problems);
        codec::Settings settings(endpoint, "endpoints./push", problems);
        auto out = tanma::make_push_endpoint("/push", settings, {}, sources);
        settings.finish();
        return out;
    };
    const auto shared = door_of(json(R"({"source":"scrm","clock_window_s":60})"));
    CHECK(problems.empty());
    const wire::TanmaApp app{"ww1_x", crypto::Secret("fake-key"), "ww1"};
    const auto got = shared->receive(
        push(app, encrypted(app, R"({"type":"edit","noise":1,"content":{"customerId":5}})")), kNow);
    REQUIRE(std::holds_alternative<Delivery>(got));
    CHECK(lead::lead_id(std::get<Delivery>(got).leads.at(0).source) == "tanma:ww1:5");
    CHECK(std::get<Delivery>(got).leads.at(0).source.name == "scrm");
    door_of(json(R"({"source":"nope"})"));
    CHECK(problems.size() == 1);
    door_of(json(R"({"source":"ads"})"));
    CHECK(problems.size() == 1);
    door_of(json("{}"));
    CHECK(problems.size() == 2);  // app_id, app_key
}
