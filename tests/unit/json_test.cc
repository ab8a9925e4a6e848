#include "codec/json.h"

#include <catch2/catch.hpp>
#include <limits>
#include <string>
#include <vector>

using namespace leadbridge::codec;
using namespace std::string_literals;

namespace {
std::string code_of(const std::string& text, const JsonLimits& limits = {}) {
    const auto parsed = parse_json(text, limits);
    return parsed.ok() ? "" : parsed.error().code;
}
std::string text_of(const std::string& number) {
    const auto parsed = parse_json("{\"n\":" + number + "}");
    return parsed.ok() ? member_text(parsed.value(), "n").value_or("(none)") : parsed.error().code;
}
std::string nested(std::size_t depth, bool closed = true) {
    return std::string(depth, '[') + (closed ? std::string(depth, ']') : "");
}
}  // namespace

TEST_CASE("no number loses a digit", "[json]") {
    for (const char* number :
         {"0", "-1", "9007199254740993", "9223372036854775807", "-9223372036854775808", "9223372036854775808",
          "18446744073709551615", "18446744073709551616", "1180591620717411303424", "-9223372036854775809"}) {
        CHECK(text_of(number) == number);
    }
    const std::vector<std::pair<std::string, std::string>> rows = {
        {"0.1", "0.1"},
        {"1.10", "1.1"},
        {"1e3", "1000.0"},
        {"-0.5e-3", "-0.0005"},
        {"123456789.1234567890", "123456789.1234567890"},  // more digits than a double keeps: text
        {"0.1234567890123456", "0.1234567890123456"},
        {"1694076956000.0", "1694076956000.0"},
        {"117.273142", "117.273142"},
        {"117.27314200000001", "117.27314200000001"},
        {"1.38E+10", "13800000000.0"},
        {"1234567890123456789012345678901234567890", "1234567890123456789012345678901234567890"},
    };
    for (const auto& [number, text] : rows) CHECK(text_of(number) == text);
}

TEST_CASE("a number no double can hold is refused or kept, never infinite", "[json]") {
    for (const char* number : {"1e400", "-1e400", "1e99999", "1e-400"}) {
        const std::string text = text_of(number);
        CAPTURE(number, text);
        CHECK((text == "json_malformed" || text == number || text == "0.0" || text == "0"));
        CHECK(text.find("inf") == std::string::npos);
        CHECK(text != "null");
    }
}

TEST_CASE("strict RFC 8259", "[json]") {
    for (const char* good : {"null", "true", "0", "\"\"", "[]", "{}", " [1 , 2] ", "\xEF\xBB\xBF{}",
                             "\"\\u5f20\"", "\"\\ud83d\\ude00\"", "\"\\u0000\"", "[-0]", "\"\x7F\""}) {
        CAPTURE(good);
        CHECK(code_of(good).empty());
    }
    for (const char* bad : {"{",
                            "[1,]",
                            "{\"a\":1,}",
                            "{a:1}",
                            "{'a':1}",
                            "[1 2]",
                            "01",
                            "+1",
                            ".5",
                            "1.",
                            "0x10",
                            "NaN",
                            "Infinity",
                            "nul",
                            "True",
                            "// c\n1",
                            "/* c */1",
                            "\"\\x\"",
                            "\"\\ud800\"",
                            "\"\\udc00\"",
                            "\"\\ud800\\u0041\"",
                            "\"\n\"",
                            "\"\x01\"",
                            "1 2",
                            "{}{}",
                            "{}x",
                            "[1]]",
                            "\xEF\xBB\xBF\xEF\xBB\xBF{}",
                            "{\"a\"}",
                            "{\"a\":}",
                            "{1:2}"}) {
        CAPTURE(bad);
        CHECK(code_of(bad) == "json_malformed");
    }
    for (const char* empty : {"", "  \r\n\t", "\xEF\xBB\xBF"}) CHECK(code_of(empty) == "json_empty");
    for (const std::string& bad :
         {"\"\xFF\""s, "\"\xC0\x80\""s, "\"\xED\xA0\x80\""s, "\xD5\xC5"s, "{\"\xE5\xBC\":1}"s}) {
        CHECK(code_of(bad) == "json_not_utf8");
    }
    CHECK(code_of("\0"s) == "json_malformed");
    CHECK(code_of("{}\0"s) == "json_malformed");
    CHECK(code_of("\xFF\xFE{\0}\0"s) == "json_not_utf8");  // UTF-16
}

