#include "engine/messages.h"

#include <catch2/catch.hpp>
#include <string>

#include "base/text.h"
#include "codec/json.h"

using namespace leadbridge;
using namespace leadbridge::engine;
using namespace std::string_literals;
using codec::Json;

namespace {

std::string u32(std::size_t value) {
    std::string out;
    for (unsigned shift = 0; shift < 32; shift += 8) out += static_cast<char>((value >> shift) & 0xFFU);
    return out;
}
std::string message(const std::string& head, const std::string& body = "") {
    return u32(4 + head.size() + body.size()) + u32(head.size()) + head + body;
}
TimedInput decoded(const std::string& head, const std::string& body = "") {
    const auto input = decode_input(message(head, body));
    REQUIRE(input.ok());
    return input.value();
}
struct Effect {
    Json head;
    std::string body;
};
Effect encoded(effect::What what, effect::Id id = 7) {
    const std::string bytes = encode({id, std::move(what)});
    const auto number = [&](std::size_t at) {
        std::size_t value = 0;
        for (std::size_t i = 4; i-- > 0;) value = value * 256 + static_cast<unsigned char>(bytes[at + i]);
        return value;
    };
    REQUIRE(number(0) == bytes.size() - 4);
    const std::size_t head = number(4);
    REQUIRE(head <= bytes.size() - 8);
    return {codec::parse_json(bytes.substr(8, head)).value(), bytes.substr(8 + head)};
}

}  // namespace

TEST_CASE("every effect as its message", "[messages]") {
    const std::string bytes = "\0\xFF\r\n"s;
    auto e = encoded(effect::Http{"POST", "https://h/?a=1", {{"x", "y"}, {"x", "z"}}, bytes, 15000, 8 << 20});
    CHECK(
        codec::dump_json(e.head) ==
        R"({"headers":[["x","y"],["x","z"]],"id":7,"max_bytes":8388608,"method":"POST","timeout_ms":15000,"type":"http","url":"https://h/?a=1","v":1})");
    CHECK(e.body == bytes);
    CHECK(codec::dump_json(encoded(effect::Wait{250}).head) == R"({"id":7,"ms":250,"type":"wait","v":1})");
    CHECK(codec::dump_json(encoded(effect::StoreLoad{{"a", "b"}, 5}).head) ==
          R"({"id":7,"keys":["a","b"],"now":5,"type":"store.load","v":1})");
    e = encoded(effect::StoreCommit{{{"k", 3, "{\"id\":9007199254740993}"}}, "{\"leads\":[]}"});
    CHECK(
        codec::dump_json(e.head) ==
        R"({"checkpoints":[{"expected":3,"key":"k","value":"{\"id\":9007199254740993}"}],"id":7,"type":"store.commit","v":1})");
    CHECK(e.body == "{\"leads\":[]}");
    CHECK(codec::dump_json(encoded(effect::StoreScan{"leads", "{}", 50, "t"}).head) ==
          R"({"id":7,"kind":"leads","limit":50,"page":"t","query":"{}","type":"store.scan","v":1})");
    CHECK(codec::dump_json(encoded(effect::StoreClaim{"q", 1, 2, "l", 3}).head) ==
          R"({"id":7,"lease":"l","lease_ms":2,"limit":1,"now":3,"queue":"q","type":"store.claim","v":1})");
    CHECK(
        codec::dump_json(encoded(effect::StoreSettle{"q", {{"i", "l", "retry", 5, "why"}}, 3}).head) ==
        R"({"entries":[{"id":"i","lease":"l","outcome":"retry","reason":"why","retry_at":5}],"id":7,"now":3,"queue":"q","type":"store.settle","v":1})");
    e = encoded(effect::Respond{200, {{"a", "b"}}, bytes});
    CHECK(e.head["type"] == "respond");
    CHECK(e.body == bytes);
    CHECK(codec::dump_json(encoded(effect::Log{"warn", "c", "m \xFF"}).head) ==
          "{\"code\":\"c\",\"level\":\"warn\",\"message\":\"m \uFFFD\",\"type\":\"log\",\"v\":1}");
    CHECK(codec::dump_json(encoded(effect::Done{3, "{\"a\":1}"}).head) ==
          R"({"exit":3,"summary":{"a":1},"type":"done","v":1})");
    CHECK(encoded(effect::Done{2, "broken"}).head["summary"].is_null());
}

