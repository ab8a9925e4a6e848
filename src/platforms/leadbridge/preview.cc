#include "platforms/leadbridge/preview.h"

#include <algorithm>
#include <array>

#include "base/text.h"

namespace leadbridge::platforms::leadbridge {
namespace {

using codec::Json;
using codec::member;
using codec::member_text;
using lead::Lead;

// Columns of the CSV export (docs/preview.md) that are texts of a lead.
struct TextColumn {
    std::string_view name;
    std::string& (*place)(Lead&);
};
constexpr std::array<TextColumn, 24> kTexts = {
    {{"platform", [](Lead& l) -> std::string& { return l.source.platform; }},
     {"source", [](Lead& l) -> std::string& { return l.source.name; }},
     {"account", [](Lead& l) -> std::string& { return l.source.account; }},
     {"lead_id", [](Lead& l) -> std::string& { return l.source.lead_id; }},
     {"kind", [](Lead& l) -> std::string& { return l.kind; }},
     {"status", [](Lead& l) -> std::string& { return l.status.raw; }},
     {"name", [](Lead& l) -> std::string& { return l.person_name; }},
     {"gender", [](Lead& l) -> std::string& { return l.gender.raw; }},
     {"nick", [](Lead& l) -> std::string& { return l.nick; }},
     {"email", [](Lead& l) -> std::string& { return l.email; }},
     {"wechat", [](Lead& l) -> std::string& { return l.wechat; }},
     {"company", [](Lead& l) -> std::string& { return l.company.name; }},
     {"province", [](Lead& l) -> std::string& { return l.region.province; }},
     {"city", [](Lead& l) -> std::string& { return l.region.city; }},
     {"district", [](Lead& l) -> std::string& { return l.region.district; }},
     {"street", [](Lead& l) -> std::string& { return l.region.street; }},
     {"address", [](Lead& l) -> std::string& { return l.region.address; }},
     {"campaign", [](Lead& l) -> std::string& { return l.campaign.name; }},
     {"page", [](Lead& l) -> std::string& { return l.page.name; }},
     {"form", [](Lead& l) -> std::string& { return l.form.name; }},
     {"store", [](Lead& l) -> std::string& { return l.store.name; }},
     {"activity", [](Lead& l) -> std::string& { return l.activity.name; }},
     {"channel", [](Lead& l) -> std::string& { return l.channel.raw; }},
     {"remark", [](Lead& l) -> std::string& { return l.remark; }}}};
constexpr std::array<std::string_view, 11> kOthers = {"id",          "version", "phone",    "phone_class",
                                                      "submitted",   "created", "modified", "appointment",
                                                      "received_at", "owner",   "tags"};

bool known_column(std::string_view name) {
    return std::find(kOthers.begin(), kOthers.end(), name) != kOthers.end() ||
           std::any_of(kTexts.begin(), kTexts.end(), [name](const auto& text) { return text.name == name; });
}

bool is_document(const Json& value) {
    return member(value, "id").is_string() && member(value, "source").is_object();
}

std::optional<PreviewRows> open(PreviewDocument& document) {
    Json& value = document.value;
    if (is_document(value)) return std::vector<Json>{std::move(value)};
    // A summary of `leads`, the read API, or a preview's own entries.
    if (const auto list = value.find("leads"); list != value.end() && list->is_array()) {
        std::vector<Json> rows = std::move(list->get_ref<Json::array_t&>());
        for (auto& row : rows) {
            if (!is_document(member(row, "lead"))) continue;
            Json inner = std::move(row["lead"]);
            row = std::move(inner);
        }
        return rows;
    }
    if (is_document(member(value, "lead"))) return std::vector<Json>{std::move(value["lead"])};
    const Json& error = member(value, "error");
    if (!value.contains("job") || !error.is_object()) return std::nullopt;
    return base::fail(member_text(error, "code").value_or("failed"),
                      "a failure reported by leadbridge: " +
                          base::printable(member_text(error, "reason").value_or(""), 400));
}

// An apostrophe before what a spreadsheet would take for a formula, or for a number and round, is the export's own.
std::string cell(const Json& row, std::string_view name) {
    constexpr std::size_t kLongNumber = 12;
    std::string text = member_text(row, name).value_or("");
    if (text.size() < 2 || text[0] != '\'') return text;
    const bool formula = std::string_view("=+-@\t\r").find(text[1]) != std::string_view::npos;
    const bool number =
        text.size() > kLongNumber && text.find_first_not_of("0123456789", 1) == std::string::npos;
    if (formula || number) text.erase(0, 1);
    return text;
}

Lead lead_of(const Json& row, base::Millis now, std::map<std::string, std::int64_t>& unknown) {
    Lead lead;
    lead.kind.clear();
    for (const auto& text : kTexts) text.place(lead) = cell(row, text.name);
    if (lead.kind.empty()) lead.kind = "person";
    // "platform:account:lead id"
    const auto id = base::split(cell(row, "id"), ':');
    if (id.size() >= 3 && lead.source.lead_id.empty()) {
        lead.source.platform = id[0];
        lead.source.account = id[1];
        lead.source.lead_id = cell(row, "id").substr(id[0].size() + id[1].size() + 2);
    }
    lead.source.version = base::parse_int64(cell(row, "version")).value_or(0);
    lead.source.received_at = base::parse_platform_time(cell(row, "received_at")).value_or(now);
    const std::string phone = cell(row, "phone");
    if (cell(row, "phone_class") == "encrypted") {
        lead.phones = {lead::encrypted_phone(phone)};
    } else {
        lead.phones = lead::parse_phones(phone);
    }
    lead.owner.name = cell(row, "owner");
    for (const auto& tag : base::split(cell(row, "tags"), ';')) {
        if (!base::trim(tag).empty()) lead.tags.push_back(base::trim(tag));
    }
    lead.submitted = lead::moment(cell(row, "submitted"));
    lead.created = lead::moment(cell(row, "created"));
    lead.modified = lead::moment(cell(row, "modified"));
    lead.appointment = lead::moment(cell(row, "appointment"));
    for (const auto& [name, value] : row.items()) {
        if (known_column(name)) continue;
        lead.extra[name] = value;
        ++unknown[base::printable(name, 60)];
    }
    return lead;
}

class Reader final : public PreviewReader {
  public:
    explicit Reader(base::Millis now) : now_(now) {}
    PreviewRecord read(const Json& row) override {
        PreviewRecord record;
        if (is_document(row)) {
            record.document = row;
        } else {
            record.leads.push_back(lead_of(row, now_, record.unknown));
        }
        return record;
    }

  private:
    base::Millis now_;
};

}  // namespace

PreviewEntry preview() {
    return {"leadbridge", known_column, open, nullptr,
            [](PreviewOptions& options) -> std::unique_ptr<PreviewReader> {
                return std::make_unique<Reader>(options.now);
            }};
}

}  // namespace leadbridge::platforms::leadbridge
