#pragma once
// Performs effect::Http through libcurl, many at once. HTTP/1.1 with kept-alive connections, certificates
// always checked, no redirect followed, no compression asked for, nothing added to what the core wrote but
// Host and Content-Length.
//
// Proxies: https:// honours the usual environment (https_proxy, all_proxy, no_proxy), where a proxy sees only
// the host name. http:// and loopback addresses are always reached directly: a plain proxy would see the
// session and the signature.
//
// Certificates: CURL_CA_BUNDLE, SSL_CERT_FILE, SSL_CERT_DIR, else the usual files of Debian, Amazon Linux,
// Alpine and SUSE.
#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "effect/effect.h"

namespace leadbridge::native {

// AWS signature version 4, made by libcurl: every header of the request is signed, but libcurl's own Accept.
struct AwsSigning {
    std::string region, service;
    std::string key_id, secret;
};

class HttpClient {
  public:
    HttpClient();
    ~HttpClient();
    HttpClient(const HttpClient&) = delete;
    HttpClient& operator=(const HttpClient&) = delete;

    void start(effect::Id id, effect::Http request, const AwsSigning* signing = nullptr);
    // Waits at most `wait_ms` for something to happen (also when nothing is outstanding; a signal ends the
    // wait early) and returns the exchanges that ended. Every started request ends exactly once.
    std::vector<effect::HttpResult> poll(int wait_ms);
    [[nodiscard]] std::size_t outstanding() const;
    void cancel_all();  // connections are dropped, no results

  private:
    class State;
    std::unique_ptr<State> state_;
};

// `https://host:port/path` of a URL: no query (session and signature live there), no user, no fragment.
std::string url_for_people(const std::string& url);
// `https://host:port`, or empty.
std::string origin_of(const std::string& url);
// The first certificate bundle that exists, or empty.
std::string ca_bundle();
// Versions of libcurl and of its TLS library.
struct HttpLibrary {
    std::string curl, tls;
};
HttpLibrary http_library();

}  // namespace leadbridge::native
