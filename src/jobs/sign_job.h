#pragma once
// `sign` and `verify`: the signature base string and, on a mismatch, the likely causes. No effects: begin()
// is all.
#include <utility>

#include "jobs/task.h"
#include "wire/spi.h"
#include "wire/top_diagnose.h"

namespace leadbridge::jobs {

class SignJob final : public Job {
  public:
    struct Request {
        bool verify = false;
        std::string sign_method;
        crypto::Secret secret;
        wire::Params params;  // `sign` included or not; it never takes part
        std::optional<std::string> body;
        std::string given_sign;
    };
    explicit SignJob(Request request) : request_(std::move(request)) {}

    void begin(Context& context) override;
    void resume(Context&, const effect::Input&) override {}
    [[nodiscard]] bool finished() const override { return true; }
    [[nodiscard]] codec::Json summary() const override { return summary_; }
    [[nodiscard]] int exit_status() const override { return exit_; }

  private:
    Request request_;
    codec::Json summary_;
    int exit_ = 0;
};

// `verify` of a recorded platform call: the verdict of wire/spi, and why.
class VerifySpiJob final : public Job {
  public:
    struct Request {
        std::string query;
        effect::Headers headers;
        std::string body;
        wire::TopApp app;
    };
    explicit VerifySpiJob(Request request) : request_(std::move(request)) {}

    void begin(Context& context) override;
    void resume(Context&, const effect::Input&) override {}
    [[nodiscard]] bool finished() const override { return true; }
    [[nodiscard]] codec::Json summary() const override { return summary_; }
    [[nodiscard]] int exit_status() const override { return exit_; }

  private:
    Request request_;
    codec::Json summary_;
    int exit_ = 0;
};

}  // namespace leadbridge::jobs
