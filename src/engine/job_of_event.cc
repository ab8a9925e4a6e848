#include "engine/job_of_event.h"

#include "base/text.h"
#include "engine/preview_event.h"
#include "engine/sign_event.h"
#include "engine/stored_job.h"

namespace leadbridge::engine {

bool needs_configuration(const codec::Json& event) {
    const std::string kind = codec::member_text(event, "kind").value_or("");
    return kind != "preview" && !((kind == "sign" || kind == "verify") && event.contains("secret"));
}

base::Result<std::unique_ptr<jobs::Job>> job_of_event(const codec::Json& event, const std::string& body,
                                                      const Config& config,
                                                      std::optional<jobs::HttpAnswer> answer) {
    const std::string kind = codec::member_text(event, "kind").value_or("");
    if (kind == "sign" || kind == "verify") return sign_event(event, body, config, kind == "verify");
    if (kind == "preview") {
        if (auto job = preview_event(event, body)) return job;
    }
    if (auto job = stored_job(event, body, config, std::move(answer))) return std::move(*job);
    return base::fail(
        "unknown_event",
        "no such event: " + base::printable(codec::member_text(event, "kind").value_or(""), 40));
}

}  // namespace leadbridge::engine
