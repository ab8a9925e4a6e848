// The whole table is compared with another decoder in tests/conformance/gbk.test.mjs.
#include "base/gbk.h"

#include <catch2/catch.hpp>
#include <string>

#include "base/text.h"

using leadbridge::base::gbk_to_utf8;
using leadbridge::base::utf8_to_gbk;
using leadbridge::base::valid_utf8;

TEST_CASE("GBK: one character of every area", "[gbk]") {
    const auto both_ways = [](const std::string& gbk, const std::string& utf8) {
        INFO(utf8);
        CHECK(gbk_to_utf8(gbk) == utf8);
        CHECK(utf8_to_gbk(utf8) == gbk);
    };
    both_ways("", "");
    both_ways("plain \x7F text", "plain \x7F text");
    both_ways("\xD5\xC5\xC8\xFD", "\u5F20\u4E09");  // first ideographs, in order of pinyin
    both_ways("\xB0\xA1\xD7\xF9", "\u554A\u5EA7");
    both_ways("\xD8\xA1\xF7\xFE", "\u4E8D\u9F44");  // second ideographs, in order of radicals
    both_ways("\x81\x40\xA0\xFE", "\u4E02\u72DB");  // the others, in Unicode order
    both_ways("\xAA\x40\xFD\x9B", "\u72DC\u9FA5");
    both_ways("\xE9\x46", "\u9555");
    both_ways("\xFD\x9C\xFE\x4F", "\uF92C\uFA29");  // the irregular end
    both_ways("\xA1\xA1\xA1\xA4\xA1\xAA\xA3\xAC", "\u3000\u00B7\u2014\uFF0C");
    both_ways("\xA2\xE3\xA9\x96", "\u20AC\u3007");
    both_ways("\xAA\xA1\xF8\xA1\xFE\xFE", "\uE000\uE234\uE4C5");  // user-defined
}

TEST_CASE("GBK: every pair is one character, and comes back", "[gbk]") {
    std::string all;
    int characters = 0;
    for (int lead = 0x81; lead <= 0xFE; ++lead) {
        for (int trail = 0x40; trail <= 0xFE; ++trail) {
            if (trail == 0x7F) continue;
            all += static_cast<char>(lead);
            all += static_cast<char>(trail);
            ++characters;
        }
    }
    CHECK(characters == 23940);
    const std::string text = gbk_to_utf8(all);
    CHECK(valid_utf8(text));
    CHECK(text.find("\uFFFD") == std::string::npos);
    CHECK(utf8_to_gbk(text) == all);
}

TEST_CASE("GBK: malformed bytes as Java replaces them", "[gbk]") {
    CHECK(gbk_to_utf8("a\x81") == "a\uFFFD");    // cut off
    CHECK(gbk_to_utf8("\x81 b") == "\uFFFD b");  // the second byte is a character of its own
    CHECK(gbk_to_utf8("\x81\x7Fz") == "\uFFFD\x7Fz");
    CHECK(gbk_to_utf8("\x81\xFFz") == "\uFFFDz");  // or goes with the first
    CHECK(gbk_to_utf8("\x80\x81\x40") == "\uFFFD\u4E02");
    CHECK(gbk_to_utf8("\xFF\xFF") == "\uFFFD\uFFFD");
    CHECK(utf8_to_gbk("a\U0001F600\u0E01z") == "a??z");
    CHECK(utf8_to_gbk("\xFF") == "?");
}
