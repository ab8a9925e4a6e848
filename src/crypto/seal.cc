#include "crypto/seal.h"

#include <cryptopp/aes.h>
#include <cryptopp/gcm.h>

#include "base/text.h"
#include "crypto/digest.h"
#include "crypto/octets.h"

namespace leadbridge::crypto {
namespace {

constexpr std::size_t kNonce = 12;
constexpr std::size_t kTag = 16;

}  // namespace

base::Result<SealKey> SealKey::parse(std::string_view text) {
    const std::string trimmed = base::trim(text);
    auto bytes = trimmed.size() == 64 ? base::hex_decode(trimmed) : base::base64_decode(trimmed);
    if (!bytes || bytes->size() != 32) {
        return base::fail("key_malformed",
                          "not a 256-bit key: give 64 hex digits or the base64 of 32 bytes "
                          "(for example from `openssl rand -hex 32`)");
    }
    SealKey key;
    key.id_ = base::hex_lower(sha256("leadbridge key id" + *bytes)).substr(0, 8);
    key.key_ = Secret(std::move(*bytes));
    return key;
}

std::string SealKey::seal(std::string_view plaintext, std::string_view context) const {
    std::string material = std::to_string(context.size()) + ":";
    material.append(context).append(plaintext);
    const std::string nonce =
        hmac_sha256(hmac_sha256(key_.use(), "leadbridge nonce"), material).substr(0, kNonce);
    CryptoPP::GCM<CryptoPP::AES>::Encryption cipher;
    cipher.SetKeyWithIV(octets(key_.use()), key_.use().size(), octets(nonce), nonce.size());
    std::string out(plaintext.size() + kTag, '\0');
    auto* bytes = writable_octets(out);
    cipher.EncryptAndAuthenticate(bytes, bytes + plaintext.size(), kTag, octets(nonce),
                                  static_cast<int>(kNonce), octets(context), context.size(),
                                  octets(plaintext), plaintext.size());
    return "v1." + id_ + "." + base::base64_encode(nonce + out);
}

base::Result<std::string> SealKey::open(std::string_view sealed, std::string_view context) const {
    const auto parts = base::split(sealed, '.');
    if (parts.size() != 3 || parts[0] != "v1")
        return base::fail("sealed_damaged", "a stored value is damaged");
    if (parts[1] != id_) {
        return base::fail("sealed_with_other_key", "sealed with data key " + base::printable(parts[1], 8) +
                                                       ", configured is " + id_ +
                                                       ": configure the former key");
    }
    const auto bytes = base::base64_decode(parts[2]);
    if (!bytes || bytes->size() < kNonce + kTag)
        return base::fail("sealed_damaged", "a stored value is damaged");
    const std::string_view all = *bytes;
    const std::string_view nonce = all.substr(0, kNonce);
    const std::string_view text = all.substr(kNonce, all.size() - kNonce - kTag);
    const std::string_view tag = all.substr(all.size() - kTag);
    CryptoPP::GCM<CryptoPP::AES>::Decryption cipher;
    cipher.SetKeyWithIV(octets(key_.use()), key_.use().size(), octets(nonce), nonce.size());
    std::string out(text.size(), '\0');
    const bool genuine = cipher.DecryptAndVerify(writable_octets(out), octets(tag), kTag, octets(nonce),
                                                 static_cast<int>(kNonce), octets(context), context.size(),
                                                 octets(text), text.size());
    if (!genuine) return base::fail("sealed_damaged", "a stored value is damaged or belongs to another lead");
    return out;
}

}  // namespace leadbridge::crypto
