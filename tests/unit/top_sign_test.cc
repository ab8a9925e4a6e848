// The vectors of tests/vectors have the breadth; here are the rules one by one (docs/protocols/top.md).
#include "wire/top_sign.h"

#include <catch2/catch.hpp>
#include <string>

using namespace leadbridge::wire;
using leadbridge::crypto::Secret;

TEST_CASE("the known answer of the official documentation", "[top_sign]") {
    const Params params = {{"method", "taobao.item.seller.get"},
                           {"app_key", "12345678"},
                           {"session", "test"},
                           {"timestamp", "2016-01-01 12:00:00"},
                           {"format", "json"},
                           {"v", "2.0"},
                           {"sign_method", "md5"},
                           {"fields", "num_iid,title,nick,price,num"},
                           {"num_iid", "11223344"}};
    const std::string base = top_base_string(params, std::nullopt);
    CHECK(base ==
          "app_key12345678fieldsnum_iid,title,nick,price,numformatjsonmethodtaobao.item.seller.getnum_"
          "iid11223344"
          "sessiontestsign_methodmd5timestamp2016-01-01 12:00:00v2.0");
    CHECK(top_sign(SignMethod::md5, Secret("helloworld"), base) == "66987CB115214E59E6EC978214934FB8");
}

TEST_CASE("base string rules", "[top_sign]") {
    const auto base = [](const Params& params, std::optional<std::string_view> body = std::nullopt) {
        return top_base_string(params, body);
    };
    CHECK(base({{"b", "2"}, {"a", "1"}, {"A", "0"}, {"_", "3"}}) == "A0_3a1b2");
    CHECK(base({{"a", ""}, {"b", " "}, {"c", "\t\n"}, {"d", "\u3000"}, {"e", "\u00A0"}}) == "e\u00A0");
    CHECK(base({{"a", " 1 "}, {"b", "x\r\ny"}}) == "a 1 bx\r\ny");
    CHECK(base({{"sign", "X"}, {"Sign", "kept"}}) == "Signkept");
    CHECK(base({{"", "x"}, {" ", "y"}}) == "");
    CHECK(base({{"\uFF5E", "1"}, {"\U0001F600", "2"}}) ==
          "\U0001F600"
          "2\uFF5E"
          "1");
    CHECK(base({{"a", "1"}}, "{\"b\": 2}\n") == "a1{\"b\": 2}\n");
    CHECK(base({{"a", "1"}}, "") == "a1");
    CHECK(base({}) == "");
    CHECK(base({{"a", "1"}, {"a", "2"}}) == "a1a2");
}

TEST_CASE("methods", "[top_sign]") {
    CHECK(sign_method("md5") == SignMethod::md5);
    CHECK(sign_method("hmac") == SignMethod::hmac);
    CHECK(sign_method("hmac-sha256") == SignMethod::hmac_sha256);
    for (const char* other : {"", "MD5", "HMAC", "hmac-sha512", "md5 "})
        CHECK(sign_method(other) == SignMethod::legacy);
    for (const SignMethod method : {SignMethod::md5, SignMethod::hmac, SignMethod::hmac_sha256})
        CHECK(sign_method(sign_method_name(method)) == method);
    const Secret secret("secret");
    CHECK(top_sign(SignMethod::md5, secret, "a1") != top_sign(SignMethod::legacy, secret, "a1"));
    CHECK(top_sign(SignMethod::hmac, secret, "a1").size() == 32);
    CHECK(top_sign(SignMethod::hmac_sha256, secret, "a1").size() == 64);
    CHECK(top_sign(SignMethod::md5, secret, "").find_first_of("abcdef") == std::string::npos);
    // MD5("") of an empty secret around nothing.
    CHECK(top_sign(SignMethod::md5, Secret(), "") == "D41D8CD98F00B204E9800998ECF8427E");
}

TEST_CASE("form body", "[top_sign]") {
    CHECK(form_body({}) == "");
    CHECK(form_body({{"a", "1 +"}, {"b", ""}, {"张", "&="}}) == "a=1+%2B&b=&%E5%BC%A0=%26%3D");
    CHECK(sendable("x"));
    CHECK_FALSE(sendable(" \u3000"));
}
