#include "engine/job_of_request.h"

#include <algorithm>

#include "base/text.h"
#include "engine/bearer.h"
#include "engine/doors.h"
#include "engine/health.h"
#include "engine/read_api.h"
#include "jobs/backflow/backflow_status_job.h"
#include "jobs/backflow/load_rows_job.h"
#include "jobs/backflow/send_stats_job.h"
#include "jobs/door/answer.h"
#include "jobs/door/receive_job.h"
#include "jobs/door/serve_job.h"
#include "wire/call.h"

namespace leadbridge::engine {
namespace {

using codec::Json;
using codec::member_text;
using jobs::answer;

effect::Headers headers_of(const Json& event) {
    effect::Headers headers;
    for (const auto& pair : codec::member(event, "headers")) {
        if (!pair.is_array() || pair.size() != 2) continue;
        headers.emplace_back(codec::scalar_text(pair[0]).value_or(""),
                             codec::scalar_text(pair[1]).value_or(""));
    }
    return headers;
}

std::string query_value(std::string_view query, std::string_view name) {
    for (const auto& pair : base::split(query, '&')) {
        const auto at = pair.find('=');
        if (at != std::string::npos && std::string_view(pair).substr(0, at) == name)
            return base::form_decode(std::string_view(pair).substr(at + 1)).value_or("");
    }
    return "";
}

std::string format_of(const effect::Headers& headers, const std::string& asked) {
    if (!asked.empty()) return asked;
    const auto* type = wire::header(headers, "content-type");
    if (type == nullptr) return "auto";
    if (base::contains_no_case(*type, "csv")) return "csv";
    return base::contains_no_case(*type, "json") ? "ndjson" : "auto";
}

// The merchant's own systems come with a bearer token; a platform never comes here.
Work own_door(const std::string& method, const std::string& name, const platforms::Incoming& incoming,
              const Config& config) {
    if (config.backflow_token.empty())
        return answer(403, "closed", "this door is closed: configure api.backflow_token");
    if (!bears(incoming.headers, config.backflow_token)) return answer(401, "unauthorised", kBearerAdvice);

    BackflowOrder order;
    order.name = name;
    order.respond = true;
    order.format = format_of(incoming.headers, query_value(incoming.query, "format"));
    order.type = base::parse_int64(query_value(incoming.query, "type")).value_or(0);
    order.data_type = base::parse_int64(query_value(incoming.query, "data_type")).value_or(-1);
    for (const auto& backflow : config.backflow) {
        if (backflow.name == name) order.action = backflow.target ? "send" : "load";
    }
    if (method == "GET") order.action = "status";
    if (method != "GET" && method != "PUT" && method != "POST")
        return answer(405, "method", "send rows with PUT or POST, ask for their state with GET");
    if (incoming.unread_bytes > 0 && !order.action.empty()) {
        return answer(413, "body_too_large",
                      std::to_string(incoming.unread_bytes) + " bytes, at most " +
                          std::to_string(kMostRowBytes) + " are read at once: send the rows in parts");
    }
    auto work = backflow_work(order, incoming.body, config);
    if (!work) return answer(400, work.error().code, work.error().reason);
    return std::move(work).value();
}

}  // namespace

WorkResult backflow_work(const BackflowOrder& order, std::string body, const Config& config) {
    const auto bad = [](const std::string& what) { return base::fail("bad_event", what); };
    const auto found = std::find_if(config.backflow.begin(), config.backflow.end(),
                                    [&](const auto& each) { return each.name == order.name; });
    if (found == config.backflow.end()) {
        return bad("`backflow` of the configuration has no \"" + base::printable(order.name, 40) +
                   "\"; rows for ETC queries are loaded under \"etc\"");
    }
    if (order.format != "auto" && order.format != "csv" && order.format != "ndjson")
        return bad("the format is auto, csv or ndjson");
    using Kind = jobs::BackflowStatusJob::Kind;
    if (order.action == "status") {
        const auto kind = found->target ? Kind::sent_rows : Kind::loaded_rows;
        return job<jobs::BackflowStatusJob>(order.name, kind, order.respond);
    }
    if (order.action == "load" && !found->target) {
        jobs::LoadRows load{order.name, order.data_type < 0 ? found->data_type : order.data_type,
                            platforms::row_check(found->platform), order.format, order.respond};
        return job<jobs::LoadRowsJob>(std::move(load), std::move(body));
    }
    if (order.action == "send" && found->target) {
        const bool given = order.respond || !body.empty();
        if (given && (order.type < 1 || order.type > 3))
            return bad("say what the rows are about with `type`: 1 broker, 2 store, 3 city");
        jobs::SendStats send{order.name, found->target, order.type, order.format, order.respond};
        return job<jobs::SendStatsJob>(std::move(send),
                                       given ? std::optional(std::move(body)) : std::nullopt);
    }
    return bad("\"" + base::printable(order.name, 40) + "\" takes " +
               (found->target ? "`send` and `status`" : "`load` and `status`"));
}

Work work_of_request(jobs::Context& context, const Json& event, std::string body, const Config& config) {
    const std::string path = member_text(event, "path").value_or("");
    platforms::Incoming incoming;
    incoming.method = member_text(event, "method").value_or("GET");
    incoming.query = member_text(event, "query").value_or("");
    incoming.headers = headers_of(event);
    incoming.body = std::move(body);
    incoming.unread_bytes = codec::member_int(event, "unread_bytes").value_or(0);
    if (path == kHealthPath) return health(incoming, config);
    if (path.substr(0, kBackflowPath.size()) == kBackflowPath)
        return own_door(incoming.method, path.substr(kBackflowPath.size()), incoming, config);
    if (is_read_path(path)) return read_api(context, path, incoming, config);

    for (const auto& called : config.endpoints) {
        if (called.path != path) continue;
        if (incoming.method != "POST" && incoming.method != "GET")
            return answer(405, "method", "platforms call with POST or GET");
        if (const auto* push =
                std::get_if<std::shared_ptr<const platforms::PushEndpoint>>(&called.endpoint)) {
            jobs::ReceiveSettings settings{path, {called.source, config.lead_days}, config.raw_days};
            return job<jobs::ReceiveJob>(std::move(settings), *push, config.vault, std::move(incoming));
        }
        return job<jobs::ServeJob>(path,
                                   std::get<std::shared_ptr<const platforms::QueryEndpoint>>(called.endpoint),
                                   std::move(incoming));
    }
    return answer(404, "unknown_endpoint", "no endpoint is configured at this path");
}

}  // namespace leadbridge::engine
