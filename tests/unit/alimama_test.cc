#include <catch2/catch.hpp>
#include <fstream>
#include <iterator>
#include <map>
#include <string>

#include "base/text.h"
#include "platforms/alimama/lead_list.h"
#include "platforms/alimama/settings.h"
#include "test_data.h"

using namespace leadbridge;
using namespace leadbridge::platforms;
using alimama::LeadList;
using alimama::MobileCipher;
using alimama::PhoneCipher;
using codec::Json;

namespace {

std::string file(const std::string& name) {
    std::ifstream in(std::string(LEADBRIDGE_TEST_DATA) + "/" + name, std::ios::binary);
    REQUIRE(in.good());
    return {std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
}

crypto::RsaKey key(const std::string& name) {
    return crypto::RsaKey::parse(file("data/keys/" + name)).value();
}

std::string ciphertext(const std::string& which) {
    const auto all = codec::parse_json(file("data/keys/ciphertexts.json"));
    return *codec::member_text(all.value()["1024"], which);
}

LeadList list(wire::TopFormat format = wire::TopFormat::json, bool simplify = false) {
    wire::TopClient client;
    client.endpoint = "https://host/rest";
    client.format = format;
    client.simplify = simplify;
    return {client, PhoneCipher(MobileCipher::plaintext, std::nullopt), "ads", "fallback"};
}

PageAnswer read(const LeadList& source, const std::string& body) {
    effect::HttpResult result;
    result.status = 200;
    result.body = body;
    return source.read(result);
}
PageAnswer rows(const std::string& inner) {
    return read(list(), "{\"mama_crm_lead_list_response\":{\"result_ok\":true,\"result_data\":{\"result\":[" +
                            inner + "]}}}");
}
lead::Lead lead_of(const std::string& fields, std::map<std::string, std::int64_t>& drift) {
    const auto page = std::get<Page>(rows(fields));
    REQUIRE(page.rows.size() == 1);
    crypto::RandomStream random("seed");
    Opening opening{random};
    return list().to_lead(page.rows.front(), 1000, opening, drift);
}

}  // namespace

TEST_CASE("the request names page size and offset in one JSON parameter", "[alimama]") {
    auto http = list().request({std::nullopt, 100, 0});
    CHECK(base::form_decode(http.body) == "lead_external_query_dto={\"page_size\":100}");
    http = list().request({INT64_MAX, 1, 0});
    CHECK(base::form_decode(http.body) ==
          "lead_external_query_dto={\"offset\":9223372036854775807,\"page_size\":1}");
    CHECK(http.url.find("method=taobao.mama.crm.lead.list&") != std::string::npos);
}

TEST_CASE("one page, whatever the style of the answer", "[alimama]") {
    for (const auto& [source, name] :
         {std::pair{list(), std::string("sample.json")},
          std::pair{list(wire::TopFormat::json, true), std::string("sample_simplified.json")},
          std::pair{list(wire::TopFormat::xml), std::string("sample.xml")}}) {
        CAPTURE(name);
        const auto answer = read(source, file("cases/common/" + name));
        REQUIRE(std::holds_alternative<Page>(answer));
        const Page& page = std::get<Page>(answer);
        REQUIRE(page.rows.size() == 1);
        CHECK(page.account == "999999999");
        CHECK(page.rows[0].id == 221985);
        CHECK(page.rows[0].version == 1694076956000);
        CHECK(page.rows[0].created == 1694076956000);
    }
}

TEST_CASE("ids: positive, 64 bits, number or text; anything else is no id", "[alimama]") {
    const std::vector<std::pair<std::string, std::optional<std::int64_t>>> ids = {
        {"1", 1},
        {"9007199254740993", 9007199254740993},
        {"9223372036854775807", INT64_MAX},
        {"\"9223372036854775807\"", INT64_MAX},
        {"\" 7 \"", 7},
        {"9223372036854775808", std::nullopt},
        {"36893488147419103232", std::nullopt},
        {"0", std::nullopt},
        {"-1", std::nullopt},
        {"1.5", std::nullopt},
        {"1e3", std::nullopt},
        {"\"\"", std::nullopt},
        {"null", std::nullopt},
        {"true", std::nullopt},
        {"[1]", std::nullopt},
        {"{\"id\":1}", std::nullopt},
    };
    for (const auto& [text, id] : ids) {
        CAPTURE(text);
        CHECK(std::get<Page>(rows("{\"id\":" + text + "}")).rows.at(0).id == id);
        std::map<std::string, std::int64_t> drift;
        const auto lead = lead_of("{\"id\":" + text + "}", drift);
        if (id) {
            CHECK(lead.source.lead_id == std::to_string(*id));
            CHECK(drift.empty());
        } else {
            CHECK(lead.source.lead_id.substr(0, 7) == "sha256-");
            CHECK(lead.source.lead_id.size() == 39);
            CHECK(lead.extra.contains("id"));
        }
    }
}

TEST_CASE("only result_ok decides, as boolean or text", "[alimama]") {
    const auto failed = [](const std::string& verdict) {
        const auto answer = read(list(), "{\"mama_crm_lead_list_response\":{\"result_ok\":" + verdict +
                                             ",\"error_msg\":\"no\\u0001\",\"result_error_code\":\"E\"}}");
        const auto* f = std::get_if<wire::CallFailure>(&answer);
        return f == nullptr ? std::string() : f->code;
    };
    CHECK(failed("true").empty());
    CHECK(failed("\"true\"").empty());
    CHECK(failed("false") == "result_not_ok");
    CHECK(failed("\"false\"") == "result_not_ok");
    CHECK(failed("\"FALSE\"") == "result_not_ok");
    CHECK(failed("\"maybe\"") == "unexpected_answer");  // no verdict and no data
}

TEST_CASE("shapes that are no list store nothing", "[alimama]") {
    for (const char* data :
         {"7", "true", "\"many\"", "{\"other\":[]}", "{\"result\":7}", "{\"result\":\"x\"}",
          "{\"result\":[1]}", "{\"result\":[null]}", "{\"result\":[[]]}", "[{},7]"}) {
        CAPTURE(data);
        const auto answer = read(
            list(), std::string("{\"mama_crm_lead_list_response\":{\"result_ok\":true,\"result_data\":") +
                        data + "}}");
        REQUIRE(std::holds_alternative<wire::CallFailure>(answer));
        CHECK(std::get<wire::CallFailure>(answer).code == "unexpected_answer");
    }
    CHECK(std::get<Page>(
              read(list(), "{\"mama_crm_lead_list_response\":{\"result_data\":{\"result\":{\"id\":5}}}}"))
              .rows.at(0)
              .id == 5);
}

TEST_CASE("every field has a place, the rest is kept and counted", "[alimama]") {
    std::map<std::string, std::int64_t> drift;
    const auto lead = lead_of(
        R"({"id":5,"seller_user_id":9,"name":" 张三 ","mobile":"13800138000;021-55556666","location":"浙江省杭州市","location_code":330100,
            "mm_src_cname":"c","page_id":3,"page_name":"p","store_name":"s","seller_nick":"n","gmt_create":"2022-05-03 17:44:28",
            "lead_time":1651571068000,"gmt_modified":"x","extend_list":{"lead_extend_d_t_o":{"code":"sex","label":"性别","value":"女"}},
            "request_id":"r","fresh":{"a":1},"name2":null,"store_name2":7})",
        drift);
    CHECK(lead.source.account == "9");
    CHECK(lead.person_name == " 张三 ");
    CHECK(lead.phones.size() == 2);
    CHECK(lead.region.province == "浙江省");
    CHECK(lead.region.codes.at(0).code == "330100");
    CHECK(lead.submitted.utc == lead.created.utc);
    CHECK(lead.modified.raw == "x");
    CHECK_FALSE(lead.modified.utc.has_value());
    CHECK(lead.gender.label == "female");
    CHECK(lead.extra ==
          codec::parse_json(R"({"seller_nick":"n","fresh":{"a":1},"name2":null,"store_name2":7})").value());
    CHECK(drift == std::map<std::string, std::int64_t>{{"fresh", 1}, {"name2", 1}, {"store_name2", 1}});

    // A known field that suddenly has members is not lost either.
    drift.clear();
    CHECK(lead_of(R"({"id":5,"name":{"first":"a"}})", drift).extra.at("name").at("first") == "a");
    CHECK(drift.at("name") == 1);
    // Names of unknown fields are bounded in the drift.
    drift.clear();
    (void)lead_of("{\"id\":5,\"" + std::string(5000, 'k') + "\":1}", drift);
    CHECK(drift.begin()->first.size() < 70);
    // No seller: the configured account.
    CHECK(lead_of("{\"id\":5}", drift).source.account == "fallback");
}

