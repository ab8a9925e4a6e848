#include "jobs/report/doctor_job.h"

namespace leadbridge::jobs {

void DoctorJob::check(const std::string& name, Verdict verdict, const std::string& detail,
                      const std::string& fix) {
    checks_.push_back(codec::object({{"name", name},
                                     {"ok", verdict != Verdict::bad},
                                     {"advice", verdict == Verdict::advice},
                                     {"detail", detail},
                                     {"fix", fix}}));
    if (verdict == Verdict::bad) exit_ = 2;
}

void DoctorJob::begin(Context& context) {
    check("configuration", Verdict::good,
          std::to_string(sources_.size()) + " source(s), every secret and key can be read", "");
    if (vault_->data_key) {
        check("phones at rest", Verdict::good, "encrypted with data key " + vault_->data_key->id(), "");
    } else {
        check("phones at rest", Verdict::advice, "stored in plain text",
              "set privacy.data_key to {\"env\": \"LEADBRIDGE_DATA_KEY\"} and that variable to `openssl rand "
              "-hex 32`");
    }
    if (vault_->pepper.empty()) {
        check("same person across sources", Verdict::advice, "not recognised: privacy.pepper is not set",
              "set privacy.pepper to {\"env\": \"LEADBRIDGE_PEPPER\"} and that variable to `openssl rand "
              "-hex 32`; never change it later");
    } else {
        check("same person across sources", Verdict::good, "recognised by a keyed hash of the phone", "");
    }
    std::vector<std::string> keys;
    keys.reserve(sources_.size());
    for (const auto& name : sources_) keys.push_back(checkpoint_key(name));
    context.emit(effect::StoreLoad{std::move(keys), context.now()});
}

void DoctorJob::resume(Context&, const effect::Input& input) {
    const auto* result = std::get_if<effect::StoreResult>(&input);
    if (result == nullptr) return;
    finished_ = true;
    if (!result->ok())
        return check("store", Verdict::bad, result->reason, "see the reason; nothing is lost meanwhile");
    check("store", Verdict::good, "can be read", "");
    for (const auto& record : result->records) {
        const auto state = parse_checkpoint(record.value);
        const std::string name = "source " + record.key.substr(record.key.find('/') + 1);
        if (!state) {
            check(name, Verdict::bad, state.error().reason, "");
            continue;
        }
        const RunNotes& notes = notes_of(state.value());
        if (notes.last_error) {
            check(name, Verdict::bad, "the last run failed: " + notes.last_error->reason, "");
        } else if (!notes.warning.empty()) {
            check(name, Verdict::advice, notes.warning, "");
        } else {
            check(name, Verdict::good, "the last run went well", "");
        }
    }
}

}  // namespace leadbridge::jobs
