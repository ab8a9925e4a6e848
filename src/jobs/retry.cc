#include "jobs/retry.h"

#include <algorithm>
#include <cstdlib>

namespace leadbridge::jobs {
namespace {

constexpr std::int64_t kMostWaits = 10;  // throttling answers borne in one run

}  // namespace

Decision Retry::after(Context& context, const wire::CallFailure& failure, bool got_pages) {
    const base::Millis left = context.budget().deadline - context.now();
    switch (failure.remedy) {
        case wire::Remedy::wait:
            if (failure.wait_ms <= limits_.max_wait_s * base::kSecond && failure.wait_ms < left &&
                ++waits_ <= kMostWaits) {
                return {NextStep::wait_and_repeat, failure.wait_ms + context.random().below(250)};
            }
            return {NextStep::park, 0, context.now() + failure.wait_ms};
        case wire::Remedy::retry: {
            const base::Millis pause =
                (base::Millis{500} << std::min<std::int64_t>(tries_, 6)) + context.random().below(250);
            if (tries_ < limits_.retries && pause < left) {
                ++tries_;
                return {NextStep::wait_and_repeat, pause};
            }
            // The deadline cut a request short after pages that went well: no failure of the platform.
            if (tries_ == 0 && got_pages && pause >= left) return {NextStep::stop_by_budget};
            break;
        }
        case wire::Remedy::fix_clock:
            if (!clock_fixed_ && failure.platform_clock) {
                clock_fixed_ = true;
                clock_offset_ = *failure.platform_clock - context.now();
                return {NextStep::repeat_now};
            }
            break;
        case wire::Remedy::reauthorise:
        case wire::Remedy::stop:
            break;
    }
    return {};
}

std::string Retry::clock_warning() const {
    return "this host's clock is " + std::to_string(std::abs(clock_offset_) / base::kSecond) + " seconds " +
           (clock_offset_ > 0 ? "behind" : "ahead of") +
           " the platform's: correct it (NTP); until then every run costs one refused call";
}

}  // namespace leadbridge::jobs
