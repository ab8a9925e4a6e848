#include "platforms/tmall/preview.h"

#include "base/text.h"
#include "platforms/tmall/lead_fields.h"

namespace leadbridge::platforms::tmall {
namespace {

using codec::Json;

// A push is its fields and nothing around them; what has a shape of its own is our answer to one.
std::optional<PreviewRows> open(PreviewDocument& document) {
    const Json* reply = envelope(document, "result");
    if (reply == nullptr) reply = &document.value;
    const auto code = codec::member_text(*reply, "errCode");
    if (!code || !reply->contains("success")) return std::nullopt;
    return base::fail("no_lead", "this is the answer to a push (errCode " + base::printable(*code, 60) +
                                     ": " +
                                     base::printable(codec::member_text(*reply, "errMsg").value_or(""), 160) +
                                     "), not a push: it holds no lead");
}

class Reader final : public PreviewReader {
  public:
    explicit Reader(const PreviewOptions& options)
        : now_(options.now), reader_("tmall", "tmall", options.labels) {}
    PreviewRecord read(const Json& row) override {
        PreviewRecord record;
        record.leads.push_back(reader_.to_lead(row, now_, now_, record.unknown));
        return record;
    }

  private:
    base::Millis now_;
    LeadReader reader_;
};

}  // namespace

PreviewEntry preview() {
    return {"tmall", known_field, open, nullptr,
            [](PreviewOptions& options) -> std::unique_ptr<PreviewReader> {
                return std::make_unique<Reader>(options);
            }};
}

}  // namespace leadbridge::platforms::tmall
