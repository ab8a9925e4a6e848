#include "jobs/pull/intervals.h"

#include <algorithm>

namespace leadbridge::jobs {

void Intervals::add(Interval added) {
    std::vector<Interval> kept;
    for (const auto& interval : list_) {
        const bool touches = interval.lo <= added.settled && added.lo <= interval.settled;
        if (!touches) {
            kept.push_back(interval);
            continue;
        }
        added.lo = std::min(added.lo, interval.lo);
        added.settled = std::max(added.settled, interval.settled);
        added.hi = std::max(added.hi, interval.hi);
    }
    kept.push_back(added);
    std::sort(kept.begin(), kept.end(), [](const Interval& a, const Interval& b) { return a.lo > b.lo; });
    list_ = std::move(kept);
}

std::vector<Gap> Intervals::gaps() const {
    std::vector<Gap> found;
    for (std::size_t i = 0; i < list_.size(); ++i) {
        const std::int64_t below = i + 1 < list_.size() ? list_[i + 1].hi : 0;
        if (list_[i].lo > below) found.push_back({below, list_[i].lo});
    }
    return found;
}

bool Intervals::contains(std::int64_t id) const {
    return std::any_of(list_.begin(), list_.end(),
                       [&](const Interval& i) { return i.lo <= id && id <= i.settled; });
}

}  // namespace leadbridge::jobs
