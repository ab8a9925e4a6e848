// main() of build/tests/unit. Catch2 v2 is a header; compiling its main takes longest, hence a file of its own.
#define CATCH_CONFIG_MAIN
#include <catch2/catch.hpp>
