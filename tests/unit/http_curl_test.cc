#include "functions/native/http_curl.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <atomic>
#include <catch2/catch.hpp>
#include <chrono>
#include <csignal>
#include <cstdlib>
#include <functional>
#include <string>
#include <thread>
#include <utility>
#include <vector>

using namespace leadbridge;
using native::HttpClient;

namespace {

void sleep_ms(int ms) { std::this_thread::sleep_for(std::chrono::milliseconds(ms)); }

// One thread a connection; `serve` gets the connection and the first bytes of each request on it, and returns
// whether the connection stays open.
class TinyServer {
  public:
    using Serve = std::function<bool(int connection, const std::string& request)>;

    explicit TinyServer(Serve serve) : serve_(std::move(serve)) {
        std::signal(SIGPIPE, SIG_IGN);
        listener_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
        sockaddr_in address{};
        address.sin_family = AF_INET;
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        socklen_t size = sizeof address;
        REQUIRE(::bind(listener_, reinterpret_cast<sockaddr*>(&address), size) == 0);
        REQUIRE(::listen(listener_, 64) == 0);
        REQUIRE(::getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &size) == 0);
        port_ = ntohs(address.sin_port);
        acceptor_ = std::thread([this] { accept_loop(); });
    }
    ~TinyServer() {
        stop_ = true;
        acceptor_.join();
        for (auto& thread : threads_) thread.join();
        ::close(listener_);
    }
    TinyServer(const TinyServer&) = delete;
    TinyServer& operator=(const TinyServer&) = delete;

    [[nodiscard]] std::string url(const std::string& rest = "/") const {
        return "http://127.0.0.1:" + std::to_string(port_) + rest;
    }
    [[nodiscard]] int connections() const { return connections_; }
    [[nodiscard]] bool stopping() const { return stop_; }

  private:
    bool readable(int fd) const {
        while (!stop_) {
            pollfd item{fd, POLLIN, 0};
            if (::poll(&item, 1, 20) > 0) return true;
        }
        return false;
    }
    void accept_loop() {
        while (readable(listener_)) {
            const int connection = ::accept(listener_, nullptr, nullptr);
            if (connection < 0) continue;
            ++connections_;
            threads_.emplace_back([this, connection] {
                std::string buffer(64 * 1024, '\0');
                bool open = true;
                while (open && readable(connection)) {
                    const ssize_t got = ::recv(connection, buffer.data(), buffer.size(), 0);
                    if (got <= 0) break;
                    open = serve_(connection, buffer.substr(0, static_cast<std::size_t>(got)));
                }
                ::close(connection);
            });
        }
    }

    Serve serve_;
    int listener_ = -1;
    int port_ = 0;
    std::atomic<bool> stop_{false};
    std::atomic<int> connections_{0};
    std::thread acceptor_;
    std::vector<std::thread> threads_;
};

bool answer(int connection, const std::string& text) {
    return ::send(connection, text.data(), text.size(), 0) == static_cast<ssize_t>(text.size());
}

std::string ok_with(const std::string& body) {
    return "HTTP/1.1 200 OK\r\nContent-Length: " + std::to_string(body.size()) + "\r\nX-One: 1\r\n\r\n" +
           body;
}

std::vector<effect::HttpResult> run(HttpClient& client) {
    std::vector<effect::HttpResult> all;
    for (int i = 0; i < 200 && client.outstanding() > 0; ++i) {
        for (auto& result : client.poll(100)) all.push_back(std::move(result));
    }
    return all;
}

effect::HttpResult fetch(effect::Http request) {
    HttpClient client;
    client.start(7, std::move(request));
    auto results = run(client);
    REQUIRE(results.size() == 1);
    CHECK(results[0].id == 7);
    return results[0];
}

effect::Http get(std::string url, std::int64_t timeout_ms = 5000, std::int64_t max_bytes = 1'000'000) {
    return {"GET", std::move(url), {}, "", timeout_ms, max_bytes};
}

