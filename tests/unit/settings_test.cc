#include "codec/settings.h"

#include <catch2/catch.hpp>
#include <string>

using namespace leadbridge::codec;

namespace {
// "path: problem (fix)" of every problem.
std::string said(const Problems& problems) {
    std::string text;
    for (const auto& p : problems) text += p.path + ": " + p.problem + " (" + p.fix + ")\n";
    return text;
}
Json json(const std::string& text) { return parse_json(text).value(); }
bool has(const std::string& text, const std::string& part) { return text.find(part) != std::string::npos; }
}  // namespace

TEST_CASE("absent keys have their defaults and no problem", "[settings]") {
    Problems problems;
    const Json node = json(R"({"a":null})");
    Settings s(node, "p", problems);
    CHECK(s.text("a", "x") == "x");
    CHECK(s.integer("b", 7, 1, 9) == 7);
    CHECK(s.boolean("c", true));
    CHECK(s.one_of("d", {"x", "y"}, "y") == "y");
    CHECK(s.secret("e", false).empty());
    CHECK(s.child("f").text("g", "z") == "z");
    CHECK_FALSE(s.has("a"));
    s.finish();
    CHECK(said(problems) == "");
}

TEST_CASE("right values are read, edges included", "[settings]") {
    Problems problems;
    const Json node = json(R"({"t":"x","n":12345678,"i":9,"j":1,"b":false,"o":"y","s":{"env":"N","value":"v"},
        "c":{"k":"v"}})");
    Settings s(node, "", problems);
    CHECK(s.text("t", "") == "x");
    CHECK(s.text("n", "") == "12345678");
    CHECK(s.integer("i", 5, 1, 9) == 9);
    CHECK(s.integer("j", 5, 1, 9) == 1);
    CHECK_FALSE(s.boolean("b", true));
    CHECK(s.one_of("o", {"x", "y"}, "x") == "y");
    CHECK(s.secret("s", true) == "v");
    Settings child = s.child("c");
    CHECK(child.required_text("k", "") == "v");
    CHECK(child.path() == "c");
    child.finish();
    s.finish();
    CHECK(said(problems) == "");
}

TEST_CASE("every wrong value names its path and its fix, and all are collected", "[settings]") {
    Problems problems;
    const Json node = json(
        R"({"text":[1],"blank":" ","low":0,"high":10,"frac":1.5,"numtext":"5","huge":18446744073709551615,
        "bool":"true","choice":"z","choice2":7,"child":[],"inline":"s3cr3t-typed-here","num":5})");
    Settings s(node, "sources.ads", problems);
    CHECK(s.text("text", "d") == "d");
    (void)s.required_text("blank", "take it from the page");
    (void)s.required_text("none", "take it from there");
    for (const char* key : {"low", "high", "frac", "numtext", "huge"}) CHECK(s.integer(key, 3, 1, 9) == 3);
    CHECK(s.boolean("bool", true));
    CHECK(s.one_of("choice", {"x", "y"}, "x") == "x");
    CHECK(s.one_of("choice2", {"x", "y"}, "x") == "x");
    (void)s.child("child");
    (void)s.secret("inline", true);
    (void)s.secret("num", true);
    (void)s.secret("gone", true);
    s.finish();
    const std::string text = said(problems);
    CAPTURE(text);
    for (const char* line :
         {"sources.ads.text: must be text (put it in quotes)",
          "sources.ads.blank: is missing (take it from the page)", "sources.ads.none: is missing",
          "sources.ads.low: must be a whole number from 1 to 9 (the default is 3)", "sources.ads.high: must",
          "sources.ads.frac: must", "sources.ads.numtext: must", "sources.ads.huge: must",
          "sources.ads.bool: must be true or false (write it without quotes)",
          "sources.ads.choice: is not one of the known values (use one of: x, y)",
          "sources.ads.choice2: is not", "sources.ads.child: must be an object",
          "sources.ads.inline: a secret must not stand in the configuration",
          "sources.ads.num: a secret must not", "sources.ads.gone: is missing (write {\"env\": \"NAME\"}"}) {
        CHECK(has(text, line));
    }
    CHECK_FALSE(has(text, "s3cr3t"));
    CHECK(problems.size() == 15);
}

