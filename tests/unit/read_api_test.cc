// GET /v1/leads and /v1/status: reading their parameters, page tokens, and what leaves only with an audit
// entry. What callers see is in tests/cases/api.json and tests/api.
#include "engine/read_api.h"

#include <catch2/catch.hpp>
#include <set>

#include "base/text.h"
#include "job_player.h"
#include "jobs/records.h"
#include "jobs/report/page_token.h"
#include "jobs/report/status_job.h"

using namespace leadbridge;
using codec::Json;

namespace {

// The event, or the problem as text.
Json read(const std::string& query, const std::string& kind = "leads") {
    std::string problem;
    Json event = engine::read_event(kind, query, problem);
    return problem.empty() ? event : Json(problem);
}

lead::Lead lead_of(const std::string& id, const std::string& phone) {
    lead::Lead lead;
    lead.source = {"alimama", "ads", "acme", id, 1, 1'700'000'000'000};
    lead.phones.push_back(lead::parse_phone(phone));
    return lead;
}

void store(testing::World& world, const std::vector<lead::Lead>& leads) {
    effect::Records records;
    records.commit = "c" + std::to_string(++world.run);
    records.now = world.now;
    for (const auto& each : leads)
        records.leads.push_back(jobs::lead_record(each, {"ads", 730}, world.now, lead::Vault{}));
    REQUIRE(world.store->commit({{}, records}).ok());
}

testing::Played play(testing::World& world, bool reveal, std::int64_t limit = 50) {
    jobs::LeadsJob::Query query;
    query.limit = limit;
    query.reveal = reveal;
    jobs::LeadsJob job(query, std::make_shared<lead::Vault>(),
                       jobs::HttpAnswer{{{"x-more", "1"}}, "q", reveal ? "all sources" : ""});
    return testing::Player(world).play(job);
}

}  // namespace

TEST_CASE("parameters of /v1/leads", "[read_api]") {
    CHECK(read("") == Json{{"kind", "leads"}, {"limit", 100}});
    CHECK(read("&&limit=&since=&until=&source=&page=&") == Json{{"kind", "leads"}, {"limit", 100}});
    CHECK(read("limit=1")["limit"] == 1);
    CHECK(read("limit=1000")["limit"] == 1000);
    CHECK(read("source=a%26b+c&page=00ff")["source"] == "a&b c");
    CHECK(read("since=0&until=1700000000000") ==
          Json{{"kind", "leads"}, {"limit", 100}, {"since", 0}, {"until", 1'700'000'000'000}});
    // Text without a zone is the platforms': +08:00.
    CHECK(read("since=2023-11-15T06:13:20%2B08:00")["since"] == 1'700'000'000'000);
    CHECK(read("since=2023-11-14T22:13:20Z")["since"] == 1'700'000'000'000);
    CHECK(read("since=2023-11-15T06:13:20")["since"] == 1'700'000'000'000);
    CHECK(read("since=2023-11-15+06:13:20.000")["since"] == 1'700'000'000'000);
    CHECK(read("until=2023-11-15")["until"] == 1'699'977'600'000);
    CHECK(read("since=5&until=5")["until"] == 5);
}

