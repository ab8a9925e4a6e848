#include "codec/table.h"

#include <catch2/catch.hpp>
#include <string>
#include <vector>

using namespace leadbridge::codec;

namespace {

// "line:{...}" or "line!problem" of every row; "code: reason" of a file that is refused.
std::vector<std::string> read(const std::string& text, TableFormat format = TableFormat::automatic) {
    auto reader = TableReader::open(text, format);
    if (!reader) return {reader.error().code};
    std::vector<std::string> out;
    while (auto row = reader.value().next()) {
        REQUIRE(out.size() < 1000);
        out.push_back(std::to_string(row->line) +
                      (row->problem.empty() ? ":" + dump_json(row->fields) : "!" + row->problem));
    }
    return out;
}
using Rows = std::vector<std::string>;

bool has(const std::string& text, const std::string& part) { return text.find(part) != std::string::npos; }

}  // namespace

TEST_CASE("CSV: line ends, BOM, blank lines, separators", "[table]") {
    const Rows expected = {"2:{\"a\":\"1\",\"b\":\"2\"}", "3:{\"a\":\"3\",\"b\":\"4\"}"};
    for (const std::string text :
         {"a,b\n1,2\n3,4\n", "a,b\r\n1,2\r\n3,4", "a,b\r1,2\r3,4\r", "a;b\n1;2\n3;4\n", "a\tb\n1\t2\n3\t4",
          "\xEF\xBB\xBF"
          "a,b\n1,2\n3,4\n",
          " a , b \n1,2\n3,4", "\"a\",\"b\"\n\"1\",\"2\"\n3,4\n"}) {
        CAPTURE(text);
        CHECK(read(text) == expected);
    }
    CHECK(read("\n\r\na,b\n\n1,2\n\r\n\n3,4\n\n") ==
          Rows{"5:{\"a\":\"1\",\"b\":\"2\"}", "8:{\"a\":\"3\",\"b\":\"4\"}"});
    CHECK(read("a,b\n").empty());
    CHECK(read("a").empty());
    CHECK(read("a\n1\n\n2") == Rows{"2:{\"a\":\"1\"}", "4:{\"a\":\"2\"}"});
    // The separator that stands most often in the header, quotes aside.
    CHECK(read("\"a;;;\",b\n1,2") == Rows{"2:{\"a;;;\":\"1\",\"b\":\"2\"}"});
}

TEST_CASE("CSV: quotes", "[table]") {
    CHECK(read("a,b\n\"x, \"\"y\"\"\r\nz\",2\n3,4") ==
          Rows{"2:{\"a\":\"x, \\\"y\\\"\\r\\nz\",\"b\":\"2\"}", "4:{\"a\":\"3\",\"b\":\"4\"}"});
    CHECK(read("a,b\n\"x\ry\nz\",\n3,4") == Rows{"2:{\"a\":\"x\\ry\\nz\"}", "5:{\"a\":\"3\",\"b\":\"4\"}"});
    CHECK(read("a,b\n5\" pipe,2") ==
          Rows{"2:{\"a\":\"5\\\" pipe\",\"b\":\"2\"}"});  // not at the start: a sign
    CHECK(read("a,b\n\"\",\"2\"") == Rows{"2:{\"b\":\"2\"}"});
    auto rows = read("a,b\n\"x\"y,2\n3,4");
    REQUIRE(rows.size() == 2);
    CHECK(has(rows[0], "2!has text behind a closing quote"));
    CHECK(rows[1] == "3:{\"a\":\"3\",\"b\":\"4\"}");
    rows = read("a,b\n1,2\n\"x,2\n3,4\n");
    REQUIRE(rows.size() == 2);
    CHECK(has(rows[1], "3!has a quote (\") opened in line 3 that is never closed"));
}

TEST_CASE("CSV: missing and extra cells are reported with their line, the others stay", "[table]") {
    const auto rows = read("a,b,c\n1,2\n1,2,3,4\n1,2,3,,\n,,\n1,2,3\n");
    REQUIRE(rows.size() == 5);
    CHECK(has(rows[0], "2!has 2 cells where the header has 3"));
    CHECK(has(rows[1], "3!has 4 cells where the header has 3"));
    CHECK(rows[2] == "4:{\"a\":\"1\",\"b\":\"2\",\"c\":\"3\"}");  // empty cells without a column
    CHECK(rows[3] == "5:{}");
    CHECK(rows[4] == "6:{\"a\":\"1\",\"b\":\"2\",\"c\":\"3\"}");
}

