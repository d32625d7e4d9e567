# The ONNX module (src/onnx/module): a shared object that the library loads when an ONNX file is read or
# written. ONNX's library brings the schema, the checker and the shape inference; opset 17 needs ONNX 1.12.
# The library's CMake targets are onnx and onnx_proto up to ONNX 1.16, ONNX::onnx and ONNX::onnx_proto since.
if(ASTROM3_WITH_ONNX)
  find_package(Protobuf QUIET)  # ONNX's targets name it and do not look for it
  if(TARGET protobuf::libprotobuf)
    find_package(ONNX QUIET)
  endif()
endif()
set(astrom3_onnx_library "")
foreach(prefix "ONNX::" "")
  if(TARGET ${prefix}onnx AND TARGET ${prefix}onnx_proto AND NOT ONNX_VERSION VERSION_LESS 1.12 AND NOT astrom3_onnx_library)
    set(astrom3_onnx_library ${prefix}onnx)
    set(astrom3_onnx_proto ${prefix}onnx_proto)
  endif()
endforeach()
astrom3_optional_part(ONNX "${astrom3_onnx_library}" "ONNX 1.12 or later with Protocol Buffers"
  "`astrom3 export` and `import` are refused" "libonnx-dev libprotobuf-dev")
if(NOT ASTROM3_HAS_ONNX)
  return()
endif()
message(STATUS "ONNX: ${ONNX_VERSION}, ${ONNX_DIR}")

file(GLOB astrom3_onnx_sources CONFIGURE_DEPENDS "${PROJECT_SOURCE_DIR}/src/onnx/module/*.cpp")
# Errors cross into the library as astrom3::Error, whose text is made on this side.
add_library(astrom3_onnx MODULE ${astrom3_onnx_sources}
            "${PROJECT_SOURCE_DIR}/src/base/error.cpp" "${PROJECT_SOURCE_DIR}/src/base/utf8.cpp")
astrom3_compile_together(astrom3_onnx)
target_include_directories(astrom3_onnx PRIVATE
  "${PROJECT_SOURCE_DIR}/include" "${PROJECT_BINARY_DIR}/include" "${PROJECT_SOURCE_DIR}/src")
# ONNX's headers are not ours to warn about.
get_target_property(astrom3_onnx_include ${astrom3_onnx_library} INTERFACE_INCLUDE_DIRECTORIES)
target_include_directories(astrom3_onnx SYSTEM PRIVATE ${astrom3_onnx_include})
target_link_libraries(astrom3_onnx PRIVATE astrom3_flags fmt::fmt ${astrom3_onnx_library} ${astrom3_onnx_proto})
set_target_properties(astrom3_onnx PROPERTIES
  PREFIX "" CXX_VISIBILITY_PRESET hidden VISIBILITY_INLINES_HIDDEN ON)
install(TARGETS astrom3_onnx LIBRARY DESTINATION "${CMAKE_INSTALL_LIBDIR}/astrom3")

set_source_files_properties("${PROJECT_SOURCE_DIR}/src/onnx/onnx_module.cpp" PROPERTIES COMPILE_DEFINITIONS
  "ASTROM3_ONNX_INSTALLED_MODULE=\"${CMAKE_INSTALL_FULL_LIBDIR}/astrom3/astrom3_onnx.so\"")

# What loads the module at run time does not link it; it must be built all the same.
function(astrom3_require_onnx_module)
  foreach(target astrom3_cli test_onnx test_onnx_import fuzz_onnx)
    if(TARGET ${target})
      add_dependencies(${target} astrom3_onnx)
    endif()
  endforeach()
endfunction()
cmake_language(DEFER CALL astrom3_require_onnx_module)
