#include "jobs/pull/intervals.h"

#include <catch2/catch.hpp>
#include <set>
#include <string>

using namespace leadbridge::jobs;

namespace {
Intervals made(std::initializer_list<Interval> parts) {
    Intervals all;
    for (const auto& part : parts) all.add(part);
    return all;
}
std::string text(const Intervals& all) {
    std::string out;
    for (const auto& i : all.newest_first())
        out += std::to_string(i.lo) + "-" + std::to_string(i.settled) + "-" + std::to_string(i.hi) + " ";
    return out;
}
std::string gaps(const Intervals& all) {
    std::string out;
    for (const auto& gap : all.gaps())
        out += std::to_string(gap.after) + ".." + std::to_string(gap.before) + " ";
    return out;
}
}  // namespace

TEST_CASE("nothing is covered at first", "[intervals]") {
    CHECK(Intervals().empty());
    CHECK_FALSE(Intervals().complete());
    CHECK(gaps({}) == "");
    CHECK_FALSE(Intervals().contains(0));
}

TEST_CASE("intervals join where they share an id, in any order", "[intervals]") {
    CHECK(text(made({{10, 20, 20}})) == "10-20-20 ");
    CHECK(text(made({{10, 20, 20}, {20, 30, 30}})) == "10-30-30 ");
    CHECK(text(made({{20, 30, 30}, {10, 20, 20}})) == "10-30-30 ");
    CHECK(text(made({{10, 20, 20}, {21, 30, 30}})) == "21-30-30 10-20-20 ");  // neighbours stay apart
    CHECK(text(made({{1, 5, 5}, {9, 12, 12}, {5, 9, 9}})) == "1-12-12 ");
    CHECK(text(made({{1, 100, 100}, {40, 50, 50}})) == "1-100-100 ");
    CHECK(text(made({{40, 50, 50}, {1, 100, 100}})) == "1-100-100 ");
    CHECK(text(made({{7, 7, 7}, {7, 7, 7}})) == "7-7-7 ");
    CHECK(text(made({{0, INT64_MAX, INT64_MAX}, {5, 6, 6}})) ==
          "0-" + std::to_string(INT64_MAX) + "-" + std::to_string(INT64_MAX) + " ");
}

TEST_CASE("what is not settled does not join", "[intervals]") {
    CHECK(text(made({{10, 15, 30}, {20, 40, 40}})) == "20-40-40 10-15-30 ");
    CHECK(text(made({{10, 15, 30}, {15, 40, 40}})) == "10-40-40 ");
    CHECK(text(made({{10, 15, 30}, {12, 13, 14}})) == "10-15-30 ");  // never less than before
    const Intervals all = made({{10, 15, 30}});
    CHECK(all.contains(10));
    CHECK(all.contains(15));
    CHECK_FALSE(all.contains(16));
    CHECK_FALSE(all.contains(9));
}

TEST_CASE("gaps and completeness", "[intervals]") {
    CHECK(gaps(made({{30, 40, 40}, {10, 20, 25}})) == "25..30 0..10 ");
    CHECK(gaps(made({{30, 40, 40}, {0, 20, 20}})) == "20..30 ");
    CHECK(gaps(made({{0, 40, 40}})) == "");
    CHECK(made({{0, 40, 45}}).complete());
    CHECK_FALSE(made({{1, 40, 40}}).complete());
    CHECK_FALSE(made({{0, 10, 10}, {20, 30, 30}}).complete());
    CHECK(made({{0, 10, 10}, {20, 30, 30}, {10, 20, 20}}).complete());
}

TEST_CASE("any order of adding covers the same ids", "[intervals]") {
    std::uint64_t state = 42;
    const auto random = [&](std::int64_t below) {
        state = state * 6364136223846793005ULL + 1442695040888963407ULL;
        return static_cast<std::int64_t>((state >> 33) % static_cast<std::uint64_t>(below));
    };
    for (int round = 0; round < 300; ++round) {
        Intervals all;
        std::set<std::int64_t> covered;
        for (int n = 0; n < 12; ++n) {
            const std::int64_t lo = random(60);
            const std::int64_t hi = lo + random(8);
            all.add({lo, hi, hi});
            for (std::int64_t id = lo; id <= hi; ++id) covered.insert(id);
        }
        for (std::int64_t id = 0; id < 70; ++id) REQUIRE(all.contains(id) == covered.contains(id));
        std::int64_t above = INT64_MAX;
        for (const auto& i : all.newest_first()) {
            REQUIRE((i.lo <= i.settled && i.settled <= i.hi && i.settled < above));
            above = i.lo;
        }
    }
}
