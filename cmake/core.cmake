# leadbridge_core: everything under src/. It performs no I/O; tests/rules/ checks its undefined symbols.
file(GLOB_RECURSE core_sources CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/src/*.cc)

if(core_sources)
    add_library(leadbridge_core STATIC ${core_sources})
    target_include_directories(leadbridge_core PUBLIC ${PROJECT_SOURCE_DIR}/src)
    include(gbk_table)
    include(region_table)
    target_link_libraries(leadbridge_core
        PUBLIC third_party::json
        PRIVATE third_party::cryptopp third_party::pugixml $<BUILD_INTERFACE:leadbridge_warnings>)
else()
    message(STATUS "src/ holds no sources yet")
endif()
