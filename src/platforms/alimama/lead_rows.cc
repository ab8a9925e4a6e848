#include "platforms/alimama/lead_rows.h"

#include <algorithm>
#include <array>

#include "base/text.h"
#include "crypto/digest.h"
#include "platforms/page_bounds.h"

namespace leadbridge::platforms::alimama {
namespace {

using codec::Json;
using codec::member;
using codec::member_text;

std::string text_of(const Json& row, std::string_view key) { return member_text(row, key).value_or(""); }

// A list as JSON wraps it ({"result": [..]}), as simplify flattens it ([..]), or as one-element XML shows it
// ({"result": {..}}). Nothing where the shape is none of these.
std::optional<std::vector<Json>> take_list(Json&& value, std::string_view inner) {
    const auto take = [](Json& list) { return std::move(list.get_ref<Json::array_t&>()); };
    if (value.is_null()) return std::vector<Json>{};
    if (value.is_string() && base::trim(value.get_ref<const std::string&>()).empty())
        return std::vector<Json>{};
    if (value.is_array()) return take(value);
    if (!value.is_object()) return std::nullopt;
    if (value.empty()) return std::vector<Json>{};
    const auto found = value.find(inner);
    if (found == value.end()) return std::nullopt;
    if (found->is_array()) return take(*found);
    if (found->is_object()) return std::vector<Json>{std::move(*found)};
    if (found->is_null()) return std::vector<Json>{};
    if (found->is_string() && base::trim(found->get_ref<const std::string&>()).empty())
        return std::vector<Json>{};
    return std::nullopt;
}

wire::CallFailure unexpected(const std::string& what) {
    wire::CallFailure f;
    f.remedy = wire::Remedy::retry;
    f.code = "unexpected_answer";
    f.reason = "the lead list came in a shape this version does not know (" + what +
               "); nothing of the page is stored, it is read again on the next run";
    return f;
}

std::optional<std::int64_t> usable_id(const Json& row) {
    const auto id = codec::member_int(row, "id");
    return id && *id > 0 ? id : std::nullopt;
}

// "男" / "女" in any of the ways forms put it; the raw text always stays.
lead::Labelled gender_of(const std::string& value) {
    static constexpr std::string_view kMan = "\u7537";
    static constexpr std::string_view kWoman = "\u5973";
    if (value == kMan) return {value, "male"};
    if (value == kWoman) return {value, "female"};
    return {value, ""};
}

// An entry of extend_list that code, label and value hold completely.
bool plain_answer(const Json& answer) {
    if (!answer.is_object()) return false;
    for (const auto& [key, value] : answer.items()) {
        if ((key != "code" && key != "label" && key != "value") || value.is_structured()) return false;
    }
    return true;
}

constexpr std::array<std::string_view, 16> kKnownFields = {
    "seller_nick",    "gmt_modified", "mm_src_cname", "lead_time",
    "seller_user_id", "page_id",      "gmt_create",   "page_name",
    "name",           "store_name",   "id",           "extend_list",
    "location_code",  "location",     "mobile",       "request_id"};

}  // namespace

bool known_field(std::string_view name) {
    return std::find(kKnownFields.begin(), kKnownFields.end(), name) != kKnownFields.end();
}

Row row_of(Json fields) {
    Row row;
    row.id = usable_id(fields);
    const auto modified = base::parse_platform_time(text_of(fields, "gmt_modified"));
    row.version = modified.value_or(0);
    const auto created = base::parse_platform_time(text_of(fields, "gmt_create"));
    row.created = created ? *created : base::parse_platform_time(text_of(fields, "lead_time")).value_or(0);
    row.fields = std::move(fields);
    return row;
}

PageAnswer read_page(Json payload) {
    // The sample shows an error code beside result_ok=true: only result_ok decides.
    const auto ok = codec::member_bool(payload, "result_ok");
    if (ok && !*ok) {
        wire::CallFailure f;
        f.remedy = wire::Remedy::retry;
        f.code = "result_not_ok";
        f.reason = "the platform reports that the call failed: " +
                   base::printable(text_of(payload, "error_msg"), 160) + " (" +
                   base::printable(text_of(payload, "result_error_code"), 60) + ")";
        return f;
    }
    Json data;
    if (const auto found = payload.find("result_data"); found != payload.end()) data = std::move(*found);
    if (!ok && data.is_null()) return unexpected("neither result_ok nor result_data");
    auto rows = take_list(std::move(data), "result");
    if (!rows) return unexpected("result_data is not a list");
    if (rows->size() > kMostRows) return unexpected("more than " + std::to_string(kMostRows) + " rows");

    Page page;
    page.rows.reserve(rows->size());
    for (auto& fields : *rows) {
        if (!fields.is_object()) return unexpected("a row is not an object");
        if (page.account.empty()) page.account = text_of(fields, "seller_user_id");
        page.rows.push_back(row_of(std::move(fields)));
    }
    return page;
}

lead::Lead LeadReader::to_lead(const Row& row, base::Millis received_at, Opening& opening,
                               std::map<std::string, std::int64_t>& unknown) const {
    const Json& fields = row.fields;
    lead::Lead lead;
    lead.source.platform = "alimama";
    lead.source.name = name_;
    lead.source.account = text_of(fields, "seller_user_id");
    if (lead.source.account.empty()) lead.source.account = account_;
    // Without a usable id the content itself names the row, so that it is kept and kept once.
    lead.source.lead_id =
        row.id ? std::to_string(*row.id)
               : "sha256-" + base::hex_lower(crypto::sha256(codec::dump_json(fields))).substr(0, 32);
    lead.source.version = row.version;
    lead.source.received_at = received_at;

    lead.person_name = text_of(fields, "name");
    lead.phones = cipher_.read(text_of(fields, "mobile"), opening);
    lead.region = lead::parse_region(text_of(fields, "location"));
    if (const std::string code = text_of(fields, "location_code"); !code.empty()) {
        lead::add_code(lead.region, "location", code);
    }
    lead.page = {text_of(fields, "page_id"), text_of(fields, "page_name")};
    lead.store = {"", text_of(fields, "store_name")};
    lead.channel = {text_of(fields, "mm_src_cname"), ""};
    lead.submitted = lead::moment(text_of(fields, "lead_time"));
    lead.created = lead::moment(text_of(fields, "gmt_create"));
    lead.modified = lead::moment(text_of(fields, "gmt_modified"));
    if (const std::string nick = text_of(fields, "seller_nick"); !nick.empty())
        lead.extra["seller_nick"] = nick;

    const auto answers = take_list(Json(member(fields, "extend_list")), "lead_extend_d_t_o");
    const bool plain_answers = answers && std::all_of(answers->begin(), answers->end(), plain_answer);
    if (!plain_answers) {
        lead.extra["extend_list"] = member(fields, "extend_list");
        ++unknown["extend_list (shape)"];
    }
    for (const auto& answer : answers.value_or(std::vector<Json>{})) {
        lead.answers.push_back({text_of(answer, "code"), text_of(answer, "label"), text_of(answer, "value")});
        if (lead.answers.back().code == "sex") lead.gender = gender_of(lead.answers.back().value);
    }
    for (const auto& [key, value] : fields.items()) {
        const bool known = known_field(key);
        const bool mapped =
            known && (!value.is_structured() || key == "extend_list") && (key != "id" || row.id);
        if (mapped) continue;
        lead.extra[key] = value;
        ++unknown[base::printable(key, 60)];
    }
    return lead;
}

}  // namespace leadbridge::platforms::alimama
