#pragma once
// A request that needs no work: it is answered, and that was it.
#include <string>

#include "jobs/task.h"

namespace leadbridge::jobs {

class AnswerJob final : public Job {
  public:
    AnswerJob(int status, std::string code, std::string message)
        : status_(status), code_(std::move(code)), message_(std::move(message)) {}

    void begin(Context& context) override {
        context.emit(effect::Respond{
            status_,
            {{"content-type", "application/json;charset=UTF-8"}},
            codec::dump_json(codec::object({{"error", code_}, {"message", message_}})) + "\n"});
        finished_ = true;
    }
    void resume(Context&, const effect::Input&) override {}
    [[nodiscard]] bool finished() const override { return finished_; }
    [[nodiscard]] codec::Json summary() const override {
        return codec::object({{"job", "answer"},
                              {"outcome", "refused"},
                              {"status", status_},
                              {"code", code_},
                              {"reason", message_}});
    }
    [[nodiscard]] int exit_status() const override { return 0; }

  private:
    int status_;
    std::string code_, message_;
    bool finished_ = false;
};

}  // namespace leadbridge::jobs
