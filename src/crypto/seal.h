#pragma once
// Small values encrypted at rest: AES-256-GCM with a nonce derived from key, context and plaintext
// (HMAC-SHA256), so equal nonces can only meet equal plaintexts and no random source is needed.
#include <string>
#include <string_view>

#include "base/result.h"
#include "crypto/secret.h"

namespace leadbridge::crypto {

class SealKey {
  public:
    // 32 bytes as 64 hex digits or as base64. Error: key_malformed.
    static base::Result<SealKey> parse(std::string_view text);

    [[nodiscard]] const std::string& id() const noexcept { return id_; }  // 8 hex digits, safe to show

    // "v1.<key id>.<base64 of nonce | ciphertext | tag>". `context` (e.g. the lead id) must be given again to open.
    [[nodiscard]] std::string seal(std::string_view plaintext, std::string_view context) const;
    // Errors: sealed_with_other_key (names both key ids), sealed_damaged.
    [[nodiscard]] base::Result<std::string> open(std::string_view sealed, std::string_view context) const;

  private:
    Secret key_;
    std::string id_;
};

}  // namespace leadbridge::crypto
