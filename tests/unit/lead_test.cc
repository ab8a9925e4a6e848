#include "lead/lead.h"

#include <catch2/catch.hpp>
#include <string>

#include "lead/personal.h"

using namespace leadbridge;
using namespace leadbridge::lead;
using codec::Json;

namespace {

Vault vault(bool sealed, bool peppered) {
    Vault v;
    if (sealed) v.data_key = crypto::SealKey::parse(std::string(64, '5')).value();
    if (peppered) v.pepper = crypto::Secret("fake-pepper-fake-pepper");
    return v;
}

Lead some_lead() {
    Lead lead;
    lead.source = {"alimama", "ads", "999", "5", 7, 1651571068000};
    lead.person_name = "王小明";
    lead.phones = parse_phones("13800138000,0571-88888888转8001,18877771111-123");
    lead.answers = {{"remark", "备注", "请打 13800138000"}};
    lead.extra["note"] = {{"deep", {"13800138000", 13800138000}}};
    lead.submitted = moment("2022-05-03 17:44:28");
    lead.created = moment("nonsense");
    return lead;
}

bool shows(const Json& json, const std::string& text) {
    return codec::dump_json(json).find(text) != std::string::npos;
}

}  // namespace

TEST_CASE("a lead's id is the platform's, for ever", "[lead]") {
    CHECK(lead_id({"alimama", "ads", "999", "5", 7, 1}) == "alimama:999:5");
    CHECK(lead_id({"alimama", "renamed", "999", "5", 8, 2}) == "alimama:999:5");
}

TEST_CASE("moments keep their text", "[lead]") {
    CHECK(moment("2022-05-03 17:44:28").utc == 1651571068000);
    CHECK_FALSE(moment("soon").utc.has_value());
    CHECK(moment("soon").raw == "soon");
    const Json document = to_document(some_lead(), vault(false, false));
    CHECK(document["times"] ==
          codec::parse_json(R"({"submitted":{"raw":"2022-05-03 17:44:28","utc":"2022-05-03T09:44:28.000Z"},
        "created":{"raw":"nonsense","utc":null}})")
              .value());
}

TEST_CASE("person_key: one person, one key, under the pepper only", "[lead]") {
    const Vault peppered = vault(false, true);
    const auto key = [&](const std::string& text) { return person_key(parse_phone(text), peppered); };
    CHECK(key("13800138000").size() == 64);
    for (const char* same :
         {"+86 138 0013 8000", "0086-13800138000", "１３８００１３８０００", "138-0013-8000"})
        CHECK(key(same) == key("13800138000"));
    CHECK(key("13800138001") != key("13800138000"));
    for (const char* nobody :
         {"138****8000", "0571-88888888", "18877771111-123", "400-123-4567", "700101234567890", "x", ""})
        CHECK(key(nobody).empty());
    CHECK(person_key(encrypted_phone("13800138000"), peppered).empty());
    CHECK(person_key(parse_phone("13800138000"), vault(false, false)).empty());
    Vault other = vault(false, false);
    other.pepper = crypto::Secret("another-pepper-another-pepper");
    CHECK(person_key(parse_phone("13800138000"), other) != key("13800138000"));
}

TEST_CASE("documents: sealed when there is a data key, ciphertexts as they came", "[lead]") {
    Lead lead = some_lead();
    lead.phones.push_back(encrypted_phone("Q0lQSEVS"));
    const Json open = to_document(lead, vault(false, false));
    CHECK(open["phones"][0]["e164"] == "+8613800138000");
    CHECK(open["phones"][1]["ext"] == "8001");
    CHECK_FALSE(open.contains("person_key"));
    const Vault safe = vault(true, true);
    const Json sealed = to_document(lead, safe);
    for (std::size_t i = 0; i < 3; ++i) {
        CHECK(sealed["phones"][i].contains("sealed"));
        for (const char* plain : {"raw", "e164", "ext"}) CHECK_FALSE(sealed["phones"][i].contains(plain));
    }
    CHECK_FALSE(shows(sealed["phones"], "13800138000"));
    CHECK(sealed["phones"][3]["raw"] == "Q0lQSEVS");
    CHECK(sealed["person_key"] == person_key(lead.phones[0], safe));
    CHECK(codec::dump_json(to_document(lead, safe)) == codec::dump_json(sealed));  // deterministic
    CHECK_FALSE(readable(lead));
    CHECK(readable(some_lead()));
    CHECK(readable(Lead{}));
}

