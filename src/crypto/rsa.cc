#include "crypto/rsa.h"

#include <cryptopp/asn.h>
#include <cryptopp/nbtheory.h>
#include <cryptopp/oaep.h>
#include <cryptopp/pkcspad.h>
#include <cryptopp/queue.h>
#include <cryptopp/rsa.h>
#include <cryptopp/sha.h>

#include <algorithm>
#include <functional>
#include <optional>

#include "base/text.h"
#include "crypto/octets.h"

namespace leadbridge::crypto {
namespace {

using CryptoPP::byte;
using CryptoPP::Integer;

// DER of a PEM block or of bare base64; nothing if it is neither.
std::optional<std::string> der_of(std::string_view text) {
    std::string body;
    const auto begin = text.find("-----BEGIN ");
    if (begin == std::string_view::npos) {
        body = std::string(text);
    } else {
        const auto head_end = text.find("-----", begin + 11);
        if (head_end == std::string_view::npos) return std::nullopt;
        const auto end = text.find("-----END ", head_end + 5);
        if (end == std::string_view::npos) return std::nullopt;
        body = std::string(text.substr(head_end + 5, end - head_end - 5));
    }
    return base::base64_decode(body);
}

std::string with_real_line_breaks(std::string_view text) {
    std::string out;
    out.reserve(text.size());
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] == '\\' && i + 1 < text.size() && (text[i + 1] == 'n' || text[i + 1] == 'r')) {
            out += '\n';
            ++i;
        } else {
            out += text[i];
        }
    }
    return out;
}

base::Error not_a_key() {
    return base::fail("key_malformed",
                      "not an RSA key: give PEM (PKCS#1 or PKCS#8) or the base64 of its DER form");
}

base::Error decrypt_failed() {
    return base::fail("decrypt_failed", "does not decrypt with this key and padding");
}

// Crypto++ takes a block without the zero behind its padding for an empty text.
struct Pkcs1 final : CryptoPP::PKCS_EncryptionPaddingScheme {
    CryptoPP::DecodingResult Unpad(const byte* block, size_t bits, byte* text,
                                   const CryptoPP::NameValuePairs& parameters) const override {
        const byte* const padding = block + (bits % 8 == 0 ? 1 : 2);
        const byte* const end = block + (bits + 7) / 8;
        if (std::find(padding, end, byte{0}) == end) return CryptoPP::DecodingResult();
        return PKCS_EncryptionPaddingScheme::Unpad(block, bits, text, parameters);
    }
};

// MGF1 with SHA-1 whatever the label's hash is.
struct Mgf1Sha1 final : CryptoPP::P1363_MGF1 {
    void GenerateAndMask(CryptoPP::HashTransformation&, byte* output, size_t output_size, const byte* input,
                         size_t input_size, bool mask) const override {
        CryptoPP::SHA1 sha1;
        P1363_MGF1::GenerateAndMask(sha1, output, output_size, input, input_size, mask);
    }
};

const CryptoPP::PK_EncryptionMessageEncodingMethod& encoding_of(RsaPadding padding) {
    static const Pkcs1 kPkcs1;
    static const CryptoPP::OAEP<CryptoPP::SHA1> kOaepSha1;
    static const CryptoPP::OAEP<CryptoPP::SHA256> kOaepSha256;
    static const CryptoPP::OAEP<CryptoPP::SHA256, Mgf1Sha1> kOaepSha256Mgf1Sha1;
    switch (padding) {
        case RsaPadding::oaep_sha1:
            return kOaepSha1;
        case RsaPadding::oaep_sha256:
            return kOaepSha256;
        case RsaPadding::oaep_sha256_mgf1_sha1:
            return kOaepSha256Mgf1Sha1;
        case RsaPadding::pkcs1:
            break;
    }
    return kPkcs1;
}

}  // namespace

struct RsaKey::Impl : CryptoPP::InvertibleRSAFunction {
    bool is_private = false;

    // Behind the key PKCS#8 has nothing but a set of attributes, which Crypto++ would not look at.
    void BERDecodeOptionalAttributes(CryptoPP::BufferedTransformation& from) override {
        CryptoPP::BERGeneralDecoder attributes(from, CryptoPP::CONTEXT_SPECIFIC | CryptoPP::CONSTRUCTED);
        attributes.Skip();
        attributes.MessageEnd();
    }

    // One of the four forms, and nothing behind it.
    bool read(std::string_view der) {
        using Bytes = CryptoPP::BufferedTransformation;
        const auto reads = [&](bool secret, const std::function<void(Bytes&)>& form) {
            CryptoPP::ByteQueue bytes;
            bytes.Put(octets(der), der.size());
            try {
                form(bytes);
            } catch (const CryptoPP::BERDecodeErr&) {
                return false;
            }
            is_private = secret;
            return !bytes.AnyRetrievable();
        };
        CryptoPP::RSAFunction pub;
        if (reads(true, [this](Bytes& bytes) { Load(bytes); }) ||
            reads(true, [this](Bytes& bytes) { BERDecodePrivateKey(bytes, false, 0); }))
            return true;
        if (!reads(false, [&](Bytes& bytes) { pub.Load(bytes); }) &&
            !reads(false, [&](Bytes& bytes) { pub.BERDecodePublicKey(bytes, false, 0); }))
            return false;
        RSAFunction::Initialize(pub.GetModulus(), pub.GetPublicExponent());
        return true;
    }

