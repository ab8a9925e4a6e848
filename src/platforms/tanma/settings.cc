#include "platforms/tanma/settings.h"

#include "base/text.h"
#include "platforms/tanma/clue_list.h"
#include "platforms/tanma/push.h"
#include "platforms/top_settings.h"

namespace leadbridge::platforms::tanma {
namespace {

constexpr std::string_view kEndpointFix = "for example https://account.tanmarket.cn/apiServer";
constexpr std::string_view kReply = "{\"code\":0,\"message\":\"ok\",\"noise\":{noise}}";

// app_id, app_key, corpid. With `quiet` nothing is noted: the owner of the entry has done so.
wire::TanmaApp read_app(codec::Settings& settings, bool quiet) {
    wire::TanmaApp app;
    constexpr std::string_view fix = "take it from the app's page in Tanma's open platform";
    app.app_id = base::trim(quiet ? settings.text("app_id", "") : settings.required_text("app_id", fix));
    app.app_key = crypto::Secret(
        base::trim(quiet ? settings.secret_if_set("app_key") : settings.secret("app_key", true)));
    app.corpid = settings.text("corpid", wire::tanma_corpid(app.app_id));
    return app;
}

}  // namespace

std::shared_ptr<const WindowSource> make_source(const std::string& name, codec::Settings& settings,
                                                const Apps&) {
    wire::TanmaClient client;
    client.endpoint = settings.required_text("endpoint", kEndpointFix);
    if (!client.endpoint.empty() && !is_http_url(client.endpoint))
        settings.note("endpoint", "is not an http or https address", std::string(kEndpointFix));
    client.app = read_app(settings, false);
    client.send_app_key_header = settings.boolean("send_app_key_header", false);
    client.timeout_ms = settings.integer("timeout_s", 15, 1, 120) * base::kSecond;
    client.max_answer_bytes = settings.integer("max_answer_mb", 8, 1, 8) << 20;
    std::optional<std::int64_t> type;
    if (settings.has("type")) type = settings.integer("type", 1, 1, INT32_MAX);
    ClueReader reader(name, client.app.corpid, Labels::read(settings.child("option_labels")));
    return std::make_shared<ClueList>(std::move(client), std::move(reader), type);
}

std::shared_ptr<const PushEndpoint> make_push_endpoint(const std::string& name, codec::Settings& settings,
                                                       const Apps&, codec::Settings& sources) {
    const std::string source = settings.text("source", "");
    std::vector<wire::TanmaApp> apps;
    Labels labels;
    if (source.empty()) {
        apps.push_back(read_app(settings, false));
        labels = Labels::read(settings.child("option_labels"));
    } else if (!sources.has(source)) {
        settings.note("source",
                      "names \"" + base::printable(source, 40) + "\", which `sources` does not have",
                      "name a source of platform tanma, or give app_id and app_key here");
    } else {
        codec::Settings shared = sources.child(source);
        if (shared.text("platform", "") != "tanma")
            settings.note("source", "is not of platform tanma", "name a source of platform tanma");
        apps.push_back(read_app(shared, true));
        labels = Labels::read(shared.child("option_labels"));
    }
    if (const std::string former = base::trim(settings.secret_if_set("previous_app_key"));
        !former.empty() && !apps.empty()) {
        auto app = apps.front();
        app.app_key = crypto::Secret(former);
        apps.push_back(std::move(app));
    }
    // An empty key would let in whoever knows the app id.
    std::erase_if(apps, [](const wire::TanmaApp& app) { return app.app_id.empty() || app.app_key.empty(); });
    PushSettings push;
    push.clock_window_s = settings.integer("clock_window_s", 600, 0, 86'400);
    push.max_body_bytes = settings.integer("max_body_kb", 1024, 1, 8192) << 10;
    push.reply = settings.text("reply", kReply);
    const std::string account = apps.empty() ? name : apps.front().corpid;
    return std::make_shared<PushDoor>(
        std::move(apps), ClueReader(source.empty() ? "tanma" : source, account, std::move(labels)),
        std::move(push));
}

}  // namespace leadbridge::platforms::tanma
