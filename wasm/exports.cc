// The module's door (docs/abi.md; the names are in exports.txt). Nothing throws across it; a handle
// is one invocation.
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <string>
#include <string_view>

#include "base/gbk.h"
#include "engine/engine.h"
#include "engine/messages.h"

namespace {

using leadbridge::engine::Engine;

struct Invocation {
    explicit Invocation(std::string_view config) : engine(config) {}
    Engine engine;
    std::string message;  // what lb_next lent out last
};

std::string_view view(const char* bytes, std::uint32_t length) { return {bytes, length}; }

}  // namespace

// Borrowed by the host until its next call on the same handle.
using Borrowed = const char*;
// Owned by the host until lb_free.
using Owned = char*;

extern "C" __attribute__((used)) std::uint32_t lb_abi_version() noexcept {
    return leadbridge::engine::kAbiVersion;
}

extern "C" __attribute__((used)) Owned lb_alloc(std::uint32_t length) noexcept {
    return static_cast<Owned>(std::malloc(length == 0 ? 1 : length));
}

extern "C" __attribute__((used)) void lb_free(Owned bytes) noexcept { std::free(bytes); }

// The table for GBK, which hosts have and the module has not (src/base/gbk.h). 1 = taken.
extern "C" __attribute__((used)) std::uint32_t lb_gbk(const char* utf8, std::uint32_t length) noexcept {
    return leadbridge::base::provide_gbk(view(utf8, length)) ? 1 : 0;
}

extern "C" __attribute__((used)) Invocation* lb_open(const char* config, std::uint32_t length) noexcept {
    return new Invocation(view(config, length));
}

// 1 = taken, 0 = the message is malformed (a fault of the host).
extern "C" __attribute__((used)) std::uint32_t lb_feed(Invocation* invocation, const char* message,
                                                       std::uint32_t length) noexcept {
    auto input = leadbridge::engine::decode_input(view(message, length));
    if (!input) return 0;
    invocation->engine.feed(input.value().input, input.value().now);
    return 1;
}

extern "C" __attribute__((used)) Borrowed lb_next(Invocation* invocation) noexcept {
    const auto effect = invocation->engine.next();
    if (!effect) return nullptr;
    invocation->message = leadbridge::engine::encode(*effect);
    return invocation->message.data();
}

extern "C" __attribute__((used)) void lb_close(Invocation* invocation) noexcept { delete invocation; }
