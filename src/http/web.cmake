# Builds the dashboard and its storybook (web/) and puts their files into the program. Without Node,
# or without the packages of web/ (script/setup brings both), the program says that it has none.
option(WRAPUP_WEB "Build the dashboard when Node and its packages are there" ON)
find_program(WRAPUP_NODE NAMES node nodejs)
set(web ${PROJECT_SOURCE_DIR}/web)
set(web_out ${CMAKE_CURRENT_BINARY_DIR}/web)
set(node_version v0)
if(WRAPUP_NODE)
    execute_process(COMMAND ${WRAPUP_NODE} --version OUTPUT_VARIABLE node_version
        OUTPUT_STRIP_TRAILING_WHITESPACE)
endif()
string(REPLACE "v" "" node_version "${node_version}")
if(WRAPUP_WEB AND node_version VERSION_GREATER_EQUAL 18 AND EXISTS ${web}/node_modules/esbuild)
    file(GLOB_RECURSE web_sources CONFIGURE_DEPENDS
        ${web}/src/*.ts ${web}/src/*.tsx ${web}/src/*.css ${web}/src/*.html ${web}/src/*.svg
        ${web}/stories/*.ts ${web}/stories/*.tsx ${web}/stories/*.html)
    add_custom_command(
        OUTPUT ${web_out}/web_assets.cpp ${web_out}/web_bytes.S
        COMMAND ${WRAPUP_NODE} ${web}/build.mjs ${web_out}
        DEPENDS ${web_sources} ${web}/build.mjs ${web}/package-lock.json
        COMMENT "Building the dashboard")
    target_sources(wrapup_http PRIVATE ${web_out}/web_assets.cpp ${web_out}/web_bytes.S)
    # .incbin leaves no dependency behind.
    set_source_files_properties(${web_out}/web_bytes.S PROPERTIES
        OBJECT_DEPENDS ${web_out}/web_assets.cpp)
else()
    message(STATUS "wrapup is built without its dashboard: Node 18 or web/node_modules is missing")
    file(CONFIGURE OUTPUT no_web_assets.cpp CONTENT
        "#include \"http/web/web_assets.hpp\"

namespace wrapup {

std::span<const WebAsset> web_assets() { return {}; }
std::span<const WebAsset> storybook_assets() { return {}; }

}  // namespace wrapup
")
    target_sources(wrapup_http PRIVATE ${CMAKE_CURRENT_BINARY_DIR}/no_web_assets.cpp)
endif()
