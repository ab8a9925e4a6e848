#pragma once
// The one door of the core. A host opens an engine for one invocation, feeds `Start`, and performs effects:
//
//   engine.feed(input, now);
//   while (auto effect = engine.next()) perform(*effect);
//
// until it has seen `Done`. One engine serves one invocation; nothing is shared between engines.
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/time.h"
#include "effect/effect.h"

namespace leadbridge::engine {

class Engine {
  public:
    // Configuration JSON with secrets resolved (docs/abi.md). A bad configuration is reported by Done,
    // exit 1.
    explicit Engine(std::string_view config_json);
    ~Engine();
    Engine(Engine&&) noexcept;
    Engine& operator=(Engine&&) noexcept;

    void feed(const effect::Input& input, base::Millis now);
    std::optional<effect::Effect> next();
    // Runs `work`; what it throws ends this invocation as a failure with a reason (Done).
    void guarded(const std::function<void()>& work);

  private:
    class State;
    std::unique_ptr<State> state_;
};

}  // namespace leadbridge::engine
