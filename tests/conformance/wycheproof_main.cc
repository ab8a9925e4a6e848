// wycheproof DIR: public test vectors against the native core. Prints each failure and ends with `N passed, N failed`.
#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <iterator>
#include <vector>

#include "conformance/wycheproof.h"

int main(int argc, char** argv) {
    if (argc != 2) {
        std::cerr << "usage: wycheproof DIR\n";
        return 2;
    }
    std::vector<std::filesystem::path> files;
    for (const auto& entry : std::filesystem::directory_iterator(argv[1])) {
        if (entry.path().extension() == ".json") files.push_back(entry.path());
    }
    std::sort(files.begin(), files.end());
    int passed = 0;
    int failed = 0;
    for (const auto& path : files) {
        std::ifstream in(path, std::ios::binary);
        const std::string text{std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
        const auto verdicts = leadbridge::wycheproof::judge(text);
        std::cout << verdicts.failures << path.filename().string() << ": " << verdicts.passed << " passed, "
                  << verdicts.failed << " failed, " << verdicts.not_offered << " not offered\n";
        passed += verdicts.passed;
        failed += verdicts.failed;
    }
    if (passed == 0) failed += 1;  // no vectors is no proof
    std::cout << passed << " passed, " << failed << " failed\n";
    return failed == 0 ? 0 : 1;
}
