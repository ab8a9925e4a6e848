#include "lead/phone.h"

#include <catch2/catch.hpp>
#include <cstdint>
#include <fstream>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "lead/mask.h"
#include "test_data.h"

namespace {

using namespace leadbridge::lead;
using Json = nlohmann::json;

// splitmix64: the same strings on every machine
struct Random {
    std::uint64_t state;
    std::uint64_t next() {
        std::uint64_t z = (state += 0x9E3779B97F4A7C15ULL);
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9ULL;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EBULL;
        return z ^ (z >> 31);
    }
    std::size_t below(std::size_t n) { return static_cast<std::size_t>(next() % n); }
};

Json phone_rows() {
    std::ifstream file(std::string(LEADBRIDGE_TEST_DATA) + "/data/phones.json");
    REQUIRE(file.good());
    return Json::parse(file);
}

bool digits_only(const std::string& text) {
    return text.find_first_not_of("0123456789") == std::string::npos;
}

}  // namespace

TEST_CASE("phone fields: classes, numbers, masks", "[phone]") {
    const Json rows = phone_rows();
    REQUIRE(rows.size() >= 120);
    for (const Json& row : rows) {
        const std::string text = row.at("text");
        CAPTURE(text);
        const std::vector<Phone> phones = parse_phones(text);
        const Json& wanted = row.at("phones");
        REQUIRE(phones.size() == wanted.size());
        for (std::size_t i = 0; i < phones.size(); ++i) {
            const Phone& phone = phones[i];
            const Json& want = wanted[i];
            CHECK(to_string(phone.cls) == want.at("class").get<std::string>());
            CHECK(phone.raw == want.value("raw", text));
            CHECK(phone.e164 == want.value("e164", ""));
            CHECK(phone.ext == want.value("ext", ""));
            CHECK(phone.dial == want.value("dial", ""));
            CHECK(mask_phone(phone) == want.at("masked").get<std::string>());
            CHECK(phone.valid == want.value("valid", want.contains("dial")));
            CHECK(to_string(phone.range) == want.value("range", ""));
        }
        if (phones.size() == 1 && phones[0].raw == text) CHECK(parse_phone(text).cls == phones[0].cls);
    }
}

TEST_CASE("parse_phone takes one number only", "[phone]") {
    const Phone two = parse_phone("13567658911/13900000001");
    CHECK(two.cls == PhoneClass::invalid);
    CHECK(two.raw == "13567658911/13900000001");
    CHECK(two.e164.empty());
    CHECK(parse_phone("").cls == PhoneClass::invalid);
    CHECK(parse_phones("").empty());
    CHECK(parse_phones(" \t\n\xE3\x80\x80").empty());
}

TEST_CASE("every mainland mobile prefix, and no other", "[phone]") {
    for (int prefix = 100; prefix < 200; ++prefix) {
        const std::string number = std::to_string(prefix) + "00000000";
        CAPTURE(number);
        CHECK((parse_phone(number).cls == PhoneClass::mobile) == (prefix >= 130));
        CHECK((parse_phone(" " + number).cls == PhoneClass::mobile) == (prefix >= 130));
    }
}

TEST_CASE("the plan marks what nobody has, and keeps it", "[phone]") {
    const auto range = [](const char* text) { return to_string(parse_phone(text).range); };
    for (const char* text : {"14000000000", "14600000000", "15400000000", "16000000000", "17413000000",
                             "17900000000", "19400000000", "0572-22222222", "0571-2222222"}) {
        CAPTURE(text);
        CHECK(range(text) == "unassigned");
        CHECK_FALSE(parse_phone(text).valid);
        CHECK_FALSE(parse_phone(text).e164.empty());
        CHECK_FALSE(identifies_person(parse_phone(text)));
    }
    for (const char* text :
         {"14500000000", "14700000000", "14900000000", "16100000000", "16200000000", "17100000000",
          "19200000000", "0572-2222222", "0571-22222222", "0433-2222222", "0433-22222222"}) {
        CAPTURE(text);
        CHECK(range(text).empty());
        CHECK(parse_phone(text).valid);
    }
    for (const char* text :
         {"13490000000", "17400000000", "17490000000", "+870 773 111 632", "+8816 1234 5678"})
        CHECK(range(text) == "satellite");
    for (const char* text : {"1440012345678", "1441012345678", "1410012345678", "1064812345678",
                             "1460012345678", "1480012345678"})
        CHECK(range(text) == "m2m");
    CHECK(range("17406000000") == "emergency");
}

TEST_CASE("bad input of phone fields", "[phone]") {
    const auto classes = [](const std::string& text) {
        std::string out;
        for (const Phone& phone : parse_phones(text))
            out += std::string(to_string(phone.cls)) + " " + phone.dial + ";";
        return out;
    };
    CHECK(classes("1.38E+10") == "invalid ;");
    CHECK(classes(std::string(40, '1')) == "invalid ;");
    CHECK(classes("1234567890123456789012345678901234567890") == "invalid ;");
    CHECK(classes("138\u200F0013\u202E8000\u202C") == "mobile 13800138000;");
    CHECK(classes("https://example.com/tel/13800138000") == "mobile 13800138000;");
    CHECK(classes("172.16.100.200") == "invalid ;");
    std::string ten;
    std::string wanted;
    for (int i = 0; i < 10; ++i) {
        ten += (i > 0 ? ", " : "") + std::to_string(13900000000LL + i);
        wanted += "mobile " + std::to_string(13900000000LL + i) + ";";
    }
    CHECK(classes(ten) == wanted);
}

