#include "wire/diagnose.h"

#include <algorithm>
#include <catch2/catch.hpp>
#include <functional>
#include <string>
#include <vector>

#include "base/text.h"

using namespace leadbridge;
using namespace leadbridge::wire;

namespace {

const std::string kSecret = "fake-app-secret";
const Params kParams = {{"method", "a.b"}, {"timestamp", "2022-05-03 17:44:28"},
                        {"name", "A B+C"}, {"app_key", "1234"},
                        {"pad", " x "},    {"empty", ""}};
const std::string kBody = "{ \"b\": 1, \"a\": 2 }\n";

std::string sign(SignMethod method, const std::string& secret, const std::string& base_string) {
    return top_sign(method, crypto::Secret(secret), base_string);
}
std::string base_of(Params params, std::optional<std::string_view> body = std::nullopt) {
    return top_base_string(params, body);
}
Params changed(const std::function<std::string(std::string)>& change) {
    Params out = kParams;
    for (auto& [name, value] : out) value = change(value);
    return out;
}
Params with(const std::string& name, const std::string& value) {
    Params out = kParams;
    for (auto& pair : out) {
        if (pair.first == name) pair.second = value;
    }
    return out;
}
std::vector<std::string> codes(const std::string& given,
                               const std::optional<std::string>& body = std::nullopt,
                               const std::string& secret = kSecret, SignMethod method = SignMethod::md5) {
    std::vector<std::string> found;
    const SignedCall call{Protocol::top, method, crypto::Secret(secret), kParams, body};
    for (const auto& cause : diagnose(call, given, {})) {
        found.push_back(cause.code);
        CHECK(cause.detail.find(base::trim(secret)) == std::string::npos);
        CHECK(cause.detail.find("A B+C") == std::string::npos);
    }
    return found;
}
bool contains(const std::vector<std::string>& list, const std::string& code) {
    return std::find(list.begin(), list.end(), code) != list.end();
}
std::string swapped(std::string text, char from, char to) {
    std::replace(text.begin(), text.end(), from, to);
    return text;
}

}  // namespace

TEST_CASE("each usual mistake is named", "[diagnose]") {
    const auto md5 = [](const std::string& base_string, const std::string& secret = kSecret) {
        return sign(SignMethod::md5, secret, base_string);
    };
    const std::string right = base_of(kParams);
    const std::vector<std::pair<std::string, std::string>> rows = {
        {base::lower_ascii(md5(right)), "lower_case"},
        {" " + md5(right) + "\n", "lower_case"},
        {sign(SignMethod::hmac, kSecret, right), "other_method"},
        {sign(SignMethod::hmac_sha256, kSecret, right), "other_method"},
        {sign(SignMethod::legacy, kSecret, right), "other_method"},
        {md5(right, kSecret + "\n"), "secret_line_break"},
        {md5(right, kSecret + "\r\n"), "secret_line_break"},
        {md5(right, kSecret + " "), "secret_line_break"},
        {md5(right, kSecret + "\t"), "secret_line_break"},
        {md5(base_of(with("timestamp", "2022-05-03 09:44:28"))), "time_zone"},
        {md5(base_of(with("timestamp", "2022-05-04 01:44:28"))), "time_zone"},
        {md5(base_of(changed([](const std::string& v) { return swapped(v, ' ', '+'); }))), "plus_and_space"},
        {md5(base_of(changed([](const std::string& v) { return swapped(v, '+', ' '); }))), "plus_and_space"},
        {md5(base_of(changed([](const std::string& v) { return base::form_encode(v); }))), "signed_encoded"},
        {md5(base_of(changed([](const std::string& v) { return base::trim(v); }))), "trimmed_values"},
        {md5("app_key1234emptymethoda.bnameA B+Cpad x timestamp2022-05-03 17:44:28"), "empty_value"},
        {md5("methoda.btimestamp2022-05-03 17:44:28nameA B+Capp_key1234pad x "), "order"},
        {md5("app_key=1234&method=a.b&name=A B+C&pad= x &timestamp=2022-05-03 17:44:28"), "separators"},
    };
    for (const auto& [given, code] : rows) {
        CAPTURE(code);
        CHECK(contains(codes(given), code));
    }
}

TEST_CASE("mistakes with the body", "[diagnose]") {
    const auto md5 = [](const std::string& base_string) {
        return sign(SignMethod::md5, kSecret, base_string);
    };
    CHECK(contains(codes(md5(base_of(kParams)), kBody), "body_left_out"));
    CHECK(contains(codes(md5(base_of(kParams, base::trim(kBody))), kBody), "body_trimmed"));
    CHECK(contains(codes(md5(base_of(kParams, R"({"a":2,"b":1})")), kBody), "body_reserialised"));
    CHECK(codes(md5("x"), "not json \xFF").empty());
}

TEST_CASE("the secret given here may be the one with the blank", "[diagnose]") {
    CHECK(contains(codes(sign(SignMethod::md5, kSecret, base_of(kParams)), std::nullopt, kSecret + "\r\n"),
                   "secret_blank"));
}

TEST_CASE("what nothing explains stays unexplained", "[diagnose]") {
    for (const std::string& given :
         {std::string(), std::string("00000000000000000000000000000000"), std::string("not hex"),
          std::string(10'000, 'A'), sign(SignMethod::md5, "another secret", base_of(kParams))}) {
        CHECK(codes(given).empty());
    }
    const SignedCall empty{Protocol::top, SignMethod::hmac_sha256, crypto::Secret(), {}, std::nullopt};
    CHECK(diagnose(empty, "x", {}).empty());
}
