#include "functions/lambda/runtime.h"

#include <curl/curl.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <map>
#include <string_view>
#include <thread>
#include <utility>

#include "base/log_text.h"
#include "base/text.h"
#include "codec/json.h"
#include "functions/lambda/log.h"

namespace leadbridge::lambda {
namespace {

constexpr long kConnectTimeoutMs = 5000;
constexpr long kPostTimeoutMs = 30'000;
constexpr int kMaxPosts = 3;
constexpr int kMaxBroken = 20;  // in a row, about 16 s; a new process may fare better
constexpr int kFirstPauseMs = 20;
constexpr int kLongestPauseMs = 1000;
constexpr std::size_t kMaxErrorMessage = 8 * 1024;
constexpr std::size_t kMaxHeaders = 64;

struct Exchange {
    std::string body;
    std::map<std::string, std::string> headers;  // names in lower case
    std::array<char, CURL_ERROR_SIZE> error{};
    bool too_large = false;
};

std::size_t on_body(char* data, std::size_t size, std::size_t count, void* user) {
    auto& exchange = *static_cast<Exchange*>(user);
    // What is too much is read and dropped: the connection and the invocation's id stay good.
    if (exchange.body.size() + size * count > kMaxPayload) {
        exchange.too_large = true;
        exchange.body.clear();
    }
    if (!exchange.too_large) exchange.body.append(data, size * count);
    return size * count;
}

std::size_t on_header(char* data, std::size_t size, std::size_t count, void* user) {
    auto& exchange = *static_cast<Exchange*>(user);
    const std::string_view line(data, size * count);
    const auto colon = line.find(':');
    if (colon != std::string_view::npos && exchange.headers.size() < kMaxHeaders)
        exchange.headers[base::lower_ascii(line.substr(0, colon))] = base::trim(line.substr(colon + 1));
    return size * count;
}

void pause_after(int failures) {
    const int factor = 1 << std::min(failures - 1, 10);
    std::this_thread::sleep_for(std::chrono::milliseconds(std::min(kFirstPauseMs * factor, kLongestPauseMs)));
}

// It becomes part of an address.
bool usable_id(const std::string& id) {
    return !id.empty() && id.size() <= 128 && std::all_of(id.begin(), id.end(), [](char c) {
        return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '-';
    });
}

std::string cut(const std::string& text) {
    if (text.size() <= kMaxErrorMessage) return text;
    std::size_t end = kMaxErrorMessage;
    while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0U) == 0x80U) --end;
    return text.substr(0, end) + " ...";
}

std::string report_of(const Reply& reply) {
    codec::Json report = codec::object({{"errorMessage", cut(reply.error_message)},
                                        {"errorType", reply.error_type},
                                        {"stackTrace", codec::Json::array()}});
    if (const auto more = codec::parse_json(reply.text); more && more.value().is_object()) {
        for (const auto& [name, value] : more.value().items()) report[name] = value;
    }
    return codec::dump_json(report);
}

}  // namespace

Reply failure(const std::string& code, const std::string& message) {
    return {true, "", "Leadbridge." + code, base::without_long_numbers(message)};
}

// One kept-alive connection for everything: Lambda asks for no more.
class RuntimeApi::Connection {
  public:
    explicit Connection(const std::string& address) : base_("http://" + address + "/2018-06-01/runtime/") {
        curl_global_init(CURL_GLOBAL_DEFAULT);
        easy_ = curl_easy_init();
    }
    ~Connection() {
        if (easy_ != nullptr) curl_easy_cleanup(easy_);
    }
    Connection(const Connection&) = delete;
    Connection& operator=(const Connection&) = delete;

    // HTTP status, 0 when no answer came. `body` is posted; nullptr asks.
    long exchange(const std::string& path, const std::string* body, const std::string& error_type,
                  Exchange& out) {
        if (easy_ == nullptr) return 0;
        curl_easy_reset(easy_);  // connections stay
        const auto set = [this](CURLoption option, auto value) { curl_easy_setopt(easy_, option, value); };
        set(CURLOPT_URL, (base_ + path).c_str());
        set(CURLOPT_PROTOCOLS_STR, "http");
        set(CURLOPT_PROXY, "");
        set(CURLOPT_NOSIGNAL, 1L);
        set(CURLOPT_HTTP_VERSION, static_cast<long>(CURL_HTTP_VERSION_1_1));
        set(CURLOPT_CONNECTTIMEOUT_MS, kConnectTimeoutMs);
        set(CURLOPT_ERRORBUFFER, out.error.data());
        set(CURLOPT_WRITEFUNCTION, &on_body);
        set(CURLOPT_WRITEDATA, static_cast<void*>(&out));
        set(CURLOPT_HEADERFUNCTION, &on_header);
        set(CURLOPT_HEADERDATA, static_cast<void*>(&out));
        curl_slist* headers = curl_slist_append(nullptr, "Expect:");
        if (body != nullptr) {
            headers = curl_slist_append(headers, "Content-Type: application/json");
            if (!error_type.empty())
                headers =
                    curl_slist_append(headers, ("Lambda-Runtime-Function-Error-Type: " + error_type).c_str());
            set(CURLOPT_TIMEOUT_MS, kPostTimeoutMs);
            set(CURLOPT_POST, 1L);
            set(CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(body->size()));
            set(CURLOPT_POSTFIELDS, body->data());
        }  // else no limit: the process is frozen while nothing comes
        set(CURLOPT_HTTPHEADER, headers);
        const CURLcode code = curl_easy_perform(easy_);
        curl_slist_free_all(headers);
        if (code != CURLE_OK) {
            if (out.error[0] == '\0')
                std::snprintf(out.error.data(), out.error.size(), "%s", curl_easy_strerror(code));
            return 0;
        }
        long status = 0;
        curl_easy_getinfo(easy_, CURLINFO_RESPONSE_CODE, &status);
        return status;
    }

