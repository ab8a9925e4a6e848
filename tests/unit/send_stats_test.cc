#include <algorithm>
#include <catch2/catch.hpp>
#include <map>
#include <set>
#include <string>

#include "base/text.h"
#include "jobs/backflow/backflow_status_job.h"
#include "jobs/backflow/send_stats_job.h"
#include "platforms/outinvest/total_data.h"
#include "tests/unit/job_player.h"

using namespace leadbridge;
using namespace leadbridge::testing;
using codec::Json;

namespace {

constexpr base::Millis kMinute = 60'000;

std::string envelope(const std::string& result) {
    return "{\"tmall_alihouse_customer_clue_out_invest_total_data_back_flow_response\":{\"result\":" +
           result + "}}";
}
effect::HttpResult answer(const std::string& body) {
    effect::HttpResult result;
    result.status = 200;
    result.body = body;
    return result;
}
effect::HttpResult taken() { return answer(envelope(R"({"success":"true","code":"success"})")); }
effect::HttpResult refused() {
    return answer(envelope(R"({"success":"false","code":"E7","msg":"bad row"})"));
}
effect::HttpResult error(const std::string& members) {
    return answer("{\"error_response\":{" + members + "}}");
}
effect::HttpResult broken(const std::string& kind) {
    effect::HttpResult result;
    result.error_kind = kind;
    return result;
}

// Remembers which rows it took, and how often.
struct Platform {
    World world;
    std::map<std::string, int> took;  // "id/aliUv"
    int calls = 0;
    std::function<std::optional<effect::HttpResult>(const Json& rows)> fault;  // nothing = take the rows
    bool takes_and_times_out = false;

    Platform() {
        world.platform = [this](const std::string& body) {
            ++calls;
            const auto form = base::form_decode(body);
            REQUIRE(form);
            const auto req = codec::parse_json(form->substr(4)).value();
            const auto rows = codec::parse_json(req["data"].get<std::string>()).value();
            REQUIRE_FALSE(rows.empty());
            if (fault) {
                if (auto result = fault(rows)) return *result;
            }
            for (const auto& row : rows) {
                const auto uv = row.contains("aliUv") ? "/" + row["aliUv"].dump() : "";
                ++took[row["id"].dump() + uv];
            }
            return takes_and_times_out ? broken("timeout") : taken();
        };
    }
};

std::shared_ptr<const platforms::StatsTarget> target(std::int64_t batch_rows = 50) {
    wire::TopClient client;
    client.endpoint = "https://host/rest";
    client.app.app_key = "1";
    client.app.app_secret = crypto::Secret("fake-secret");
    client.session = crypto::Secret("fake-session");
    return std::make_shared<platforms::outinvest::TotalData>(
        client, batch_rows, std::vector<platforms::outinvest::TotalData::ExtraColumn>{});
}

struct Options {
    bool respond = false;
    std::size_t most = 100'000;
    std::int64_t requests = 1000;
    std::int64_t batch_rows = 50;
    base::Millis seconds = 600;
};

Played send(Platform& p, std::optional<std::string> body, const Options& options = {}) {
    jobs::SendStats order{"stats", target(options.batch_rows), 2, "auto", options.respond};
    jobs::SendStatsJob job(order, std::move(body));
    Player player(p.world);
    player.budget().requests = options.requests;
    player.budget().deadline = p.world.now + options.seconds * base::kSecond;
    return player.play(job, options.most);
}
Played flush(Platform& p, const Options& options = {}) { return send(p, std::nullopt, options); }

std::string csv(int rows, const std::string& uv = "") {
    std::string text = uv.empty() ? "id,statisticsDate\n" : "id,statisticsDate,aliUv\n";
    for (int i = 1; i <= rows; ++i)
        text += std::to_string(i) + ",2022-04-02" + (uv.empty() ? "" : "," + uv) + "\n";
    return text;
}
Json status(Platform& p) {
    jobs::BackflowStatusJob job("stats", jobs::BackflowStatusJob::Kind::sent_rows);
    const auto played = Player(p.world).play(job);
    REQUIRE(played.exit == 0);
    return played.summary;
}
bool holds(const Json& row_ids, int id) {
    return std::any_of(row_ids.begin(), row_ids.end(), [&](const Json& row) { return row["id"] == id; });
}

}  // namespace

