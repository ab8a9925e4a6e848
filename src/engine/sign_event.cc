#include "engine/sign_event.h"

#include "base/text.h"
#include "jobs/debug/sign.h"
#include "wire/tanma.h"

namespace leadbridge::engine {
namespace {

using codec::Json;
using codec::member;
using codec::member_text;

constexpr std::size_t kMostParams = 1000;

base::Error bad(const std::string& what) { return base::fail("bad_event", what); }

// The secret of the event, or of the app it names.
base::Result<wire::TopApp> app_of(const Json& event, const Config& config) {
    wire::TopApp app;
    if (const auto secret = member_text(event, "secret")) {
        app.app_secret = crypto::Secret(*secret);
    } else {
        const std::string name = member_text(event, "app").value_or("main");
        const auto found = config.apps.find(name);
        if (found == config.apps.end())
            return bad("no secret given, and `apps` of the configuration has no \"" +
                       base::printable(name, 40) + "\"");
        app = found->second;
    }
    if (app.app_secret.empty()) return bad("the secret is empty");
    return app;
}

base::Status read_params(const Json& event, wire::Params& params) {
    for (const auto& [name, value] : member(event, "params").items()) {
        const auto text = codec::scalar_text(value);
        if (text) params.emplace_back(name, *text);
    }
    for (const auto& pair : base::split(member_text(event, "query").value_or(""), '&')) {
        if (pair.empty()) continue;
        auto param = base::form_pair(pair);
        if (!param)
            return bad("the query has a broken % sequence: " +
                       base::printable(pair.substr(0, pair.find('=')), 60));
        params.push_back(std::move(*param));
    }
    if (params.size() > kMostParams) return bad("more than 1000 parameters: no platform takes that many");
    return base::Ok{};
}

std::optional<wire::Protocol> protocol_of(const Json& event) {
    const std::string name = member_text(event, "protocol")
                                 .value_or(codec::member_bool(event, "spi").value_or(false) ? "spi" : "top");
    if (name == "top" || name == "qimen") return wire::Protocol::top;
    if (name == "spi") return wire::Protocol::spi;
    if (name == "tanma") return wire::Protocol::tanma;
    if (name == "tanma_push") return wire::Protocol::tanma_push;
    return std::nullopt;
}

base::Status read_call(const Json& event, const std::string& body, jobs::SignRequest& request) {
    auto& call = request.call;
    switch (call.protocol) {
        case wire::Protocol::top: {
            if (auto read = read_params(event, call.params); !read) return read;
            call.body = member_text(event, "body");
            if (!call.body && !body.empty()) call.body = body;
            for (const auto& [name, value] : call.params) {
                if (name == "sign" && request.given_sign.empty()) request.given_sign = value;
                if (name == "sign_method") request.sign_method = value;
            }
            request.sign_method = member_text(event, "sign_method").value_or(request.sign_method);
            call.method = wire::sign_method(request.sign_method);
            return base::Ok{};
        }
        case wire::Protocol::spi:
            request.query = member_text(event, "query").value_or("");
            request.body = body;
            for (const auto& header : member(event, "headers")) {
                if (!header.is_array() || header.size() != 2 || !header[0].is_string() ||
                    !header[1].is_string())
                    return bad("`headers` must be a list of [name, value]");
                request.headers.emplace_back(header[0].get<std::string>(), header[1].get<std::string>());
            }
            return base::Ok{};
        case wire::Protocol::tanma:
        case wire::Protocol::tanma_push:
            break;
    }
    const bool push = call.protocol == wire::Protocol::tanma_push;
    for (const char* name : {"app_id", "version", "timestamp"}) {
        if (std::string_view(name) == "version" && !push) continue;
        call.params.emplace_back(name, base::trim(member_text(event, name).value_or("")));
    }
    if (call.params.front().second.empty()) return bad("`app_id` is missing");
    if (!body.empty()) call.body = body;
    request.body = body;
    request.corpid = member_text(event, "corpid").value_or(wire::tanma_corpid(call.params.front().second));
    return base::Ok{};
}

}  // namespace

WorkResult sign_event(const Json& event, const std::string& body, const Config& config, bool verify,
                      base::Millis now) {
    jobs::SignRequest request;
    request.verify = verify;
    const auto protocol = protocol_of(event);
    if (!protocol) return bad("`protocol` must be top, qimen, spi, tanma or tanma_push");
    request.call.protocol = *protocol;
    request.given_sign = member_text(event, "given_sign").value_or("");
    auto app = app_of(event, config);
    if (!app) return app.error();
    request.app = std::move(app).value();
    request.call.secret = request.app.app_secret;
    for (const auto& other : member(event, "other_secrets")) {
        if (other.is_string()) request.other_secrets.emplace_back(other.get<std::string>());
    }
    if (auto read = read_call(event, body, request); !read) return read.error();
    if (verify && request.given_sign.empty() && *protocol != wire::Protocol::spi)
        return bad("nothing to verify: no sign given");
    return Work(jobs::sign(std::move(request), now));
}

}  // namespace leadbridge::engine
