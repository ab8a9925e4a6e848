#include "lead/lead.h"

#include <algorithm>
#include <map>

#include "base/text.h"
#include "codec/json_writer.h"
#include "crypto/digest.h"
#include "lead/personal.h"

namespace leadbridge::lead {
namespace {

using codec::Json;

// What was written here is read again, whatever its size.
constexpr codec::JsonLimits kOwn{SIZE_MAX, 1000};

// The document's members stand in the order of their names, as nlohmann's objects do, so that the same lead is
// the same text whoever wrote it.
class DocumentWriter {
  public:
    DocumentWriter(std::string& out, const Vault& vault, std::string context)
        : json_(out), vault_(vault), context_(std::move(context)) {}

    std::string lead(const Lead& lead);     // the key of its first phone that identifies a person
    std::string phone(const Phone& phone);  // its key

  private:
    void text(std::string_view name, const std::string& value) {
        if (!value.empty()) json_.text(name, value);
    }

    void labelled(std::string_view name, const Labelled& value) {
        if (value.raw.empty() && value.label.empty()) return;
        json_.name(name);
        labelled(value);
    }
    void labelled(const Labelled& value) {
        json_.begin_object();
        text("label", value.label);
        json_.text("raw", value.raw);
        json_.end_object();
    }

    void named(std::string_view name, const Named& value, const std::vector<Phone>* phones = nullptr) {
        const bool has_phones = phones != nullptr && !phones->empty();
        if (value.id.empty() && value.name.empty() && !has_phones) return;
        json_.name(name);
        json_.begin_object();
        text("id", value.id);
        text("name", value.name);
        if (has_phones) {
            json_.name("phones");
            this->phones(*phones);
        }
        json_.end_object();
    }

    void moment(std::string_view name, const Moment& value) {
        if (value.raw.empty()) return;
        json_.name(name);
        json_.begin_object();
        json_.text("raw", value.raw);
        json_.name("utc");
        value.utc ? json_.text(base::iso_text(*value.utc)) : json_.null();
        json_.end_object();
    }

    void answers(const std::vector<Answer>& answers);
    void intents(const std::vector<Intent>& intents);
    void person(const Lead& lead);
    std::string phones(const std::vector<Phone>& phones);
    void region(const Region& region);
    void source(const Source& source);
    void times(const Lead& lead);

