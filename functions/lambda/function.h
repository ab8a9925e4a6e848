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
    explicit Function(const native::ConfigFile& config);
    Reply handle(const Invocation& invocation);

  private:
    struct Run {
        int exit = 0;
        Json summary;
        bool ended_itself = false;  // the core came to its end, so what it says is stored
        std::optional<effect::Respond> response;
    };

    Run run(const Invocation& invocation, const Work& work, base::Millis most = 0);
    Run drive_one(const Invocation& invocation, const Work& work, base::Millis limit);
    Reply on_schedule(const Invocation& invocation, const Work& pull);
    Reply on_http(const Invocation& invocation, const Order& order);
    Reply on_queue(const Invocation& invocation, const Order& order);
    Reply on_direct(const Invocation& invocation, const Work& work);
    [[nodiscard]] std::string config_within(base::Millis limit) const;
    void purge(const Invocation& invocation);

    Json config_;  // resolved: holds secrets
    base::Millis budget_ms_;
    std::vector<std::string> stats_;  // entries of `backflow` that may have rows waiting
    native::StoreHolder store_;
    native::HttpClient http_;  // connections outlive an invocation
};

// The loop for AWS_LAMBDA_RUNTIME_API; returns when it cannot go on.
int run_lambda(const std::string& api_address);

}  // namespace leadbridge::lambda
