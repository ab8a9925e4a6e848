#include "engine/messages.h"

#include <catch2/catch.hpp>
#include <string>

#include "base/text.h"
#include "codec/json.h"
#include "engine/store_text.h"

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
        R"({"headers":[["x","y"],["x","z"]],"id":7,"max_bytes":8388608,"method":"POST","timeout_ms":15000,"type":"http","url":"https://h/?a=1","v":2})");
    CHECK(e.body == bytes);
    CHECK(codec::dump_json(encoded(effect::Wait{250}).head) == R"({"id":7,"ms":250,"type":"wait","v":2})");
    CHECK(codec::dump_json(encoded(effect::StoreLoad{{"a", "b"}, 5}).head) ==
          R"({"id":7,"keys":["a","b"],"now":5,"type":"store.load","v":2})");
    effect::Records records;
    records.commit = "c";
    records.now = 5;
    records.marks.push_back({"m", 9, true});
    e = encoded(effect::StoreCommit{{{"k", 3, "{\"id\":9007199254740993}"}}, records});
    CHECK(
        codec::dump_json(e.head) ==
        R"({"checkpoints":[{"expected":3,"key":"k","value":"{\"id\":9007199254740993}"}],"id":7,"type":"store.commit","v":2})");
    CHECK(e.body == R"({"commit":"c","now":5})"
                    "\n"
                    R"({"marks":{"key":"m","expires_at":9,"once":true}})");
    const auto scan = [](effect::Query query) {
        return codec::dump_json(encoded(effect::StoreScan{std::move(query), 50, "t"}).head);
    };
    CHECK(scan(effect::LeadQuery{}) ==
          R"({"id":7,"kind":"leads","limit":50,"page":"t","query":{},"type":"store.scan","v":2})");
    CHECK(
        scan(effect::LeadQuery{"ads", "key", 1, 2, 0}) ==
        R"({"id":7,"kind":"leads","limit":50,"page":"t","query":{"person_key":"key","revision":0,"since":1,"source":"ads","until":2},"type":"store.scan","v":2})");
    CHECK(
        scan(effect::RowQuery{"etc/4", 3, 8}) ==
        R"({"id":7,"kind":"rows","limit":50,"page":"t","query":{"offset":8,"set":"etc/4","since":3},"type":"store.scan","v":2})");
    CHECK(scan(effect::DeadQuery{"q"}) ==
          R"({"id":7,"kind":"dead","limit":50,"page":"t","query":{"queue":"q"},"type":"store.scan","v":2})");
    CHECK(scan(effect::CountQuery{}).find(R"("kind":"counts")") != std::string::npos);
    CHECK(scan(effect::RowCountQuery{}).find(R"("kind":"row_counts")") != std::string::npos);
    CHECK(scan(effect::QueueQuery{}).find(R"("kind":"queues")") != std::string::npos);
    CHECK(codec::dump_json(encoded(effect::StoreClaim{"q", 1, 2, "l", 3}).head) ==
          R"({"id":7,"lease":"l","lease_ms":2,"limit":1,"now":3,"queue":"q","type":"store.claim","v":2})");
    CHECK(
        codec::dump_json(
            encoded(effect::StoreSettle{"q", {{"i", "l", effect::Settled::retry, 5, "why"}}, 3}).head) ==
        R"({"entries":[{"id":"i","lease":"l","outcome":"retry","reason":"why","retry_at":5}],"id":7,"now":3,"queue":"q","type":"store.settle","v":2})");
    e = encoded(effect::Respond{200, {{"a", "b"}}, bytes});
    CHECK(e.head["type"] == "respond");
    CHECK(e.body == bytes);
    CHECK(codec::dump_json(encoded(effect::Log{"warn", "c", "m \xFF"}).head) ==
          "{\"code\":\"c\",\"level\":\"warn\",\"message\":\"m \uFFFD\",\"type\":\"log\",\"v\":2}");
    CHECK(codec::dump_json(encoded(effect::Done{3, "{\"a\":1}"}).head) ==
          R"({"exit":3,"summary":{"a":1},"type":"done","v":2})");
    CHECK(encoded(effect::Done{2, "broken"}).head["summary"].is_null());
}