TEST_CASE("limits hold at their edge", "[json]") {
    CHECK(code_of(nested(64)).empty());
    CHECK(code_of(nested(65)) == "json_too_deep");
    CHECK(code_of(nested(10'000)) == "json_too_deep");
    CHECK(code_of(nested(1'000'000, false)) == "json_too_deep");
    std::string objects;
    for (int i = 0; i < 10'000; ++i) objects += "{\"a\":";
    CHECK(code_of(objects) == "json_too_deep");
    CHECK(code_of("[[]]", {100, 2}).empty());
    CHECK(code_of("[[[]]]", {100, 2}) == "json_too_deep");
    const std::string ten = "\"12345678\"";
    CHECK(code_of(ten, {10, 1}).empty());
    CHECK(code_of("\xEF\xBB\xBF" + ten, {10, 1}).empty());
    CHECK(code_of(ten + " ", {10, 1}) == "json_too_large");
    CHECK(code_of("\"" + std::string(20U << 20U, 'x') + "\"") == "json_too_large");
    CHECK(code_of("\"" + std::string(7U << 20U, 'x') + "\"").empty());
}

TEST_CASE("errors say where and nothing of the content", "[json]") {
    const auto wrong = parse_json("{\"phone\":\"13800138000\" oops}");
    REQUIRE_FALSE(wrong.ok());
    CHECK(wrong.error().reason.find("byte 2") != std::string::npos);
    CHECK(wrong.error().reason.find("13800138000") == std::string::npos);
    const auto cut = parse_json("{\"phone\":\"1380013");
    CHECK(cut.error().reason.find("truncated after 17") != std::string::npos);
    CHECK(parse_json("{}x").error().reason.find("truncated") == std::string::npos);
}

TEST_CASE("a document cut at any byte is refused", "[json]") {
    const std::string whole =
        R"({"a":[1,-2.5e1,true,null,"\u5f20\n"],"b":{"c":"张"},"d":18446744073709551615})";
    REQUIRE(code_of(whole).empty());
    for (std::size_t n = 0; n < whole.size(); ++n) {
        CAPTURE(n);
        CHECK_FALSE(code_of(whole.substr(0, n)).empty());
    }
    // Any one byte changed: read or refused, never a crash.
    for (std::size_t i = 0; i < whole.size(); ++i) {
        for (const char c : {'\0', '"', '{', ']', '\xFF', '9'}) {
            std::string changed = whole;
            changed[i] = c;
            (void)parse_json(changed);
        }
    }
}

// What nlohmann's own reader says; nothing where it met a number that no double holds, which is text here.
std::optional<bool> nlohmann_reads(const std::string& text) {
    try {
        return !Json::parse(text).is_discarded();
    } catch (const Json::out_of_range&) {
        return std::nullopt;
    } catch (const Json::exception&) {
        return false;
    }
}

TEST_CASE("a hundred thousand damaged documents: read or refused as nlohmann's own reader does", "[json]") {
    const std::string whole =
        R"({"a":[1,-2.5e1,0.5,true,null,"\u5f20\ud83d\ude00\n",[],{}],"b":{"c":"\"\\\/\b"},"d":-9223372036854775808, "e": false })";
    const std::string alphabet = "\"\\{}[],:0123456789.eE+-tfnul \t\n/\x01\x7F\x80\xE5\xBC\xA0\xFF";
    std::uint64_t state = 42;
    const auto below = [&state](std::size_t bound) {
        state = state * 6364136223846793005U + 1442695040888963407U;
        return static_cast<std::size_t>(state >> 33U) % bound;
    };
    int differences = 0;
    for (int i = 0; i < 100'000 && differences < 5; ++i) {
        std::string text = whole;
        for (std::size_t n = 1 + below(3); n > 0; --n) {
            const std::size_t at = below(text.size());
            switch (below(3)) {
                case 0:
                    text[at] = alphabet[below(alphabet.size())];
                    break;
                case 1:
                    text.erase(at, 1 + below(6));
                    break;
                default:
                    text.insert(at, 1, alphabet[below(alphabet.size())]);
            }
        }
        const auto mine = parse_json(text);
        const bool same = mine.ok() == nlohmann_reads(text).value_or(mine.ok()) &&
                          (!mine.ok() || parse_json(dump_json(mine.value())).value() == mine.value());
        if (!same) ++differences;
        if (!same) CHECK(text == "");
    }
}

TEST_CASE("decimals are exact or text", "[json]") {
    for (const char* text : {"0.1", "2.5", "-1.25e3", "123456789012.345", "1e22", "1e-22", "-0.0",
                             "117.273142", "0.1234567890123456", "0.00000000000000001", "1e23", "1e300",
                             "5e-324", "1.7976931348623157e308", "100000000000000000000"}) {
        CAPTURE(text);
        const auto value = parse_json(text).value();
        REQUIRE(value.is_number_float());
        CHECK(value.get<double>() == Json::parse(text).get<double>());
    }
    for (const char* text : {"0.12345678901234567", "9007199254740993.0", "1.7976931348623158e308",
                             "4.9e-324", "1e-400", "1e400", "18446744073709551616", "-9223372036854775809"})
        CHECK(parse_json(text).value() == Json(text));
}

TEST_CASE("a double is written as JavaScript writes it, and stays a double", "[json]") {
    const std::vector<std::pair<double, std::string>> rows = {
        {0.0, "0.0"},
        {-0.0, "-0.0"},
        {1.0, "1.0"},
        {117.273142, "117.273142"},
        {0.1 + 0.2, "0.30000000000000004"},
        {1e15, "1000000000000000.0"},
        {1e20, "100000000000000000000"},  // no integer of 64 bits
        {1e21, "1e+21"},
        {1e-6, "0.000001"},
        {1.5e-7, "1.5e-7"},
        {0x1p-25, "2.9802322387695312e-8"},  // half way between two: the even one
        {5e-324, "5e-324"},
        {1.7976931348623157e308, "1.7976931348623157e+308"}};
    for (const auto& [value, text] : rows) {
        CHECK(dump_json(value) == text);
        const Json back = parse_json(text).value();
        CHECK(back.is_number_float());
        CHECK(back.get<double>() == value);
    }
    CHECK(dump_json(std::numeric_limits<double>::infinity()) == "null");
    CHECK(dump_json(std::numeric_limits<double>::quiet_NaN()) == "null");
}

TEST_CASE("of a name that stands twice the last counts", "[json]") {
    const auto twice = parse_json(R"({"a":1,"b":2,"a":{"c":3}})");
    REQUIRE(twice.ok());
    CHECK(dump_json(twice.value()) == R"({"a":{"c":3},"b":2})");
}

TEST_CASE("members", "[json]") {
    const Json json =
        parse_json(R"({"t":"x","n":7,"neg":-7,"big":9223372036854775808,"f":1.5,"yes":true,"no":"FALSE",
        "one":"1","two":"2","nil":null,"list":[1],"obj":{},"num":" 42 ","minus":"-9223372036854775808"})")
            .value();
    CHECK(member_text(json, "t") == "x");
    CHECK(member_text(json, "n") == "7");
    CHECK(member_text(json, "big") == "9223372036854775808");
    CHECK(member_text(json, "f") == "1.5");
    CHECK(member_text(json, "yes") == "true");
    for (const char* none : {"nil", "absent", "list", "obj"})
        CHECK_FALSE(member_text(json, none).has_value());
    CHECK(member_int(json, "n") == 7);
    CHECK(member_int(json, "neg") == -7);
    CHECK(member_int(json, "num") == 42);
    CHECK(member_int(json, "minus") == INT64_MIN);
    for (const char* none : {"big", "f", "t", "yes", "nil", "absent"})
        CHECK_FALSE(member_int(json, none).has_value());
    CHECK(member_bool(json, "yes") == true);
    CHECK(member_bool(json, "no") == false);
    CHECK(member_bool(json, "one") == true);
    for (const char* none : {"two", "n", "nil", "t"}) CHECK_FALSE(member_bool(json, none).has_value());
    CHECK(member(Json(3), "a").is_null());
    CHECK(member(Json::array(), "a").is_null());
}

TEST_CASE("dump is compact and always valid UTF-8", "[json]") {
    CHECK(dump_json({{"b", "张"}, {"a", {1, 2.5, nullptr}}}) == R"({"a":[1,2.5,null],"b":"张"})");
    CHECK(dump_json("\xFF") == "\"\uFFFD\"");
    CHECK(dump_json("\x01\"\\/") == R"("\u0001\"\\/")");
}
