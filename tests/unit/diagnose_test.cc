#include "wire/diagnose.h"

#include <algorithm>
#include <catch2/catch.hpp>
#include <functional>
#include <string>
#include <vector>

#include "base/gbk.h"
#include "base/text.h"
#include "crypto/digest.h"

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

TEST_CASE("a hundred thousand parameters are no hundred thousand tries", "[diagnose]") {
    wire::SignedCall call;
    call.secret = crypto::Secret("s");
    for (int i = 0; i < 100'000; ++i) call.params.emplace_back("name" + std::to_string(i), "v");
    CHECK(wire::diagnose(call, "00", {}).empty());
}

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

// ---- every protocol ---------------------------------------------------------------------------------------
namespace {

std::vector<std::string> causes_of(const SignedCall& call, const std::string& given,
                                   const std::vector<crypto::Secret>& others = {}) {
    std::vector<std::string> found;
    for (const auto& cause : diagnose(call, given, others)) {
        found.push_back(cause.code);
        CHECK(cause.detail.find(base::trim(call.secret.use())) == std::string::npos);
    }
    return found;
}

std::string upper(const std::string& digest) { return base::hex_upper(digest); }
std::string lower(const std::string& digest) { return base::hex_lower(digest); }

const std::string kChinese = "\xE5\xBC\xA0\xE4\xB8\x89";  // two characters
const std::string kJson = "{\n  \"name\": \"" + kChinese + "\", \"url\": \"a/b\", \"age\": [1, 2]\n}";

SignedCall spi_call() {
    SignedCall call{Protocol::spi, SignMethod::md5, crypto::Secret(kSecret), {}, std::nullopt};
    call.params = {{"timestamp", "2022-05-03 17:44:28"},
                   {"app_key", "12"},
                   {"Name", kChinese},
                   {"empty", ""},
                   {"plus", "a+b c"},
                   {"sign", "x"}};
    call.body = kJson;
    return call;
}
SignedCall tanma_call() {
    return {Protocol::tanma,
            SignMethod::md5,
            crypto::Secret(kSecret),
            {{"app_id", "ww12_Ab"}, {"timestamp", "1620717417000"}},
            kJson};
}
SignedCall push_call() {
    return {Protocol::tanma_push,
            SignMethod::md5,
            crypto::Secret(kSecret),
            {{"app_id", "ww12_Ab"}, {"version", "1"}, {"timestamp", "1620717417000"}},
            std::string("Ym9keQ==")};
}

}  // namespace

TEST_CASE("each usual mistake in a platform's call is named", "[diagnose]") {
    const SignedCall call = spi_call();
    const std::string zone = "timestamp2022-05-03 17:44:28";
    const std::string head = "Name" + kChinese + "app_key12empty";
    const std::string right = head + "plusa+b c" + zone;
    const auto md5 = [](const std::string& text, const std::string& secret = kSecret) {
        return upper(crypto::md5(secret + text + secret));
    };
    REQUIRE(sign_of(call) == md5(right + kJson));
    REQUIRE(causes_of(call, sign_of(call)).empty());
    const std::string compact = "{\"name\":\"" + kChinese + "\",\"url\":\"a/b\",\"age\":[1,2]}";
    const std::vector<std::pair<std::string, std::string>> rows = {
        {base::lower_ascii(md5(right + kJson)), "lower_case"},
        {upper(crypto::hmac_md5(kSecret, right + kJson)), "other_method"},
        {upper(crypto::hmac_sha256(kSecret, right + kJson)), "other_method"},
        {upper(crypto::md5(right + kJson + kSecret)), "other_method"},
        {upper(crypto::md5(kSecret + right + kJson)), "other_method"},
        {md5(right + kJson, kSecret + "\n"), "secret_line_break"},
        {md5(right + kJson, " " + kSecret), "secret_line_break"},
        {md5(head + "plusa+b ctimestamp2022-05-03 09:44:28" + kJson), "time_zone"},
        {md5(head + "plusa b c" + zone + kJson), "plus_and_space"},
        {md5(head + "plusa+b+ctimestamp2022-05-03+17:44:28" + kJson), "plus_and_space"},
        {md5(head + "plusa+b%20ctimestamp2022-05-03%2017:44:28" + kJson), "plus_and_space"},
        {md5("Name%E5%BC%A0%E4%B8%89app_key12emptyplusa%2Bb+ctimestamp2022-05-03+17%3A44%3A28" + kJson),
         "signed_encoded"},
        {md5("Name%E5%BC%A0%E4%B8%89app_key12emptyplusa%2Bb%20ctimestamp2022-05-03%2017%3A44%3A28" + kJson),
         "signed_encoded"},
        {md5("Name" + kChinese + "app_key12plusa+b c" + zone + kJson), "empty_value"},
        {md5(zone + "app_key12Name" + kChinese + "emptyplusa+b c" + kJson), "order"},
        {md5("app_key12emptyName" + kChinese + "plusa+b c" + zone + kJson), "order"},
        {md5("Name=" + kChinese + "&app_key=12&empty=&plus=a+b c&timestamp=2022-05-03 17:44:28" + kJson),
         "separators"},
        {md5("Name" + kChinese + "emptyplusa+b c" + zone + kJson), "param_left_out"},
        {md5(right), "body_left_out"},
        {md5(right + kJson + "\n"), "body_line_break"},
        {md5(right + compact), "body_reserialised"},
        {md5(right + "{\"name\": \"" + kChinese + "\", \"url\": \"a/b\", \"age\": [1, 2]}"),
         "body_reserialised"},
        {md5(right + "{\"name\": \"\\u5f20\\u4e09\", \"url\": \"a/b\", \"age\": [1, 2]}"),
         "body_reserialised"},
        {md5(right + "{\"name\":\"" + kChinese + "\",\"url\":\"a\\/b\",\"age\":[1,2]}"), "body_reserialised"},
        {md5(right + "{\"age\":[1,2],\"name\":\"" + kChinese + "\",\"url\":\"a/b\"}"), "body_reserialised"},
        {upper(crypto::md5(kSecret + base::utf8_to_gbk(right + kJson) + kSecret)), "charset_gbk"},
    };
    for (const auto& [given, code] : rows) {
        CAPTURE(code);
        CHECK(causes_of(call, given) == std::vector<std::string>{code});
    }
    SignedCall padded = call;
    padded.body = " " + kJson + "\r\n";
    CHECK(causes_of(padded, md5(right + kJson)) == std::vector<std::string>{"body_trimmed"});
    SignedCall blank = call;
    blank.secret = crypto::Secret(kSecret + "\n");
    CHECK(causes_of(blank, md5(right + kJson)) == std::vector<std::string>{"secret_blank"});
    SignedCall gbk = call;
    gbk.gbk = true;
    CHECK(sign_of(gbk) == upper(crypto::md5(kSecret + base::utf8_to_gbk(right + kJson) + kSecret)));
    CHECK(causes_of(gbk, md5(right + kJson)) == std::vector<std::string>{"charset_utf8"});
    CHECK(causes_of(call, md5("something else")).empty());
}

TEST_CASE("each usual mistake in a call to Tanma is named", "[diagnose]") {
    const SignedCall call = tanma_call();
    const std::string id = "ww12_Ab", at = "1620717417000";
    const auto sha = [](const std::string& text) { return lower(crypto::sha256(text)); };
    REQUIRE(sign_of(call) == sha(id + at + kJson + kSecret));
    const std::vector<std::pair<std::string, std::string>> rows = {
        {upper(crypto::sha256(id + at + kJson + kSecret)), "upper_case"},
        {lower(crypto::hmac_sha256(kSecret, id + at + kJson)), "other_method"},
        {lower(crypto::md5(id + at + kJson + kSecret)), "other_method"},
        {sha(id + at + kJson + kSecret + "\n"), "secret_line_break"},
        {sha(id + "1620746217000" + kJson + kSecret), "time_zone"},
        {sha(id + "1620717417" + kJson + kSecret), "timestamp_unit"},
        {sha(id + "2021-05-11 15:16:57" + kJson + kSecret), "timestamp_unit"},
        {sha(at + id + kJson + kSecret), "order"},
        {sha(id + at + kSecret), "body_left_out"},
        {sha(id + at + kJson + "\n" + kSecret), "body_line_break"},
        {sha(id + at + "{\"name\":\"" + kChinese + "\",\"url\":\"a/b\",\"age\":[1,2]}" + kSecret),
         "body_reserialised"},
        {sha(base::utf8_to_gbk(id + at + kJson) + kSecret), "charset_gbk"},
    };
    for (const auto& [given, code] : rows) {
        CAPTURE(code);
        CHECK(causes_of(call, given) == std::vector<std::string>{code});
    }
    // The secret stands first: that may also be called another method.
    CHECK(contains(causes_of(call, sha(kSecret + id + at + kJson)), "order"));
    SignedCall seconds = call;
    seconds.params[1].second = "1620717417";
    CHECK(causes_of(seconds, sha(id + at + kJson + kSecret)) == std::vector<std::string>{"timestamp_unit"});
}

TEST_CASE("each usual mistake in a push of Tanma is named", "[diagnose]") {
    const SignedCall call = push_call();
    const std::string id = "ww12_Ab", at = "1620717417000";
    const auto sha = [](const std::string& text) { return lower(crypto::sha256(text)); };
    REQUIRE(sign_of(call) == sha(id + "1" + at + kSecret));
    const std::vector<std::pair<std::string, std::string>> rows = {
        {upper(crypto::sha256(id + "1" + at + kSecret)), "upper_case"},
        {lower(crypto::hmac_sha256(kSecret, id + "1" + at)), "other_method"},
        {sha(id + "1" + at + kSecret + " "), "secret_line_break"},
        {sha(id + "1" + "1620717417" + kSecret), "timestamp_unit"},
        {sha(id + at + "1" + kSecret), "order"},
        {sha(id + "1" + at + "Ym9keQ==" + kSecret), "body_signed"},
        {sha(id + at + kSecret), "param_left_out"},
    };
    for (const auto& [given, code] : rows) {
        CAPTURE(code);
        CHECK(causes_of(call, given) == std::vector<std::string>{code});
    }
}

TEST_CASE("another secret, and a secret and a method at once", "[diagnose]") {
    for (const SignedCall& call : {spi_call(), tanma_call(), push_call()}) {
        const std::string text = base_string_of(call);
        SignedCall other = call;
        other.secret = crypto::Secret("another-secret");
        const std::vector<crypto::Secret> others = {crypto::Secret("no"), crypto::Secret("another-secret\n")};
        CHECK(causes_of(call, sign_of(other)).empty());
        CHECK(causes_of(call, sign_of(other), others) == std::vector<std::string>{"other_secret"});
        CHECK(causes_of(call, upper(crypto::hmac_sha256("another-secret", text)), others) ==
              std::vector<std::string>{"other_secret", "other_method"});
        CHECK(causes_of(call, upper(crypto::hmac_sha256(kSecret + "\n", text))) ==
              std::vector<std::string>{"secret_line_break", "other_method"});
    }
}

TEST_CASE("pieces are the base string, and hold no secret", "[diagnose]") {
    for (const auto method :
         {SignMethod::md5, SignMethod::hmac, SignMethod::hmac_sha256, SignMethod::legacy}) {
        for (const SignedCall& one :
             {SignedCall{Protocol::top, method, crypto::Secret(kSecret), kParams, kBody}, spi_call(),
              tanma_call(), push_call()}) {
            std::string text;
            std::size_t secrets = 0;
            for (const auto& piece : pieces_of(one)) {
                text += piece.text;
                secrets += piece.what == "secret" ? 1U : 0U;
                CHECK(piece.text.find(kSecret) == std::string::npos);
            }
            CHECK(text == base_string_of(one));
            if (one.protocol == Protocol::top)
                CHECK(secrets == (method == SignMethod::md5 ? 2U : method == SignMethod::legacy ? 1U : 0U));
        }
    }
}

// Whatever is sent: the right sign is right, and one mistake is found again.
TEST_CASE("random calls: sign, verify, one mistake", "[diagnose]") {
    crypto::RandomStream random("diagnose");
    const auto word = [&random](bool wide) {
        static const std::vector<std::string> kParts = {"a", "Z", "7", "_", " ",     "+",
                                                        "/", "&", "=", "%", kChinese};
        std::string text = "x";
        for (std::uint32_t i = random.below(6); i > 0; --i)
            text += kParts[random.below(wide ? static_cast<std::uint32_t>(kParts.size()) : 4)];
        return text;
    };
    for (int round = 0; round < 400; ++round) {
        const bool spi = random.below(2) == 0;
        SignedCall call{spi ? Protocol::spi : Protocol::top,
                        SignMethod::md5,
                        crypto::Secret(word(false) + "secret"),
                        {},
                        std::nullopt};
        if (!spi)
            call.method = std::vector<SignMethod>{SignMethod::md5, SignMethod::hmac,
                                                  SignMethod::hmac_sha256}[random.below(3)];
        call.params = {{"timestamp", "2022-05-03 17:44:28"}, {"zz", "1"}, {"app_key", "2"}};
        for (std::uint32_t i = random.below(5); i > 0; --i)
            call.params.emplace_back("p" + std::to_string(i) + word(false), word(true));
        if (random.below(2) == 0) call.body = "{\"k\": \"" + word(false) + "\"}";
        const std::string sign = sign_of(call);
        REQUIRE(causes_of(call, sign).empty());
        const SignedCall right = call;
        SignedCall wrong = call;
        std::string code;
        switch (random.below(7)) {
            case 0:
                code = "secret_line_break";
                wrong.secret = crypto::Secret(std::string(call.secret.use()) + "\n");
                break;
            case 1:
                code = "time_zone";
                wrong.params[0].second = "2022-05-03 09:44:28";
                break;
            case 2:
                code = "plus_and_space";
                for (auto& param : wrong.params) param.second = swapped(param.second, ' ', '+');
                break;
            case 3:
                code = "signed_encoded";
                for (auto& param : wrong.params) param.second = base::form_encode(param.second);
                break;
            case 4:
                code = "param_left_out";
                wrong.params.erase(wrong.params.begin() + 1);
                break;
            case 5:
                if (!call.body) continue;
                code = "body_left_out";
                wrong.body.reset();
                break;
            default:
                code = "lower_case";
        }
        const std::string given = code == "lower_case" ? base::lower_ascii(sign) : sign_of(wrong);
        CAPTURE(code, base_string_of(right));
        REQUIRE(contains(causes_of(right, given), code));
    }
}
