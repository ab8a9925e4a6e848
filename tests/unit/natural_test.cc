#include "crypto/natural.h"

#include <cryptopp/integer.h>
#include <cryptopp/nbtheory.h>

#include <catch2/catch.hpp>
#include <string>

#include "base/text.h"
#include "crypto/digest.h"

using namespace leadbridge;
using namespace leadbridge::crypto;

namespace {

CryptoPP::Integer integer(const std::string& bytes) {
    return {reinterpret_cast<const CryptoPP::byte*>(bytes.data()), bytes.size()};
}
std::string hex(const CryptoPP::Integer& value, std::size_t size) {
    std::string out(size, '\0');
    value.Encode(reinterpret_cast<CryptoPP::byte*>(out.data()), size);
    return base::hex_lower(out);
}
std::string hex(const Natural& value, std::size_t size) { return base::hex_lower(octets_of(value, size)); }

// Often with runs of ones and zeros, where carries go far.
std::string number(RandomStream& random, std::size_t size) {
    std::string out = random.bytes(size);
    for (std::size_t i = 0; i < size; ++i) {
        const auto kind = random.below(8);
        const std::size_t run = kind < 2 ? std::min<std::size_t>(random.below(24), size - i) : 0;
        for (std::size_t end = i + run; i < end; ++i) out[i] = kind == 0 ? '\0' : '\xFF';
    }
    return out;
}

}  // namespace

TEST_CASE("natural numbers agree with Crypto++'s", "[natural]") {
    RandomStream random("natural");
    for (int round = 0; round < 300; ++round) {
        const std::size_t size = 1 + random.below(round % 10 == 0 ? 512 : 80);
        std::string n_bytes = number(random, size);
        n_bytes.back() = static_cast<char>(n_bytes.back() | 1);
        n_bytes.front() = static_cast<char>(n_bytes.front() | (size == 1 ? 2 : 0));
        const std::string a_bytes = number(random, 1 + random.below(2 * 80));
        const std::string b_bytes = number(random, 1 + random.below(2 * 80));
        const std::string e_bytes = number(random, 1 + random.below(12));
        const auto n = integer(n_bytes), a = integer(a_bytes), b = integer(b_bytes), e = integer(e_bytes);
        if (n < 3) continue;
        CAPTURE(base::hex_lower(n_bytes), base::hex_lower(a_bytes), base::hex_lower(b_bytes));
        const Natural left = natural(a_bytes), right = natural(b_bytes);
        REQUIRE(hex(product(left, right), 400) == hex(a * b, 400));
        REQUIRE(hex(sum(left, right), 400) == hex(a + b, 400));
        REQUIRE(compare(left, right) == a.Compare(b));
        REQUIRE(bit_count(left) == a.BitCount());
        const Modulus modulus(natural(n_bytes));
        const Natural x = modulus.reduce(left), y = modulus.reduce(right);
        REQUIRE(hex(x, size) == hex(a % n, size));
        REQUIRE(hex(modulus.multiply(x, y), size) == hex(a * b % n, size));
        REQUIRE(hex(modulus.subtract(x, y), size) == hex((a % n + n - b % n) % n, size));
        REQUIRE(hex(modulus.power(x, natural(e_bytes)), size) ==
                hex(CryptoPP::ModularExponentiation(a % n, e, n), size));
    }
}

TEST_CASE("numbers with zeros on top, and none", "[natural]") {
    CHECK(bit_count(natural("")) == 0);
    CHECK(bit_count(natural(std::string_view("\0\0\0\0\0\0\0\0\0\1", 10))) == 1);
    CHECK(compare(natural(std::string_view("\0\0\0\0\0\0\0\0\0\1", 10)), Natural{1}) == 0);
    CHECK(octets_of(natural("\x12\x34\x56"), 2) == "\x34\x56");
    const Modulus three(Natural{3, 0, 0});
    CHECK(three.value().size() == 1);
    CHECK(three.power(Natural{2}, natural("")) == Natural{1});
    CHECK(three.reduce(natural("")) == Natural{0});
}

TEST_CASE("sha1", "[natural]") {
    CHECK(base::hex_lower(sha1("")) == "da39a3ee5e6b4b0d3255bfef95601890afd80709");
    CHECK(base::hex_lower(sha1("abc")) == "a9993e364706816aba3e25717850c26c9cd0d89d");
    CHECK(base::hex_lower(sha1("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq")) ==
          "84983e441c3bd26ebaae4aa1f95129e5e54670f1");
    CHECK(base::hex_lower(sha1(std::string(1000, 'a'))) == "291e9a6c66994949b57ba5e650361e98fc36b1ba");
}
