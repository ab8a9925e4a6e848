#pragma once
// Natural numbers as RSA needs them, and arithmetic modulo an odd number (Montgomery's, without branches or
// table look-ups that depend on secrets). A tenth of the size of a general library (decision 016);
// tests/unit/natural_test.cc compares every operation with Crypto++'s.
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace leadbridge::crypto {

#ifdef __wasm__
using Limb = std::uint32_t;
using Wide = std::uint64_t;
#else
using Limb = std::uint64_t;
__extension__ using Wide = unsigned __int128;
#endif

// Little endian; zeros at the top are allowed.
using Natural = std::vector<Limb>;

Natural natural(std::string_view big_endian);
// Exactly `size` bytes; what does not fit is cut off at the top.
std::string octets_of(const Natural& value, std::size_t size);
unsigned bit_count(const Natural& value);
int compare(const Natural& a, const Natural& b);  // time depends on the values: not for secrets
Natural product(const Natural& a, const Natural& b);
Natural sum(const Natural& a, const Natural& b);

class Modulus {
  public:
    // Precondition: n is odd and greater than 1.
    explicit Modulus(const Natural& n);

    [[nodiscard]] const Natural& value() const noexcept { return n_; }
    // Results are below the modulus and have its number of limbs; so must arguments, except of reduce.
    [[nodiscard]] Natural reduce(const Natural& x) const;
    [[nodiscard]] Natural multiply(const Natural& a, const Natural& b) const;
    [[nodiscard]] Natural subtract(const Natural& a, const Natural& b) const;
    [[nodiscard]] Natural power(const Natural& base, const Natural& exponent) const;

  private:
    // a * b / 2^(bits of all limbs); a * b must be below n * 2^(bits of all limbs).
    void montgomery(const Limb* a, const Limb* b, Limb* out) const;
    [[nodiscard]] Natural montgomery(const Natural& a, const Natural& b) const;

    Natural n_;
    Natural square_;  // of 2^(bits of all limbs), modulo n
    Natural one_;     // the number 1
    Limb inverse_ = 0;
};

}  // namespace leadbridge::crypto
