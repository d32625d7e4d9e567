# The hub module (src/hub/module): a shared object that the library loads when something is downloaded.
if(ASTROM3_WITH_HUB)
  find_package(CURL 7.85 QUIET)
endif()
set(astrom3_curl "")
if(TARGET CURL::libcurl)
  set(astrom3_curl CURL::libcurl)
endif()
astrom3_optional_part(HUB "${astrom3_curl}" "libcurl 7.85 or later" "`astrom3 fetch` and `--model hf:` are refused"
  "libcurl4-openssl-dev")
if(NOT ASTROM3_HAS_HUB)
  return()
endif()
message(STATUS "hub: libcurl ${CURL_VERSION_STRING}")

file(GLOB astrom3_hub_sources CONFIGURE_DEPENDS "${PROJECT_SOURCE_DIR}/src/hub/module/*.cpp")
add_library(astrom3_hub MODULE ${astrom3_hub_sources})
target_include_directories(astrom3_hub PRIVATE
  "${PROJECT_SOURCE_DIR}/include" "${PROJECT_BINARY_DIR}/include" "${PROJECT_SOURCE_DIR}/src")
target_link_libraries(astrom3_hub PRIVATE astrom3_flags CURL::libcurl)
set_target_properties(astrom3_hub PROPERTIES
  PREFIX "" CXX_VISIBILITY_PRESET hidden VISIBILITY_INLINES_HIDDEN ON)
install(TARGETS astrom3_hub LIBRARY DESTINATION "${CMAKE_INSTALL_LIBDIR}/astrom3")

if(ASTROM3_WHEEL)  # beside the engine, where it is looked for
  return()
endif()
set_source_files_properties("${PROJECT_SOURCE_DIR}/src/hub/hub_module.cpp" PROPERTIES COMPILE_DEFINITIONS
  "ASTROM3_HUB_INSTALLED_MODULE=\"${CMAKE_INSTALL_FULL_LIBDIR}/astrom3/astrom3_hub.so\"")

# What loads the module at run time does not link it; it must be built all the same.
function(astrom3_require_hub_module)
  foreach(target astrom3_cli astrom3_c)
    if(TARGET ${target})
      add_dependencies(${target} astrom3_hub)
    endif()
  endforeach()
endfunction()
cmake_language(DEFER CALL astrom3_require_hub_module)
