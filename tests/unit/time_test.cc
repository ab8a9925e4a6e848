#include "base/time.h"

#include <catch2/catch.hpp>
#include <cstdlib>
#include <string>
#include <vector>

#include "base/serial_day.h"

using namespace leadbridge::base;

namespace {
struct Row {
    const char* text;
    std::optional<Millis> utc;
};
constexpr Millis kSample = 1651571068000;  // 2022-05-03 17:44:28 +08:00
constexpr auto kNothing = std::nullopt;
}  // namespace

TEST_CASE("instants as text", "[time]") {
    CHECK(china_text(0) == "1970-01-01 08:00:00");
    CHECK(china_text(kSample) == "2022-05-03 17:44:28");
    CHECK(china_text(kSample + 999) == "2022-05-03 17:44:28");
    CHECK(china_text(-1) == "1970-01-01 07:59:59");
    CHECK(iso_text(kSample + 7) == "2022-05-03T09:44:28.007Z");
    CHECK(iso_text(-1) == "1969-12-31T23:59:59.999Z");
    CHECK(china_text(951753600000) == "2000-02-29 00:00:00");
    CHECK(iso_text(INT64_MAX) == "9999-12-31T23:59:59.999Z");
    CHECK(iso_text(INT64_MIN) == "0000-01-01T00:00:00.000Z");
    CHECK(china_text(INT64_MAX) == "9999-12-31 23:59:59");
    CHECK(china_text(253'402'300'799'999) == "9999-12-31 23:59:59");
    CHECK(china_text(INT64_MIN) == "0000-01-01 08:00:00");
}

TEST_CASE("civil text is +08:00 unless it says otherwise", "[time]") {
    const std::vector<Row> rows = {
        {"2022-05-03 17:44:28", kSample},
        {" 2022-05-03 17:44:28\n", kSample},
        {"2022/05/03 17:44:28", kSample},
        {"2022-05-03T17:44:28", kSample},
        {"2022-05-03 17:44:28.5", kSample + 500},
        {"2022-05-03 17:44:28.007", kSample + 7},
        {"2022-05-03 17:44:28.0079999", kSample + 7},
        {"2022-05-03 17:44", kSample - 28000},
        {"2022-05-03", kSample - (17 * 3600 + 44 * 60 + 28) * 1000},
        {"2022-05-03T09:44:28Z", kSample},
        {"2022-05-03T09:44:28.000z", kSample},
        {"2022-05-03T11:44:28+02:00", kSample},
        {"2022-05-03T04:14:28-0530", kSample},
        {"1970-01-01 08:00:00", 0},
        {"1970-01-01 00:00:00", -28'800'000},
        {"2020-02-29 00:00:00", 1582905600000},
        {"2000-02-29", 951753600000},
        // impossible or not a date
        {"1900-02-29", kNothing},
        {"2021-02-29", kNothing},
        {"2022-02-30", kNothing},
        {"2022-04-31", kNothing},
        {"2022-13-01", kNothing},
        {"2022-00-10", kNothing},
        {"2022-01-00", kNothing},
        {"2022-01-32", kNothing},
        {"2022-05-03 24:00:00", kNothing},
        {"2022-05-03 23:60:00", kNothing},
        {"2022-05-03 23:59:60", kNothing},
        {"2022-05-03 7:44:28", kNothing},
        {"2022-5-3", kNothing},
        {"22-05-03", kNothing},
        {"2022-05-03 ", kSample - (17 * 3600 + 44 * 60 + 28) * 1000},  // trimmed
        {"2022-05-03T", kNothing},
        {"2022-05-03 17", kNothing},
        {"2022-05-03 17:44:", kNothing},
        {"2022-05-03 17:44:28.", kNothing},
        {"2022-05-03 17:44:28 PM", kNothing},
        {"2022-05-03 17:44:28+15:00", kNothing},
        {"2022-05-03 17:44:28+08:60", kNothing},
        {"2022-05-03 17:44:28+8", kNothing},
        {"2022-05-03Z", kNothing},
        {"20220503", kNothing},
        {"-2022-05-03", kNothing},
        {"", kNothing},
        {"yesterday", kNothing},
        {"２０２２-05-03", kNothing},
    };
    for (const Row& row : rows) {
        CAPTURE(row.text);
        CHECK(parse_china_text(row.text) == row.utc);
    }
}

