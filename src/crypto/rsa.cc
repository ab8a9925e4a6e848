#include "crypto/rsa.h"

#include <cryptopp/integer.h>
#include <cryptopp/modarith.h>

#include <optional>
#include <vector>

#include "base/text.h"
#include "crypto/octets.h"

namespace leadbridge::crypto {
namespace {

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

// Just enough DER for RSA keys (RFC 8017 A.1, RFC 5208, RFC 5280): definite lengths, every byte accounted
// for. Crypto++'s own decoder would bring its whole filter stack into the module.
class Der {
  public:
    explicit Der(std::string_view bytes) : rest_(bytes) {}

    // Content of the next element if it has this tag; otherwise the reader is spoiled.
    std::string_view take(unsigned char tag) {
        if (rest_.size() < 2 || static_cast<unsigned char>(rest_[0]) != tag) return spoil();
        std::size_t length = static_cast<unsigned char>(rest_[1]);
        std::size_t at = 2;
        if (length >= 0x80) {
            const std::size_t octets = length & 0x7FU;
            if (octets == 0 || octets > 3 || rest_.size() < 2 + octets) return spoil();
            length = 0;
            for (std::size_t i = 0; i < octets; ++i)
                length = (length << 8) | static_cast<unsigned char>(rest_[at + i]);
            at += octets;
        }
        if (length > rest_.size() - at) return spoil();
        const std::string_view content = rest_.substr(at, length);
        rest_.remove_prefix(at + length);
        return content;
    }
    CryptoPP::Integer integer() {
        const std::string_view content = take(0x02);
        if (content.empty() || (static_cast<unsigned char>(content[0]) & 0x80U) != 0) {
            spoil();
            return CryptoPP::Integer::Zero();
        }
        return {octets(content), content.size()};
    }
    [[nodiscard]] bool has(unsigned char tag) const {
        return good_ && !rest_.empty() && static_cast<unsigned char>(rest_[0]) == tag;
    }
    [[nodiscard]] bool good() const { return good_; }
    [[nodiscard]] bool at_end() const { return good_ && rest_.empty(); }

