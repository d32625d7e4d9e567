# Installs astrom3 into an empty prefix, builds tests/consumer against it and nothing else, embeds a star.
#   cmake -DBUILD=... -DSOURCE=... -DWORK=... -DCXX=... -P run.cmake
function(run)
  execute_process(COMMAND ${ARGV} RESULT_VARIABLE code OUTPUT_VARIABLE out ERROR_VARIABLE out)
  if(NOT code EQUAL 0)
    message(FATAL_ERROR "${ARGV}\nended with ${code}:\n${out}")
  endif()
  set(output "${out}" PARENT_SCOPE)
endfunction()

file(REMOVE_RECURSE "${WORK}")
run("${CMAKE_COMMAND}" --install "${BUILD}" --prefix "${WORK}/prefix")
run("${CMAKE_COMMAND}" -S "${SOURCE}/tests/consumer" -B "${WORK}/build" -G Ninja "-DCMAKE_CXX_COMPILER=${CXX}"
    "-DCMAKE_PREFIX_PATH=${WORK}/prefix" "-DEXAMPLE=${SOURCE}/examples/embed_one.cpp")
run("${CMAKE_COMMAND}" --build "${WORK}/build")
run("${WORK}/build/embed_one" "${SOURCE}/tests/golden/tiny" "${SOURCE}/examples/asassn_like/SIM-RRAB-1.dat")
if(NOT output MATCHES "^SIM-RRAB-1: ok, e0 = -?[0-9.]+")
  message(FATAL_ERROR "the consumer printed: ${output}")
endif()
run("${WORK}/prefix/bin/astrom3" --version)
message(STATUS "${output}")
