#include "platforms/alimama/settings.h"

#include "platforms/alimama/lead_list.h"
#include "platforms/top_settings.h"

namespace leadbridge::platforms::alimama {

std::shared_ptr<const IdPagedSource> make_source(const std::string& name, codec::Settings& settings,
                                                 const Apps& apps) {
    auto client = read_top_client(settings, apps, true);
    const auto cipher = *mobile_cipher(
        settings.one_of("mobile_cipher",
                        {"rsa_pkcs1", "rsa_oaep_sha1", "rsa_oaep_sha256", "rsa_oaep_sha256_mgf1_sha1",
                         "rsa_public_recover", "plaintext", "passthrough"},
                        "rsa_pkcs1"));
    const bool needs_key = cipher != MobileCipher::plaintext && cipher != MobileCipher::passthrough;
    const std::string key_text = settings.secret("mobile_key", needs_key);
    std::optional<crypto::RsaKey> key;
    if (!key_text.empty()) {
        auto parsed = crypto::RsaKey::parse(key_text);
        if (!parsed) {
            settings.note("mobile_key", parsed.error().reason, "check the variable or file that holds it");
        } else if (cipher != MobileCipher::rsa_public_recover && needs_key && !parsed.value().is_private()) {
            settings.note("mobile_key", "is a public key",
                          "give the private key, or set \"mobile_cipher\": \"rsa_public_recover\"");
        } else {
            key = std::move(parsed).value();
        }
    }
    const std::string account = settings.text("account", name);
    return std::make_shared<LeadList>(std::move(client), PhoneCipher(cipher, std::move(key)), name, account);
}

}  // namespace leadbridge::platforms::alimama
