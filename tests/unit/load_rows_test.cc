#include <catch2/catch.hpp>
#include <string>

#include "base/text.h"
#include "jobs/backflow/backflow_status_job.h"
#include "jobs/backflow/load_rows_job.h"
#include "platforms/etc/clue_rows.h"
#include "tests/unit/job_player.h"

using namespace leadbridge;
using namespace leadbridge::testing;
using codec::Json;

namespace {

Played load(World& world, const std::string& body, bool respond = false, std::size_t most = 100'000,
            base::Millis seconds = 600) {
    jobs::LoadRows order{"etc", 4, platforms::etc::check_clue_row, "auto", respond};
    jobs::LoadRowsJob job(order, body);
    Player player(world);
    player.budget().deadline = world.now + seconds * base::kSecond;
    return player.play(job, most);
}

std::string many(int rows) {
    std::string text = "id,cid,created_time\n";
    for (int i = 1; i <= rows; ++i)
        text += std::to_string(i) + "," + std::to_string(i * 7) + ",2021-12-23 14:47:45\n";
    return text;
}

}  // namespace

TEST_CASE("rows of a file are stored once, newer forms replace", "[load_rows]") {
    World world;
    auto played = load(world, "id,z_name,updated_time\n7,a,2021-12-23 14:47:45\n8,b,\n");
    CHECK(played.exit == 0);
    CHECK(played.summary["inserted"] == 2);
    CHECK(played.summary["rows"] == 2);
    CHECK(played.summary["job"] == "backflow");
    CHECK(played.summary["action"] == "load");
    auto rows = rows_of(world, "etc/4");
    REQUIRE(rows.size() == 2);
    CHECK(rows["0000000000000000007"]["z_name"] == "a");

    played = load(world, "id,z_name,updated_time\n7,a,2021-12-23 14:47:45\n8,b,\n");
    CHECK(played.summary["unchanged"] == 2);
    // Older: stays. Newer, or as old with another content: replaced.
    played = load(world,
                  "{\"id\":7,\"z_name\":\"old\",\"updated_time\":\"2021-12-22 "
                  "00:00:00\"}\n{\"id\":8,\"z_name\":\"c\"}");
    CHECK(played.summary["unchanged"] == 1);
    CHECK(played.summary["updated"] == 1);
    rows = rows_of(world, "etc/4");
    CHECK(rows["0000000000000000007"]["z_name"] == "a");
    CHECK(rows["0000000000000000008"]["z_name"] == "c");

    jobs::BackflowStatusJob status("etc", jobs::BackflowStatusJob::Kind::loaded_rows);
    const auto shown = Player(world).play(status);
    CHECK(shown.exit == 0);
    REQUIRE(shown.summary["sets"].size() == 1);
    CHECK(shown.summary["sets"][0]["rows"] == 2);
    CHECK(shown.summary["sets"][0]["data_type"] == 4);
}

TEST_CASE("refused rows are named, the good ones are stored", "[load_rows]") {
    World world;
    const auto played =
        load(world, "\xEF\xBB\xBFid,cid,colour\r\n1,x,red\r\n2,5,\r\n3\r\n\"4\",\"6\",blue\r\n");
    CHECK(played.exit == 2);
    CHECK(played.summary["inserted"] == 2);
    CHECK(played.summary["refused"] == 2);
    CHECK(played.summary["rows"] == 4);
    CHECK(played.summary["unknown_columns"] == Json{{"colour", 1}});
    const Json& problems = played.summary["problems"];
    REQUIRE(problems.size() == 2);
    CHECK(problems[0]["line"] == 2);
    CHECK(problems[0]["column"] == "cid");
    CHECK(problems[1]["line"] == 4);
    CHECK_FALSE(played.summary.contains("error"));
    // At most 50 problems are told.
    std::string bad = "id\n";
    for (int i = 0; i < 70; ++i) bad += "x\n";
    const auto all = load(world, bad);
    CHECK(all.exit == 2);
    CHECK(all.summary["refused"] == 70);
    CHECK(all.summary["problems"].size() == 50);
}

TEST_CASE("files that cannot be read", "[load_rows]") {
    for (const auto& [body, code] : std::vector<std::pair<std::string, std::string>>{
             {"", "table_empty"}, {"id,id\n1,2", "table_header"}, {"id,\xC3\xFB\n1,2", "table_not_utf8"}}) {
        World world;
        const auto played = load(world, body, true);
        CHECK(played.exit == 1);
        CHECK(played.summary["error"]["code"] == code);
        REQUIRE(played.response);
        CHECK(played.response->status == 400);
    }
}

TEST_CASE("an HTTP caller hears how it went", "[load_rows]") {
    World world;
    CHECK(load(world, "id\n1\n", true).response->status == 200);
    CHECK(load(world, "id\n1\nx\n", true).response->status == 422);
    CHECK(codec::parse_json(load(world, "id\n1\n", true).response->body).value()["unchanged"] == 1);
    CHECK_FALSE(load(world, "id\n1\n").response);
    world.broken = "commit";
    const auto played = load(world, "id\n1\n", true);
    CHECK(played.response->status == 503);
    CHECK(played.exit == 2);
    CHECK(played.summary["error"]["code"] == "store_failed");
}

TEST_CASE("commits of 200 rows; time that is up between them", "[load_rows]") {
    World world;
    auto played = load(world, many(450));
    CHECK(played.effects == 3);
    CHECK(played.summary["inserted"] == 450);
    World other;
    played = load(other, many(450), true, 100'000, 0);
    CHECK(played.exit == 3);
    CHECK(played.summary["inserted"] == 200);
    CHECK(played.summary["error"]["code"] == "budget");
    CHECK(played.summary["error"]["reason"].get<std::string>().find("200 rows are stored") == 0);
    CHECK(played.response->status == 503);
    played = load(other, many(200), false, 100'000, 0);
    CHECK(played.exit == 0);  // nothing is left to do
}

TEST_CASE("killed at any effect and loaded again", "[load_rows]") {
    const std::string file = many(450);
    for (std::size_t most = 0; most <= 3; ++most) {
        World world;
        load(world, file, false, most);
        const auto played = load(world, file);
        CHECK(played.exit == 0);
        CHECK(rows_of(world, "etc/4").size() == 450);
        CHECK(played.summary["inserted"].get<int>() + played.summary["unchanged"].get<int>() == 450);
    }
}
