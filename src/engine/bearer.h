#pragma once
// Who comes with `Authorization: Bearer`: the merchant's own systems, never a platform.
#include "crypto/secret.h"
#include "effect/effect.h"

namespace leadbridge::engine {

// Whether the request brings this token; never for an empty one. Time tells nothing about it, not even its length.
bool bears(const effect::Headers& headers, const crypto::Secret& token);

inline constexpr auto kBearerAdvice = "send the header Authorization: Bearer with the configured token";

}  // namespace leadbridge::engine
