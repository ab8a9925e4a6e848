#pragma once
// One cold start of leadbridge on Lambda: configuration and store, and what each invocation does with them.
#include <string>
#include <vector>

#include "base/result.h"
#include "functions/lambda/events.h"
#include "functions/lambda/runtime.h"
#include "functions/native/config_file.h"
#include "functions/native/http_curl.h"
#include "functions/native/store/open.h"

namespace leadbridge::lambda {

// LEADBRIDGE_CONFIG (JSON text), else the file LEADBRIDGE_CONFIG_FILE, else leadbridge.json beside the program.
base::Result<native::ConfigFile> read_configuration();

class Function {
  public:
    explicit Function(const native::ConfigFile& config);  // a valid one
    Reply handle(const Invocation& invocation);

  private:
    struct Run {
        int exit = 0;
        Json summary;
        effect::Log log;  // the summary as a log keeps it
        std::optional<effect::Respond> response;
        // Nothing of what came with the event is left to be taken: it need not come again.
        [[nodiscard]] bool all_taken() const {
            return exit == 0 || (exit == 3 && codec::member_bool(summary, "come_again") == false);
        }
    };

    Run run(const Invocation& invocation, const Work& work, base::Millis most = 0);
    Run drive_one(const Invocation& invocation, const Work& work, base::Millis limit);
    Reply on_schedule(const Invocation& invocation, const Work& tick);
    Reply on_http(const Invocation& invocation, const Order& order);
    Reply on_queue(const Invocation& invocation, const Order& order);
    Reply on_direct(const Invocation& invocation, const Work& work);
    [[nodiscard]] std::string config_within(base::Millis limit) const;

    std::string config_;  // resolved: holds secrets
    base::Millis budget_ms_;
    std::vector<engine::Door> doors_;
    native::StoreHolder store_;
    native::HttpClient http_;  // connections outlive an invocation
};

// The loop for AWS_LAMBDA_RUNTIME_API; returns when it cannot go on.
int run_lambda(const std::string& api_address);

}  // namespace leadbridge::lambda
