#pragma once
// Pulls the sources side by side; each is a task of its own and fails alone.
#include <map>
#include <memory>
#include <vector>

#include "jobs/pull/pull_task.h"

namespace leadbridge::jobs {

class PullJob final : public Job {
  public:
    explicit PullJob(std::vector<std::unique_ptr<PullTask>> sources) : sources_(std::move(sources)) {}

    void begin(Context& context) override;
    void resume(Context& context, const effect::Input& input) override;
    [[nodiscard]] bool finished() const override;
    [[nodiscard]] codec::Json summary() const override;
    [[nodiscard]] int exit_status() const override;

  private:
    std::vector<std::unique_ptr<PullTask>> sources_;
    std::map<effect::Id, std::size_t> owners_;  // of the effects that are on their way
};

}  // namespace leadbridge::jobs
