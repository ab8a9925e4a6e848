#include "platforms/top_settings.h"

#include "base/text.h"

namespace leadbridge::platforms {
namespace {

constexpr std::string_view kDefaultEndpoint = "https://eco.taobao.com/router/rest";

}  // namespace

bool is_http_url(std::string_view url) {
    const bool scheme =
        base::starts_with_no_case(url, "https://") || base::starts_with_no_case(url, "http://");
    return scheme && url.size() > url.find("//") + 2 &&
           url.find_first_of(" \t\r\n#") == std::string_view::npos;
}

wire::TopApp read_app(codec::Settings& settings, const Apps& apps) {
    const std::string app = settings.text("app", apps.size() == 1 ? apps.begin()->first : "main");
    if (const auto found = apps.find(app); found != apps.end()) return found->second;
    settings.note("app", "names \"" + base::printable(app, 40) + "\", which `apps` does not have",
                  "add it to `apps` or correct the name");
    return {};
}

wire::TopClient read_top_client(codec::Settings& settings, const Apps& apps, bool session_required) {
    wire::TopClient client;
    client.endpoint = settings.text("endpoint", kDefaultEndpoint);
    if (!is_http_url(client.endpoint)) {
        settings.note("endpoint", "is not an http or https address",
                      "for example " + std::string(kDefaultEndpoint));
    }
    client.app = read_app(settings, apps);
    client.session = crypto::Secret(base::trim(settings.secret("session", session_required)));
    client.method =
        wire::sign_method(settings.one_of("sign_method", {"hmac-sha256", "hmac", "md5"}, "hmac-sha256"));
    client.format = settings.one_of("format", {"json", "xml"}, "json") == "xml" ? wire::TopFormat::xml
                                                                                : wire::TopFormat::json;
    client.simplify = settings.boolean("simplify", false);
    if (client.simplify && client.format == wire::TopFormat::xml) {
        settings.note("simplify", "works with format json only", "remove it or set \"format\": \"json\"");
    }
    client.timeout_ms = settings.integer("timeout_s", 15, 1, 120) * base::kSecond;
    client.max_answer_bytes = settings.integer("max_answer_mb", 8, 1, 8) << 20;
    return client;
}

}  // namespace leadbridge::platforms