TEST_CASE("parameters that are none: which, and why", "[read_api]") {
    for (const auto& [query, part] :
         std::vector<std::pair<std::string, std::string>>{{"limit=0", "limit must be"},
                                                          {"limit=-1", "limit must be"},
                                                          {"limit=1001", "limit must be"},
                                                          {"limit=1e9", "limit must be"},
                                                          {"limit=1000000000", "limit must be"},
                                                          {"limit=99999999999999999999", "limit must be"},
                                                          {"limit=+5", "limit must be"},
                                                          {"limit=5.0", "limit must be"},
                                                          {"limit=5%00", "limit must be"},
                                                          {"limit=1&limit=1", "limit is given twice"},
                                                          {"source=a&source=b", "source is given twice"},
                                                          {"since=yesterday", "since must be"},
                                                          {"since=-1", "since must be"},
                                                          {"since=2023-02-30", "since must be"},
                                                          {"since=2023-11-15T06:13:20+08:00", "%2B for +"},
                                                          {"until=253402300800000", "until must be"},
                                                          {"until=9223372036854775808", "until must be"},
                                                          {"since=2&until=1", "since is later than until"},
                                                          {"reveal=true", "reveal is no parameter"},
                                                          {"Limit=5", "Limit is no parameter"},
                                                          {"kind=pull", "kind is no parameter"},
                                                          {"limit until=5", "limit until is no parameter"},
                                                          {"=5", " is no parameter"},
                                                          {"source", ""},
                                                          {"page=%zz", "page has a broken % sequence"},
                                                          {"%6cimit=5", "%6cimit is no parameter"},
                                                          {"<script>=1", "<script> is no parameter"}}) {
        CAPTURE(query);
        const Json found = read(query);
        if (part.empty()) {
            CHECK(found.is_object());
        } else {
            REQUIRE(found.is_string());
            CHECK(found.get<std::string>().find(part) != std::string::npos);
        }
    }
    CHECK(read("", "status")["kind"] == "status");
    CHECK(read("limit=5", "status").is_string());
    // A token that somebody puts into the address is not repeated.
    CHECK(read("token=fake-secret-token-123").get<std::string>().find("fake") == std::string::npos);
    CHECK(read(std::string(100'000, 'x') + "=1").get<std::string>().size() < 200);
}

TEST_CASE("a page token is good for its own query only", "[read_api]") {
    const std::string stored = "1700000000000:alimama:acme:1";
    const std::string token = jobs::page_token("q", stored);
    CHECK(token.find_first_not_of("0123456789abcdef") == std::string::npos);
    CHECK(jobs::stored_token("q", token) == stored);
    CHECK_FALSE(jobs::stored_token("other", token));
    CHECK(jobs::page_token("q", "").empty());
    for (std::size_t at = 0; at < token.size(); ++at) {
        std::string damaged = token;
        damaged[at] = damaged[at] == '0' ? '1' : '0';
        CHECK_FALSE(jobs::stored_token("q", damaged));
        CHECK_FALSE(jobs::stored_token("q", token.substr(0, at)));
    }
    for (const std::string& garbage :
         {stored, std::string("-1"), std::string("zz"), token + "00", " " + token})
        CHECK_FALSE(jobs::stored_token("q", garbage));
}

TEST_CASE("plain phones leave only after an audit entry", "[read_api]") {
    testing::World world;
    store(world, {lead_of("1", "13800138000"), lead_of("2", "13900139000")});
    const auto body = [](const testing::Played& played) {
        return codec::parse_json(played.response.value().body).value();
    };

    const auto masked = play(world, false);
    REQUIRE(masked.finished);
    CHECK(masked.response->status == 200);
    CHECK(masked.response->headers[0].first == "x-more");
    CHECK(masked.response->body.find("13800138000") == std::string::npos);
    CHECK(body(masked)["leads"].size() == 2);
    CHECK_FALSE(body(masked).contains("job"));
    CHECK(masked.effects == 2);  // no commit

    const auto plain = play(world, true, 1);
    CHECK(plain.response->status == 200);
    CHECK(plain.response->body.find("1390013900") != std::string::npos);
    CHECK(plain.effects == 3);
    // Summaries are logged.
    CHECK(codec::dump_json(plain.summary).find("139") == std::string::npos);
    CHECK(plain.summary == Json{{"job", "leads"}, {"count", 1}});
    CHECK(jobs::stored_token("q", body(plain)["next"].get<std::string>()).has_value());

    world.broken = "commit";
    const auto refused = play(world, true);
    CHECK(refused.exit == 2);
    CHECK(refused.response->status == 503);
    CHECK(refused.response->headers[0].first == "x-more");
    CHECK(refused.response->body.find("1390013900") == std::string::npos);
    CHECK(body(refused)["error"] == "store_failed");
    CHECK(play(world, false).response->status == 200);

    world.broken = "scan";
    const auto failed = play(world, false);
    CHECK(failed.exit == 2);
    CHECK(failed.response->status == 503);
    CHECK(body(failed)["error"] == "store_failed");
    CHECK(failed.summary["error"]["code"] == "store_failed");

    // Nothing revealed, nothing to note.
    testing::World empty;
    CHECK(play(empty, true).effects == 2);
}

TEST_CASE("a page of large leads ends early, and the walk still finds them all", "[read_api]") {
    testing::World world;
    std::vector<lead::Lead> leads;
    for (int i = 0; i < 400; ++i) {
        leads.push_back(lead_of(std::to_string(i), "13800138000"));
        leads.back().remark = std::string(20'000, 'x');
    }
    store(world, leads);
    std::set<std::string> ids;
    std::string page;
    int pages = 0;
    do {
        jobs::LeadsJob::Query query;
        query.limit = 1000;
        query.page = page;
        jobs::LeadsJob job(query, std::make_shared<lead::Vault>(), jobs::HttpAnswer{{}, "q", "all sources"});
        const auto played = testing::Player(world).play(job);
        REQUIRE(played.response->status == 200);
        CHECK(played.response->body.size() < 6'000'000);
        const Json body = codec::parse_json(played.response->body).value();
        for (const auto& each : body["leads"]) CHECK(ids.insert(each["id"].get<std::string>()).second);
        page = jobs::stored_token("q", body["next"].get<std::string>()).value_or("");
    } while (!page.empty() && ++pages < 10);
    CHECK(pages == 1);
    CHECK(ids.size() == 400);
}