    long post(const std::string& path, const std::string& body, const std::string& error_type) {
        long status = 0;
        for (int tries = 1; tries <= kMaxPosts; ++tries) {
            Exchange exchange_of_post;
            status = exchange(path, &body, error_type, exchange_of_post);
            if (status != 0) return status;
            log_line("warn", "runtime_api",
                     std::string("no answer to POST ") + path + ": " + exchange_of_post.error.data());
            if (tries < kMaxPosts) pause_after(tries);
        }
        return status;
    }

  private:
    std::string base_;
    CURL* easy_ = nullptr;
};

RuntimeApi::RuntimeApi(const std::string& address) : connection_(std::make_unique<Connection>(address)) {}
RuntimeApi::~RuntimeApi() = default;

RuntimeApi::Asked RuntimeApi::next(Invocation& out) {
    Exchange exchange;
    const long status = connection_->exchange("invocation/next", nullptr, "", exchange);
    if (status != 200) {
        const std::string why = status == 0 ? "no answer: " + std::string(exchange.error.data())
                                            : "HTTP status " + std::to_string(status);
        // By Lambda's document 500 means that the environment is beyond repair.
        log_line("error", "runtime_api", "asking for an invocation: " + why);
        return status == 500 ? Asked::gone : Asked::nothing;
    }
    const auto header = [&exchange](const char* name) { return exchange.headers[name]; };
    out.id = header("lambda-runtime-aws-request-id");
    if (!usable_id(out.id)) {
        log_line("error", "runtime_api",
                 "an invocation came without Lambda-Runtime-Aws-Request-Id; nobody can be answered");
        return Asked::nothing;
    }
    out.deadline =
        std::max<base::Millis>(base::parse_int64(header("lambda-runtime-deadline-ms")).value_or(0), 0);
    out.trace_id = header("lambda-runtime-trace-id");
    out.function_arn = header("lambda-runtime-invoked-function-arn");
    out.payload = std::move(exchange.body);
    out.too_large = exchange.too_large;
    return Asked::invocation;
}

bool RuntimeApi::post(const Invocation& invocation, const Reply& reply) {
    const std::string path = "invocation/" + invocation.id;
    const auto post_error = [&](const Reply& error) {
        log_line("error", "invocation_failed", error.error_type + ": " + error.error_message, invocation.id);
        return connection_->post(path + "/error", report_of(error), error.error_type);
    };
    long status = reply.failed ? post_error(reply) : connection_->post(path + "/response", reply.text, "");
    if (status == 413) {
        status = post_error(
            failure("answer_too_large", "the answer of " + std::to_string(reply.text.size()) +
                                            " bytes was too large for Lambda (413); ask for less at once"));
    }
    if (status < 200 || status > 299) {
        log_line("error", "runtime_api", "the answer was not taken: HTTP status " + std::to_string(status),
                 invocation.id);
    }
    return status != 500;
}

void RuntimeApi::post_init_error(const Reply& reply) {
    log_line("error", "init", reply.error_type + ": " + reply.error_message);
    connection_->post("init/error", report_of(reply), reply.error_type);
}

int serve(RuntimeApi& api, const std::function<Reply(const Invocation&)>& handle) {
    int broken = 0;
    while (broken < kMaxBroken) {
        Invocation invocation;
        switch (api.next(invocation)) {
            case RuntimeApi::Asked::gone:
                return 1;
            case RuntimeApi::Asked::nothing:
                pause_after(++broken);
                continue;
            case RuntimeApi::Asked::invocation:
                broken = 0;
                break;
        }
        if (invocation.trace_id.empty()) {
            ::unsetenv("_X_AMZN_TRACE_ID");
        } else {
            ::setenv("_X_AMZN_TRACE_ID", invocation.trace_id.c_str(), 1);
        }
        Reply reply;
        try {
            reply = handle(invocation);
        } catch (const std::exception& error) {
            reply =
                failure("internal_error", std::string("unexpected: ") + error.what() +
                                              ". Nothing committed is lost; the next invocation goes on.");
        }
        if (!api.post(invocation, reply)) return 1;
    }
    log_line("error", "runtime_api",
             "no invocation after " + std::to_string(kMaxBroken) + " attempts; giving up");
    return 1;
}

}  // namespace leadbridge::lambda
