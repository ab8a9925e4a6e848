#include "jobs/sign_job.h"

#include "base/gbk.h"
#include "base/text.h"
#include "crypto/digest.h"

namespace leadbridge::jobs {
namespace {

void add_cause(codec::Json& causes, const std::string& code, const std::string& detail) {
    causes.push_back(codec::object({{"code", code}, {"detail", detail}}));
}

}  // namespace

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
        add_cause(summary_["causes"], cause.code, cause.detail);
    }
}

void VerifySpiJob::begin(Context&) {
    const wire::SpiCheck check =
        wire::check_spi({request_.query, &request_.headers, request_.body}, request_.app);
    codec::Json causes = codec::Json::array();
    if (!check.valid) {
        exit_ = 2;
        add_cause(causes, check.code, check.reason);
    }
    if (check.code == "sign_mismatch") {
        const auto& secret = request_.app.app_secret;
        const auto body = check.kind == wire::SpiBody::form ? std::nullopt : std::optional(check.body);
        const auto signed_as = [&](const std::string& text) {
            return wire::top_sign(wire::SignMethod::md5, secret, text) == check.given;
        };
        const std::string without_empty = wire::top_base_string(check.params, body);
        if (signed_as(without_empty)) {
            add_cause(causes, "empty_value",
                      "it was made without the names of empty parameters: a platform's call keeps them");
        } else {
            for (const auto& cause :
                 wire::diagnose_top(wire::SignMethod::md5, secret, check.params, body, check.given)) {
                add_cause(causes, cause.code, cause.detail);
            }
        }
        if (!body && signed_as(check.base_string + request_.body)) {
            add_cause(
                causes, "form_body_signed",
                "it was made with the raw form behind the parameters: a form takes part by its fields only");
        }
    }
    const bool readable = base::valid_utf8(check.base_string);
    summary_ =
        codec::object({{"job", "verify"},
                       {"valid", check.valid},
                       {"code", check.code},
                       {"reason", check.reason},
                       {"base_string", readable ? check.base_string : base::gbk_to_utf8(check.base_string)},
                       {"expected", check.expected},
                       {"given", check.given},
                       {"kind", std::string(wire::spi_body_name(check.kind))},
                       {"by_previous_secret", check.by_previous_secret},
                       {"causes", std::move(causes)}});
    if (!readable) summary_["base_string_base64"] = base::base64_encode(check.base_string);
}

}  // namespace leadbridge::jobs
