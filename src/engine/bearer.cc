#include "engine/bearer.h"

#include "base/text.h"
#include "crypto/digest.h"
#include "wire/call.h"

namespace leadbridge::engine {

bool bears(const effect::Headers& headers, const crypto::Secret& token) {
    const auto* authorization = wire::header(headers, "authorization");
    const std::string given = authorization == nullptr ? "" : base::trim(*authorization);
    if (token.empty() || !base::starts_with_no_case(given, "bearer ")) return false;
    const std::string bearer = base::trim(std::string_view(given).substr(7));
    return crypto::equal_constant_time(crypto::sha256(bearer), crypto::sha256(token.use()));
}

}  // namespace leadbridge::engine