  private:
    std::string_view spoil() {
        good_ = false;
        rest_ = {};
        return {};
    }
    std::string_view rest_;
    bool good_ = true;
};

constexpr unsigned char kSequence = 0x30;
constexpr unsigned char kInteger = 0x02;
constexpr unsigned char kOctets = 0x04;
constexpr unsigned char kBits = 0x03;

// 1.2.840.113549.1.1.1 with NULL or no parameters.
bool is_rsa(std::string_view algorithm) {
    static constexpr std::string_view kRsa = "\x06\x09\x2A\x86\x48\x86\xF7\x0D\x01\x01\x01";
    return algorithm.substr(0, kRsa.size()) == kRsa;
}

struct PublicParts {
    CryptoPP::Integer n, e;
};
struct PrivateParts {
    CryptoPP::Integer n, e, d, p, q, dp, dq, u;
};

std::optional<PublicParts> read_public(std::string_view der) {
    Der whole(der);
    Der body(whole.take(kSequence));
    if (!whole.at_end()) return std::nullopt;
    if (body.has(kSequence)) {  // SubjectPublicKeyInfo
        if (!is_rsa(body.take(kSequence))) return std::nullopt;
        const std::string_view bits = body.take(kBits);
        if (!body.at_end() || bits.empty() || bits[0] != 0) return std::nullopt;
        return read_public(bits.substr(1));
    }
    PublicParts key{body.integer(), body.integer()};
    return body.at_end() ? std::optional(std::move(key)) : std::nullopt;
}

std::optional<PrivateParts> read_private(std::string_view der) {
    Der whole(der);
    Der body(whole.take(kSequence));
    if (!whole.at_end() || !body.has(kInteger)) return std::nullopt;
    if (body.integer() > 1) return std::nullopt;  // version
    if (body.has(kSequence)) {                    // PKCS#8
        if (!is_rsa(body.take(kSequence))) return std::nullopt;
        const std::string_view inner = body.take(kOctets);
        return body.good() ? read_private(inner) : std::nullopt;
    }
    PrivateParts key{body.integer(), body.integer(), body.integer(), body.integer(),
                     body.integer(), body.integer(), body.integer(), body.integer()};
    return body.at_end() ? std::optional(std::move(key)) : std::nullopt;
}

base::Error not_a_key() {
    return base::fail("key_malformed",
                      "not an RSA key: give PEM (PKCS#1 or PKCS#8) or the base64 of its DER form");
}

base::Error decrypt_failed() {
    return base::fail("decrypt_failed", "does not decrypt with this key and padding");
}

// base^exponent modulo an odd number, over Crypto++'s Montgomery form. Its own exponentiation is made for
// many bases and elliptic curves too and brings inverses along: 5 KB of the module (gzip), for
// the same multiplications.
CryptoPP::Integer power(const CryptoPP::Integer& base, const CryptoPP::Integer& exponent,
                        const CryptoPP::Integer& modulus) {
    const CryptoPP::MontgomeryRepresentation ring(modulus);
    const unsigned bits = exponent.BitCount();
    // Windows of equal width, whatever the bits; a public exponent is short and goes bit by bit.
    const unsigned width = bits <= 32 ? 1 : 5;
    std::vector<CryptoPP::Integer> powers = {ring.MultiplicativeIdentity(), ring.ConvertIn(base % modulus)};
    while (powers.size() < (std::size_t{1} << width))
        powers.push_back(ring.Multiply(powers.back(), powers[1]));
    CryptoPP::Integer result = powers[0];
    for (unsigned window = (bits + width - 1) / width; window-- > 0;) {
        for (unsigned i = 0; i < width; ++i) result = ring.Square(result);
        const auto digit = static_cast<std::size_t>(exponent.GetBits(std::size_t{window} * width, width));
        if (width > 1 || digit != 0) result = ring.Multiply(result, powers[digit]);
    }
    return ring.ConvertOut(result);
}

// 00 02, at least eight octets but 00, 00, data (RFC 8017, 7.2.2).
std::optional<std::string> without_pkcs1(std::string_view block) {
    constexpr std::size_t kLeast = 10;
    const auto end = block.find('\0', 2);
    if (block[0] != 0 || block[1] != 2 || end == std::string_view::npos || end < kLeast) return std::nullopt;
    return std::string(block.substr(end + 1));
}

using Digest = std::string (*)(std::string_view);

// MGF1 (RFC 8017, B.2.1) laid over `text`.
void mask(std::string& text, std::string_view seed, Digest digest) {
    for (std::size_t at = 0, count = 0; at < text.size(); ++count) {
        std::string block(seed);
        for (unsigned shift = 32; shift > 0;) block += static_cast<char>((count >> (shift -= 8)) & 0xFFU);
        for (const char c : digest(block)) {
            if (at == text.size()) break;
            text[at] = static_cast<char>(text[at] ^ c);
            ++at;
        }
    }
}

// 00, masked seed, masked (hash of the empty label, zeros, 01, data) (RFC 8017, 7.1.2). Crypto++'s own brings
// its filters and parameter lists into the module (3 KB); everything is looked at before anything is said.
std::optional<std::string> without_oaep(std::string_view block, Digest digest) {
    const std::string label = digest("");
    const std::size_t size = label.size();
    if (block.size() < 2 * size + 2) return std::nullopt;
    std::string seed(block.substr(1, size));
    std::string data(block.substr(1 + size));
    mask(seed, data, digest);
    mask(data, seed, digest);
    const auto one = data.find_first_not_of('\0', size);
    const bool same = equal_constant_time(std::string_view(data).substr(0, size), label);
    const bool good = same && block[0] == 0 && one != std::string::npos && data[one] == 1;
    return good ? std::optional(data.substr(one + 1)) : std::nullopt;
}

}  // namespace

struct RsaKey::Impl {
    PublicParts pub;
    std::optional<PrivateParts> priv;

    [[nodiscard]] CryptoPP::Integer apply(const CryptoPP::Integer& x) const { return power(x, pub.e, pub.n); }
    // x to an exponent modulo each prime, put together (RFC 8017, 5.1.2).
    [[nodiscard]] CryptoPP::Integer root(const CryptoPP::Integer& x, const CryptoPP::Integer& of_p,
                                         const CryptoPP::Integer& of_q) const {
        const CryptoPP::Integer a = power(x, of_p, priv->p), b = power(x, of_q, priv->q);
        return b + priv->q * ((a + priv->p - b % priv->p) * priv->u % priv->p);
    }
    // r^e and r^-1. Drawn afresh every 32 operations, squared in between: the inverse costs a whole decryption.
    struct Blinding {
        CryptoPP::Integer factor, undo;
        unsigned left = 0;
    };
    mutable Blinding blinding;

