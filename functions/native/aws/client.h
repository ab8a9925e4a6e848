#pragma once
// Signed JSON calls to AWS: SigV4 by libcurl, credentials from the environment or the container endpoint,
// refusals that pass (throttling, 5xx, broken connections, timeouts) repeated with back-off.
#include <cstdint>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/time.h"
#include "functions/native/http_curl.h"

namespace leadbridge::native {

struct AwsCall {
    std::string url;
    std::string service;       // "dynamodb", "sqs", "ssm", "secretsmanager"
    std::string target;        // X-Amz-Target
    std::string content_type;  // "application/x-amz-json-1.0"
    std::string body;
};

struct AwsReply {
    bool ended = false;  // false: given up because another call of the same run failed
    int status = 0;
    std::string body;
    std::string code;     // of an error: "ResourceNotFoundException", "timeout", "connect", ...; empty = fine
    std::string message;  // what AWS or libcurl said about it
};

struct AwsOptions {
    std::string region;
    base::Millis attempt_ms = 2000;
    base::Millis total_ms = 5000;  // of one call with its repeats
    std::size_t parallel = 16;
    bool each_for_itself = false;  // a refusal of one call leaves the others alone
};

// Where a service is: AWS_ENDPOINT_URL_<SERVICE>, AWS_ENDPOINT_URL (not with
// AWS_IGNORE_CONFIGURED_ENDPOINT_URLS), else AWS itself in that region. `service` as in AwsCall.
std::string aws_url(const std::string& service, const std::string& region);

// Environment first, then AWS_CONTAINER_CREDENTIALS_FULL_URI or _RELATIVE_URI (ECS). A change of the
// credentials (Lambda has none within a process, containers have) is picked up when they are about to end.
class AwsCredentials {
  public:
    // Error code: aws_credentials.
    base::Status ready();
    void forget() { until_ = 0; }  // AWS says that they have ended
    [[nodiscard]] bool renewable() const { return from_container_; }
    [[nodiscard]] const std::string& key_id() const { return key_id_; }
    [[nodiscard]] const std::string& secret() const { return secret_; }
    [[nodiscard]] const std::string& session() const { return session_; }

  private:
    base::Status from_container(const std::string& url);

    std::string key_id_, secret_, session_;
    base::Millis until_ = 0;
    bool from_container_ = false;
};

// A member of an answer of AWS; empty when it is absent or no text.
std::string text_of(const nlohmann::json& object, const char* name);

class AwsClient {
  public:
    explicit AwsClient(AwsOptions options) : options_(std::move(options)) {}
    // Replies in the order of the calls. Unless each call is for itself, a refusal for good of one, but a
    // failed condition, ends the run: the others may or may not have taken effect. Error: no credentials.
    base::Result<std::vector<AwsReply>> run(const std::vector<AwsCall>& calls);
    [[nodiscard]] const AwsOptions& options() const { return options_; }
    // No call goes on beyond this time of the steady clock; 0 = no such time.
    void end_by(base::Millis steady) { end_by_ = steady; }

  private:
    void start(std::size_t number, const AwsCall& call, base::Millis timeout);

    base::Millis end_by_ = 0;

    AwsOptions options_;
    AwsCredentials credentials_;
    HttpClient http_;
    effect::Id next_id_ = 1;
    std::vector<std::pair<effect::Id, std::size_t>> running_;  // request -> number of its call
};

enum class AwsTrouble {
    throttled,
    forbidden,
    expired,      // credentials
    unknown_key,  // credentials
    clock,
    signature,
    unreachable,
    failing,  // 5xx
    other,
};

struct AwsDiagnosis {
    AwsTrouble trouble = AwsTrouble::other;
    std::string problem;  // "is throttled (...)": begins where the name of the thing asked for ends
    std::string fix;      // empty for `other`
};

// For errors that every service gives alike (permissions, credentials, clock, throttling, network).
AwsDiagnosis aws_diagnosis(const AwsReply& reply);

// The diagnosis as one sentence about `what`, "the table leads".
std::string aws_sentence(const AwsReply& reply, std::string_view what);

}  // namespace leadbridge::native