constexpr const char* kHidden = "?session=hidden-session&sign=HIDDEN";

void check_nothing_hidden_leaks(const effect::HttpResult& result) {
    CHECK(result.error_message.find("hidden") == std::string::npos);
    CHECK(result.error_message.find("HIDDEN") == std::string::npos);
}

}  // namespace

TEST_CASE("http: sends what the core wrote and nothing else") {
    std::string seen;
    TinyServer server([&](int connection, const std::string& request) {
        seen = request;
        return answer(connection, ok_with("hello"));
    });
    auto result =
        fetch({"POST", server.url("/r?q=%E4%B8%AD"), {{"X-A", "b"}, {"X-Empty", ""}}, "a=1&b=2", 5000, 1000});
    CHECK(result.status == 200);
    CHECK(result.body == "hello");
    CHECK(result.error_kind.empty());
    CHECK(result.headers == effect::Headers{{"Content-Length", "5"}, {"X-One", "1"}});
    const std::string host = server.url("").substr(7);
    CHECK(seen == "POST /r?q=%E4%B8%AD HTTP/1.1\r\nHost: " + host +
                      "\r\nX-A: b\r\nX-Empty:\r\nContent-Length: 7\r\n\r\na=1&b=2");
}

TEST_CASE("http: connections are kept, requests run side by side") {
    TinyServer server([](int connection, const std::string&) {
        sleep_ms(200);
        return answer(connection, ok_with("x"));
    });
    HttpClient client;
    const auto began = std::chrono::steady_clock::now();
    for (effect::Id id = 1; id <= 5; ++id) client.start(id, get(server.url()));
    CHECK(client.outstanding() == 5);
    CHECK(run(client).size() == 5);
    CHECK(std::chrono::steady_clock::now() - began < std::chrono::milliseconds(900));
    CHECK(server.connections() == 5);
    for (effect::Id id = 6; id <= 8; ++id) {
        client.start(id, get(server.url()));
        CHECK(run(client).size() == 1);
    }
    CHECK(server.connections() == 5);
}

TEST_CASE("http: redirects are answers, not instructions") {
    TinyServer server([&](int connection, const std::string&) {
        return answer(
            connection,
            "HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:1/elsewhere\r\nContent-Length: 0\r\n\r\n");
    });
    auto result = fetch(get(server.url()));
    CHECK(result.status == 302);
    CHECK(server.connections() == 1);
}

TEST_CASE("http: a silent server, and one that drips, end at the time limit") {
    TinyServer server([](int connection, const std::string& request) {
        if (request.find("/drip") == std::string::npos) return true;
        if (!answer(connection, "HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n")) return false;
        for (int i = 0; i < 60; ++i) {
            sleep_ms(50);
            if (!answer(connection, "x")) return false;
        }
        return false;
    });
    for (const char* path : {"/silent", "/drip"}) {
        const auto began = std::chrono::steady_clock::now();
        auto result = fetch(get(server.url(path) + kHidden, 400));
        CHECK(std::chrono::steady_clock::now() - began < std::chrono::milliseconds(1500));
        CHECK(result.error_kind == "timeout");
        CHECK(result.error_message == server.url(path) + " did not answer within 400 ms");
        CHECK(result.body.empty());
    }
}

