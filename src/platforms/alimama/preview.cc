#include "platforms/alimama/preview.h"

#include "platforms/alimama/lead_rows.h"

namespace leadbridge::platforms::alimama {
namespace {

using codec::Json;

std::optional<PreviewRows> open(PreviewDocument& document) {
    Json* payload = envelope(document, "mama_crm_lead_list_response");
    if (payload == nullptr) {
        if (!document.value.contains("result_data") && !document.value.contains("result_ok"))
            return std::nullopt;
        payload = &document.value;
        document.simplified = true;
    }
    auto page = read_page(std::move(*payload));
    if (const auto* failure = std::get_if<wire::CallFailure>(&page))
        return base::fail(failure->code, failure->reason);
    std::vector<Json> rows;
    for (auto& row : std::get<Page>(page).rows) rows.push_back(std::move(row.fields));
    return rows;
}

class Reader final : public PreviewReader {
  public:
    Reader(PreviewOptions& options, PhoneCipher cipher)
        : options_(options), reader_(std::move(cipher), "alimama", "alimama") {}
    PreviewRecord read(const Json& row) override {
        PreviewRecord record;
        const Row usable = row_of(unfolded(row, {"extend_list"}));
        Opening opening{options_.random};
        record.leads.push_back(reader_.to_lead(usable, options_.now, opening, record.unknown));
        return record;
    }

  private:
    PreviewOptions& options_;
    LeadReader reader_;
};

std::unique_ptr<PreviewReader> make(PreviewOptions& options) {
    const std::string name = codec::member_text(options.event, "mobile_cipher").value_or("");
    const std::string text = codec::member_text(options.event, "mobile_key").value_or("");
    auto cipher = mobile_cipher(name.empty() ? "rsa_pkcs1" : name);
    if (!cipher) {
        options.key_problem = base::fail("mobile_cipher", "no such mobile_cipher");
        cipher = MobileCipher::passthrough;
    }
    const bool needs_key = *cipher != MobileCipher::plaintext && *cipher != MobileCipher::passthrough;
    std::optional<crypto::RsaKey> key;
    if (!text.empty() && needs_key) {
        auto parsed = crypto::RsaKey::parse(text);
        if (!parsed) {
            options.key_problem = parsed.error();
        } else if (*cipher != MobileCipher::rsa_public_recover && !parsed.value().is_private()) {
            options.key_problem = base::fail(
                "key_not_private",
                "this is a public key: give the private key, or choose the cipher rsa_public_recover");
        } else {
            key = std::move(parsed).value();
        }
    }
    return std::make_unique<Reader>(options, PhoneCipher(*cipher, std::move(key)));
}

}  // namespace

PreviewEntry preview() { return {"alimama", known_field, open, nullptr, make}; }

}  // namespace leadbridge::platforms::alimama
