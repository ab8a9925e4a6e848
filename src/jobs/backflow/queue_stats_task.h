#pragma once
// Puts the rows of a file into the outbox of a statistics target, each once.
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "jobs/backflow/row_intake.h"
#include "jobs/backflow/stats_state.h"
#include "platforms/stats_target.h"

namespace leadbridge::jobs {

class QueueStatsTask final : public Task {
  public:
    QueueStatsTask(std::string name, std::shared_ptr<const platforms::StatsTarget> target, std::int64_t type,
                   std::string format, std::string body)
        : name_(std::move(name)),
          target_(std::move(target)),
          type_(type),
          format_(std::move(format)),
          body_(std::move(body)) {}

    void begin(Context& context) override;
    void resume(Context& context, const effect::Input& input) override;
    [[nodiscard]] bool finished() const override { return step_ == Step::finished; }

    [[nodiscard]] int exit_status() const { return exit_; }
    [[nodiscard]] int http_status() const { return http_status_; }
    [[nodiscard]] const base::Error& error() const { return error_; }  // code empty = none
    [[nodiscard]] const RowIntake& intake() const { return intake_; }
    [[nodiscard]] std::int64_t enqueued() const { return enqueued_; }
    [[nodiscard]] std::int64_t already_sent() const { return already_sent_; }
    [[nodiscard]] std::int64_t already_waiting() const { return already_waiting_; }

  private:
    enum class Step { idle, loading_newest, loading_marks, committing, finished };
    struct Item {
        std::string key, text, id;
    };

    void read_some(Context& context);
    void load_marks(Context& context);
    void on_marks(Context& context, const effect::StoreResult& result);
    void on_committed(Context& context, const effect::StoreResult& result);
    std::string entry_to_add(const Item& item, base::Millis now);
    void finish(int exit, int http_status, base::Error error = {});

    std::string name_;
    std::shared_ptr<const platforms::StatsTarget> target_;
    std::int64_t type_;
    std::string format_, body_;

    Step step_ = Step::idle;
    RowIntake intake_;
    NewestStats newest_;
    std::int64_t version_ = 0;  // of its checkpoint
    bool newest_changed_ = false;
    std::vector<Item> batch_;
    std::set<std::string> marks_;  // of the batch, that exist
    std::int64_t tries_ = 0;       // of the present batch, after a conflict

    struct Counts {
        std::int64_t enqueued = 0, already_sent = 0, already_waiting = 0;
    };
    Counts of_batch_;
    std::int64_t enqueued_ = 0, already_sent_ = 0, already_waiting_ = 0;
    int exit_ = 0, http_status_ = 202;
    base::Error error_;
};

}  // namespace leadbridge::jobs
