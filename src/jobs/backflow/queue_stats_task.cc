#include "jobs/backflow/queue_stats_task.h"

#include "base/text.h"
#include "jobs/records.h"

namespace leadbridge::jobs {
namespace {

using codec::Json;
using effect::StoreResult;

constexpr std::size_t kCommitRows = 200;
constexpr std::int64_t kMostTries = 5;
constexpr std::string_view kMark = "mark/";

base::Error store_failed(const StoreResult& result) {
    return base::fail("store_failed",
                      "the store failed: " + result.reason +
                          "; give the file again, rows that wait already are not queued twice");
}

}  // namespace

void QueueStatsTask::begin(Context& context) {
    if (auto opened = intake_.open(std::move(body_), format_); !opened) return finish(1, 400, opened.error());
    step_ = Step::loading_newest;
    context.emit(effect::StoreLoad{{stats_queue(name_)}, context.now()});
}

void QueueStatsTask::resume(Context& context, const effect::Input& input) {
    const auto* result = std::get_if<StoreResult>(&input);
    if (result == nullptr || finished()) return;
    if (!result->ok() && !(result->outcome == effect::Outcome::conflict && step_ == Step::committing))
        return finish(2, 503, store_failed(*result));
    switch (step_) {
        case Step::loading_newest:
            newest_ = {};
            version_ = 0;
            if (!result->records.empty()) {
                newest_ = NewestStats::parse(result->records.front().value);
                version_ = result->records.front().version;
            }
            return batch_.empty() ? read_some(context) : load_marks(context);
        case Step::loading_marks:
            return on_marks(context, *result);
        case Step::committing:
            return on_committed(context, *result);
        default:
            return;
    }
}

void QueueStatsTask::read_some(Context& context) {
    batch_.clear();
    tries_ = 0;
    std::map<std::string, std::size_t> place;
    while (batch_.size() < kCommitRows) {
        const auto row = intake_.next();
        if (!row) break;
        auto checked = target_->check(type_, row->fields);
        if (const auto* problems = std::get_if<std::vector<platforms::RowProblem>>(&checked)) {
            intake_.refuse(*row, *problems);
            continue;
        }
        auto& good = std::get<platforms::StatsRow>(checked);
        intake_.unknown(good.unknown_columns);
        Item item{std::move(good.key), std::move(good.text), ""};
        item.id = stats_entry(name_, item.key, item.text);
        const auto [at, fresh] = place.emplace(item.key, batch_.size());
        if (fresh) {
            batch_.push_back(std::move(item));
        } else {
            batch_[at->second] = std::move(item);  // the later line corrects the earlier one
        }
    }
    if (batch_.empty()) return finish(intake_.refused() > 0 ? 2 : 0, intake_.refused() > 0 ? 422 : 202);
    load_marks(context);
}

void QueueStatsTask::load_marks(Context& context) {
    std::vector<std::string> keys;
    const auto add = [&](const char* what, const std::string& of) {
        keys.push_back(std::string(kMark) + what + of);
    };
    for (const auto& item : batch_) {
        add("given/", name_ + "/" + item.key);
        const auto newest = newest_.by_key.find(item.key);
        const std::string& id = newest == newest_.by_key.end() ? item.id : newest->second.id;
        for (const char* what : {"queued/", "sent/", "dead/"}) add(what, id);
    }
    step_ = Step::loading_marks;
    context.emit(effect::StoreLoad{std::move(keys), context.now()});
}

// The entry that brings this row to the platform; empty when one does already or has done so.
std::string QueueStatsTask::entry_to_add(const Item& item, base::Millis now) {
    const auto has = [&](const char* what, const std::string& of) { return marks_.count(what + of) != 0; };
    const auto newest = newest_.by_key.find(item.key);
    const bool several = newest != newest_.by_key.end();
    if (!several && !has("given/", name_ + "/" + item.key)) return item.id;

    const std::string present = several ? newest->second.id : item.id;
    const bool same_text = stats_entry_without_turn(present) == item.id;
    if (same_text && has("sent/", present)) {
        ++of_batch_.already_sent;
        return "";
    }
    const bool dead = has("dead/", present);
    if (same_text && !dead && (several || has("queued/", present))) {
        ++of_batch_.already_waiting;
        return "";
    }
    std::string id = item.id + "~" + std::to_string(++newest_.turn);
    newest_.by_key[item.key] = {id, now};
    newest_changed_ = true;
    return id;
}

void QueueStatsTask::on_marks(Context& context, const StoreResult& result) {
    marks_.clear();
    for (const auto& record : result.records) marks_.insert(record.key.substr(kMark.size()));
    of_batch_ = {};
    newest_changed_ = false;
    const base::Millis now = context.now();
    effect::Records records = new_records(context);
    for (const auto& item : batch_) {
        const std::string id = entry_to_add(item, now);
        if (id.empty()) continue;
        ++of_batch_.enqueued;
        const Json payload = codec::object({{"type", type_}, {"key", item.key}, {"text", item.text}});
        records.outbox.push_back({id, stats_queue(name_), now, codec::dump_json(payload), std::nullopt});
        records.rows.push_back(stats_row(
            name_, item.key, codec::object({{"state", "waiting"}, {"at", base::iso_text(now)}}), now));
        records.marks.push_back(stats_mark("queued/" + id, now));
        records.marks.push_back(stats_mark("given/" + name_ + "/" + item.key, now));
    }
    if (records.outbox.empty()) return on_committed(context, result);
    std::vector<effect::CheckpointMove> moves;
    if (newest_changed_) moves.push_back({stats_queue(name_), version_, newest_.text(now)});
    step_ = Step::committing;
    context.emit(effect::StoreCommit{std::move(moves), std::move(records)});
}

void QueueStatsTask::on_committed(Context& context, const StoreResult& result) {
    if (result.outcome == effect::Outcome::conflict) {
        if (++tries_ >= kMostTries) return finish(2, 503, store_failed(result));
        step_ = Step::loading_newest;
        context.emit(effect::StoreLoad{{stats_queue(name_)}, context.now()});
        return;
    }
    if (newest_changed_) ++version_;
    enqueued_ += of_batch_.enqueued;
    already_sent_ += of_batch_.already_sent;
    already_waiting_ += of_batch_.already_waiting;
    const bool time_is_up = context.budget().cpu_warned || context.now() >= context.budget().deadline;
    if (time_is_up && !intake_.at_end()) {
        return finish(
            3, 503,
            base::fail("budget", std::to_string(enqueued_) +
                                     " rows are queued, then the time of this run was up: raise "
                                     "`budget.seconds` or split the file, and give it again; rows that "
                                     "wait already are not queued twice"));
    }
    read_some(context);
}

void QueueStatsTask::finish(int exit, int http_status, base::Error error) {
    step_ = Step::finished;
    exit_ = exit;
    http_status_ = http_status;
    error_ = std::move(error);
}

}  // namespace leadbridge::jobs
