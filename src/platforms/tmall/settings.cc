#include "platforms/tmall/settings.h"

#include "base/text.h"
#include "platforms/tmall/lead_push.h"

namespace leadbridge::platforms::tmall {
namespace {

// The page, byte for byte; a failure of ours takes the shape of the success (undocumented: decision 009).
constexpr std::string_view kSuccess =
    "{ \"result\":{ \"errCode\":\"0\", \"success\":true, \"errMsg\":\"\u6210\u529f\" } }";
constexpr std::string_view kIllegal =
    R"({"success":"false","errCode":"sign-check-failure","errMsg":"Illegal request"})";
constexpr std::string_view kFailure =
    R"({ "result":{ "errCode":"{code}", "success":false, "errMsg":"{message}" } })";

}  // namespace

std::shared_ptr<const PushEndpoint> make_endpoint(const std::string& path, codec::Settings& settings,
                                                  const Apps& apps) {
    auto door =
        SpiDoor::read(settings, apps, {std::string(kSuccess), std::string(kIllegal), std::string(kFailure)});
    LeadPushSettings push;
    push.path = path;
    push.source = settings.text("source", "tmall");
    push.account = settings.text("account", push.source);
    push.open_key = crypto::Secret(base::trim(settings.secret("open_key", false)));
    push.labels = Labels::read(settings.child("labels"));
    return std::make_shared<LeadPush>(std::move(door), std::move(push));
}

}  // namespace leadbridge::platforms::tmall
