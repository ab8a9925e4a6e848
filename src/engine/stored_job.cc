#include "engine/stored_job.h"

#include <algorithm>

#include "base/text.h"
#include "engine/job_of_request.h"
#include "jobs/guard/normalise_job.h"
#include "jobs/report/doctor_job.h"
#include "jobs/tick_job.h"

namespace leadbridge::engine {
namespace {

using codec::Json;
using codec::member;
using codec::member_text;

constexpr std::size_t kMostNames = 10;

base::Error bad(const std::string& what) { return base::fail("bad_event", what); }

std::unique_ptr<jobs::PullTask> pull_task(const PulledSource& source, const Config& config) {
    if (const auto* by_id = std::get_if<std::shared_ptr<const platforms::IdPagedSource>>(&source.source))
        return std::make_unique<jobs::IdWalkTask>(source.by_id, *by_id, config.vault);
    return std::make_unique<jobs::WindowWalkTask>(
        source.by_window, std::get<std::shared_ptr<const platforms::WindowSource>>(source.source),
        config.vault);
}

jobs::PhoneOpener phone_opener(const Config& config) {
    jobs::PhoneOpener::Sources sources;
    for (const auto& source : config.sources) {
        if (const auto* by_id = std::get_if<std::shared_ptr<const platforms::IdPagedSource>>(&source.source))
            sources.emplace(source.name, *by_id);
    }
    return {std::move(sources), config.vault, config.lead_days};
}

// ". There are: ads, scrm"
std::string known_names(const Config& config) {
    std::string out;
    for (std::size_t i = 0; i < std::min(config.sources.size(), kMostNames); ++i)
        out += (i == 0 ? ". There are: " : ", ") + config.sources[i].name;
    return out + (config.sources.size() > kMostNames ? ", ..." : "");
}

WorkResult pull(const Json& event, const Config& config) {
    const Json& wanted = member(event, "sources");
    for (const auto& name : wanted) {
        const bool known =
            name.is_string() && std::any_of(config.sources.begin(), config.sources.end(), [&](const auto& s) {
                return s.name == name.template get_ref<const std::string&>();
            });
        if (!known)
            return bad("`sources` of the configuration has no such source: " +
                       base::printable(codec::dump_json(name), 60) + known_names(config));
    }
    std::vector<std::unique_ptr<jobs::PullTask>> tasks;
    for (const auto& source : config.sources) {
        if (!wanted.empty() && std::find(wanted.begin(), wanted.end(), Json(source.name)) == wanted.end())
            continue;
        tasks.push_back(pull_task(source, config));
    }
    return job<jobs::TickJob>(std::move(tasks), std::nullopt, phone_opener(config));
}

WorkResult tick(const Config& config) {
    std::vector<std::unique_ptr<jobs::PullTask>> tasks;
    for (const auto& source : config.sources) tasks.push_back(pull_task(source, config));
    std::vector<jobs::SendStats> targets;
    for (const auto& backflow : config.backflow) {
        if (backflow.target) targets.push_back({backflow.name, backflow.target, 0, "auto", false});
    }
    return job<jobs::TickJob>(std::move(tasks), std::move(targets), phone_opener(config));
}

WorkResult status(const Json& event, const Config& config, std::optional<jobs::HttpAnswer> answer) {
    const std::int64_t leads =
        std::clamp<std::int64_t>(codec::member_int(event, "leads").value_or(0), 0, jobs::kMostLeads);
    return job<jobs::StatusJob>(config.tenant, sources_of(config), config.vault, leads, std::move(answer));
}

WorkResult leads(const Json& event, const Config& config, std::optional<jobs::HttpAnswer> answer) {
    jobs::LeadsJob::Query query;
    query.limit =
        std::clamp<std::int64_t>(codec::member_int(event, "limit").value_or(50), 1, jobs::kMostLeads);
    query.page = member_text(event, "page").value_or("");
    query.source = member_text(event, "source").value_or("");
    query.person_key = member_text(event, "person_key").value_or("");
    query.since = codec::member_int(event, "since");
    query.until = codec::member_int(event, "until");
    query.reveal = codec::member_bool(event, "reveal").value_or(false);
    return job<jobs::LeadsJob>(std::move(query), config.vault, std::move(answer));
}

WorkResult doctor(const Config& config) {
    std::vector<std::string> names;
    for (const auto& source : config.sources) names.push_back(source.name);
    return job<jobs::DoctorJob>(std::move(names), config.vault);
}

WorkResult backflow(const Json& event, const std::string& body, const Config& config) {
    BackflowOrder order;
    order.name = member_text(event, "name").value_or("");
    order.action = member_text(event, "action").value_or("");
    order.format = member_text(event, "format").value_or("auto");
    order.type = codec::member_int(event, "type").value_or(0);
    order.data_type = codec::member_int(event, "data_type").value_or(-1);
    return backflow_work(order, body, config);
}

}  // namespace

std::vector<jobs::StatusJob::Source> sources_of(const Config& config) {
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
    return sources;
}

std::optional<WorkResult> stored_job(jobs::Context& context, const Json& event, const std::string& body,
                                     const Config& config, std::optional<jobs::HttpAnswer> answer) {
    const std::string kind = member_text(event, "kind").value_or("");
    if (kind == "tick") return tick(config);
    if (kind == "pull") return pull(event, config);
    if (kind == "request") return work_of_request(context, event, body, config);
    if (kind == "backflow") return backflow(event, body, config);
    if (kind == "status") return status(event, config, std::move(answer));
    if (kind == "leads") return leads(event, config, std::move(answer));
    if (kind == "normalise") return job<jobs::NormaliseJob>(phone_opener(config));
    if (kind == "doctor") return doctor(config);
    return std::nullopt;
}

}  // namespace leadbridge::engine
