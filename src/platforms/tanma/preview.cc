#include "platforms/tanma/preview.h"

#include "base/text.h"
#include "platforms/tanma/clue_list.h"
#include "platforms/tanma/push_message.h"

namespace leadbridge::platforms::tanma {
namespace {

using codec::Json;
using codec::member;
using codec::member_text;

wire::TanmaApp app_of(const Json& event) {
    wire::TanmaApp app;
    app.app_id = base::trim(member_text(event, "tanma_app_id").value_or(""));
    app.app_key = crypto::Secret(base::trim(member_text(event, "tanma_app_key").value_or("")));
    app.corpid = member_text(event, "corpid").value_or("");
    if (app.corpid.empty()) app.corpid = wire::tanma_corpid(app.app_id);
    return app;
}

// One message for each customer in it, so that each stands beside what it came from.
std::vector<Json> messages(Json message) {
    Json content = std::move(message["content"]);
    if (content.is_string()) {
        if (auto read = codec::parse_json(content.get_ref<const std::string&>()))
            content = std::move(read).value();
    }
    std::vector<Json> out;
    if (!content.is_array() || content.empty()) content = Json::array({std::move(content)});
    for (auto& item : content) {
        out.push_back(message);
        out.back()["content"] = std::move(item);
    }
    return out;
}

std::optional<PreviewRows> open(PreviewDocument& document) {
    const Json& value = document.value;
    if (is_push_message(value)) return messages(std::move(document.value));
    const bool answer = codec::member_int(value, "code").has_value() &&
                        (member(value, "message").is_string() || member(value, "data").contains("list"));
    // What has a `flag` is the Qimen gateway's.
    if (!document.root.empty() || !answer || value.contains("flag")) return std::nullopt;
    effect::HttpResult ok;
    ok.status = 200;
    auto data = wire::tanma_data(std::move(document.value), ok);
    if (const auto* failure = std::get_if<wire::CallFailure>(&data))
        return base::fail(failure->code, failure->reason);
    auto page = clue_page(std::move(std::get<Json>(data)));
    if (const auto* failure = std::get_if<wire::CallFailure>(&page))
        return base::fail(failure->code, failure->reason);
    return std::move(std::get<WindowPage>(page).rows);
}

PreviewRows open_text(std::string_view text, const PreviewOptions& options) {
    const wire::TanmaApp app = app_of(options.event);
    if (app.app_id.empty() || app.app_key.empty()) {
        return base::fail("push_sealed",
                          "an encrypted push of Tanma: give the app id and the app key to open it");
    }
    auto message = open_push(app, text);
    if (!message) {
        return base::fail("push_unreadable", message.error().reason + ", and the app key");
    }
    return messages(std::move(message).value());
}

class Reader final : public PreviewReader {
  public:
    explicit Reader(const PreviewOptions& options)
        : now_(options.now), reader_("tanma", account(options), options.labels) {}
    PreviewRecord read(const Json& row) override {
        PreviewRecord record;
        if (!is_push_message(row)) {
            record.leads.push_back(
                reader_.to_lead(unfolded(row, {"fields", "companyInfo"}), now_, record.unknown));
            return record;
        }
        record.leads = push_content(reader_, row, now_, now_, record.unknown).leads;
        if (record.leads.empty()) {
            record.error =
                base::fail("no_lead", "a push of type " + base::printable(*member_text(row, "type"), 60) +
                                          ", which brings no customer");
        }
        return record;
    }

  private:
    static std::string account(const PreviewOptions& options) {
        std::string corpid = app_of(options.event).corpid;
        return corpid.empty() ? "tanma" : corpid;
    }

    base::Millis now_;
    ClueReader reader_;
};

}  // namespace

PreviewEntry preview() {
    return {"tanma", known_field, open, open_text,
            [](PreviewOptions& options) -> std::unique_ptr<PreviewReader> {
                return std::make_unique<Reader>(options);
            }};
}

}  // namespace leadbridge::platforms::tanma
