#include "platforms/etc/clue.h"

#include <algorithm>
#include <array>

#include "base/text.h"
#include "crypto/digest.h"
#include "platforms/page_bounds.h"

namespace leadbridge::platforms::etc {
namespace {

using codec::Json;
using codec::member_text;

std::string text_of(const Json& row, std::string_view key) { return member_text(row, key).value_or(""); }

// "" where the platform writes 0 for "none".
std::string unless_zero(const Json& row, std::string_view key) {
    std::string text = text_of(row, key);
    return text == "0" ? "" : text;
}

wire::CallFailure unexpected(const std::string& what) {
    return wire::call_failure(wire::Remedy::retry, "unexpected_answer",
                              "the clue rows came in a shape this version does not know (" + what +
                                  "); nothing of the page is stored, it is read again on the next run");
}

enum class Zero { value, none };

struct IntentColumn {
    std::string_view column;
    const char* intent;
    Zero zero = Zero::value;
};
constexpr std::array<IntentColumn, 11> kIntents = {{{"intention_level", "level"},
                                                    {"intention_city_cn", "city"},
                                                    {"intention_district", "district"},
                                                    {"intention_hid", "house_id", Zero::none},
                                                    {"intention_house_city_en", "house_city"},
                                                    {"purpose", "purpose"},
                                                    {"intention_house_type", "house_type"},
                                                    {"intention_area", "area"},
                                                    {"house_num", "house_num"},
                                                    {"payment_capacity", "payment_capacity", Zero::none},
                                                    {"budget", "budget"}}};

// Columns with a place in the lead, besides the intents.
constexpr std::array<std::string_view, 8> kMapped = {"id",     "cid",      "status",       "zid",
                                                     "z_name", "z_mobile", "created_time", "updated_time"};
// Known, without a place: kept in `extra`, no drift.
constexpr std::array<std::string_view, 6> kKept = {"distribute_did",  "z_role",          "worktable_count",
                                                   "first_push_time", "last_order_time", "order_time_lag"};

template <typename List>
bool holds(const List& list, std::string_view key) {
    return std::find(list.begin(), list.end(), key) != list.end();
}

}  // namespace

bool known_field(std::string_view name) {
    return holds(kMapped, name) || holds(kKept, name) ||
           std::any_of(kIntents.begin(), kIntents.end(),
                       [name](const IntentColumn& column) { return column.column == name; });
}

ClueRows clue_rows(const Json& reply) {
    const std::string code = text_of(reply, "qmCode");
    const std::string status = text_of(reply, "status");
    if (code.empty() && status.empty()) return unexpected("neither qmCode nor status");
    if (code != "200" || status != "1") {
        const std::string words = " (qmCode " + base::printable(code, 60) + ", status " +
                                  base::printable(status, 40) + ": " +
                                  base::printable(text_of(reply, "qmMessage"), 160) + ")";
        if (code == "sign-check-failure") {
            return wire::call_failure(
                wire::Remedy::stop, "invalid_signature",
                "the ETC partner refuses the signature that the gateway passed on: both "
                "sides must use the secret of the same app" +
                    words);
        }
        return wire::call_failure(wire::Remedy::retry, "result_not_ok",
                                  "the ETC partner reports that the call failed" + words);
    }
    const Json& data = codec::member(reply, "data");
    if (!data.is_string()) return unexpected("`data` is not text");
    auto rows = codec::parse_json(data.get_ref<const std::string&>());
    if (!rows) return unexpected("`data`: " + rows.error().reason);
    if (!rows.value().is_array()) return unexpected("`data` is not a list");
    auto list = std::move(rows.value().get_ref<Json::array_t&>());
    if (list.size() > kMostRows) return unexpected("more than " + std::to_string(kMostRows) + " rows");
    for (const auto& row : list) {
        if (!row.is_object()) return unexpected("a row is not an object");
    }
    return list;
}

lead::Lead ClueReader::to_lead(const Json& row, base::Millis received_at,
                               std::map<std::string, std::int64_t>& unknown) const {
    lead::Lead lead;
    lead.source.platform = "etc";
    lead.source.name = name_;
    lead.source.account = account_;
    lead.source.lead_id = base::trim(unless_zero(row, "id"));
    // Without an id the content itself names the row, so that it is kept and kept once.
    const bool has_id = !lead.source.lead_id.empty() && lead.source.lead_id.size() <= 64;
    if (!has_id) {
        lead.source.lead_id =
            "sha256-" + base::hex_lower(crypto::sha256(codec::dump_json(row))).substr(0, 32);
    }
    lead.source.received_at = received_at;
    lead.status = {text_of(row, "status"), ""};
    lead.created = lead::moment(text_of(row, "created_time"));
    lead.modified = lead::moment(text_of(row, "updated_time"));
    // The sample's rows have no updated_time: what happens to them shows in the other times.
    for (const char* column : {"created_time", "updated_time", "first_push_time", "last_order_time"}) {
        lead.source.version =
            std::max(lead.source.version, base::parse_platform_time(text_of(row, column)).value_or(0));
    }
    lead.open_ids.push_back({"etc_cid", unless_zero(row, "cid")});
    lead.owner = {unless_zero(row, "zid"), text_of(row, "z_name")};
    lead.owner_phones = lead::parse_phones(text_of(row, "z_mobile"));
    for (const auto& column : kIntents) {
        std::string value =
            column.zero == Zero::none ? unless_zero(row, column.column) : text_of(row, column.column);
        if (!value.empty()) lead.intent.push_back({column.intent, {std::move(value), ""}});
    }
    for (const auto& [key, value] : row.items()) {
        const std::string_view name = key;
        const bool intent = std::any_of(kIntents.begin(), kIntents.end(),
                                        [name](const IntentColumn& column) { return column.column == name; });
        if (value.is_null() ||
            ((intent || holds(kMapped, key)) && !value.is_structured() && (key != "id" || has_id)))
            continue;
        lead.extra[key] = value;
        if (!holds(kKept, key)) ++unknown[base::printable(key, 60)];
    }
    return lead;
}

}  // namespace leadbridge::platforms::etc
