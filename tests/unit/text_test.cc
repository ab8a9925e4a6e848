#include "base/text.h"

#include <catch2/catch.hpp>
#include <string>
#include <vector>

using namespace leadbridge::base;
using namespace std::string_literals;

TEST_CASE("valid_utf8 follows RFC 3629", "[text]") {
    for (const std::string& good :
         {""s, "abc"s, "\0"s, "\xC2\x80"s, "\xDF\xBF"s, "\xE0\xA0\x80"s, "\xED\x9F\xBF"s, "\xEE\x80\x80"s,
          "\xEF\xBF\xBF"s, "\xF0\x90\x80\x80"s, "\xF4\x8F\xBF\xBF"s, "张三\xF0\x9F\x98\x80"s}) {
        CAPTURE(hex_lower(good));
        CHECK(valid_utf8(good));
        for (std::size_t n = 1; n < good.size(); ++n) {  // cut inside a character: invalid
            const bool boundary = (static_cast<unsigned char>(good[n]) & 0xC0U) != 0x80U;
            CHECK(valid_utf8(good.substr(0, n)) == boundary);
        }
    }
    for (const std::string& bad : {"\x80"s,
                                   "\xBF"s,
                                   "\xC0\x80"s,
                                   "\xC1\xBF"s,
                                   "\xE0\x80\x80"s,
                                   "\xE0\x9F\xBF"s,
                                   "\xED\xA0\x80"s,
                                   "\xED\xBF\xBF"s,
                                   "\xF0\x80\x80\x80"s,
                                   "\xF0\x8F\xBF\xBF"s,
                                   "\xF4\x90\x80\x80"s,
                                   "\xF5\x80\x80\x80"s,
                                   "\xFE"s,
                                   "\xFF"s,
                                   "\xC2"s,
                                   "\xC2\x41"s,
                                   "\xE5\xBC"s,
                                   "\xF0\x9F\x98"s,
                                   "a\xE5\xBC\x41"s,
                                   "\xC2\xC2\x80"s}) {
        CAPTURE(hex_lower(bad));
        CHECK_FALSE(valid_utf8(bad));
        CHECK(valid_utf8(printable(bad)));
    }
}

TEST_CASE("printable replaces, bounds and cuts at a character", "[text]") {
    CHECK(printable("a\xFFz") == "a?z");
    CHECK(printable("a\r\n\tb\x7F") == "a   b ");
    CHECK(printable("\xE5\xBC") == "??");
    CHECK(printable("张三李四", 6) == "张三...");
    CHECK(printable("张三李四", 7) == "张三...");
    CHECK(printable("张三", 6) == "张三");
    CHECK(printable(std::string(1000, 'x')).size() == 163);
    CHECK(printable("") == "");
    CHECK(printable("abc", 0) == "...");
}

TEST_CASE("code points and back", "[text]") {
    const std::string text = "aé张\xF0\x9F\x98\x80";
    CHECK(to_code_points(text) == U"aé张\U0001F600");
    CHECK(to_code_points("a\xFF\xC2z") == U"a\uFFFD\uFFFDz");
    std::string back;
    for (const char32_t c : to_code_points(text)) append_utf8(back, c);
    CHECK(back == text);
}

TEST_CASE("java_blank is Character.isWhitespace over all", "[text]") {
    for (const char* blank : {"", " ", "\t\n\v\f\r", "\x1C\x1D\x1E\x1F", "\u1680", "\u2000", "\u2006",
                              "\u2008", "\u200A", "\u2028", "\u2029", "\u205F", "\u3000", " \u3000 "}) {
        CHECK(java_blank(blank));
    }
    for (const char* text :
         {"a", " a ", "\u00A0", "\u2007", "\u202F", "\u200B", "\uFEFF", "\u180E", "\x1B", "\xFF"}) {
        CHECK_FALSE(java_blank(text));
    }
    CHECK_FALSE(java_blank("\0"s));
}

TEST_CASE("utf16_less is String.compareTo", "[text]") {
    // Ascending in UTF-16; a supplementary character sorts before U+E000..U+FFFF.
    const std::vector<std::string> order = {"",           "A",          "AB",         "B",      "_",
                                            "a",          "aa",         "\u7FFF",     "\uD7FF", "\U00010000",
                                            "\U0001F600", "\U0001F601", "\U0010FFFF", "\uE000", "\uFFFD"};
    for (std::size_t i = 0; i < order.size(); ++i) {
        for (std::size_t j = 0; j < order.size(); ++j) {
            CAPTURE(i, j);
            CHECK(utf16_less(order[i], order[j]) == (i < j));
            CHECK(utf16_less("x" + order[i], "x" + order[j]) == (i < j));
        }
    }
}

