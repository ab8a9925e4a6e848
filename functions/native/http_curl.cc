#include "functions/native/http_curl.h"

#include <curl/curl.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdlib>
#include <map>
#include <thread>
#include <utility>

#include "base/text.h"

namespace leadbridge::native {
namespace {

constexpr std::int64_t kDefaultMaxBytes = 32LL * 1024 * 1024;  // when the core names no limit
constexpr std::size_t kMaxHeaderBytes = 64 * 1024;
constexpr long kMaxConnections = 32;

struct Exchange {
    effect::Id id = 0;
    effect::Http request;
    effect::HttpResult result;
    CURL* easy = nullptr;
    curl_slist* headers = nullptr;
    std::array<char, CURL_ERROR_SIZE> error{};
    std::size_t header_bytes = 0;
    std::int64_t max_bytes = 0;
    bool too_large = false;

    Exchange() = default;
    Exchange(const Exchange&) = delete;
    Exchange& operator=(const Exchange&) = delete;
    ~Exchange() {
        if (easy != nullptr) curl_easy_cleanup(easy);
        curl_slist_free_all(headers);
    }
};

std::size_t on_body(char* data, std::size_t size, std::size_t count, void* user) {
    auto& exchange = *static_cast<Exchange*>(user);
    const std::size_t bytes = size * count;
    if (static_cast<std::int64_t>(exchange.result.body.size() + bytes) > exchange.max_bytes) {
        exchange.too_large = true;
        return 0;
    }
    exchange.result.body.append(data, bytes);
    return bytes;
}

std::size_t on_header(char* data, std::size_t size, std::size_t count, void* user) {
    auto& exchange = *static_cast<Exchange*>(user);
    const std::size_t bytes = size * count;
    exchange.header_bytes += bytes;
    if (exchange.header_bytes > kMaxHeaderBytes) {
        exchange.too_large = true;
        return 0;
    }
    const std::string_view line(data, bytes);
    if (line.substr(0, 5) == "HTTP/") {  // a new status line: what came before was a 1xx or a proxy's answer
        exchange.result.headers.clear();
        return bytes;
    }
    const std::size_t colon = line.find(':');
    if (colon != std::string_view::npos && colon > 0) {
        exchange.result.headers.emplace_back(std::string(line.substr(0, colon)),
                                             base::trim(line.substr(colon + 1)));
    }
    return bytes;
}

std::string url_part(CURLU* url, CURLUPart part) {
    char* text = nullptr;
    if (curl_url_get(url, part, &text, 0) != CURLUE_OK) return {};
    std::string out(text);
    curl_free(text);
    return out;
}

bool goes_direct(const std::string& url) {
    CURLU* parsed = curl_url();
    if (parsed == nullptr) return true;
    bool direct = true;
    if (curl_url_set(parsed, CURLUPART_URL, url.c_str(), 0) == CURLUE_OK) {
        const std::string host = base::lower_ascii(url_part(parsed, CURLUPART_HOST));
        direct = url_part(parsed, CURLUPART_SCHEME) == "http" || host == "localhost" || host == "[::1]" ||
                 host.rfind("127.", 0) == 0;
    }
    curl_url_cleanup(parsed);
    return direct;
}

const char* kind_of(CURLcode code) {
    switch (code) {
        case CURLE_OPERATION_TIMEDOUT:
            return "timeout";
        case CURLE_COULDNT_CONNECT:
            return "connect";
        case CURLE_COULDNT_RESOLVE_HOST:
        case CURLE_COULDNT_RESOLVE_PROXY:
            return "dns";
        case CURLE_SSL_CONNECT_ERROR:
        case CURLE_PEER_FAILED_VERIFICATION:
        case CURLE_SSL_CERTPROBLEM:
        case CURLE_SSL_CIPHER:
        case CURLE_SSL_CACERT_BADFILE:
        case CURLE_SSL_ISSUER_ERROR:
        case CURLE_SSL_INVALIDCERTSTATUS:
        case CURLE_SSL_ENGINE_INITFAILED:
        case CURLE_USE_SSL_FAILED:
            return "tls";
        case CURLE_RECV_ERROR:
        case CURLE_SEND_ERROR:
        case CURLE_GOT_NOTHING:
        case CURLE_PARTIAL_FILE:
            return "reset";
        case CURLE_FILESIZE_EXCEEDED:
            return "too_large";
        default:
            return "other";
    }
}

std::string describe(std::string_view kind, CURLcode code, const Exchange& exchange) {
    const std::string where = url_for_people(exchange.request.url);
    if (kind == "timeout") {
        return where + " did not answer within " + std::to_string(exchange.request.timeout_ms) + " ms";
    }
    if (kind == "too_large") {
        return where + " sent more than " + std::to_string(exchange.max_bytes) + " bytes";
    }
    std::string detail = exchange.error[0] != '\0' ? exchange.error.data() : curl_easy_strerror(code);
    // libcurl does not put the query into its messages; this keeps it so.
    detail = base::printable(detail.substr(0, detail.find('?')));
    std::string out = where + ": " + detail;
    if (kind == "tls" && ca_bundle().empty()) {
        out +=
            ". No certificate bundle was found: install the package ca-certificates or name a file in "
            "SSL_CERT_FILE";
    }
    return out;
}

bool has_line_break(std::string_view text) {
    return text.find_first_of(std::string_view("\r\n\0", 3)) != std::string_view::npos;
}

void ensure_curl() {
    static const CURLcode once = curl_global_init(CURL_GLOBAL_DEFAULT);
    static_cast<void>(once);
}

}  // namespace

std::string origin_of(const std::string& url) {
    ensure_curl();
    CURLU* parsed = curl_url();
    std::string out;
    if (parsed != nullptr && curl_url_set(parsed, CURLUPART_URL, url.c_str(), 0) == CURLUE_OK) {
        const std::string port = url_part(parsed, CURLUPART_PORT);
        out = url_part(parsed, CURLUPART_SCHEME) + "://" + url_part(parsed, CURLUPART_HOST) +
              (port.empty() ? "" : ":" + port);
    }
    curl_url_cleanup(parsed);
    return out;
}

std::string url_for_people(const std::string& url) {
    const std::string origin = origin_of(url);
    if (origin.empty()) return "an address that is not a URL";
    CURLU* parsed = curl_url();
    std::string path;
    if (parsed != nullptr && curl_url_set(parsed, CURLUPART_URL, url.c_str(), 0) == CURLUE_OK) {
        path = url_part(parsed, CURLUPART_PATH);
    }
    curl_url_cleanup(parsed);
    return base::printable(origin + path);
}

std::string ca_bundle() {
    for (const char* name : {"CURL_CA_BUNDLE", "SSL_CERT_FILE"}) {
        const char* value = std::getenv(name);
        if (value != nullptr && *value != '\0')
            return value;  // also when it does not exist: the error says so
    }
    for (const char* path : {
             "/etc/ssl/certs/ca-certificates.crt",                 // Debian, Ubuntu, Arch
             "/etc/pki/tls/certs/ca-bundle.crt",                   // Amazon Linux, Fedora, RHEL
             "/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem",  // the same, newer
             "/etc/ssl/ca-bundle.pem",                             // SUSE
             "/etc/ssl/cert.pem",                                  // Alpine
         }) {
        if (::access(path, R_OK) == 0) return path;
    }
    return {};
}

HttpLibrary http_library() {
    const curl_version_info_data* info = curl_version_info(CURLVERSION_NOW);
    return {info->version, info->ssl_version != nullptr ? info->ssl_version : "no TLS"};
}

class HttpClient::State {
  public:
    State() : bundle(ca_bundle()) {
        ensure_curl();
        multi = curl_multi_init();
        if (multi == nullptr) return;
        curl_multi_setopt(multi, CURLMOPT_MAX_TOTAL_CONNECTIONS, kMaxConnections);
        curl_multi_setopt(multi, CURLMOPT_MAXCONNECTS, kMaxConnections);
        curl_multi_setopt(multi, CURLMOPT_PIPELINING, static_cast<long>(CURLPIPE_NOTHING));
    }
    State(const State&) = delete;
    State& operator=(const State&) = delete;
    ~State() {
        drop_all();
        if (multi != nullptr) curl_multi_cleanup(multi);
    }

