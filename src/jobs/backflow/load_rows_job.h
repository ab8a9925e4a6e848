#pragma once
// Stores rows of a file for a platform that asks for them (`leadbridge backflow etc load FILE`).
#include <string>

#include "jobs/backflow/row_intake.h"

namespace leadbridge::jobs {

struct LoadRows {
    std::string name;  // key in the configuration
    std::int64_t data_type = 4;
    platforms::RowCheck check = nullptr;
    std::string format = "auto";
    bool respond = false;  // an HTTP caller waits for the result
};

class LoadRowsJob final : public Job {
  public:
    LoadRowsJob(LoadRows load, std::string body) : load_(std::move(load)), body_(std::move(body)) {}

    void begin(Context& context) override;
    void resume(Context& context, const effect::Input& input) override;
    [[nodiscard]] bool finished() const override { return finished_; }
    [[nodiscard]] codec::Json summary() const override;
    [[nodiscard]] int exit_status() const override { return exit_; }

  private:
    void commit_some(Context& context);
    void finish(Context& context, int exit, int status, base::Error error = {});

    LoadRows load_;
    std::string body_;
    RowIntake intake_;
    bool finished_ = false;
    int exit_ = 0;
    base::Error error_;
    std::int64_t inserted_ = 0, updated_ = 0, unchanged_ = 0;
};

}  // namespace leadbridge::jobs
