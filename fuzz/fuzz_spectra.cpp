// SPDX-License-Identifier: MIT
//
// Any bytes as a file of spectra: every file leaves a trace, and what becomes a tensor is finite and whole.
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "astrom3/spectrum/read_spectra.h"
#include "require.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace astrom3;
  if (size == 0) return 0;
  const std::string_view bytes(reinterpret_cast<const char*>(data) + 1, size - 1);
  SpectrumReading reading;
  SpectrumOptions options;
  reading.unit = static_cast<WavelengthUnit>(data[0] % 5);
  reading.air = (data[0] & 8) != 0;
  options.drop_nonfinite = (data[0] & 16) != 0;
  options.extend = (data[0] & 32) != 0;
  if ((data[0] & 64) != 0) options.flux_scale = 1e17;
  const auto objects = read_spectra(bytes, "fuzz", reading);
  if (bytes.size() > 0 && bytes.find_first_not_of(" \n") != std::string_view::npos && objects.empty())
    require(bytes.find("source_id") != std::string_view::npos);  // a table of no rows
  for (const SpectrumObject& object : objects) {
    require(object.status == Status::ok || !object.message.empty());
    if (object.status != Status::ok) continue;
    SpectrumTensor tensor;
    std::string message;
    const Status status = prepare_spectrum(object.spectrum, options, tensor, message);
    require(status == Status::ok || !message.empty());
    require(tensor.channels.size() == (status == Status::ok ? 3 * options.grid.size : 0));
    for (const float v : tensor.channels) require(std::isfinite(v));
    for (std::size_t i = 0; i < tensor.channels.size() / 3; ++i)
      require(tensor.channels[options.grid.size + i] >= 0);  // an inverse variance
  }
  return 0;
}
