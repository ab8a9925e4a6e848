#pragma once
// What is signed, piece by piece, under every protocol; and why a signature does not match: the usual
// mistakes are made one after the other, and those that reproduce the given sign are named.
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "wire/top_sign.h"

namespace leadbridge::wire {

// top is also Qimen's; spi: a platform's call to us; tanma: our call to Tanma; tanma_push: its push to us.
enum class Protocol { top, spi, tanma, tanma_push };

struct SignedCall {
    Protocol protocol = Protocol::top;
    SignMethod method = SignMethod::md5;  // md5 under spi; says nothing under tanma
    crypto::Secret secret;
    // top: as they came. spi: as the checker merges them (SpiCheck). `sign` never takes part. tanma: app_id,
    // for a push version, timestamp, in this order.
    Params params;
    std::optional<std::string> body;  // of a push: never signed, except by mistake
    bool gbk = false;                 // spi: the bytes are GBK; the texts here are UTF-8 all the same
};

struct Piece {
    std::string_view what;  // secret | name | value | body
    std::string name;       // of a value
    std::string text;       // empty for the secret
};
// In the order of the base string; the secret of an HMAC stands nowhere in it.
std::vector<Piece> pieces_of(const SignedCall& call);
// The bytes of all pieces but the secret.
std::string base_string_of(const SignedCall& call);
// Hex as the platform writes it: upper case, Tanma's lower case.
std::string sign_of(const SignedCall& call);

struct Cause {
    std::string code;    // secret_line_break, other_method, ...
    std::string detail;  // sentence with what to change
};

// Empty when nothing usual explains it. `others`: further secrets that may have been meant.
std::vector<Cause> diagnose(const SignedCall& call, std::string_view given,
                            const std::vector<crypto::Secret>& others);

}  // namespace leadbridge::wire
