// leads and status: what is in the store.
#include <algorithm>
#include <string>
#include <vector>

#include "base/text.h"
#include "base/time.h"
#include "engine/stored_job.h"
#include "functions/cli/cli.h"
#include "functions/cli/forgive.h"
#include "functions/cli/text_table.h"

namespace leadbridge::native {
namespace {

// "7d", "24h", "30m" back from now, or a date in +08:00.
std::optional<base::Millis> parse_since(const std::string& text, base::Millis now) {
    if (text.size() >= 2) {
        const auto amount = base::parse_int64(std::string_view(text).substr(0, text.size() - 1));
        const char unit = text.back();
        const base::Millis one = unit == 'd'   ? base::kDay
                                 : unit == 'h' ? 3'600'000
                                 : unit == 'm' ? 60'000
                                               : 0;
        if (amount && one > 0 && *amount >= 0 && *amount <= 100'000) return now - *amount * one;
    }
    return base::parse_platform_time(text);
}

std::string first_of(const Json& object, std::initializer_list<const char*> keys) {
    for (const char* key : keys) {
        if (std::string text = text_at(object, key); !text.empty()) return text;
    }
    return {};
}

std::string phone_of(const Json& lead) {
    const Json& phones = child_at(lead, "phones");
    if (!phones.is_array() || phones.empty()) return "-";
    const Json& phone = phones.front();
    std::string out = first_of(phone, {"e164", "raw", "masked", "problem", "class"});
    // An unreadable phone's raw form is its ciphertext: no use to a person.
    if (text_at(phone, "class") == "encrypted") out = "(encrypted)";
    if (const std::string ext = text_at(phone, "ext"); !ext.empty()) out += " ext " + ext;
    if (phones.size() > 1) out += " +" + std::to_string(phones.size() - 1);
    return out;
}

std::string join(std::initializer_list<std::string> parts, const std::string& between) {
    std::string out;
    for (const std::string& part : parts) {
        if (part.empty()) continue;
        if (!out.empty()) out += between;
        out += part;
    }
    return out;
}

void print_leads(const Json& summary) {
    const Json& leads = child_at(summary, "leads");
    if (!leads.is_array() || leads.empty()) {
        say("No leads.");
        return;
    }
    std::vector<std::vector<std::string>> rows;
    for (const Json& lead : leads) {
        const Json& times = child_at(lead, "times");
        const Json& submitted = child_at(times, "submitted");
        const Json& person = child_at(lead, "person");
        const Json& region = child_at(lead, "region");
        std::string time = china_time(text_at(submitted, "utc"));
        if (time.empty()) time = china_time(first_of(child_at(times, "created"), {"utc", "raw"}));
        std::string place =
            join({text_at(region, "province"), text_at(region, "city"), text_at(region, "district")}, " ");
        if (place.empty()) place = first_of(region, {"source_text", "address"});
        rows.push_back({time, text_at(child_at(lead, "source"), "name"), first_of(person, {"name", "nick"}),
                        phone_of(lead), place,
                        join({first_of(child_at(lead, "page"), {"name", "id"}),
                              first_of(child_at(lead, "form"), {"name", "id"})},
                             " / "),
                        first_of(child_at(lead, "status"), {"label", "raw"})});
    }
    std::string text = table({{"time (+08:00)", 19},
                              {"source", 16},
                              {"name", 20},
                              {"phone", 28},
                              {"region", 24},
                              {"page / form", 36},
                              {"status", 16}},
                             rows, output_width());
    text.pop_back();
    say(text);
    if (const std::string next = text_at(summary, "next"); !next.empty()) {
        complain("More: add --page '" + next + "'");
    }
}

std::string state_words(const std::string& state) {
    if (state == "never_run") return "not pulled yet";
    if (state == "budget") return "more to pull (stopped by the budget)";
    if (state == "parked") return "waiting, the platform asked for a pause";
    if (state == "conflict") return "another run was faster; fine";
    return state;
}

void print_source(const Json& source) {
    std::string head = text_at(source, "name") + " (" + text_at(source, "platform") +
                       "): " + state_words(text_at(source, "state")) + ", " +
                       std::to_string(number_at(source, "leads")) + " leads";
    if (const std::string newest = text_at(source, "newest_at"); !newest.empty()) {
        head += ", newest " + china_time(newest);
    }
    const std::string state = text_at(source, "state");
    say(head, state == "failed" ? Tone::bad : state == "ok" ? Tone::strong : Tone::warning);
    const auto line = [](const std::string& text) { say("  " + text); };
    std::string covered;
    for (const Json& range : child_at(source, "covered")) {
        const std::string from = text_at(range, "from");
        covered +=
            (covered.empty() ? "" : ", ") + (from == "0" ? "up to " : from + "..") + text_at(range, "to");
    }
    if (!covered.empty()) line("ids " + covered + " complete");
    for (const Json& gap : child_at(source, "gaps")) {
        line("gap between ids " + text_at(gap, "after") + " and " + text_at(gap, "before") +
             ", closed by the next runs");
    }
    if (const std::string until = text_at(source, "parked_until"); !until.empty()) {
        line("not called again before " + china_time(until));
    }
    if (const Json& run = child_at(source, "last_run"); run.is_object()) {
        line("last run " + china_time(text_at(run, "at")) + ": " + text_at(run, "outcome") + ", " +
             std::to_string(number_at(run, "pages")) + " pages, " +
             std::to_string(number_at(run, "inserted")) + " new, " +
             std::to_string(number_at(run, "updated")) + " changed");
    }
    if (const std::int64_t put_off = number_at(source, "put_off"); put_off > 0) {
        line(std::to_string(put_off) +
             " phones were put off (budget.decryptions) and are read by the next ticks");
    }
    if (const std::int64_t unread = number_at(source, "unread"); unread > 0) {
        line(std::to_string(unread) +
             " leads have a phone that could not be read: check mobile_cipher and mobile_key, then run "
             "`leadbridge normalise`");
    }
    if (const Json& error = child_at(source, "last_error"); error.is_object()) {
        line("last error " + china_time(text_at(error, "at")) + " [" + text_at(error, "code") + "] " +
             text_at(error, "reason"));
    }
    if (const std::string warning = text_at(source, "warning"); !warning.empty()) line("warning: " + warning);
    if (const Json& drift = child_at(source, "drift"); drift.is_object() && !drift.empty()) {
        std::string fields;
        for (const auto& [name, count] : drift.items()) {
            fields +=
                (fields.empty() ? "" : ", ") + name + (count.is_number() ? " (" + count.dump() + ")" : "");
        }
        line("fields not known before, kept in extra: " + fields);
    }
}

void print_status(const Json& summary) {
    const Json& sources = child_at(summary, "sources");
    if (!sources.is_array() || sources.empty()) say("No source is configured.");
    for (const Json& source : sources) print_source(source);
    if (child_at(summary, "leads").is_array()) {
        say("");
        print_leads(summary);
    }
}

struct LeadsOptions {
    int limit = 50;
    std::string source;
    std::string since;
    std::string page;
    bool reveal = false;
};

Answer leads(const Globals& globals, const LeadsOptions& options) {
    Json event = {
        {"kind", "leads"}, {"limit", options.limit}, {"page", options.page}, {"reveal", options.reveal}};
    if (!options.source.empty()) event["source"] = options.source;
    if (!options.since.empty()) {
        const auto since = parse_since(options.since, wall_clock());
        if (!since) {
            return failed(
                "leads",
                base::fail("usage",
                           "--since: write a date like 2026-11-21 or \"2026-11-21 08:00:00\" (+08:00), "
                           "or a time back from now like 7d, 24h, 30m"),
                1);
        }
        event["since"] = *since;
    }
    auto config = read_config_file(globals.config);
    if (!config.ok()) return failed("leads", config.error(), 1);
    StoreHolder store(config.value().store);
    Answer answer =
        run_event(globals, config.value().resolved, config.value().budget_ms, store, event, false);
    const std::string reason = text_at(child_at(answer.summary, "error"), "reason");
    if (!options.page.empty() && reason.find("page is not a token") != std::string::npos) {
        return failed("leads",
                      base::fail("usage", "--page: this is no token that an earlier answer ended with"), 1);
    }
    const bool nothing = answer.exit == 0 && child_at(answer.summary, "leads").empty();
    if (!nothing || options.source.empty()) return answer;
    // Leads of a source that was taken out of the configuration are still shown; a name nobody knows is a mistake.
    std::vector<std::string> names;
    for (const auto& source : engine::sources_of(config.value().settings)) names.push_back(source.name);
    if (std::find(names.begin(), names.end(), options.source) != names.end()) return answer;
    std::string known;
    for (const std::string& name : names) known += (known.empty() ? ". There are: " : ", ") + name;
    return failed(
        "leads",
        base::fail("usage", "--source: no source is named \"" + base::printable(options.source, 60) +
                                "\", and no stored lead came from one" + did_you_mean(options.source, names) +
                                known),
        1);
}

}  // namespace

void add_leads(CLI::App& app, Globals& globals, Action& action) {
    CLI::App* command = app.add_subcommand("leads", "show stored leads, newest first");
    add_common(*command, globals);
    auto options = std::make_shared<LeadsOptions>();
    command->add_option("--limit", options->limit, "how many (default: 50)")->check(CLI::Range(1, 1000));
    command->add_option("--source", options->source, "only this source")->type_name("NAME");
    command->add_option("--since", options->since, "submitted since: 2026-11-21 (+08:00), 7d, 24h, 30m");
    command->add_option("--page", options->page, "go on where an earlier answer ended")->type_name("TOKEN");
    command->add_flag("--reveal", options->reveal, "print whole phone numbers");
    command->callback([&globals, &action, options] {
        action = [&globals, options] { return finish(globals, leads(globals, *options), print_leads); };
    });
}

void add_status(CLI::App& app, Globals& globals, Action& action) {
    CLI::App* command = app.add_subcommand("status", "what is stored, what is complete, what went wrong");
    add_common(*command, globals);
    auto newest = std::make_shared<int>(0);
    command->add_option("--leads", *newest, "also show this many of the newest leads")
        ->check(CLI::Range(1, 1000));
    command->callback([&globals, &action, newest] {
        action = [&globals, newest] {
            Json event = {{"kind", "status"}};
            if (*newest > 0) event["leads"] = *newest;
            return finish(globals, run_with_config(globals, event), print_status);
        };
    });
}

}  // namespace leadbridge::native
