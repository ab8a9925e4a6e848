#pragma once
// What a newest-first walk has covered: every lead that existed inside an interval when it was read is
// stored. Ids are the platform's, 0 <= id <= 2^63-1; 0 stands for "from the very beginning".
#include <cstdint>
#include <optional>
#include <vector>

namespace leadbridge::jobs {

// lo <= settled <= hi. Ids in (settled, hi] were read while they were the newest; some that belong between
// them may still become visible, so the next walk goes down to `settled` again (the overlap).
struct Interval {
    std::int64_t lo = 0;
    std::int64_t settled = 0;
    std::int64_t hi = 0;
    bool operator==(const Interval&) const = default;
};

struct Gap {
    std::int64_t after = 0;  // ids in (after, before) are unknown; after 0 = down to the beginning
    std::int64_t before = 0;
};

class Intervals {
  public:
    // Joins every interval that [added.lo, added.settled] touches. Touching means sharing an id: neighbours
    // stay apart, since nobody has said that no id lies between them.
    void add(Interval added);

    [[nodiscard]] bool empty() const noexcept { return list_.empty(); }
    [[nodiscard]] const std::vector<Interval>& newest_first() const noexcept { return list_; }
    [[nodiscard]] std::vector<Gap> gaps() const;
    [[nodiscard]] bool complete() const { return list_.size() == 1 && list_.front().lo == 0; }
    [[nodiscard]] bool contains(std::int64_t id) const;  // within a settled part

  private:
    std::vector<Interval> list_;  // descending, disjoint in [lo, settled]
};

}  // namespace leadbridge::jobs