TEST_CASE("rows of a file are sent in batches, and never again", "[send_stats]") {
    Platform p;
    auto played = send(p, csv(120));
    CHECK(played.exit == 0);
    CHECK(played.summary["enqueued"] == 120);
    CHECK(played.summary["sent"] == 120);
    CHECK(played.summary["waiting"] == 0);
    CHECK(played.summary["outcome"] == "ok");
    CHECK(p.calls == 3);
    CHECK(p.took.size() == 120);
    CHECK(status(p)["states"] == Json{{"sent", 120}, {"waiting", 0}, {"refused", 0}, {"unknown", 0}});

    played = send(p, csv(121));
    CHECK(played.exit == 0);
    CHECK(played.summary["already_sent"] == 120);
    CHECK(played.summary["sent"] == 1);
    CHECK(p.calls == 4);
    played = flush(p);
    CHECK(played.summary["sent"] == 0);
    CHECK(p.calls == 4);
}

TEST_CASE("bad rows are told and do not hold the others up", "[send_stats]") {
    Platform p;
    const auto played =
        send(p, "id,statisticsDate,colour\n1,2022-04-02,red\n2,2022-02-30,\n3\n4,2022-04-02,\n");
    CHECK(played.exit == 2);
    CHECK(played.summary["invalid"] == 2);
    CHECK(played.summary["rows"] == 4);
    CHECK(played.summary["sent"] == 2);
    CHECK(played.summary["unknown_columns"] == Json{{"colour", 1}});
    CHECK(played.summary["problems"][0]["line"] == 3);
    CHECK(played.summary["problems"][0]["column"] == "statisticsDate");
    CHECK(played.summary["problems"][1]["line"] == 4);
    CHECK(send(p, "").summary["error"]["code"] == "table_empty");
    CHECK(send(p, "").exit == 1);
}

TEST_CASE("a row refused in the middle of a batch is found, the others are sent", "[send_stats]") {
    for (const int culprit : {1, 17, 50}) {
        for (const bool business : {true, false}) {
            CAPTURE(culprit, business);
            Platform p;
            p.fault = [&](const Json& rows) -> std::optional<effect::HttpResult> {
                if (!holds(rows, culprit)) return std::nullopt;
                return business ? refused() : error(R"("code":50,"sub_code":"isv.invalid-parameter")");
            };
            const auto played = send(p, csv(50));
            CHECK(played.exit == 2);
            CHECK(played.summary["sent"] == 49);
            CHECK(played.summary["refused"] == 1);
            CHECK(p.took.size() == 49);
            CHECK(p.took.count(std::to_string(culprit)) == 0);
            for (const auto& [row, times] : p.took) CHECK(times == 1);
            CHECK(p.calls <= 14);
            const auto shown = status(p);
            CHECK(shown["states"]["refused"] == 1);
            CHECK(shown["queue"]["dead"] == 1);
            REQUIRE(shown["problems"].size() == 1);
            CHECK(shown["problems"][0]["key"] == "2/" + std::to_string(culprit) + "/2022-04-02");
            CHECK_FALSE(shown["problems"][0]["reason"].get<std::string>().empty());

            // Given again, it is tried again, for example after the platform was put right.
            p.fault = nullptr;
            const auto again = send(p, csv(50));
            CHECK(again.summary["already_sent"] == 49);
            CHECK(again.summary["sent"] == 1);
            CHECK(p.took[std::to_string(culprit)] == 1);
            CHECK(send(p, csv(50)).summary["already_sent"] == 50);
        }
    }
}

TEST_CASE("every row refused", "[send_stats]") {
    Platform p;
    p.fault = [](const Json&) { return refused(); };
    const auto played = send(p, csv(8));
    CHECK(played.summary["refused"] == 8);
    CHECK(played.summary["waiting"] == 0);
    CHECK(p.calls == 15);
}

TEST_CASE("an unknown outcome is repeated later, with a mark", "[send_stats]") {
    for (const std::string kind : {"timeout", "reset", "isp", "html"}) {
        CAPTURE(kind);
        Platform p;
        p.fault = [&](const Json&) -> std::optional<effect::HttpResult> {
            if (kind == "isp") return error(R"("code":15,"sub_code":"isp.http-read-timeout")");
            if (kind == "html") return answer("<html>x</html>");
            return broken(kind);
        };
        auto played = send(p, csv(3));
        CHECK(played.exit == 2);
        CHECK(played.summary["unknown"] == 3);
        CHECK(played.summary["waiting"] == 3);
        auto shown = status(p);
        CHECK(shown["states"]["unknown"] == 3);
        CHECK(shown["problems"].size() == 3);
        CHECK_FALSE(shown["problems"][0].contains("repeated"));

        p.fault = nullptr;
        CHECK(flush(p).summary["sent"] == 0);  // not yet due
        p.world.now += 2 * kMinute;
        played = flush(p);
        CHECK(played.exit == 0);
        CHECK(played.summary["sent"] == 3);
        const auto rows = rows_of(p.world, "stats/stats");
        for (const auto& [key, doc] : rows) {
            CHECK(doc["state"] == "sent");
            CHECK(doc["repeated"] == true);
            CHECK(doc["attempts"] == 2);
        }
    }
}