    void drop_all() {
        for (auto& [easy, exchange] : running) curl_multi_remove_handle(multi, easy);
        running.clear();
        refused.clear();
    }

    void refuse(Exchange& exchange, std::string why) {
        exchange.result.error_kind = "other";
        exchange.result.error_message = url_for_people(exchange.request.url) + ": " + std::move(why);
        refused.push_back(std::move(exchange.result));
    }

    bool prepare(Exchange& exchange, const AwsSigning* signing);
    void finish(CURL* easy, CURLcode code, std::vector<effect::HttpResult>& out);

    CURLM* multi = nullptr;
    std::string bundle;
    std::map<CURL*, std::unique_ptr<Exchange>> running;
    std::vector<effect::HttpResult> refused;  // never sent; handed out by the next poll
};

bool HttpClient::State::prepare(Exchange& exchange, const AwsSigning* signing) {
    const effect::Http& request = exchange.request;
    exchange.easy = curl_easy_init();
    if (multi == nullptr || exchange.easy == nullptr) {
        refuse(exchange, "out of memory");
        return false;
    }
    if (has_line_break(request.url) || has_line_break(request.method)) {
        refuse(exchange, "a line break in the address");
        return false;
    }
    bool has_content_type = false;
    bool has_accept = false;
    for (const auto& [name, value] : request.headers) {
        if (has_line_break(name) || has_line_break(value)) {
            refuse(exchange, "a line break in a header");
            return false;
        }
        const std::string lower = base::lower_ascii(name);
        has_content_type = has_content_type || lower == "content-type";
        has_accept = has_accept || lower == "accept";
        const std::string line = value.empty() ? name + ";" : name + ": " + value;  // `;` = present but empty
        exchange.headers = curl_slist_append(exchange.headers, line.c_str());
    }
    // A bare `Name:` keeps libcurl from adding its own. Not where it signs: libcurl 7.88 signs the bare names
    // and sends nothing, so the signature is wrong.
    if (signing == nullptr) {
        exchange.headers = curl_slist_append(exchange.headers, "Expect:");
        if (!has_accept) exchange.headers = curl_slist_append(exchange.headers, "Accept:");
        if (!has_content_type) exchange.headers = curl_slist_append(exchange.headers, "Content-Type:");
    }

    CURL* easy = exchange.easy;
    const auto set = [easy](CURLoption option, auto value) {
        return curl_easy_setopt(easy, option, value) == CURLE_OK;
    };
    if (!set(CURLOPT_PROTOCOLS_STR, "http,https") || !set(CURLOPT_URL, request.url.c_str())) {
        refuse(exchange, "not an http or https address");
        return false;
    }
    set(CURLOPT_NOSIGNAL, 1L);
    set(CURLOPT_FOLLOWLOCATION, 0L);
    set(CURLOPT_HTTP_VERSION, static_cast<long>(CURL_HTTP_VERSION_1_1));
    set(CURLOPT_SSL_VERIFYPEER, 1L);
    set(CURLOPT_SSL_VERIFYHOST, 2L);
    set(CURLOPT_SSLVERSION, static_cast<long>(CURL_SSLVERSION_TLSv1_2));
    if (!bundle.empty()) set(CURLOPT_CAINFO, bundle.c_str());
    if (const char* path = std::getenv("SSL_CERT_DIR"); path != nullptr && *path != '\0') {
        set(CURLOPT_CAPATH, path);
    }
    if (goes_direct(request.url)) set(CURLOPT_PROXY, "");
    if (request.timeout_ms > 0) {
        const auto timeout = static_cast<long>(request.timeout_ms);
        set(CURLOPT_TIMEOUT_MS, timeout);
        set(CURLOPT_CONNECTTIMEOUT_MS, timeout);
    }
    exchange.max_bytes = request.max_bytes > 0 ? request.max_bytes : kDefaultMaxBytes;
    set(CURLOPT_MAXFILESIZE_LARGE, static_cast<curl_off_t>(exchange.max_bytes));
    set(CURLOPT_HTTPHEADER, exchange.headers);
    set(CURLOPT_ERRORBUFFER, exchange.error.data());
    set(CURLOPT_WRITEFUNCTION, &on_body);
    set(CURLOPT_WRITEDATA, static_cast<void*>(&exchange));
    set(CURLOPT_HEADERFUNCTION, &on_header);
    set(CURLOPT_HEADERDATA, static_cast<void*>(&exchange));
    set(CURLOPT_PRIVATE, static_cast<void*>(&exchange));

    if (signing != nullptr) {
        const std::string scope = "aws:amz:" + signing->region + ":" + signing->service;
        if (!set(CURLOPT_AWS_SIGV4, scope.c_str()) || !set(CURLOPT_USERNAME, signing->key_id.c_str()) ||
            !set(CURLOPT_PASSWORD, signing->secret.c_str())) {
            refuse(exchange, "this libcurl cannot sign for AWS");
            return false;
        }
    }

    if (request.method == "HEAD") {
        set(CURLOPT_NOBODY, 1L);
    } else if (request.method == "GET" && request.body.empty()) {
        set(CURLOPT_HTTPGET, 1L);
    } else {
        set(CURLOPT_POST, 1L);
        set(CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(request.body.size()));
        set(CURLOPT_POSTFIELDS, request.body.data());
        if (request.method != "POST") set(CURLOPT_CUSTOMREQUEST, request.method.c_str());
    }
    return true;
}

void HttpClient::State::finish(CURL* easy, CURLcode code, std::vector<effect::HttpResult>& out) {
    const auto found = running.find(easy);
    if (found == running.end()) return;
    Exchange& exchange = *found->second;
    if (code == CURLE_OK) {
        long status = 0;
        curl_easy_getinfo(easy, CURLINFO_RESPONSE_CODE, &status);
        exchange.result.status = static_cast<int>(status);
    } else {
        const std::string kind = exchange.too_large ? "too_large" : kind_of(code);
        exchange.result.headers.clear();
        exchange.result.body.clear();
        exchange.result.error_kind = kind;
        exchange.result.error_message = describe(kind, code, exchange);
    }
    out.push_back(std::move(exchange.result));
    curl_multi_remove_handle(multi, easy);
    running.erase(found);
}

HttpClient::HttpClient() : state_(std::make_unique<State>()) {}
HttpClient::~HttpClient() = default;

void HttpClient::start(effect::Id id, effect::Http request, const AwsSigning* signing) {
    auto exchange = std::make_unique<Exchange>();
    exchange->id = id;
    exchange->result.id = id;
    exchange->request = std::move(request);
    if (!state_->prepare(*exchange, signing)) return;
    CURL* easy = exchange->easy;
    if (curl_multi_add_handle(state_->multi, easy) != CURLM_OK) {
        state_->refuse(*exchange, "could not be started");
        return;
    }
    state_->running.emplace(easy, std::move(exchange));
}

std::vector<effect::HttpResult> HttpClient::poll(int wait_ms) {
    std::vector<effect::HttpResult> out = std::exchange(state_->refused, {});
    if (state_->multi == nullptr) return out;
    const auto collect = [this, &out] {
        int running = 0;
        curl_multi_perform(state_->multi, &running);
        int left = 0;
        while (CURLMsg* message = curl_multi_info_read(state_->multi, &left)) {
            if (message->msg == CURLMSG_DONE) {
                // finish() frees the handle and with it the message: copy first.
                const CURLcode code = message->data.result;
                state_->finish(message->easy_handle, code, out);
            }
        }
    };
    collect();
    if (out.empty() && wait_ms > 0) {
        curl_multi_poll(state_->multi, nullptr, 0, wait_ms, nullptr);
        collect();
    }
    return out;
}

std::size_t HttpClient::outstanding() const { return state_->running.size() + state_->refused.size(); }

void HttpClient::cancel_all() { state_->drop_all(); }

}  // namespace leadbridge::native