TEST_CASE("answers of any shape stay", "[alimama]") {
    for (const char* odd : {"7", "\"x\"", "{\"x\":1}", "[7]", R"([{"code":"a","label":"b","value":{"c":1}}])",
                            R"([{"code":"a","extra":1}])"}) {
        CAPTURE(odd);
        std::map<std::string, std::int64_t> drift;
        const auto lead = lead_of(std::string("{\"id\":5,\"extend_list\":") + odd + "}", drift);
        CHECK(lead.extra.at("extend_list") == codec::parse_json(odd).value());
        CHECK(drift.at("extend_list (shape)") == 1);
    }
    for (const char* none : {"null", "\"\"", "[]", "{}", "{\"lead_extend_d_t_o\":[]}"}) {
        std::map<std::string, std::int64_t> drift;
        const auto lead = lead_of(std::string("{\"id\":5,\"extend_list\":") + none + "}", drift);
        CHECK(lead.answers.empty());
        CHECK(drift.empty());
        CHECK(lead.extra.empty());
    }
}

TEST_CASE("mobile: what does not look like a phone stays encrypted and whole", "[alimama]") {
    crypto::RandomStream random("seed");
    const auto first = [&](const PhoneCipher& cipher, const std::string& mobile) {
        Opening opening{random};
        const auto phones = cipher.read(mobile, opening);
        return phones.empty() ? std::string("none")
                              : std::string(to_string(phones[0].cls)) + " " + phones[0].raw;
    };
    const PhoneCipher rsa(MobileCipher::rsa_pkcs1, key("fake_rsa1024_pkcs1.pem"));
    CHECK(first(rsa, ciphertext("pkcs1")) == "mobile 13800138000");
    CHECK(first(rsa, " " + ciphertext("pkcs1") + "\n") == "mobile 13800138000");
    CHECK(first(rsa, "") == "none");
    CHECK(first(rsa, " ") == "none");
    CHECK(first(rsa, "13800138000") == "mobile 13800138000");
    CHECK(first(rsa, "138****8000") == "masked 138****8000");
    for (const std::string& bad : {ciphertext("noise"), ciphertext("empty"), ciphertext("oaep_sha1"),
                                   ciphertext("private"), std::string("abc"), std::string("AAAA"),
                                   std::string(172, 'A'), std::string(100'000, 'A'), std::string(172, '*')}) {
        CHECK(first(rsa, bad) == "encrypted " + bad);
    }
    const PhoneCipher recover(MobileCipher::rsa_public_recover, key("fake_rsa1024_public.pem"));
    CHECK(first(recover, ciphertext("private")) == "mobile 13800138000");
    CHECK(first(recover, ciphertext("pkcs1")) == "encrypted " + ciphertext("pkcs1"));
    const PhoneCipher none(MobileCipher::rsa_pkcs1, std::nullopt);
    CHECK(first(none, ciphertext("pkcs1")) == "encrypted " + ciphertext("pkcs1"));
    const PhoneCipher through(MobileCipher::passthrough, std::nullopt);
    CHECK(first(through, "13800138000") == "encrypted 13800138000");
    const PhoneCipher plain(MobileCipher::plaintext, std::nullopt);
    CHECK(first(plain, "13800138000") == "mobile 13800138000");
    CHECK(first(plain, "nothing") == "invalid nothing");
}

TEST_CASE("names of ciphers", "[alimama]") {
    for (const char* name : {"rsa_pkcs1", "rsa_oaep_sha1", "rsa_oaep_sha256", "rsa_oaep_sha256_mgf1_sha1",
                             "rsa_public_recover", "plaintext", "passthrough"})
        CHECK(alimama::mobile_cipher(name).has_value());
    for (const char* name : {"", "RSA_PKCS1", "rsa", "aes"})
        CHECK_FALSE(alimama::mobile_cipher(name).has_value());
}
