# gbk_table.h for src/base/gbk.cc: generated here instead of kept in the repository.
set(gbk_table_dir ${PROJECT_BINARY_DIR}/generated/core)
file(MAKE_DIRECTORY ${gbk_table_dir})
add_custom_command(
    OUTPUT ${gbk_table_dir}/gbk_table.h
    COMMAND ${NODE_PROGRAM} ${PROJECT_SOURCE_DIR}/cmake/gbk_table.mjs ${gbk_table_dir}/gbk_table.h
    DEPENDS ${PROJECT_SOURCE_DIR}/cmake/gbk_table.mjs
    COMMENT "Generating the GBK table" VERBATIM)
target_sources(leadbridge_core PRIVATE ${gbk_table_dir}/gbk_table.h)
target_include_directories(leadbridge_core PRIVATE ${gbk_table_dir})
