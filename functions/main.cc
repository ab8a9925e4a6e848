#include <cstdlib>

#include "functions/cli/cli.h"
#include "functions/lambda/function.h"

// Lambda starts this same file as `bootstrap` and says where its Runtime API is.
int main(int argc, char** argv) {
    const char* lambda = std::getenv("AWS_LAMBDA_RUNTIME_API");
    if (lambda != nullptr && *lambda != '\0') return leadbridge::lambda::run_lambda(lambda);
    return leadbridge::native::run_cli(argc, argv);
}
