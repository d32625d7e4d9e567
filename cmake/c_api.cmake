# The C interface (src/c_api) as a shared library that exports the functions of astrom3/c_api.h and nothing else.
file(GLOB astrom3_c_sources CONFIGURE_DEPENDS "${PROJECT_SOURCE_DIR}/src/c_api/*.cpp")
add_library(astrom3_c SHARED ${astrom3_c_sources})
astrom3_compile_together(astrom3_c)
target_include_directories(astrom3_c
  PRIVATE "${PROJECT_SOURCE_DIR}/src"
  INTERFACE "$<BUILD_INTERFACE:${PROJECT_SOURCE_DIR}/include>" "$<INSTALL_INTERFACE:${CMAKE_INSTALL_INCLUDEDIR}>")
target_link_libraries(astrom3_c PRIVATE astrom3 astrom3_flags ${ASTROM3_FMT})
if(NOT ASTROM3_WHEEL)  # a wheel has no links: one file, one name
  set_target_properties(astrom3_c PROPERTIES VERSION "${PROJECT_VERSION}" SOVERSION 1)
endif()
set_target_properties(astrom3_c PROPERTIES
  CXX_VISIBILITY_PRESET hidden VISIBILITY_INLINES_HIDDEN ON)
# What is inside for other reasons (the library itself, fmt, ...) stays inside; on macOS flags.cmake hides it.
if(APPLE)
  target_link_options(astrom3_c PRIVATE LINKER:-dead_strip)
else()
  target_link_options(astrom3_c PRIVATE
    "LINKER:--version-script=${PROJECT_SOURCE_DIR}/cmake/c_api.map" LINKER:--gc-sections)
  set_target_properties(astrom3_c PROPERTIES LINK_DEPENDS "${PROJECT_SOURCE_DIR}/cmake/c_api.map")
endif()
install(TARGETS astrom3_c EXPORT astrom3-targets LIBRARY DESTINATION "${CMAKE_INSTALL_LIBDIR}")
