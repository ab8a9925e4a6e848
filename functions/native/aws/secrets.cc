#include "functions/native/aws/secrets.h"

#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>
#include <optional>
#include <set>
#include <string_view>
#include <utility>

#include "base/text.h"
#include "functions/native/aws/client.h"
#include "functions/native/http_curl.h"

namespace leadbridge::native {
namespace {

using Json = nlohmann::json;
using Outcome = FetchedSecret::Outcome;
using Service = SecretReference::Service;

constexpr std::size_t kParameters = 10;  // of one GetParameters
constexpr std::size_t kMembersShown = 8;
constexpr std::size_t kLongestName = 2048;

const Json& list_of(const Json& object, const char* name) {
    static const Json none = Json::array();
    const auto found = object.is_object() ? object.find(name) : object.end();
    return found != object.end() && found->is_array() ? *found : none;
}

bool is_plain(const std::string& text, std::string_view more) {
    return !text.empty() && std::all_of(text.begin(), text.end(), [&](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
               more.find(c) != std::string_view::npos;
    });
}

bool is_parameter(const SecretReference& reference) { return reference.service == Service::parameter_store; }

std::string subject_of(const SecretReference& reference) {
    return (is_parameter(reference) ? "the SSM parameter " : "the secret ") +
           base::printable(reference.name, 200) + (is_parameter(reference) ? "" : " of Secrets Manager");
}

// arn:aws:ssm:REGION:ACCOUNT:parameter/name
std::string region_of_arn(const std::string& name) {
    if (!name.starts_with("arn:")) return "";
    const auto parts = base::split(name, ':');
    return parts.size() > 5 ? std::string(parts[3]) : "";
}

// A parameter's name without `:version` or `:label`; an ARN has five colons of its own.
std::string without_selector(const std::string& name) {
    const std::size_t from = name.starts_with("arn:") ? name.find('/') : 0;
    return name.substr(0, from == std::string::npos ? from : name.find(':', from));
}

// One request, and what it asks for: names of parameters, or one secret in one version.
struct Request {
    Service service = Service::parameter_store;
    std::string region;
    std::vector<std::string> names;
    std::string stage;
};

// How the name of a parameter or a secret came out; members of a secret are looked up later.
struct Answer {
    Outcome outcome = Outcome::failed;
    std::string text;          // found
    std::string problem, fix;  // `problem` begins where the name ends
};

using Key = std::tuple<Service, std::string, std::string>;  // service, name, stage
using Answers = std::map<Key, Answer>;

Key key_of(const SecretReference& reference) { return {reference.service, reference.name, reference.stage}; }

Answer failed(const AwsReply& reply, const Request& request) {
    AwsDiagnosis said = aws_diagnosis(reply);
    Answer answer;
    const bool parameters = request.service == Service::parameter_store;
    const std::string permission = parameters ? "ssm:GetParameters" : "secretsmanager:GetSecretValue";
    switch (said.trouble) {
        case AwsTrouble::forbidden:
            said.fix = "allow " + permission + " on it, and kms:Decrypt on its key unless that is AWS's own";
            break;
        case AwsTrouble::throttled:
        case AwsTrouble::failing:
            said.fix = "run again; Lambda does so by itself with its next event";
            break;
        case AwsTrouble::unreachable:
            said.fix = "check the region (" + request.region +
                       ") and the network; a function in a VPC needs a NAT gateway or an endpoint for " +
                       (parameters ? "ssm" : "secretsmanager");
            break;
        default:
            break;
    }
    if (reply.code == "ResourceNotFoundException") {
        answer.outcome = Outcome::missing;
        said.problem = request.stage.empty() ? " does not exist in " + request.region
                                             : " has no version " + base::printable(request.stage, 80) +
                                                   " in " + request.region;
        said.fix = "create it, or correct its name; AWS_REGION chooses the region";
    } else if (reply.code == "InvalidRequestException" &&
               reply.message.find("deletion") != std::string::npos) {
        said.problem = " is marked for deletion";
        said.fix = "restore it (aws secretsmanager restore-secret), or name another one";
    } else if (reply.code == "DecryptionFailure" || reply.code == "InvalidKeyId") {
        said.problem = " cannot be decrypted (" + reply.code + ")";
        said.fix = "check its KMS key: enabled, and kms:Decrypt allowed to these credentials";
    }
    answer.problem = said.problem;
    answer.fix = said.fix.empty() ? "see what AWS says, and run again" : said.fix;
    return answer;
}

// {"Parameters": [{"Name", "Selector", "ARN", "Value"}], "InvalidParameters": ["..."]}
void read_parameters(const Json& body, const Request& request, Answers& answers) {
    for (const std::string& name : request.names) {
        Answer& answer = answers[{request.service, name, ""}];
        answer.outcome = Outcome::missing;
        answer.problem = " does not exist in " + request.region;
        answer.fix =
            "create it (aws ssm put-parameter --type SecureString), or correct its name; AWS_REGION "
            "chooses the region";
        for (const Json& parameter : list_of(body, "Parameters")) {
            const std::string selector = text_of(parameter, "Selector");
            const auto is = [&](const char* member) {
                const std::string found = text_of(parameter, member);
                return found + selector == name || found == name;
            };
            if (!is("Name") && !is("ARN")) continue;
            answer.outcome = Outcome::found;
            answer.text = text_of(parameter, "Value");
            break;
        }
    }
}

void read_secret(const Json& body, const Request& request, Answers& answers) {
    Answer& answer = answers[{request.service, request.names.front(), request.stage}];
    answer.text = text_of(body, "SecretString");
    if (const std::string binary = text_of(body, "SecretBinary"); answer.text.empty() && !binary.empty())
        answer.text = base::base64_decode(binary).value_or("");
    answer.outcome = Outcome::found;
}

void ask(const std::string& region, std::vector<Request> requests, Answers& answers) {
    std::vector<AwsCall> calls;
    for (const Request& request : requests) {
        const bool parameters = request.service == Service::parameter_store;
        const std::string service = parameters ? "ssm" : "secretsmanager";
        Json body = Json::object();
        if (parameters) {
            body["Names"] = request.names;
            body["WithDecryption"] = true;
        } else {
            body["SecretId"] = request.names.front();
            if (!request.stage.empty()) body["VersionStage"] = request.stage;
        }
        calls.push_back({aws_url(service, region), service,
                         parameters ? "AmazonSSM.GetParameters" : "secretsmanager.GetSecretValue",
                         "application/x-amz-json-1.1", body.dump()});
    }
    AwsOptions options;
    options.region = region;
    options.each_for_itself = true;
    AwsClient client(options);
    auto replies = client.run(calls);
    for (std::size_t i = 0; i < requests.size(); ++i) {
        const Request& request = requests[i];
        const auto all = [&](const Answer& answer) {
            for (const std::string& name : request.names)
                answers[{request.service, name, request.stage}] = answer;
        };
        if (!replies.ok()) {
            all({Outcome::failed, "", " was not fetched", replies.error().reason});
            continue;
        }
        const AwsReply& reply = replies.value()[i];
        if (!reply.code.empty()) {
            all(failed(reply, request));
            continue;
        }
        const Json body = Json::parse(reply.body, nullptr, false);
        if (!body.is_object()) {
            all({Outcome::failed, "", ": the answer is not JSON",
                 "check " + origin_of(calls[i].url) + ": is that AWS? (AWS_ENDPOINT_URL)"});
        } else if (request.service == Service::parameter_store) {
            read_parameters(body, request, answers);
        } else {
            read_secret(body, request, answers);
        }
    }
}

// A parameter is asked for once in each request: whether AWS takes two versions of one name is not said.
std::vector<Request> requests_of(const std::string& region, const std::vector<SecretReference>& references) {
    std::vector<Request> requests;
    std::set<Key> seen;
    for (const SecretReference& reference : references) {
        if (!seen.insert(key_of(reference)).second) continue;
        const auto room = std::find_if(requests.begin(), requests.end(), [&](const Request& request) {
            return is_parameter(reference) && request.service == reference.service &&
                   request.names.size() < kParameters &&
                   std::none_of(request.names.begin(), request.names.end(), [&](const std::string& name) {
                       return without_selector(name) == without_selector(reference.name);
                   });
        });
        if (room != requests.end()) {
            room->names.push_back(reference.name);
        } else {
            requests.push_back({reference.service, region, {reference.name}, reference.stage});
        }
    }
    return requests;
}

FetchedSecret outcome(Outcome how, std::string problem, std::string fix) {
    return {how, "", std::move(problem), std::move(fix)};
}

std::string members_of(const Json& object) {
    std::string names;
    std::size_t shown = 0;
    for (const auto& [name, _] : object.items()) {
        if (shown++ == kMembersShown) return names + ", ...";
        names += (names.empty() ? "" : ", ") + base::printable(name, 40);
    }
    return names.empty() ? "none" : names;
}

FetchedSecret read(const SecretReference& reference, const Answer& answer) {
    const std::string subject = subject_of(reference);
    if (answer.outcome != Outcome::found)
        return outcome(answer.outcome, subject + answer.problem, answer.fix);
    std::string value = answer.text;
    if (!is_parameter(reference)) {
        const Json object = Json::parse(value, nullptr, false);
        if (reference.key.empty()) {
            // None of the secrets of a configuration is an object: this one wants a member of it.
            if (object.is_object()) {
                return outcome(Outcome::failed, subject + " is a JSON object",
                               "name one of its members with \"key\": " + members_of(object));
            }
        } else {
            const auto member = object.is_object() ? object.find(reference.key) : object.end();
            if (!object.is_object()) {
                return outcome(
                    Outcome::failed, subject + " is not a JSON object",
                    "leave \"key\" out, or store {\"" + base::printable(reference.key, 80) + "\": \"...\"}");
            }
            if (member == object.end() || !(member->is_string() || member->is_number_integer())) {
                return outcome(member == object.end() ? Outcome::missing : Outcome::failed,
                               subject +
                                   (member == object.end() ? " has no member \"" : " has no text in \"") +
                                   base::printable(reference.key, 80) + "\"",
                               "it has: " + members_of(object));
            }
            value = member->is_string() ? member->get<std::string>() : member->dump();
        }
    }
    // `aws ssm put-parameter --value file://...` keeps the file's last line break.
    if (value.ends_with('\n')) value.pop_back();
    if (value.ends_with('\r')) value.pop_back();
    if (value.empty()) return outcome(Outcome::failed, subject + " is empty", "store a value in it");
    if (!base::valid_utf8(value))
        return outcome(Outcome::failed, subject + " is not UTF-8 text", "store it as text (keys: as PEM)");
    return {Outcome::found, std::move(value), "", ""};
}

}  // namespace

std::vector<FetchedSecret> fetch_secrets(const std::vector<SecretReference>& references,
                                         const std::string& region) {
    std::vector<FetchedSecret> out(references.size());
    std::map<std::string, std::vector<SecretReference>> by_region;
    for (std::size_t i = 0; i < references.size(); ++i) {
        const SecretReference& reference = references[i];
        const std::string of_arn = region_of_arn(reference.name);
        const std::string& where = of_arn.empty() ? region : of_arn;
        if (reference.name.size() > kLongestName ||
            !is_plain(reference.name, is_parameter(reference) ? "/_.-:" : "/_.-:+=@!")) {
            out[i] = outcome(Outcome::failed, subject_of(reference) + " has a name that AWS does not allow",
                             "use letters, digits and / _ . -");
        } else if (where.empty() || !is_plain(where, "-")) {
            out[i] =
                outcome(Outcome::failed, subject_of(reference) + " was not fetched: no AWS region is named",
                        "set AWS_REGION, or write /store/region");
        } else {
            by_region[where].push_back(reference);
        }
    }
    Answers answers;
    for (const auto& [where, wanted] : by_region) ask(where, requests_of(where, wanted), answers);
    for (std::size_t i = 0; i < references.size(); ++i) {
        const auto found = answers.find(key_of(references[i]));
        if (found != answers.end()) out[i] = read(references[i], found->second);
    }
    return out;
}

}  // namespace leadbridge::native
