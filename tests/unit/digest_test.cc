#include "crypto/digest.h"

#include <algorithm>
#include <catch2/catch.hpp>
#include <map>
#include <string>

#include "base/text.h"

using namespace leadbridge;
using crypto::RandomStream;

TEST_CASE("digests of published vectors", "[digest]") {
    // RFC 1321, FIPS 180-4, RFC 2202, RFC 4231.
    CHECK(base::hex_lower(crypto::md5("")) == "d41d8cd98f00b204e9800998ecf8427e");
    CHECK(base::hex_lower(crypto::md5("abc")) == "900150983cd24fb0d6963f7d28e17f72");
    CHECK(base::hex_lower(crypto::sha256("abc")) ==
          "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    CHECK(base::hex_lower(crypto::sha256("")) ==
          "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
    CHECK(base::hex_lower(crypto::hmac_md5(std::string(16, '\x0b'), "Hi There")) ==
          "9294727a3638bb1c13f48ef8158bfc9d");
    CHECK(base::hex_lower(crypto::hmac_md5(std::string(80, '\xaa'),
                                           "Test Using Larger Than Block-Size Key - "
                                           "Hash Key First")) == "6b1ab7fe4bd7bf8f0b62e6ce61b9d0cd");
    CHECK(base::hex_lower(crypto::hmac_sha256("Jefe", "what do ya want for nothing?")) ==
          "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
    CHECK(base::hex_lower(crypto::hmac_sha256(std::string(131, '\xaa'),
                                              "Test Using Larger Than Block-Size Key - Hash Key First")) ==
          "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54");
    CHECK(crypto::hmac_sha256("", "").size() == 32);
}

TEST_CASE("equality does not mind content", "[digest]") {
    CHECK(crypto::equal_constant_time("", ""));
    CHECK(crypto::equal_constant_time(std::string("a\0b", 3), std::string("a\0b", 3)));
    CHECK_FALSE(crypto::equal_constant_time("a", "b"));
    CHECK_FALSE(crypto::equal_constant_time("a", "ab"));
    CHECK_FALSE(crypto::equal_constant_time("", "a"));
}

TEST_CASE("the random stream is SHA-256(seed | counter), however it is cut", "[digest]") {
    const std::string seed(32, 'S');
    RandomStream whole(seed);
    const std::string all = whole.bytes(100);
    CHECK(all.substr(0, 32) == crypto::sha256(seed + std::string(8, '\0')));
    CHECK(all.substr(32, 32) == crypto::sha256(seed + std::string("\x01\0\0\0\0\0\0\0", 8)));
    RandomStream pieces(seed);
    std::string cut;
    for (std::size_t n = 0; cut.size() < 100; n = (n + 1) % 7)
        cut += pieces.bytes(std::min<std::size_t>(n, 100 - cut.size()));
    CHECK(cut == all);
    CHECK(RandomStream(std::string(32, 'T')).bytes(32) != all.substr(0, 32));
}

TEST_CASE("below is below and reaches everything", "[digest]") {
    RandomStream random("seed");
    std::map<std::uint32_t, int> seen;
    for (int i = 0; i < 2000; ++i) ++seen[random.below(5)];
    CHECK(seen.size() == 5);
    for (const auto& [value, count] : seen) CHECK((value < 5 && count > 300));
    CHECK(random.below(1) == 0);
}
