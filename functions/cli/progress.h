#pragma once
#include <chrono>
#include <cstdint>

namespace leadbridge::native {

// One line on standard error while a person watches; nothing when it is not a terminal.
class Progress {
  public:
    explicit Progress(bool wanted);
    ~Progress() { clear(); }
    Progress(const Progress&) = delete;
    Progress& operator=(const Progress&) = delete;

    void request();
    void commit(std::int64_t inserted, std::int64_t updated, std::int64_t unchanged);
    void clear();  // before anything else is printed

  private:
    void draw();

    bool enabled_ = false;
    bool drawn_ = false;
    std::int64_t requests_ = 0;
    std::int64_t pages_ = 0;
    std::int64_t inserted_ = 0;
    std::int64_t updated_ = 0;
    std::chrono::steady_clock::time_point started_, last_;
};

}  // namespace leadbridge::native
