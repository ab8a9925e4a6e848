#include "functions/native/cli.h"

int main(int argc, char** argv) { return leadbridge::native::run_cli(argc, argv); }