TEST_CASE("rows that were taken before the answer was lost are repeated with the mark", "[send_stats]") {
    Platform p;
    p.takes_and_times_out = true;
    send(p, csv(2));
    p.takes_and_times_out = false;
    p.world.now += 2 * kMinute;
    CHECK(flush(p).summary["sent"] == 2);
    CHECK(p.took == std::map<std::string, int>{{"1", 2}, {"2", 2}});
    CHECK(rows_of(p.world, "stats/stats").at("2/1/2022-04-02")["repeated"] == true);
}

TEST_CASE("twenty unknown outcomes, with growing pauses, end in a dead letter", "[send_stats]") {
    Platform p;
    p.fault = [](const Json&) { return broken("timeout"); };
    send(p, csv(1));
    base::Millis waited = 0;
    for (int i = 0; i < 5000 && status(p)["queue"]["waiting"] == 1; ++i) {
        p.world.now += kMinute;
        waited += kMinute;
        flush(p);
    }
    CHECK(p.calls == 20);
    CHECK(waited > 13 * 60 * kMinute);
    CHECK(status(p)["queue"]["dead"] == 1);
    p.fault = nullptr;
    CHECK(send(p, csv(1)).summary["sent"] == 1);
}

TEST_CASE("a platform that does not answer is left alone", "[send_stats]") {
    Platform p;
    p.fault = [](const Json&) { return broken("timeout"); };
    const auto played = send(p, csv(200), {.batch_rows = 10});
    CHECK(p.calls == 2);
    CHECK(played.exit == 2);
    CHECK(played.summary["outcome"] == "failed");
    CHECK(played.summary["waiting"] == 200);
}

TEST_CASE("throttling: short bans are waited for, long ones put the rows off", "[send_stats]") {
    Platform p;
    int bans = 0;
    std::string seconds = "2";
    p.fault = [&](const Json&) -> std::optional<effect::HttpResult> {
        if (bans-- > 0)
            return error(R"("code":7,"sub_msg":"This ban will last for )" + seconds + R"( more seconds")");
        return std::nullopt;
    };
    bans = 2;
    auto played = send(p, csv(3));
    CHECK(played.exit == 0);
    CHECK(played.waits == 2);
    CHECK(played.summary["sent"] == 3);
    seconds = "600";
    bans = 1;
    played = send(p, csv(3, "5"));
    CHECK(played.summary["outcome"] == "parked");
    CHECK(played.summary["waiting"] == 3);
    CHECK(flush(p).summary["sent"] == 0);
    p.world.now += 11 * kMinute;
    CHECK(flush(p).summary["sent"] == 3);
}

TEST_CASE("the call as a whole fails: no row is blamed", "[send_stats]") {
    for (const std::string members :
         {R"("code":27,"msg":"Invalid session")", R"("code":25,"msg":"Invalid signature")",
          R"("code":11,"sub_code":"isv.permission-api-package-limit")"}) {
        Platform p;
        p.fault = [&](const Json&) { return error(members); };
        const auto played = send(p, csv(60));
        CHECK(played.exit == 2);
        CHECK(played.summary["outcome"] == "failed");
        CHECK_FALSE(played.summary["reason"].get<std::string>().empty());
        CHECK(p.calls == 1);
        CHECK(status(p)["states"]["waiting"] == 60);
        p.fault = nullptr;
        p.world.now += 11 * kMinute;
        CHECK(flush(p).summary["sent"] == 60);
    }
    Platform p;
    p.fault = [](const Json&) { return broken("dns"); };
    const auto played = send(p, csv(1));
    CHECK(played.summary["outcome"] == "failed");
    CHECK(played.waits == 2);  // not sent for certain: tried again at once
    CHECK(status(p)["states"]["unknown"] == 0);
}

TEST_CASE("the budget", "[send_stats]") {
    Platform p;
    auto played = send(p, csv(120), {.requests = 1});
    CHECK(played.exit == 3);
    CHECK(played.summary["sent"] == 50);
    CHECK(played.summary["waiting"] == 70);
    CHECK(flush(p).summary["sent"] == 70);
    // Time is up while the file is read.
    Platform q;
    played = send(q, csv(500), {.seconds = 0});
    CHECK(played.exit == 3);
    CHECK(played.summary["error"]["code"] == "budget");
    CHECK(played.summary["enqueued"] == 200);
    played = send(q, csv(500));
    CHECK(played.summary["already_waiting"] == 200);
    CHECK(played.summary["sent"] == 500);
}

