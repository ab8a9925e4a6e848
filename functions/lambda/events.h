#pragma once
// What Lambda brings, as events of the core (docs/events.md), and the answers its callers expect.
// Pure functions: no clock, no network.
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "codec/json.h"
#include "effect/effect.h"
#include "engine/doors.h"

namespace leadbridge::lambda {

using codec::Json;

enum class Origin {
    schedule,  // EventBridge: everything that is due
    http,      // function URL, API Gateway with payload format 2.0
    queue,     // SQS
    direct,    // an event of docs/events.md, as it is
};

struct Work {
    Json event;
    std::string body;           // raw bytes
    std::string item;           // queue: the message's id
    std::string problem;        // queue: why this message is not ours; no event then
    std::int64_t receives = 1;  // queue: how often it has been handed out, this time included
};

struct Order {
    Origin origin = Origin::direct;
    // One; queue: one a message, those that came back first: they have waited for their turn.
    std::vector<Work> work;
    bool head = false;  // http: the caller wants no body
};

// `doors`: what is open to callers; a body that none of them takes is left alone. Errors: event_json,
// event_unknown, event_http, event_queue, event_body.
base::Result<Order> read_event(const std::string& payload, const std::vector<engine::Door>& doors);

// The answer in payload format 2.0, JSON text. Nothing to say: 503, the platform sends it again.
std::string http_answer(const std::optional<effect::Respond>& response, bool head);
// SQS takes these messages to be undone, and all others to be done.
std::string queue_answer(const std::vector<std::string>& failed);

}  // namespace leadbridge::lambda