TEST_CASE("every input from its message", "[messages]") {
    const std::string bytes = "\0\xFF{}"s;
    auto in = decoded(R"({"v":1,"type":"start","now":1694077000000,"event":{"kind":"pull"},"random":")" +
                          std::string(64, 'a') + "\"}",
                      bytes);
    CHECK(in.now == 1694077000000);
    const auto& start = std::get<effect::Start>(in.input);
    CHECK(start.event == R"({"kind":"pull"})");
    CHECK(start.body == bytes);
    CHECK(start.random == std::string(32, '\xaa'));

    in = decoded(
        R"({"v":1,"type":"http_result","now":1,"id":9,"status":200,"headers":[["a","b"],["bad"],7]})", bytes);
    const auto& http = std::get<effect::HttpResult>(in.input);
    CHECK((http.id == 9 && http.status == 200 && http.headers.size() == 1 && http.body == bytes &&
           http.error_kind.empty()));
    in = decoded(R"({"v":1,"type":"http_result","id":9,"error":{"kind":"timeout","message":"m"}})");
    CHECK(std::get<effect::HttpResult>(in.input).error_kind == "timeout");
    in = decoded(R"({"v":1,"type":"http_result","id":9,"error":{}})");
    CHECK(std::get<effect::HttpResult>(in.input).error_kind == "other");

    in = decoded(R"({"v":1,"type":"wait_result","id":4294967295})");
    CHECK(std::get<effect::WaitResult>(in.input).id == 4294967295U);
    in = decoded(
        R"({"v":1,"type":"store_result","id":1,"outcome":"ok","reason":"r","records":[{"key":"k","version":2,"value":"v"}],
        "inserted":1,"updated":2,"unchanged":3,"items":["{}",7],"next":"n","entries":[{"id":"i","payload":"p","attempts":4,"lease":"l"}]})");
    const auto& store = std::get<effect::StoreResult>(in.input);
    CHECK((store.outcome == "ok" && store.records.at(0).version == 2 && store.unchanged == 3 &&
           store.items.size() == 1));
    CHECK((store.next == "n" && store.entries.at(0).attempts == 4));
    CHECK(std::holds_alternative<effect::CpuWarning>(decoded(R"({"v":1,"type":"cpu_warning"})").input));
}

TEST_CASE("malformed messages are refused, whatever they are", "[messages]") {
    const std::string good = message(R"({"v":1,"type":"wait_result","id":1})", "body");
    REQUIRE(decode_input(good).ok());
    for (std::size_t n = 0; n < good.size(); ++n) CHECK_FALSE(decode_input(good.substr(0, n)).ok());
    CHECK_FALSE(decode_input(good + "x").ok());
    for (const char* head :
         {"", "{", "[]", "null", "{}", R"({"type":"wait_result"})", R"({"v":2,"type":"wait_result"})",
          R"({"v":1})", R"({"v":1,"type":"fly"})", R"({"v":1,"type":7})", "\xFF"}) {
        CAPTURE(head);
        const auto input = decode_input(message(head));
        REQUIRE_FALSE(input.ok());
        CHECK(input.error().code == "bad_message");
    }
    CHECK_FALSE(decode_input(u32(8) + u32(0xFFFFFFFF) + "{}{}").ok());
    CHECK_FALSE(decode_input(u32(0xFFFFFFFF) + u32(2) + "{}").ok());
    CHECK_FALSE(decode_input(u32(3) + "abc").ok());
    // Any byte changed: read or refused.
    for (std::size_t i = 0; i < good.size(); ++i) {
        for (const char c : {'\0', '\x7F', '\xFF', '"'}) {
            std::string changed = good;
            changed[i] = c;
            (void)decode_input(changed);
        }
    }
}

TEST_CASE("a missing event or random is the engine's to refuse", "[messages]") {
    const auto in = decoded(R"({"v":1,"type":"start","now":1})");
    CHECK(std::get<effect::Start>(in.input).event == "null");
    CHECK(std::get<effect::Start>(in.input).random.empty());
    CHECK(std::get<effect::Start>(decoded(R"({"v":1,"type":"start","random":"zz"})").input).random.empty());
}
