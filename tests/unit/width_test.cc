#include <catch2/catch.hpp>

#include "functions/cli/text_table.h"

using namespace leadbridge::native;

TEST_CASE("width: Chinese and full-width take two columns, marks none") {
    CHECK(display_width("abc") == 3);
    CHECK(display_width("王小明") == 6);
    CHECK(display_width("１３８") == 6);         // full-width digits
    CHECK(display_width("（备注）：。") == 12);  // full-width punctuation
    CHECK(display_width("ｶﾅ") == 2);             // half-width kana
    CHECK(display_width("e\u0301") == 1);        // combining acute
    CHECK(display_width("a\u200Bb") == 2);       // zero width space
    CHECK(display_width("\U0001F600") == 2);
    CHECK(display_width("\U00020000") == 2);  // rare names are outside the BMP
    CHECK(display_width("\xFF") == 1);
    CHECK(display_width("") == 0);
}

TEST_CASE("width: text of strangers cannot move the cursor") {
    CHECK(for_terminal("a\x1b[31mb\r\n\tc\x7f") == "a [31mb   c ");
    CHECK(for_terminal("x\u202Ey\u2066z\u0085") == "x y z ");
    CHECK(for_terminal("王\xFF明") == "王?明");
}

TEST_CASE("width: cut at a column, never inside a character") {
    CHECK(fit("abc", 3) == "abc");
    CHECK(fit("abcd", 3) == "ab\u2026");
    CHECK(fit("王小明", 6) == "王小明");
    CHECK(fit("王小明", 5) == "王小\u2026");
    CHECK(fit("王小明", 4) == "王\u2026");
    CHECK(fit("王", 0).empty());
}

TEST_CASE("width: columns line up whatever they hold") {
    const std::string text =
        table({{"name", 20}, {"phone", 20}}, {{"王小明", "138****0000"}, {"Li", "-"}, {"only one"}}, 80);
    CHECK(text ==
          "name      phone\n"
          "王小明    138****0000\n"
          "Li        -\n"
          "only one\n");
}
