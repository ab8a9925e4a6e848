#pragma once
// Secrets that a configuration leaves in AWS: parameters of the SSM parameter store and secrets of Secrets
// Manager, fetched side by side, each name once. Why so: docs/decisions/014-secrets-from-aws.md.
#include <string>
#include <vector>

namespace leadbridge::native {

struct SecretReference {
    enum class Service { parameter_store, secrets_manager };
    Service service = Service::parameter_store;
    std::string name;   // or ARN; of a parameter also with `:version` or `:label`
    std::string key;    // Secrets Manager: member of a secret that is a JSON object
    std::string stage;  // Secrets Manager: another version than AWSCURRENT
};

struct FetchedSecret {
    enum class Outcome {
        found,
        missing,  // AWS says that there is none
        failed,   // or could not be asked
    };
    Outcome outcome = Outcome::failed;
    std::string value;    // found
    std::string problem;  // else, with the name: "the SSM parameter /a does not exist in eu-central-1"
    std::string fix;      // what to do about it
};

// Outcomes in the order of the references. Neither `problem` nor `fix` ever holds a value. `region` may be
// empty where every name is an ARN.
std::vector<FetchedSecret> fetch_secrets(const std::vector<SecretReference>& references,
                                         const std::string& region);

}  // namespace leadbridge::native