TEST_CASE("files that are refused as a whole", "[table]") {
    for (const auto& [text, code] : std::vector<std::pair<std::string, std::string>>{
             {"", "table_empty"},
             {" \r\n\t ", "table_empty"},
             {"\xEF\xBB\xBF", "table_empty"},
             {"a,a\n1,2", "table_header"},
             {"a, a \n1,2", "table_header"},
             {"a,,b\n1,2,3", "table_header"},
             {"a,b,\n1,2,", "table_header"},
             {"\"a,b\n1,2", "table_header"},
             {"a,\xC3\xFB\xB3\xC6\n1,2", "table_not_utf8"},  // GBK
             {std::string("\xFF\xFE"
                          "a\0,\0b\0",
                          8),
              "table_not_utf8"},                                   // UTF-16
             {std::string("a\0,\0b\0\n\0", 8), "table_not_utf8"},  // without its mark
             {std::string(kMaxTableBytes + 1, 'a'), "table_too_large"}}) {
        CAPTURE(text.substr(0, 40));
        CHECK(read(text) == Rows{code});
    }
    std::string wide = "c0";
    for (std::size_t i = 1; i < kMaxTableColumns; ++i) wide += ",c" + std::to_string(i);
    CHECK(read(wide).empty());
    CHECK(read(wide + ",more") == Rows{"table_header"});
    CHECK(has(TableReader::open("\xC3\xFB", TableFormat::csv).error().reason, "CSV UTF-8"));
}

TEST_CASE("JSON lines", "[table]") {
    const auto rows =
        read("{\"a\":1}\r\n\n  {\"a\":12345678901234567890,\"b\":1.50,\"c\":1e3}\nnonsense\n[1]\n{\"a\":\n");
    REQUIRE(rows.size() == 5);
    CHECK(rows[0] == "1:{\"a\":1}");
    CHECK(rows[1] == "3:{\"a\":12345678901234567890,\"b\":\"1.50\",\"c\":\"1e3\"}");  // digit for digit
    CHECK(has(rows[2], "4!is not JSON"));
    CHECK(has(rows[3], "5!is not a JSON object"));
    CHECK(has(rows[4], "6!is not JSON"));
    CHECK(read("\xEF\xBB\xBF{\"a\":1}") == Rows{"1:{\"a\":1}"});
    // Named, not guessed.
    CHECK(read("{\"a\":1}\n{\"a\":2}", TableFormat::csv).size() == 1);
    CHECK(has(read("a,b\n1,2", TableFormat::json).at(0), "1!is not JSON"));
}

TEST_CASE("one JSON array of objects", "[table]") {
    CHECK(read("[]").empty());
    CHECK(read(" [ ] \n").empty());
    CHECK(read("[{\"a\":1},\n {\"a\":\"],{\\\"\"}\n,{\"a\":[1,{}]}]\n") ==
          Rows{"1:{\"a\":1}", "2:{\"a\":\"],{\\\"\"}", "3:{\"a\":[1,{}]}"});
    auto rows = read("[{\"a\":1},7,{\"a\":}]");
    REQUIRE(rows.size() == 3);
    CHECK(has(rows[1], "is not a JSON object"));
    CHECK(has(rows[2], "is not JSON"));
    for (const std::string cut : {"[", "[{\"a\":1},", "[{\"a\":1}", "[{\"a\":1},{\"b\":\"x]"}) {
        CAPTURE(cut);
        CHECK(has(read(cut).back(), "cut off"));
    }
    CHECK(has(read("[{\"a\":1}] x").back(), "is not JSON"));
}

TEST_CASE("no text makes the reader fail or never end", "[table]") {
    // Every string of up to five of these signs, in every format.
    const std::string signs = "a,\"\r\n{[]}\\";
    for (const auto format : {TableFormat::automatic, TableFormat::csv, TableFormat::json}) {
        std::vector<std::string> texts = {""};
        for (std::size_t from = 0, length = 0; length < 5; ++length) {
            const std::size_t end = texts.size();
            for (; from < end; ++from) {
                for (const char sign : signs) texts.push_back(texts[from] + sign);
            }
            if (texts.size() > 12000) break;
        }
        std::size_t rows = 0;
        for (const auto& text : texts) rows += read(text, format).size();
        CHECK(rows > 0);
    }
}
