// The vectors of tests/vectors come from the official checker; here are the rules one by one (docs/protocols/spi.md).
#include "wire/spi.h"

#include <algorithm>
#include <catch2/catch.hpp>
#include <string>

#include "base/text.h"
#include "crypto/digest.h"

using namespace leadbridge;
using wire::Params;
using wire::SpiBody;
using wire::SpiCheck;

namespace {

const std::string kSecret = "fake-secret-1";

struct Call {
    std::string query = "app_key=1&timestamp=2023-09-05+16%3A00%3A00";
    effect::Headers headers = {{"Content-Type", "application/json;charset=UTF-8"}};
    std::string body = "{}";
};

wire::TopApp app_with(const std::string& secret = kSecret, const std::string& previous = "") {
    wire::TopApp app;
    app.app_secret = crypto::Secret(secret);
    app.previous_app_secret = crypto::Secret(previous);
    return app;
}

SpiCheck check(const Call& call, const wire::TopApp& app = app_with()) {
    return wire::check_spi({call.query, &call.headers, call.body}, app);
}

// What the platform would send.
Call sign(Call call, const std::string& secret = kSecret) {
    call.query += (call.query.empty() ? "sign=" : "&sign=") + check(call, app_with(secret)).expected;
    return call;
}

Call with_type(const std::string& type, const std::string& body = "{}") {
    Call call;
    call.headers = {{"Content-Type", type}};
    call.body = body;
    return call;
}

// The base string behind app_key and before timestamp, where the tests put their parameters.
std::string middle(const SpiCheck& checked) {
    const std::string before = "app_key1";
    const std::string after = "timestamp2023-09-05 16:00:00";
    const auto from = checked.base_string.find(before);
    const auto to = checked.base_string.find(after);
    REQUIRE(from == 0);
    REQUIRE(to != std::string::npos);
    return checked.base_string.substr(before.size(), to - before.size());
}

std::string middle_of_query(const std::string& pairs, const std::string& type = "application/json") {
    Call call = with_type(type, type == "application/json" ? "{}" : "");
    call.query += "&" + pairs;
    return middle(check(call));
}

std::string middle_of_form(const std::string& body, const std::string& pairs = "") {
    Call call = with_type("application/x-www-form-urlencoded", body);
    if (!pairs.empty()) call.query += "&" + pairs;
    return middle(check(call));
}

}  // namespace

TEST_CASE("a signed call is accepted, and says what it holds", "[spi]") {
    const SpiCheck checked = check(sign({}));
    CHECK(checked.valid);
    CHECK(checked.code.empty());
    CHECK(checked.reason.empty());
    CHECK(checked.kind == SpiBody::json);
    CHECK(checked.body == "{}");
    CHECK(checked.base_string == "app_key1timestamp2023-09-05 16:00:00{}");
    CHECK(checked.expected == base::hex_upper(crypto::md5(kSecret + checked.base_string + kSecret)));
    CHECK(checked.given == checked.expected);
    CHECK_FALSE(checked.by_previous_secret);
    CHECK(checked.params ==
          Params{{"app_key", "1"}, {"sign", checked.given}, {"timestamp", "2023-09-05 16:00:00"}});
    CHECK(wire::spi_param(checked.params, "app_key") == "1");
    CHECK(wire::spi_param(checked.params, "App_key").empty());
    CHECK(wire::spi_body_name(checked.kind) == "json");
}

