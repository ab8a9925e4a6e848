#include "functions/lambda/function.h"

#include <algorithm>
#include <csignal>
#include <cstdlib>
#include <utility>

#include "base/text.h"
#include "engine/engine.h"
#include "engine/report.h"
#include "functions/lambda/log.h"
#include "functions/native/drive.h"

namespace leadbridge::lambda {
namespace {

constexpr base::Millis kSpareMs = 1500;  // of the deadline, for the last store write and the answer
constexpr base::Millis kLastRequestMs = 1000;
constexpr base::Millis kLeastMs = 100;     // with less there is no use in starting
constexpr base::Millis kGuardMs = 60'000;  // beyond the budget, when Lambda names no deadline
constexpr base::Millis kFlushMs = 20'000;  // API Gateway waits 30 s for an answer

std::string text_at(const Json& object, std::string_view key) {
    return codec::member_text(object, key).value_or("");
}

std::string environment(const char* name) {
    const char* value = std::getenv(name);
    return value == nullptr ? "" : value;
}

bool failed(int exit) { return exit == 1 || exit == 2; }

// The core's sentence about a summary with exit 1 or 2.
std::string failure_text(const Json& summary, const char* what) {
    return text_at(codec::member(summary, "failure"), what);
}

Work send_what_waits(const std::string& name) {
    return {codec::object({{"kind", "backflow"}, {"name", name}, {"action", "send"}}), "", "", "", 1};
}

}  // namespace

base::Result<native::ConfigFile> read_configuration() {
    if (const std::string text = environment("LEADBRIDGE_CONFIG"); !base::trim(text).empty())
        return native::parse_config(text, "LEADBRIDGE_CONFIG");
    std::string path = environment("LEADBRIDGE_CONFIG_FILE");
    if (path.empty()) {
        const std::string root = environment("LAMBDA_TASK_ROOT");
        path = (root.empty() ? "" : root + "/") + "leadbridge.json";
    }
    auto config = native::read_config_file(path);
    if (!config.ok() && config.error().code == "config_missing") {
        return base::fail("config_missing",
                          "the configuration file " + base::printable(path) +
                              " does not exist. Put it into the package beside bootstrap, name one with "
                              "LEADBRIDGE_CONFIG_FILE, or set LEADBRIDGE_CONFIG to its text.");
    }
    return config;
}

Function::Function(const native::ConfigFile& config)
    : config_(config.resolved),
      budget_ms_(config.budget_ms),
      doors_(engine::doors_of(config.settings)),
      store_(config.store) {}

// The core's own budget ends before the host's limit: it stops at a page boundary by itself. A request it
// began just before may take one more second.
std::string Function::config_within(base::Millis limit) const {
    const base::Millis most = std::max((limit - kLastRequestMs) / base::kSecond, base::Millis{1});
    if (budget_ms_ <= most * base::kSecond) return config_;
    Json config = Json::parse(config_, nullptr, false);
    Json& budget = config["budget"];
    if (budget.is_null()) budget = Json::object();
    budget["seconds"] = most;
    return codec::dump_json(config);
}

Function::Run Function::drive_one(const Invocation& invocation, const Work& work, base::Millis limit) {
    const std::string job = text_at(work.event, "kind");
    const auto ended = [&job](int exit, const std::string& code, const std::string& reason) {
        Run run;
        run.exit = exit;
        const Json error = codec::object({{"code", code}, {"reason", reason}});
        run.summary = codec::object({{"job", job}, {"error", error}});
        if (failed(exit)) run.summary["failure"] = engine::failure_of(run.summary);
        run.log = engine::log_of(job, exit, run.summary);
        if (exit == 3) run.log.level = "warn";
        return run;
    };
    if (limit < kLeastMs) {
        return ended(
            3, "no_time",
            "too little is left of this invocation; raise the function's timeout. The next one goes on.");
    }
    native::DriveOptions options;
    options.event = codec::dump_json(work.event);
    options.body = work.body;
    options.limit_ms = limit;
    options.on_log = [&invocation](const effect::Log& log) {
        log_line(log.level, log.code, log.message, invocation.id);
    };
    engine::Engine engine(config_within(limit));
    native::DriveOutcome outcome = native::drive(
        engine, http_, [this] { return store_.open(); }, options);
    if (outcome.error) {
        const std::string& code = outcome.error->code;
        if (code == "host_deadline") {
            Run run = ended(3, code,
                            "Lambda's deadline was near and the run was ended. Everything committed is kept; "
                            "the next invocation goes on.");
            run.response = std::move(outcome.response);
            return run;
        }
        return ended(native::store_error_is_configuration(code) ? 1 : outcome.exit, code,
                     outcome.error->reason);
    }
    Run run;
    run.exit = outcome.exit;
    run.summary = Json::parse(outcome.summary, nullptr, false);
    if (!run.summary.is_object())
        return ended(2, "summary", "the core gave no summary; this is a defect of leadbridge");
    run.log = std::move(outcome.log);
    run.response = std::move(outcome.response);
    return run;
}

// `most`: no longer than this, when not 0.
Function::Run Function::run(const Invocation& invocation, const Work& work, base::Millis most) {
    base::Millis limit = budget_ms_ + kGuardMs;
    if (invocation.deadline > 0) limit = invocation.deadline - native::wall_clock() - kSpareMs;
    if (most > 0) limit = std::min(limit, most);
    Run run = drive_one(invocation, work, limit);
    log_line(run.log.level, run.log.code, run.log.message, invocation.id, {}, run.exit);
    return run;
}

// Async invocations that fail are counted by Lambda: alarms stand on that.
Reply Function::on_schedule(const Invocation& invocation, const Work& tick) {
    Run done = run(invocation, tick);
    if (failed(done.exit))
        return failure(failure_text(done.summary, "code"), failure_text(done.summary, "reason"));
    done.summary["exit"] = done.exit;
    return {false, codec::dump_json(done.summary), "", ""};
}

Reply Function::on_http(const Invocation& invocation, const Order& order) {
    const Run done = run(invocation, order.work.front());
    if (!done.response) {
        const bool wrong = failed(done.exit);
        log_line("error", wrong ? failure_text(done.summary, "code") : "no_answer",
                 text_at(order.work.front().event, "path") + ": " +
                     (wrong ? failure_text(done.summary, "reason") : done.log.message),
                 invocation.id);
    } else if (text_at(done.summary, "action") == "send" &&
               codec::member_int(done.summary, "waiting").value_or(0) > 0) {
        // What was accepted goes out at once; the process is frozen after the answer. The schedule sends
        // what is left.
        run(invocation, send_what_waits(text_at(done.summary, "name")), kFlushMs);
    }
    return {false, http_answer(done.response, order.head), "", ""};
}

Reply Function::on_queue(const Invocation& invocation, const Order& order) {
    std::vector<std::string> undone;
    for (const Work& work : order.work) {
        if (!work.problem.empty()) {
            log_line(
                "error", "queue_message",
                "a message is not ours: " + work.problem +
                    ". It fails alone until the dead-letter queue takes it; docs/lambda.md says what to send",
                invocation.id, work.item);
            undone.push_back(work.item);
            continue;
        }
        const Run done = run(invocation, work);
        if (done.all_taken()) continue;
        log_line(failed(done.exit) ? "error" : "warn", "queue_message",
                 failed(done.exit) ? failure_text(done.summary, "reason") : done.log.message, invocation.id,
                 work.item);
        undone.push_back(work.item);
    }
    return {false, queue_answer(undone), "", ""};
}

Reply Function::on_direct(const Invocation& invocation, const Work& work) {
    Run done = run(invocation, work);
    if (text_at(work.event, "kind") == "request" && done.response)
        return {false, http_answer(done.response, false), "", ""};
    if (failed(done.exit)) {
        Reply reply = failure(failure_text(done.summary, "code"), failure_text(done.summary, "reason"));
        reply.text =
            codec::dump_json(codec::object({{"exit", done.exit}, {"summary", std::move(done.summary)}}));
        return reply;
    }
    done.summary["exit"] = done.exit;
    return {false, codec::dump_json(done.summary), "", ""};
}

Reply Function::handle(const Invocation& invocation) {
    if (invocation.too_large) {
        return failure("event_too_large", "the event has more than " +
                                              std::to_string(kMaxPayload / 1'000'000) +
                                              " MB; send the rows in smaller parts");
    }
    auto order = read_event(invocation.payload, doors_);
    if (!order.ok()) return failure(order.error().code, order.error().reason);
    switch (order.value().origin) {
        case Origin::schedule:
            return on_schedule(invocation, order.value().work.front());
        case Origin::http:
            return on_http(invocation, order.value());
        case Origin::queue:
            return on_queue(invocation, order.value());
        case Origin::direct:
            break;
    }
    return on_direct(invocation, order.value().work.front());
}

int run_lambda(const std::string& api_address) {
    std::signal(SIGPIPE, SIG_IGN);
    RuntimeApi api(api_address);
    auto config = read_configuration();
    if (!config.ok()) {
        api.post_init_error(failure(config.error().code, config.error().reason));
        return 1;
    }
    if (!config.value().settings.problems.empty()) {
        const Json summary = engine::configuration_summary("init", config.value().settings.problems);
        api.post_init_error(failure("configuration", text_at(codec::member(summary, "error"), "reason")));
        return 1;
    }
    Function function(config.value());
    return serve(api, [&function](const Invocation& invocation) { return function.handle(invocation); });
}

}  // namespace leadbridge::lambda
