#pragma once
// What to do about a failed call, the same for every task that calls a platform: wait, try again, park the
// source, correct the clock, or give up.
#include <cstdint>
#include <string>

#include "jobs/task.h"
#include "wire/call.h"

namespace leadbridge::jobs {

struct RetryLimits {
    std::int64_t retries = 2;      // after the first try of one page
    std::int64_t max_wait_s = 10;  // a longer ban parks the source
};

enum class NextStep {
    wait_and_repeat,  // the same call after `pause`
    repeat_now,       // the same call at once: the clock is corrected
    park,             // no calls until `parked_until`
    stop_by_budget,   // the deadline cut a call short after pages that went well
    give_up,
};

struct Decision {
    NextStep step = NextStep::give_up;
    base::Millis pause = 0;
    base::Millis parked_until = 0;
};

class Retry {
  public:
    explicit Retry(RetryLimits limits) : limits_(limits) {}

    // `got_pages`: some page of this run came well.
    Decision after(Context& context, const wire::CallFailure& failure, bool got_pages);
    void succeeded() { tries_ = 0; }

    // The platform's clock as far as it is known.
    [[nodiscard]] base::Millis platform_now(const Context& context) const {
        return context.now() + clock_offset_;
    }
    // After repeat_now: what the operator should know.
    [[nodiscard]] std::string clock_warning() const;

  private:
    RetryLimits limits_;
    std::int64_t tries_ = 0;
    std::int64_t waits_ = 0;
    base::Millis clock_offset_ = 0;  // platform clock minus ours, known once it has refused our timestamp
    bool clock_fixed_ = false;
};

}  // namespace leadbridge::jobs
