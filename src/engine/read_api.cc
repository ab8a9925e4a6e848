#include "engine/read_api.h"

#include <algorithm>

#include "base/text.h"
#include "engine/bearer.h"
#include "engine/job_of_event.h"
#include "jobs/door/answer.h"
#include "jobs/report/page_token.h"
#include "wire/call.h"

namespace leadbridge::engine {
namespace {

using codec::Json;
using codec::member_text;

constexpr std::string_view kLeads = "leads";  // the event
constexpr std::string_view kNames[] = {"since", "until", "source", "page", "limit"};
constexpr base::Millis kLastInstant = 253'402'300'799'999;  // the year 9999

void put(effect::Headers& headers, std::string_view name, std::string_view value) {
    headers.push_back({std::string(name), std::string(value)});
}

// For a page that was not served from here: only origins the configuration names may read an answer.
effect::Headers cors(const effect::Headers& headers, const std::vector<std::string>& allowed) {
    effect::Headers out;
    const auto* origin = wire::header(headers, "origin");
    for (const auto& each : allowed) {
        if (origin == nullptr || !out.empty() || (each != *origin && each != "*")) continue;
        put(out, "access-control-allow-origin", each);
        put(out, "vary", "Origin");
    }
    return out;
}

// The value of a parameter of /v1/leads in an event; null when it is none.
Json parameter(std::string_view name, std::string& value) {
    if (name == "source" || name == "page") return std::move(value);
    const auto number = base::parse_int64(value);
    if (name == "limit")
        return number && *number >= 1 && *number <= jobs::kMostLeads ? Json(*number) : Json();
    const auto at = number ? number : base::parse_china_text(value);
    return at && *at >= 0 && *at <= kLastInstant ? Json(*at) : Json();
}

}  // namespace

bool is_read_path(std::string_view path) { return path == kLeadsPath || path == kStatusPath; }

Json read_event(std::string_view kind, std::string_view query, std::string& problem) {
    Json event = codec::object({{"kind", std::string(kind)}});
    for (const std::string& pair : base::split(query, '&')) {
        if (pair.empty()) continue;
        const auto at = pair.find('=');
        const std::string name = pair.substr(0, at);
        auto value = base::form_decode(at == std::string::npos ? "" : pair.substr(at + 1));
        const char* why = nullptr;
        if (kind != kLeads || std::find(std::begin(kNames), std::end(kNames), name) == std::end(kNames)) {
            why =
                " is no parameter here; /v1/leads takes since, until, source, page and limit, /v1/status "
                "none";
        } else if (!codec::member(event, name).is_null()) {
            why = " is given twice";
        } else if (!value) {
            why = " has a broken % sequence";
        } else if (value->empty()) {
            continue;  // as forms send what nobody filled in
        } else if ((event[name] = parameter(name, *value)).is_null()) {
            why = name == "limit" ? " must be a whole number from 1 to 1000"
                                  : " must be milliseconds since 1970, or ISO 8601 text (with %2B for +)";
        }
        if (why != nullptr) {
            problem = base::printable(name, 40) + why;
            return event;
        }
    }
    const auto until = codec::member_int(event, "until");
    if (until && codec::member_int(event, "since").value_or(0) > *until)
        problem = "since is later than until";
    if (codec::member(event, "limit").is_null()) event["limit"] = 100;
    return event;
}

Work read_api(jobs::Context& context, std::string_view path, const platforms::Incoming& incoming,
              const Config& config) {
    jobs::HttpAnswer out{cors(incoming.headers, config.allow_origins), "", ""};
    const auto answer = [&out](int status, const char* code, const char* message) -> Work {
        return jobs::answer(status, code, message, std::move(out.headers));
    };
    if (incoming.method == "OPTIONS") {
        if (out.headers.empty())
            return answer(403, "origin", "this origin may not read here: name it in api.allow_origins");
        put(out.headers, "access-control-allow-methods", "GET");
        put(out.headers, "access-control-allow-headers", "authorization");
        put(out.headers, "access-control-max-age", "600");
        return answer(204, "", "");
    }
    if (config.read_token.empty() && config.phones_token.empty())
        return answer(403, "closed", "this door is closed: configure api.read_token");
    const bool phones = bears(incoming.headers, config.phones_token);
    if (!phones && !bears(incoming.headers, config.read_token)) {
        put(out.headers, "www-authenticate", "Bearer");
        return answer(401, "unauthorised", kBearerAdvice);
    }
    if (incoming.method != "GET") {
        put(out.headers, "allow", "GET, HEAD, OPTIONS");
        return answer(405, "method", "only GET is answered here");
    }

    std::string problem;
    Json event = read_event(path == kLeadsPath ? kLeads : "status", incoming.query, problem);
    const std::string source = member_text(event, "source").value_or("");
    // What a page token is good for: everything but the length of the pages.
    out.query = codec::dump_json(codec::member(event, "since")) +
                codec::dump_json(codec::member(event, "until")) + source;
    if (const auto page = member_text(event, "page"); page && problem.empty()) {
        if (auto stored = jobs::stored_token(out.query, *page)) {
            event["page"] = std::move(*stored);
        } else {
            problem = "page is not the `next` of an answer to the same since, until and source";
        }
    }
    if (!problem.empty()) return answer(400, "bad_parameter", problem.c_str());
    event["reveal"] = phones;
    if (phones) out.reveals = source.empty() ? "all sources" : base::printable(source);
    return work_of_event(context, event, "", config, std::move(out)).value();
}

}  // namespace leadbridge::engine
