#pragma once
// One query of a platform for rows of ours: verify, scan, answer.
#include <memory>
#include <string>

#include "jobs/task.h"
#include "platforms/endpoint.h"

namespace leadbridge::jobs {

class ServeJob final : public Job {
  public:
    ServeJob(std::string path, std::shared_ptr<const platforms::QueryEndpoint> endpoint,
             platforms::Incoming incoming)
        : path_(std::move(path)), endpoint_(std::move(endpoint)), incoming_(std::move(incoming)) {}

    void begin(Context& context) override;
    void resume(Context& context, const effect::Input& input) override;
    [[nodiscard]] bool finished() const override { return finished_; }
    [[nodiscard]] codec::Json summary() const override;
    [[nodiscard]] int exit_status() const override { return outcome_ == "failed" ? 2 : 0; }

  private:
    void scan(Context& context, const std::string& page);
    void end(Context& context, const platforms::Reply& reply, std::string outcome);

    std::string path_;
    std::shared_ptr<const platforms::QueryEndpoint> endpoint_;
    platforms::Incoming incoming_;
    platforms::RowQuery wanted_;
    std::vector<std::string> rows_;
    std::int64_t matched_ = 0;  // with a condition: rows that met it, those before the page included
    int scans_ = 0;
    bool finished_ = false;
    std::string outcome_;  // served | refused | failed
    std::string code_, reason_;
};

}  // namespace leadbridge::jobs
