#include "engine/job_of_event.h"

#include "base/text.h"
#include "engine/doors.h"
#include "engine/sign_event.h"
#include "engine/stored_job.h"
#include "jobs/debug/preview.h"

namespace leadbridge::engine {

bool needs_configuration(const codec::Json& event) {
    const std::string kind = codec::member_text(event, "kind").value_or("");
    return kind != "preview" && kind != "doors" &&
           !((kind == "sign" || kind == "verify") && event.contains("secret"));
}

WorkResult work_of_event(jobs::Context& context, const codec::Json& event, const std::string& body,
                         const Config& config, std::optional<jobs::HttpAnswer> answer) {
    const std::string kind = codec::member_text(event, "kind").value_or("");
    if (kind == "sign" || kind == "verify")
        return sign_event(event, body, config, kind == "verify", context.now());
    if (kind == "preview") return Work(jobs::preview(event, body, context.now(), context.random()));
    if (kind == "doors") return Work(jobs::Outcome{0, codec::dump_json(doors_summary(config)), std::nullopt});
    if (auto work = stored_job(context, event, body, config, std::move(answer))) return std::move(*work);
    return base::fail("unknown_event", "no such event: " + base::printable(kind, 40));
}

}  // namespace leadbridge::engine
