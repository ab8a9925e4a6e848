#pragma once
// What every call to a platform may end in, whatever its protocol: a failure with what to do about it.
#include <optional>
#include <string>
#include <string_view>

#include "base/time.h"
#include "effect/effect.h"

namespace leadbridge::wire {

// What the caller should do next.
enum class Remedy {
    wait,         // throttled: again after wait_ms
    retry,        // the platform's trouble or the network's: again with back-off
    reauthorise,  // the session is no longer good
    fix_clock,    // our timestamp is outside the window
    stop,         // our request or configuration is at fault
};
std::string_view remedy_name(Remedy remedy);

struct CallFailure {
    Remedy remedy = Remedy::retry;
    base::Millis wait_ms = 0;  // Remedy::wait
    std::string code;    // short, stable: throttled, session_expired, invalid_signature, transport_html, ...
    std::string reason;  // sentence with what to do and the platform's own codes
    bool invalid_parameter = false;              // isv.invalid-parameter: a smaller page may help
    bool by_service = false;                     // isv.*: the service behind the gateway refused the content
    bool unknown_outcome = false;                // the platform may have done what was asked all the same
    std::optional<base::Millis> platform_clock;  // from the Date header, for fix_clock
};

CallFailure call_failure(Remedy remedy, std::string_view code, std::string reason);
// What came instead of an answer: retried, then left for the next run. The outcome is unknown.
CallFailure transport_failure(std::string_view code, const std::string& what);
// Precondition: result.error_kind is not empty.
CallFailure network_failure(const effect::HttpResult& result);

// "an HTML page", "an empty body", ... : what came, without its content.
std::string shape_of(std::string_view body);
// "the endpoint answered HTTP 502 with an HTML page"
std::string with_status(int status, const std::string& what);
// A body that is not the expected document, by its shape: transport_status, _empty, _html, _unreadable.
CallFailure unreadable_answer(const effect::HttpResult& result, const std::string& why);

// Value of a header, names compared without case; null when absent.
const std::string* header(const effect::Headers& headers, std::string_view name);
std::optional<base::Millis> server_date(const effect::Headers& headers);

}  // namespace leadbridge::wire
