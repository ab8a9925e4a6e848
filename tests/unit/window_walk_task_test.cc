// The walk over time windows, against a scripted platform and a store that keeps what is committed.
#include "jobs/pull/window_walk_task.h"

#include <algorithm>
#include <catch2/catch.hpp>
#include <deque>
#include <functional>
#include <map>
#include <set>
#include <string>

#include "base/text.h"
#include "jobs/pull/pull_job.h"
#include "jobs/report/status_job.h"

using namespace leadbridge;
using namespace leadbridge::jobs;
using codec::Json;
using platforms::WindowRequest;

namespace {

constexpr base::Millis kHour = 3'600'000;
const base::Millis kNow = *base::parse_china_text("2022-05-03 12:00:00");

// Requests and answers as plain JSON; {"failure": {...}} is a failed call.
class PlainSource final : public platforms::WindowSource {
  public:
    effect::Http request(const WindowRequest& page) const override {
        effect::Http http;
        http.timeout_ms = 15'000;
        http.body = codec::dump_json(codec::object({{"since", page.since},
                                                    {"before", page.before},
                                                    {"cursor", page.cursor},
                                                    {"size", page.page_size},
                                                    {"now", page.platform_now}}));
        return http;
    }
    platforms::WindowAnswer read(const WindowRequest&, const effect::HttpResult& result) const override {
        const Json body = codec::parse_json(result.body).value();
        if (const Json& failure = codec::member(body, "failure"); failure.is_object()) {
            auto f = wire::call_failure(static_cast<wire::Remedy>(*codec::member_int(failure, "remedy")),
                                        *codec::member_text(failure, "code"), "because");
            f.wait_ms = codec::member_int(failure, "wait_ms").value_or(0);
            f.platform_clock = codec::member_int(failure, "clock");
            return f;
        }
        platforms::WindowPage page;
        for (const auto& row : body["rows"]) page.rows.push_back(row);
        page.next = codec::member_text(body, "next").value_or("");
        return page;
    }
    lead::Lead to_lead(const Json& row, base::Millis received_at,
                       std::map<std::string, std::int64_t>& unknown) const override {
        lead::Lead lead;
        lead.source = {"plain",
                       "scrm",
                       "acc",
                       *codec::member_text(row, "id"),
                       codec::member_int(row, "version").value_or(1),
                       received_at};
        if (row.contains("novel")) ++unknown["novel"];
        return lead;
    }
};

Json failure(wire::Remedy remedy, const std::string& code) {
    return codec::object(
        {{"failure", codec::object({{"remedy", static_cast<int>(remedy)}, {"code", code}})}});
}

// One platform, one store, one clock; runs invocations and can end one at any effect.
struct World {
    std::function<Json(const WindowRequest&)> platform;
    base::Millis now = kNow;
    std::map<std::string, std::int64_t> leads;  // lead id -> version
    std::string checkpoint;
    std::int64_t version = 0;
    effect::Outcome next_commit = effect::Outcome::ok;  // of the next commits
    std::vector<WindowRequest> asked;
    std::vector<std::string> logged;
    std::int64_t waited = 0;

    PullReport run(WindowWalkSettings settings, std::int64_t requests = 100,
                   std::int64_t killed_after = 1'000'000);
    PullReport run() { return run(settings()); }
    static WindowWalkSettings settings() {
        WindowWalkSettings s;
        s.name = "scrm";
        return s;
    }
    [[nodiscard]] WindowWalkState state() const { return checkpoint_of<WindowWalkState>(checkpoint).value(); }
};

class TestContext final : public Context {
  public:
    explicit TestContext(World& world) : world_(world) {}
    effect::Id emit(effect::What what) override {
        queue.push_back({++last_, std::move(what)});
        return last_;
    }
    [[nodiscard]] base::Millis now() const override { return world_.now; }
    Budget& budget() override { return budget_; }
    crypto::RandomStream& random() override { return random_; }

    std::deque<effect::Effect> queue;