    void next_blinding(RandomStream& random) const {
        if (blinding.left == 0) {
            const std::string seed = random.bytes((pub.n.BitCount() + 7) / 8 + 8);
            const CryptoPP::Integer r = CryptoPP::Integer(octets(seed), seed.size()) % (pub.n - 2) + 2;
            // By Fermat: p and q divide no r that anybody will live to see.
            blinding = {apply(r), root(r, priv->p - 2, priv->q - 2), 32};
        } else {
            blinding.factor = blinding.factor.Squared() % pub.n;
            blinding.undo = blinding.undo.Squared() % pub.n;
        }
        --blinding.left;
    }

    // Private operation by the Chinese remainder theorem, blinded, and checked: a fault must not leak the key.
    [[nodiscard]] std::optional<CryptoPP::Integer> invert(const CryptoPP::Integer& x,
                                                          RandomStream& random) const {
        next_blinding(random);
        const CryptoPP::Integer blinded = x * blinding.factor % pub.n;
        const CryptoPP::Integer result = root(blinded, priv->dp, priv->dq) * blinding.undo % pub.n;
        if (apply(result) != x) return std::nullopt;
        return result;
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
    if (!der || der->size() < 32) return not_a_key();

    auto impl = std::make_shared<Impl>();
    try {
        if (auto priv = read_private(*der)) {
            impl->pub = {priv->n, priv->e};
            impl->priv = std::move(priv);
        } else if (auto pub = read_public(*der)) {
            impl->pub = std::move(*pub);
        } else {
            return not_a_key();
        }
        const CryptoPP::Integer& n = impl->pub.n;
        const unsigned bits = n.BitCount();
        if (bits < 1024 || bits > 4096) {
            return base::fail(
                "key_size", "the RSA key has " + std::to_string(bits) + " bits: 1024 to 4096 are supported");
        }
        // Cheap consistency only: a damaged key must not look like wrong ciphertexts later.
        if (n.IsEven() || impl->pub.e.IsEven() || impl->pub.e < 3) return not_a_key();
        if (const auto& key = impl->priv) {
            // Odd factors: what follows divides by them, and where there are no exceptions that must be sound.
            if (key->p < 3 || key->q < 3 || key->p.IsEven() || key->q.IsEven()) return not_a_key();
            const bool fits = key->p * key->q == n && key->dp < key->p && key->dq < key->q &&
                              key->u < key->p && key->q * key->u % key->p == 1;
            if (!fits) return not_a_key();
        }
    } catch (const CryptoPP::Exception&) {
        return not_a_key();
    }
    return RsaKey(std::move(impl));
}

bool RsaKey::is_private() const noexcept { return impl_->priv.has_value(); }
unsigned RsaKey::bits() const noexcept { return impl_->pub.n.BitCount(); }

base::Result<std::string> RsaKey::decrypt(RsaPadding padding, std::string_view ciphertext,
                                          RandomStream& random) const {
    if (!impl_->priv) return base::fail("key_not_private", "this is a public key: give the private key");
    if (ciphertext.size() != (bits() + 7) / 8) return decrypt_failed();
    try {
        const CryptoPP::Integer cipher(octets(ciphertext), ciphertext.size());
        if (cipher >= impl_->pub.n) return decrypt_failed();
        const auto plain = impl_->invert(cipher, random);
        if (!plain) return decrypt_failed();
        std::string block(ciphertext.size(), '\0');
        plain->Encode(writable_octets(block), block.size());
        std::optional<std::string> out;
        switch (padding) {
            case RsaPadding::pkcs1:
                out = without_pkcs1(block);
                break;
            case RsaPadding::oaep_sha1:
                out = without_oaep(block, sha1);
                break;
            case RsaPadding::oaep_sha256:
                out = without_oaep(block, sha256);
                break;
        }
        if (!out) return decrypt_failed();
        return std::move(*out);
    } catch (const CryptoPP::Exception&) {
        return decrypt_failed();
    }
}

base::Result<std::string> RsaKey::recover(std::string_view ciphertext) const {
    if (ciphertext.size() != (bits() + 7) / 8) return decrypt_failed();
    try {
        const CryptoPP::Integer cipher(octets(ciphertext), ciphertext.size());
        if (cipher >= impl_->pub.n) return decrypt_failed();
        const CryptoPP::Integer plain = impl_->apply(cipher);
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
