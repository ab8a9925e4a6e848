#include "platforms/etc/settings.h"

#include "base/text.h"
#include "platforms/etc/clue_pull.h"
#include "platforms/top_settings.h"

namespace leadbridge::platforms::etc {

std::shared_ptr<const WindowSource> make_pull_source(const std::string& name, codec::Settings& settings,
                                                     const Apps& apps) {
    auto client = read_top_client(settings, apps, false);
    if (!settings.has("endpoint")) client.endpoint = "https://qimen.api.taobao.com/router/qm";
    client.target_app_key =
        base::trim(settings.required_text("target_app_key", "the app key of the ETC partner's app"));
    CluePullSettings own;
    own.name = name;
    own.account = settings.text("account", name);
    own.method = settings.text("method", own.method);
    own.filter = settings.text("filter", own.filter);
    own.appid = settings.text("appid", own.appid);
    own.data_type = settings.integer("data_type", own.data_type, 0, INT32_MAX);
    return std::make_shared<CluePull>(std::move(client), std::move(own));
}

}  // namespace leadbridge::platforms::etc
