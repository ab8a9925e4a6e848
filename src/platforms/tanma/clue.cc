#include "platforms/tanma/clue.h"

#include <algorithm>
#include <array>
#include <initializer_list>
#include <optional>

#include "base/text.h"
#include "crypto/digest.h"

namespace leadbridge::platforms::tanma {
namespace {

using codec::Json;
using codec::member;
using codec::member_text;
using Drift = std::map<std::string, std::int64_t>;

// Field type codes (docs/protocols/tanma.md).
constexpr std::int64_t kChoice = 2;
constexpr std::int64_t kChoices = 6;
constexpr std::int64_t kPhone = 8;

std::string text_of(const Json& row, std::string_view key) { return member_text(row, key).value_or(""); }

// ["a","b"], or the same written as JSON text; nothing when it is neither.
std::optional<std::vector<std::string>> list_of(const Json& value) {
    Json parsed;
    const Json* list = &value;
    if (value.is_string()) {
        const auto& text = value.get_ref<const std::string&>();
        if (text.find('[') == std::string::npos) return std::nullopt;
        auto read = codec::parse_json(text);
        if (!read) return std::nullopt;
        parsed = std::move(read).value();
        list = &parsed;
    }
    if (!list->is_array()) return std::nullopt;
    std::vector<std::string> items;
    for (const auto& item : *list) {
        if (item.is_null()) continue;
        auto text = codec::scalar_text(item);
        if (!text) return std::nullopt;
        items.push_back(std::move(*text));
    }
    return items;
}

std::string whole_text(const Json& value) {
    return codec::scalar_text(value).value_or(value.is_null() ? "" : codec::dump_json(value));
}

std::vector<lead::Phone> phones_of(const Json& value) {
    const auto items = list_of(value);
    if (!items) return lead::parse_phones(whole_text(value));
    std::vector<lead::Phone> phones;
    for (const auto& item : *items) {
        for (auto& phone : lead::parse_phones(item)) phones.push_back(std::move(phone));
    }
    return phones;
}

void add_phones(std::vector<lead::Phone>& phones, std::vector<lead::Phone> more) {
    for (auto& phone : more) {
        const bool known = std::any_of(phones.begin(), phones.end(), [&](const lead::Phone& other) {
            return other.raw == phone.raw ||
                   (!phone.e164.empty() && other.e164 == phone.e164 && other.ext == phone.ext);
        });
        if (!known) phones.push_back(std::move(phone));
    }
}

// Sets `place` once; false when it holds something else already.
bool set_once(std::string& place, const std::string& value) {
    if (!place.empty() && place != value) return false;
    place = value;
    return true;
}
bool set_once(lead::Labelled& place, lead::Labelled value) {
    if (!place.raw.empty() && place.raw != value.raw) return false;
    place = std::move(value);
    return true;
}

// The fields every account has; others are the account's own and become answers.
struct TextPlace {
    std::string_view field;
    std::string lead::Lead::*place;
};
constexpr std::array<TextPlace, 6> kTexts = {{{"name", &lead::Lead::person_name},
                                              {"birthday", &lead::Lead::birthday},
                                              {"description", &lead::Lead::remark},
                                              {"email", &lead::Lead::email},
                                              {"wechat", &lead::Lead::wechat},
                                              {"weixin", &lead::Lead::wechat}}};

struct IntentPlace {
    std::string_view field;
    std::string_view intent;
};
constexpr std::array<IntentPlace, 2> kIntents = {
    {{"customer_stage", "stage"}, {"purchase_intention", "purchase"}}};

// Members of a row with a place in the lead; the second line is what pushes of WeCom customers add.
constexpr std::array<std::string_view, 14> kKnown = {
    "customerId",  "isClue",  "type", "fields",         "tagIds",  "createTime", "lastUpdateTime",
    "companyInfo", "mobiles", "name", "externalUserId", "unionId", "qwUserId",   "wechatNickname"};

// True when `value` found its place in the lead.
bool map_standard(std::string_view name, const lead::Labelled& value, lead::Lead& lead) {
    for (const auto& text : kTexts) {
        if (text.field == name) return set_once(lead.*text.place, value.raw);
    }
    for (const auto& intent : kIntents) {
        if (intent.field != name) continue;
        for (const auto& known : lead.intent) {
            if (known.name == intent.intent) return known.value.raw == value.raw;
        }
        lead.intent.push_back({std::string(intent.intent), value});
        return true;
    }
    if (name == "customer_source") return set_once(lead.channel, value);
    if (name == "corp_name") return set_once(lead.company.name, value.raw);
    if (name == "gender") {
        static constexpr std::array<std::string_view, 3> kGender = {"other", "male", "female"};
        lead::Labelled gender = value;
        if (gender.label.empty() && gender.raw.size() == 1 && gender.raw[0] >= '0' && gender.raw[0] <= '2')
            gender.label = kGender[static_cast<std::size_t>(gender.raw[0] - '0')];
        return set_once(lead.gender, std::move(gender));
    }
    if (name == "address") {
        if (!lead.region.source_text.empty()) return lead.region.source_text == value.raw;
        lead.region = lead::parse_region(value.raw);
        return true;
    }
    return false;
}

// Members of an object that are none of `known`.
Json others(const Json& object, std::initializer_list<std::string_view> known) {
    Json rest = Json::object();
    for (const auto& [key, value] : object.items()) {
        if (std::find(known.begin(), known.end(), key) == known.end()) rest[key] = value;
    }
    return rest;
}

void keep(lead::Lead& lead, const std::string& key, const Json& value, Drift& unknown, const char* why = "") {
    lead.extra[key] = value;
    ++unknown[base::printable(key, 60) + why];
}

}  // namespace

bool known_field(std::string_view name) {
    return std::find(kKnown.begin(), kKnown.end(), name) != kKnown.end();
}

bool ClueReader::read_field(const Json& field, lead::Lead& lead, Drift& unknown) const {
    const std::string name = text_of(field, "field");
    if (name.empty()) return false;
    if (Json rest = others(field, {"field", "type", "valueAsText"}); !rest.empty()) {
        for (const auto& [key, other] : rest.items()) ++unknown["fields." + base::printable(key, 60)];
        rest["field"] = name;
        lead.extra["fields"].push_back(std::move(rest));
    }
    const Json& value = member(field, "valueAsText");
    if (value.is_null()) return true;
    const auto type = codec::member_int(field, "type").value_or(0);
    if (type < 1 || type > kPhone) ++unknown["fields.type " + base::printable(text_of(field, "type"), 20)];

    if (type == kPhone || name == "mobile") {
        auto phones = phones_of(value);
        // A second phone field keeps its name, beside the number among the phones.
        if (name != "mobile") {
            std::string masked;
            for (const auto& phone : phones) masked += (masked.empty() ? "" : ", ") + lead::mask_phone(phone);
            if (!masked.empty()) lead.answers.push_back({name, "", std::move(masked)});
        }
        add_phones(lead.phones, std::move(phones));
    } else {
        lead::Labelled labelled = labels_.of(name, whole_text(value));
        if (labelled.raw.empty()) return true;
        if (type == kChoices || (type == kChoice && labelled.label.empty())) {
            for (const auto& item : list_of(value).value_or(std::vector<std::string>{})) {
                const auto one = labels_.of(name, item);
                if (!one.label.empty()) labelled.label += (labelled.label.empty() ? "" : ", ") + one.label;
            }
        }
        if (!map_standard(name, labelled, lead))
            lead.answers.push_back({name, std::move(labelled.label), std::move(labelled.raw)});
    }
    return true;
}

lead::Lead ClueReader::to_lead(const Json& row, base::Millis received_at, Drift& unknown) const {
    lead::Lead lead;
    lead.source.platform = "tanma";
    lead.source.name = name_;
    lead.source.account = account_;
    lead.source.lead_id = base::trim(text_of(row, "customerId"));
    // Without an id the content itself names the row, so that it is kept and kept once.
    const std::string wecom_id = text_of(row, "externalUserId");
    if (lead.source.lead_id.empty()) lead.source.lead_id = wecom_id;
    const bool has_id = !lead.source.lead_id.empty() && lead.source.lead_id.size() <= 64;
    if (!has_id) {
        lead.source.lead_id =
            "sha256-" + base::hex_lower(crypto::sha256(codec::dump_json(row))).substr(0, 32);
    }
    lead.source.received_at = received_at;
    lead.created = lead::moment(text_of(row, "createTime"));
    lead.modified = lead::moment(text_of(row, "lastUpdateTime"));
    lead.source.version = lead.modified.utc.value_or(lead.created.utc.value_or(0));

    const Json& company = member(row, "companyInfo");
    const auto type = codec::member_int(row, "type");
    if (type == 2 || (type != 1 && company.is_object())) lead.kind = "company";
    if (company.is_object()) lead.company = {text_of(company, "id"), text_of(company, "name")};
    if (const auto is_clue = codec::member_bool(row, "isClue")) {
        // "clue" or "customer waiting to be assigned"
        lead.status = {*is_clue ? "true" : "false",
                       *is_clue ? "\u7ebf\u7d22" : "\u5f85\u5206\u914d\u5ba2\u6237"};
    }
    lead.person_name = text_of(row, "name");
    if (const Json& mobiles = member(row, "mobiles"); !mobiles.is_null())
        add_phones(lead.phones, phones_of(mobiles));
    lead.nick = text_of(row, "wechatNickname");
    lead.open_ids = {{"wecom_external_userid", wecom_id}, {"wechat_unionid", text_of(row, "unionId")}};
    lead.owner.id = text_of(row, "qwUserId");
    if (auto tags = list_of(member(row, "tagIds"))) lead.tags = std::move(*tags);

    const Json& fields = member(row, "fields");
    if (fields.is_array()) {
        for (const auto& field : fields) {
            if (read_field(field, lead, unknown)) continue;
            lead.extra["fields"].push_back(field);
            ++unknown["fields (shape)"];
        }
    }
    if (!row.is_object()) {
        keep(lead, "row", row, unknown, " (shape)");
        return lead;
    }
    for (const auto& [key, value] : row.items()) {
        if (value.is_null()) continue;
        if (std::find(kKnown.begin(), kKnown.end(), key) == kKnown.end()) {
            keep(lead, key, value, unknown);
        } else if ((key == "fields" && !value.is_array()) || (key == "tagIds" && !list_of(value)) ||
                   (key == "companyInfo" && !(value.is_object() && others(value, {"id", "name"}).empty())) ||
                   (key == "isClue" && lead.status.raw.empty()) || (key == "customerId" && !has_id) ||
                   (value.is_structured() && key != "fields" && key != "tagIds" && key != "companyInfo" &&
                    key != "mobiles")) {
            keep(lead, key, value, unknown, " (shape)");
        } else if (key == "type" && type != 1 && type != 2) {
            keep(lead, key, value, unknown);
        }
    }
    return lead;
}

}  // namespace leadbridge::platforms::tanma
