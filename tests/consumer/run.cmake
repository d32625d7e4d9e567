# Installs astrom3 into an empty prefix, builds examples/ against it and nothing else, and runs what was built.
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
run("${CMAKE_COMMAND}" -S "${SOURCE}/examples" -B "${WORK}/build" -G Ninja "-DCMAKE_CXX_COMPILER=${CXX}"
    "-DCMAKE_PREFIX_PATH=${WORK}/prefix")
run("${CMAKE_COMMAND}" --build "${WORK}/build")

# Each program says what the documentation says it does.
function(expect pattern)
  run(${ARGN})
  if(NOT output MATCHES "${pattern}")
    message(FATAL_ERROR "${ARGN} printed: ${output}")
  endif()
endfunction()
set(checkpoint "${SOURCE}/tests/golden/tiny")
expect("^SIM-RRAB-1: ok, e0 = -?[0-9.]+" "${WORK}/build/embed_one" "${checkpoint}"
       "${SOURCE}/examples/asassn_like/SIM-RRAB-1.dat")
expect("^0: ok, e0 = -?[0-9.]+\n1: too_few_points, e0 = nan" "${WORK}/build/embed_arrays" "${checkpoint}")
expect("^period 0\\.5673" "${WORK}/build/find_period")
expect("^ok, e0 = -?[0-9.]+" "${WORK}/build/embed_from_c" "${checkpoint}")
set(multimodal "${SOURCE}/tests/golden/multimodal")
set(spectrum "${multimodal}/spectra_formats/wcs1d.fits")
expect("^SIM-RRAB-1: ok photo\nwcs1d: ok spectra\n" "${WORK}/build/embed_objects" "${multimodal}/tiny_clip"
       "${SOURCE}/examples/asassn_like/SIM-RRAB-1.dat" "${spectrum}")
expect("^no metadata: .*ruwe.*\nwcs1d: ok, e0 = -?[0-9.]+" "${WORK}/build/objects_from_c" "${multimodal}/tiny_clip"
       "${spectrum}" "${multimodal}/preprocess_metadata/info.json")
run("${WORK}/prefix/bin/astrom3" --version)
message(STATUS "${output}")

# The checkpoint that comes along is found without a name, also where the installation was moved to.
unset(ENV{ASTROM3_MODEL})
expect("^ok, e0 = -?[0-9.]+" "${WORK}/build/embed_from_c")
file(RENAME "${WORK}/prefix" "${WORK}/moved")
expect("weights +${WORK}/moved/share/astrom3/models/vstars4/model.safetensors" "${WORK}/moved/bin/astrom3" info)