TEST_CASE("every refusal has its code, and no reason tells the secret or the sign", "[spi]") {
    const Call good = sign({});
    const std::string expected = check(good).expected;
    const auto refused = [&](const Call& call, const std::string& code) {
        const SpiCheck checked = check(call);
        INFO(code);
        CHECK_FALSE(checked.valid);
        CHECK(checked.code == code);
        CHECK_FALSE(checked.reason.empty());
        CHECK(checked.reason.find(kSecret) == std::string::npos);
        CHECK(checked.reason.find(expected) == std::string::npos);
    };
    Call call = good;
    call.query.clear();
    refused(call, "no_query");
    for (const char* type : {"text/json", "multipart/form-data; boundary=x", "application/octet-stream",
                             "json", "Application/JSON;charset=GBK"}) {
        call = good;
        call.headers = {{"Content-Type", type}};
        refused(call, "content_type");
    }
    call.headers.clear();
    refused(call, "no_content_type");
    call.headers = {{"Content-Type", " "}};
    refused(call, "no_content_type");
    for (const char* type : {"application/json;charset=\"utf-8\"", "application/json;charset=big5",
                             "text/plain; charset=utf-8 x"}) {
        call.headers = {{"Content-Type", type}};
        refused(call, "charset");
    }
    for (const char* pair : {"&a=%zz", "&a=%", "&a=%4", "&a=%-1", "&%=1", "&a=%E5%"}) {
        call = good;
        call.query += pair;
        refused(call, "bad_escape");
    }
    call = sign(with_type("application/x-www-form-urlencoded", ""));
    call.body = "a=%zz";
    refused(call, "bad_escape");
    call = good;
    call.headers.emplace_back("top-sign-list", "x-a");
    call.headers.emplace_back("x-a", "%G0");
    refused(call, "bad_escape");
    call = good;
    for (int i = 0; i < 1000; ++i) call.query += "&";
    refused(call, "too_many_params");
    refused({}, "sign_missing");
    call = {};
    call.query += "&sign=";
    refused(call, "sign_missing");
    call = good;
    call.body = "{ }";
    refused(call, "sign_mismatch");
    call = good;
    call.query += "&a=";
    refused(call, "sign_mismatch");
    call = good;
    call.query = base::lower_ascii(call.query);
    refused(call, "sign_lower_case");
    call = {};
    call.body = "{\"sign\":\"X\"}";
    refused(call, "sign_in_body");
    refused(with_type("application/x-www-form-urlencoded", "a=1&sign=X"), "sign_in_body");
    refused(with_type("text/xml", "<request><sign>X</sign></request>"), "sign_in_body");

    const SpiCheck no_headers = wire::check_spi({good.query, nullptr, good.body}, app_with());
    CHECK(no_headers.code == "no_content_type");
}

TEST_CASE("two secrets are live during a rotation, an empty one never is", "[spi]") {
    const Call now = sign({}, "new");
    const Call before = sign({}, "old");
    CHECK(check(now, app_with("new", "old")).valid);
    CHECK_FALSE(check(now, app_with("new", "old")).by_previous_secret);
    const SpiCheck checked = check(before, app_with("new", "old"));
    CHECK(checked.valid);
    CHECK(checked.by_previous_secret);
    CHECK_FALSE(check(before, app_with("new")).valid);
    const SpiCheck third = check(sign({}, "third"), app_with("new", "old"));
    CHECK(third.code == "sign_mismatch");
    CHECK_FALSE(third.by_previous_secret);
    CHECK_FALSE(check(sign({}, ""), app_with("new", "")).valid);
    CHECK_FALSE(check(sign({}, ""), app_with("", "old")).valid);
    CHECK_FALSE(check(sign({}, ""), app_with("", "")).valid);
    Call lower = before;
    lower.query = base::lower_ascii(lower.query);
    const SpiCheck in_lower_case = check(lower, app_with("new", "old"));
    CHECK(in_lower_case.code == "sign_lower_case");
    CHECK_FALSE(in_lower_case.by_previous_secret);
}

TEST_CASE("query pairs", "[spi]") {
    CHECK(middle_of_query("b=1") == "b1");
    CHECK(middle_of_query("b=&c&d=0") == "bcd0");
    CHECK(middle_of_query("b=1&b=2") == "b2");
    CHECK(middle_of_query("b=1+2%2B3%20") == "b1 2+3 ");
    CHECK(middle_of_query("b=x=y").empty());
    CHECK(middle_of_query("b=x=y=%zz").empty());
    CHECK(middle_of_query("b=x=") == "bx");
    CHECK(middle_of_query("b==") == "b");
    CHECK(middle_of_query("b==x").empty());
    CHECK(middle_of_query("b=x%3Dy") == "bx=y");
    CHECK(middle_of_query("&&b=1&") == "b1");
    CHECK(middle_of_query("=&==").empty());
    CHECK(middle_of_query("b=%E5%BC%A0%F0%9F%98%80") == "b\u5F20\U0001F600");
    CHECK(middle_of_query("b=\u5F20") == "b\u5F20");
    CHECK(middle_of_query("b=%+F%-0") == std::string("b\x0F\0", 3));
    CHECK(middle_of_query("b=%00") == std::string("b\0", 2));
    Call call;
    call.query += "&=x";
    CHECK(check(call).base_string.substr(0, 9) == "xapp_key1");
    // Sorted as UTF-16: U+1F600 before U+FF5E.
    CHECK(middle_of_query("k%EF%BD%9E=1&k%F0%9F%98%80=2") ==
          "k\U0001F600"
          "2k\uFF5E"
          "1");
}