TEST_CASE("only the newest text of a row is sent", "[send_stats]") {
    Platform p;
    p.fault = [](const Json&) { return broken("timeout"); };
    send(p, csv(2, "1"));
    p.fault = nullptr;
    auto played = send(p, csv(2, "2"));  // corrected while the first form still waits
    CHECK(played.summary["sent"] == 2);
    p.world.now += 5 * kMinute;
    played = flush(p);
    CHECK(played.summary["superseded"] == 2);
    CHECK(played.summary["waiting"] == 0);
    CHECK(p.took == std::map<std::string, int>{{"1/2", 1}, {"2/2", 1}});
    // Corrected back: sent, though that text was known once.
    CHECK(send(p, csv(2, "1")).summary["sent"] == 2);
    CHECK(send(p, csv(2, "1")).summary["already_sent"] == 2);
    CHECK(send(p, csv(2, "2")).summary["sent"] == 2);
    CHECK(p.took == std::map<std::string, int>{{"1/1", 1}, {"2/1", 1}, {"1/2", 2}, {"2/2", 2}});
    // Twice in one file: the later line counts.
    played = send(p, "id,statisticsDate,aliUv\n9,2022-04-02,1\n9,2022-04-02,1\n9,2022-04-02,3\n");
    CHECK(played.summary["enqueued"] == 1);
    CHECK(p.took["9/3"] == 1);
    CHECK(p.took.count("9/1") == 0);
}

TEST_CASE("an HTTP caller hears what is queued, another event sends it", "[send_stats]") {
    Platform p;
    auto played = send(p, csv(3), {.respond = true});
    REQUIRE(played.response);
    CHECK(played.response->status == 202);
    CHECK(codec::parse_json(played.response->body).value()["enqueued"] == 3);
    CHECK(p.calls == 0);
    played = send(p, csv(3), {.respond = true});
    CHECK(played.summary["already_waiting"] == 3);
    CHECK(flush(p).summary["sent"] == 3);
    CHECK(send(p, "id,statisticsDate\n7,2022-04-02\nx,y\n", {.respond = true}).response->status == 422);
    CHECK(send(p, "id,id\n", {.respond = true}).response->status == 400);
    p.world.broken = "commit";
    played = send(p, csv(9), {.respond = true});
    CHECK(played.response->status == 503);
    CHECK(played.exit == 2);
    for (const char* what : {"load", "claim", "scan"}) {
        p.world.broken = what;
        played = send(p, csv(20));
        CHECK(played.finished);
        CHECK(played.exit == 2);
    }
}

TEST_CASE("killed at every effect: no row is lost, a repeat is marked", "[send_stats]") {
    // One refused row and one call without a known outcome on the way.
    const std::string file = csv(25);
    std::size_t whole = 0;
    int most_repeated = 0;
    for (std::size_t most = 0; whole == 0 || most <= whole; ++most) {
        CAPTURE(most);
        Platform p;
        bool timed_out = false;
        p.fault = [&](const Json& rows) -> std::optional<effect::HttpResult> {
            if (holds(rows, 13)) return refused();
            if (holds(rows, 21) && !timed_out) {
                timed_out = true;
                return broken("timeout");
            }
            return std::nullopt;
        };
        const auto first = send(p, file, {.most = most, .batch_rows = 10});
        if (first.finished) whole = most;
        // Started again with the same file, as an operator would; then the schedule goes on.
        p.world.now += 3 * kMinute;
        send(p, file, {.batch_rows = 10});
        for (int i = 0; i < 5; ++i) {
            p.world.now += 10 * kMinute;
            flush(p, {.batch_rows = 10});
        }
        const auto rows = rows_of(p.world, "stats/stats");
        REQUIRE(rows.size() == 25);
        int repeated = 0;
        for (int id = 1; id <= 25; ++id) {
            const Json& doc = rows.at("2/" + std::to_string(id) + "/2022-04-02");
            if (id == 13) {
                CHECK(doc["state"] == "refused");
                continue;
            }
            CHECK(doc["state"] == "sent");
            const int times = p.took[std::to_string(id)];
            CHECK(times >= 1);
            if (times > 1) {
                ++repeated;
                CHECK(doc["repeated"] == true);
            }
        }
        CHECK(repeated <= 10);  // one batch at most
        most_repeated = std::max(most_repeated, repeated);
        CHECK(p.took.count("13") == 0);
        CHECK(status(p)["queue"]["waiting"] == 0);
        REQUIRE(most < 200);
    }
    CHECK(most_repeated > 0);
}