TEST_CASE("every input from its message", "[messages]") {
    const std::string bytes = "\0\xFF{}"s;
    auto in = decoded(R"({"v":2,"type":"start","now":1694077000000,"event":{"kind":"pull"},"random":")" +
                          std::string(64, 'a') + "\"}",
                      bytes);
    CHECK(in.now == 1694077000000);
    const auto& start = std::get<effect::Start>(in.input);
    CHECK(start.event == R"({"kind":"pull"})");
    CHECK(start.body == bytes);
    CHECK(start.random == std::string(32, '\xaa'));

    in = decoded(
        R"({"v":2,"type":"http_result","now":1,"id":9,"status":200,"headers":[["a","b"],["bad"],7]})", bytes);
    const auto& http = std::get<effect::HttpResult>(in.input);
    CHECK((http.id == 9 && http.status == 200 && http.headers.size() == 1 && http.body == bytes &&
           http.error_kind.empty()));
    in = decoded(R"({"v":2,"type":"http_result","id":9,"error":{"kind":"timeout","message":"m"}})");
    CHECK(std::get<effect::HttpResult>(in.input).error_kind == "timeout");
    in = decoded(R"({"v":2,"type":"http_result","id":9,"error":{}})");
    CHECK(std::get<effect::HttpResult>(in.input).error_kind == "other");

    in = decoded(R"({"v":2,"type":"wait_result","id":4294967295})");
    CHECK(std::get<effect::WaitResult>(in.input).id == 4294967295U);
    in = decoded(
        R"({"v":2,"type":"store_result","id":1,"outcome":"ok","reason":"r","records":[{"key":"k","version":2,"value":"v"}],
        "inserted":1,"updated":2,"unchanged":3,"next":"n","entries":[{"id":"i","payload":"p","attempts":4,"lease":"l"}]})");
    const auto& store = std::get<effect::StoreResult>(in.input);
    CHECK((store.ok() && store.records.at(0).version == 2 && store.unchanged == 3));
    CHECK((store.next == "n" && store.entries.at(0).attempts == 4));
    CHECK(std::holds_alternative<effect::CpuWarning>(decoded(R"({"v":2,"type":"cpu_warning"})").input));
}

namespace {

effect::StoreResult answered(const std::string& members) {
    return std::get<effect::StoreResult>(
        decoded(R"({"v":2,"type":"store_result","id":6,)" + members + "}").input);
}

}  // namespace

TEST_CASE("what scans found, by kind", "[messages]") {
    const auto items = [](const std::string& kind, const std::string& item) {
        return answered(R"("outcome":"ok","kind":")" + kind + R"(","items":[)" + item + ",7,null]");
    };
    auto result = items(
        "leads",
        R"({"id":"a","source":"ads","version":9007199254740991,"revision":1,"received_at":5,"updated_at":6,"doc":"{\"id\":9223372036854775807}"})");
    REQUIRE(effect::items_of<effect::StoredLead>(result).size() == 1);
    const auto& lead = effect::items_of<effect::StoredLead>(result).front();
    CHECK((lead.id == "a" && lead.source == "ads" && lead.version == 9007199254740991 && lead.revision == 1));
    CHECK((lead.received_at == 5 && lead.updated_at == 6 && lead.doc == R"({"id":9223372036854775807})"));
    CHECK(effect::items_of<effect::StoredRow>(result).empty());
    result = items("counts", R"({"source":"ads","leads":3,"unread":1,"newest":-4})");
    const auto& count = effect::items_of<effect::SourceCount>(result).at(0);
    CHECK((count.source == "ads" && count.leads == 3 && count.unread == 1 && count.newest == -4));
    result = items("rows", R"({"id":"r","at":2,"doc":"{}","updated_at":3})");
    const auto& row = effect::items_of<effect::StoredRow>(result).at(0);
    CHECK((row.id == "r" && row.at == 2 && row.doc == "{}" && row.updated_at == 3));
    result = items("row_counts", R"({"set":"s","rows":2,"newest":3})");
    const auto& set = effect::items_of<effect::SetCount>(result).at(0);
    CHECK((set.set == "s" && set.rows == 2 && set.newest == 3));
    result = items("queues", R"({"queue":"q","waiting":2,"dead":3,"next_at":null})");
    const auto& queue = effect::items_of<effect::QueueCount>(result).at(0);
    CHECK((queue.queue == "q" && queue.waiting == 2 && queue.dead == 3 && !queue.next_at));
    CHECK(effect::items_of<effect::QueueCount>(items("queues", R"({"next_at":0})")).at(0).next_at == 0);
    result = items("dead", R"({"id":"i","queue":"q","payload":"p","attempts":2,"reason":"r","at":3})");
    const auto& letter = effect::items_of<effect::DeadLetter>(result).at(0);
    CHECK((letter.id == "i" && letter.queue == "q" && letter.payload == "p" && letter.attempts == 2 &&
           letter.reason == "r" && letter.at == 3));
}

