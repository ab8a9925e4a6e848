#pragma once
// Tries the phones that were unreadable when they came again with the present key, page by page.
#include <string>

#include "jobs/guard/phone_opener.h"

namespace leadbridge::jobs {

class NormaliseJob final : public Job {
  public:
    explicit NormaliseJob(PhoneOpener opener) : opener_(std::move(opener)) {}

    void begin(Context& context) override;
    void resume(Context& context, const effect::Input& input) override;
    [[nodiscard]] bool finished() const override { return finished_; }
    [[nodiscard]] codec::Json summary() const override;
    [[nodiscard]] int exit_status() const override { return exit_; }

  private:
    void scan(Context& context);

    PhoneOpener opener_;
    std::string page_;
    bool committing_ = false;
    bool finished_ = false;
    int exit_ = 0;
    std::string error_;
    std::int64_t examined_ = 0, readable_ = 0;
};

}  // namespace leadbridge::jobs
