#include "lead/lead.h"

#include <algorithm>

#include "base/text.h"
#include "crypto/digest.h"
#include "lead/personal.h"

namespace leadbridge::lead {
namespace {

using codec::Json;

Json labelled(const Labelled& value) {
    Json out = codec::object({{"raw", value.raw}});
    if (!value.label.empty()) out["label"] = value.label;
    return out;
}

void put_text(Json& object, const char* key, const std::string& text) {
    if (!text.empty()) object[key] = text;
}

void put_labelled(Json& object, const char* key, const Labelled& value) {
    if (!value.raw.empty() || !value.label.empty()) object[key] = labelled(value);
}

void put_named(Json& object, const char* key, const Named& value) {
    if (value.id.empty() && value.name.empty()) return;
    Json named = Json::object();
    put_text(named, "id", value.id);
    put_text(named, "name", value.name);
    object[key] = std::move(named);
}

void put_moment(Json& object, const char* key, const Moment& value) {
    if (value.raw.empty()) return;
    Json out = codec::object({{"raw", value.raw}});
    out["utc"] = value.utc ? Json(base::iso_text(*value.utc)) : Json(nullptr);
    object[key] = std::move(out);
}

Json region_document(const Region& region) {
    Json out = Json::object();
    put_text(out, "province", region.province);
    put_text(out, "city", region.city);
    put_text(out, "district", region.district);
    put_text(out, "street", region.street);
    put_text(out, "address", region.address);
    put_text(out, "source_text", region.source_text);
    for (const auto& code : region.codes) {
        out["codes"].push_back(
            codec::object({{"system", code.system}, {"level", code.level}, {"code", code.code}}));
    }
    return out;
}

Json phone_view(const Json& stored, const std::string& context, const Vault& vault, bool reveal) {
    if (!stored.is_object()) return Json::object();
    Json out = stored;
    out.erase("sealed");
    out.erase("hmac");
    if (!reveal) {
        for (const char* plain : {"raw", "e164", "ext"}) out.erase(plain);
        return out;
    }
    const auto sealed = codec::member_text(stored, "sealed");
    if (!sealed) return out;
    if (!vault.data_key) {
        out["problem"] = "sealed: configure privacy.data_key";
        return out;
    }
    const auto opened = vault.data_key->open(*sealed, context);
    const auto plain = opened ? codec::parse_json(opened.value()) : base::Result<Json>(opened.error());
    if (!plain) {
        out["problem"] = plain.error().reason;
        return out;
    }
    out.update(plain.value());
    return out;
}

}  // namespace

Moment moment(std::string_view platform_text) {
    return {base::parse_platform_time(platform_text), std::string(platform_text)};
}

std::string lead_id(const Source& source) {
    return source.platform + ":" + source.account + ":" + source.lead_id;
}

std::string person_key(const Phone& phone, const Vault& vault) {
    if (vault.pepper.empty() || !identifies_person(phone)) return "";
    return base::hex_lower(crypto::hmac_sha256(vault.pepper.use(), phone.e164));
}

bool readable(const Lead& lead) {
    return std::none_of(lead.phones.begin(), lead.phones.end(),
                        [](const Phone& phone) { return phone.cls == PhoneClass::encrypted; });
}

Json phone_document(const Phone& phone, const std::string& context, const Vault& vault) {
    Json out = codec::object(
        {{"class", to_string(phone.cls)}, {"masked", mask_phone(phone, vault.mask)}, {"valid", phone.valid}});
    put_text(out, "range", std::string(to_string(phone.range)));
    put_text(out, "hmac", person_key(phone, vault));
    Json plain = Json::object();
    put_text(plain, "raw", phone.raw);
    put_text(plain, "e164", phone.e164);
    put_text(plain, "ext", phone.ext);
    // A ciphertext is the platform's own protection, and must stay readable for a later key.
    if (vault.data_key && phone.cls != PhoneClass::encrypted) {
        out["sealed"] = vault.data_key->seal(codec::dump_json(plain), context);
    } else {
        out.update(plain);
    }
    return out;
}

Json to_document(const Lead& lead, const Vault& vault) {
    const std::string id = lead_id(lead.source);
    Json out = codec::object({{"v", 1}, {"id", id}, {"kind", lead.kind}, {"is_test", lead.is_test}});
    out["source"] = codec::object({{"platform", lead.source.platform},
                                   {"name", lead.source.name},
                                   {"account", lead.source.account},
                                   {"lead_id", lead.source.lead_id},
                                   {"version", std::to_string(lead.source.version)},
                                   {"received_at", base::iso_text(lead.source.received_at)}});
    put_labelled(out, "status", lead.status);
    Json person = Json::object();
    put_text(person, "name", lead.person_name);
    put_labelled(person, "gender", lead.gender);
    put_text(person, "nick", lead.nick);
    put_text(person, "email", lead.email);
    put_text(person, "wechat", lead.wechat);
    put_text(person, "birthday", lead.birthday);
    for (const auto& open_id : lead.open_ids) {
        if (open_id.value.empty()) continue;
        person["open_ids"].push_back(codec::object({{"system", open_id.system}, {"value", open_id.value}}));
    }
    out["person"] = std::move(person);
    out["phones"] = Json::array();
    for (const auto& phone : lead.phones) {
        out["phones"].push_back(phone_document(phone, id, vault));
        const std::string key = person_key(phone, vault);
        if (!key.empty() && !out.contains("person_key")) out["person_key"] = key;
    }
    put_named(out, "company", lead.company);
    if (auto region = region_document(lead.region); !region.empty()) out["region"] = std::move(region);
    put_named(out, "campaign", lead.campaign);
    put_named(out, "page", lead.page);
    put_named(out, "form", lead.form);
    put_named(out, "store", lead.store);
    put_named(out, "activity", lead.activity);
    put_labelled(out, "channel", lead.channel);
    for (const auto& intent : lead.intent) put_labelled(out["intent"], intent.name.c_str(), intent.value);
    if (out.contains("intent") && out["intent"].is_null()) out.erase("intent");
    put_named(out, "owner", lead.owner);
    for (const auto& phone : lead.owner_phones)
        out["owner"]["phones"].push_back(phone_document(phone, id, vault));
    for (const auto& tag : lead.tags) out["tags"].push_back(tag);
    put_text(out, "remark", lead.remark);
    Json times = Json::object();
    put_moment(times, "submitted", lead.submitted);
    put_moment(times, "created", lead.created);
    put_moment(times, "modified", lead.modified);
    put_moment(times, "appointment", lead.appointment);
    out["times"] = std::move(times);
    out["answers"] = Json::array();
    for (const auto& answer : lead.answers) {
        out["answers"].push_back(
            codec::object({{"code", answer.code}, {"label", answer.label}, {"value", answer.value}}));
    }
    out["extra"] = lead.extra;
    return out;
}

Json view(const Json& document, const Vault& vault, bool reveal) {
    Json out = document;
    if (!out.is_object()) return out;
    out.erase("person_key");
    const std::string id = codec::member_text(document, "id").value_or("");
    if (auto phones = out.find("phones"); phones != out.end() && phones->is_array()) {
        for (auto& phone : *phones) phone = phone_view(phone, id, vault, reveal);
    }
    if (auto owner = out.find("owner"); owner != out.end() && owner->contains("phones")) {
        for (auto& phone : (*owner)["phones"]) phone = phone_view(phone, id, vault, reveal);
    }
    if (!reveal) redact_document(out);  // people type phone numbers into every field there is
    return out;
}

}  // namespace leadbridge::lead
