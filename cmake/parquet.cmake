# The Parquet module (src/formats/parquet): a shared object that the library loads when a Parquet
# file is read or written. See that folder for its one entry point.
#
# Arrow C++ comes from an installation with CMake packages (conda-forge libarrow and libparquet, or
# Arrow's own packages), else from a pyarrow wheel, which carries headers and libraries but no CMake
# package. Nothing is downloaded.
set(ASTROM3_PYARROW_PYTHON "" CACHE STRING "Python whose pyarrow provides Arrow C++; empty: .venv's, else python3")

# Arrow::arrow_shared and Parquet::parquet_shared from the wheel; leaves them undefined where it has none.
function(astrom3_find_pyarrow python)
  set(script [[
import os, re, pyarrow
folder = pyarrow.get_library_dirs()[0]
def newest(name):
    files = [f for f in os.listdir(folder) if re.fullmatch(re.escape(name) + r"\.\d+", f)]
    return os.path.join(folder, max(files, key=lambda f: int(f.rsplit(".", 1)[1])))
print(";".join([pyarrow.__version__, pyarrow.get_include(), newest("libarrow.so"), newest("libparquet.so")]))
]])
  execute_process(COMMAND "${python}" -c "${script}" RESULT_VARIABLE result OUTPUT_VARIABLE found
                  ERROR_QUIET OUTPUT_STRIP_TRAILING_WHITESPACE)
  if(NOT result EQUAL 0)
    return()
  endif()
  list(GET found 0 version)
  list(GET found 1 include)
  list(GET found 2 arrow)
  list(GET found 3 parquet)
  foreach(entry "Arrow::arrow_shared|${arrow}" "Parquet::parquet_shared|${parquet}")
    string(REPLACE "|" ";" entry "${entry}")
    list(GET entry 0 name)
    list(GET entry 1 file)
    add_library(${name} SHARED IMPORTED GLOBAL)
    set_target_properties(${name} PROPERTIES IMPORTED_LOCATION "${file}"
                          INTERFACE_INCLUDE_DIRECTORIES "${include}")
  endforeach()
  target_link_libraries(Parquet::parquet_shared INTERFACE Arrow::arrow_shared)
  # .venv lies in the source tree, which INSTALL_RPATH_USE_LINK_PATH leaves out.
  get_filename_component(folder "${arrow}" DIRECTORY)
  set(astrom3_pyarrow_folder "${folder}" PARENT_SCOPE)
  foreach(file ${arrow} ${parquet})
    get_filename_component(file "${file}" NAME)
    list(APPEND names "\"${file}\"")
  endforeach()
  list(JOIN names "," names)
  set(astrom3_pyarrow_libraries "${names}" PARENT_SCOPE)
  message(STATUS "Parquet: Arrow ${version} of the pyarrow wheel, ${python}")
endfunction()

if(NOT ASTROM3_WHEEL)  # a wheel's users have pyarrow
  find_package(Parquet QUIET)  # finds Arrow, too
endif()
if(TARGET Parquet::parquet_shared)
  if(Parquet_VERSION VERSION_LESS 21)
    message(FATAL_ERROR "Parquet: Arrow ${Parquet_VERSION} in ${Parquet_DIR} is too old, 21 is needed "
                        "(-DASTROM3_WITH_PARQUET=OFF does without)")
  endif()
  message(STATUS "Parquet: Arrow ${Parquet_VERSION}, ${Parquet_DIR}")
else()
  foreach(python "${ASTROM3_PYARROW_PYTHON}" "${Python3_EXECUTABLE}" "${PROJECT_SOURCE_DIR}/.venv/bin/python" python3)
    if(python AND NOT TARGET Parquet::parquet_shared)
      astrom3_find_pyarrow("${python}")
    endif()
  endforeach()
endif()
if(NOT TARGET Parquet::parquet_shared)
  message(FATAL_ERROR
    "Parquet needs Arrow C++, and there is none. One of:\n"
    "  make setup                                             the pyarrow wheel, into .venv\n"
    "  conda install -c conda-forge libarrow libparquet       then -DCMAKE_PREFIX_PATH=$CONDA_PREFIX\n"
    "  cmake -DASTROM3_PYARROW_PYTHON=/path/to/python         one that has pyarrow\n"
    "  cmake -DASTROM3_WITH_PARQUET=OFF                       do without Parquet")
endif()

file(GLOB astrom3_parquet_sources CONFIGURE_DEPENDS "${PROJECT_SOURCE_DIR}/src/formats/parquet/*.cpp")
# Errors cross into the library as astrom3::Error, whose text is made on this side.
add_library(astrom3_parquet MODULE ${astrom3_parquet_sources}
            "${PROJECT_SOURCE_DIR}/src/base/error.cpp" "${PROJECT_SOURCE_DIR}/src/base/utf8.cpp"
            "${PROJECT_SOURCE_DIR}/src/base/double_from_chars.cpp")
astrom3_compile_together(astrom3_parquet)
target_include_directories(astrom3_parquet PRIVATE
  "${PROJECT_SOURCE_DIR}/include" "${PROJECT_BINARY_DIR}/include" "${PROJECT_SOURCE_DIR}/src")
target_link_libraries(astrom3_parquet PRIVATE astrom3_flags ${ASTROM3_FMT})
set_target_properties(astrom3_parquet PROPERTIES
  PREFIX "" CXX_VISIBILITY_PRESET hidden VISIBILITY_INLINES_HIDDEN ON)
if(ASTROM3_WHEEL)  # Arrow is not named in the module: the loader opens what pyarrow has, or says that it has not
  target_include_directories(astrom3_parquet SYSTEM PRIVATE
    $<TARGET_PROPERTY:Arrow::arrow_shared,INTERFACE_INCLUDE_DIRECTORIES>)
  set_source_files_properties("${PROJECT_SOURCE_DIR}/src/formats/parquet_loader.cpp" PROPERTIES COMPILE_DEFINITIONS
    "ASTROM3_PARQUET_LIBRARIES=${astrom3_pyarrow_libraries}")
  return()
endif()
target_link_libraries(astrom3_parquet PRIVATE Parquet::parquet_shared Arrow::arrow_shared)
# The same path in the build folder: CMake would fill a path that is replaced at installation with empty entries, and an
# empty entry is the current folder, so that libraries were searched for in the folder of whoever calls the command.
set_target_properties(astrom3_parquet PROPERTIES BUILD_WITH_INSTALL_RPATH ON
  INSTALL_RPATH "$ORIGIN/..;${astrom3_pyarrow_folder}" INSTALL_RPATH_USE_LINK_PATH ON)
install(TARGETS astrom3_parquet LIBRARY DESTINATION "${CMAKE_INSTALL_LIBDIR}/astrom3")

set_source_files_properties("${PROJECT_SOURCE_DIR}/src/formats/parquet_loader.cpp" PROPERTIES COMPILE_DEFINITIONS
  "ASTROM3_PARQUET_INSTALLED_MODULE=\"${CMAKE_INSTALL_FULL_LIBDIR}/astrom3/astrom3_parquet.so\"")

# What loads the module at run time does not link it; it must be built all the same.
function(astrom3_require_parquet_module)
  foreach(target astrom3_cli test_parquet test_sink fuzz_parquet)
    if(TARGET ${target})
      add_dependencies(${target} astrom3_parquet)
    endif()
  endforeach()
endfunction()
cmake_language(DEFER CALL astrom3_require_parquet_module)
