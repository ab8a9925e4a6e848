#include "engine/engine.h"

#include <deque>
#include <exception>

#include "base/text.h"
#include "engine/config.h"
#include "engine/job_of_event.h"

namespace leadbridge::engine {
namespace {

using codec::Json;

constexpr std::size_t kRandomBytes = 32;

Json failed_summary(const std::string& job, const std::string& code, const std::string& reason) {
    return codec::object({{"job", job}, {"error", codec::object({{"code", code}, {"reason", reason}})}});
}

Json configuration_summary(const std::string& job, const codec::Problems& problems) {
    std::string reason;
    Json errors = Json::array();
    for (const auto& p : problems) {
        errors.push_back(codec::object({{"path", p.path}, {"problem", p.problem}, {"fix", p.fix}}));
        reason += (reason.empty() ? "" : "; ") + p.path + " " + p.problem +
                  (p.fix.empty() ? "" : " (" + p.fix + ")");
    }
    Json summary = failed_summary(job, "configuration", reason);
    summary["errors"] = std::move(errors);
    return summary;
}

}  // namespace

class Engine::State final : public jobs::Context {
  public:
    explicit State(std::string_view config_json) : config_(read_config(config_json)) {}

    effect::Id emit(effect::What what) override {
        const effect::Id id = ++last_id_;
        effects_.push_back({id, std::move(what)});
        return id;
    }
    [[nodiscard]] base::Millis now() const override { return now_; }
    jobs::Budget& budget() override { return budget_; }
    crypto::RandomStream& random() override { return random_; }

    // Last line of defence: a fault of the core itself ends this invocation as a failure, never the host.
    void feed(const effect::Input& input, base::Millis now) {
        now_ = now;
        if (done_) return;
        try {
            take(input);
        } catch (const std::exception&) {
            finish(
                2,
                failed_summary(
                    "", "internal_error",
                    "leadbridge itself failed on this input; nothing stored is lost, the next run goes on"));
        }
    }

    std::optional<effect::Effect> next() {
        if (effects_.empty()) return std::nullopt;
        effect::Effect effect = std::move(effects_.front());
        effects_.pop_front();
        return effect;
    }

  private:
    void take(const effect::Input& input) {
        if (const auto* start = std::get_if<effect::Start>(&input)) {
            begin(*start);
        } else if (std::holds_alternative<effect::CpuWarning>(input)) {
            budget_.cpu_warned = true;
        } else if (job_) {
            job_->resume(*this, input);
        }
        if (job_ && job_->finished()) end(job_->exit_status(), job_->summary_text());
    }

    void begin(const effect::Start& start) {
        if (job_) return;
        const auto event = codec::parse_json(start.event, {4 << 20, 32});
        const std::string kind = event ? codec::member_text(event.value(), "kind").value_or("") : "";
        if (start.random.size() != kRandomBytes) {
            return finish(
                1, failed_summary(kind, "host_fault", "the host gave no 32 random bytes with the event"));
        }
        if (!event)
            return finish(
                1, failed_summary("", "bad_event", "the event is unreadable: " + event.error().reason));
        if (needs_configuration(event.value()) && !config_.problems.empty()) {
            return finish(1, configuration_summary(kind, config_.problems));
        }
        random_ = crypto::RandomStream(start.random);
        budget_.requests = config_.budget_requests;
        budget_.deadline = now_ + config_.budget_seconds * base::kSecond;
        auto job = job_of_event(event.value(), start.body, config_);
        if (!job) return finish(1, failed_summary(kind, job.error().code, job.error().reason));
        job_ = std::move(job).value();
        job_->begin(*this);
    }

    void finish(int exit, const Json& summary) { end(exit, codec::dump_json(summary)); }

    void end(int exit, std::string summary) {
        done_ = true;
        emit(effect::Done{exit, std::move(summary)});
    }

    Config config_;
    base::Millis now_ = 0;
    jobs::Budget budget_;
    crypto::RandomStream random_{""};
    std::unique_ptr<jobs::Job> job_;
    std::deque<effect::Effect> effects_;
    effect::Id last_id_ = 0;
    bool done_ = false;
};

Engine::Engine(std::string_view config_json) : state_(std::make_unique<State>(config_json)) {}
Engine::~Engine() = default;
Engine::Engine(Engine&&) noexcept = default;
Engine& Engine::operator=(Engine&&) noexcept = default;

void Engine::feed(const effect::Input& input, base::Millis now) { state_->feed(input, now); }
std::optional<effect::Effect> Engine::next() { return state_->next(); }

}  // namespace leadbridge::engine