TEST_CASE("platform dates: civil text, or epoch seconds or milliseconds", "[time]") {
    const std::vector<Row> rows = {
        {"1694076956000", 1694076956000},
        {"1694076956", 1694076956000},
        {" 1694076956000 ", 1694076956000},
        {"2022-05-03 17:44:28", kSample},
        {"9999999999", 9999999999000},
        {"10000000000", 10000000000},
        {"253402300799999", 253402300799999},
        {"253402300800000", kNothing},
        {"9223372036854775807", kNothing},
        {"99999999999999999999", kNothing},
        {"0", kNothing},
        {"-1694076956000", kNothing},
        {"1694076956000.0", kNothing},
        {"", kNothing},
        {"null", kNothing},
        {"100000000", 100000000000},
        {"99999999", kNothing},
        // compact dates
        {"20220503", kSample - (17 * 3600 + 44 * 60 + 28) * 1000},
        {"20220503174428", kSample},
        {"20220503174428007", kSample + 7},
        {"202205031744", kSample - 28000},
        {"20230102", 1672588800000},
        {"20230102030405", 1672599845000},
        {"00000101", -62'167'219'200'000},  // before the first moment in UTC: that one
        {"951753600000", 951753600000},     // twelve digits, no year of ours
        {"20231301", kNothing},
        {"20230229", kNothing},
        {"20230132", kNothing},
        {"20230102240000", kNothing},
        {"20230102036005", kNothing},
        {"202301022460", kNothing},
        {"20230102030460000", kNothing},
        {"00000000", kNothing},
        // a spreadsheet's day, a month, a count, a phone's extension
        {"44927", kNothing},
        {"44927.5", kNothing},
        {"202301", kNothing},
        {"1", kNothing},
        {"1.38E+10", kNothing},
        {"1234567890123456789012345678901234567890", kNothing},
    };
    for (const Row& row : rows) {
        CAPTURE(row.text);
        CHECK(parse_platform_time(row.text) == row.utc);
    }
}

TEST_CASE("what lies beyond the years 0 to 9999 becomes their first or last moment", "[time]") {
    constexpr Millis kFirst = -62'167'219'200'000;
    constexpr Millis kLast = 253'402'300'799'999;
    const std::vector<Row> rows = {
        {"0000-01-01 00:00:00", kFirst},
        {"0000-01-01 07:59:59", kFirst},
        {"0000-01-01 08:00:01", kFirst + 1000},
        {"0000-01-01T00:00:00+14:00", kFirst},
        {"9999-12-31 23:59:59", kLast - 999 - 8 * 3'600'000},
        {"9999-12-31T23:59:59-12:00", kLast},
        {"10000-01-01 00:00:00", kNothing},
        {"-001-01-01 00:00:00", kNothing},
    };
    for (const Row& row : rows) {
        CAPTURE(row.text);
        CHECK(parse_china_text(row.text) == row.utc);
    }
}

TEST_CASE("a spreadsheet's day number", "[time]") {
    const std::vector<Row> rows = {
        {"44927", 1672502400000},  // 2023-01-01 00:00:00 +08:00
        {"44927.5", 1672502400000 + kDay / 2},
        {" 44684.739212962966 ", kSample},  // as Excel stores 2022-05-03 17:44:28
        {"44927.0", 1672502400000},
        {"25569", -8 * 3'600'000},
        {"73050.99999999999999999", 4102415999999 + 1},
        {"25568", kNothing},
        {"73051", kNothing},
        {"4492", kNothing},
        {"449270", kNothing},
        {"44927.", kNothing},
        {".5", kNothing},
        {"-44927", kNothing},
        {"4.4927E+4", kNothing},
        {"44927,5", kNothing},
        {"", kNothing},
    };
    for (const Row& row : rows) {
        CAPTURE(row.text);
        CHECK(parse_serial_day(row.text) == row.utc);
    }
}

TEST_CASE("HTTP dates", "[time]") {
    const std::vector<Row> rows = {
        {"Sun, 06 Nov 1994 08:49:37 GMT", 784111777000},
        {"Tue, 29 Feb 2000 00:00:00 GMT", 951782400000},
        {"Thu, 01 Jan 1970 00:00:00 GMT", 0},
        {"Sunday, 06-Nov-94 08:49:37 GMT", kNothing},
        {"Sun Nov  6 08:49:37 1994", kNothing},
        {"Sun, 06 Nov 1994 08:49:37 UTC", kNothing},
        {"Sun, 06 Nov 1994 08:49:37 GMT ", kNothing},
        {"Sun, 06 Nov 1994 08:49:37", kNothing},
        {"Sun, 31 Nov 1994 08:49:37 GMT", kNothing},
        {"Sun, 06 anF 1994 08:49:37 GMT", kNothing},
        {"Sun, 06 No", kNothing},
        {", ", kNothing},
        {"", kNothing},
    };
    for (const Row& row : rows) {
        CAPTURE(row.text);
        CHECK(parse_http_date(row.text) == row.utc);
    }
}

TEST_CASE("days of all years there and back, whatever the host's zone", "[time]") {
    ::setenv("TZ", "America/New_York", 1);
    for (Millis day = -62'135'596'800'000; day < 253'402'300'800'000 - kDay; day += 97 * kDay + 12'345'000) {
        REQUIRE(parse_china_text(china_text(day)) == day);
        REQUIRE(parse_china_text(iso_text(day + 123)) == day + 123);
    }
    ::unsetenv("TZ");
}