TEST_CASE("the view of people holds no number, however hidden; reveal opens", "[lead]") {
    for (const bool protect : {false, true}) {
        const Vault v = vault(protect, protect);
        const Json document = to_document(some_lead(), v);
        const Json masked = view(document, v, false);
        CHECK_FALSE(shows(masked, "13800138000\""));
        CHECK_FALSE(shows(masked, "88888888"));
        CHECK_FALSE(shows(masked["answers"], "13800138000"));
        CHECK(masked["phones"][0]["masked"] == "138****8000");
        for (const char* hidden : {"raw", "e164", "ext", "sealed", "hmac"})
            CHECK_FALSE(masked["phones"][1].contains(hidden));
        CHECK_FALSE(masked.contains("person_key"));
        const Json revealed = view(document, v, true);
        CHECK(revealed["phones"][0]["e164"] == "+8613800138000");
        CHECK(revealed["phones"][1]["ext"] == "8001");
        CHECK_FALSE(revealed["phones"][0].contains("sealed"));
        CHECK(revealed["answers"][0]["value"] == "请打 13800138000");
    }
}

TEST_CASE("a phone typed as a bare number is hidden like text", "[lead]") {
    const Vault v = vault(false, false);
    const Json masked = view(to_document(some_lead(), v), v, false);
    CHECK_FALSE(shows(masked["extra"], "13800138000"));
}

TEST_CASE("revealing without the right key says so", "[lead]") {
    const Json document = to_document(some_lead(), vault(true, false));
    const Json none = view(document, vault(false, false), true);
    CHECK(none["phones"][0]["problem"].get<std::string>().find("privacy.data_key") != std::string::npos);
    Vault other = vault(false, false);
    other.data_key = crypto::SealKey::parse(std::string(64, '6')).value();
    CHECK(view(document, other, true)["phones"][0]["problem"].get<std::string>().find("data key") !=
          std::string::npos);
    // A phone moved to another lead does not open there.
    Json moved = document;
    moved["id"] = "alimama:999:6";
    CHECK(view(moved, vault(true, false), true)["phones"][0].contains("problem"));
}

TEST_CASE("views of damaged documents do not break", "[lead]") {
    const Vault v = vault(true, true);
    for (const char* text : {"null", "7", "[]", "{}", R"({"phones":7})", R"({"phones":[7,null,{}]})",
                             R"({"phones":[{"sealed":"x"}]})",
                             R"({"person":3,"answers":"13800138000","extra":[["13800138000"]]})"}) {
        CAPTURE(text);
        const Json document = codec::parse_json(text).value();
        for (const bool reveal : {false, true}) (void)view(document, v, reveal);
        CHECK_FALSE(shows(view(document, v, false), "13800138000"));
    }
}