    codec::JsonWriter json_;
    const Vault& vault_;
    std::string context_;  // id of the lead
};

std::string DocumentWriter::phone(const Phone& phone) {
    std::string key = person_key(phone, vault_);
    // A ciphertext is the platform's own protection, and must stay readable for a later key.
    const bool seal = vault_.data_key && phone.cls != PhoneClass::encrypted;
    json_.begin_object();
    json_.text("class", to_string(phone.cls));
    if (!seal) {
        text("e164", phone.e164);
        text("ext", phone.ext);
    }
    text("hmac", key);
    json_.text("masked", mask_phone(phone, vault_.mask));
    if (phone.range != PhoneRange::usual) json_.text("range", to_string(phone.range));
    if (seal) {
        std::string plain;
        codec::JsonWriter inner(plain);
        inner.begin_object();
        if (!phone.e164.empty()) inner.text("e164", phone.e164);
        if (!phone.ext.empty()) inner.text("ext", phone.ext);
        if (!phone.raw.empty()) inner.text("raw", phone.raw);
        inner.end_object();
        json_.text("sealed", vault_.data_key->seal(plain, context_));
    } else {
        text("raw", phone.raw);
    }
    json_.boolean("valid", phone.valid);
    json_.end_object();
    return key;
}

void DocumentWriter::answers(const std::vector<Answer>& answers) {
    json_.name("answers");
    json_.begin_array();
    for (const Answer& answer : answers) {
        json_.begin_object();
        json_.text("code", answer.code);
        json_.text("label", answer.label);
        json_.text("value", answer.value);
        json_.end_object();
    }
    json_.end_array();
}

void DocumentWriter::intents(const std::vector<Intent>& intents) {
    std::map<std::string_view, const Labelled*> by_name;  // of two with one name the last counts
    for (const Intent& intent : intents) {
        if (!intent.value.raw.empty() || !intent.value.label.empty()) by_name[intent.name] = &intent.value;
    }
    if (by_name.empty()) return;
    json_.name("intent");
    json_.begin_object();
    for (const auto& [name, value] : by_name) {
        json_.escaped_name(name);
        labelled(*value);
    }
    json_.end_object();
}

void DocumentWriter::person(const Lead& lead) {
    json_.name("person");
    json_.begin_object();
    text("birthday", lead.birthday);
    text("email", lead.email);
    labelled("gender", lead.gender);
    text("name", lead.person_name);
    text("nick", lead.nick);
    bool any = false;
    for (const OpenId& open_id : lead.open_ids) {
        if (open_id.value.empty()) continue;
        if (!any) {
            json_.name("open_ids");
            json_.begin_array();
        }
        any = true;
        json_.begin_object();
        json_.text("system", open_id.system);
        json_.text("value", open_id.value);
        json_.end_object();
    }
    if (any) json_.end_array();
    text("wechat", lead.wechat);
    json_.end_object();
}

std::string DocumentWriter::phones(const std::vector<Phone>& phones) {
    std::string first;
    json_.begin_array();
    for (const Phone& each : phones) {
        std::string key = phone(each);
        if (first.empty()) first = std::move(key);
    }
    json_.end_array();
    return first;
}

void DocumentWriter::region(const Region& region) {
    const bool named = !region.province.empty() || !region.city.empty() || !region.district.empty() ||
                       !region.street.empty();
    if (!named && region.address.empty() && region.source_text.empty() && region.codes.empty()) return;
    json_.name("region");
    json_.begin_object();
    text("address", region.address);
    text("city", region.city);
    if (!region.codes.empty()) {
        json_.name("codes");
        json_.begin_array();
        for (const Code& code : region.codes) {
            json_.begin_object();
            json_.text("code", code.code);
            json_.text("level", code.level);
            json_.text("system", code.system);
            json_.end_object();
        }
        json_.end_array();
    }
    text("district", region.district);
    text("province", region.province);
    text("source_text", region.source_text);
    text("street", region.street);
    json_.end_object();
}

void DocumentWriter::source(const Source& source) {
    json_.name("source");
    json_.begin_object();
    json_.text("account", source.account);
    json_.text("lead_id", source.lead_id);
    json_.text("name", source.name);
    json_.text("platform", source.platform);
    json_.text("received_at", base::iso_text(source.received_at));
    json_.text("version", std::to_string(source.version));
    json_.end_object();
}

void DocumentWriter::times(const Lead& lead) {
    json_.name("times");
    json_.begin_object();
    moment("appointment", lead.appointment);
    moment("created", lead.created);
    moment("modified", lead.modified);
    moment("submitted", lead.submitted);
    json_.end_object();
}

std::string DocumentWriter::lead(const Lead& lead) {
    // Written first: the key that they give stands before them.
    std::string phones_text;
    std::string key = DocumentWriter(phones_text, vault_, context_).phones(lead.phones);

    json_.begin_object();
    named("activity", lead.activity);
    answers(lead.answers);
    named("campaign", lead.campaign);
    labelled("channel", lead.channel);
    named("company", lead.company);
    json_.name("extra");
    json_.value(lead.extra);
    named("form", lead.form);
    json_.text("id", context_);
    intents(lead.intent);
    json_.boolean("is_test", lead.is_test);
    json_.text("kind", lead.kind);
    named("owner", lead.owner, &lead.owner_phones);
    named("page", lead.page);
    person(lead);
    text("person_key", key);
    json_.name("phones");
    json_.json(phones_text);
    region(lead.region);
    text("remark", lead.remark);
    source(lead.source);
    labelled("status", lead.status);
    named("store", lead.store);
    if (!lead.tags.empty()) {
        json_.name("tags");
        json_.begin_array();
        for (const std::string& tag : lead.tags) json_.text(tag);
        json_.end_array();
    }
    times(lead);
    json_.number("v", 1);
    json_.end_object();
    return key;
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

Document document_of(const Lead& lead, const Vault& vault) {
    Document out;
    out.text.reserve(1024);
    out.person_key = DocumentWriter(out.text, vault, lead_id(lead.source)).lead(lead);
    return out;
}

Json phone_document(const Phone& phone, const std::string& context, const Vault& vault) {
    std::string text;
    (void)DocumentWriter(text, vault, context).phone(phone);
    return codec::parse_json(text, kOwn).value();
}

Json to_document(const Lead& lead, const Vault& vault) {
    return codec::parse_json(document_of(lead, vault).text, kOwn).value();
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
