#pragma once
// The Lambda Runtime API: ask for an invocation, work, post what came of it, ask again.
#include <functional>
#include <memory>
#include <string>

#include "base/time.h"

namespace leadbridge::lambda {

struct Invocation {
    std::string id;
    base::Millis deadline = 0;  // UTC; 0 = Lambda named none
    std::string trace_id;
    std::string function_arn;
    std::string payload;
    bool too_large = false;  // the payload was, and is not here
};

// What came of an invocation: the response's JSON text, or an error report.
struct Reply {
    bool failed = false;
    std::string text;  // response; for an error more members for the report, as JSON object text, or nothing
    std::string error_type;  // "Leadbridge.CODE"
    std::string error_message;
};

Reply failure(const std::string& code, const std::string& message);

inline constexpr std::size_t kMaxPayload = 6'291'556;  // Lambda's own limit

class RuntimeApi {
  public:
    explicit RuntimeApi(const std::string& address);  // host:port
    ~RuntimeApi();
    RuntimeApi(const RuntimeApi&) = delete;
    RuntimeApi& operator=(const RuntimeApi&) = delete;

    enum class Asked { invocation, nothing, gone };
    // Waits as long as Lambda likes. `nothing`: ask again after a pause; `gone`: the process has to end.
    Asked next(Invocation& out);
    // False when the process has to end.
    bool post(const Invocation& invocation, const Reply& reply);
    void post_init_error(const Reply& reply);

  private:
    class Connection;
    std::unique_ptr<Connection> connection_;
};

// Serves until Lambda ends the process; gives an exit status when the Runtime API is out of order.
int serve(RuntimeApi& api, const std::function<Reply(const Invocation&)>& handle);

}  // namespace leadbridge::lambda
