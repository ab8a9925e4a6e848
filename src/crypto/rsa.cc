#include "crypto/rsa.h"

#include <optional>

#include "base/text.h"
#include "crypto/natural.h"

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
// for.
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
    Natural integer() {
        const std::string_view content = take(0x02);
        if (content.empty() || (static_cast<unsigned char>(content[0]) & 0x80U) != 0) spoil();
        return natural(content);
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
    Natural n, e;
};
struct PrivateParts {
    Natural n, e, d, p, q, dp, dq, u;
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
    if (bit_count(body.integer()) > 1) return std::nullopt;  // version
    if (body.has(kSequence)) {                               // PKCS#8
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

}  // namespace

struct RsaKey::Impl {
    struct Halves {
        Modulus p, q;
        Natural dp, dq, u;  // u: the inverse of q modulo p
    };
    Modulus n;
    Natural e;
    std::optional<Halves> priv;

    [[nodiscard]] Natural apply(const Natural& x) const { return n.power(x, e); }

    // The x that is a modulo p and b modulo q.
    [[nodiscard]] Natural join(const Natural& a, const Natural& b) const {
        const Modulus& p = priv->p;
        const Natural h = p.multiply(p.subtract(a, p.reduce(b)), priv->u);
        Natural out = sum(product(h, priv->q.value()), b);
        out.resize(n.value().size());
        return out;
    }
    // By Fermat: neither prime divides r but by a chance nobody will live to see.
    [[nodiscard]] Natural inverse(const Natural& r) const {
        const auto half = [&r](const Modulus& prime) {
            // p - 2, which is -2 modulo p.
            Natural two(prime.value().size());
            two[0] = 2;
            return prime.power(prime.reduce(r), prime.subtract(Natural(two.size()), two));
        };
        return join(half(priv->p), half(priv->q));
    }

    // r^e and r^-1. Drawn afresh every 32 operations, squared in between: the inverse costs a whole
    // decryption.
    struct Blinding {
        Natural factor, undo;
        unsigned left = 0;
    };
    mutable Blinding blinding;

    void next_blinding(RandomStream& random) const {
        if (blinding.left == 0) {
            const Natural r = n.reduce(natural(random.bytes((bit_count(n.value()) + 7) / 8 + 8)));
            blinding = {apply(r), inverse(r), 32};
        } else {
            blinding.factor = n.multiply(blinding.factor, blinding.factor);
            blinding.undo = n.multiply(blinding.undo, blinding.undo);
        }
        --blinding.left;
    }

    // Private operation by the Chinese remainder theorem, blinded, and checked: a fault must not leak the
    // key.
    [[nodiscard]] std::optional<Natural> invert(const Natural& x, RandomStream& random) const {
        next_blinding(random);
        const Natural blinded = n.multiply(x, blinding.factor);
        const auto half = [&blinded](const Modulus& prime, const Natural& exponent) {
            return prime.power(prime.reduce(blinded), exponent);
        };
        const Natural root = join(half(priv->p, priv->dp), half(priv->q, priv->dq));
        Natural result = n.multiply(root, blinding.undo);
        if (compare(apply(result), x) != 0) return std::nullopt;
        return result;
    }
};

namespace {

bool odd(const Natural& value) { return !value.empty() && (value[0] & 1U) != 0; }

// n and e, and of a private key that they belong to the rest: a damaged key must not look like wrong
// ciphertexts later. Odd factors: what follows divides by them.
bool sound(const PublicParts& pub, const std::optional<PrivateParts>& priv) {
    if (!odd(pub.n) || !odd(pub.e) || bit_count(pub.e) < 2) return false;
    if (!priv) return true;
    if (bit_count(priv->p) < 2 || bit_count(priv->q) < 2 || !odd(priv->p) || !odd(priv->q)) return false;
    if (compare(product(priv->p, priv->q), pub.n) != 0 || compare(priv->dp, priv->p) >= 0 ||
        compare(priv->dq, priv->q) >= 0 || compare(priv->u, priv->p) >= 0)
        return false;
    const Modulus p(priv->p);
    return compare(p.multiply(p.reduce(priv->q), p.reduce(priv->u)), Natural{1}) == 0;
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
            if (at < text.size()) text[at++] ^= c;
        }
    }
}

