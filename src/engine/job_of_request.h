#pragma once
// Which job an incoming HTTP request starts: the endpoints of the configuration, and the merchant's own doors
// below /v1/. Every request gets an answer.
#include <memory>
#include <string>

#include "engine/config.h"
#include "jobs/task.h"

namespace leadbridge::engine {

// `event`: {"kind":"request","method","path","query","headers"} (docs/events.md); `body`: raw bytes.
std::unique_ptr<jobs::Job> job_of_request(const codec::Json& event, std::string body, const Config& config);

// The job for rows that flow back, from an event or a request. Errors: bad_event.
struct BackflowOrder {
    std::string name;
    std::string action;  // load | send | status
    std::int64_t type = 0;
    std::int64_t data_type = -1;  // < 0: the configured one
    std::string format = "auto";  // auto | csv | ndjson
    bool respond = false;         // the answer goes to an HTTP caller
};
base::Result<std::unique_ptr<jobs::Job>> backflow_job(const BackflowOrder& order, std::string body,
                                                      const Config& config);

}  // namespace leadbridge::engine
