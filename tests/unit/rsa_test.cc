// Keys and ciphertexts made by the openssl program: tests/data/keys/make.sh.
#include "crypto/rsa.h"

#include <catch2/catch.hpp>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include "base/text.h"
#include "codec/json.h"
#include "test_data.h"

using namespace leadbridge;
using crypto::RandomStream;
using crypto::RsaKey;
using crypto::RsaPadding;

namespace {

std::string file(const std::string& name) {
    std::ifstream in(std::string(LEADBRIDGE_TEST_DATA) + "/data/keys/" + name, std::ios::binary);
    REQUIRE(in.good());
    return {std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
}

std::string fake(int bits, const std::string& rest) {
    return file("fake_rsa" + std::to_string(bits) + "_" + rest + ".pem");
}

std::string bare(const std::string& pem) {  // base64 of the DER form, in one line
    std::string out;
    for (const auto& line : base::split(pem, '\n')) {
        if (line.find("-----") == std::string::npos) out += line;
    }
    return out;
}

std::string replaced(std::string text, const std::string& from, const std::string& to) {
    for (std::size_t at = 0; (at = text.find(from, at)) != std::string::npos; at += to.size())
        text.replace(at, from.size(), to);
    return text;
}

std::string ciphertext(int bits, const std::string& which) {
    const auto all = codec::parse_json(file("ciphertexts.json"));
    REQUIRE(all.ok());
    return *base::base64_decode(*codec::member_text(all.value()[std::to_string(bits)], which));
}

const std::string kPhone = "13800138000";

}  // namespace

TEST_CASE("keys in every form", "[rsa]") {
    for (const int bits : {1024, 2048, 4096}) {
        CAPTURE(bits);
        for (const std::string& form : {std::string("pkcs1"), std::string("pkcs8")}) {
            const std::string pem = fake(bits, form);
            for (const std::string& text :
                 {pem, bare(pem), " \n" + pem + "\n ", replaced(pem, "\n", "\r\n"),
                  replaced(pem, "\n", "\\n"), replaced(pem, "\n", " "), "comment before\n" + pem}) {
                const auto key = RsaKey::parse(text);
                REQUIRE(key.ok());
                CHECK(key.value().is_private());
                CHECK(key.value().bits() == static_cast<unsigned>(bits));
                RandomStream random("seed");
                CHECK(
                    key.value().decrypt(RsaPadding::pkcs1, ciphertext(bits, "pkcs1"), random).value_or("-") ==
                    kPhone);
            }
        }
        for (const std::string& text : {fake(bits, "public"), bare(fake(bits, "public"))}) {
            const auto key = RsaKey::parse(text);
            REQUIRE(key.ok());
            CHECK_FALSE(key.value().is_private());
            CHECK(key.value().recover(ciphertext(bits, "private")).value_or("-") == kPhone);
            RandomStream random("seed");
            CHECK(key.value().decrypt(RsaPadding::pkcs1, ciphertext(bits, "pkcs1"), random).error().code ==
                  "key_not_private");
        }
    }
    const auto pkcs1_public = RsaKey::parse(file("fake_rsa1024_public_pkcs1.pem"));
    REQUIRE(pkcs1_public.ok());
    CHECK(pkcs1_public.value().recover(ciphertext(1024, "private")).value_or("-") == kPhone);
}

TEST_CASE("every padding reads its own and no other", "[rsa]") {
    const std::vector<std::pair<RsaPadding, std::string>> paddings = {
        {RsaPadding::pkcs1, "pkcs1"},
        {RsaPadding::oaep_sha1, "oaep_sha1"},
        {RsaPadding::oaep_sha256, "oaep_sha256"},
        {RsaPadding::oaep_sha256_mgf1_sha1, "oaep_sha256_mgf1_sha1"}};
    for (const int bits : {1024, 2048, 4096}) {
        const RsaKey key = RsaKey::parse(fake(bits, "pkcs8")).value();
        RandomStream random("seed");
        for (const auto& [padding, name] : paddings) {
            for (const auto& [other, made] : paddings) {
                CAPTURE(bits, name, made);
                const auto plain = key.decrypt(padding, ciphertext(bits, made), random);
                if (padding == other) {
                    CHECK(plain.value_or("-") == kPhone);
                } else {
                    REQUIRE_FALSE(plain.ok());
                    CHECK(plain.error().code == "decrypt_failed");
                }
            }
        }
        CHECK(key.decrypt(RsaPadding::pkcs1, ciphertext(bits, "noise"), random).value_or("-") ==
              "no phone at all");
        CHECK(key.decrypt(RsaPadding::pkcs1, ciphertext(bits, "empty"), random).value_or("-").empty());
        CHECK(key.recover(ciphertext(bits, "private")).value_or("-") == kPhone);  // its public half
        CHECK_FALSE(key.recover(ciphertext(bits, "pkcs1")).ok());
    }
}

TEST_CASE("a wrong key or a damaged ciphertext is one uniform failure", "[rsa]") {
    const RsaKey key = RsaKey::parse(fake(1024, "pkcs1")).value();
    const RsaKey other = RsaKey::parse(file("fake_other1024_pkcs1.pem")).value();
    RandomStream random("seed");
    const std::string good = ciphertext(1024, "pkcs1");
    std::vector<std::string> bad = {"",
                                    "x",
                                    good.substr(1),
                                    good.substr(0, 127),
                                    good + '\0',
                                    '\0' + good,
                                    std::string(128, '\xFF'),
                                    std::string(128, '\0'),
                                    std::string(127, '\0') + '\1',
                                    ciphertext(2048, "pkcs1"),
                                    kPhone};
    for (std::size_t i = 0; i < good.size(); i += 9) {
        bad.push_back(good);
        bad.back()[i] = static_cast<char>(bad.back()[i] ^ 0x40);
    }
    for (const RsaPadding padding : {RsaPadding::pkcs1, RsaPadding::oaep_sha1, RsaPadding::oaep_sha256,
                                     RsaPadding::oaep_sha256_mgf1_sha1}) {
        CHECK(other.decrypt(padding, good, random).error().reason ==
              key.decrypt(padding, std::string(128, '\xFF'), random).error().reason);
        for (const auto& each : bad) {
            const auto plain = key.decrypt(padding, each, random);
            REQUIRE_FALSE(plain.ok());
            CHECK(plain.error().code == "decrypt_failed");
        }
    }
    for (const auto& each : bad) CHECK_FALSE(key.recover(each).ok());
}

TEST_CASE("the outcome does not depend on the blinding", "[rsa]") {
    const RsaKey key = RsaKey::parse(fake(1024, "pkcs1")).value();
    for (int i = 0; i < 50; ++i) {
        RandomStream random(std::to_string(i));
        REQUIRE(key.decrypt(RsaPadding::pkcs1, ciphertext(1024, "pkcs1"), random).value_or("-") == kPhone);
    }
}

TEST_CASE("what is not a usable key says why and repeats nothing of it", "[rsa]") {
    const std::string pem = fake(1024, "pkcs1");
    const std::vector<std::pair<std::string, std::string>> rows = {
        {"", "key_malformed"},
        {"not a key", "key_malformed"},
        {std::string(5000, 'A'), "key_malformed"},
        {"-----BEGIN RSA PRIVATE KEY-----", "key_malformed"},
        {"-----BEGIN RSA PRIVATE KEY-----\n-----END RSA PRIVATE KEY-----", "key_malformed"},
        {pem.substr(0, pem.size() / 2), "key_malformed"},
        {replaced(pem, "-----END RSA PRIVATE KEY-----", ""), "key_malformed"},
        {bare(pem) + "AAAA", "key_malformed"},
        {file("fake_ec.pem"), "key_malformed"},
        {file("fake_passphrase_pkcs8.pem"), "key_encrypted"},
        {file("fake_passphrase_pkcs1.pem"), "key_encrypted"},
        {fake(512, "pkcs1"), "key_size"},
        {fake(512, "public"), "key_size"},
    };
    for (const auto& [text, code] : rows) {
        CAPTURE(text.substr(0, 60));
        const auto key = RsaKey::parse(text);
        REQUIRE_FALSE(key.ok());
        CHECK(key.error().code == code);
        CHECK(key.error().reason.size() < 250);
        if (const std::string inside = bare(text); inside.size() > 60)
            CHECK(key.error().reason.find(inside.substr(20, 16)) == std::string::npos);
    }
}

namespace {

std::string der(char tag, const std::string& content) {
    const auto size = content.size();
    std::string out(1, tag);
    if (size >= 0x80) out += size < 0x100 ? '\x81' : '\x82';
    if (size >= 0x100) out += static_cast<char>(size >> 8);
    return out + static_cast<char>(size & 0xFFU) + content;
}

constexpr char kInteger = 0x02;
constexpr char kSequence = 0x30;

// The numbers of a PKCS#1 key: 0, n, e, d, p, q, dp, dq, u.
std::vector<std::string> numbers_of(const std::string& pkcs1) {
    std::vector<std::string> out;
    std::size_t at = 4;
    while (at < pkcs1.size()) {
        std::size_t size = static_cast<unsigned char>(pkcs1[at + 1]);
        const std::size_t octets = size < 0x80 ? 0 : size & 0x7FU;
        if (octets > 0) size = 0;
        for (std::size_t i = 0; i < octets; ++i)
            size = size << 8U | static_cast<unsigned char>(pkcs1[at + 2 + i]);
        out.push_back(pkcs1.substr(at + 2 + octets, size));
        at += 2 + octets + size;
    }
    return out;
}

std::string key_of(const std::vector<std::string>& numbers) {
    std::string content;
    for (const auto& number : numbers) content += der(kInteger, number);
    return der(kSequence, content);
}

}  // namespace

TEST_CASE("keys whose parts do not fit, and bytes that belong to none", "[rsa]") {
    const auto parse = [](const std::string& bytes) { return RsaKey::parse(base::base64_encode(bytes)); };
    const std::string pkcs1 = *base::base64_decode(bare(fake(1024, "pkcs1")));
    const std::string pkcs8 = *base::base64_decode(bare(fake(1024, "pkcs8")));
    const std::string pub = *base::base64_decode(bare(fake(1024, "public")));
    const auto numbers = numbers_of(pkcs1);
    REQUIRE(numbers.size() == 9);
    REQUIRE(key_of(numbers) == pkcs1);
    REQUIRE(parse(pkcs1).ok());

    std::vector<std::string> bad;
    for (const auto& whole : {pkcs1, pkcs8, pub}) {
        bad.push_back(whole + '\0');
        bad.push_back(whole + "garbage");
        bad.push_back(whole + whole);
    }
    const auto with = [&](std::size_t at, const std::string& number) {
        auto changed = numbers;
        changed[at] = number;
        bad.push_back(key_of(changed));
    };
    for (std::size_t at = 1; at < numbers.size(); ++at) {
        std::string even = numbers[at];
        even.back() = static_cast<char>(even.back() ^ 1);
        with(at, even);
        std::string other = numbers[at];
        other.back() = static_cast<char>(other.back() ^ 2);
        with(at, other);
        with(at, std::string(1, '\0'));
        with(at, std::string(1, '\1'));
        with(at, "\xFF" + numbers[at].substr(1));  // negative
    }
    with(0, "\2");  // more than two primes, or a version of the future
    auto swapped = numbers;
    std::swap(swapped[4], swapped[5]);
    bad.push_back(key_of(swapped));
    std::string even = numbers[1];
    even.back() = static_cast<char>(even.back() ^ 1);
    bad.push_back(key_of({even, numbers[2]}));               // public, an even modulus
    bad.push_back(key_of({numbers[1], std::string("\1")}));  // and e = 1
    // PKCS#8: another algorithm, something behind the key that is no attribute.
    const std::string algorithm("\x2A\x86\x48\x86\xF7\x0D\x01\x01\x01");
    const auto at = pkcs8.find(algorithm);
    REQUIRE(at != std::string::npos);
    std::string other = pkcs8;
    other[at + 8] = 0x0A;  // RSASSA-PSS
    bad.push_back(other);
    bad.push_back(der(kSequence, pkcs8.substr(4) + der(0x05, "")));
    std::string nested;
    for (int i = 0; i < 20'000; ++i) nested = std::string("\x30\x80", 2) + nested;
    bad.push_back(nested);
    for (std::size_t i = 0; i < bad.size(); ++i) {
        CAPTURE(i);
        const auto key = parse(bad[i]);
        REQUIRE_FALSE(key.ok());
        CHECK((key.error().code == "key_malformed" || key.error().code == "key_size"));
    }
    CHECK(parse(der(kSequence, pkcs8.substr(4) + der('\xA0', ""))).ok());  // an empty set of attributes
}

TEST_CASE("blocks without eight octets of padding and a zero behind them are refused", "[rsa]") {
    const RsaKey key = RsaKey::parse(fake(1024, "pkcs1")).value();
    RandomStream random("seed");
    const auto all = codec::parse_json(file("ciphertexts.json"));
    REQUIRE(all.ok());
    REQUIRE(all.value()["bad_blocks"].size() == 4);
    for (const auto& block : all.value()["bad_blocks"]) {
        const auto plain =
            key.decrypt(RsaPadding::pkcs1, *base::base64_decode(block.get<std::string>()), random);
        REQUIRE_FALSE(plain.ok());
        CHECK(plain.error().code == "decrypt_failed");
    }
}

TEST_CASE("truncated and changed DER never passes for the key", "[rsa]") {
    for (const std::string& form : {std::string("pkcs1"), std::string("pkcs8"), std::string("public")}) {
        const std::string der = *base::base64_decode(bare(fake(1024, form)));
        for (std::size_t n = 0; n < der.size(); ++n) {
            CAPTURE(form, n);
            REQUIRE_FALSE(RsaKey::parse(base::base64_encode(der.substr(0, n))).ok());
        }
        // A changed byte may be another key, but nothing breaks.
        for (std::size_t i = 0; i < der.size(); ++i) {
            std::string changed = der;
            changed[i] = static_cast<char>(changed[i] ^ 0x81);
            const auto key = RsaKey::parse(base::base64_encode(changed));
            if (!key.ok()) continue;
            RandomStream random("seed");
            const auto plain = key.value().decrypt(RsaPadding::pkcs1, ciphertext(1024, "pkcs1"), random);
            if (plain.ok()) CHECK(plain.value() == kPhone);
            (void)key.value().recover(ciphertext(1024, "private"));
        }
    }
}

TEST_CASE("a wrapper inside a wrapper is no key", "[rsa]") {
    const auto text = [](const std::string& bytes) { return leadbridge::base::base64_encode(bytes); };
    const std::string algorithm("\x30\x0d\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x01\x01\x05\x00", 15);
    const std::string once = *leadbridge::base::base64_decode(bare(fake(2048, "pkcs8")));
    REQUIRE(RsaKey::parse(text(once)).ok());
    const std::string twice = der(0x30, std::string("\x02\x01\x00", 3) + algorithm + der(0x04, once));
    CHECK(RsaKey::parse(text(twice)).error().code == "key_malformed");
    const std::string spki = *leadbridge::base::base64_decode(bare(fake(2048, "public")));
    const std::string spki_twice = der(0x30, algorithm + der(0x03, std::string(1, '\0') + spki));
    CHECK(RsaKey::parse(text(spki_twice)).error().code == "key_malformed");
}
