#include "platforms/alimama/phone_cipher.h"

#include <algorithm>

#include "base/text.h"

namespace leadbridge::platforms::alimama {

std::optional<MobileCipher> mobile_cipher(std::string_view name) {
    if (name == "rsa_pkcs1") return MobileCipher::rsa_pkcs1;
    if (name == "rsa_oaep_sha1") return MobileCipher::rsa_oaep_sha1;
    if (name == "rsa_oaep_sha256") return MobileCipher::rsa_oaep_sha256;
    if (name == "rsa_oaep_sha256_mgf1_sha1") return MobileCipher::rsa_oaep_sha256_mgf1_sha1;
    if (name == "rsa_public_recover") return MobileCipher::rsa_public_recover;
    if (name == "plaintext") return MobileCipher::plaintext;
    if (name == "passthrough") return MobileCipher::passthrough;
    return std::nullopt;
}

std::optional<std::string> PhoneCipher::decrypt(std::string_view mobile, crypto::RandomStream& random) const {
    if (!key_) return std::nullopt;
    // A '+' turned into a blank on the way is the classic damage to base64.
    std::string text = base::trim(mobile);
    std::replace(text.begin(), text.end(), ' ', '+');
    const auto cipher = base::base64_decode(text);
    if (!cipher) return std::nullopt;
    auto plain = base::Result<std::string>(base::Error{});
    switch (cipher_) {
        case MobileCipher::rsa_pkcs1:
            plain = key_->decrypt(crypto::RsaPadding::pkcs1, *cipher, random);
            break;
        case MobileCipher::rsa_oaep_sha1:
            plain = key_->decrypt(crypto::RsaPadding::oaep_sha1, *cipher, random);
            break;
        case MobileCipher::rsa_oaep_sha256:
            plain = key_->decrypt(crypto::RsaPadding::oaep_sha256, *cipher, random);
            break;
        case MobileCipher::rsa_oaep_sha256_mgf1_sha1:
            plain = key_->decrypt(crypto::RsaPadding::oaep_sha256_mgf1_sha1, *cipher, random);
            break;
        case MobileCipher::rsa_public_recover:
            plain = key_->recover(*cipher);
            break;
        case MobileCipher::plaintext:
        case MobileCipher::passthrough:
            return std::nullopt;
    }
    if (!plain || !lead::looks_like_phone(plain.value())) return std::nullopt;
    return std::move(plain).value();
}

std::vector<lead::Phone> PhoneCipher::read(std::string_view mobile, Opening& opening) const {
    if (base::trim(mobile).empty()) return {};
    if (cipher_ == MobileCipher::plaintext) return lead::parse_phones(mobile);
    // A platform that already sends it readable or masked needs no key.
    if (mobile.size() < 64 && cipher_ != MobileCipher::passthrough) {
        auto phones = lead::parse_phones(mobile);
        const bool plain = std::any_of(phones.begin(), phones.end(), [](const lead::Phone& phone) {
            return phone.valid || phone.cls == lead::PhoneClass::masked;
        });
        if (plain) return phones;
    }
    if (key_ && opening.left <= 0) {
        ++opening.put_off;
        return {lead::encrypted_phone(mobile)};
    }
    if (key_) --opening.left;
    if (const auto plain = decrypt(mobile, opening.random)) return lead::parse_phones(*plain);
    return {lead::encrypted_phone(mobile)};
}

}  // namespace leadbridge::platforms::alimama
