#pragma once
// Everything that is due, within one budget: sources are pulled, what waits is sent, phones that were put off
// are opened, what has expired is removed. `pull` is the same without sending.
//
// Each kind of waiting work gets its share: while statistics wait, a quarter of the requests and of the time
// is kept from pulling for them (at least one request; of a single one, in every fourth tick on the average),
// and they have what pulling leaves. Opening phones: jobs/pull/pull_job.h.
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "jobs/backflow/send_stats_job.h"
#include "jobs/guard/open_phones_task.h"
#include "jobs/pull/pull_job.h"

namespace leadbridge::jobs {

class TickJob final : public Job {
  public:
    // `targets`: whose rows are sent; nothing = this is a pull.
    TickJob(std::vector<std::unique_ptr<PullTask>> sources, std::optional<std::vector<SendStats>> targets,
            PhoneOpener opener)
        : whole_(targets.has_value()),
          targets_(std::move(targets).value_or(std::vector<SendStats>{})),
          pull_(std::move(sources)),
          open_(std::move(opener)) {}

    void begin(Context& context) override;
    void resume(Context& context, const effect::Input& input) override;
    [[nodiscard]] bool finished() const override { return part_ == Part::finished; }
    [[nodiscard]] codec::Json summary() const override;
    [[nodiscard]] int exit_status() const override;
    [[nodiscard]] bool must_come_again() const override { return sent_exit_ == 3 || pull_.must_come_again(); }

  private:
    enum class Part { looking, pulling, sending, opening, purging, finished };

    void go_on(Context& context);
    void start_pulling(Context& context);
    void send_next(Context& context);
    void on_queues(Context& context, const effect::StoreResult& result);
    void on_purged(Context& context, const effect::StoreResult& result);

    bool whole_;
    std::vector<SendStats> targets_;
    PullJob pull_;
    OpenPhonesTask open_;
    Part part_ = Part::looking;
    std::map<std::string, std::int64_t> waiting_;  // rows, by the target's name
    std::vector<std::size_t> due_;                 // of the targets; the last one is next
    std::unique_ptr<SendStatsJob> sender_;
    std::map<std::string, codec::Json> sent_;  // summaries, by the target's name
    int sent_exit_ = 0;
    std::int64_t held_requests_ = 0;  // for statistics, while sources are pulled
    base::Millis held_time_ = 0;
    std::int64_t purged_ = 0;
    base::Error problem_;  // of the store, between the parts
};

}  // namespace leadbridge::jobs