  private:
    World& world_;
    Budget budget_{100, INT64_MAX, false};
    crypto::RandomStream random_{"seed"};
    effect::Id last_ = 0;
};

effect::StoreResult commit(World& world, const effect::StoreCommit& what) {
    effect::StoreResult result;
    result.outcome = world.next_commit;
    if (!result.ok()) return result;
    const auto& move = what.checkpoints.at(0);
    CHECK(move.key == "pull/scrm");
    if (move.expected != world.version) {
        result.outcome = effect::Outcome::conflict;
        return result;
    }
    world.checkpoint = move.value;
    ++world.version;
    for (const auto& lead : what.records.leads) {
        const auto [place, fresh] = world.leads.emplace(lead.lead_id, lead.version);
        if (fresh) {
            ++result.inserted;
        } else if (lead.version > place->second) {
            place->second = lead.version;
            ++result.updated;
        } else {
            ++result.unchanged;
        }
    }
    return result;
}

PullReport World::run(WindowWalkSettings settings, std::int64_t requests, std::int64_t killed_after) {
    asked.clear();
    TestContext context(*this);
    context.budget().requests = requests;
    WindowWalkTask task(settings, std::make_shared<PlainSource>(), std::make_shared<lead::Vault>());
    task.begin(context);
    for (std::int64_t effects = 0; !context.queue.empty() && effects < killed_after; ++effects) {
        const auto effect = std::move(context.queue.front());
        context.queue.pop_front();
        if (const auto* http = std::get_if<effect::Http>(&effect.what)) {
            const Json body = codec::parse_json(http->body).value();
            asked.push_back({*codec::member_int(body, "since"), *codec::member_int(body, "before"),
                             *codec::member_text(body, "cursor"), *codec::member_int(body, "size"),
                             *codec::member_int(body, "now")});
            REQUIRE(asked.size() < 2000);
            effect::HttpResult result;
            result.id = effect.id;
            result.body = codec::dump_json(platform(asked.back()));
            task.resume(context, result);
        } else if (const auto* wait = std::get_if<effect::Wait>(&effect.what)) {
            waited += wait->ms;
            task.resume(context, effect::WaitResult{effect.id});
        } else if (std::holds_alternative<effect::StoreLoad>(effect.what)) {
            effect::StoreResult result;
            result.outcome = effect::Outcome::ok;
            if (version > 0) result.records = {{"pull/scrm", version, checkpoint}};
            task.resume(context, result);
        } else if (const auto* what = std::get_if<effect::StoreCommit>(&effect.what)) {
            task.resume(context, commit(*this, *what));
        } else if (const auto* log = std::get_if<effect::Log>(&effect.what)) {
            logged.push_back(log->code);
        }
    }
    CHECK((task.finished() || killed_after < 1'000'000));
    return task.report();
}

// A true list: rows with a creation time, ascending, `size` a page; the cursor is the index behind the page.
struct Row {
    base::Millis created;
    std::string id;
};
std::function<Json(const WindowRequest&)> true_list(const std::vector<Row>& rows) {
    return [&rows](const WindowRequest& page) {
        Json out = codec::object({{"rows", Json::array()}, {"next", nullptr}});
        std::size_t at = page.cursor.empty() ? 0 : std::stoul(page.cursor);
        for (; at < rows.size() && static_cast<std::int64_t>(out["rows"].size()) < page.page_size; ++at) {
            if (rows[at].created >= page.since && rows[at].created < page.before)
                out["rows"].push_back(codec::object({{"id", rows[at].id}}));
        }
        if (!out["rows"].empty()) out["next"] = std::to_string(at);
        return out;
    };
}

Json page_of(std::initializer_list<const char*> ids, const std::string& next) {
    Json out = codec::object({{"rows", Json::array()}, {"next", next}});
    for (const char* id : ids) out["rows"].push_back(codec::object({{"id", id}}));
    return out;
}

}  // namespace