TEST_CASE("trim, split, case", "[text]") {
    CHECK(trim(" \t\r\n\f\v a b \n") == "a b");
    CHECK(trim("\u3000a") == "\u3000a");
    CHECK(trim("   ").empty());
    CHECK(split("", '&') == std::vector<std::string>{""});
    CHECK(split("a&&b&", '&') == std::vector<std::string>{"a", "", "b", ""});
    CHECK(starts_with_no_case("HTML", "html"));
    CHECK_FALSE(starts_with_no_case("ht", "html"));
    CHECK(contains_no_case("A_RESPONSE", "_response"));
    CHECK_FALSE(contains_no_case("", "a"));
    CHECK(lower_ascii("AbÄ") == "abÄ");
}

TEST_CASE("parse_int64 takes whole numbers of 64 bits and nothing else", "[text]") {
    CHECK(parse_int64("0") == 0);
    CHECK(parse_int64("-0") == 0);
    CHECK(parse_int64("007") == 7);
    CHECK(parse_int64("9223372036854775807") == INT64_MAX);
    CHECK(parse_int64("-9223372036854775808") == INT64_MIN);
    for (const char* bad :
         {"", "-", "+1", " 1", "1 ", "1.0", "1e3", "0x10", "9223372036854775808", "１", "--1", "1-"}) {
        CAPTURE(bad);
        CHECK_FALSE(parse_int64(bad).has_value());
    }
}

TEST_CASE("hex", "[text]") {
    CHECK(hex_lower("\x00\x0f\xff"s) == "000fff");
    CHECK(hex_upper("\xab\xcd") == "ABCD");
    CHECK(hex_decode("00aBfF") == "\x00\xab\xff"s);
    CHECK(hex_decode("") == "");
    for (const char* bad : {"0", "0g", "0x", " 00", "00 "}) CHECK_FALSE(hex_decode(bad).has_value());
}

TEST_CASE("base64", "[text]") {
    const std::vector<std::pair<std::string, std::string>> rows = {
        {"", ""},        {"f", "Zg=="},        {"fo", "Zm8="},
        {"foo", "Zm9v"}, {"foob", "Zm9vYg=="}, {"\xFB\xFF\x00"s, "+/8A"}};
    for (const auto& [plain, text] : rows) {
        CHECK(base64_encode(plain) == text);
        CHECK(base64_decode(text) == plain);
        CHECK(base64_decode(text.substr(0, text.find('='))) == plain);  // padding is optional
    }
    CHECK(base64_decode(" Zm\r\n9v\t") == "foo");
    for (const char* bad : {"Z", "Zm9vY", "Zg=", "Zg===", "Z===", "Zm9v=", "=Zm9", "Zg==Zg==", "Zm-v", "Zm_v",
                            "Zm9v!", "Zm9v\xFF", "="}) {
        CAPTURE(bad);
        CHECK_FALSE(base64_decode(bad).has_value());
    }
    std::string all;
    for (int i = 0; i < 256; ++i) all += static_cast<char>(i);
    for (std::size_t n = 0; n <= all.size(); ++n)
        REQUIRE(base64_decode(base64_encode(all.substr(n))) == all.substr(n));
}

TEST_CASE("form encoding is that of java.net.URLEncoder", "[text]") {
    const std::vector<std::pair<std::string, std::string>> rows = {
        {"", ""},
        {"aZ09*-_.", "aZ09*-_."},
        {"a b", "a+b"},
        {"a+b", "a%2Bb"},
        {"~", "%7E"},
        {"!'()", "%21%27%28%29"},
        {"{\"a\":1}", "%7B%22a%22%3A1%7D"},
        {"2022-05-03 17:44:28", "2022-05-03+17%3A44%3A28"},
        {"张", "%E5%BC%A0"},
        {"\xF0\x9F\x98\x80", "%F0%9F%98%80"},
        {"\0\n"s, "%00%0A"},
    };
    for (const auto& [plain, text] : rows) {
        CHECK(form_encode(plain) == text);
        CHECK(form_decode(text) == plain);
    }
    CHECK(form_decode("%e5%bc%a0") == "张");
    CHECK(form_decode("~!*") == "~!*");
    for (const char* bad : {"%", "%2", "a%", "%zz", "%2g", "%%41"}) CHECK_FALSE(form_decode(bad).has_value());
}
