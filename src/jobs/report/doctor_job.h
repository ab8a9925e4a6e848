#pragma once
// Checks what can be checked without calling a platform: keys, protection at rest, the store, the last runs.
#include <memory>
#include <string>
#include <vector>

#include "jobs/pull/checkpoint.h"
#include "jobs/task.h"
#include "lead/lead.h"

namespace leadbridge::jobs {

class DoctorJob final : public Job {
  public:
    DoctorJob(std::vector<std::string> sources, std::shared_ptr<const lead::Vault> vault)
        : sources_(std::move(sources)), vault_(std::move(vault)) {}

    void begin(Context& context) override;
    void resume(Context& context, const effect::Input& input) override;
    [[nodiscard]] bool finished() const override { return finished_; }
    [[nodiscard]] codec::Json summary() const override { return {{"job", "doctor"}, {"checks", checks_}}; }
    [[nodiscard]] int exit_status() const override { return exit_; }

  private:
    enum class Verdict { good, advice, bad };
    void check(const std::string& name, Verdict verdict, const std::string& detail, const std::string& fix);

    std::vector<std::string> sources_;
    std::shared_ptr<const lead::Vault> vault_;
    bool finished_ = false;
    codec::Json checks_ = codec::Json::array();
    int exit_ = 0;
};

}  // namespace leadbridge::jobs
