#include "lead/mask.h"

#include <algorithm>
#include <catch2/catch.hpp>
#include <cstdint>
#include <ctime>
#include <string>
#include <vector>

#include "lead/phone_scan.h"

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

TEST_CASE("hidden whatever stands between the digits", "[mask]") {
    const std::vector<std::string> texts = {
        "1 3 8 0 0 1 3 8 0 0 0",
        "138    0013    8000",
        "138\u31640013\u31648000",          // Hangul filler
        "138\u28000013\u28008000",          // empty braille pattern
        "138\u180B0013\u180B8000",          // Mongolian variation selector
        "138\U000E00610013\U000E00618000",  // tag letter
        "1\u03323\u03328\u03320\u03320\u03321\u03323\u03328\u03320\u03320\u03320",
        "138\u202E0013\u202C8000",  // right to left
        "1-3-8-0-0-1-3-8-0-0-0",
        "(138)(0013)(8000)",
        "1 . 3 . 8 . 0 . 0 . 1 . 3 . 8 . 0 . 0 . 0",
        "\u4E00\u4E09\u516B\u96F6\u96F6\u4E00\u4E09\u516B\u96F6\u96F6\u96F6",  // Han
        "\u5E7A\u53C1\u634C\u3007\u3007\u58F9\u4E09\u516B\u96F6\u96F6\u96F6",  // Han, formal and spoken
        "1\u4E098\u96F60\u4E093\u516B000",
        "\u2460\u2462\u2467\u24EA\u24EA\u2460\u2462\u2467\u24EA\u24EA\u24EA",  // circled
        "\u0967\u0969\u096E\u0966\u0966\u0967\u0969\u096E\u0966\u0966\u0966",  // Devanagari
        "https://example.com/tel/13800138000?x=1",
        "1380013800013900139000",
        "+0086 86 138 0013 8000",
    };
    for (const std::string& text : texts) {
        CAPTURE(text);
        const std::string shown = redact(text);
        CHECK(shown != text);
        CHECK(shown.find("****8000") != std::string::npos);
        CHECK(redact(shown) == shown);
    }
}

TEST_CASE("identity and bank cards, addresses and WeChat ids are hidden", "[mask]") {
    const std::vector<Row> rows = {
        {"id 11010519491231002X.", "id 110***********002X."},
        {"id 110105194912310021.", "id 110105194912310021."},  // its check digit is X
        {"110105 19491231 002X", "110***********002X"},
        {"old 110105491231002", "old 110********1002"},
        {"old 110105491331002", "old 110105491331002"},  // no month 13
        {"card 6222 0212 3456 7890 128", "card 622************0128"},
        {"card 6222021234567890129", "card 6222021234567890129"},  // Luhn
        {"card 4111111111111111", "card 411*********1111"},
        {"card 5555-5555-5555-4444", "card 555*********4444"},
        {"mail user.name+tag@mail.example.com, x", "mail u***@mail.example.com, x"},
        {"\uFF55\uFF53\uFF45\uFF52\uFF20example.com", "u***@example.com"},
        {"git@ a@b @c.com", "git@ a@b @c.com"},
        {"\u5FAE\u4FE1\uFF1Azhangsan_88", "\u5FAE\u4FE1\uFF1Azh***8"},
        {"\u5FAE\u4FE1\u53F7 abcd123", "\u5FAE\u4FE1\u53F7 ab***3"},
        {"wx:abc12345 vx=abc12345", "wx:ab***5 vx=ab***5"},
        {"wechat customers", "wechat customers"},
        {"\"wechat\":\"abc12345\"", "\"wechat\":\"ab***5\""},
    };
    for (const Row& row : rows) {
        CAPTURE(row.in);
        CHECK(redact(row.in) == row.out);
    }
}

TEST_CASE("numerals in words stay words", "[mask]") {
    for (const char* text :
         {"\u4E09\u91CC\u5C6F\u4E94\u697C", "\u4E8C\u3007\u4E8C\u516D\u5E74\u5341\u4E00\u6708",
          "\u2460 first \u2461 second", "\u5468\u4E00\u81F3\u5468\u4E94 9:00-18:00"}) {
        CAPTURE(text);
        CHECK(redact(text) == text);
    }
    CHECK(redact("\u4E09\u91CC\u5C6F13800138000") == "\u4E09\u91CC\u5C6F138****8000");
    CHECK(redact("\u246013800138000 \u246113900139000") == "\u2460138****8000 \u2461139****9000");
}

