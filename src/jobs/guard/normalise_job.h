#pragma once
// Tries the phones that were unreadable when they came again with the present key, page by page.
#include <set>

#include "jobs/task.h"
#include "lead/lead.h"
#include "platforms/pull_source.h"

namespace leadbridge::jobs {

class NormaliseJob final : public Job {
  public:
    using Sources = std::map<std::string, std::shared_ptr<const platforms::IdPagedSource>>;
    NormaliseJob(Sources sources, std::shared_ptr<const lead::Vault> vault, std::int64_t lead_days)
        : sources_(std::move(sources)), vault_(std::move(vault)), lead_days_(lead_days) {}

    void begin(Context& context) override;
    void resume(Context& context, const effect::Input& input) override;
    [[nodiscard]] bool finished() const override { return finished_; }
    [[nodiscard]] codec::Json summary() const override;
    [[nodiscard]] int exit_status() const override { return exit_; }

  private:
    void scan(Context& context);
    codec::Json try_again(Context& context, const std::string& item);

    Sources sources_;
    std::shared_ptr<const lead::Vault> vault_;
    std::int64_t lead_days_;
    std::string page_;
    bool committing_ = false;
    bool finished_ = false;
    int exit_ = 0;
    std::string error_;
    std::int64_t examined_ = 0, readable_ = 0;
};

}  // namespace leadbridge::jobs
