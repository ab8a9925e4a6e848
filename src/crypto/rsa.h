#pragma once
// RSA as the platforms use it: 1024 to 4096 bits. Whoever decrypts must check that the plaintext makes sense:
// a wrong key or padding is one uniform failure here, and some libraries return random bytes instead.
#include <memory>
#include <string>
#include <string_view>

#include "base/result.h"
#include "crypto/digest.h"

namespace leadbridge::crypto {

// Named by the hash of the label; MGF1 has the same hash unless it says otherwise.
enum class RsaPadding { pkcs1, oaep_sha1, oaep_sha256, oaep_sha256_mgf1_sha1 };

class RsaKey {
  public:
    // PEM (PKCS#1 or PKCS#8 private, SPKI or PKCS#1 public; "\n" written as two characters is accepted) or
    // bare base64 DER of the same. Errors: key_encrypted, key_malformed, key_size; the text never
    // repeats key material.
    static base::Result<RsaKey> parse(std::string_view text);

    [[nodiscard]] bool is_private() const noexcept;
    [[nodiscard]] unsigned bits() const noexcept;

    // Private key. Error code `decrypt_failed` whatever went wrong. `random` blinds the private operation.
    base::Result<std::string> decrypt(RsaPadding padding, std::string_view ciphertext,
                                      RandomStream& random) const;
    // Public key (or the public half): undoes "private-key encryption", PKCS#1 block type 1.
    base::Result<std::string> recover(std::string_view ciphertext) const;

  private:
    struct Impl;
    explicit RsaKey(std::shared_ptr<const Impl> impl) : impl_(std::move(impl)) {}
    std::shared_ptr<const Impl> impl_;
};

}  // namespace leadbridge::crypto
