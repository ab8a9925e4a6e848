#include "crypto/seal.h"

#include <catch2/catch.hpp>
#include <string>

#include "base/text.h"

using namespace leadbridge;
using crypto::SealKey;

namespace {
const std::string kHex = "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff";
SealKey key(const std::string& text = kHex) { return SealKey::parse(text).value(); }
}  // namespace

TEST_CASE("a data key is 32 bytes as hex or base64", "[seal]") {
    const std::string bytes = *base::hex_decode(kHex);
    CHECK(key().id() == key(base::base64_encode(bytes)).id());
    CHECK(key().id() == key(" " + kHex + "\n").id());
    CHECK(key().id().size() == 8);
    CHECK(kHex.find(key().id()) == std::string::npos);
    for (const std::string& bad : {std::string(), kHex.substr(2), kHex + "00", std::string(64, 'g'),
                                   base::base64_encode(bytes.substr(1)), std::string("not a key")}) {
        const auto parsed = SealKey::parse(bad);
        REQUIRE_FALSE(parsed.ok());
        CHECK(parsed.error().code == "key_malformed");
        if (bad.size() > 8) CHECK(parsed.error().reason.find(bad) == std::string::npos);
    }
}

TEST_CASE("sealed values open only whole, with their key and in their place", "[seal]") {
    for (const std::string& plain :
         {std::string(), std::string("13800138000"), std::string("\0\xFF", 2), std::string(100'000, 'x')}) {
        const std::string sealed = key().seal(plain, "lead:1");
        CHECK(sealed.substr(0, 12) == "v1." + key().id() + ".");
        if (plain.size() > 4) CHECK(sealed.find(plain) == std::string::npos);
        CHECK(key().open(sealed, "lead:1").value() == plain);
        CHECK(key().seal(plain, "lead:1") == sealed);  // deterministic
        CHECK(key().seal(plain, "lead:2") != sealed);
        CHECK(key().open(sealed, "lead:2").error().code == "sealed_damaged");
        CHECK(key().open(sealed, "").error().code == "sealed_damaged");
    }
    // Context and text do not flow into each other.
    CHECK(key().seal("bc", "a").substr(12, 16) != key().seal("c", "ab").substr(12, 16));
}

TEST_CASE("tampering, truncation and other keys", "[seal]") {
    const std::string sealed = key().seal("13800138000", "lead:1");
    const std::string head = sealed.substr(0, 12);
    const std::string bytes = *base::base64_decode(sealed.substr(12));
    for (std::size_t i = 0; i < bytes.size(); ++i) {
        std::string changed = bytes;
        changed[i] = static_cast<char>(changed[i] ^ 1);
        CHECK(key().open(head + base::base64_encode(changed), "lead:1").error().code == "sealed_damaged");
        CHECK(key().open(head + base::base64_encode(bytes.substr(0, i)), "lead:1").error().code ==
              "sealed_damaged");
    }
    for (const char* bad : {"", "v1", "v1..", "v2.00000000.AAAA", "....", "v1.a.b.c", "13800138000"}) {
        CHECK_FALSE(key().open(bad, "lead:1").ok());
    }
    const SealKey other = key(std::string(64, '7'));
    const auto refused = other.open(sealed, "lead:1");
    REQUIRE_FALSE(refused.ok());
    CHECK(refused.error().code == "sealed_with_other_key");
    CHECK(refused.error().reason.find(key().id()) != std::string::npos);
    CHECK(refused.error().reason.find(other.id()) != std::string::npos);
}
