// The preview on its own: what one call may hold, and payloads damaged at random.
#include <catch2/catch.hpp>
#include <fstream>
#include <iterator>
#include <set>
#include <string>
#include <vector>

#include "base/text.h"
#include "engine/engine.h"
#include "lead/lead.h"
#include "platforms/registry.h"
#include "test_data.h"

using namespace leadbridge;
using codec::Json;
using codec::member;

namespace {

std::string file(const std::string& name) {
    std::ifstream in(std::string(LEADBRIDGE_TEST_DATA) + "/" + name, std::ios::binary);
    REQUIRE(in.good());
    return {std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
}

struct Answer {
    int exit = -1;
    Json summary;
};

Answer preview(const std::string& body, Json event = Json::object()) {
    event["kind"] = "preview";
    engine::Engine engine("");
    engine.feed(effect::Start{codec::dump_json(event), body, std::string(32, 'r')}, 1'694'077'000'000);
    Answer out;
    while (auto effect = engine.next()) {
        const auto* done = std::get_if<effect::Done>(&effect->what);
        REQUIRE(done != nullptr);
        auto summary = codec::parse_json(done->summary, {64U << 20U, 80});
        REQUIRE(summary.ok());
        out = {done->exit, std::move(summary).value()};
    }
    REQUIRE(out.summary.is_object());
    return out;
}

// Every record is a lead, a row or a problem; otherwise there is an error that says why.
void check_shape(const Answer& answer) {
    const Json& summary = answer.summary;
    const std::size_t listed =
        member(summary, "leads").size() + member(summary, "rows").size() + member(summary, "problems").size();
    REQUIRE(codec::member_int(summary, "records") == static_cast<std::int64_t>(listed));
    for (const auto& lead : member(summary, "leads")) {
        REQUIRE(member(member(lead, "lead"), "id").is_string());
        REQUIRE(member(lead, "unknown").is_array());
        REQUIRE(member(lead, "line").is_number());
    }
    for (const auto& row : member(summary, "rows")) REQUIRE(member(row, "row").is_object());
    for (const auto& problem : member(summary, "problems"))
        REQUIRE(!codec::member_text(problem, "problem").value_or("").empty());
    const Json& error = member(summary, "error");
    if (!error.is_null()) {
        REQUIRE(listed == 0);
        REQUIRE(!codec::member_text(error, "reason").value_or("").empty());
    }
    REQUIRE(answer.exit == (error.is_null() && member(summary, "problems").empty() ? 0 : 2));
}

std::vector<std::string> seeds() {
    const std::string push = file("cases/common/tmall_push.json");
    std::vector<std::string> out = {push, "\xEF\xBB\xBF" + push + "\r\n" + push};
    for (const char* name : {"sample.json", "sample_simplified.json", "sample.xml", "tanma_list.json",
                             "etc_answer.json", "etc_rows.ndjson"})
        out.push_back(file(std::string("cases/common/") + name));
    out.push_back("id,platform,account,lead_id,name,phone\n1,alimama,2,3,\"a\",13800138000\n");
    out.push_back("record_id=1&phone=13800138000&name=%E5%BC%A0&open_key=k");
    out.push_back("5TMVT8H4yTSSoING+afhRlGcCZAIxTs8Z7o3vGpid6tF2aF7C73uZ44qMopuNPCFmwOLOJ8xViCTHUfe/xYZSb71");
    out.push_back(R"({"type":2,"data":"[{\"id\":64,\"store_id\":3,\"statisticsDate\":\"2022-04-02\"}]"})");
    out.push_back(R"({"v":1,"id":"a:b:c","source":{"platform":"alimama"},"phones":[{"class":"mobile"}],)"
                  R"("owner":{"phones":[]},"person":{"name":"x"}})");
    out.push_back(R"({"noise":1,"type":"new_x","content":[{"customerId":1,"name":"x"}]})");
    return out;
}

}  // namespace

TEST_CASE("damaged payloads are leads, rows, problems or one error", "[preview]") {
    crypto::RandomStream random("preview");
    const auto all = seeds();
    static const std::vector<std::string> kPieces = {"{",
                                                     "}",
                                                     "[",
                                                     "]",
                                                     "\"",
                                                     ",",
                                                     ":",
                                                     "null",
                                                     "1e999",
                                                     "-0",
                                                     "18446744073709551616",
                                                     "\n",
                                                     "\r",
                                                     "\xE5",
                                                     "\xF0\x9F\x98\x80",
                                                     "<a>",
                                                     "</a>",
                                                     "<![CDATA[",
                                                     "&amp;",
                                                     "&x;",
                                                     "%",
                                                     "%2",
                                                     "=",
                                                     "&",
                                                     ";",
                                                     "\t",
                                                     "<!DOCTYPE x [",
                                                     "{\"v\":1}",
                                                     "[[[[",
                                                     std::string(1, '\0'),
                                                     "\xE2\x80\xAE",
                                                     "true",
                                                     "{}",
                                                     "[]"};
    std::set<std::string> codes;
    for (int round = 0; round < 4000; ++round) {
        std::string body = all[random.below(static_cast<std::uint32_t>(all.size()))];
        for (std::uint32_t edits = random.below(6); edits > 0 && !body.empty(); --edits) {
            const auto at = random.below(static_cast<std::uint32_t>(body.size()));
            switch (random.below(6)) {
                case 0:
                    body.erase(at, random.below(40));
                    break;
                case 1:
                    body.insert(at, kPieces[random.below(static_cast<std::uint32_t>(kPieces.size()))]);
                    break;
                case 2:
                    body[at] = static_cast<char>(random.below(256));
                    break;
                case 3:
                    body.insert(at, body.substr(random.below(static_cast<std::uint32_t>(body.size())), 60));
                    break;
                case 4:
                    body = body.substr(0, at);
                    break;
                default:
                    body += "\n" + all[random.below(static_cast<std::uint32_t>(all.size()))];
            }
        }
        Json event = codec::object({{"reveal", random.below(2) == 0}, {"raw", random.below(2) == 0}});
        if (random.below(4) == 0) {
            event["tanma_app_id"] = "zc_test";
            event["tanma_app_key"] = "zc_test";
        }
        if (random.below(4) == 0)
            event["platform"] = std::string(platforms::previews()[random.below(6)].platform);
        if (random.below(8) == 0) event["format"] = random.below(2) == 0 ? "csv" : "ndjson";
        CAPTURE(round, body);
        const Answer answer = preview(body, event);
        check_shape(answer);
        codes.insert(codec::member_text(member(answer.summary, "error"), "code").value_or("none"));
    }
    // The damage is of many kinds, or this test says nothing.
    CHECK(codes.count("none") == 1);
    CHECK(codes.size() > 8);
}

TEST_CASE("two thousand records, not more", "[preview]") {
    const std::string row = "{\"id\":5,\"mm_src_cname\":\"x\"}\n";
    std::string body;
    for (int i = 0; i < 2000; ++i) body += row;
    CHECK(preview(body).summary["records"] == 2000);
    CHECK(preview(body + row).summary["error"]["code"] == "too_many_records");
    CHECK(preview(std::string((8U << 20U) + 1, ' ')).summary["error"]["code"] == "too_large");
    std::string dense = "[";
    for (int i = 0; i < 430'000; ++i) dense += "1,";
    CHECK(preview(dense + "1]").summary["error"]["code"] == "too_many_values");
}

TEST_CASE("one mobile number is one person, under the session's pepper only", "[preview]") {
    const std::string body = R"({"record_id":1,"open_key":"k","phone":"13800138000"})"
                             "\n"
                             R"({"id":7,"mm_src_cname":"x","mobile":"+86 138-0013-8000"})"
                             "\n"
                             R"({"record_id":2,"open_key":"k","phone":"0571-88888888"})";
    const Json plain = preview(body).summary;
    for (const auto& lead : plain["leads"]) CHECK(!lead.contains("person"));
    const Json grouped = preview(body, codec::object({{"pepper", "a pepper of this session"}})).summary;
    REQUIRE(grouped["leads"].size() == 3);
    CHECK(grouped["leads"][0]["person"] == grouped["leads"][1]["person"]);
    CHECK(!grouped["leads"][2].contains("person"));
    const Json other = preview(body, codec::object({{"pepper", "a pepper of another one"}})).summary;
    CHECK(other["leads"][0]["person"] != grouped["leads"][0]["person"]);
}

TEST_CASE("every platform's rows are told apart", "[preview]") {
    const std::vector<std::pair<std::string, std::string>> rows = {
        {R"({"id":1,"mobile":"x","page_name":"y"})", "alimama"},
        {R"({"record_id":1,"name":"x","phone":"y"})", "tmall"},
        {R"({"customerId":1,"fields":[]})", "tanma"},
        {R"({"id":1,"zid":2,"budget":"x"})", "etc"},
        {R"({"id":1,"store_id":2,"statisticsDate":"x"})", "outinvest"},
        {R"({"id":"a","lead_id":"b","phone_class":"x"})", "leadbridge"},
    };
    for (const auto& [row, platform] : rows) {
        const auto* entry = platforms::recognise(codec::parse_json(row).value());
        REQUIRE(entry != nullptr);
        CHECK(entry->platform == platform);
        CHECK(platforms::preview_of(platform) == entry);
    }
    for (const char* nobody : {"{}", R"({"id":1,"name":"x"})", R"({"page":1,"total":2})", R"({"x":1})"})
        CHECK(platforms::recognise(codec::parse_json(nobody).value()) == nullptr);
    CHECK(platforms::preview_of("nobody") == nullptr);
}
