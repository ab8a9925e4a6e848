#include <catch2/catch.hpp>
#include <string>

#include "codec/json.h"
#include "jobs/pull/checkpoint.h"

using namespace leadbridge;
using namespace leadbridge::jobs;

TEST_CASE("a state survives being written, 64-bit ids included", "[walk_state]") {
    IdWalkState state;
    state.covered.add({INT64_MAX - 2, INT64_MAX - 1, INT64_MAX});
    state.covered.add({0, 9007199254740993, 9007199254740993});
    state.backfill_floor = 9007199254740995;
    state.backfill_since = 1;
    state.stored = 7;
    state.order = ListOrder::ascending;
    state.page_size = 25;
    state.parked_until = 1694077000000;
    state.recent = {{INT64_MAX, 3}, {5, -1}};
    state.last_run = RunRecord{1, "budget", 2, 3, 4, 5};
    state.last_error = RunError{6, "throttled", "wait \"a\" 张 while"};
    state.warning = "clock";
    state.drift = {{"new_field", 2}};
    const std::string text = to_text(state);
    const auto back = checkpoint_of<IdWalkState>(text);
    REQUIRE(back.ok());
    CHECK(to_text(back.value()) == text);
    CHECK(back.value().covered.newest_first() == state.covered.newest_first());
    CHECK(back.value().recent == state.recent);
    CHECK(back.value().order == ListOrder::ascending);
    CHECK(back.value().last_error->reason == "wait \"a\" 张 while");
    CHECK(back.value().last_run->unread == 5);
    CHECK(back.value().drift.at("new_field") == 2);
    for (std::size_t n = 0; n < text.size(); ++n)
        REQUIRE_FALSE(checkpoint_of<IdWalkState>(text.substr(0, n)).ok());
}

TEST_CASE("an empty state", "[walk_state]") {
    const auto back = checkpoint_of<IdWalkState>(to_text(IdWalkState{}));
    REQUIRE(back.ok());
    CHECK(back.value().covered.empty());
    CHECK(back.value().order == ListOrder::unknown);
    CHECK_FALSE(back.value().last_run.has_value());
    CHECK_FALSE(back.value().last_error.has_value());
    CHECK(back.value().parked_until == 0);
}

TEST_CASE("nothing is guessed from a damaged or newer state", "[walk_state]") {
    for (const char* text :
         {"", "null", "[]", "{}", "{\"v\":2}", "{\"v\":\"x\"}", "{\"v\":1,\"covered\":[[1,2]]}",
          "{\"v\":1,\"covered\":[[1,2,\"3\"]]}", "{\"v\":1,\"covered\":[1]}",
          "{\"v\":1,\"covered\":[[1.5,2,3]]}", "{\"v\":1,", "\xFF"}) {
        CAPTURE(text);
        const auto state = checkpoint_of<IdWalkState>(text);
        REQUIRE_FALSE(state.ok());
        CHECK(state.error().code == "state_unreadable");
        CHECK_FALSE(state.error().reason.empty());
    }
    for (const char* text : {"{\"v\":1}", "{\"v\":1,\"covered\":null,\"unknown\":1}"})
        CHECK(checkpoint_of<IdWalkState>(text).ok());
}

TEST_CASE("covered ids that make no sense are damage too", "[walk_state]") {
    for (const char* text :
         {"{\"v\":1,\"covered\":[[5,4,3]]}", "{\"v\":1,\"covered\":[[-1,4,5]]}",
          "{\"v\":1,\"covered\":[[1,9,5]]}", "{\"v\":1,\"covered\":[[1,2,18446744073709551615]]}",
          "{\"v\":1,\"covered\":{}}", "{\"v\":1,\"covered\":7}", "{\"v\":1,\"covered\":\"x\"}"}) {
        CAPTURE(text);
        CHECK_FALSE(checkpoint_of<IdWalkState>(text).ok());
    }
}