TEST_CASE("the first run goes back some days in windows, the next reads what is new", "[window]") {
    World world;
    std::vector<Row> rows;
    for (int i = 0; i < 250; ++i) rows.push_back({kNow - 29 * base::kDay + i * kHour, std::to_string(i)});
    world.platform = true_list(rows);
    auto report = world.run();
    CHECK(report.outcome == "ok");
    CHECK(report.inserted == 250);
    CHECK(world.leads.size() == 250);
    // Five windows of at most seven days, each beginning half an hour before the end of the last.
    std::set<base::Millis> begins;
    for (const auto& page : world.asked) {
        begins.insert(page.since);
        CHECK(page.before - page.since <= 7 * base::kDay + kHour / 2);
        CHECK(page.since % 1000 == 0);
        CHECK(page.before <= kNow);
    }
    CHECK(begins.size() == 5);
    CHECK(*begins.begin() == kNow - 30 * base::kDay);
    CHECK(world.state().closed_until == kNow);
    CHECK(world.state().from == kNow - 30 * base::kDay);
    CHECK_FALSE(world.state().open);

    world.now += kHour;
    rows.push_back({kNow - 20 * 60'000, "late"});  // became visible after it was created
    rows.push_back({kNow + 1000, "new"});
    report = world.run();
    CHECK(report.outcome == "ok");
    CHECK(report.inserted == 2);
    CHECK(report.requests == 2);
    CHECK(world.asked.at(0).since == kNow - kHour / 2);
    CHECK(world.asked.at(0).before == kNow + kHour);
    CHECK(world.run().inserted == 0);
}

TEST_CASE("stopped by the budget, the next run goes on in the same window with its cursor", "[window]") {
    World world;
    std::vector<Row> rows;
    for (int i = 0; i < 95; ++i) rows.push_back({kNow - kHour * 100 + i * 60'000, std::to_string(i)});
    world.platform = true_list(rows);
    auto settings = World::settings();
    settings.page_size = 10;
    settings.backfill_days = 5;
    std::int64_t runs = 0;
    for (PullReport report; report.outcome != "ok"; ++runs) {
        REQUIRE(runs < 20);
        report = world.run(settings, 3);
        CHECK(report.requests <= 3);
        CHECK((report.outcome == "ok" || report.outcome == "budget"));
        if (report.outcome == "budget" && world.state().open)
            CHECK(world.state().open->pages == 3 * (runs + 1));
        world.now += 60'000;
    }
    CHECK(runs == 4);  // 10 pages, their end, and a window for the time meanwhile
    CHECK(world.leads.size() == 95);
    CHECK(world.run(settings, 0).outcome == "budget");
}

TEST_CASE("killed after any effect, nothing is lost", "[window]") {
    std::vector<Row> rows;
    for (int i = 0; i < 35; ++i) rows.push_back({kNow - kHour * 300 + i * 9 * kHour, std::to_string(i)});
    auto settings = World::settings();
    settings.page_size = 4;
    for (std::int64_t kill = 1; kill < 45; ++kill) {
        CAPTURE(kill);
        World world;
        world.platform = true_list(rows);
        world.run(settings, 100, kill);
        CHECK(world.run(settings).outcome == "ok");
        CHECK(world.leads.size() == 34);  // the last lies in the future
        CHECK(world.state().closed_until == kNow);
    }
}

TEST_CASE("where the first window begins", "[window]") {
    World world;
    world.platform = [](const WindowRequest&) { return page_of({}, ""); };
    auto settings = World::settings();
    settings.window_days = 10'000;
    settings.since = *base::parse_china_text("2020-01-01 00:00:00");
    auto report = world.run(settings);
    CHECK(report.outcome == "ok");
    REQUIRE(world.asked.size() == 1);
    CHECK(world.asked[0].since == settings.since);
    CHECK(world.asked[0].before == kNow);
    // An earlier beginning is obeyed, a later one has nothing left to say.
    settings.since -= base::kDay;
    world.run(settings);
    CHECK(world.asked.at(0).since == settings.since);
    CHECK(world.state().from == settings.since);
    settings.since += 10 * base::kDay;
    world.run(settings);
    CHECK(world.asked.at(0).since == kNow - kHour / 2);

    World future;
    future.platform = world.platform;
    settings.since = kNow + base::kDay;
    report = future.run(settings);
    CHECK(report.outcome == "ok");
    CHECK(report.requests == 0);
    CHECK_FALSE(future.state().warning.empty());
    CHECK(future.state().from == 0);
}

TEST_CASE("a window ends with an empty list, no cursor, or the same cursor", "[window]") {
    for (const std::string end : {"empty", "none", "same"}) {
        CAPTURE(end);
        World world;
        world.platform = [&](const WindowRequest& page) {
            if (page.cursor.empty()) return page_of({"1", "2"}, "c");
            if (end == "empty") return page_of({}, "d");
            return page_of({"3"}, end == "none" ? "" : "c");
        };
        auto settings = World::settings();
        settings.window_days = 10'000;
        const auto report = world.run(settings);
        CHECK(report.outcome == "ok");
        CHECK(report.requests == 2);
        CHECK(world.leads.size() == (end == "empty" ? 2 : 3));
        CHECK(world.state().closed_until == kNow);
    }
}

TEST_CASE("a list that goes round in a circle is noticed, stored and begun afresh", "[window]") {
    for (const std::size_t lead_in : {0U, 1U, 5U}) {
        for (const std::size_t cycle : {2U, 3U, 7U, 40U}) {
            for (const bool fresh_cursors : {false, true}) {
                CAPTURE(lead_in, cycle, fresh_cursors);
                World world;
                world.platform = [&](const WindowRequest& page) {
                    std::size_t n = page.cursor.empty() ? 0 : std::stoul(page.cursor);
                    const std::size_t at = n < lead_in ? n : lead_in + (n - lead_in) % cycle;
                    n = fresh_cursors || n + 1 < lead_in + cycle ? n + 1 : lead_in;
                    return page_of({std::to_string(at).c_str()}, std::to_string(n));
                };
                auto settings = World::settings();
                settings.window_days = 10'000;
                auto report = world.run(settings, 300);
                CHECK(report.outcome == "failed");
                CHECK(report.code == "cursor_loop");
                CHECK_FALSE(report.reason.empty());
                CHECK(world.leads.size() == lead_in + cycle);
                CHECK(report.pages < static_cast<std::int64_t>(4 * (lead_in + cycle) + 4));
                CHECK_FALSE(world.state().open);
                CHECK(world.state().closed_until == world.state().from);
                CHECK(world.state().last_error->code == "cursor_loop");
                // Noticed in small runs as well: what it takes is in the checkpoint.
                World slow;
                slow.platform = world.platform;
                std::int64_t runs = 0;
                do {
                    report = slow.run(settings, 2);
                    slow.now += 60'000;
                } while (report.outcome == "budget" && ++runs < 200);
                CHECK(report.code == "cursor_loop");
            }
        }
    }
}

TEST_CASE("an endless list of new rows takes the budget, no more", "[window]") {
    World world;
    std::int64_t n = 0;
    world.platform = [&](const WindowRequest&) {
        ++n;
        return page_of({std::to_string(n).c_str()}, "c" + std::to_string(n));
    };
    const auto report = world.run(World::settings(), 50);
    CHECK(report.outcome == "budget");
    CHECK(report.pages == 50);
    CHECK(world.state().open->pages == 50);
}

TEST_CASE("failures of calls", "[window]") {
    World world;
    int calls = 0;
    SECTION("trouble passes") {
        world.platform = [&](const WindowRequest&) {
            return ++calls <= 2 ? failure(wire::Remedy::retry, "transport_timeout") : page_of({"1"}, "");
        };
        auto settings = World::settings();
        settings.window_days = 10'000;
        CHECK(world.run(settings).outcome == "ok");
        CHECK(world.waited >= 1500);
    }
    SECTION("trouble stays") {
        world.platform = [&](const WindowRequest&) {
            return failure(wire::Remedy::retry, "transport_timeout");
        };
        const auto report = world.run();
        CHECK(report.outcome == "failed");
        CHECK(report.requests == 3);
        CHECK(world.state().last_error->code == "transport_timeout");
        CHECK(world.state().closed_until == world.state().from);
    }
    SECTION("a long ban parks the source") {
        world.platform = [&](const WindowRequest&) {
            Json out = failure(wire::Remedy::wait, "throttled");
            out["failure"]["wait_ms"] = 60'000;
            return out;
        };
        CHECK(world.run().outcome == "parked");
        CHECK(world.state().parked_until == kNow + 60'000);
        CHECK(world.run().requests == 0);
        world.now += 60'001;
        world.platform = [&](const WindowRequest&) { return page_of({}, ""); };
        CHECK(world.run().outcome == "ok");
        CHECK(world.state().parked_until == 0);
    }
    SECTION("a wrong clock is corrected, and so is the end of the window") {
        world.platform = [&](const WindowRequest& page) {
            if (page.platform_now != kNow - kHour) {
                Json out = failure(wire::Remedy::fix_clock, "clock_off");
                out["failure"]["clock"] = kNow - kHour;
                return out;
            }
            return page_of({}, "");
        };
        CHECK(world.run().outcome == "ok");
        CHECK(world.state().closed_until == kNow - kHour);
        CHECK(world.state().from == kNow - kHour - 30 * base::kDay);
        CHECK(world.state().warning.find("3600 seconds ahead") != std::string::npos);
    }
    SECTION("a cursor that is no longer known begins its window again") {
        std::vector<Row> rows;
        for (int i = 0; i < 30; ++i) rows.push_back({kNow - kHour + i * 1000, std::to_string(i)});
        world.platform = true_list(rows);
        auto settings = World::settings();
        settings.page_size = 10;
        settings.window_days = 10'000;
        CHECK(world.run(settings, 2).outcome == "budget");
        const auto list = world.platform;
        bool first = true;
        world.platform = [&](const WindowRequest& page) {
            return std::exchange(first, false) ? failure(wire::Remedy::stop, "refused") : list(page);
        };
        CHECK(world.run(settings).outcome == "ok");
        CHECK(world.leads.size() == 30);
        first = true;
        world.now += 1;
        CHECK(world.run(settings).outcome == "failed");  // without such a cursor it is a refusal
    }
}

TEST_CASE("the store's answers decide about a window too", "[window]") {
    for (const effect::Outcome outcome : {effect::Outcome::conflict, effect::Outcome::error}) {
        World world;
        world.platform = [](const WindowRequest&) { return page_of({"1"}, ""); };
        world.next_commit = outcome;
        CHECK(world.run().outcome == (outcome == effect::Outcome::error ? "failed" : "conflict"));
        world.next_commit = effect::Outcome::ok;
        CHECK(world.run().inserted == 1);
    }
    for (const char* damaged :
         {"{", R"({"v":2,"kind":"window"})", R"({"v":1})", R"({"v":1,"kind":"window","from":5})",
          R"({"v":1,"kind":"window","from":5,"closed_until":5,"open":{"since":7,"before":6}})"}) {
        CAPTURE(damaged);
        World world;
        world.platform = [](const WindowRequest&) { return page_of({}, ""); };
        world.checkpoint = damaged;
        world.version = 3;
        const auto report = world.run();
        CHECK(report.code == "state_unreadable");
        CHECK(report.requests == 0);
    }
    CHECK_FALSE(checkpoint_of<IdWalkState>(R"({"v":1,"kind":"window","from":5,"closed_until":5})"));
}

TEST_CASE("a window checkpoint survives being written down", "[window]") {
    WindowWalkState state;
    state.from = 1000;
    state.closed_until = 5000;
    state.open = OpenWindow{4000, 9000, "c\"\u5f20", "d", 17, {"t", "r", 3, 8}};
    state.parked_until = 9;
    state.last_run = RunRecord{1, "budget", 2, 3, 4, 5};
    state.last_error = RunError{6, "throttled", "wait"};
    state.warning = "w";
    state.drift["f"] = 7;
    const std::string text = to_text(state);
    CHECK(std::holds_alternative<WindowWalkState>(parse_checkpoint(text).value()));
    CHECK(to_text(checkpoint_of<WindowWalkState>(text).value()) == text);
    CHECK(checkpoint_of<WindowWalkState>(text).value().open->trail.limit == 8);
}

TEST_CASE("drift, versions and the status of a window source", "[window]") {
    World world;
    int version = 1;
    world.platform = [&](const WindowRequest&) {
        Json page = page_of({"1"}, "");
        page["rows"][0]["version"] = version;
        page["rows"][0]["novel"] = true;
        return page;
    };
    auto settings = World::settings();
    settings.window_days = 10'000;
    CHECK(world.run(settings).inserted == 1);
    CHECK(world.run(settings).unchanged == 1);
    version = 2;
    CHECK(world.run(settings).updated == 1);
    CHECK(world.state().drift.at("novel") == 3);

    TestContext context(world);
    StatusJob status("t", {{"scrm", "plain", false}}, std::make_shared<lead::Vault>(), 0);
    status.begin(context);
    REQUIRE(context.queue.size() == 4);  // the checkpoint; counts, rows, queues
    effect::StoreResult result;
    result.outcome = effect::Outcome::ok;
    result.id = context.queue[0].id;
    result.records = {{"pull/scrm", world.version, world.checkpoint}};
    status.resume(context, result);
    result.records.clear();
    for (std::size_t i = 1; i < 4; ++i) {
        result.id = context.queue[i].id;
        status.resume(context, result);
    }
    REQUIRE(status.finished());
    const Json source = status.summary()["sources"][0];
    CHECK(source["state"] == "ok");
    CHECK(source["complete"] == true);
    CHECK(source["covered"][0]["from"] == base::iso_text(kNow - 30 * base::kDay));
    CHECK(source["covered"][0]["to"] == base::iso_text(kNow));
    CHECK(source["last_run"]["updated"] == 1);
    CHECK(source["drift"]["novel"] == 3);
    CHECK(source["gaps"].empty());
}

TEST_CASE("the pull job runs window sources like others", "[window]") {
    World world;
    TestContext context(world);
    std::vector<std::unique_ptr<PullTask>> tasks;
    tasks.push_back(std::make_unique<WindowWalkTask>(World::settings(), std::make_shared<PlainSource>(),
                                                     std::make_shared<lead::Vault>()));
    PullJob job(std::move(tasks));
    job.begin(context);
    REQUIRE(context.queue.size() == 1);
    effect::StoreResult result;
    result.id = context.queue[0].id;
    result.outcome = effect::Outcome::error;
    result.reason = "disk full";
    job.resume(context, result);
    CHECK(job.finished());
    CHECK(job.exit_status() == 2);
    CHECK(job.summary()["sources"][0]["name"] == "scrm");
}
