#include "crypto/rsa.h"

#include <cryptopp/cryptlib.h>
#include <cryptopp/filters.h>
#include <cryptopp/oaep.h>
#include <cryptopp/pkcspad.h>
#include <cryptopp/rsa.h>
#include <cryptopp/sha.h>

#include <optional>

#include "base/text.h"
#include "crypto/octets.h"

namespace leadbridge::crypto {
namespace {

// Crypto++ draws its blinding values from the invocation's own stream.
class StreamGenerator final : public CryptoPP::RandomNumberGenerator {
  public:
    explicit StreamGenerator(RandomStream& stream) : stream_(stream) {}
    void GenerateBlock(CryptoPP::byte* output, std::size_t size) override {
        const std::string bytes = stream_.bytes(size);
        std::copy(bytes.begin(), bytes.end(), reinterpret_cast<char*>(output));
    }

  private:
    RandomStream& stream_;
};

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

template <typename Decode>
bool decodes(std::string_view der, Decode decode) {
    try {
        CryptoPP::StringSource source(octets(der), der.size(), true);
        decode(source);
        return !source.AnyRetrievable();
    } catch (const CryptoPP::Exception&) {
        return false;
    }
}

base::Error not_a_key() {
    return base::fail("key_malformed",
                      "not an RSA key: give PEM (PKCS#1 or PKCS#8) or the base64 of its DER form");
}

base::Error decrypt_failed() {
    return base::fail("decrypt_failed", "does not decrypt with this key and padding");
}

}  // namespace

struct RsaKey::Impl {
    CryptoPP::RSAFunction pub;
    std::optional<CryptoPP::InvertibleRSAFunction> priv;
};

base::Result<RsaKey> RsaKey::parse(std::string_view raw) {
    const std::string text = with_real_line_breaks(raw);
    if (text.find("ENCRYPTED") != std::string::npos) {
        return base::fail("key_encrypted",
                          "the RSA key is protected by a pass phrase: give it without one "
                          "(`openssl pkcs8 -topk8 -nocrypt`) and keep it as a secret");
    }
    const auto der = der_of(text);
    if (!der || der->size() < 32) return not_a_key();

    auto impl = std::make_shared<Impl>();
    CryptoPP::InvertibleRSAFunction priv;
    CryptoPP::RSAFunction pub;
    const bool is_private = decodes(*der, [&](auto& in) { priv.Load(in); }) ||
                            decodes(*der, [&](auto& in) { priv.BERDecodePrivateKey(in, false, 0); });
    if (is_private) {
        impl->pub.Initialize(priv.GetModulus(), priv.GetPublicExponent());
        impl->priv = priv;
    } else if (decodes(*der, [&](auto& in) { pub.Load(in); }) ||
               decodes(*der, [&](auto& in) { pub.BERDecodePublicKey(in, false, 0); })) {
        impl->pub = pub;
    } else {
        return not_a_key();
    }
    const unsigned bits = impl->pub.GetModulus().BitCount();
    if (bits < 1024 || bits > 4096) {
        return base::fail("key_size",
                          "the RSA key has " + std::to_string(bits) + " bits: 1024 to 4096 are supported");
    }
    // Cheap consistency only: a damaged key must not look like wrong ciphertexts later.
    try {
        const auto& n = impl->pub.GetModulus();
        if (n.IsEven() || impl->pub.GetPublicExponent().IsEven()) return not_a_key();
        if (impl->priv && impl->priv->GetPrime1() * impl->priv->GetPrime2() != n) return not_a_key();
    } catch (const CryptoPP::Exception&) {
        return not_a_key();
    }
    return RsaKey(std::move(impl));
}

bool RsaKey::is_private() const noexcept { return impl_->priv.has_value(); }
unsigned RsaKey::bits() const noexcept { return impl_->pub.GetModulus().BitCount(); }

base::Result<std::string> RsaKey::decrypt(RsaPadding padding, std::string_view ciphertext,
                                          RandomStream& random) const {
    if (!impl_->priv) return base::fail("key_not_private", "this is a public key: give the private key");
    if (ciphertext.size() != (bits() + 7) / 8) return decrypt_failed();
    try {
        StreamGenerator generator(random);
        const CryptoPP::Integer cipher(octets(ciphertext), ciphertext.size());
        if (cipher >= impl_->pub.GetModulus()) return decrypt_failed();
        const CryptoPP::Integer plain = impl_->priv->CalculateInverse(generator, cipher);
        // The padding methods work on the block without its leading zero octet (k - 1 octets).
        const std::size_t block_bits = CryptoPP::SaturatingSubtract(bits(), 1U);
        std::string block((block_bits + 7) / 8, '\0');
        plain.Encode(writable_octets(block), block.size());
        std::string out(block.size(), '\0');
        const auto unpad = [&](const CryptoPP::PK_EncryptionMessageEncodingMethod& method,
                               std::size_t bits_in) {
            return method.Unpad(octets(block), bits_in, writable_octets(out), CryptoPP::g_nullNameValuePairs);
        };
        CryptoPP::DecodingResult result;
        switch (padding) {
            case RsaPadding::pkcs1:
                result = unpad(CryptoPP::PKCS_EncryptionPaddingScheme(), block_bits);
                break;
            case RsaPadding::oaep_sha1:
                result = unpad(CryptoPP::OAEP<CryptoPP::SHA1>(), block_bits);
                break;
            case RsaPadding::oaep_sha256:
                result = unpad(CryptoPP::OAEP<CryptoPP::SHA256>(), block_bits);
                break;
        }
        if (!result.isValidCoding) return decrypt_failed();
        out.resize(result.messageLength);
        return out;
    } catch (const CryptoPP::Exception&) {
        return decrypt_failed();
    }
}

base::Result<std::string> RsaKey::recover(std::string_view ciphertext) const {
    if (ciphertext.size() != (bits() + 7) / 8) return decrypt_failed();
    try {
        const CryptoPP::Integer cipher(octets(ciphertext), ciphertext.size());
        if (cipher >= impl_->pub.GetModulus()) return decrypt_failed();
        const CryptoPP::Integer plain = impl_->pub.ApplyFunction(cipher);
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
