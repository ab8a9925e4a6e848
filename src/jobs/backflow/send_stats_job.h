#pragma once
// Reports statistics (`leadbridge backflow stats send FILE`): rows of a file into the outbox, then out of it.
#include <memory>
#include <optional>
#include <string>

#include "jobs/backflow/flush_stats_task.h"
#include "jobs/backflow/queue_stats_task.h"

namespace leadbridge::jobs {

struct SendStats {
    std::string name;  // key in the configuration
    std::shared_ptr<const platforms::StatsTarget> target;
    std::int64_t type = 0;  // of the rows in the file
    std::string format = "auto";
    bool respond = false;  // an HTTP caller waits: the rows are only queued, another event sends them
};

class SendStatsJob final : public Job {
  public:
    // Without a body only what waits is sent.
    SendStatsJob(SendStats send, std::optional<std::string> body);

    void begin(Context& context) override;
    void resume(Context& context, const effect::Input& input) override;
    [[nodiscard]] bool finished() const override { return finished_; }
    [[nodiscard]] codec::Json summary() const override;
    [[nodiscard]] int exit_status() const override;
    // Rows that wait in the outbox have been taken: the next tick sends them.
    [[nodiscard]] bool must_come_again() const override { return !queue_ || queue_->exit_status() == 3; }

  private:
    void go_on(Context& context);

    SendStats send_;
    RowIntake notes_;  // of the flush alone
    std::optional<QueueStatsTask> queue_;
    std::optional<FlushStatsTask> flush_;
    bool finished_ = false;
};

}  // namespace leadbridge::jobs