// 00, masked seed, masked (hash of the empty label, zeros, 01, data) (RFC 8017, 7.1.2). Everything is looked
// at before anything is said.
std::optional<std::string> without_oaep(std::string_view block, Digest digest) {
    const std::string label = digest("");
    const std::size_t size = label.size();
    if (block.size() < 2 * size + 2) return std::nullopt;
    std::string seed(block.substr(1, size));
    std::string data(block.substr(1 + size));
    mask(seed, data, digest);
    mask(data, seed, digest);
    const auto one = data.find_first_not_of('\0', size);
    bool good = equal_constant_time(std::string_view(data).substr(0, size), label);
    good = good && block[0] == 0 && one != std::string::npos && data[one] == 1;
    return good ? std::optional(data.substr(one + 1)) : std::nullopt;
}

}  // namespace

base::Result<RsaKey> RsaKey::parse(std::string_view raw) {
    const std::string text = with_real_line_breaks(raw);
    if (text.find("ENCRYPTED") != std::string::npos) {
        return base::fail("key_encrypted",
                          "the RSA key is protected by a pass phrase: give it without one "
                          "(`openssl pkcs8 -topk8 -nocrypt`) and keep it as a secret");
    }
    const auto der = der_of(text);
    if (!der || der->size() < 32) return not_a_key();

    auto priv = read_private(*der);
    auto pub = priv ? std::optional(PublicParts{priv->n, priv->e}) : read_public(*der);
    if (!pub) return not_a_key();
    const unsigned bits = bit_count(pub->n);
    if (bits < 1024 || bits > 4096) {
        return base::fail("key_size",
                          "the RSA key has " + std::to_string(bits) + " bits: 1024 to 4096 are supported");
    }
    if (!sound(*pub, priv)) return not_a_key();
    auto impl = std::make_shared<Impl>(Impl{Modulus(pub->n), std::move(pub->e), std::nullopt, {}});
    if (priv) impl->priv = Impl::Halves{Modulus(priv->p), Modulus(priv->q), priv->dp, priv->dq, {}};
    if (priv) impl->priv->u = impl->priv->p.reduce(priv->u);
    return RsaKey(std::move(impl));
}

bool RsaKey::is_private() const noexcept { return impl_->priv.has_value(); }
unsigned RsaKey::bits() const noexcept { return bit_count(impl_->n.value()); }

base::Result<std::string> RsaKey::decrypt(RsaPadding padding, std::string_view ciphertext,
                                          RandomStream& random) const {
    if (!impl_->priv) return base::fail("key_not_private", "this is a public key: give the private key");
    if (ciphertext.size() != (bits() + 7) / 8) return decrypt_failed();
    const Natural cipher = natural(ciphertext);
    if (compare(cipher, impl_->n.value()) >= 0) return decrypt_failed();
    const auto plain = impl_->invert(impl_->n.reduce(cipher), random);
    if (!plain) return decrypt_failed();
    const std::string block = octets_of(*plain, ciphertext.size());
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
}

base::Result<std::string> RsaKey::recover(std::string_view ciphertext) const {
    if (ciphertext.size() != (bits() + 7) / 8) return decrypt_failed();
    const Natural cipher = natural(ciphertext);
    if (compare(cipher, impl_->n.value()) >= 0) return decrypt_failed();
    const std::string block = octets_of(impl_->apply(impl_->n.reduce(cipher)), ciphertext.size());
    // 00 01 FF..FF 00 data, at least eight FF (RFC 8017, 9.2 / PKCS#1 block type 1).
    if (block[0] != 0 || block[1] != 1) return decrypt_failed();
    std::size_t at = 2;
    while (at < block.size() && block[at] == static_cast<char>(0xFF)) ++at;
    if (at < 10 || at >= block.size() || block[at] != 0) return decrypt_failed();
    return block.substr(at + 1);
}

}  // namespace leadbridge::crypto
