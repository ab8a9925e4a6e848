// doctor: is everything ready, and if not, what to do.
#include <set>
#include <string>

#include "base/text.h"
#include "base/time.h"
#include "functions/cli/cli.h"
#include "functions/native/http_curl.h"

namespace leadbridge::native {
namespace {

constexpr base::Millis kMaxSkewMs = 5 * 60 * 1000;  // TOP refuses more than 10 minutes
constexpr base::Millis kOnlineMs = 10'000;

class Checks {
  public:
    void add(const std::string& name, bool ok, const std::string& detail, const std::string& fix) {
        list_.push_back({{"name", name}, {"ok", ok}, {"detail", detail}, {"fix", ok ? "" : fix}});
        failed_ = failed_ || !ok;
    }
    void take(const Json& check) {
        list_.push_back(check);
        const Json& ok = child_at(check, "ok");
        failed_ = failed_ || !(ok.is_boolean() && ok.get<bool>());
    }
    [[nodiscard]] bool failed() const { return failed_; }
    [[nodiscard]] Answer answer(bool configuration_at_fault) const {
        const int exit = configuration_at_fault ? 1 : failed_ ? 2 : 0;
        return {exit, {{"job", "doctor"}, {"checks", list_}}};
    }

  private:
    Json list_ = Json::array();
    bool failed_ = false;
};

// A real write: a mark that has expired a moment later and goes with the next purge.
bool check_store(const StoreChoice& choice, StoreHolder& holder, Checks& checks,
                 bool& configuration_at_fault) {
    const std::string where = choice.kind == "memory" ? "in memory: nothing survives this process"
                              : choice.kind == "dynamodb"
                                  ? "the DynamoDB table " + choice.table + " in " + choice.region
                                  : choice.path;
    auto store = holder.open();
    if (!store.ok()) {
        configuration_at_fault = configuration_at_fault || store_error_is_configuration(store.error().code);
        checks.add("store", false, where, store.error().reason);
        return false;
    }
    const auto random = fresh_random();
    const std::string unique = "doctor-" + base::hex_lower(random.ok() ? random.value() : "");
    const base::Millis now = wall_clock();
    effect::StoreCommit commit;
    commit.records.commit = unique;
    commit.records.now = now;
    commit.records.marks.push_back({unique, now + 1000, false});
    const effect::StoreResult written = store.value()->commit(commit);
    const bool ok = written.ok();
    checks.add("store", ok, ok ? where + ", readable and writable" : where + ": " + written.reason,
               written.reason);
    return ok;
}

std::string network_fix(const std::string& kind) {
    if (kind == "dns") return "check the name in `endpoint` and the DNS of this machine";
    if (kind == "connect") return "check the address and port in `endpoint`, and the firewall";
    if (kind == "tls")
        return "install ca-certificates, check the clock; a proxy that opens TLS needs its own certificate";
    if (kind == "timeout") return "check the firewall and the proxy (https_proxy)";
    return "try again; if it stays, ask the network's owner";
}

void check_online(const ConfigFile& config, Checks& checks) {
    std::set<std::string> origins;
    for (const Endpoint& endpoint : config.endpoints) {
        const std::string& path = endpoint.path;
        if (path.size() >= 9 && path.compare(path.size() - 9, 9, "/endpoint") == 0) {
            origins.insert(origin_of(endpoint.url));
        }
    }
    origins.erase("");
    HttpClient http;
    for (const std::string& origin : origins) {
        const base::Millis before = wall_clock();
        http.start(1, effect::Http{"GET", origin + "/", {}, "", kOnlineMs, 4 * 1024 * 1024});
        std::vector<effect::HttpResult> results;
        while (results.empty() && wall_clock() - before < 2 * kOnlineMs) results = http.poll(200);
        const base::Millis middle = before + (wall_clock() - before) / 2;
        if (results.empty() || !results.front().error_kind.empty()) {
            const std::string kind = results.empty() ? "timeout" : results.front().error_kind;
            checks.add("network", false,
                       results.empty() ? origin + ": no answer" : results.front().error_message,
                       network_fix(kind));
            continue;
        }
        checks.add("network", true, origin + " answers (" + std::to_string(results.front().status) + ")", "");
        for (const auto& [name, value] : results.front().headers) {
            if (base::lower_ascii(name) != "date") continue;
            const auto date = base::parse_http_date(value);
            if (!date) break;
            const base::Millis skew = middle - *date;
            const bool ok = skew < kMaxSkewMs && skew > -kMaxSkewMs;
            checks.add(
                "clock", ok,
                "this machine is " + std::to_string((skew < 0 ? -skew : skew) / 1000) + " s " +
                    (skew < 0 ? "behind " : "ahead of ") + origin,
                "set the clock (timedatectl set-ntp true): requests more than 10 minutes off are refused");
            break;
        }
    }
}

Answer doctor(const Globals& globals, bool online) {
    Checks checks;
    auto config = read_config_file(globals.config);
    if (!config.ok()) {
        checks.add("configuration", false, config.error().reason, "repair " + globals.config);
        return checks.answer(true);
    }
    StoreHolder store(config.value().store);
    bool configuration_at_fault = false;
    // The core checks first, so that a bad configuration creates no file.
    const Answer core = run_event(globals, config.value().resolved, config.value().budget_ms, store,
                                  {{"kind", "doctor"}}, false);
    const Json& errors = child_at(core.summary, "errors");
    if (errors.is_array() && !errors.empty()) {
        for (const Json& error : errors) {
            checks.add("configuration", false, text_at(error, "path") + " " + text_at(error, "problem"),
                       text_at(error, "fix"));
        }
        return checks.answer(true);
    }
    const Json& error = child_at(core.summary, "error");
    const std::string code = text_at(error, "code");
    if (code.rfind("store_", 0) == 0) {
        check_store(config.value().store, store, checks, configuration_at_fault);
        return checks.answer(configuration_at_fault);
    }
    checks.add("configuration file", true, globals.config, "");
    if (const std::size_t fetched = config.value().fetched; fetched > 0)
        checks.add("secrets from AWS", true, std::to_string(fetched) + " fetched", "");
    for (const base::Error& missing : config.value().missing) {
        // The core has named those it needs; this one it can do without.
        checks.add("secret " + missing.code, true, missing.reason + ", and nothing needs it now", "");
    }
    if (error.is_object()) {
        checks.add("core", false, text_at(error, "code"), text_at(error, "reason"));
        configuration_at_fault = configuration_at_fault || core.exit == 1;
    }
    for (const Json& check : child_at(core.summary, "checks")) checks.take(check);
    check_store(config.value().store, store, checks, configuration_at_fault);
    if (online) check_online(config.value(), checks);
    return checks.answer(configuration_at_fault);
}

void print_checks(const Json& summary) {
    for (const Json& check : child_at(summary, "checks")) {
        const Json& ok = child_at(check, "ok");
        const bool good = ok.is_boolean() && ok.get<bool>();
        const std::string detail = text_at(check, "detail");
        const Json& advice = child_at(check, "advice");
        const bool note = good && advice.is_boolean() && advice.get<bool>();
        say((note   ? "note  "
             : good ? "ok    "
                    : "FAIL  ") +
                text_at(check, "name") + (detail.empty() ? "" : ": " + detail),
            note   ? Tone::warning
            : good ? Tone::good
                   : Tone::bad);
        const std::string fix = text_at(check, "fix");
        if ((note || !good) && !fix.empty()) say("      fix: " + fix);
    }
}

}  // namespace

void add_doctor(CLI::App& app, Globals& globals, Action& action) {
    CLI::App* command = app.add_subcommand("doctor", "check the configuration, secrets, store and clock");
    add_common(*command, globals);
    auto online = std::make_shared<bool>(false);
    command->add_flag("--online", *online, "also call each endpoint's host once, and compare the clocks");
    command->callback([&globals, &action, online] {
        action = [&globals, online] { return finish(globals, doctor(globals, *online), print_checks); };
    });
}

}  // namespace leadbridge::native
