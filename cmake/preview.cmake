# build/leadbridge-preview.html and build/preview/: the page with the module inside it. Takes half a second, and writes only what
# changed, so it simply runs after every build of the module.
if(TARGET module)
    add_custom_target(preview ALL
        COMMAND ${NODE_PROGRAM} functions/preview/build.mjs
            --wasm ${PROJECT_BINARY_DIR}/leadbridge.wasm --to ${PROJECT_BINARY_DIR}
        WORKING_DIRECTORY ${PROJECT_SOURCE_DIR}
        COMMENT "Preview page"
        VERBATIM)
    add_dependencies(preview module)
endif()
