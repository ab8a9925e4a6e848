#include "codec/xml.h"

#include <catch2/catch.hpp>
#include <string>
#include <vector>

using namespace leadbridge::codec;

namespace {
std::string read(const std::string& text, const XmlLimits& limits = {}) {
    const auto xml = parse_xml(text, limits);
    return xml.ok() ? xml.value().root + " " + dump_json(xml.value().value) : xml.error().code;
}
std::string nested(std::size_t depth) {
    std::string text;
    for (std::size_t i = 0; i < depth; ++i) text += "<a>";
    text += "x";
    for (std::size_t i = 0; i < depth; ++i) text += "</a>";
    return text;
}
}  // namespace

TEST_CASE("elements become objects, lists and text", "[xml]") {
    const std::vector<std::pair<std::string, std::string>> rows = {
        {"<r/>", "r \"\""},
        {"<r></r>", "r \"\""},
        {"<r>x</r>", "r \"x\""},
        {"<?xml version=\"1.0\" encoding=\"utf-8\" ?><r><a>1</a></r><!--top010-->", R"(r {"a":"1"})"},
        {"\xEF\xBB\xBF<r><a>1</a></r>\n", R"(r {"a":"1"})"},
        {"<r><a>1</a><b/><a>2</a><a><c>3</c></a></r>", R"(r {"a":["1","2",{"c":"3"}],"b":""})"},
        {"<r>\n  <a> 1 </a>\n  <a>2</a>\n</r>", R"(r {"a":[" 1 ","2"]})"},
        {"<r a=\"1\" b='2'>x</r>", "r \"x\""},  // attributes mean nothing
        {"<r><!-- c --><a>1<!-- c -->2</a></r>", R"(r {"a":"12"})"},
        {"<r><a>x<![CDATA[<b>&amp;]]>y</a></r>", R"(r {"a":"x<b>&amp;y"})"},
        {"<r><![CDATA[]]></r>", "r \"\""},
        {"<r>&lt;&gt;&amp;&quot;&apos;</r>", R"(r "<>&\"'")"},
        {"<r>&#24352;&#x5f20;&#x1F600;</r>", "r \"张张\U0001F600\""},
        {"<r>&amp;lt;</r>", R"(r "&lt;")"},  // decoded once
        {"<r>a\r\nb</r>", R"(r "a\nb")"},
        {"<r><a>张</a></r>", "r {\"a\":\"张\"}"},
        {"<?pi x?><r>1</r>", "r \"1\""},
    };
    for (const auto& [text, wanted] : rows) {
        CAPTURE(text);
        CHECK(read(text) == wanted);
    }
}

TEST_CASE("what is refused, and how it is called", "[xml]") {
    const std::vector<std::pair<std::string, std::string>> rows = {
        {"", "xml_empty"},
        {" \n", "xml_empty"},
        {"\xEF\xBB\xBF", "xml_empty"},
        {"<!DOCTYPE r><r/>", "xml_dtd"},
        {"<!DOCTYPE r SYSTEM \"file:///etc/passwd\"><r>&x;</r>", "xml_dtd"},
        {"<!DOCTYPE r [<!ENTITY a \"ha\"><!ENTITY b \"&a;&a;&a;&a;\">]><r>&b;</r>", "xml_dtd"},
        {"<!DOCTYPE r [<!ENTITY a \"ha\"", "xml_dtd"},
        {"<r>&nbsp;</r>", "xml_entity"},
        {"<r>a & b</r>", "xml_entity"},
        {"<r>&;</r>", "xml_entity"},
        {"<r>&#;</r>", "xml_entity"},
        {"<r>&#x;</r>", "xml_entity"},
        {"<r>&#0;</r>", "xml_entity"},
        {"<r>&#xD800;</r>", "xml_entity"},
        {"<r>&#x110000;</r>", "xml_entity"},
        {"<r>&#99999999999999999999;</r>", "xml_entity"},
        {"<r>&#12a;</r>", "xml_entity"},
        {"<r>\xFF</r>", "xml_not_utf8"},
        {"<r>\xD5\xC5</r>", "xml_not_utf8"},
        {"<r>", "xml_malformed"},
        {"<r><a></r>", "xml_malformed"},
        {"<r></a>", "xml_malformed"},
        {"<r/><s/>", "xml_malformed"},
        {"just text", "xml_malformed"},
        {"<!-- only -->", "xml_malformed"},
        {"{\"a\":1}", "xml_malformed"},
        {"<r><![CDATA[x</r>", "xml_malformed"},
        {"< r/>", "xml_malformed"},
    };
    for (const auto& [text, wanted] : rows) {
        CAPTURE(text);
        CHECK(read(text) == wanted);
    }
}

TEST_CASE("a NUL is never the end of the document", "[xml]") {
    using namespace std::string_literals;
    for (const std::string& text :
         {"<r>a\0b</r>"s, "<r/>\0<s/>"s, "<r/>\0"s, "<r>\0</r>"s, "\0<r/>"s, "<r a=\"\0\"/>"s}) {
        CAPTURE(text);
        CHECK(read(text) == "xml_malformed");
    }
}

TEST_CASE("xml limits hold at their edge", "[xml]") {
    CHECK(read(nested(32)).substr(0, 2) == "a ");
    CHECK(read(nested(33)) == "xml_too_deep");
    CHECK(read(nested(10'000)) == "xml_too_deep");
    CHECK(read("<a>12345</a>", {12, 4}) == "a \"12345\"");
    CHECK(read("<a>123456</a>", {12, 4}) == "xml_too_large");
    CHECK(read("<a>" + std::string(20U << 20U, 'x') + "</a>") == "xml_too_large");
}

TEST_CASE("xml cut at any byte is refused", "[xml]") {
    const std::string whole =
        "<?xml version=\"1.0\"?><r><a b=\"c\">1&amp;2</a><![CDATA[<x>]]><!-- c --><a>张</a></r>";
    REQUIRE(read(whole).substr(0, 2) == "r ");
    for (std::size_t n = 0; n < whole.size(); ++n) {
        CAPTURE(n);
        CHECK(read(whole.substr(0, n)).substr(0, 4) == "xml_");
    }
}
