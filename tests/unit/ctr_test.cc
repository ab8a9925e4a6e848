#include "crypto/ctr.h"

#include <catch2/catch.hpp>

#include "base/text.h"

using namespace leadbridge;

namespace {

std::string hex(const char* text) { return *base::hex_decode(text); }

}  // namespace

TEST_CASE("AES-128-CTR: the example of NIST SP 800-38A, F.5.1", "[crypto]") {
    const std::string key = hex("2b7e151628aed2a6abf7158809cf4f3c");
    const std::string counter = hex("f0f1f2f3f4f5f6f7f8f9fafbfcfdfeff");
    const std::string plain =
        hex("6bc1bee22e409f96e93d7e117393172aae2d8a571e03ac9c9eb76fac45af8e51"
            "30c81c46a35ce411e5fbc1191a0a52eff69f2445df4f9b17ad2b417be66c3710");
    const std::string cipher =
        hex("874d6191b620e3261bef6864990db6ce9806f66b7970fdff8617187bb9fffdff"
            "5ae4df3edbd5d35e5b4f09020db03eab1e031dda2fbe03d1792170a0f3009cee");
    CHECK(crypto::aes128_ctr(key, counter, plain) == cipher);
    CHECK(crypto::aes128_ctr(key, counter, cipher) == plain);
    for (const std::size_t n : {0U, 1U, 15U, 16U, 17U, 63U})
        CHECK(crypto::aes128_ctr(key, counter, plain.substr(0, n)) == cipher.substr(0, n));
}

TEST_CASE("AES-128-CTR: the counter runs over, and only 16 bytes are a key", "[crypto]") {
    const std::string key(16, 'k');
    const std::string last = hex("ffffffffffffffffffffffffffffffff");
    const std::string zeros(32, '\0');
    CHECK(crypto::aes128_ctr(key, last, zeros).substr(16) ==
          crypto::aes128_ctr(key, std::string(16, '\0'), zeros).substr(0, 16));
    CHECK(crypto::aes128_ctr(key + "k", last, "x").empty());
    CHECK(crypto::aes128_ctr(key, last.substr(1), "x").empty());
}
