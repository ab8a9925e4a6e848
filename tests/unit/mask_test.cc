#include "lead/mask.h"

#include <algorithm>
#include <catch2/catch.hpp>
#include <string>
#include <vector>

namespace {

using namespace leadbridge::lead;

struct Row {
    std::string in;
    std::string out;
};

std::size_t visible_digits(const std::string& text) {
    return static_cast<std::size_t>(
        std::count_if(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; }));
}

}  // namespace

TEST_CASE("mask styles", "[mask]") {
    CHECK(mask_style("3-4") == MaskStyle::first3_last4);
    CHECK(mask_style("3-2") == MaskStyle::first3_last2);
    CHECK_FALSE(mask_style("4-4").has_value());
    CHECK(mask_phone(parse_phone("13567658911")) == "135****8911");
    const std::vector<Row> rows = {
        {"13567658911", "135******11"},
        {"0571-88888888转8001", "057*******88-***"},
        {"138****8911", "138******11"},
        {"18877771111-123", "188******11-***"},
        {"700101234567890", "700**********90"},
        {"+852 6123 4567", "+852******67"},
        {"145678388", "145****88"},
        {"95588", "9****"},
        {"保密", "***"},
    };
    for (const Row& row : rows) {
        CAPTURE(row.in);
        CHECK(mask_phone(parse_phone(row.in), MaskStyle::first3_last2) == row.out);
    }
    CHECK(mask_phone(encrypted_phone("AAECAwQFBgcICQoLDA0ODw==")) == "******");
}

TEST_CASE("a mask never shows more than seven digits and hides at least four", "[mask]") {
    for (std::size_t n = 0; n <= 24; ++n) {
        std::string digits;
        for (std::size_t i = 0; i < n; ++i) digits.push_back(static_cast<char>('1' + i % 9));
        for (const std::string& text :
             {digits, "+" + digits, "0" + digits, digits + "-123", "*" + digits + "*", "138*" + digits}) {
            CAPTURE(text);
            const std::string shown = mask_phone(parse_phone(text));
            CHECK(visible_digits(shown) <= 7);
            CHECK(visible_digits(shown) + 3 <= std::max<std::size_t>(visible_digits(text), 7));
        }
    }
}

TEST_CASE("names", "[mask]") {
    const std::vector<Row> rows = {
        {"", ""},
        {"张", "*"},
        {"张三", "张*"},
        {"欧阳锋", "欧**"},
        {" 李四 ", "李*"},
        {"**三", "**三"},
        {"张*", "张*"},
        {"＊三", "＊三"},
        {"John Smith", "J*******"},
        {"13567658911", "1*******"},
        {"杭州**公司", "杭*****"},
        {"\U0001F468\u200D\U0001F469\u200D\U0001F467妈妈", "\U0001F468\u200D\U0001F469\u200D\U0001F467**"},
        {"e\u0301a", "e\u0301*"},
        {"\U0001F1E8\U0001F1F3国", "\U0001F1E8\U0001F1F3*"},
        {"\U0001F44D\U0001F3FD好", "\U0001F44D\U0001F3FD*"},
        {"𠮷野", "𠮷*"},
    };
    for (const Row& row : rows) {
        CAPTURE(row.in);
        CHECK(mask_name(row.in) == row.out);
    }
    CHECK(mask_name(std::string(100000, 'a')) == "a*******");
}

TEST_CASE("email and wechat ids", "[mask]") {
    CHECK(mask_email("user@example.com") == "u***@example.com");
    CHECK(mask_email("u@example.com") == "***@example.com");
    CHECK(mask_email("13567658911@example.com") == "1***@example.com");
    CHECK(mask_email("张三@example.com") == "张***@example.com");
    CHECK(mask_email("not an address") == "***");
    CHECK(mask_email("a@b c") == "***");
    CHECK(mask_email("@example.com") == "***");
    CHECK(mask_email("").empty());
    CHECK(mask_email("a@13567658911.com") == "***@135****8911.com");

    CHECK(mask_wechat("").empty());
    CHECK(mask_wechat("ab") == "***");
    CHECK(mask_wechat("abcd") == "a***");
    CHECK(mask_wechat("zhangsan_88") == "zh***8");
    CHECK(mask_wechat("13567658911") == "135****8911");
    CHECK(mask_wechat("微信13567658911") == "135****8911");
}

TEST_CASE("logs: numbers are masked", "[mask]") {
    const std::vector<Row> rows = {
        {"phone 13567658911 failed", "phone 135****8911 failed"},
        {"（１３５６７６５８９１１）", "（135****8911）"},
        {"call +86 135-6765-8911.", "call 135****8911."},
        {"135.6765.8911 135\u200B6765\u200B8911", "135****8911 135****8911"},
        {"0571-88888888, 0571 8888 8888", "057*****8888, 057*****8888"},
        {"(0571)88888888", "(057*****8888"},
        {"a13567658911b", "a135****8911b"},
        {"{\"mobile\":\"13567658911\",\"id\":371009}", "{\"mobile\":\"135****8911\",\"id\":371009}"},
        {"mobile=%2B8613567658911&x=1", "mobile=%2B135****8911&x=1"},
        {"13567658911,500", "135****8911,500"},
        {"13567658911,13900000001", "135****8911,139****0001"},
        {"13,567,658,911", "135****8911"},
        {"18877771111-123", "188****1111-***"},
        {"700101234567890", "700********7890"},
        {"008613567658911 8613567658911", "135****8911 135****8911"},
        {"+852 6123 4567", "+852****4567"},
        {"code 200 13567658911 200", "code 200 135****8911 200"},
    };
    for (const Row& row : rows) {
        CAPTURE(row.in);
        CHECK(redact(row.in) == row.out);
    }
}

TEST_CASE("logs: everything else stays", "[mask]") {
    for (const char* text :
         {"", "plain words", "id 221985 page 5314456", "1694076956000", "2022-05-03 17:44:28",
          "2021-12-31T14:52:50.123Z", "20211231145250",
          "seller 2912754296 activity 23423542525 clue 410983932389440", "138****8911", "172.16.100.200",
          "192.168.10.100", "This ban will last for 31062 more seconds", "4008008888 95588",
          "317672b4685d9b8bafe1794390e31209aed5cef912683292fed94a69085919d3", "9223372036854775807",
          "broken \xFF\xC3 bytes 12", "浙江省杭州市余杭区仓前街道1-2号"}) {
        CAPTURE(text);
        CHECK(redact(text) == text);
    }
}

TEST_CASE("redacting twice changes nothing", "[mask]") {
    const std::string once = redact("a 13567658911 b 0571-88888888 c +852 6123 4567 d 18877771111-123");
    CHECK(redact(once) == once);
}

TEST_CASE("a text is read for phones whatever digits it is written in", "[mask]") {
    // Full width, Arabic, Persian and mathematical digits, alone and among Chinese words.
    const std::vector<std::string> zeros = {"0", "\uFF10", "\u0660", "\u06F0", "\U0001D7CE"};
    for (std::string zero : zeros) {
        std::string number;
        for (const char digit : std::string("13800138000")) {
            std::string text = zero;
            text.back() = static_cast<char>(text.back() + (digit - '0'));
            number += text;
        }
        CHECK(redact("\u7535\u8BDD" + number + "\u5F20\u4E09").find(number) == std::string::npos);
    }
    CHECK(redact("\u5F20\u4E09\u7684\u5730\u5740") == "\u5F20\u4E09\u7684\u5730\u5740");
}
