// sign and verify: the signature of a TOP request or of a platform's call, and why one does not match.
#include <cstdlib>
#include <string>
#include <utility>
#include <vector>

#include "base/text.h"
#include "functions/cli/cli.h"

namespace leadbridge::native {
namespace {

constexpr std::size_t kMaxBodyBytes = 16 * 1024 * 1024;

struct SignOptions {
    std::string method;
    std::string secret;
    std::string secret_env;
    std::string app;
    std::string body;
    std::string query;
    std::string given_sign;
    std::vector<std::string> params;
    bool spi = false;
    std::vector<std::string> headers;
};

base::Error usage(std::string reason) { return base::Error{"usage", std::move(reason)}; }

// Pairs of `k=v` arguments, and for sign those of --query.
base::Result<Json> collect_params(const SignOptions& options, bool decode_query) {
    Json params = Json::object();
    const auto put = [&params](const std::string& name, const std::string& value) -> base::Status {
        if (name.empty()) return usage("a parameter has no name; write name=value");
        if (!base::valid_utf8(name) || !base::valid_utf8(value)) {
            return usage("the parameter " + base::printable(name, 60) + " is not UTF-8 text");
        }
        if (params.contains(name)) {
            return usage("the parameter " + base::printable(name, 60) + " is there twice");
        }
        params[name] = value;
        return base::Ok{};
    };
    for (const std::string& pair : options.params) {
        const std::size_t equals = pair.find('=');
        if (equals == std::string::npos) {
            return usage("\"" + base::printable(pair, 60) + "\" is not name=value");
        }
        if (auto status = put(pair.substr(0, equals), pair.substr(equals + 1)); !status.ok()) {
            return status.error();
        }
    }
    if (!decode_query || options.query.empty()) return params;
    for (const std::string& pair : base::split(options.query, '&')) {
        if (pair.empty()) continue;
        const std::size_t equals = pair.find('=');
        const auto name = base::form_decode(pair.substr(0, equals));
        const auto value = base::form_decode(equals == std::string::npos ? "" : pair.substr(equals + 1));
        if (!name || !value) return usage("--query: a % is not followed by two hexadecimal digits");
        if (auto status = put(*name, *value); !status.ok()) return status.error();
    }
    return params;
}

// Puts `app` or `secret` into the event.
base::Status put_secret(Json& event, const SignOptions& options) {
    if (!options.app.empty()) {
        event["app"] = options.app;
    } else {
        std::string secret = options.secret;
        if (!options.secret_env.empty()) {
            const char* value = std::getenv(options.secret_env.c_str());
            if (value == nullptr || *value == '\0') {
                return base::fail("secret_missing", "the environment variable " +
                                                        base::printable(options.secret_env, 80) +
                                                        " is not set. Set it to the app secret.");
            }
            secret = value;
        }
        if (secret.empty()) {
            return usage("the app secret is missing: use --secret-env NAME, or --config FILE --app NAME");
        }
        if (!base::valid_utf8(secret)) return usage("the app secret is not UTF-8 text");
        event["secret"] = secret;
    }
    return base::Ok{};
}

base::Result<Json> make_event(const std::string& kind, const SignOptions& options) {
    Json event = {{"kind", kind}};
    if (auto status = put_secret(event, options); !status.ok()) return status.error();
    auto params = collect_params(options, kind == "sign");
    if (!params.ok()) return params.error();
    event["params"] = std::move(params.value());
    if (!options.method.empty()) event["sign_method"] = options.method;
    if (kind == "verify") {
        if (!options.query.empty()) {
            if (!base::valid_utf8(options.query)) return usage("--query is not UTF-8 text");
            event["query"] = options.query;
        }
        if (!options.given_sign.empty()) event["given_sign"] = base::printable(options.given_sign, 512);
    }
    if (!options.body.empty()) {
        auto body = read_file(options.body, kMaxBodyBytes);
        if (!body.ok()) return usage("--body: " + body.error().reason);
        if (!base::valid_utf8(body.value())) return usage("--body: the body is not UTF-8 text");
        event["body"] = std::move(body.value());
    }
    return event;
}

// A recorded call of the platform: everything as it came.
base::Result<Json> make_spi_event(const SignOptions& options) {
    Json event = {{"kind", "verify"}, {"spi", true}, {"query", options.query}, {"headers", Json::array()}};
    if (auto status = put_secret(event, options); !status.ok()) return status.error();
    if (!options.params.empty() || !options.method.empty() || !options.given_sign.empty())
        return usage("--spi takes the call as it came: --query, --header and --body-file, nothing else");
    if (!base::valid_utf8(options.query)) return usage("--query is not UTF-8 text");
    for (const std::string& header : options.headers) {
        const std::size_t colon = header.find(':');
        if (colon == std::string::npos || colon == 0 || !base::valid_utf8(header))
            return usage("\"" + base::printable(header, 60) + "\" is not \"Name: value\"");
        event["headers"].push_back({header.substr(0, colon), base::trim(header.substr(colon + 1))});
    }
    return event;
}

Answer run(const Globals& globals, const std::string& kind, const SignOptions& options) {
    auto event = options.spi ? make_spi_event(options) : make_event(kind, options);
    if (!event.ok()) return failed(kind, event.error(), 1);
    std::string body;
    if (options.spi && !options.body.empty()) {
        auto bytes = read_file(options.body, kMaxBodyBytes);
        if (!bytes.ok()) return failed(kind, usage("--body-file: " + bytes.error().reason), 1);
        body = std::move(bytes.value());
    }
    if (!options.app.empty()) return run_with_config(globals, event.value(), std::move(body));
    StoreHolder no_store(StoreChoice{"memory", ""});
    return run_event(globals, R"({"tenant":"command-line"})", 10'000, no_store, event.value(), false,
                     std::move(body));
}

void print_sign(const Json& summary) {
    say("base string (without the secret): " + text_at(summary, "base_string"));
    say("the secret goes: " + text_at(summary, "secret_position"));
    say("sign: " + text_at(summary, "sign"));
}

void print_verify(const Json& summary) {
    const Json& valid = child_at(summary, "valid");
    const bool previous = child_at(summary, "by_previous_secret") == Json(true);
    say(valid.is_boolean() && valid.get<bool>() ? previous ? "valid, by the previous secret" : "valid"
                                                : "not valid");
    say("base string (without the secret): " + text_at(summary, "base_string"));
    say("expected: " + text_at(summary, "expected"));
    say("given:    " + text_at(summary, "given"));
    const Json& causes = child_at(summary, "causes");
    if (causes.is_array() && !causes.empty()) {
        say("most likely causes:");
        for (const Json& cause : causes) say("  " + text_at(cause, "code") + ": " + text_at(cause, "detail"));
    }
}

std::shared_ptr<SignOptions> add_options(CLI::App& command, Globals& globals) {
    add_common(command, globals);
    auto options = std::make_shared<SignOptions>();
    command
        .add_option("--method", options->method,
                    "md5, hmac or hmac-sha256 (default: the parameter sign_method)")
        ->check(CLI::IsMember({"md5", "hmac", "hmac-sha256"}));
    auto* from_env =
        command
            .add_option("--secret-env", options->secret_env, "environment variable that holds the app secret")
            ->type_name("NAME");
    auto* plain = command.add_option("--secret", options->secret,
                                     "the app secret itself; other users of this machine can see it in the "
                                     "list of processes: prefer --secret-env");
    auto* app = command.add_option("--app", options->app, "take the secret of this app of the configuration")
                    ->type_name("NAME");
    from_env->excludes(plain)->excludes(app);
    plain->excludes(app);
    command
        .add_option("--body,--body-file", options->body,
                    "file with the exact request body, - for standard input")
        ->type_name("FILE");
    command.add_option("--query", options->query, "the query string as it was sent, still encoded");
    command.add_option("params", options->params, "parameters as name=value, not encoded");
    return options;
}

}  // namespace

void add_sign(CLI::App& app, Globals& globals, Action& action) {
    CLI::App* command = app.add_subcommand("sign", "sign parameters as the platform expects it");
    auto options = add_options(*command, globals);
    command->callback([&globals, &action, options] {
        action = [&globals, options] { return finish(globals, run(globals, "sign", *options), print_sign); };
    });
}

void add_verify(CLI::App& app, Globals& globals, Action& action) {
    CLI::App* command = app.add_subcommand("verify", "check a signature, and say why it does not match");
    auto options = add_options(*command, globals);
    command->add_option("--sign", options->given_sign,
                        "the signature to check (default: sign= of the query)");
    auto* spi = command->add_flag(
        "--spi", options->spi, "check a recorded call of the platform, as the bridge does when it comes in");
    command
        ->add_option(
            "--header", options->headers,
            "a header of that call, `Name: value`; Content-Type is needed, others only when `top-sign-list` "
            "names them")
        ->needs(spi)
        ->allow_extra_args(false);
    command->callback([&globals, &action, options] {
        action = [&globals, options] {
            return finish(globals, run(globals, "verify", *options), print_verify);
        };
    });
}

}  // namespace leadbridge::native
