#pragma once
// Phone fields as they come from lead forms: split, classified, normalised (docs/protocols/phones-and-regions.md).
// Every function is total: no input makes it fail, and what cannot be read stays as `invalid` with its text.
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace leadbridge::lead {

// mobile       mainland ^1[3-9]\d{9}$, or a Hong Kong, Macau or Taiwan mobile written with +852 / +853 / +886
// landline     mainland area code + 7 or 8 digits, or without area code but with an extension (88888888-801); also
//              every other foreign number written with + or 00: dialable, but nobody can say whose pocket it rings in
// service      400 / 800, 95xxx, 96xxx, 100xx, 1010xxxx, 11xxx, 12xxx, 950 relay numbers, 13-digit SIMs of machines
// privacy_ext  relay number: a mainland mobile with an extension (old Taobao form 18877771111-123)
// privacy_700  relay number of 15 digits, 700...
// masked       138****8911 and the like       encrypted  a ciphertext nobody opened yet
// invalid      anything else
enum class PhoneClass { mobile, landline, service, privacy_ext, privacy_700, masked, encrypted, invalid };

std::string_view to_string(PhoneClass cls);

// What the number plan says of a number beyond its class (src/lead/phone_plan.h).
enum class PhoneRange : std::uint8_t {
    usual,
    unassigned,  // nobody has such a number, yet: plans grow
    satellite,   // 1349, 17400-17405, 1749; +870, +881, +88216
    m2m,         // SIMs of machines, 13 digits
    emergency,   // 17406-17412: communication in disasters
};

std::string_view to_string(PhoneRange range);  // empty for usual

struct Phone {
    std::string raw{};  // this number's piece of the source text, blanks at the ends removed
    PhoneClass cls = PhoneClass::invalid;
    std::string e164{};  // mobile, landline (without extension); empty for every other class
    std::string ext{};   // ASCII digits, at most 6
    std::string dial{};  // what a person would dial, ASCII: 13567658911, 057188888888-8001, +12125550123x55
    // Can be dialled as it is: not masked, encrypted, invalid, unassigned, nor a number without its area code.
    bool valid = false;
    PhoneRange range = PhoneRange::usual;
};

// One number; `raw` is the whole text. Several numbers in it make it invalid: use parse_phones.
Phone parse_phone(std::string_view text);

// All numbers of one field, in order, the same number once; pieces with digits that are no number follow as
// `invalid` in their place, words without digits (names, labels, remarks) belong to the number beside them.
// Text without digits is one `invalid`, blank text nothing. At most 16 numbers and 1024 bytes are looked at:
// the rest is one `invalid` text.
std::vector<Phone> parse_phones(std::string_view text);

// A number we know to be encrypted (its ciphertext is `raw`).
Phone encrypted_phone(std::string_view ciphertext);

// The check after a decryption: nothing but digits, plus, hyphens, blanks, separators and extension words,
// 5..40 bytes, and at least one number in it that can be dialled. Labels are refused: random bytes never pass.
bool looks_like_phone(std::string_view plaintext);

// May this number stand for a person across platforms? Only a mobile without extension: a landline is shared
// by a household or an office, a relay number is lent to somebody else next week.
bool identifies_person(const Phone& phone);

}  // namespace leadbridge::lead
