#include "engine/job_of_event.h"

#include <algorithm>

#include "base/text.h"
#include "engine/job_of_request.h"
#include "jobs/doctor_job.h"
#include "jobs/normalise_job.h"
#include "jobs/preview_job.h"
#include "jobs/pull_job.h"
#include "jobs/sign_job.h"
#include "jobs/status_job.h"
#include "wire/tanma.h"

namespace leadbridge::engine {
namespace {

using codec::Json;
using codec::member;
using codec::member_text;
using JobResult = base::Result<std::unique_ptr<jobs::Job>>;

constexpr std::int64_t kMostLeads = 1000;

base::Error bad(const std::string& what) { return base::fail("bad_event", what); }

std::unique_ptr<jobs::PullTask> pull_task(const PulledSource& source, const Config& config) {
    if (const auto* by_id = std::get_if<std::shared_ptr<const platforms::IdPagedSource>>(&source.source))
        return std::make_unique<jobs::PullSourceTask>(source.by_id, *by_id, config.vault);
    return std::make_unique<jobs::WindowSourceTask>(
        source.by_window, std::get<std::shared_ptr<const platforms::WindowSource>>(source.source),
        config.vault);
}

JobResult pull(const Json& event, const Config& config) {
    const Json& wanted = member(event, "sources");
    for (const auto& name : wanted) {
        const bool known =
            name.is_string() && std::any_of(config.sources.begin(), config.sources.end(), [&](const auto& s) {
                return s.name == name.template get_ref<const std::string&>();
            });
        if (!known)
            return bad("`sources` of the configuration has no such source: " +
                       base::printable(codec::dump_json(name), 60));
    }
    std::vector<std::unique_ptr<jobs::PullTask>> tasks;
    for (const auto& source : config.sources) {
        if (!wanted.empty() && std::find(wanted.begin(), wanted.end(), Json(source.name)) == wanted.end())
            continue;
        tasks.push_back(pull_task(source, config));
    }
    return std::unique_ptr<jobs::Job>(std::make_unique<jobs::PullJob>(std::move(tasks)));
}

JobResult status(const Json& event, const Config& config) {
    std::vector<jobs::StatusJob::Source> sources;
    for (const auto& source : config.sources) sources.push_back({source.name, source.platform, false});
    for (const auto& called : config.endpoints) {
        // Pushes of a pulled account are shown with it; queries bring no leads.
        const bool known = std::any_of(sources.begin(), sources.end(),
                                       [&](const auto& source) { return source.name == called.source; });
        const bool push =
            std::holds_alternative<std::shared_ptr<const platforms::PushEndpoint>>(called.endpoint);
        if (push && !known) sources.push_back({called.source, called.platform, true});
    }
    const std::int64_t leads =
        std::clamp<std::int64_t>(codec::member_int(event, "leads").value_or(0), 0, kMostLeads);
    return std::unique_ptr<jobs::Job>(
        std::make_unique<jobs::StatusJob>(config.tenant, std::move(sources), config.vault, leads));
}

JobResult leads(const Json& event, const Config& config) {
    jobs::LeadsJob::Query query;
    query.limit = std::clamp<std::int64_t>(codec::member_int(event, "limit").value_or(50), 1, kMostLeads);
    query.page = member_text(event, "page").value_or("");
    query.source = member_text(event, "source").value_or("");
    query.person_key = member_text(event, "person_key").value_or("");
    query.since = codec::member_int(event, "since");
    query.until = codec::member_int(event, "until");
    query.reveal = codec::member_bool(event, "reveal").value_or(false);
    return std::unique_ptr<jobs::Job>(std::make_unique<jobs::LeadsJob>(std::move(query), config.vault));
}

JobResult normalise(const Config& config) {
    jobs::NormaliseJob::Sources sources;
    for (const auto& source : config.sources) {
        if (const auto* by_id = std::get_if<std::shared_ptr<const platforms::IdPagedSource>>(&source.source))
            sources.emplace(source.name, *by_id);
    }
    return std::unique_ptr<jobs::Job>(
        std::make_unique<jobs::NormaliseJob>(std::move(sources), config.vault, config.lead_days));
}

JobResult doctor(const Config& config) {
    std::vector<std::string> names;
    for (const auto& source : config.sources) names.push_back(source.name);
    return std::unique_ptr<jobs::Job>(std::make_unique<jobs::DoctorJob>(std::move(names), config.vault));
}

// The secret of the event, or of the app it names.
base::Result<wire::TopApp> app_of(const Json& event, const Config& config) {
    wire::TopApp app;
    if (const auto secret = member_text(event, "secret")) {
        app.app_secret = crypto::Secret(*secret);
    } else {
        const std::string name = member_text(event, "app").value_or("main");
        const auto found = config.apps.find(name);
        if (found == config.apps.end())
            return bad("no secret given, and `apps` of the configuration has no \"" +
                       base::printable(name, 40) + "\"");
        app = found->second;
    }
    if (app.app_secret.empty()) return bad("the secret is empty");
    return app;
}

base::Status read_params(const Json& event, wire::Params& params) {
    for (const auto& [name, value] : member(event, "params").items()) {
        const auto text = codec::scalar_text(value);
        if (text) params.emplace_back(name, *text);
    }
    for (const auto& pair : base::split(member_text(event, "query").value_or(""), '&')) {
        if (pair.empty()) continue;
        const auto at = pair.find('=');
        const auto name = base::form_decode(std::string_view(pair).substr(0, at));
        const auto value =
            base::form_decode(at == std::string::npos ? "" : std::string_view(pair).substr(at + 1));
        if (!name || !value)
            return bad("the query has a broken % sequence: " + base::printable(pair.substr(0, at), 60));
        params.emplace_back(*name, *value);
    }
    return base::Ok{};
}

std::optional<wire::Protocol> protocol_of(const Json& event) {
    const std::string name = member_text(event, "protocol")
                                 .value_or(codec::member_bool(event, "spi").value_or(false) ? "spi" : "top");
    if (name == "top" || name == "qimen") return wire::Protocol::top;
    if (name == "spi") return wire::Protocol::spi;
    if (name == "tanma") return wire::Protocol::tanma;
    if (name == "tanma_push") return wire::Protocol::tanma_push;
    return std::nullopt;
}

base::Status read_call(const Json& event, const std::string& body, jobs::SignJob::Request& request) {
    auto& call = request.call;
    switch (call.protocol) {
        case wire::Protocol::top: {
            if (auto read = read_params(event, call.params); !read) return read;
            call.body = member_text(event, "body");
            if (!call.body && !body.empty()) call.body = body;
            for (const auto& [name, value] : call.params) {
                if (name == "sign" && request.given_sign.empty()) request.given_sign = value;
                if (name == "sign_method") request.sign_method = value;
            }
            request.sign_method = member_text(event, "sign_method").value_or(request.sign_method);
            call.method = wire::sign_method(request.sign_method);
            return base::Ok{};
        }
        case wire::Protocol::spi:
            request.query = member_text(event, "query").value_or("");
            request.body = body;
            for (const auto& header : member(event, "headers")) {
                if (!header.is_array() || header.size() != 2 || !header[0].is_string() ||
                    !header[1].is_string())
                    return bad("`headers` must be a list of [name, value]");
                request.headers.emplace_back(header[0].get<std::string>(), header[1].get<std::string>());
            }
            return base::Ok{};
        case wire::Protocol::tanma:
        case wire::Protocol::tanma_push:
            break;
    }
    const bool push = call.protocol == wire::Protocol::tanma_push;
    for (const char* name : {"app_id", "version", "timestamp"}) {
        if (std::string_view(name) == "version" && !push) continue;
        call.params.emplace_back(name, base::trim(member_text(event, name).value_or("")));
    }
    if (call.params.front().second.empty()) return bad("`app_id` is missing");
    if (!body.empty()) call.body = body;
    request.body = body;
    request.corpid = member_text(event, "corpid").value_or(wire::tanma_corpid(call.params.front().second));
    return base::Ok{};
}

JobResult sign(const Json& event, const std::string& body, const Config& config, bool verify) {
    jobs::SignJob::Request request;
    request.verify = verify;
    const auto protocol = protocol_of(event);
    if (!protocol) return bad("`protocol` must be top, qimen, spi, tanma or tanma_push");
    request.call.protocol = *protocol;
    request.given_sign = member_text(event, "given_sign").value_or("");
    auto app = app_of(event, config);
    if (!app) return app.error();
    request.app = std::move(app).value();
    request.call.secret = request.app.app_secret;
    for (const auto& other : member(event, "other_secrets")) {
        if (other.is_string()) request.other_secrets.emplace_back(other.get<std::string>());
    }
    if (auto read = read_call(event, body, request); !read) return read.error();
    if (verify && request.given_sign.empty() && *protocol != wire::Protocol::spi)
        return bad("nothing to verify: no sign given");
    return std::unique_ptr<jobs::Job>(std::make_unique<jobs::SignJob>(std::move(request)));
}

JobResult backflow(const Json& event, const std::string& body, const Config& config) {
    BackflowOrder order;
    order.name = member_text(event, "name").value_or("");
    order.action = member_text(event, "action").value_or("");
    order.format = member_text(event, "format").value_or("auto");
    order.type = codec::member_int(event, "type").value_or(0);
    order.data_type = codec::member_int(event, "data_type").value_or(-1);
    return backflow_job(order, body, config);
}

}  // namespace

bool needs_configuration(const Json& event) {
    const std::string kind = member_text(event, "kind").value_or("");
    return kind != "preview" && !((kind == "sign" || kind == "verify") && event.contains("secret"));
}

JobResult job_of_event(const Json& event, const std::string& body, const Config& config) {
    const std::string kind = member_text(event, "kind").value_or("");
    if (kind == "pull") return pull(event, config);
    if (kind == "request") return job_of_request(event, body, config);
    if (kind == "backflow") return backflow(event, body, config);
    if (kind == "status") return status(event, config);
    if (kind == "leads") return leads(event, config);
    if (kind == "normalise") return normalise(config);
    if (kind == "doctor") return doctor(config);
    if (kind == "preview") return std::unique_ptr<jobs::Job>(std::make_unique<jobs::PreviewJob>(event, body));
    if (kind == "sign" || kind == "verify") return sign(event, body, config, kind == "verify");
    return base::fail("unknown_event", "no such event: " + base::printable(kind, 40));
}

}  // namespace leadbridge::engine
