#pragma once
// Which work an incoming HTTP request is: the endpoints of the configuration, and the merchant's own doors
// below /v1/. Every request gets an answer.
#include <string>

#include "engine/config.h"
#include "engine/work.h"

namespace leadbridge::engine {

// `event`: {"kind":"request","method","path","query","headers"} (docs/events.md); `body`: raw bytes, of which
// `unread_bytes` of the event says how many a host has not read (engine/doors.h).
Work work_of_request(jobs::Context& context, const codec::Json& event, std::string body,
                     const Config& config);

// The work for rows that flow back, from an event or a request. Errors: bad_event.
struct BackflowOrder {
    std::string name;
    std::string action;  // load | send | status
    std::int64_t type = 0;
    std::int64_t data_type = -1;  // < 0: the configured one
    std::string format = "auto";  // auto | csv | ndjson
    bool respond = false;         // the answer goes to an HTTP caller
};
WorkResult backflow_work(const BackflowOrder& order, std::string body, const Config& config);

}  // namespace leadbridge::engine
