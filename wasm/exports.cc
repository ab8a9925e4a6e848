// The module's door (docs/abi.md; the names are in exports.txt). Nothing throws across it: what the core did not
// catch becomes a failed invocation. A handle is one invocation.
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <string>
#include <string_view>

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

extern "C" __attribute__((used)) Invocation* lb_open(const char* config, std::uint32_t length) noexcept {
    return new Invocation(view(config, length));
}

// 1 = taken, 0 = the message is malformed (a fault of the host).
extern "C" __attribute__((used)) std::uint32_t lb_feed(Invocation* invocation, const char* message,
                                                       std::uint32_t length) noexcept {
    std::uint32_t taken = 1;
    invocation->engine.guarded([&] {
        const auto input = leadbridge::engine::decode_input(view(message, length));
        taken = input ? 1 : 0;
        if (input) invocation->engine.feed(input.value().input, input.value().now);
    });
    return taken;
}

extern "C" __attribute__((used)) Borrowed lb_next(Invocation* invocation) noexcept {
    std::string& message = invocation->message;
    message.clear();
    // The second time it is the end of an invocation whose effect could not be written.
    for (int time = 0; time < 2; ++time) {
        bool idle = false;
        invocation->engine.guarded([&] {
            const auto effect = invocation->engine.next();
            idle = !effect;
            message = effect ? leadbridge::engine::encode(*effect) : "";
        });
        if (idle) return nullptr;
        if (!message.empty()) return message.data();
    }
    std::abort();
}

extern "C" __attribute__((used)) void lb_close(Invocation* invocation) noexcept { delete invocation; }
