#include "jobs/door/receive_job.h"

#include "base/text.h"
#include "crypto/digest.h"
#include "wire/call.h"

namespace leadbridge::jobs {
namespace {

using codec::Json;

constexpr base::Millis kHour = 3'600'000;

}  // namespace

void ReceiveJob::begin(Context& context) {
    auto received = endpoint_->receive(incoming_, context.now());
    if (auto* refusal = std::get_if<platforms::Refusal>(&received)) {
        refusal_ = std::move(*refusal);
        return refuse(context);
    }
    delivery_ = std::get<platforms::Delivery>(std::move(received));
    effect::Records records = new_records(context);
    for (const auto& lead : delivery_.leads)
        records.leads.push_back(lead_record(lead, settings_.leads, context.now(), *vault_));
    if (!delivery_.replay_key.empty()) {
        // `once`: a live mark of this name refuses the whole commit, in the same round trip.
        records.marks.push_back({"push/" + delivery_.replay_key, delivery_.replay_until, true});
    }
    if (delivery_.keep_raw && settings_.raw_days > 0) records.raw.push_back(raw_record(context));
    commit(context, std::move(records));
}

void ReceiveJob::refuse(Context& context) {
    code_ = refusal_->code;
    reason_ = refusal_->reason;
    context.log("warn", code_, settings_.path + ": " + reason_);
    if (!refusal_->verified || settings_.raw_days == 0 || incoming_.body.empty())
        return end(context, refusal_->reply, "refused");
    effect::Records records = new_records(context);
    records.raw.push_back(raw_record(context));
    commit(context, std::move(records));
}

// Sealed like phones when there is a key: the bytes hold them in the clear.
effect::RawBody ReceiveJob::raw_record(Context& context) const {
    effect::RawBody raw;
    raw.id = settings_.path + "/" +
             base::hex_lower(crypto::sha256(incoming_.query + "\n" + incoming_.body)).substr(0, 32);
    const auto* type = wire::header(incoming_.headers, "content-type");
    const bool sealed = vault_->data_key.has_value();
    raw.source = settings_.leads.source;
    raw.received_at = context.now();
    raw.expires_at = context.now() + settings_.raw_days * base::kDay;
    raw.content_type =
        (sealed ? "sealed; " : "") + (type == nullptr ? std::string("unknown") : base::printable(*type, 100));
    raw.body = sealed ? vault_->data_key->seal(incoming_.body, raw.id) : incoming_.body;
    return raw;
}

void ReceiveJob::commit(Context& context, effect::Records records) {
    context.emit(effect::StoreCommit{{}, std::move(records)});
}

void ReceiveJob::resume(Context& context, const effect::Input& input) {
    const auto* result = std::get_if<effect::StoreResult>(&input);
    if (result == nullptr || finished_) return;
    if (refusal_) {
        if (result->outcome == effect::Outcome::error)
            context.log("error", "store_failed",
                        settings_.path + ": the bytes could not be kept: " + result->reason);
        return end(context, refusal_->reply, "refused");
    }
    if (noting_drift_ && !result->ok()) {
        finished_ = true;
        return context.log("warn", "store_failed",
                           settings_.path + ": unknown fields not noted: " + result->reason);
    }
    if (result->outcome == effect::Outcome::conflict) return end(context, delivery_.reply, "replay");
    if (!result->ok()) {
        code_ = "store_failed";
        reason_ =
            "the store cannot be written: " + result->reason + "; the platform was asked to send it again";
        context.log("error", code_, settings_.path + ": " + reason_);
        return end(context, endpoint_->not_stored(), "failed");
    }
    if (noting_drift_) {
        finished_ = true;
        return;
    }
    inserted_ = result->inserted;
    updated_ = result->updated;
    unchanged_ = result->unchanged;
    end(context, delivery_.reply,
        inserted_ + updated_ > 0 || delivery_.leads.empty() ? "stored" : "unchanged");
    if (!delivery_.unknown.empty()) note_drift(context);
}

// Pushes come side by side: a counter they all move would make them wait for each other, a row a field does
// not. Within an hour it stays the same row.
void ReceiveJob::note_drift(Context& context) {
    effect::Records records = new_records(context);
    for (const auto& [field, count] : delivery_.unknown) {
        records.rows.push_back({"drift/" + settings_.leads.source, field.empty() ? "(no name)" : field,
                                context.now() / kHour * kHour, "{}", std::nullopt});
    }
    finished_ = false;  // answered, but not done
    noting_drift_ = true;
    commit(context, std::move(records));
}

void ReceiveJob::end(Context& context, const platforms::Reply& reply, std::string outcome) {
    context.emit(effect::Respond{reply.status, {{"content-type", reply.content_type}}, reply.body});
    outcome_ = std::move(outcome);
    finished_ = true;
}

Json ReceiveJob::summary() const {
    return codec::object({{"job", "receive"},
                          {"endpoint", settings_.path},
                          {"outcome", outcome_},
                          {"code", code_},
                          {"reason", reason_},
                          {"what", delivery_.what},
                          {"inserted", inserted_},
                          {"updated", updated_},
                          {"unchanged", unchanged_}});
}

}  // namespace leadbridge::jobs
