#include "platforms/etc/clue_rows.h"

#include <catch2/catch.hpp>
#include <string>

using namespace leadbridge;
using namespace leadbridge::platforms;
using codec::Json;

namespace {

const std::string kSample =
    R"({"id":215,"status":0,"distribute_did":94836,"z_role":1,"zid":0,"z_name":"","z_mobile":"","cid":86647,)"
    R"("worktable_count":2,"first_push_time":1631104923,"last_order_time":0,"order_time_lag":0,"intention_level":"",)"
    R"("intention_city_cn":"","intention_district":"","intention_hid":0,"intention_house_city_en":"","purpose":"",)"
    R"("intention_house_type":"","intention_area":"","house_num":"","payment_capacity":0,"budget":"",)"
    R"("created_time":"2021-12-23 14:47:45","updated_time":null})";

Json json(const std::string& text) { return codec::parse_json(text).value(); }
StoredRow good(const Json& row) {
    const auto checked = etc::check_clue_row(row);
    REQUIRE(std::holds_alternative<StoredRow>(checked));
    return std::get<StoredRow>(checked);
}
std::string wrong(const std::string& row) {
    const auto checked = etc::check_clue_row(json(row));
    std::string text;
    if (const auto* problems = std::get_if<std::vector<RowProblem>>(&checked)) {
        for (const auto& p : *problems) text += p.column + ": " + p.problem + "; ";
    }
    return text;
}
bool has(const std::string& text, const std::string& part) { return text.find(part) != std::string::npos; }

}  // namespace

TEST_CASE("the documented row is stored as it stands", "[clue_rows]") {
    const auto row = good(json(kSample));
    CHECK(row.doc == kSample);
    CHECK(row.id == "0000000000000000215");
    CHECK(row.at == 1640242065000);
    CHECK(row.unknown_columns.empty());
    Json updated = json(kSample);
    updated["updated_time"] = "2021-12-23 14:47:46";
    CHECK(good(updated).at == 1640242066000);
}

TEST_CASE("CSV cells are typed, absent ones get the sample's neutral value", "[clue_rows]") {
    const auto row = good(
        json(R"({"id":"9223372036854775807","zid":"9007199254740993","z_name":" x","updated_time":"NULL"})"));
    CHECK(row.id == "9223372036854775807");
    CHECK(row.at == 0);
    const Json doc = json(row.doc);
    CHECK(doc.size() == 25);
    CHECK(doc["zid"] == 9007199254740993);
    CHECK(doc["z_name"] == " x");
    CHECK(doc["budget"] == "");
    CHECK(doc["status"] == 0);
    CHECK(doc["created_time"].is_null());
    CHECK(doc["updated_time"].is_null());
}

TEST_CASE("wrong cells name their column, unknown columns stay out", "[clue_rows]") {
    CHECK(has(wrong("{}"), "id: is missing"));
    CHECK(has(wrong(R"({"id":"-5"})"), "id: must be greater than 0"));
    CHECK(has(wrong(R"({"id":0})"), "id: must be greater than 0"));
    CHECK(wrong(R"({"id":"x"})").find("missing") == std::string::npos);
    const auto said =
        wrong(R"({"id":1,"status":"new","created_time":"2021-02-29 00:00:00","z_name":{"a":1},"cid":1.5})");
    CHECK(has(said, "status: must be a whole number"));
    CHECK(has(said, "created_time: must be a time"));
    CHECK(has(said, "z_name: must be text"));
    CHECK(has(said, "cid: must be a whole number"));
    const auto row = good(json(R"({"id":1,"secret":"x","other":2})"));
    CHECK(row.unknown_columns == std::vector<std::string>{"other", "secret"});
    CHECK_FALSE(has(row.doc, "secret"));
}
