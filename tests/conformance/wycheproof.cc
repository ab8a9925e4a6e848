#include "conformance/wycheproof.h"

#include <optional>

#include "base/text.h"
#include "codec/json.h"
#include "crypto/digest.h"
#include "crypto/rsa.h"
#include "crypto/seal.h"

namespace leadbridge::wycheproof {
namespace {

using codec::Json;
using Text = std::string;

// The members of a group or a test.
struct Fields {
    const Json& json;
    [[nodiscard]] Text text(std::string_view name) const {
        return codec::member_text(json, name).value_or("");
    }
    [[nodiscard]] Text bytes(std::string_view name) const {
        return base::hex_decode(text(name)).value_or("");
    }
    [[nodiscard]] std::int64_t number(std::string_view name) const {
        return codec::member_int(json, name).value_or(0);
    }
};

// What a test comes to: accepted or not; nothing = the core does not offer what it is for.
using Outcome = std::optional<bool>;

std::optional<crypto::RsaPadding> padding_of(const Text& algorithm, const Fields& group) {
    using crypto::RsaPadding;
    if (algorithm == "RSAES-PKCS1-v1_5") return RsaPadding::pkcs1;
    const Text hashes = group.text("sha") + "/" + group.text("mgfSha");
    if (hashes == "SHA-1/SHA-1") return RsaPadding::oaep_sha1;
    if (hashes == "SHA-256/SHA-1") return RsaPadding::oaep_sha256_mgf1_sha1;
    if (hashes == "SHA-256/SHA-256") return RsaPadding::oaep_sha256;
    return std::nullopt;
}

Outcome rsa(const Text& algorithm, const Fields& group, const Fields& test) {
    const auto padding = padding_of(algorithm, group);
    if (!padding || !test.text("label").empty()) return std::nullopt;
    const auto key = crypto::RsaKey::parse(base::base64_encode(group.bytes("privateKeyPkcs8")));
    if (!key && key.error().code == "key_size") return std::nullopt;  // 8192 bits
    crypto::RandomStream random(Text(32, 'w'));
    const auto plain = key ? key.value().decrypt(*padding, test.bytes("ct"), random) : key.error();
    return plain && plain.value() == test.bytes("msg");
}

// Stored values are sealed with AES-256-GCM: opening one is a decryption, with the context as additional data.
Outcome aes_gcm(const Fields& group, const Fields& test) {
    if (group.number("keySize") != 256 || group.number("ivSize") != 96 || group.number("tagSize") != 128)
        return std::nullopt;
    const auto key = crypto::SealKey::parse(test.text("key"));
    if (!key) return false;
    const Text sealed = "v1." + key.value().id() + "." +
                        base::base64_encode(test.bytes("iv") + test.bytes("ct") + test.bytes("tag"));
    const auto plain = key.value().open(sealed, test.bytes("aad"));
    return plain && plain.value() == test.bytes("msg");
}

Outcome hmac(const Fields& group, const Fields& test) {
    const Text tag = crypto::hmac_sha256(test.bytes("key"), test.bytes("msg"));
    const auto octets = static_cast<std::size_t>(group.number("tagSize")) / 8;
    return crypto::equal_constant_time(tag.substr(0, octets), test.bytes("tag"));
}

Outcome outcome(const Text& algorithm, const Fields& group, const Fields& test) {
    if (algorithm == "RSAES-PKCS1-v1_5" || algorithm == "RSAES-OAEP") return rsa(algorithm, group, test);
    if (algorithm == "AES-GCM") return aes_gcm(group, test);
    if (algorithm == "HMACSHA256") return hmac(group, test);
    return std::nullopt;
}

}  // namespace

Verdicts judge(std::string_view json) {
    Verdicts verdicts;
    const auto parsed = codec::parse_json(json, {64U << 20U, 32});
    if (!parsed) {
        verdicts.failed = 1;
        verdicts.failures = parsed.error().reason + "\n";
        return verdicts;
    }
    const Text algorithm = Fields{parsed.value()}.text("algorithm");
    for (const Json& group_json : codec::member(parsed.value(), "testGroups")) {
        for (const Json& test_json : codec::member(group_json, "tests")) {
            const Fields test{test_json};
            const Outcome accepted = outcome(algorithm, {group_json}, test);
            const Text wanted = test.text("result");
            if (!accepted) {
                ++verdicts.not_offered;
            } else if (wanted == "acceptable" || *accepted == (wanted == "valid")) {
                ++verdicts.passed;
            } else {
                ++verdicts.failed;
                verdicts.failures += algorithm + " " + test.text("tcId") + ": " + wanted + ", but " +
                                     (*accepted ? "accepted" : "refused") + " (" + test.text("comment") +
                                     ")\n";
            }
        }
    }
    return verdicts;
}

}  // namespace leadbridge::wycheproof
