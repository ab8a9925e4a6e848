#pragma once
// One push of a platform: verify, parse, normalise, commit, answer. Nothing is acknowledged that is not
// stored; a duplicate, a replay or an older version is acknowledged and changes nothing.
#include <memory>
#include <string>

#include "jobs/records.h"
#include "jobs/task.h"
#include "platforms/endpoint.h"

namespace leadbridge::jobs {

struct ReceiveSettings {
    std::string path;  // of the endpoint, for the log
    LeadRecordRules leads;
    std::int64_t raw_days = 30;  // how long bytes are kept that hold more than their leads; 0 = not at all
};

class ReceiveJob final : public Job {
  public:
    ReceiveJob(ReceiveSettings settings, std::shared_ptr<const platforms::PushEndpoint> endpoint,
               std::shared_ptr<const lead::Vault> vault, platforms::Incoming incoming)
        : settings_(std::move(settings)),
          endpoint_(std::move(endpoint)),
          vault_(std::move(vault)),
          incoming_(std::move(incoming)) {}

    void begin(Context& context) override;
    void resume(Context& context, const effect::Input& input) override;
    [[nodiscard]] bool finished() const override { return finished_; }
    [[nodiscard]] codec::Json summary() const override;
    [[nodiscard]] int exit_status() const override { return outcome_ == "failed" ? 2 : 0; }

  private:
    effect::RawBody raw_record(Context& context) const;
    void refuse(Context& context);
    void commit(Context& context, effect::Records records);
    void note_drift(Context& context);
    void end(Context& context, const platforms::Reply& reply, std::string outcome);

    ReceiveSettings settings_;
    std::shared_ptr<const platforms::PushEndpoint> endpoint_;
    std::shared_ptr<const lead::Vault> vault_;
    platforms::Incoming incoming_;
    platforms::Delivery delivery_;
    std::optional<platforms::Refusal> refusal_;

    bool finished_ = false;
    bool noting_drift_ = false;
    std::string outcome_;  // stored | unchanged | replay | refused | failed
    std::string code_, reason_;
    std::int64_t inserted_ = 0, updated_ = 0, unchanged_ = 0;
};

}  // namespace leadbridge::jobs
