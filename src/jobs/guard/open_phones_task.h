#pragma once
// Opens phones that earlier runs stored unread because the budget's decryptions were spent: of each source a
// sweep over its unread leads, newest first, as far as this run's decryptions and time reach.
#include <string>
#include <vector>

#include "jobs/guard/phone_opener.h"
#include "jobs/pull/checkpoint.h"

namespace leadbridge::jobs {

class OpenPhonesTask final : public Task {
  public:
    explicit OpenPhonesTask(PhoneOpener opener) : opener_(std::move(opener)) {}
    // Sources whose notes say that phones were put off.
    void of(std::vector<std::string> names) { names_ = std::move(names); }

    void begin(Context& context) override;
    void resume(Context& context, const effect::Input& input) override;
    [[nodiscard]] bool finished() const override { return step_ == Step::finished; }

    [[nodiscard]] std::int64_t examined() const { return examined_; }
    [[nodiscard]] std::int64_t opened() const { return opened_; }
    [[nodiscard]] std::int64_t left() const { return left_; }  // put off, of the sources that were looked at
    [[nodiscard]] const base::Error& problem() const { return problem_; }  // code empty = none

  private:
    enum class Step { idle, loading, scanning, committing, finished };

    void next_source(Context& context);
    void scan(Context& context);
    void on_loaded(Context& context, const effect::StoreResult& result);
    void on_scanned(Context& context, const effect::StoreResult& result);
    void on_committed(Context& context, const effect::StoreResult& result);

    PhoneOpener opener_;
    std::vector<std::string> names_;  // the last one is next
    Step step_ = Step::idle;
    std::string name_;
    IdWalkState state_;
    std::int64_t version_ = 0;
    int scans_ = 0;
    std::int64_t examined_ = 0, opened_ = 0, left_ = 0;
    base::Error problem_;
};

}  // namespace leadbridge::jobs
