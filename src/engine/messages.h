#pragma once
// Effects and inputs as messages (docs/abi.md). Native hosts do not need this; WebAssembly and the traces do.
#include <string>
#include <string_view>

#include "base/result.h"
#include "base/time.h"
#include "effect/effect.h"

namespace leadbridge::engine {

inline constexpr int kAbiVersion = 2;  // member `v` of every head, and what lb_abi_version says

struct TimedInput {
    effect::Input input;
    base::Millis now = 0;
};

// `u32 total | u32 head | head | body`, little endian.
std::string encode(const effect::Effect& effect);
base::Result<TimedInput> decode_input(std::string_view message);

}  // namespace leadbridge::engine
