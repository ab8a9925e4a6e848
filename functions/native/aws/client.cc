#include "functions/native/aws/client.h"

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <nlohmann/json.hpp>
#include <thread>
#include <utility>

#include "base/text.h"
#include "functions/native/config_file.h"

namespace leadbridge::native {
namespace {

using Json = nlohmann::json;
using base::Millis;

constexpr Millis kRenewMs = 5 * 60 * 1000;  // before their end
constexpr Millis kFirstWaitMs = 50;
constexpr Millis kLongestWaitMs = 800;
constexpr int kCredentialTries = 3;

Millis steady() {
    const auto since = std::chrono::steady_clock::now().time_since_epoch();
    return std::chrono::duration_cast<std::chrono::milliseconds>(since).count();
}

Millis wall() {
    const auto since = std::chrono::system_clock::now().time_since_epoch();
    return std::chrono::duration_cast<std::chrono::milliseconds>(since).count();
}

std::string environment(const char* name) {
    const char* value = std::getenv(name);
    return value == nullptr ? std::string() : std::string(value);
}

// {"__type": "com.amazonaws.dynamodb.v20120810#ResourceNotFoundException", "message": "..."}
void read_error(AwsReply& reply) {
    const Json body = Json::parse(reply.body, nullptr, false);
    std::string type = text_of(body, "__type");
    type = type.substr(type.find_last_of('#') + 1);
    reply.code = type.empty() ? "http_" + std::to_string(reply.status) : base::printable(type, 80);
    std::string message = text_of(body, "message");
    if (message.empty()) message = text_of(body, "Message");
    reply.message = base::printable(message, 300);
}

bool one_of(std::string_view code, std::initializer_list<std::string_view> all) {
    return std::find(all.begin(), all.end(), code) != all.end();
}

bool throttled(const AwsReply& reply) {
    return reply.status == 429 ||
           one_of(reply.code, {"ProvisionedThroughputExceededException", "ThrottlingException", "Throttling",
                               "RequestLimitExceeded", "TooManyRequestsException", "RequestThrottled",
                               "LimitExceededException"});
}

bool credentials_ended(const AwsReply& reply) {
    return one_of(reply.code, {"ExpiredTokenException", "ExpiredToken"});
}

bool passing(const AwsReply& reply) {
    return throttled(reply) || reply.status >= 500 ||
           one_of(reply.code, {"timeout", "connect", "reset", "dns", "TransactionInProgressException"});
}

// Between half and the whole of the step, so that many clients do not come back at once.
Millis jittered(Millis step) {
    static std::uint32_t state = static_cast<std::uint32_t>(steady()) | 1U;
    state = state * 1664525U + 1013904223U;
    return step / 2 + static_cast<Millis>(state >> 16U) % (step / 2 + 1);
}

}  // namespace

std::string text_of(const Json& object, const char* name) {
    const auto found = object.is_object() ? object.find(name) : object.end();
    return found != object.end() && found->is_string() ? found->get<std::string>() : std::string();
}

std::string aws_url(const std::string& service, const std::string& region) {
    const std::string name = service == "dynamodb"         ? "AWS_ENDPOINT_URL_DYNAMODB"
                             : service == "ssm"            ? "AWS_ENDPOINT_URL_SSM"
                             : service == "secretsmanager" ? "AWS_ENDPOINT_URL_SECRETS_MANAGER"
                                                           : "";
    std::string url;
    if (base::lower_ascii(environment("AWS_IGNORE_CONFIGURED_ENDPOINT_URLS")) != "true") {
        if (!name.empty()) url = environment(name.c_str());
        if (url.empty()) url = environment("AWS_ENDPOINT_URL");
    }
    if (!url.empty()) return url;
    const bool china = region.starts_with("cn-");
    return "https://" + service + "." + region + ".amazonaws.com" + (china ? ".cn/" : "/");
}

base::Status AwsCredentials::from_container(const std::string& url) {
    HttpClient http;  // its own: results of calls under way must not end up here
    effect::Http request;
    request.method = "GET";
    request.url = url;
    request.timeout_ms = 2000;
    request.max_bytes = 64 * 1024;
    std::string token = environment("AWS_CONTAINER_AUTHORIZATION_TOKEN");
    if (const std::string file = environment("AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE"); !file.empty()) {
        auto read = read_file(file, 64 * 1024);
        if (!read.ok()) return base::fail("aws_credentials", read.error().reason);
        token = base::trim(read.value());
    }
    if (!token.empty()) request.headers.emplace_back("Authorization", token);
    std::string why;
    for (int attempt = 0; attempt < kCredentialTries; ++attempt) {
        http.start(0, request);
        std::vector<effect::HttpResult> ended;
        for (int waits = 0; ended.empty() && waits < 1000; ++waits) ended = http.poll(100);
        if (ended.empty()) break;
        const effect::HttpResult& result = ended.front();
        why =
            result.error_kind.empty() ? "it answered " + std::to_string(result.status) : result.error_message;
        if (result.status == 200) {
            const Json body = Json::parse(result.body, nullptr, false);
            key_id_ = text_of(body, "AccessKeyId");
            secret_ = text_of(body, "SecretAccessKey");
            session_ = text_of(body, "Token");
            const auto end = base::parse_platform_time(text_of(body, "Expiration"));
            until_ = end ? *end : wall() + 2 * kRenewMs;
            from_container_ = true;
            if (!key_id_.empty() && !secret_.empty()) return base::Ok{};
            why = "its answer holds no keys";
        }
        if (result.status >= 400 && result.status < 500) break;
    }
    return base::fail("aws_credentials", "the container's credential endpoint gave no credentials: " + why +
                                             ". Check the task role and AWS_CONTAINER_CREDENTIALS_FULL_URI.");
}

base::Status AwsCredentials::ready() {
    const Millis now = wall();
    const std::string key_id = environment("AWS_ACCESS_KEY_ID");
    const std::string secret = environment("AWS_SECRET_ACCESS_KEY");
    if (!key_id.empty() && !secret.empty()) {
        key_id_ = key_id;
        secret_ = secret;
        session_ = environment("AWS_SESSION_TOKEN");
        from_container_ = false;
        return base::Ok{};
    }
    if (!key_id_.empty() && until_ > now + kRenewMs) return base::Ok{};
    if (const std::string path = environment("AWS_CONTAINER_CREDENTIALS_RELATIVE_URI"); !path.empty())
        return from_container("http://169.254.170.2" + path);
    const std::string url = environment("AWS_CONTAINER_CREDENTIALS_FULL_URI");
    if (!url.empty()) return from_container(url);
    return base::fail(
        "aws_credentials",
        "there are no AWS credentials: set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY (and "
        "AWS_SESSION_TOKEN for temporary ones), or run with a role (on Lambda and in containers "
        "AWS sets them)");
}

void AwsClient::start(std::size_t number, const AwsCall& call, Millis timeout) {
    effect::Http request;
    request.method = "POST";
    request.url = call.url;
    request.timeout_ms = std::max<Millis>(timeout, 1);
    request.headers.emplace_back("Content-Type", call.content_type);
    request.headers.emplace_back("X-Amz-Target", call.target);
    if (!credentials_.session().empty()) {
        request.headers.emplace_back("X-Amz-Security-Token", credentials_.session());
    }
    request.body = call.body;
    const AwsSigning signing{options_.region, call.service, credentials_.key_id(), credentials_.secret()};
    running_.emplace_back(next_id_, number);
    http_.start(next_id_++, std::move(request), &signing);
}

base::Result<std::vector<AwsReply>> AwsClient::run(const std::vector<AwsCall>& calls) {
    if (auto status = credentials_.ready(); !status.ok()) return status.error();
    struct Turn {
        Millis since = 0;  // first attempt; 0 = not begun
        Millis due = 0;    // when to try again
        Millis step = kFirstWaitMs;
        bool renewed = false;
    };
    std::vector<AwsReply> replies(calls.size());
    std::vector<Turn> turns(calls.size());
    std::vector<std::size_t> waiting;  // in reverse: the next is the last
    for (std::size_t i = calls.size(); i > 0; --i) waiting.push_back(i - 1);
    const auto end_of = [this](Millis since) {
        const Millis end = since + options_.total_ms;
        return end_by_ > 0 ? std::min(end, end_by_) : end;
    };
    bool given_up = false;
    while (!given_up && (!waiting.empty() || !running_.empty())) {
        Millis now = steady();
        Millis pause = 200;
        for (std::size_t i = waiting.size(); i > 0 && running_.size() < options_.parallel; --i) {
            const std::size_t number = waiting[i - 1];
            Turn& turn = turns[number];
            if (turn.due > now) {
                pause = std::min(pause, turn.due - now);
                continue;
            }
            if (turn.since == 0) turn.since = now;
            start(number, calls[number], std::min(options_.attempt_ms, end_of(turn.since) - now));
            waiting.erase(waiting.begin() + static_cast<std::ptrdiff_t>(i - 1));
        }
        if (running_.empty()) {
            std::this_thread::sleep_for(std::chrono::milliseconds(pause));
            continue;
        }
        for (effect::HttpResult& result : http_.poll(static_cast<int>(pause))) {
            const auto found = std::find_if(running_.begin(), running_.end(),
                                            [&](const auto& each) { return each.first == result.id; });
            if (found == running_.end()) continue;
            const std::size_t number = found->second;
            running_.erase(found);
            AwsReply& reply = replies[number];
            reply = AwsReply{true, result.status, std::move(result.body), "", ""};
            if (!result.error_kind.empty()) {
                reply.status = 0;
                reply.code = result.error_kind;
                reply.message = result.error_message;
            } else if (result.status != 200) {
                read_error(reply);
            }
            if (reply.code.empty() || reply.code == "ConditionalCheckFailedException") continue;
            Turn& turn = turns[number];
            now = steady();
            bool again = passing(reply);
            if (credentials_ended(reply) && credentials_.renewable() && !turn.renewed) {
                turn.renewed = true;
                credentials_.forget();
                again = credentials_.ready().ok();
            }
            const Millis wait = jittered(turn.step);
            turn.step = std::min(turn.step * 2, kLongestWaitMs);
            if (again && now + wait < end_of(turn.since)) {
                turn.due = now + wait;
                waiting.push_back(number);
            } else if (!options_.each_for_itself) {
                given_up = true;
            }
        }
    }
    if (given_up) {
        http_.cancel_all();
        running_.clear();
        for (const std::size_t number : waiting) replies[number].ended = false;
    }
    return replies;
}

AwsDiagnosis aws_diagnosis(const AwsReply& reply) {
    const std::string said = reply.message.empty() ? reply.code : reply.code + ": " + reply.message;
    if (throttled(reply)) {
        return {AwsTrouble::throttled,
                " is throttled (" + reply.code + "): AWS took no more for some seconds",
                "Run again; if it stays, use on-demand capacity or raise the provisioned one."};
    }
    if (one_of(reply.code, {"AccessDeniedException", "AccessDenied", "UnauthorizedOperation"})) {
        return {AwsTrouble::forbidden, ": the credentials may not do this (" + said + ")",
                "Give the role the permissions of infra/aws/template.yaml."};
    }
    if (credentials_ended(reply)) {
        return {AwsTrouble::expired, ": the AWS credentials have expired",
                "Fetch new ones (AWS_SESSION_TOKEN belongs to the keys), or run with a role."};
    }
    if (one_of(reply.code,
               {"UnrecognizedClientException", "InvalidClientTokenId", "MissingAuthenticationToken",
                "MissingAuthenticationTokenException", "IncompleteSignatureException"})) {
        return {AwsTrouble::unknown_key, ": AWS does not know these credentials",
                "Check AWS_ACCESS_KEY_ID and AWS_SESSION_TOKEN."};
    }
    const auto speaks_of = [&](const char* word) { return reply.message.find(word) != std::string::npos; };
    if (one_of(reply.code, {"RequestTimeTooSkewed", "RequestExpired"}) ||
        (one_of(reply.code, {"InvalidSignatureException", "SignatureDoesNotMatch"}) &&
         (speaks_of("expired") || speaks_of("not yet current")))) {
        return {AwsTrouble::clock,
                ": the clock of this machine is more than five minutes off, so AWS refuses the signature",
                "Set the clock (NTP) and run again."};
    }
    if (one_of(reply.code, {"InvalidSignatureException", "SignatureDoesNotMatch"})) {
        return {AwsTrouble::signature, ": AWS refuses the signature",
                "Check AWS_SECRET_ACCESS_KEY and the region."};
    }
    if (reply.status == 0) {
        return {AwsTrouble::unreachable, " was not reachable (" + said + ")",
                "Check the region, `endpoint` and the network."};
    }
    if (reply.status >= 500) return {AwsTrouble::failing, ": AWS failed (" + said + ")", "Run again."};
    return {AwsTrouble::other, ": " + said, ""};
}

std::string aws_sentence(const AwsReply& reply, std::string_view what) {
    const AwsDiagnosis diagnosis = aws_diagnosis(reply);
    return std::string(what) + diagnosis.problem + (diagnosis.fix.empty() ? "" : ". " + diagnosis.fix);
}

}  // namespace leadbridge::native
