# The Node of package-lock.json, whatever Node this machine has: build, tests and tools run under it.
set(NODE_PROGRAM ${PROJECT_SOURCE_DIR}/node_modules/.bin/node)
if(NOT EXISTS ${NODE_PROGRAM})
    message(FATAL_ERROR "${NODE_PROGRAM} is missing. Run ./dev setup")
endif()
