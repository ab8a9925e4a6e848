#include "jobs/report/status_job.h"

#include "base/text.h"
#include "jobs/backflow/row_intake.h"
#include "jobs/door/answer.h"
#include "jobs/records.h"
#include "jobs/report/page_token.h"
#include "lead/personal.h"

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

// As people may see them.
Json lead_views(const std::vector<effect::StoredLead>& leads, const lead::Vault& vault, bool reveal) {
    Json views = Json::array();
    for (const auto& lead : leads) {
        const auto document = codec::parse_json(lead.doc);
        if (document) views.push_back(lead::view(document.value(), vault, reveal));
    }
    return views;
}

}  // namespace

void StatusJob::ask(Context& context, effect::Query query, std::int64_t limit) {
    const auto* rows = std::get_if<effect::RowQuery>(&query);
    const std::string what = rows == nullptr ? std::string() : rows->set;
    asked_[context.emit(effect::StoreScan{std::move(query), limit, ""})] = what;
}

void StatusJob::begin(Context& context) {
    std::vector<std::string> keys;
    for (const auto& source : sources_) keys.push_back(checkpoint_key(source.name));
    asked_[context.emit(effect::StoreLoad{std::move(keys), context.now()})] = "";
    ask(context, effect::CountQuery{}, kMostRows);
    ask(context, effect::RowCountQuery{}, kMostRows);
    ask(context, effect::QueueQuery{}, kMostRows);
    if (leads_ > 0) ask(context, effect::LeadQuery{}, leads_);
}

void StatusJob::resume(Context& context, const effect::Input& input) {
    const auto* result = std::get_if<effect::StoreResult>(&input);
    if (result == nullptr || finished_) return;
    if (!result->ok()) {
        summary_ = store_error("status", kUnread, *result);
        exit_ = 2;
        return finish(context);
    }
    const auto asked = asked_.find(result->id);
    if (asked == asked_.end()) return;
    const std::string set = asked->second;
    asked_.erase(asked);
    take(context, *result, set);
    if (asked_.empty()) compose(context);
}

void StatusJob::take(Context& context, const effect::StoreResult& result, const std::string& set) {
    checkpoints_.insert(checkpoints_.end(), result.records.begin(), result.records.end());
    for (const auto& count : effect::items_of<effect::SourceCount>(result)) counts_[count.source] = count;
    for (const auto& queue : effect::items_of<effect::QueueCount>(result)) queues_.push_back(queue);
    for (const auto& row : effect::items_of<effect::StoredRow>(result)) drift_[set].push_back(row.id);
    for (const auto& lead : effect::items_of<effect::StoredLead>(result)) newest_.push_back(lead);
    for (const auto& count : effect::items_of<effect::SetCount>(result)) {
        if (count.set.substr(0, kDrift.size()) != kDrift) {
            sets_.push_back(count);
        } else {
            // Fields of pushes that this version does not know are rows of their own (jobs/door/receive_job).
            ask(context, effect::RowQuery{count.set, std::nullopt, 0}, kMostDrift);
        }
    }
}

Json StatusJob::source_summary(Context& context, const Source& source) const {
    Json out = state_summary(IdWalkState{});
    for (const auto& record : checkpoints_) {
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
    if (const auto drift = drift_.find(std::string(kDrift) + source.name); drift != drift_.end()) {
        for (const auto& field : drift->second) out["drift"][lead::redact(field)] = 1;
    }
    const auto found = counts_.find(source.name);
    const effect::SourceCount count = found == counts_.end() ? effect::SourceCount{} : found->second;
    out["name"] = source.name;
    out["platform"] = source.platform;
    out["leads"] = count.leads;
    out["unread"] = count.unread;
    out["newest_at"] = moment_or_null(count.newest);
    return out;
}

void StatusJob::compose(Context& context) {
    Json sources = Json::array();
    for (const auto& source : sources_) sources.push_back(source_summary(context, source));
    Json rows = Json::array();
    for (const auto& set : sets_) {
        rows.push_back(
            codec::object({{"set", set.set}, {"rows", set.rows}, {"newest_at", moment_or_null(set.newest)}}));
    }
    Json queues = Json::array();
    for (const auto& queue : queues_) {
        queues.push_back(
            codec::object({{"queue", queue.queue}, {"waiting", queue.waiting}, {"dead", queue.dead}}));
    }
    summary_ = codec::object({{"job", "status"},
                              {"tenant", tenant_},
                              {"now", base::iso_text(context.now())},
                              {"sources", std::move(sources)},
                              {"rows", std::move(rows)},
                              {"queues", std::move(queues)}});
    if (leads_ > 0) summary_["leads"] = lead_views(newest_, *vault_, false);
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
    effect::LeadQuery query;
    if (!query_.source.empty()) query.source = query_.source;
    if (!query_.person_key.empty()) query.person_key = query_.person_key;
    query.since = query_.since;
    query.until = query_.until;
    const auto left = query_.limit - count_;
    context.emit(effect::StoreScan{std::move(query), answer_ ? std::min(left, kPart) : left, query_.page});
}

void LeadsJob::resume(Context& context, const effect::Input& input) {
    const auto* result = std::get_if<effect::StoreResult>(&input);
    if (result == nullptr || finished_) return;
    if (!result->ok()) {
        summary_ = store_error("leads", auditing_ ? "no audit entry, no phones: " : kUnread, *result);
        exit_ = 2;
    } else if (!auditing_) {
        return take(context, *result);
    }
    finish(context);
}

void LeadsJob::take(Context& context, const effect::StoreResult& result) {
    const auto& leads = effect::items_of<effect::StoredLead>(result);
    Json views = lead_views(leads, *vault_, query_.reveal);
    summary_ = codec::object({{"job", "leads"}});
    if (!answer_) {
        summary_["leads"] = std::move(views);
        summary_["next"] = result.next;
        return finish(context);
    }
    for (const auto& view : views) text_ += (text_.empty() ? "" : ",") + codec::dump_json(view);
    count_ += static_cast<std::int64_t>(leads.size());
    summary_["count"] = count_;
    query_.page = result.next;
    if (!query_.page.empty() && count_ < query_.limit && text_.size() < kMostText) return scan(context);
    if (answer_->reveals.empty() || count_ == 0) return finish(context);
    auditing_ = true;
    effect::Records records = new_records(context);
    records.audit.push_back({context.now(), "reveal", answer_->reveals, std::to_string(count_) + " leads"});
    context.emit(effect::StoreCommit{{}, std::move(records)});
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
