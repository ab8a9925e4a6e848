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
        {"<r> </r>", "r \" \""},  // blanks are text too
        {"<r><a>\n</a></r>", R"(r {"a":"\n"})"},
        {"<r> <!-- c --> x </r>", "r \"  x \""},
        {"<r>1 <![CDATA[ 2 ]]> 3</r>", "r \"1  2  3\""},
        {"<r><![CDATA[a\r\nb]]>\rc</r>", R"(r "a\nb\nc")"},
        {"<r>text beside <a>1</a> elements</r>", R"(r {"a":"1"})"},
        {"<r>&#9;&#10;&#13;]]&gt;</r>", R"(r "\t\n\r]]>")"},
        {"<r a='&lt;&#x5f20;' b = \">\"\n/>", "r \"\""},
        {"<?xml version='1.0' standalone='yes'?>\n<!-- -->\n<r/>\n<?p ?>\n", "r \"\""},
        {"<?xml version=\"1.1\" encoding=\"GBK\"?><r/>", "r \"\""},  // what the bytes are, the caller knows
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
        // around the root
        {"junk<r/>", "xml_malformed"},
        {"<r/>junk", "xml_malformed"},
        {"<r/></r>", "xml_malformed"},
        {"<r/>&#32;", "xml_malformed"},
        {"<r/><![CDATA[]]>", "xml_malformed"},
        {"\xEF\xBB\xBF\xEF\xBB\xBF<r/>", "xml_malformed"},
        // declarations
        {" <?xml version=\"1.0\"?><r/>", "xml_malformed"},
        {"<?xml?><r/>", "xml_malformed"},
        {"<?xml version=1.0?><r/>", "xml_malformed"},
        {"<?xml version=\"1.0\"encoding=\"utf-8\"?><r/>", "xml_malformed"},
        {"<?xml version=\"1.0\" encoding=\"\"?><r/>", "xml_malformed"},
        {"<?xml version=\"1.0\" standalone=\"maybe\"?><r/>", "xml_malformed"},
        {"<?xml version=\"2.0\"?><r/>", "xml_malformed"},
        {"<?XML version=\"1.0\"?><r/>", "xml_malformed"},
        {"<r><?xml version=\"1.0\"?></r>", "xml_malformed"},
        // attributes
        {"<r a=\"&nbsp;\"/>", "xml_entity"},
        {"<r a=\"a & b\"/>", "xml_entity"},
        {"<r a=\"&#1;\"/>", "xml_entity"},
        {"<r a=\"<\"/>", "xml_malformed"},
        {"<r a=\"1\" a=\"2\"/>", "xml_malformed"},
        {"<r a=\"1\"b=\"2\"/>", "xml_malformed"},
        {"<r a=1/>", "xml_malformed"},
        {"<r a/>", "xml_malformed"},
        // characters and their references
        {"<r>&#1;</r>", "xml_entity"},
        {"<r>&#x1F;</r>", "xml_entity"},
        {"<r>&#xFFFE;</r>", "xml_entity"},
        {"<r>&AMP;</r>", "xml_entity"},
        {"<r>\x01</r>", "xml_malformed"},
        {"<r>\xEF\xBF\xBF</r>", "xml_malformed"},
        {"<r>]]></r>", "xml_malformed"},
        {"<r><!-- -- --></r>", "xml_malformed"},
        {"<r></r a=\"1\">", "xml_malformed"},
        {"<\xE3\x80\x80/>", "xml_malformed"},
        {"<r><!DOCTYPE a></r>", "xml_malformed"},
    };
    for (const auto& [text, wanted] : rows) {
        CAPTURE(text);
        CHECK(read(text) == wanted);
    }
}

TEST_CASE("xml errors say where and what, and nothing of the content", "[xml]") {
    const auto reason = [](const std::string& text) { return parse_xml(text).error().reason; };
    CHECK(reason("<r>\n <phone>13800138000</phne></r>") ==
          "malformed XML at line 2, column 22: an end tag that does not belong to the open element");
    CHECK(reason("<r>张&nbsp;</r>") ==
          "malformed XML at line 1, column 5: an entity that is not predefined, or an & that stands alone");
    CHECK(reason("<r/>\n\njunk") == "malformed XML at line 3, column 1: text behind the root element");
    CHECK(reason("<r>") == "malformed XML at line 1, column 4: an element that is not closed");
}

TEST_CASE("a document of too many nodes is refused before it is built", "[xml]") {
    std::string text = "<r>";
    for (int i = 0; i < 200'000; ++i) text += "<a/>";
    CHECK(read(text + "</r>").substr(0, 2) == "r ");
    for (int i = 0; i < 200'000; ++i) text += "<a/>";
    CHECK(read(text + "</r>") == "xml_too_many");
    std::string attributes = "<r";
    for (int i = 0; i < 65; ++i) attributes += " a" + std::to_string(i) + "=''";
    CHECK(read(attributes + "/>") == "xml_too_many");
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
