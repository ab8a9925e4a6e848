#include "engine/engine.h"

#include <deque>
#include <exception>
#include <functional>
#include <new>

#include "base/log_text.h"
#include "base/text.h"
#include "engine/config.h"
#include "engine/doors.h"
#include "engine/health.h"
#include "engine/job_of_event.h"
#include "engine/report.h"

namespace leadbridge::engine {
namespace {

using codec::Json;

constexpr std::size_t kRandomBytes = 32;

}  // namespace

class Engine::State final : public jobs::Context {
  public:
    explicit State(std::string_view config_json) {
        guarded([&] { config_ = read_config(config_json); });
    }

    effect::Id emit(effect::What what) override {
        if (auto* log = std::get_if<effect::Log>(&what))
            log->message = base::without_long_numbers(log->message);
        const effect::Id id = ++last_id_;
        effects_.push_back({id, std::move(what)});
        return id;
    }
    [[nodiscard]] base::Millis now() const override { return now_; }
    jobs::Budget& budget() override { return budget_; }
    crypto::RandomStream& random() override { return random_; }

    void feed(const effect::Input& input, base::Millis now) {
        now_ = now;
        if (!done_) guarded([&] { take(input); });
    }

    // Last line of defence: a fault of the core itself ends this invocation as a failure, never the host. What was
    // asked for in the same breath is dropped, as if the host had died before it.
    void guarded(const std::function<void()>& work) {
        const char* code = "internal_error";
        const char* reason =
            "leadbridge itself failed on this input; nothing stored is lost, the next run goes on";
        try {
            return work();
        } catch (const std::bad_alloc&) {
            code = "out_of_memory";
            reason =
                "this input needs more memory than there is; nothing stored is lost: send or ask for less at "
                "once";
        } catch (const std::exception&) {
            // What it says may hold a part of the input.
        }
        job_.reset();
        std::erase_if(effects_,
                      [](const auto& effect) { return !std::holds_alternative<effect::Log>(effect.what); });
        finish(2, failed_summary("", code, reason));
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
        if (job_ && job_->finished()) end_job();
    }

    void end_job() {
        const int exit = job_->exit_status();
        Json summary = job_->summary();
        if (exit == 3) summary["come_again"] = job_->must_come_again();
        finish(exit, std::move(summary));
    }

    void begin(const effect::Start& start) {
        if (job_) return;
        const auto event = codec::parse_json(start.event, {4 << 20, 32});
        kind_ = event ? codec::member_text(event.value(), "kind").value_or("") : "";
        if (start.random.size() != kRandomBytes) {
            return finish(
                1, failed_summary(kind_, "host_fault", "the host gave no 32 random bytes with the event"));
        }
        if (!event)
            return finish(
                1, failed_summary("", "bad_event", "the event is unreadable: " + event.error().reason));
        if (needs_configuration(event.value()) && !config_.problems.empty()) return refuse(event.value());
        random_ = crypto::RandomStream(start.random);
        budget_.requests = config_.budget_requests;
        budget_.deadline = now_ + config_.budget_seconds * base::kSecond;
        if (config_.budget_decryptions > 0) budget_.decryptions = config_.budget_decryptions;
        auto work = work_of_event(*this, event.value(), start.body, config_);
        if (!work) return finish(1, failed_summary(kind_, work.error().code, work.error().reason));
        if (auto* outcome = std::get_if<jobs::Outcome>(&work.value())) {
            if (outcome->response) emit(std::move(*outcome->response));
            return end_outcome(std::move(*outcome));
        }
        job_ = std::get<std::unique_ptr<jobs::Job>>(std::move(work).value());
        job_->begin(*this);
    }

    // The configuration cannot be used. Monitors are told so; whoever else calls is answered by the host.
    void refuse(const Json& event) {
        const Json summary = configuration_summary(kind_, config_.problems);
        if (kind_ == "request" && codec::member_text(event, "path") == kHealthPath)
            emit(health_response(summary, 1, now_, std::nullopt));
        finish(1, summary);
    }

    void finish(int exit, Json summary) {
        if (exit == 1 || exit == 2) summary["failure"] = failure_of(summary);
        end(exit, codec::dump_json(summary), log_of(kind_, exit, summary));
    }
    void end_outcome(jobs::Outcome outcome) {
        if (kind_ == "request") {
            return finish(outcome.exit, codec::parse_json(outcome.summary).value_or(Json::object()));
        }
        // A tool's: it may be megabytes, and a log keeps nothing of it.
        Json kept = codec::object({{"job", kind_}});
        if ((outcome.exit == 1 || outcome.exit == 2) && kind_ != "preview") {
            kept["failure"] = failure_of(kept);
            outcome.summary.pop_back();
            outcome.summary += ",\"failure\":" + codec::dump_json(kept["failure"]) + "}";
        }
        end(outcome.exit, std::move(outcome.summary), log_of(kind_, outcome.exit, kept));
    }

    void end(int exit, std::string summary, effect::Log log) {
        done_ = true;
        emit(effect::Done{exit, std::move(summary), std::move(log)});
    }

    Config config_;
    std::string kind_;  // of the event
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
void Engine::guarded(const std::function<void()>& work) { state_->guarded(work); }
std::optional<effect::Effect> Engine::next() { return state_->next(); }

}  // namespace leadbridge::engine
