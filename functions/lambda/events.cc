#include "functions/lambda/events.h"

#include <algorithm>
#include <utility>

#include "base/text.h"

namespace leadbridge::lambda {
namespace {

using codec::member;

constexpr std::size_t kMaxBytes = 8U << 20U;  // Lambda's own limit was checked before
constexpr std::size_t kMaxDepth = 64;

std::string text_of(const Json& object, std::string_view key) {
    const Json& value = member(object, key);
    return value.is_string() ? value.get<std::string>() : std::string();
}

// Takes `body` and `isBase64Encoded` out of an event of ours.
base::Result<std::string> take_body(Json& event) {
    const Json body = member(event, "body");
    const bool encoded = member(event, "isBase64Encoded") == true;
    event.erase("body");
    event.erase("isBase64Encoded");
    if (body.is_null()) return std::string();
    if (!body.is_string())
        return base::fail("event_body", "`body` is not a text; rows are one text, CSV or NDJSON");
    if (!encoded) return body.get<std::string>();
    auto bytes = base::base64_decode(body.get_ref<const std::string&>());
    if (!bytes) return base::fail("event_body", "`body` is not base64, but isBase64Encoded says so");
    return std::move(*bytes);
}

// API Gateway puts its stage before the path, unless it is $default.
std::string path_of(const Json& payload) {
    std::string path = text_of(payload, "rawPath");
    const std::string stage = "/" + text_of(member(payload, "requestContext"), "stage");
    if (stage.size() > 1 && stage != "/$default" && path.compare(0, stage.size(), stage) == 0 &&
        path.size() > stage.size() && path[stage.size()] == '/')
        return path.substr(stage.size());
    return path;
}

// How many bytes take_body() would give.
std::int64_t body_bytes(const Json& event) {
    const Json& body = member(event, "body");
    if (!body.is_string()) return 0;
    const auto& text = body.get_ref<const std::string&>();
    const auto size = static_cast<std::int64_t>(text.size());
    if (member(event, "isBase64Encoded") != true) return size;
    const auto end = text.find_last_not_of('=');
    return (end == std::string::npos ? 0 : static_cast<std::int64_t>(end) + 1) * 3 / 4;
}

base::Result<Order> http_order(Json payload, const std::vector<engine::Door>& doors) {
    Order order;
    order.origin = Origin::http;
    std::string method = text_of(member(member(payload, "requestContext"), "http"), "method");
    if (method.empty() || !member(payload, "rawPath").is_string()) {
        return base::fail("event_http", "an HTTP event without requestContext.http.method or rawPath");
    }
    order.head = method == "HEAD";
    if (order.head) method = "GET";
    Json headers = Json::array();
    for (const auto& [name, value] : member(payload, "headers").items()) {
        if (value.is_string()) headers.push_back(Json::array({name, value}));
    }
    const std::string path = path_of(payload);
    const std::int64_t size = body_bytes(payload);
    const bool authorized = member(payload, "headers").contains("authorization");
    Json event = codec::object({{"kind", "request"},
                                {"method", method},
                                {"path", path},
                                {"query", text_of(payload, "rawQueryString")},
                                {"headers", std::move(headers)}});
    Work work;
    if (engine::takes_body(doors, method, path, authorized, size)) {
        auto body = take_body(payload);
        if (!body.ok()) return body.error();
        work.body = std::move(body.value());
    } else if (size > 0) {
        event["unread_bytes"] = size;
    }
    work.event = std::move(event);
    order.work.push_back(std::move(work));
    return order;
}

// A message may load or send rows, or ask for a pull; nothing else of us is for whoever writes to the queue.
Work work_of_message(const Json& record) {
    Work work;
    work.item = text_of(record, "messageId");
    work.receives = codec::member_int(member(record, "attributes"), "ApproximateReceiveCount").value_or(1);
    if (text_of(record, "eventSource") != "aws:sqs") {
        work.problem = "not a message of SQS";
        return work;
    }
    const Json& text = member(record, "body");
    auto event = codec::parse_json(text.is_string() ? text.get_ref<const std::string&>() : std::string(),
                                   {kMaxBytes, kMaxDepth});
    if (!event.ok()) {
        work.problem = "not JSON: " + event.error().reason;
        return work;
    }
    const std::string kind = text_of(event.value(), "kind");
    if (kind != "tick" && kind != "pull" && kind != "backflow") {
        work.problem = "`kind` is neither \"pull\", \"tick\" nor \"backflow\"";
        return work;
    }
    auto body = take_body(event.value());
    if (!body.ok()) {
        work.problem = body.error().reason;
        return work;
    }
    work.event = std::move(event.value());
    work.body = std::move(body.value());
    return work;
}

base::Result<Order> queue_order(const Json& records) {
    Order order;
    order.origin = Origin::queue;
    for (const Json& record : records) {
        Work work = work_of_message(record);
        // Who cannot be named cannot be given back alone.
        if (work.item.empty())
            return base::fail("event_queue", "a message without messageId; the whole batch comes again");
        order.work.push_back(std::move(work));
    }
    std::stable_sort(order.work.begin(), order.work.end(),
                     [](const Work& a, const Work& b) { return a.receives > b.receives; });
    return order;
}

base::Error unknown(const std::string& what) {
    return base::fail(
        "event_unknown",
        what +
            " This function takes EventBridge schedules, function URLs and API Gateway (payload "
            "format 2.0), SQS batches, and its own events such as {\"kind\":\"tick\"}.");
}

}  // namespace

base::Result<Order> read_event(const std::string& payload, const std::vector<engine::Door>& doors) {
    auto parsed = codec::parse_json(payload, {kMaxBytes, kMaxDepth});
    if (!parsed.ok()) return base::fail("event_json", "the event is unreadable: " + parsed.error().reason);
    Json event = std::move(parsed.value());
    if (!event.is_object()) return unknown("The event is not a JSON object.");

    if (const Json& records = member(event, "Records"); records.is_array() && !records.empty()) {
        if (text_of(records[0], "eventSource") == "aws:sqs") return queue_order(records);
        return unknown("Its Records are not of SQS.");
    }
    if (member(event, "requestContext").is_object()) {
        if (member(member(event, "requestContext"), "http").is_object())
            return http_order(std::move(event), doors);
        return unknown("It is an HTTP event of another format: choose payload format version 2.0.");
    }
    Order order;
    const std::string source = text_of(event, "source");
    if (source == "aws.events" || source == "aws.scheduler" ||
        text_of(event, "detail-type") == "Scheduled Event") {
        order.origin = Origin::schedule;
        order.work.push_back({codec::object({{"kind", "tick"}}), "", "", "", 1});
        return order;
    }
    if (text_of(event, "kind").empty())
        return unknown("It has no `kind`, and is no event of AWS known here.");
    auto body = take_body(event);
    if (!body.ok()) return body.error();
    order.work.push_back({std::move(event), std::move(body.value()), "", "", 1});
    return order;
}

std::string http_answer(const std::optional<effect::Respond>& response, bool head) {
    // For machines: nothing to render, nothing to keep.
    Json headers = codec::object({{"cache-control", "no-store"}, {"x-content-type-options", "nosniff"}});
    if (!response) {
        headers["content-type"] = "text/plain; charset=utf-8";
        return codec::dump_json(
            codec::object({{"statusCode", 503},
                           {"headers", std::move(headers)},
                           {"body", head ? "" : "This bridge cannot answer now; its log says why.\n"},
                           {"isBase64Encoded", false}}));
    }
    for (const auto& [name, value] : response->headers) headers[base::lower_ascii(name)] = value;
    const std::string body = head ? "" : response->body;
    const bool text = base::valid_utf8(body);
    return codec::dump_json(codec::object({{"statusCode", response->status},
                                           {"headers", std::move(headers)},
                                           {"body", text ? body : base::base64_encode(body)},
                                           {"isBase64Encoded", !text}}));
}

std::string queue_answer(const std::vector<std::string>& failed) {
    Json items = Json::array();
    for (const std::string& id : failed) items.push_back(codec::object({{"itemIdentifier", id}}));
    return codec::dump_json(codec::object({{"batchItemFailures", std::move(items)}}));
}

}  // namespace leadbridge::lambda
