#pragma once
// What every job's state machine has: a way to ask (emit), the clock of the present input, the budget, randomness.
#include <cstdint>
#include <optional>
#include <string>

#include "base/time.h"
#include "codec/json.h"
#include "crypto/digest.h"
#include "effect/effect.h"
#include "lead/mask.h"

namespace leadbridge::jobs {

// Shared by all sources of one invocation.
struct Budget {
    std::int64_t requests = 40;            // left
    base::Millis deadline = 0;             // UTC
    bool cpu_warned = false;               // the host says that CPU time runs out
    std::int64_t decryptions = INT64_MAX;  // of phones, left

    [[nodiscard]] bool spent(base::Millis now) const {
        return cpu_warned || requests <= 0 || now >= deadline;
    }
};

class Context {
  public:
    virtual ~Context() = default;
    // Queues an effect for the host; its answer comes back to the task that emitted it.
    virtual effect::Id emit(effect::What what) = 0;
    [[nodiscard]] virtual base::Millis now() const = 0;
    virtual Budget& budget() = 0;
    virtual crypto::RandomStream& random() = 0;

    // Nothing personal reaches a log, whoever wrote the message's parts.
    void log(std::string level, std::string code, const std::string& message) {
        emit(effect::Log{std::move(level), std::move(code), lead::redact(message)});
    }
};

class Task {
  public:
    virtual ~Task() = default;
    virtual void begin(Context& context) = 0;
    virtual void resume(Context& context, const effect::Input& input) = 0;
    [[nodiscard]] virtual bool finished() const = 0;
};

// What came of work that never waits: it is a function, not a job.
struct Outcome {
    int exit = 0;         // as exit_status() below
    std::string summary;  // JSON object text
    std::optional<effect::Respond> response;
};

// A task that is a whole invocation: what it did, for people and programs.
class Job : public Task {
  public:
    [[nodiscard]] virtual codec::Json summary() const = 0;
    // 0 done, 1 usage or configuration, 2 something failed, 3 stopped by the budget with work left.
    [[nodiscard]] virtual int exit_status() const = 0;
    // Of exit 3: must the same event come again, because nobody else takes up what is left?
    [[nodiscard]] virtual bool must_come_again() const { return true; }
};

}  // namespace leadbridge::jobs
