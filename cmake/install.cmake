# `cmake --install` and find_package(astrom3); the target "product": what a user needs, without tests.
add_custom_target(product DEPENDS astrom3 astrom3_c)
foreach(target astrom3_cli astrom3_parquet astrom3_onnx astrom3_hub)
  if(TARGET ${target})
    add_dependencies(product ${target})
  endif()
endforeach()

# The bundled checkpoint lies beside the program: share/astrom3 in the build folder, in an installation, in a wheel.
# src/encoder/bundled.cpp looks for it there.
file(MAKE_DIRECTORY "${PROJECT_BINARY_DIR}/share/astrom3")
file(CREATE_LINK "${PROJECT_SOURCE_DIR}/models" "${PROJECT_BINARY_DIR}/share/astrom3/models" SYMBOLIC)
install(DIRECTORY models/vstars4 DESTINATION "${CMAKE_INSTALL_DATADIR}/astrom3/models")

# The Python package takes these and nothing else.
if(ASTROM3_WHEEL)
  add_custom_target(astrom3_wheel)  # what scikit-build-core builds: no static library of its own, and no optional part that is not there
  foreach(target astrom3_c astrom3_cli astrom3_parquet astrom3_hub)
    if(TARGET ${target})
      add_dependencies(astrom3_wheel ${target})
    endif()
  endforeach()
  foreach(target astrom3_c astrom3_parquet astrom3_hub)
    if(TARGET ${target})
      install(TARGETS ${target} LIBRARY DESTINATION astrom3/lib COMPONENT python)
    endif()
  endforeach()
  install(TARGETS astrom3_cli RUNTIME DESTINATION astrom3/bin COMPONENT python)
  install(DIRECTORY models/vstars4 DESTINATION astrom3/share/astrom3/models COMPONENT python)
endif()

include(CMakePackageConfigHelpers)
target_compile_features(astrom3 INTERFACE cxx_std_20)  # the public headers ask it of a consumer
install(TARGETS astrom3 EXPORT astrom3-targets ARCHIVE DESTINATION "${CMAKE_INSTALL_LIBDIR}")
install(DIRECTORY include/astrom3 "${PROJECT_BINARY_DIR}/include/astrom3"
        DESTINATION "${CMAKE_INSTALL_INCLUDEDIR}" FILES_MATCHING PATTERN "*.h")
install(EXPORT astrom3-targets NAMESPACE astrom3:: DESTINATION "${CMAKE_INSTALL_LIBDIR}/cmake/astrom3")
configure_package_config_file(cmake/astrom3-config.cmake.in "${PROJECT_BINARY_DIR}/astrom3-config.cmake"
                              INSTALL_DESTINATION "${CMAKE_INSTALL_LIBDIR}/cmake/astrom3")
write_basic_package_version_file("${PROJECT_BINARY_DIR}/astrom3-config-version.cmake" COMPATIBILITY SameMinorVersion)
install(FILES "${PROJECT_BINARY_DIR}/astrom3-config.cmake" "${PROJECT_BINARY_DIR}/astrom3-config-version.cmake"
        DESTINATION "${CMAKE_INSTALL_LIBDIR}/cmake/astrom3")
