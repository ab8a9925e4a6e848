#include "jobs/door/answer.h"

#include "jobs/backflow/row_intake.h"

namespace leadbridge::jobs {

effect::Respond error_response(int status, const std::string& code, const std::string& message,
                               effect::Headers headers) {
    return json_response(status, codec::object({{"error", code}, {"message", message}}), std::move(headers));
}

Outcome answer(int status, const std::string& code, const std::string& message, effect::Headers headers) {
    const auto summary = codec::object({{"job", "answer"},
                                        {"outcome", code.empty() ? "answered" : "refused"},
                                        {"status", status},
                                        {"code", code},
                                        {"reason", message}});
    auto response = code.empty() ? effect::Respond{status, std::move(headers), ""}
                                 : error_response(status, code, message, std::move(headers));
    return {0, codec::dump_json(summary), std::move(response)};
}

}  // namespace leadbridge::jobs
