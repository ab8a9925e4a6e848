# suite(NAME COMMAND...): a suite for ctest. Labels: its folder; quick (all of them take at most 5 minutes on two cores); all (what
# multiplies: left out by the preset `dev`).

# Proofs by thousands of accounts, kills and interleavings; every pair of bytes; the cases once more, behind Lambda;
# packages; local runs; a browser. Not quick.
set(long_suites
    aws/package aws/run conformance/gbk crash/.* doors/stranger hosts/loader_memory hosts/worker_run hosts/worker_wrangler
    lambda/cases lambda/kills lambda/queue_time lambda/trouble npm/.* oracles/.* preview/browser/.* release/.*
    walk/accounts walk/doors_memory walk/overlap walk/windows)
# They watch frames or measure time: nothing beside them.
set(alone_suites preview/browser/.*)
# They do again what others did, with something else under it; lint/tidy takes minutes after a header changed.
set(all_suites lint/tidy machine-node/.*)

set(suite_runner ${CMAKE_CURRENT_LIST_DIR}/../infra/dev/suite.mjs)

function(suite name)
    string(REGEX MATCH "^[^/]+" labels ${name})
    set(seconds 600) # for a machine a few times slower than ours
    list(JOIN long_suites "|" long)
    list(JOIN alone_suites "|" alone)
    list(JOIN all_suites "|" all)
    if(name MATCHES "^(${all})$")
        list(APPEND labels all)
    elseif(name MATCHES "^(${long})$")
        set(seconds 1800)
    else()
        list(APPEND labels quick)
    endif()
    add_test(NAME ${name} COMMAND ${NODE_PROGRAM} ${suite_runner} ${ARGN} WORKING_DIRECTORY ${PROJECT_SOURCE_DIR})
    set_tests_properties(${name} PROPERTIES
        LABELS "${labels}" TIMEOUT ${seconds}
        ENVIRONMENT "LEADBRIDGE_BUILD=${PROJECT_BINARY_DIR};LEADBRIDGE_BIN=${PROJECT_BINARY_DIR}/leadbridge;LEADBRIDGE_WASM=${PROJECT_BINARY_DIR}/leadbridge.wasm"
        ENVIRONMENT_MODIFICATION PATH=path_list_prepend:${PROJECT_SOURCE_DIR}/node_modules/.bin)
    if(name MATCHES "^(${alone})$")
        set_tests_properties(${name} PROPERTIES RUN_SERIAL ON)
    elseif(name STREQUAL lint/tidy)
        set_tests_properties(${name} PROPERTIES PROCESSORS 2) # it uses both
    endif()
endfunction()
