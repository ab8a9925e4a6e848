#include "engine/report.h"

#include "base/log_text.h"
#include "base/text.h"

namespace leadbridge::engine {
namespace {

using codec::Json;
using codec::member;

constexpr std::size_t kLongestMessage = 64 * 1024;

std::string text(const Json& object, std::string_view key) {
    return codec::member_text(object, key).value_or("");
}

bool went_wrong(const Json& part) {
    const std::string outcome = text(part, "outcome");
    return outcome == "failed" || outcome == "parked";
}

struct Words {
    std::string code, reason;
    void add(const std::string& new_code, const std::string& sentence) {
        if (code.empty()) code = new_code;
        reason += (reason.empty() ? "" : " | ") + sentence;
    }
    void add_named(const Json& part) {
        const std::string name = text(part, "name");
        std::string sentence = text(part, "reason");
        if (sentence.empty() && codec::member_int(part, "refused").value_or(0) > 0)
            sentence = "rows were refused; `problems` of the summary says why";
        if (sentence.empty() && codec::member_int(part, "unknown").value_or(0) > 0)
            sentence = "whether some rows were taken is not known; they are sent again";
        if (sentence.empty()) return;
        add(text(part, "code"), (name.empty() ? "" : name + ": ") + sentence);
    }
};

void collect(const Json& summary, Words& words) {
    if (const Json& pulled = member(summary, "pull"); pulled.is_object()) collect(pulled, words);
    for (const auto& source : member(summary, "sources")) {
        if (went_wrong(source)) words.add_named(source);
    }
    for (const auto& part : member(summary, "backflow")) {
        if (text(part, "outcome") != "budget") words.add_named(part);
    }
    words.add_named(summary);
    if (const Json& error = member(summary, "error"); error.is_object())
        words.add(text(error, "code"), text(error, "code") + ": " + text(error, "reason"));
}

}  // namespace

Json failed_summary(const std::string& job, const std::string& code, const std::string& reason) {
    return codec::object({{"job", job}, {"error", codec::object({{"code", code}, {"reason", reason}})}});
}

Json configuration_summary(const std::string& job, const codec::Problems& problems) {
    std::string reason;
    Json errors = Json::array();
    for (const auto& p : problems) {
        errors.push_back(codec::object({{"path", p.path}, {"problem", p.problem}, {"fix", p.fix}}));
        reason += (reason.empty() ? "" : "; ") + p.path + " " + p.problem +
                  (p.fix.empty() ? "" : " (" + p.fix + ")");
    }
    Json summary = failed_summary(job, "configuration", reason);
    summary["errors"] = std::move(errors);
    return summary;
}

Json failure_of(const Json& summary) {
    Words words;
    collect(summary, words);
    if (words.reason.empty()) words.reason = text(summary, "job") + ": failed, the summary says what";
    return codec::object({{"code", words.code.empty() ? "failed" : words.code},
                          {"reason", base::without_long_numbers(words.reason)}});
}

effect::Log log_of(const std::string& kind, int exit, const Json& summary) {
    Json kept = summary;
    if (const Json& leads = member(summary, "leads"); leads.is_array()) kept["leads"] = leads.size();
    const std::string message = base::without_long_numbers(codec::dump_json(kept).substr(0, kLongestMessage));
    return {exit == 1 || exit == 2 ? "error" : "info", kind.empty() ? "run" : kind, message};
}

}  // namespace leadbridge::engine