TEST_CASE("who a number stands for", "[phone]") {
    CHECK(identifies_person(parse_phone("13567658911")));
    CHECK(identifies_person(parse_phone("+852 6123 4567")));
    for (const char* text : {"0571-88888888", "4008008888", "18877771111-123", "700101234567890",
                             "138****8911", "1440012345678", "145678388", "+1 212 555 0123", ""}) {
        CAPTURE(text);
        CHECK_FALSE(identifies_person(parse_phone(text)));
    }
    CHECK_FALSE(identifies_person(encrypted_phone("13567658911")));
}

TEST_CASE("many numbers and long texts stay bounded", "[phone]") {
    std::string many;
    for (int i = 0; i < 40; ++i) many += std::to_string(13900000000LL + i) + (i % 2 == 0 ? "/" : " ");
    const std::vector<Phone> phones = parse_phones(many);
    REQUIRE(phones.size() == 16);
    CHECK(phones[14].cls == PhoneClass::mobile);
    CHECK(phones[15].cls == PhoneClass::invalid);
    CHECK(phones[15].raw.find("13900000039") != std::string::npos);

    const std::string huge(100000, '1');
    REQUIRE(parse_phones(huge).size() == 1);
    CHECK(parse_phones(huge)[0].cls == PhoneClass::invalid);
    CHECK(parse_phones(huge)[0].raw == huge);
}

TEST_CASE("a decrypted text must look like a phone", "[phone]") {
    for (const char* text :
         {"13567658911", "+86 135-6765-8911", "0571-88888888转8001", "0571-88888888 ext 8001",
          "18877771111-123", "700101234567890", "13567658911/13900000001", "4008008888", "13567658911\n"}) {
        CAPTURE(text);
        CHECK(looks_like_phone(text));
    }
    for (const char* text :
         {"", "1356", "145678388", "138****8911", "手机:13567658911", "13567658911 abc", "abcdefghijk",
          "13567658911\x01", "13567658911\xFF", "13567658911@", "{\"mobile\":\"13567658911\"}",
          "13567658911 13567658911 13567658911 135676", "0000000000000"}) {
        CAPTURE(text);
        CHECK_FALSE(looks_like_phone(text));
    }
    CHECK_FALSE(looks_like_phone(std::string("13567658911\0", 12)));
}

TEST_CASE("random bytes never look like a phone", "[phone]") {
    Random random{20240607};
    for (int i = 0; i < 100000; ++i) {
        std::string noise(1 + random.below(64), '\0');
        for (char& c : noise) c = static_cast<char>(random.next() >> 56);
        if (looks_like_phone(noise)) FAIL("noise accepted at " << i);
    }
}

TEST_CASE("random text: no number is invented, everything stays well formed", "[phone]") {
    const std::vector<std::string> pieces = {
        "1",  "3",  "5",   "8",   "0",   "86", "+", "-",    " ",    "(",    ")",  "转", "分机",
        "x",  "xx", "ext", "#",   ",",   "/",  "*", "**",   "手机", ":",    "…",  "１", "\u200B",
        "70", "40", "95",  "571", "138", "@",  ".", "\xFF", "00",   "张三", "和", "7"};
    Random random{7};
    for (int i = 0; i < 50000; ++i) {
        std::string text;
        for (std::size_t n = random.below(24); n > 0; --n) text += pieces[random.below(pieces.size())];
        CAPTURE(text);
        for (const Phone& phone : parse_phones(text)) {
            const bool known = phone.cls != PhoneClass::invalid && phone.cls != PhoneClass::masked &&
                               phone.cls != PhoneClass::encrypted;
            const bool elsewhere =
                phone.cls == PhoneClass::landline && phone.e164.empty();  // without area code
            REQUIRE(phone.valid == (known && phone.range != PhoneRange::unassigned && !elsewhere));
            REQUIRE(phone.dial.empty() != known);
            REQUIRE(text.find(phone.raw) != std::string::npos);
            REQUIRE(digits_only(phone.ext));
            REQUIRE(phone.ext.size() <= 6);
            if (!phone.e164.empty()) {
                REQUIRE(phone.e164[0] == '+');
                REQUIRE(digits_only(phone.e164.substr(1)));
                REQUIRE(phone.e164.size() <= 16);
                REQUIRE((phone.cls == PhoneClass::mobile || phone.cls == PhoneClass::landline));
            }
            // what we print can be read again, and means the same
            if (known) {
                REQUIRE(parse_phone(phone.dial).cls == phone.cls);
                REQUIRE(parse_phone(phone.dial).dial == phone.dial);
            }
        }
    }
}
