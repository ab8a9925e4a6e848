#pragma once
#include "functions/cli/cli.h"

namespace leadbridge::native {

void print_version(bool json);
void add_version(CLI::App& app, Globals& globals, Action& action);

}  // namespace leadbridge::native
