#pragma once
// A request that needs no work: it is answered, and that was it.
#include <string>

#include "jobs/backflow/row_intake.h"

namespace leadbridge::jobs {

class AnswerJob final : public Job {
  public:
    // Without a code there is nothing wrong, and nothing to say.
    AnswerJob(int status, std::string code, std::string message, effect::Headers headers = {})
        : status_(status),
          code_(std::move(code)),
          message_(std::move(message)),
          headers_(std::move(headers)) {}

    void begin(Context& context) override {
        if (code_.empty()) {
            context.emit(effect::Respond{status_, std::move(headers_), ""});
        } else {
            const auto body = codec::object({{"error", code_}, {"message", message_}});
            respond_json(context, status_, body, std::move(headers_));
        }
        finished_ = true;
    }
    void resume(Context&, const effect::Input&) override {}
    [[nodiscard]] bool finished() const override { return finished_; }
    [[nodiscard]] codec::Json summary() const override {
        return codec::object({{"job", "answer"},
                              {"outcome", code_.empty() ? "answered" : "refused"},
                              {"status", status_},
                              {"code", code_},
                              {"reason", message_}});
    }
    [[nodiscard]] int exit_status() const override { return 0; }

  private:
    int status_;
    std::string code_, message_;
    effect::Headers headers_;
    bool finished_ = false;
};

}  // namespace leadbridge::jobs
