#pragma once
// The loop of docs/abi.md for native hosts: feed one input with `now`, perform the effects until the engine
// is idle, feed the next. Requests run side by side, waits are timers, store operations happen at once and in order.
#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "base/time.h"
#include "effect/effect.h"
#include "engine/engine.h"
#include "functions/native/http_curl.h"
#include "functions/native/store/store.h"

namespace leadbridge::native {

// Called around the N-th effect (counted from 1 in the order the engine asked; `log` is not counted). `after`
// is called when it has been performed and before the engine hears of it. The crash tests end the process here.
struct DriveHooks {
    std::function<void(std::size_t number, std::string_view kind)> before;
    std::function<void(std::size_t number, std::string_view kind)> after;
};

struct DriveOptions {
    std::string event;  // JSON object text
    std::string body;   // raw bytes that came with it
    // An invocation longer than this is ended (a guard: the core keeps its own, smaller budget). 0 = none.
    base::Millis limit_ms = 0;
    // Read between effects. Not zero: the core is told to wind up, and after `grace_ms` the loop ends anyway.
    std::function<bool()> stop_requested;
    base::Millis grace_ms = 3000;
    bool skip_waits =
        false;  // tests: a wait moves the clock of this invocation forward instead of taking time
    base::Millis ahead_ms = 0;  // tests: the clock of this invocation starts that much later

    std::function<void(const effect::Log&)> on_log;
    std::function<void(const effect::What&, const effect::StoreResult&)> on_store;
    std::function<void(const effect::HttpResult&)> on_http;
    DriveHooks hooks;
};

struct DriveOutcome {
    int exit = 0;         // as effect::Done
    std::string summary;  // JSON object text; empty when the loop ended without Done
    effect::Log log;      // what a log may keep of the summary
    std::optional<effect::Respond> response;
    std::optional<base::Error> error;  // why there is no summary: interrupted, host_deadline, stalled, ...
    std::size_t effects = 0;
};

// The store is opened when the first store effect needs it, so a bad configuration creates no file.
using StoreOpener = std::function<base::Result<Store*>()>;

DriveOutcome drive(engine::Engine& engine, HttpClient& http, const StoreOpener& open_store,
                   const DriveOptions& options);

base::Millis wall_clock();                 // UTC milliseconds
base::Result<std::string> fresh_random();  // 32 bytes of the kernel's

}  // namespace leadbridge::native
