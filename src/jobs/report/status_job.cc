#include "jobs/report/status_job.h"

#include "base/text.h"
#include "jobs/backflow/row_intake.h"
#include "jobs/door/answer.h"
#include "jobs/records.h"
#include "jobs/report/page_token.h"

namespace leadbridge::jobs {
namespace {

using codec::Json;

constexpr std::int64_t kMostRows = 1000;
constexpr std::int64_t kMostDrift = 100;
constexpr std::string_view kDrift = "drift/";
constexpr std::int64_t kPart = 100;           // leads asked for at once: the memory of a module is small
constexpr std::size_t kMostText = 3'500'000;  // Lambda answers at most 6 MB, escaped

Json moment_or_null(base::Millis at) { return at > 0 ? Json(base::iso_text(at)) : Json(nullptr); }

bool reached_end(const RunNotes& notes) { return notes.last_run && notes.last_run->outcome == "ok"; }

Json state_summary(const IdWalkState& state) {
    Json out = notes_summary(state);
    Json covered = Json::array();
    for (const auto& interval : state.covered.newest_first()) {
        const std::int64_t from = interval.lo == 0 ? state.backfill_floor : interval.lo;
        covered.push_back(
            codec::object({{"from", std::to_string(from)}, {"to", std::to_string(interval.hi)}}));
    }
    out["covered"] = std::move(covered);
    Json gaps = Json::array();
    for (const auto& gap : state.covered.gaps()) {
        gaps.push_back(
            codec::object({{"after", std::to_string(gap.after)}, {"before", std::to_string(gap.before)}}));
    }
    out["gaps"] = std::move(gaps);
    // Upwards the newest leads come last: only a run that reached the end has them all.
    // An empty list is no gap.
    out["complete"] = state.covered.empty() ? reached_end(state)
                                            : state.covered.complete() &&
                                                  (state.order != ListOrder::ascending || reached_end(state));
    out["complete_from"] = std::to_string(state.backfill_floor);
    return out;
}

Json state_summary(const WindowWalkState& state) {
    Json out = notes_summary(state);
    out["covered"] = Json::array();
    if (state.closed_until > state.from) {
        out["covered"].push_back(codec::object(
            {{"from", base::iso_text(state.from)}, {"to", base::iso_text(state.closed_until)}}));
    }
    out["gaps"] = Json::array();
    out["complete"] = reached_end(state) && !state.open;
    out["complete_from"] = state.from > 0 ? base::iso_text(state.from) : std::string("0");
    return out;
}

Json store_error(const char* job, const char* what, const effect::StoreResult& result) {
    return codec::object(
        {{"job", job}, {"error", error_json(base::fail("store_failed", what + result.reason))}});
}

constexpr auto kUnread = "the store cannot be read: ";

void answer_error(Context& context, HttpAnswer& answer, const Json& summary) {
    const Json& error = codec::member(summary, "error");
    context.emit(error_response(503, codec::member_text(error, "code").value_or(""),
                                codec::member_text(error, "reason").value_or(""), std::move(answer.headers)));
}

}  // namespace

Json lead_views(const std::vector<std::string>& items, const lead::Vault& vault, bool reveal) {
    Json views = Json::array();
    for (const auto& item : items) {
        const auto row = codec::parse_json(item);
        if (!row) continue;
        const auto document = codec::parse_json(codec::member_text(row.value(), "doc").value_or(""));
        if (document) views.push_back(lead::view(document.value(), vault, reveal));
    }
    return views;
}

void StatusJob::ask(Context& context, const char* kind, Json query, std::int64_t limit) {
    const std::string set = codec::member_text(query, "set").value_or("");
    asked_[context.emit(effect::StoreScan{kind, codec::dump_json(query), limit, ""})] = kind + set;
}

void StatusJob::begin(Context& context) {
    std::vector<std::string> keys;
    for (const auto& source : sources_) keys.push_back(checkpoint_key(source.name));
    asked_[context.emit(effect::StoreLoad{std::move(keys), context.now()})] = "load";
    ask(context, "counts", Json::object(), kMostRows);
    ask(context, "row_counts", Json::object(), kMostRows);
    ask(context, "queues", Json::object(), kMostRows);
    if (leads_ > 0) ask(context, "leads", Json::object(), leads_);
}

void StatusJob::resume(Context& context, const effect::Input& input) {
    const auto* result = std::get_if<effect::StoreResult>(&input);
    if (result == nullptr || finished_) return;
    if (result->outcome != "ok") {
        summary_ = store_error("status", kUnread, *result);
        exit_ = 2;
        return finish(context);
    }
    const auto asked = asked_.find(result->id);
    if (asked == asked_.end()) return;
    const std::string what = asked->second;
    asked_.erase(asked);
    results_[what] = *result;
    if (what == "row_counts") {
        // Fields of pushes that this version does not know are rows of their own (jobs/receive_job).
        for (const auto& row : scanned(what)) {
            const std::string set = codec::member_text(row, "set").value_or("");
            if (set.substr(0, kDrift.size()) == kDrift)
                ask(context, "rows", codec::object({{"set", set}}), kMostDrift);
        }
    }
    if (asked_.empty()) compose(context);
}

std::vector<Json> StatusJob::scanned(const std::string& what) const {
    std::vector<Json> rows;
    const auto found = results_.find(what);
    if (found == results_.end()) return rows;
    for (const auto& item : found->second.items) {
        auto row = codec::parse_json(item);
        if (row) rows.push_back(std::move(row).value());
    }
    return rows;
}

Json StatusJob::source_summary(Context& context, const Source& source) const {
    Json out = state_summary(IdWalkState{});
    for (const auto& record : results_.at("load").records) {
        if (record.key != checkpoint_key(source.name)) continue;
        const auto state = parse_checkpoint(record.value);
        if (state) {
            out = std::visit([](const auto& each) { return state_summary(each); }, state.value());
        } else {
            out["state"] = "failed";
            out["last_error"] = codec::object({{"at", base::iso_text(context.now())},
                                               {"code", state.error().code},
                                               {"reason", state.error().reason}});
        }
    }
    if (source.pushed) {
        out["state"] = "listening";
        out["complete"] = nullptr;
    }
    for (const auto& row : scanned("rows" + std::string(kDrift) + source.name))
        out["drift"][codec::member_text(row, "id").value_or("")] = 1;
    Json count;
    for (auto& row : scanned("counts")) {
        if (codec::member_text(row, "source") == source.name) count = std::move(row);
    }
    out["name"] = source.name;
    out["platform"] = source.platform;
    out["leads"] = codec::member_int(count, "leads").value_or(0);
    out["unread"] = codec::member_int(count, "unread").value_or(0);
    out["newest_at"] = moment_or_null(codec::member_int(count, "newest").value_or(0));
    return out;
}

void StatusJob::compose(Context& context) {
    Json sources = Json::array();
    for (const auto& source : sources_) sources.push_back(source_summary(context, source));
    Json rows = Json::array();
    for (const auto& row : scanned("row_counts")) {
        const std::string set = codec::member_text(row, "set").value_or("");
        if (set.substr(0, kDrift.size()) == kDrift) continue;
        rows.push_back(
            codec::object({{"set", set},
                           {"rows", codec::member(row, "rows")},
                           {"newest_at", moment_or_null(codec::member_int(row, "newest").value_or(0))}}));
    }
    Json queues = Json::array();
    for (const auto& row : scanned("queues")) {
        queues.push_back(codec::object({{"queue", codec::member(row, "queue")},
                                        {"waiting", codec::member(row, "waiting")},
                                        {"dead", codec::member(row, "dead")}}));
    }
    summary_ = codec::object({{"job", "status"},
                              {"tenant", tenant_},
                              {"now", base::iso_text(context.now())},
                              {"sources", std::move(sources)},
                              {"rows", std::move(rows)},
                              {"queues", std::move(queues)}});
    if (leads_ > 0) summary_["leads"] = lead_views(results_["leads"].items, *vault_, false);
    finish(context);
}

void StatusJob::finish(Context& context) {
    finished_ = true;
    if (!answer_) return;
    if (exit_ != 0) return answer_error(context, *answer_, summary_);
    respond_json(context, 200, summary_, std::move(answer_->headers));
}

void LeadsJob::begin(Context& context) { scan(context); }

void LeadsJob::scan(Context& context) {
    Json query = Json::object();
    if (!query_.source.empty()) query["source"] = query_.source;
    if (!query_.person_key.empty()) query["person_key"] = query_.person_key;
    if (query_.since) query["since"] = *query_.since;
    if (query_.until) query["until"] = *query_.until;
    const auto left = query_.limit - count_;
    context.emit(effect::StoreScan{"leads", codec::dump_json(query), answer_ ? std::min(left, kPart) : left,
                                   query_.page});
}

void LeadsJob::resume(Context& context, const effect::Input& input) {
    const auto* result = std::get_if<effect::StoreResult>(&input);
    if (result == nullptr || finished_) return;
    if (result->outcome != "ok") {
        summary_ = store_error("leads", auditing_ ? "no audit entry, no phones: " : kUnread, *result);
        exit_ = 2;
    } else if (!auditing_) {
        return take(context, *result);
    }
    finish(context);
}

void LeadsJob::take(Context& context, const effect::StoreResult& result) {
    Json views = lead_views(result.items, *vault_, query_.reveal);
    summary_ = codec::object({{"job", "leads"}});
    if (!answer_) {
        summary_["leads"] = std::move(views);
        summary_["next"] = result.next;
        return finish(context);
    }
    for (const auto& view : views) text_ += (text_.empty() ? "" : ",") + codec::dump_json(view);
    count_ += static_cast<std::int64_t>(result.items.size());
    summary_["count"] = count_;
    query_.page = result.next;
    if (!query_.page.empty() && count_ < query_.limit && text_.size() < kMostText) return scan(context);
    if (answer_->reveals.empty() || count_ == 0) return finish(context);
    auditing_ = true;
    Json records = new_records(context);
    records["audit"].push_back(codec::object({{"at", context.now()},
                                              {"action", "reveal"},
                                              {"subject", answer_->reveals},
                                              {"detail", std::to_string(count_) + " leads"}}));
    context.emit(effect::StoreCommit{{}, codec::dump_json(records)});
}

void LeadsJob::finish(Context& context) {
    finished_ = true;
    if (!answer_) return;
    if (exit_ != 0) return answer_error(context, *answer_, summary_);
    std::string body = "{\"leads\":[";
    body += text_;
    body += "],\"next\":\"" + page_token(answer_->query, query_.page) + "\"}\n";
    respond_text(context, 200, std::move(body), std::move(answer_->headers));
}

}  // namespace leadbridge::jobs
