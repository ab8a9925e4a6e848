#include "jobs/pull/run_notes.h"

#include "lead/mask.h"
#include "lead/personal.h"

namespace leadbridge::jobs {
namespace {

using codec::Json;

std::int64_t number(const Json& object, std::string_view key) {
    return codec::member_int(object, key).value_or(0);
}
std::string text(const Json& object, std::string_view key) {
    return codec::member_text(object, key).value_or("");
}

Json run_json(const RunRecord& run, Json at) {
    return codec::object({{"at", std::move(at)},
                          {"outcome", run.outcome},
                          {"pages", run.pages},
                          {"inserted", run.inserted},
                          {"updated", run.updated},
                          {"unread", run.unread}});
}

Json error_json(const RunError& error, Json at) {
    return codec::object(
        {{"at", std::move(at)}, {"code", error.code}, {"reason", lead::redact(error.reason)}});
}

}  // namespace

void put_notes(Json& object, const RunNotes& notes) {
    if (notes.served_at > 0) object["served_at"] = notes.served_at;
    if (notes.parked_until > 0) object["parked_until"] = notes.parked_until;
    if (notes.last_run) object["last_run"] = run_json(*notes.last_run, notes.last_run->at);
    if (notes.last_error) object["last_error"] = error_json(*notes.last_error, notes.last_error->at);
    if (!notes.warning.empty()) object["warning"] = notes.warning;
    if (const PutOff& put_off = notes.put_off; put_off.waiting()) {
        object["put_off"] = codec::object({{"count", put_off.count},
                                           {"swept", put_off.swept},
                                           {"sweeping", put_off.sweeping},
                                           {"since", put_off.since},
                                           {"page", put_off.page}});
    }
    if (!notes.drift.empty()) object["drift"] = notes.drift;
}

void read_notes(const Json& object, RunNotes& notes) {
    notes.served_at = number(object, "served_at");
    notes.parked_until = number(object, "parked_until");
    if (const Json& run = codec::member(object, "last_run"); run.is_object()) {
        notes.last_run = RunRecord{number(run, "at"),       text(run, "outcome"),   number(run, "pages"),
                                   number(run, "inserted"), number(run, "updated"), number(run, "unread")};
    }
    if (const Json& error = codec::member(object, "last_error"); error.is_object()) {
        notes.last_error = RunError{number(error, "at"), text(error, "code"), text(error, "reason")};
    }
    notes.warning = text(object, "warning");
    if (const Json& put_off = codec::member(object, "put_off"); put_off.is_object()) {
        notes.put_off = {number(put_off, "count"), number(put_off, "swept"), number(put_off, "sweeping"),
                         number(put_off, "since"), text(put_off, "page")};
    }
    if (const Json& drift = codec::member(object, "drift"); drift.is_object()) {
        for (const auto& [field, count] : drift.items()) notes.drift[field] = number(drift, field);
    }
}

base::Millis last_turn(const RunNotes& notes) {
    // A version before this one noted no turns, but when a run ended.
    return notes.served_at == 0 && notes.last_run ? notes.last_run->at : notes.served_at;
}

Json notes_summary(const RunNotes& notes) {
    Json out = Json::object();
    out["state"] = notes.last_run ? notes.last_run->outcome : "never_run";
    out["parked_until"] = notes.parked_until > 0 ? Json(base::iso_text(notes.parked_until)) : Json(nullptr);
    out["last_run"] = nullptr;
    if (notes.last_run) out["last_run"] = run_json(*notes.last_run, base::iso_text(notes.last_run->at));
    out["last_error"] = nullptr;
    if (notes.last_error)
        out["last_error"] = error_json(*notes.last_error, base::iso_text(notes.last_error->at));
    if (notes.put_off.waiting()) out["put_off"] = notes.put_off.count - notes.put_off.swept;
    out["warning"] = notes.warning.empty() ? Json(nullptr) : Json(lead::redact(notes.warning));
    out["drift"] = lead::redacted(Json(notes.drift));
    return out;
}

}  // namespace leadbridge::jobs