namespace {

struct Dice {
    std::uint64_t state;
    std::size_t below(std::size_t n) {
        std::uint64_t z = (state += 0x9E3779B97F4A7C15ULL);
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9ULL;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EBULL;
        return static_cast<std::size_t>((z ^ (z >> 31)) % n);
    }
    const std::string& pick(const std::vector<std::string>& of) { return of[below(of.size())]; }
};

// Digits of a text in their order, with a bar wherever something hides or ends a number.
std::string digit_stream(const std::string& text, scan::Spelled spelled) {
    std::string out;
    for (const scan::Sym& s : scan::scan(text, spelled)) {
        if (scan::is_digit(s.c)) out.push_back(s.c);
        if (s.c == '*' || s.c == '/') out.push_back('|');
    }
    return out;
}

std::string a_text(Dice& dice) {
    static const std::vector<std::string> numbers = {"13$$$$$$$$$",
                                                     "+86139$$$$$$$$",
                                                     "138 $$$$ $$$$",
                                                     "139-$$$$-$$$$",
                                                     "0571-8$$$$$$$",
                                                     "(010)6$$$$$$$",
                                                     "8$$$$$$$-8$$",
                                                     "5$$$$$$$ 3$$",
                                                     "700$$$$$$$$$$$$",
                                                     "1887$$$$$$$-1$$",
                                                     "+852 6$$$ $$$$",
                                                     "400$$$$$$$",
                                                     "95588",
                                                     "14400$$$$$$$$",
                                                     "+44 (0)20 7$$$ $$$$",
                                                     "\u4E00\u4E09hhhhhhhhh",
                                                     "0086 571 8$$$ $$$$"};
    static const std::vector<std::string> between = {" ",
                                                     "/",
                                                     ",",
                                                     ", ",
                                                     "-",
                                                     ".",
                                                     "(",
                                                     ")",
                                                     "\n",
                                                     ":",
                                                     "\u8F6C",
                                                     "\u5206\u673A",
                                                     "x",
                                                     "#",
                                                     "*",
                                                     "**",
                                                     "+",
                                                     "86",
                                                     "\u200B",
                                                     "\u3164",
                                                     "\u0301",
                                                     "\u3000",
                                                     "\u5F20\u4E09",
                                                     "\u7535\u8BDD\uFF1A",
                                                     "\u548C",
                                                     "abc",
                                                     "@",
                                                     "=",
                                                     "\"",
                                                     "{",
                                                     "}"};
    static const std::vector<std::string> digits = {
        "1", "3", "8", "0", "5", "13", "571", "010", "\uFF11", "\u0661", "\u4E09", "\u2460", "2023"};
    static const std::vector<std::string> han = {"\u4E00", "\u4E09", "\u516B", "\u4E94", "\u96F6", "\u4E03"};
    std::string text;
    for (std::size_t n = 1 + dice.below(12); n > 0; --n) {
        const std::size_t kind = dice.below(10);
        if (kind >= 3) {
            text += kind < 7 ? dice.pick(between) : dice.pick(digits);
            continue;
        }
        for (const char c : dice.pick(numbers)) {  // no two alike: what stays of one would pass for the other
            if (c == 'h') {
                text += dice.pick(han);
            } else {
                text += c == '$' ? static_cast<char>('0' + dice.below(10)) : c;
            }
        }
    }
    return text;
}

}  // namespace

TEST_CASE("what a phone field is read as is never shown: 100,000 texts", "[mask]") {
    Dice dice{20261127};
    std::size_t hidden = 0;
    for (int i = 0; i < 100000; ++i) {
        const std::string text = a_text(dice);
        CAPTURE(text);
        const std::string shown = redact(text);
        for (const Phone& phone : parse_phones(text)) {
            const bool personal = phone.cls == PhoneClass::mobile || phone.cls == PhoneClass::landline ||
                                  phone.cls == PhoneClass::privacy_ext ||
                                  phone.cls == PhoneClass::privacy_700 || phone.range == PhoneRange::m2m;
            if (!personal) continue;
            ++hidden;
            std::string number = phone.dial.substr(phone.dial[0] == '+' || phone.dial[0] == '0' ? 1 : 0);
            if (!phone.ext.empty()) number.resize(number.size() - phone.ext.size() - 1);
            if (digit_stream(shown, scan::Spelled::words).find(number) == std::string::npos &&
                digit_stream(shown, scan::Spelled::digits).find(number) == std::string::npos) {
                continue;
            }
            CAPTURE(shown, number);
            FAIL("shown");
        }
    }
    CHECK(hidden > 50000);
}

TEST_CASE("100 KB of anything is redacted in a moment", "[mask]") {
    constexpr std::size_t kSize = 100000;
    for (const char* unit : {"1 ",
                             "1-",
                             "1.",
                             "(1)",
                             "138 ",
                             "86 ",
                             "00 ",
                             "13800138000 ",
                             "13800138000,8001,",
                             "1",
                             "**1",
                             "xx1",
                             "+1",
                             "a@",
                             "a.@b.co",
                             "wx:",
                             "\u4E00",
                             "\u4E001 ",
                             "\u2460 ",
                             "\u8F6C1",
                             "1380013800013900139000",
                             "                 1",
                             "\u03011"}) {
        std::string text;
        while (text.size() < kSize) text += unit;
        CAPTURE(unit);
        const std::clock_t before = std::clock();
        const std::string shown = redact(text);
        CHECK(static_cast<double>(std::clock() - before) / CLOCKS_PER_SEC <
              5.0);  // 0.3 s at most; squared, minutes
        CHECK_FALSE(shown.empty());
    }
}
