#include "engine/health.h"

#include "base/log_text.h"
#include "base/text.h"
#include "engine/report.h"
#include "engine/stored_job.h"
#include "jobs/backflow/row_intake.h"
#include "jobs/door/answer.h"

namespace leadbridge::engine {
namespace {

using codec::Json;

std::string text(const Json& object, std::string_view key) {
    return codec::member_text(object, key).value_or("");
}

class HealthJob final : public jobs::Job {
  public:
    HealthJob(const Config& config, std::optional<std::int64_t> max_age_s)
        : status_(config.tenant, sources_of(config), config.vault, 0), max_age_s_(max_age_s) {}

    void begin(jobs::Context& context) override { status_.begin(context); }
    void resume(jobs::Context& context, const effect::Input& input) override {
        status_.resume(context, input);
        if (!status_.finished()) return;
        context.emit(health_response(status_.summary(), status_.exit_status(), context.now(), max_age_s_));
    }
    [[nodiscard]] bool finished() const override { return status_.finished(); }
    [[nodiscard]] Json summary() const override { return status_.summary(); }
    [[nodiscard]] int exit_status() const override { return status_.exit_status(); }

  private:
    jobs::StatusJob status_;
    std::optional<std::int64_t> max_age_s_;
};

}  // namespace

effect::Respond health_response(const Json& summary, int exit, base::Millis now,
                                std::optional<std::int64_t> max_age_s) {
    Json sources = Json::array(), reasons = Json::array();
    const auto complain = [&reasons](const std::string& why) {
        reasons.push_back(base::without_long_numbers(why));
    };
    if (exit != 0) complain(text(failure_of(summary), "reason"));
    for (const auto& source : codec::member(summary, "sources")) {
        const std::string name = text(source, "name"), state = text(source, "state");
        const Json& error = codec::member(source, "last_error");
        Json out = codec::object({{"name", name},
                                  {"state", state},
                                  {"last_run_age_s", nullptr},
                                  {"leads", codec::member(source, "leads")},
                                  {"unread", codec::member(source, "unread")}});
        const auto last = base::parse_platform_time(text(codec::member(source, "last_run"), "at"));
        if (last) out["last_run_age_s"] = std::max<base::Millis>((now - *last) / base::kSecond, 0);
        if (state == "failed") {
            if (error.is_object()) out["code"] = text(error, "code");
            const std::string reason = text(error, "reason");
            complain(name + ": " + (reason.empty() ? "failed" : reason));
        }
        // Who calls us has no runs.
        const auto age = codec::member_int(out, "last_run_age_s");
        const bool stale = max_age_s && state != "listening" && (!age || *age > *max_age_s);
        out["stale"] = stale;
        if (stale)
            complain(name + ": no run for " + (age ? std::to_string(*age) : "ever") +
                     " s; look at the schedule (the cron trigger)");
        sources.push_back(std::move(out));
    }
    const bool ok = exit == 0 && reasons.empty();
    Json body = codec::object({{"ok", ok}, {"at", base::iso_text(now)}, {"sources", std::move(sources)}});
    if (!ok) body["reasons"] = std::move(reasons);
    return jobs::json_response(ok ? 200 : 503, body, {});
}

Work health(const platforms::Incoming& incoming, const Config& config) {
    if (incoming.method != "GET")
        return jobs::answer(405, "method", "the health check answers GET only", {{"allow", "GET, HEAD"}});
    std::optional<std::int64_t> max_age_s;
    for (const auto& pair : base::split(incoming.query, '&')) {
        if (pair.starts_with("max_age=")) max_age_s = base::parse_int64(std::string_view(pair).substr(8));
    }
    return job<HealthJob>(config, max_age_s);
}

}  // namespace leadbridge::engine