TEST_CASE("a store that answers what nobody knows has failed", "[messages]") {
    CHECK(answered(R"("outcome":"conflict","reason":"moved")").outcome == effect::Outcome::conflict);
    CHECK(answered(R"("outcome":"error","reason":"full")").reason == "full");
    for (const char* members :
         {R"("outcome":"perhaps","inserted":1)", R"("outcome":"OK")", R"("outcome":null)", R"("outcome":7)",
          R"("inserted":1)", R"("outcome":"ok","items":[])",
          R"("outcome":"ok","items":[{}],"kind":"people")"}) {
        CAPTURE(members);
        const auto result = answered(members);
        CHECK(result.outcome == effect::Outcome::error);
        CHECK(result.id == 6);
        CHECK(result.inserted == 0);
        CHECK(result.reason.find("different versions") != std::string::npos);
    }
}

TEST_CASE("a commit is one record a line, whatever stands in its texts", "[messages]") {
    // Everything that somebody has taken for the end of a line, a NUL, half a character, a quote that ends nothing.
    const std::string nasty = "a\nb\r\nc\vd\fe\u0085f\u2028g\u2029h\0i\x1cj\"}\nk\\"s + "\xED\xA0\x80 \xFF"s;
    effect::Records records;
    records.commit = nasty;
    records.now = -1;
    effect::LeadRecord lead;
    lead.id = lead.source = lead.platform = lead.account = lead.lead_id = lead.doc = nasty;
    lead.person_key = nasty;
    records.leads = {lead, {}};
    records.rows.push_back({nasty, nasty, 1, nasty, std::nullopt});
    records.outbox.push_back({nasty, nasty, 1, nasty, nasty});
    records.marks.push_back({nasty, 1, false});
    records.audit.push_back({1, nasty, nasty, nasty});
    records.raw.push_back({nasty, nasty, 1, 2, nasty, nasty});
    const std::string text = record_lines(records);
    std::vector<std::string> lists;
    std::size_t begin = 0;
    for (std::size_t end = 0; end != std::string::npos; begin = end + 1) {
        end = text.find('\n', begin);
        const auto line = codec::parse_json(text.substr(begin, end - begin));
        REQUIRE(line.ok());
        if (begin == 0) {
            CHECK(line.value()["now"] == -1);
            continue;
        }
        REQUIRE(line.value().size() == 1);
        lists.push_back(line.value().begin().key());
    }
    CHECK(lists == std::vector<std::string>{"leads", "leads", "rows", "outbox", "marks", "audit", "raw"});
    const Json first =
        codec::parse_json(
            text.substr(text.find('\n') + 1, text.find('\n', text.find('\n') + 1) - text.find('\n') - 1))
            .value();
    CHECK(first["leads"]["doc"] ==
          "a\nb\r\nc\vd\fe\u0085f\u2028g\u2029h\0i\x1cj\"}\nk\\"s + "\uFFFD\uFFFD\uFFFD \uFFFD");
}

TEST_CASE("malformed messages are refused, whatever they are", "[messages]") {
    const std::string good = message(R"({"v":2,"type":"wait_result","id":1})", "body");
    REQUIRE(decode_input(good).ok());
    for (std::size_t n = 0; n < good.size(); ++n) CHECK_FALSE(decode_input(good.substr(0, n)).ok());
    CHECK_FALSE(decode_input(good + "x").ok());
    for (const char* head :
         {"", "{", "[]", "null", "{}", R"({"type":"wait_result"})", R"({"v":1,"type":"wait_result"})",
          R"({"v":2})", R"({"v":2,"type":"fly"})", R"({"v":2,"type":7})", "\xFF"}) {
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
    const auto in = decoded(R"({"v":2,"type":"start","now":1})");
    CHECK(std::get<effect::Start>(in.input).event == "null");
    CHECK(std::get<effect::Start>(in.input).random.empty());
    CHECK(std::get<effect::Start>(decoded(R"({"v":2,"type":"start","random":"zz"})").input).random.empty());
}
