#pragma once
// How Alimama's `mobile` becomes readable. The page says only "encrypted, to be decrypted" and the sample is
// one RSA-1024 block, so the cipher is configuration (docs/protocols/alimama.md). No guess is trusted:
// what does not look like a phone afterwards is one uniform failure, and the ciphertext is kept.
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "crypto/rsa.h"
#include "lead/phone.h"
#include "platforms/pull_source.h"

namespace leadbridge::platforms::alimama {

enum class MobileCipher {
    rsa_pkcs1,
    rsa_oaep_sha1,
    rsa_oaep_sha256,
    rsa_oaep_sha256_mgf1_sha1,  // what Java means by OAEPWithSHA-256AndMGF1Padding
    rsa_public_recover,
    plaintext,
    passthrough
};
std::optional<MobileCipher> mobile_cipher(std::string_view name);

class PhoneCipher {
  public:
    PhoneCipher(MobileCipher cipher, std::optional<crypto::RsaKey> key)
        : cipher_(cipher), key_(std::move(key)) {}

    // The phones in a `mobile` value, none for an empty one. Unreadable, or nothing left to spend on it: one
    // phone of class encrypted, raw kept.
    std::vector<lead::Phone> read(std::string_view mobile, Opening& opening) const;

  private:
    std::optional<std::string> decrypt(std::string_view mobile, crypto::RandomStream& random) const;

    MobileCipher cipher_;
    std::optional<crypto::RsaKey> key_;
};

}  // namespace leadbridge::platforms::alimama
