# Programs of the tests, and every suite for ctest. `ctest --preset dev -L walk` and `./dev test walk` are the same; the latter
# ends with a line that counts cases (infra/dev/test.mjs).
include(suite)

function(test_program target output sources)
    add_executable(${target} ${sources})
    target_link_libraries(${target} PRIVATE leadbridge_core leadbridge_warnings)
    if(TARGET leadbridge_native)
        target_link_libraries(${target} PRIVATE leadbridge_native)
    endif()
    target_include_directories(${target} PRIVATE ${PROJECT_SOURCE_DIR}/tests)
    target_include_directories(${target} PRIVATE ${PROJECT_BINARY_DIR}/generated)
    get_filename_component(directory ${output} DIRECTORY)
    get_filename_component(name ${output} NAME)
    set_target_properties(${target} PROPERTIES
        RUNTIME_OUTPUT_DIRECTORY ${PROJECT_BINARY_DIR}/${directory} OUTPUT_NAME ${name})
endfunction()

# Where the tests find their data, whatever the working directory: a header, so that only who includes it is compiled anew in
# another folder.
file(CONFIGURE OUTPUT ${PROJECT_BINARY_DIR}/generated/test_data.h
    CONTENT "#define LEADBRIDGE_TEST_DATA \"${PROJECT_SOURCE_DIR}/tests\"\n")

file(GLOB unit_sources CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/tests/unit/*_test.cc)
if(unit_sources)
    test_program(unit tests/unit "${unit_sources};${PROJECT_SOURCE_DIR}/cmake/catch_main.cc")
    target_link_libraries(unit PRIVATE leadbridge_cli)
    suite(unit $<TARGET_FILE:unit>)
endif()

file(GLOB vector_files CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/tests/vectors/*.json)
if(EXISTS ${PROJECT_SOURCE_DIR}/tests/conformance/vectors.cc)
    test_program(vectors tests/vectors ${PROJECT_SOURCE_DIR}/tests/conformance/vectors.cc)
    if(vector_files)
        suite(vectors $<TARGET_FILE:vectors> ${vector_files})
    endif()
endif()

# tests/<folder>/<name>.test.mjs -> the suite <folder>/<name>, by Node's own test runner in this one process.
if(TARGET module)
    suite(vectors-wasm ${NODE_PROGRAM} tests/conformance/vectors.mjs ${vector_files})
    file(GLOB_RECURSE node_suites CONFIGURE_DEPENDS RELATIVE ${PROJECT_SOURCE_DIR}/tests ${PROJECT_SOURCE_DIR}/tests/*.test.mjs)
    foreach(source IN LISTS node_suites)
        string(REGEX REPLACE "\\.test\\.mjs$" "" name ${source})
        suite(${name} ${NODE_PROGRAM} --test-reporter=spec tests/${source})
    endforeach()
    # What others run under a Node of their own (loader, drive loop, page code), under the one this machine has.
    find_program(MACHINE_NODE node PATHS /usr/local/bin /usr/bin NO_DEFAULT_PATH)
    if(MACHINE_NODE)
        foreach(name IN ITEMS hosts/cases_wasm hosts/drive hosts/loader hosts/loader_memory preview/dataset)
            suite(machine-node/${name} ${MACHINE_NODE} --test-reporter=spec tests/${name}.test.mjs)
        endforeach()
    endif()
endif()

# tests/<folder>/<name>_main.cc -> build/tests/<name>: programs the node suites drive.
file(GLOB mains CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/tests/*/*_main.cc)
foreach(source IN LISTS mains)
    get_filename_component(name ${source} NAME_WE)
    string(REGEX REPLACE "_main$" "" name ${name})
    test_program(test_${name} tests/${name} ${source})
endforeach()

# Public test vectors for src/crypto, when they lie beside this tree; a clone does without.
target_sources(test_wycheproof PRIVATE ${PROJECT_SOURCE_DIR}/tests/conformance/wycheproof.cc)
set(wycheproof_vectors ${PROJECT_SOURCE_DIR}/../shared/vectors/wycheproof)
if(EXISTS ${wycheproof_vectors})
    suite(wycheproof $<TARGET_FILE:test_wycheproof> ${wycheproof_vectors})
    if(TARGET module)
        suite(wycheproof-wasm ${NODE_PROGRAM} tests/conformance/wycheproof.mjs ${wycheproof_vectors})
    endif()
endif()

# tests/bench/<name>_bench.cc -> build/bench/<name>, only by `cmake --build ... -t bench`.
add_custom_target(bench)
file(GLOB benches CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/tests/bench/*_bench.cc)
foreach(source IN LISTS benches)
    get_filename_component(name ${source} NAME_WE)
    string(REGEX REPLACE "_bench$" "" name ${name})
    test_program(bench_${name} bench/${name} ${source})
    set_target_properties(bench_${name} PROPERTIES EXCLUDE_FROM_ALL ON)
    add_dependencies(bench bench_${name})
endforeach()
