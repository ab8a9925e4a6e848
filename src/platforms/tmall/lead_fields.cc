#include "platforms/tmall/lead_fields.h"

#include <algorithm>
#include <array>

#include "base/text.h"
#include "crypto/digest.h"

namespace leadbridge::platforms::tmall {
namespace {

using codec::Json;

std::string text_of(const Json& fields, std::string_view key) {
    return codec::member_text(fields, key).value_or("");
}

// Enumerations nobody published: raw values, labels from the configuration.
constexpr std::array<std::pair<std::string_view, std::string_view>, 6> kIntent = {
    {{"intended_category", "category"},
     {"customer_budget", "budget"},
     {"decoration_type", "decoration_type"},
     {"decoration_style", "style"},
     {"decoration_stage", "stage"},
     {"purchase_intention", "purchase"}}};

constexpr std::array<std::string_view, 33> kMappedFields = {"area_name",
                                                            "customer_appointment",
                                                            "decoration_type",
                                                            "channel",
                                                            "city_code",
                                                            "remark",
                                                            "gmt_modified",
                                                            "province_code",
                                                            "street_name",
                                                            "decoration_style",
                                                            "city_name",
                                                            "customer_budget",
                                                            "extra",
                                                            "intended_category",
                                                            "kf_name",
                                                            "activity_id",
                                                            "decoration_stage",
                                                            "seller_id",
                                                            "store_id",
                                                            "purchase_intention",
                                                            "address",
                                                            "area_code",
                                                            "kf_id",
                                                            "street_code",
                                                            "province_name",
                                                            "record_id",
                                                            "phone",
                                                            "customer_status",
                                                            "name",
                                                            "gmt_appointment",
                                                            "taobao_nick",
                                                            "openid",
                                                            "buyer_open_uid"};
// Opaque to us, or with no place of their own in a lead.
constexpr std::array<std::string_view, 4> kKeptInExtra = {"order_num", "order_id", "required_store",
                                                          "base_extra"};

template <std::size_t N>
bool among(const std::array<std::string_view, N>& names, std::string_view name) {
    return std::find(names.begin(), names.end(), name) != names.end();
}

constexpr std::size_t kLongestId = 64;  // it becomes a key of the store

// (seller, record) names a lead; without a record its content does, so that it is kept and kept once.
std::string lead_id_of(const Json& fields) {
    const Json& given = codec::member(fields, "record_id");
    const bool wrong_type = given.is_boolean() || given.is_structured();
    if (const std::string record = base::trim(text_of(fields, "record_id"));
        !record.empty() && record.size() <= kLongestId && !wrong_type)
        return record;
    std::string content;
    for (const char* key : {"seller_id", "activity_id", "gmt_appointment", "phone"})
        content += text_of(fields, key) + "\n";
    // A push with none of these, or of wrong types that say nothing: all of it.
    if (wrong_type || content == "\n\n\n\n") content = codec::dump_json(fields);
    return "sha256-" + base::hex_lower(crypto::sha256(content)).substr(0, 32);
}

}  // namespace

bool known_field(std::string_view name) {
    return name == "open_key" || among(kMappedFields, name) || among(kKeptInExtra, name);
}

lead::Lead LeadReader::to_lead(const Json& fields, base::Millis sent_at, base::Millis now,
                               std::map<std::string, std::int64_t>& unknown) const {
    const auto text = [&fields](std::string_view key) { return text_of(fields, key); };
    lead::Lead lead;
    lead.source.platform = "tmall";
    lead.source.name = source_;
    lead.source.account = text("seller_id");
    if (lead.source.account.empty() || lead.source.account.size() > kLongestId)
        lead.source.account = account_;
    lead.source.lead_id = lead_id_of(fields);
    lead.source.version = base::parse_platform_time(text("gmt_modified")).value_or(sent_at);
    lead.source.received_at = now;

    lead.person_name = text("name");
    lead.nick = text("taobao_nick");
    lead.open_ids = {{"taobao_openid", text("openid")}, {"buyer_open_uid", text("buyer_open_uid")}};
    lead.phones = lead::parse_phones(text("phone"));
    const std::string province = text("province_name"), city = text("city_name"), area = text("area_name"),
                      street = text("street_name"), address = text("address"),
                      province_code = text("province_code"), city_code = text("city_code"),
                      area_code = text("area_code"), street_code = text("street_code");
    lead.region = lead::region_from_parts(
        {province, city, area, street, address, province_code, city_code, area_code, street_code});
    lead.status = labels_.of("customer_status", text("customer_status"));
    lead.channel = labels_.of("channel", text("channel"));
    for (const auto& [field, name] : kIntent) {
        if (auto value = text(field); !value.empty())
            lead.intent.push_back({std::string(name), labels_.of(field, std::move(value))});
    }
    lead.store.id = text("store_id");
    lead.activity.id = text("activity_id");
    lead.owner = {text("kf_id"), text("kf_name")};
    lead.remark = text("remark");
    lead.submitted = lead::moment(text("gmt_appointment"));
    lead.modified = lead::moment(text("gmt_modified"));
    lead.appointment = lead::moment(text("customer_appointment"));

    // `extra` is JSON inside a string; what cannot be read stays as it came.
    if (const std::string raw = text("extra"); !raw.empty()) {
        auto inner = codec::parse_json(raw, {64 << 10, 16});
        if (inner && lead.channel.label.empty())
            lead.channel.label = codec::member_text(inner.value(), "channelName").value_or("");
        if (!inner || !inner.value().empty())
            lead.extra["extra"] = inner ? std::move(inner).value() : Json(raw);
    }
    for (const auto& [key, value] : fields.items()) {
        if (key == "open_key" || value.is_null()) continue;
        if (value.is_string() && value.get_ref<const std::string&>().empty()) continue;
        const bool no_id = (key == "record_id" || key == "seller_id") &&
                           (text(key).size() > kLongestId || value.is_boolean());
        if (among(kMappedFields, key) && !value.is_structured() && !no_id) continue;
        lead.extra[key] = value;
        if (!among(kKeptInExtra, key) || value.is_structured()) ++unknown[base::printable(key, 60)];
    }
    return lead;
}

}  // namespace leadbridge::platforms::tmall
