#include "engine/doors.h"

#include <algorithm>

#include "base/text.h"
#include "crypto/digest.h"
#include "engine/read_api.h"

namespace leadbridge::engine {

using codec::Json;

std::vector<Door> doors_of(const Config& config) {
    std::vector<Door> doors = {{std::string(kHealthPath), {"GET"}, 0, false}};
    for (const auto& called : config.endpoints) {
        const auto most =
            std::visit([](const auto& endpoint) { return endpoint->most_bytes(); }, called.endpoint);
        doors.push_back({called.path, {"GET", "POST"}, most, false});
    }
    if (!config.backflow_token.empty()) {
        for (const auto& backflow : config.backflow)
            doors.push_back(
                {std::string(kBackflowPath) + backflow.name, {"GET", "POST", "PUT"}, kMostRowBytes, true});
    }
    if (!config.read_token.empty() || !config.phones_token.empty()) {
        for (const auto path : {kLeadsPath, kStatusPath})
            doors.push_back({std::string(path), {"GET", "OPTIONS"}, 0, true});
    }
    return doors;
}

bool takes_body(const std::vector<Door>& doors, std::string_view method, std::string_view path,
                bool authorized, std::int64_t bytes) {
    return std::any_of(doors.begin(), doors.end(), [&](const Door& door) {
        return door.path == path && bytes <= door.most_bytes && (authorized || !door.token) &&
               std::find(door.methods.begin(), door.methods.end(), method) != door.methods.end();
    });
}

Json doors_summary(const Config& config) {
    Json list = Json::array();
    if (config.problems.empty()) {
        for (const auto& door : doors_of(config)) {
            Json methods = Json::array();
            for (const auto method : door.methods) methods.push_back(std::string(method));
            list.push_back(codec::object({{"path", door.path},
                                          {"methods", std::move(methods)},
                                          {"most_bytes", door.most_bytes},
                                          {"token", door.token}}));
        }
    }
    Json page = nullptr;
    if (config.has_page) {
        const bool usable = !config.page_token.empty();
        const std::string digest =
            usable
                ? base::hex_lower(crypto::sha256("leadbridge page " + std::string(config.page_token.use())))
                : "";
        page = codec::object({{"token_sha256", usable ? Json(digest) : Json()}});
    }
    return codec::object({{"job", "doors"}, {"doors", std::move(list)}, {"page", std::move(page)}});
}

}  // namespace leadbridge::engine
