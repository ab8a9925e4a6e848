#pragma once
// `sign` and `verify`: the signature base string piece by piece and, on a mismatch, the likely causes. No
// effects: begin() is all.
#include <utility>
#include <vector>

#include "jobs/task.h"
#include "wire/diagnose.h"
#include "wire/spi.h"

namespace leadbridge::jobs {

class SignJob final : public Job {
  public:
    struct Request {
        bool verify = false;
        std::string sign_method;  // as the event names it
        wire::SignedCall call;    // of spi only the secret: the rest is read from what follows
        std::string given_sign;
        std::vector<crypto::Secret> other_secrets;
        // spi: the call as it came; of a push of Tanma the body only.
        std::string query;
        effect::Headers headers;
        std::string body;
        wire::TopApp app;
        std::string corpid;
    };
    explicit SignJob(Request request) : request_(std::move(request)) {}

    void begin(Context& context) override;
    void resume(Context&, const effect::Input&) override {}
    [[nodiscard]] bool finished() const override { return true; }
    [[nodiscard]] codec::Json summary() const override { return summary_; }
    [[nodiscard]] int exit_status() const override { return exit_; }

  private:
    void read_spi();
    void verify(base::Millis now);
    void add_cause(const std::string& code, const std::string& detail);
    void open_push();

    Request request_;
    wire::SpiCheck check_;  // of spi
    codec::Json summary_;
    int exit_ = 0;
};

}  // namespace leadbridge::jobs