TEST_CASE("http: too large, announced or not") {
    TinyServer server([](int connection, const std::string& request) {
        if (request.find("/announced") != std::string::npos) {
            return answer(connection, "HTTP/1.1 200 OK\r\nContent-Length: 2000000\r\n\r\n");
        }
        if (request.find("/headers") != std::string::npos) {
            answer(connection, "HTTP/1.1 200 OK\r\n");
            for (int i = 0; i < 100; ++i) {
                if (!answer(connection, "X-Long: " + std::string(1000, 'h') + "\r\n")) return false;
            }
            return false;
        }
        answer(connection, "HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n");
        for (int i = 0; i < 100; ++i) {
            if (!answer(connection, std::string(1000, 'x'))) return false;
        }
        return false;
    });
    for (const char* path : {"/announced", "/not", "/headers"}) {
        auto result = fetch(get(server.url(path) + kHidden, 5000, 5000));
        CHECK(result.error_kind == "too_large");
        CHECK(result.body.empty());
        check_nothing_hidden_leaks(result);
    }
    CHECK(fetch(get(server.url("/not"), 5000, 100'000)).body.size() == 100'000);
}

TEST_CASE("http: broken connections and broken answers") {
    TinyServer server([](int connection, const std::string& request) {
        if (request.find("/reset") != std::string::npos) {
            const linger hard{1, 0};
            ::setsockopt(connection, SOL_SOCKET, SO_LINGER, &hard, sizeof hard);
        } else if (request.find("/partial") != std::string::npos) {
            answer(connection, "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf");
        } else if (request.find("/noise") != std::string::npos) {
            answer(connection, "this is not HTTP\r\n\r\n");
        }
        return false;
    });
    for (const auto& [path, kind] : {std::pair{"/reset", "reset"}, std::pair{"/closed", "reset"},
                                     std::pair{"/partial", "reset"}, std::pair{"/noise", "other"}}) {
        auto result = fetch(get(server.url(path) + kHidden));
        INFO(path << ": " << result.error_message);
        CHECK(result.error_kind == kind);
        CHECK(result.error_message.find(server.url(path)) == 0);
        check_nothing_hidden_leaks(result);
    }
}

TEST_CASE("http: nobody there, no such name, no TLS, no such thing") {
    auto refused = fetch(get(std::string("http://127.0.0.1:1/x") + kHidden));
    CHECK(refused.error_kind == "connect");
    check_nothing_hidden_leaks(refused);

    auto unknown = fetch(get(std::string("http://no-such-host.invalid/x") + kHidden));
    CHECK((unknown.error_kind == "dns" || unknown.error_kind == "timeout"));  // offline resolvers are slow
    check_nothing_hidden_leaks(unknown);

    TinyServer server([](int connection, const std::string&) {
        answer(connection, "HTTP/1.1 400 Bad Request\r\n\r\n");
        return false;
    });
    auto plain = fetch(get("https" + server.url("/x").substr(4) + kHidden));
    CHECK(plain.error_kind == "tls");
    check_nothing_hidden_leaks(plain);

    CHECK(fetch(get(std::string("ftp://127.0.0.1/x") + kHidden)).error_kind == "other");
    CHECK(fetch(get(std::string("file:///etc/hostname"))).error_kind == "other");
    CHECK(fetch(get("not a url")).error_kind == "other");
    effect::Http injected = get(server.url());
    injected.headers = {{"X-A", "b\r\nX-Evil: 1"}};
    CHECK(fetch(injected).error_kind == "other");
}

TEST_CASE("http: plain http never goes through a proxy of the environment") {
    TinyServer server(
        [](int connection, const std::string&) { return answer(connection, ok_with("direct")); });
    ::setenv("http_proxy", "http://127.0.0.1:1", 1);
    ::setenv("all_proxy", "http://127.0.0.1:1", 1);
    const auto result = fetch(get(server.url()));
    ::unsetenv("http_proxy");
    ::unsetenv("all_proxy");
    CHECK(result.body == "direct");
}

TEST_CASE("http: cancelling drops what is outstanding") {
    TinyServer server([](int, const std::string&) { return true; });
    HttpClient client;
    client.start(1, get(server.url()));
    client.poll(50);
    client.cancel_all();
    CHECK(client.outstanding() == 0);
    CHECK(client.poll(10).empty());
}

TEST_CASE("http: addresses for people hold no query, user or fragment") {
    CHECK(native::url_for_people("https://user:pw@h.example:8443/a/b?session=1#f") ==
          "https://h.example:8443/a/b");
    CHECK(native::url_for_people("::") == "an address that is not a URL");
    CHECK(native::origin_of("https://h.example/a?b") == "https://h.example");
}
