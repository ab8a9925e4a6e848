#include "jobs/sign_job.h"

#include "crypto/digest.h"

namespace leadbridge::jobs {

void SignJob::begin(Context&) {
    const auto method = wire::sign_method(request_.sign_method);
    const auto& body = request_.body;
    const std::string base_string =
        wire::top_base_string(request_.params, body ? std::optional<std::string_view>(*body) : std::nullopt);
    const std::string expected = wire::top_sign(method, request_.secret, base_string);
    // The secret stands around or behind the base string of md5; it is never shown.
    summary_ = {{"job", request_.verify ? "verify" : "sign"},
                {"sign_method", request_.sign_method},
                {"base_string", base_string}};
    summary_["secret_position"] = method == wire::SignMethod::md5      ? "before and after the base string"
                                  : method == wire::SignMethod::legacy ? "after the base string"
                                                                       : "key";
    if (!request_.verify) {
        summary_["sign"] = expected;
        return;
    }
    const bool valid = crypto::equal_constant_time(expected, request_.given_sign);
    summary_["valid"] = valid;
    summary_["expected"] = expected;
    summary_["given"] = request_.given_sign;
    summary_["causes"] = codec::Json::array();
    if (valid) return;
    exit_ = 2;
    for (const auto& cause :
         wire::diagnose_top(method, request_.secret, request_.params, body, request_.given_sign)) {
        summary_["causes"].push_back({{"code", cause.code}, {"detail", cause.detail}});
    }
}

}  // namespace leadbridge::jobs