    // A damaged key must not look like wrong ciphertexts later: the parts fit each other. Whether the factors are
    // primes is left out, it would take longer than a page of phones.
    [[nodiscard]] bool sound() const {
        auto& no_random = CryptoPP::NullRNG();
        return is_private ? Validate(no_random, 1) : RSAFunction::Validate(no_random, 0);
    }

    // Not ApplyFunction, which asks first whether the private parts are there.
    [[nodiscard]] Integer apply(const Integer& x) const {
        return CryptoPP::ModularExponentiation(x, m_e, m_n);
    }

    // r^e and r^-1, drawn afresh every 32 operations and squared in between. Crypto++ draws for every one, and its
    // inverse makes a decryption take half as long again (decision 027).
    struct Blinding {
        Integer factor, undo;
        unsigned left = 0;
    };
    mutable Blinding blinding;

    void next_blinding(RandomStream& random) const {
        if (blinding.left == 0) {
            const std::string seed = random.bytes(m_n.ByteCount() + 8);
            const Integer r = Integer(octets(seed), seed.size()) % (m_n - 2) + 2;
            blinding = {apply(r), r.InverseMod(m_n), 32};
        } else {
            blinding.factor = blinding.factor.Squared() % m_n;
            blinding.undo = blinding.undo.Squared() % m_n;
        }
        --blinding.left;
    }

    // The private operation, blinded, and checked: a fault must not leak the key.
    [[nodiscard]] std::optional<Integer> invert(const Integer& x, RandomStream& random) const {
        next_blinding(random);
        const Integer blinded = x * blinding.factor % m_n;
        // Crypto++'s u inverts p, PKCS#1's inverts q: so they change places.
        const Integer root = CryptoPP::ModularRoot(blinded, m_dq, m_dp, m_q, m_p, m_u);
        const Integer result = root * blinding.undo % m_n;
        return apply(result) == x ? std::optional(result) : std::nullopt;
    }
};

base::Result<RsaKey> RsaKey::parse(std::string_view raw) {
    const std::string text = with_real_line_breaks(raw);
    if (text.find("ENCRYPTED") != std::string::npos) {
        return base::fail("key_encrypted",
                          "the RSA key is protected by a pass phrase: give it without one "
                          "(`openssl pkcs8 -topk8 -nocrypt`) and keep it as a secret");
    }
    const auto der = der_of(text);
    if (!der) return not_a_key();
    auto impl = std::make_shared<Impl>();
    try {
        if (!impl->read(*der)) return not_a_key();
        const unsigned bits = impl->GetModulus().BitCount();
        if (bits < 1024 || bits > 4096) {
            return base::fail(
                "key_size", "the RSA key has " + std::to_string(bits) + " bits: 1024 to 4096 are supported");
        }
        if (!impl->sound()) return not_a_key();
    } catch (const CryptoPP::Exception&) {
        return not_a_key();
    }
    return RsaKey(std::move(impl));
}

bool RsaKey::is_private() const noexcept { return impl_->is_private; }
unsigned RsaKey::bits() const noexcept { return impl_->GetModulus().BitCount(); }

base::Result<std::string> RsaKey::decrypt(RsaPadding padding, std::string_view ciphertext,
                                          RandomStream& random) const {
    if (!is_private()) return base::fail("key_not_private", "this is a public key: give the private key");
    if (ciphertext.size() != (bits() + 7) / 8) return decrypt_failed();
    try {
        const auto plain = impl_->invert(Integer(octets(ciphertext), ciphertext.size()), random);
        // Crypto++ measures a padded block in bits: one less than the modulus has.
        const std::size_t block_bits = bits() - 1;
        std::string block((block_bits + 7) / 8, '\0');
        if (!plain || plain->ByteCount() > block.size()) return decrypt_failed();
        plain->Encode(writable_octets(block), block.size());
        std::string out(block.size(), '\0');
        const auto decoded = encoding_of(padding).Unpad(octets(block), block_bits, writable_octets(out),
                                                        CryptoPP::g_nullNameValuePairs);
        if (!decoded.isValidCoding) return decrypt_failed();
        out.resize(decoded.messageLength);
        return out;
    } catch (const CryptoPP::Exception&) {
        return decrypt_failed();
    }
}

base::Result<std::string> RsaKey::recover(std::string_view ciphertext) const {
    if (ciphertext.size() != (bits() + 7) / 8) return decrypt_failed();
    try {
        const Integer cipher(octets(ciphertext), ciphertext.size());
        if (cipher >= impl_->GetModulus()) return decrypt_failed();
        const Integer plain = impl_->apply(cipher);
        std::string block(ciphertext.size(), '\0');
        plain.Encode(writable_octets(block), block.size());
        // 00 01 FF..FF 00 data, at least eight FF (RFC 8017, 9.2 / PKCS#1 block type 1).
        if (block[0] != 0 || block[1] != 1) return decrypt_failed();
        std::size_t at = 2;
        while (at < block.size() && block[at] == static_cast<char>(0xFF)) ++at;
        if (at < 10 || at >= block.size() || block[at] != 0) return decrypt_failed();
        return block.substr(at + 1);
    } catch (const CryptoPP::Exception&) {
        return decrypt_failed();
    }
}

}  // namespace leadbridge::crypto
