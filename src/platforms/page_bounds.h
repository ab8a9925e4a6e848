#pragma once
// What one answer of a list may hold, so that a module's 64 MB are enough for everything that comes of it. The
// preview has the same bounds.
#include <cstddef>

#include "codec/json.h"
#include "wire/call.h"

namespace leadbridge::platforms {

inline constexpr std::size_t kMostRows = 2000;           // of a page; they are asked for by the hundred
inline constexpr std::size_t kMostRowBytes = 1U << 20U;  // of one record: it is copied a dozen times

// About how many bytes a value has as text.
std::size_t text_size(const codec::Json& value);

// A row beyond kMostRowBytes.
wire::CallFailure row_too_large();

}  // namespace leadbridge::platforms
