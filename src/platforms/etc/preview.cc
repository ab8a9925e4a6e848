#include "platforms/etc/preview.h"

#include "platforms/etc/clue.h"

namespace leadbridge::platforms::etc {
namespace {

using codec::Json;

std::optional<PreviewRows> open(PreviewDocument& document) {
    const Json* reply = envelope(document, "response");
    if (reply == nullptr) reply = &document.value;
    if (!codec::member(*reply, "qmCode").is_string() && !codec::member(*reply, "qmMessage").is_string())
        return std::nullopt;
    auto rows = clue_rows(*reply);
    if (const auto* failure = std::get_if<wire::CallFailure>(&rows))
        return base::fail(failure->code, failure->reason);
    return std::get<std::vector<Json>>(std::move(rows));
}

class Reader final : public PreviewReader {
  public:
    explicit Reader(base::Millis now) : now_(now) {}
    PreviewRecord read(const Json& row) override {
        PreviewRecord record;
        record.leads.push_back(reader_.to_lead(row, now_, record.unknown));
        return record;
    }

  private:
    base::Millis now_;
    ClueReader reader_{"etc", "etc"};
};

}  // namespace

PreviewEntry preview() {
    return {"etc", known_field, open, nullptr, [](PreviewOptions& options) -> std::unique_ptr<PreviewReader> {
                return std::make_unique<Reader>(options.now);
            }};
}

}  // namespace leadbridge::platforms::etc