TEST_CASE("secrets that are not there", "[settings]") {
    Problems problems;
    const Json node = json(R"({"a":{"env":"NAME_A","missing":"not set"},"b":{"env":"NAME_B","value":""},
        "c":{"file":"key.pem","missing":"no such file"},"d":{"file":"empty.pem","value":""},"e":{"env":"NAME_E","missing":"x"}})");
    Settings s(node, "", problems);
    for (const char* key : {"a", "b", "c", "d"}) CHECK(s.secret(key, false).empty());
    CHECK(s.secret_if_set("e").empty());
    CHECK(s.secret_if_set("f").empty());
    s.finish();
    const std::string text = said(problems);
    CAPTURE(text);
    CHECK(has(text, "a: environment variable NAME_A is not set (set NAME_A"));
    CHECK(has(text, "b: environment variable NAME_B is empty"));
    CHECK(has(text, "c: file key.pem cannot be read: no such file"));
    CHECK(has(text, "d: file empty.pem is empty"));
    CHECK(problems.size() == 4);
}

TEST_CASE("secrets that AWS keeps: the host's words, and what failed is not what is missing", "[settings]") {
    Problems problems;
    const Json node = json(R"({"a":{"ssm":"/a","value":"v"},"b":{"secretsmanager":"b","key":"k","value":"w"},
        "c":{"ssm":"/c","missing":"/c does not exist","fix":"create it"},
        "d":{"secretsmanager":"d","failed":"d is throttled","fix":"run again"},"e":{"ssm":"/e"}})");
    Settings s(node, "", problems);
    CHECK(s.secret("a", true) == "v");
    CHECK(s.secret("b", true) == "w");
    CHECK(s.secret_if_set("a") == "v");
    CHECK(s.secret_if_set("c").empty());
    CHECK(problems.empty());
    for (const char* key : {"c", "e"}) CHECK(s.secret(key, false).empty());
    CHECK(s.secret_if_set("d").empty());
    s.finish();
    const std::string text = said(problems);
    CAPTURE(text);
    CHECK(has(text, "c: /c does not exist (create it)"));
    CHECK(has(text, "d: d is throttled (run again)"));
    CHECK(has(text, "e: was not fetched from AWS"));
    CHECK(problems.size() == 3);
}

TEST_CASE("unknown keys: did you mean", "[settings]") {
    Problems problems;
    const Json node = json(
        R"({"page_size":1,"pagesize":2,"mobile_cypher":"x","Session":1,"completely_different":1,"a\u0001":1})");
    Settings s(node, "p", problems);
    (void)s.integer("page_size", 1, 0, 9);
    (void)s.text("mobile_cipher", "");
    (void)s.secret("session", false);
    s.accept("a_very_long_known_key");
    s.finish();
    const std::string text = said(problems);
    CAPTURE(text);
    CHECK(has(text, "p.pagesize: unknown key (did you mean \"page_size\"?)"));
    CHECK(has(text, "p.mobile_cypher: unknown key (did you mean \"mobile_cipher\"?)"));
    CHECK(has(text, "p.Session: unknown key (did you mean \"session\"?)"));
    CHECK(has(text, "p.completely_different: unknown key (remove it)"));
    CHECK(problems.size() == 5);
    CHECK_FALSE(has(text, "\x01"));
}

TEST_CASE("a node that is no object is one problem, not many", "[settings]") {
    for (const char* text : {"[]", "7", "\"x\"", "true"}) {
        Problems problems;
        const Json node = json(text);
        Settings s(node, "", problems);
        CHECK(s.keys().empty());
        s.finish();
        CHECK(said(problems) == "(top): must be an object (write { ... })\n");
    }
}