TEST_CASE("form fields", "[spi]") {
    CHECK(middle_of_form("b=1&c=2") == "b1c2");
    CHECK(middle_of_form("b=1&b=2") == "b1");  // here the first of two counts
    CHECK(middle_of_form("b=1", "b=q") == "bq");
    CHECK(middle_of_form("b=&c=++&d&e=%E3%80%80") == "bcde");
    CHECK(middle_of_form("b=+1+") == "b 1 ");
    CHECK(middle_of_form("b=x=y&&c=z=") == "bx=ycz=");
    CHECK(middle_of_form("").empty());
    // The container's parameters still hold what vanished from the query.
    CHECK(middle_of_form("b=2", "b=x=y") == "bx=y");
    CHECK(middle_of_form("c=2", "b==x") == "b=xc2");
    // Never beside a JSON body.
    CHECK(middle_of_query("b=x=y").empty());
    const SpiCheck checked = check(with_type("application/x-www-form-urlencoded", "b=1"));
    CHECK(checked.kind == SpiBody::form);
    CHECK(checked.body.empty());
}

TEST_CASE("many parameters, and names that differ in the last byte only", "[spi]") {
    const auto form = [](int count, const std::string& head) {
        std::string body;
        for (int i = count; i > 0; --i) body += head + std::to_string(100'000 + i) + "=v&";
        return with_type("application/x-www-form-urlencoded", body);
    };
    CHECK(check(form(100'000, "n")).code == "too_many_params");
    const Call call = sign(form(900, std::string(1000, 'n')));
    const SpiCheck checked = check(call);
    CHECK(checked.valid);
    CHECK(checked.params.size() == 903);
    CHECK(std::is_sorted(checked.params.begin(), checked.params.end()));
}

TEST_CASE("headers named by top-sign-list", "[spi]") {
    const auto signed_with = [](const std::string& list, const effect::Headers& more,
                                const std::string& pairs = "") {
        Call call;
        call.query += pairs;
        call.headers.emplace_back("Top-Sign-List", list);
        call.headers.insert(call.headers.end(), more.begin(), more.end());
        return middle(check(call));
    };
    CHECK(signed_with("b-1,b-2", {{"b-1", "x"}, {"b-2", "y"}}) == "b-1xb-2y");
    CHECK(signed_with("b-1", {{"B-1", "x"}}) == "b-1x");
    CHECK(signed_with("b-1,b-2,,", {{"b-1", "x"}}) == "b-1xb-2");
    CHECK(signed_with("b-1", {{"b-1", "a+b%2B%E5%BC%A0"}}) == "b-1a b+\u5F20");
    CHECK(signed_with("b-1", {{"b-1", " "}}) == "b-1");
    CHECK(signed_with("b-1", {{"b-1", "h"}}, "&b-1=q") == "b-1q");
    CHECK(signed_with("", {{"b-1", "x"}}).empty());
    CHECK(signed_with(" ", {{"b-1", "x"}}).empty());
    CHECK(signed_with(",", {{"b-1", "x"}}).empty());
    CHECK(signed_with("b-1,b-1", {{"b-1", "x"}}) == "b-1x");
    Call call;
    call.headers.emplace_back("top-sign-list", "X-A, x-b");
    call.headers.emplace_back("x-a", "1");
    call.headers.emplace_back("x-b", "2");
    CHECK(check(call).base_string.substr(0, 12) == " x-bX-A1app_");  // the blank belongs to the name
    // A sign among the headers does not count.
    call = {};
    const std::string expected = check(call).expected;
    call.headers.emplace_back("top-sign-list", "sign");
    call.headers.emplace_back("sign", expected);
    CHECK(check(call).expected == expected);
    CHECK(check(call).code == "sign_missing");
}

TEST_CASE("content types and charsets", "[spi]") {
    const auto kind = [](const std::string& type) { return check(with_type(type)).kind; };
    CHECK(kind("application/json") == SpiBody::json);
    CHECK(kind("application/json-patch") == SpiBody::json);
    CHECK(kind("text/xml; charset=utf-8") == SpiBody::xml);
    CHECK(kind("application/xml") == SpiBody::xml);
    CHECK(kind("text/plain;x=1;charset=GBK") == SpiBody::text);
    CHECK(kind("application/x-www-form-urlencoded") == SpiBody::form);
    CHECK(kind("Application/JSON; Charset=UTF-8") == SpiBody::json);
    CHECK(kind("TEXT/PLAIN") == SpiBody::text);
    CHECK(kind("Application/XML") == SpiBody::none);
    CHECK(kind("Text/Plain; charset=gbk") == SpiBody::none);

    const auto body = [](const std::string& type) { return check(with_type(type, "\xD5\xC5")).body; };
    for (const char* gbk : {"GBK", "gbk", "gb2312", "CP936", " gbk "})
        CHECK(body("application/json; charset=" + std::string(gbk)) == "\u5F20");
    for (const char* utf8 :
         {"; charset=utf8", ";charset=UTF-8", ";charset=", ";charset", "; Charset=gbk", ""})
        CHECK(body("application/json" + std::string(utf8)) == "\uFFFD\uFFFD");
}

TEST_CASE("GBK rules query, headers, form and what is hashed", "[spi]") {
    const std::string zhang = "\xD5\xC5";
    Call call = with_type("application/json;charset=GBK", "{\"n\":\"" + zhang + "\"}");
    call.query += "&b=%D5%C5";
    call.headers.emplace_back("top-sign-list", "c");
    call.headers.emplace_back("c", "%D5%C5");
    const SpiCheck checked = check(sign(call));
    CHECK(checked.valid);
    CHECK(checked.base_string ==
          "app_key1b" + zhang + "c" + zhang + "timestamp2023-09-05 16:00:00" + call.body);
    CHECK(wire::spi_param(checked.params, "b") == "\u5F20");
    CHECK(wire::spi_param(checked.params, "c") == "\u5F20");
    CHECK(checked.body == "{\"n\":\"\u5F20\"}");

    call = with_type("application/x-www-form-urlencoded;charset=gbk", "b=%D5%C5&c=" + zhang + "&d=%81A");
    const SpiCheck form = check(sign(call));
    CHECK(form.valid);
    CHECK(middle(form) == "b" + zhang + "c" + zhang +
                              "d\x81"
                              "A");
    CHECK(wire::spi_param(form.params, "c") == "\u5F20");

    // Malformed: U+FFFD for us, '?' where it is hashed. In the query each run of %XX stands alone.
    call = with_type("text/plain;charset=GBK", "a\x81");
    call.query += "&b=%81A";
    const SpiCheck malformed = check(sign(call));
    CHECK(malformed.valid);
    CHECK(malformed.body == "a\uFFFD");
    CHECK(middle(malformed) == "b?A");
    CHECK(malformed.base_string.substr(malformed.base_string.size() - 2) == "a?");
    // The secret is written in the charset too.
    CHECK(check(sign(call, "\u5F20"), app_with("\u5F20")).expected ==
          base::hex_upper(crypto::md5(zhang + malformed.base_string + zhang)));
}

TEST_CASE("invalid UTF-8 is replaced as Java does before hashing", "[spi]") {
    const auto body = [](const std::string& bytes) {
        const SpiCheck checked = check(with_type("application/json", bytes));
        CHECK(checked.base_string == "app_key1timestamp2023-09-05 16:00:00" + checked.body);
        return checked.body;
    };
    const std::string r = "\uFFFD";
    CHECK(body("\xEF\xBB\xBF{}") == "\xEF\xBB\xBF{}");
    CHECK(body("\xFF\xFE") == r + r);
    CHECK(body("a\xE5\xBC") == "a" + r);
    CHECK(body("\xE5\xBCz") == r + "z");
    CHECK(body("\xE5z") == r + "z");
    CHECK(body("\xC0\x80") == r + r);
    CHECK(body("\xE0\x80\x80") == r + r + r);
    CHECK(body("\xED\xA0\x80") == r);
    CHECK(body("\xF0\x9F\x98z") == r + "z");
    CHECK(body("\xF0\x80\x80\x80") == r + r + r + r);
    CHECK(body("\xF4\x90\x80\x80") == r + r + r + r);
    CHECK(body("\xF5z") == r + "z");
    CHECK(body("\xF0\x9F\x98\x80\xED\x9F\xBF") == "\U0001F600\xED\x9F\xBF");
    Call call;
    call.query += "&b=%FF%E5";
    CHECK(middle(check(call)) == "b" + r + r);
    CHECK(check(sign(call)).valid);
}

TEST_CASE("the clock window is open in both directions", "[spi]") {
    const base::Millis signed_at = *base::parse_china_text("2023-09-05 16:00:00");
    const auto at = [&](base::Millis shift, const std::string& timestamp = "2023-09-05 16:00:00",
                        std::int64_t window_s = 600) -> std::string {
        const auto status = wire::check_spi_time({{"timestamp", timestamp}}, signed_at + shift, window_s);
        return status ? "" : status.error().code;
    };
    CHECK(at(0).empty());
    CHECK(at(600'000).empty());
    CHECK(at(600'001) == "timestamp_old");
    CHECK(at(-600'000).empty());
    CHECK(at(-600'001) == "timestamp_future");
    CHECK(at(base::kDay, "2023-09-05 16:00:00", 0).empty());
    CHECK(at(0, "nonsense", 0).empty());
    CHECK(at(0, "") == "timestamp_missing");
    for (const char* text :
         {"2023-09-05T16:00:00", "2023-09-05 16:00", "2023/09/05 16:00:00", "2023-13-05 16:00:00",
          "2023-09-05 16:00:00Z", " 2023-09-05 16:00:00", "1693900800000", "1693900800"}) {
        INFO(text);
        CHECK(at(0, text) == "timestamp_unreadable");
    }
    CHECK(at(0, "9999-12-31 23:59:59", INT64_MAX) == "timestamp_future");
    CHECK(wire::check_spi_time({}, signed_at, 600).error().code == "timestamp_missing");
    const auto milliseconds = wire::check_spi_time({{"timestamp", "1693900800000"}}, signed_at, 600);
    CHECK(milliseconds.error().reason.find("milliseconds") != std::string::npos);
    CHECK(milliseconds.error().reason.find("yyyy-MM-dd HH:mm:ss") != std::string::npos);
}

TEST_CASE("a replay has the same key, however it is dressed up", "[spi]") {
    const Call call = sign({});
    const std::string key = wire::spi_replay_key(check(call));
    CHECK(key.size() == 32);
    CHECK(key.find(check(call).given) == std::string::npos);
    const auto same = [&](const Call& other) {
        const SpiCheck checked = check(other);
        CHECK(checked.valid);
        CHECK(wire::spi_replay_key(checked) == key);
    };
    same(call);
    Call other = call;
    other.query += "&b=x=y&&=";  // vanishes
    same(other);
    other = call;
    other.query = "timestamp=2023-09-05%2016:00:00&sign=ignored&" + call.query;
    same(other);
    other = call;
    other.headers = {{"content-type", "text/plain;charset=gbk"}, {"x-more", "1"}};
    same(other);
    other = call;
    other.query =
        "app_key=1timestamp2023-09-05+16%3A00%3A00&sign=" + check(call).given;  // the same text, split anew
    same(other);
    other = {};
    other.body = "{\"a\":1}";
    CHECK(wire::spi_replay_key(check(sign(other))) != key);
    CHECK(wire::spi_replay_key(check(sign({}, "another"), app_with("another"))) != key);
}
