#include "crypto/natural.h"

#include <algorithm>
#include <array>

namespace leadbridge::crypto {
namespace {

constexpr unsigned kLimbBytes = sizeof(Limb);
constexpr unsigned kLimbBits = 8 * kLimbBytes;
constexpr std::size_t kMostLimbs = 4096 / kLimbBits;  // RSA-4096

Limb low(Wide value) { return static_cast<Limb>(value); }
Limb high(Wide value) { return static_cast<Limb>(value >> kLimbBits); }

// a -= b where mask is all ones, nothing where it is zero; returns the borrow of a - b.
Limb subtract_if(Limb* a, const Limb* b, std::size_t size, Limb mask) {
    Limb borrow = 0;
    for (std::size_t i = 0; i < size; ++i) {
        const Wide difference = Wide{a[i]} - (b[i] & mask) - borrow;
        a[i] = low(difference);
        borrow = high(difference) & 1U;
    }
    return borrow;
}

// Is a, with `carry` above its top, at least b?  All ones for yes.
Limb not_less(const Limb* a, const Limb* b, std::size_t size, Limb carry) {
    Limb borrow = 0;
    for (std::size_t i = 0; i < size; ++i) borrow = high(Wide{a[i]} - b[i] - borrow) & 1U;
    return Limb{0} - ((carry | (borrow ^ 1U)) & 1U);
}

}  // namespace

Natural natural(std::string_view big_endian) {
    Natural out((big_endian.size() + kLimbBytes - 1) / kLimbBytes);
    for (std::size_t i = 0; i < big_endian.size(); ++i) {
        const auto byte = static_cast<unsigned char>(big_endian[big_endian.size() - 1 - i]);
        out[i / kLimbBytes] |= static_cast<Limb>(Limb{byte} << (i % kLimbBytes * 8));
    }
    return out;
}

std::string octets_of(const Natural& value, std::size_t size) {
    std::string out(size, '\0');
    for (std::size_t i = 0; i < std::min(size, value.size() * kLimbBytes); ++i)
        out[size - 1 - i] = static_cast<char>(value[i / kLimbBytes] >> (i % kLimbBytes * 8));
    return out;
}

unsigned bit_count(const Natural& value) {
    for (std::size_t i = value.size(); i-- > 0;) {
        unsigned bits = 0;
        for (Limb top = value[i]; top != 0; top >>= 1U) ++bits;
        if (bits > 0) return static_cast<unsigned>(i) * kLimbBits + bits;
    }
    return 0;
}

int compare(const Natural& a, const Natural& b) {
    for (std::size_t i = std::max(a.size(), b.size()); i-- > 0;) {
        const Limb left = i < a.size() ? a[i] : 0;
        const Limb right = i < b.size() ? b[i] : 0;
        if (left != right) return left < right ? -1 : 1;
    }
    return 0;
}

Natural product(const Natural& a, const Natural& b) {
    Natural out(a.size() + b.size());
    for (std::size_t i = 0; i < a.size(); ++i) {
        Limb carry = 0;
        for (std::size_t j = 0; j < b.size(); ++j) {
            const Wide step = Wide{a[i]} * b[j] + out[i + j] + carry;
            out[i + j] = low(step);
            carry = high(step);
        }
        out[i + b.size()] = carry;
    }
    return out;
}

Natural sum(const Natural& a, const Natural& b) {
    Natural out(std::max(a.size(), b.size()) + 1);
    Limb carry = 0;
    for (std::size_t i = 0; i < out.size(); ++i) {
        const Wide step = Wide{i < a.size() ? a[i] : Limb{0}} + (i < b.size() ? b[i] : Limb{0}) + carry;
        out[i] = low(step);
        carry = high(step);
    }
    return out;
}

Modulus::Modulus(const Natural& n) : n_(n) {
    while (n_.size() > 1 && n_.back() == 0) n_.pop_back();
    one_.resize(n_.size());
    one_[0] = 1;
    // Newton: each step doubles the bits that are right, of which an odd number has three to begin with.
    Limb inverse = n_[0];
    for (unsigned bits = 3; bits < kLimbBits; bits *= 2) inverse *= 2 - n_[0] * inverse;
    inverse_ = Limb{0} - inverse;
    // 1, doubled often enough.
    square_ = one_;
    for (std::size_t i = 0; i < 2 * n_.size() * kLimbBits; ++i) {
        const Limb carry = square_.back() >> (kLimbBits - 1);
        for (std::size_t at = square_.size(); at-- > 1;)
            square_[at] = static_cast<Limb>(square_[at] << 1U) | (square_[at - 1] >> (kLimbBits - 1));
        square_[0] <<= 1U;
        subtract_if(square_.data(), n_.data(), n_.size(),
                    not_less(square_.data(), n_.data(), n_.size(), carry));
    }
}

void Modulus::montgomery(const Limb* a, const Limb* b, Limb* out) const {
    const std::size_t size = n_.size();
    const Limb* const n = n_.data();
    std::array<Limb, kMostLimbs> t{};  // and one bit above
    Limb top = 0;
    for (std::size_t i = 0; i < size; ++i) {
        const Limb digit = b[i];
        Wide product = Wide{a[0]} * digit + t[0];
        const Limb factor = low(product) * inverse_;
        Wide reduced = Wide{factor} * n[0] + low(product);
        for (std::size_t j = 1; j < size; ++j) {
            product = Wide{a[j]} * digit + t[j] + high(product);
            reduced = Wide{factor} * n[j] + low(product) + high(reduced);
            t[j - 1] = low(reduced);
        }
        const Wide last = Wide{high(product)} + high(reduced) + top;
        t[size - 1] = low(last);
        top = high(last);
    }
    subtract_if(t.data(), n, size, not_less(t.data(), n, size, top));
    std::copy_n(t.data(), size, out);
}

Natural Modulus::montgomery(const Natural& a, const Natural& b) const {
    Natural out(n_.size());
    montgomery(a.data(), b.data(), out.data());
    return out;
}

Natural Modulus::reduce(const Natural& x) const {
    const std::size_t size = n_.size();
    Natural out(size);
    for (std::size_t chunk = (x.size() + size - 1) / size; chunk-- > 0;) {
        Natural part(size);
        const std::size_t from = chunk * size;
        std::copy_n(x.begin() + static_cast<std::ptrdiff_t>(from), std::min(size, x.size() - from),
                    part.begin());
        part = montgomery(montgomery(part, square_), one_);
        out = montgomery(out, square_);  // one chunk up
        out = sum(out, part);
        const Limb carry = out.back();
        out.pop_back();
        subtract_if(out.data(), n_.data(), size, not_less(out.data(), n_.data(), size, carry));
    }
    return out;
}

Natural Modulus::multiply(const Natural& a, const Natural& b) const {
    return montgomery(montgomery(a, square_), b);
}

Natural Modulus::subtract(const Natural& a, const Natural& b) const {
    Natural out = a;
    const Limb borrow = subtract_if(out.data(), b.data(), out.size(), ~Limb{0});
    // Below zero: n is added, that is, the carry vanishes.
    Limb carry = 0;
    for (std::size_t i = 0; i < out.size(); ++i) {
        const Wide step = Wide{out[i]} + (n_[i] & (Limb{0} - borrow)) + carry;
        out[i] = low(step);
        carry = high(step);
    }
    return out;
}

Natural Modulus::power(const Natural& base, const Natural& exponent) const {
    constexpr unsigned kWindow = 4;
    constexpr std::size_t kEntries = std::size_t{1} << kWindow;
    const std::size_t size = n_.size();
    const Natural first = montgomery(base, square_);
    Natural out = montgomery(one_, square_);
    // A short exponent is a public one.
    if (const unsigned bits = bit_count(exponent); bits <= 32) {
        for (unsigned at = bits; at-- > 0;) {
            out = montgomery(out, out);
            if (((exponent[0] >> at) & 1U) != 0) out = montgomery(out, first);
        }
        return montgomery(out, one_);
    }
    std::vector<Natural> powers = {out};
    while (powers.size() < kEntries) powers.push_back(montgomery(powers.back(), first));
    Natural chosen(size);
    for (std::size_t at = exponent.size() * kLimbBits / kWindow; at-- > 0;) {
        for (unsigned i = 0; i < kWindow; ++i) montgomery(out.data(), out.data(), out.data());
        const Limb digit =
            (exponent[at * kWindow / kLimbBits] >> (at * kWindow % kLimbBits)) & (kEntries - 1);
        // Every entry is read, whatever the digit.
        std::fill(chosen.begin(), chosen.end(), Limb{0});
        for (std::size_t entry = 0; entry < kEntries; ++entry) {
            const Limb difference = static_cast<Limb>(entry) ^ digit;
            const Limb mask = ((difference | (Limb{0} - difference)) >> (kLimbBits - 1)) - 1;
            for (std::size_t i = 0; i < size; ++i) chosen[i] |= powers[entry][i] & mask;
        }
        montgomery(out.data(), chosen.data(), out.data());
    }
    return montgomery(out, one_);
}

}  // namespace leadbridge::crypto
