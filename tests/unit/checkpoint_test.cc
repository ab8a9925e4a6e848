// Checkpoints of every kind, of the version before this one, and of none.
#include "jobs/pull/checkpoint.h"

#include <catch2/catch.hpp>

#include "job_player.h"
#include "jobs/report/doctor_job.h"

using namespace leadbridge;
using namespace leadbridge::jobs;

namespace {

// As the version before this one wrote them: no turns, no phones put off.
constexpr const char* kById =
    R"({"covered":[[0,90,100]],"last_run":{"at":1700000000000,"inserted":2,"outcome":"ok","pages":1,)"
    R"("unread":0,"updated":0},"order":"desc","recent":[[100,7]],"v":1})";
constexpr const char* kByWindow =
    R"({"closed_until":1700000000000,"from":1699000000000,"kind":"window","last_run":{"at":1700000000000,)"
    R"("inserted":2,"outcome":"ok","pages":1,"unread":0,"updated":0},"v":1})";

}  // namespace

TEST_CASE("a checkpoint says of which kind it is", "[checkpoint]") {
    const auto by_id = parse_checkpoint(kById);
    REQUIRE(by_id);
    REQUIRE(std::holds_alternative<IdWalkState>(by_id.value()));
    CHECK(std::get<IdWalkState>(by_id.value()).covered.complete());
    const auto by_window = parse_checkpoint(kByWindow);
    REQUIRE(by_window);
    REQUIRE(std::holds_alternative<WindowWalkState>(by_window.value()));
    for (const auto* each : {&by_id.value(), &by_window.value()}) {
        CHECK(last_turn(notes_of(*each)) == 1'700'000'000'000);
        CHECK(notes_of(*each).served_at == 0);
    }
    CHECK(checkpoint_of<WindowWalkState>(kById).error().code == "state_unreadable");
    CHECK(checkpoint_of<IdWalkState>(kByWindow).error().code == "state_unreadable");
    for (const char* other :
         {R"({"v":1,"kind":"cursor"})", R"({"v":2})", R"({"v":2,"kind":"window"})", "[]", ""})
        CHECK(parse_checkpoint(other).error().code == "state_unreadable");
}

TEST_CASE("doctor reads the checkpoint of every kind of source", "[checkpoint]") {
    testing::World world;
    effect::StoreCommit commit;
    commit.checkpoints = {{"pull/ads", 0, kById}, {"pull/scrm", 0, kByWindow}, {"pull/new", 0, R"({"v":9})"}};
    commit.records.commit = "x";
    commit.records.now = 1;
    REQUIRE(world.store->commit(commit).ok());
    DoctorJob job({"ads", "scrm", "new", "never"}, std::make_shared<lead::Vault>());
    const auto played = testing::Player(world).play(job);
    REQUIRE(played.finished);
    std::map<std::string, bool> verdicts;
    for (const auto& check : played.summary["checks"]) verdicts[check["name"]] = check["ok"];
    CHECK(verdicts.at("source ads"));
    CHECK(verdicts.at("source scrm"));
    CHECK_FALSE(verdicts.at("source new"));
    CHECK(verdicts.count("source never") == 0);
    CHECK(played.exit == 2);
}