TEST_CASE("a document's text is what a tree of it would be", "[lead]") {
    Lead lead = some_lead();
    lead.open_ids = {{"taobao_openid", ""}, {"buyer_open_uid", "a\"b"}, {"x", "\xFF"}};
    lead.phones.push_back(parse_phone("400-100-1000"));
    lead.owner_phones = {parse_phone("13900139000")};
    lead.owner = {"", "\n"};
    lead.intent = {{"style", {"2", ""}}, {"budget", {"1", "\u4e00"}}, {"style", {"3", ""}}, {"none", {}}};
    lead.tags = {"b", "a", ""};
    lead.region.codes = {{"gb2260", "city", "330100"}};
    lead.extra = codec::parse_json(R"({"z":18446744073709551615,"a":[1.5,{"k":null}],"":"\u0000"})").value();
    for (const auto& v : {vault(false, false), vault(true, true), vault(true, false), vault(false, true)}) {
        const Document document = document_of(lead, v);
        const Json read = codec::parse_json(document.text).value();
        CHECK(codec::dump_json(read) == document.text);  // members in order, nothing twice
        CHECK(read.value("person_key", "") == document.person_key);
        CHECK(read["extra"] == lead.extra);
        CHECK(read["intent"] ==
              codec::parse_json(R"({"budget":{"label":"\u4e00","raw":"1"},"style":{"raw":"3"}})").value());
        CHECK(read["owner"]["phones"].size() == 1);
        CHECK(read["person"]["open_ids"].size() == 2);
        CHECK(read["tags"].size() == 3);
    }
    const Json empty = codec::parse_json(document_of({}, vault(true, true)).text).value();
    CHECK(
        codec::dump_json(empty) ==
        R"({"answers":[],"extra":{},"id":"::","is_test":false,"kind":"person","person":{},"phones":[],"source":{"account":"","lead_id":"","name":"","platform":"","received_at":"1970-01-01T00:00:00.000Z","version":"0"},"times":{},"v":1})");
    Lead owned;
    owned.owner_phones = {parse_phone("13800138000")};
    CHECK(document_of(owned, vault(false, true)).person_key.empty());  // the owner is nobody's lead
}

TEST_CASE("one list: a number typed anywhere in a lead is hidden in its view", "[lead]") {
    const std::string typed = "打 13812345678 找我";
    Lead lead = some_lead();
    lead.status = lead.channel = lead.gender = {typed, typed};
    lead.person_name = lead.nick = lead.birthday = lead.remark = typed;
    lead.email = "zhang.san@example.com";
    lead.wechat = "zhangsan_88";
    lead.open_ids = {{"system", typed}};
    lead.company = lead.campaign = lead.page = lead.form = lead.store =
        lead.activity = {"13812345678", typed};
    lead.owner = {"13812345678", typed};
    lead.region.address = lead.region.source_text = typed;
    lead.intent = {{"13812345678", {typed, typed}}};
    lead.tags = {typed};
    lead.submitted = lead.created = lead.modified = lead.appointment = {std::nullopt, typed};
    lead.answers = {
        {"13812345678", typed, typed}, {"1", "微信", "zhangsan_88"}, {"2", "邮箱", "zhang.san@example.com"}};
    lead.extra =
        codec::object({{"13812345678", Json(13812345678)}, {"deep", codec::object({{typed, typed}})}});
    const Vault v = vault(false, false);
    const Json document = to_document(lead, v);
    const Json masked = view(document, v, false);
    for (const char* hidden : {"13812345678", "zhangsan_88", "zhang.san"}) {
        CAPTURE(hidden);
        CHECK(shows(document, hidden));
        CHECK_FALSE(shows(masked, hidden));
        CHECK(shows(view(document, v, true), hidden));
    }
    CHECK(masked["person"]["email"] == "z***@example.com");
    CHECK(masked["person"]["wechat"] == "zh***8");
    for (const char* kept : {"v", "id", "kind", "is_test", "source"}) CHECK(masked[kept] == document[kept]);
}

TEST_CASE("what names things keeps its digits: ids, times, amounts", "[lead]") {
    const Json row =
        codec::parse_json(
            R"({"id":"57188888888","page_id":23423542525,"storeId":"0571888888","order_no":1694076956000,
        "gmt_create":"2022-05-03 17:44:28","price":1234567.89,"n":13812345678,"user_id":"13812345678"})")
            .value();
    const Json shown = redacted(row);
    for (const char* kept : {"id", "page_id", "storeId", "order_no", "gmt_create", "price"}) {
        CAPTURE(kept);
        CHECK(shown[kept] == row[kept]);
    }
    CHECK(shown["n"] == "138****5678");
    CHECK(shown["user_id"] == "138****5678");
}
