#pragma once
// What became of the rows given to a backflow (`leadbridge backflow NAME status`).
#include <map>
#include <string>

#include "jobs/task.h"

namespace leadbridge::jobs {

class BackflowStatusJob final : public Job {
  public:
    enum class Kind { sent_rows, loaded_rows };
    BackflowStatusJob(std::string name, Kind kind, bool respond = false)
        : name_(std::move(name)), kind_(kind), respond_(respond) {}

    void begin(Context& context) override;
    void resume(Context& context, const effect::Input& input) override;
    [[nodiscard]] bool finished() const override { return finished_; }
    [[nodiscard]] codec::Json summary() const override;
    [[nodiscard]] int exit_status() const override { return exit_; }

  private:
    void scan(Context& context, effect::Query query, const std::string& page);
    void finish(Context& context);
    void take_row(const effect::StoredRow& row);
    void take_queue(const effect::QueueCount& queue);
    void take_set(const effect::SetCount& set);

    std::string name_;
    Kind kind_;
    bool respond_;  // somebody asked over HTTP
    effect::Query scanning_;
    bool finished_ = false;
    bool complete_ = true;
    int exit_ = 0;
    std::string error_;
    std::map<std::string, std::int64_t> states_;
    std::multimap<base::Millis, codec::Json> problems_;  // the newest kMostProblems
    std::int64_t waiting_ = 0, dead_ = 0;
    codec::Json next_at_;
    codec::Json sets_ = codec::Json::array();
};

}  // namespace leadbridge::jobs
