#include "engine/job_of_event.h"

#include <algorithm>

#include "base/text.h"
#include "jobs/doctor_job.h"
#include "jobs/normalise_job.h"
#include "jobs/pull_job.h"
#include "jobs/sign_job.h"
#include "jobs/status_job.h"

namespace leadbridge::engine {
namespace {

using codec::Json;
using codec::member;
using codec::member_text;
using JobResult = base::Result<std::unique_ptr<jobs::Job>>;

constexpr std::int64_t kMostLeads = 1000;

base::Error bad(const std::string& what) { return base::fail("bad_event", what); }

JobResult pull(const Json& event, const Config& config) {
    const Json& wanted = member(event, "sources");
    for (const auto& name : wanted) {
        const bool known =
            name.is_string() && std::any_of(config.sources.begin(), config.sources.end(), [&](const auto& s) {
                return s.settings.name == name.template get_ref<const std::string&>();
            });
        if (!known)
            return bad("`sources` of the configuration has no such source: " +
                       base::printable(codec::dump_json(name), 60));
    }
    std::vector<std::unique_ptr<jobs::PullSourceTask>> tasks;
    for (const auto& source : config.sources) {
        if (!wanted.empty() &&
            std::find(wanted.begin(), wanted.end(), Json(source.settings.name)) == wanted.end())
            continue;
        tasks.push_back(std::make_unique<jobs::PullSourceTask>(source.settings, source.source, config.vault));
    }
    return std::unique_ptr<jobs::Job>(std::make_unique<jobs::PullJob>(std::move(tasks)));
}

JobResult status(const Json& event, const Config& config) {
    std::vector<jobs::StatusJob::Source> sources;
    for (const auto& source : config.sources)
        sources.push_back({source.settings.name, source.settings.platform});
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
    for (const auto& source : config.sources) sources.emplace(source.settings.name, source.source);
    return std::unique_ptr<jobs::Job>(
        std::make_unique<jobs::NormaliseJob>(std::move(sources), config.vault, config.lead_days));
}

JobResult doctor(const Config& config) {
    std::vector<std::string> names;
    for (const auto& source : config.sources) names.push_back(source.settings.name);
    return std::unique_ptr<jobs::Job>(std::make_unique<jobs::DoctorJob>(std::move(names), config.vault));
}

JobResult sign(const Json& event, const Config& config, bool verify) {
    jobs::SignJob::Request request;
    request.verify = verify;
    for (const auto& [name, value] : member(event, "params").items()) {
        const auto text = codec::scalar_text(value);
        if (text) request.params.emplace_back(name, *text);
    }
    if (const auto query = member_text(event, "query")) {
        for (const auto& pair : base::split(*query, '&')) {
            if (pair.empty()) continue;
            const auto at = pair.find('=');
            const auto name = base::form_decode(std::string_view(pair).substr(0, at));
            const auto value =
                base::form_decode(at == std::string::npos ? "" : std::string_view(pair).substr(at + 1));
            if (!name || !value)
                return bad("the query has a broken % sequence: " + base::printable(pair.substr(0, at), 60));
            request.params.emplace_back(*name, *value);
        }
    }
    request.body = member_text(event, "body");
    request.given_sign = member_text(event, "given_sign").value_or("");
    for (const auto& [name, value] : request.params) {
        if (name == "sign" && request.given_sign.empty()) request.given_sign = value;
        if (name == "sign_method") request.sign_method = value;
    }
    request.sign_method = member_text(event, "sign_method").value_or(request.sign_method);
    if (const auto secret = member_text(event, "secret")) {
        request.secret = crypto::Secret(*secret);
    } else {
        const std::string app = member_text(event, "app").value_or("main");
        const auto found = config.apps.find(app);
        if (found == config.apps.end())
            return bad("no secret given, and `apps` of the configuration has no \"" +
                       base::printable(app, 40) + "\"");
        request.secret = crypto::Secret(std::string(found->second.app_secret.use()));
    }
    if (request.secret.empty()) return bad("the secret is empty");
    if (verify && request.given_sign.empty()) return bad("nothing to verify: no sign given");
    return std::unique_ptr<jobs::Job>(std::make_unique<jobs::SignJob>(std::move(request)));
}

}  // namespace

bool needs_configuration(const Json& event) {
    const std::string kind = member_text(event, "kind").value_or("");
    return !((kind == "sign" || kind == "verify") && event.contains("secret"));
}

JobResult job_of_event(const Json& event, const Config& config) {
    const std::string kind = member_text(event, "kind").value_or("");
    if (kind == "pull") return pull(event, config);
    if (kind == "status") return status(event, config);
    if (kind == "leads") return leads(event, config);
    if (kind == "normalise") return normalise(config);
    if (kind == "doctor") return doctor(config);
    if (kind == "sign") return sign(event, config, false);
    if (kind == "verify") return sign(event, config, true);
    return base::fail("unknown_event", "no such event: " + base::printable(kind, 40));
}

}  // namespace leadbridge::engine
