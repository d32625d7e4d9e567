// SPDX-License-Identifier: MIT
//
// Any bytes as a safetensors file: an Error or a file whose every tensor can be read and judged.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "astrom3/base/error.h"
#include "encoder/tensor_match.h"
#include "encoder/tensor_values.h"
#include "formats/safetensors.h"
#include "safetensors_mutator.h"

namespace {

/// The smallest encoder there is: what the seeds hold tensors of.
astrom3::EncoderConfig smallest_config() {
  astrom3::EncoderConfig config;
  config.d_model = 2;
  config.n_heads = 1;
  config.d_ff = 1;
  config.e_layers = 1;
  config.seq_len = 3;
  config.num_classes = 1;
  return config;
}

template <typename Call>
void attempt(Call call) {
  try {
    call();
  } catch (const astrom3::Error&) {
    // The documented answer to bad input.
  }
}

void read_every_tensor(const astrom3::SafetensorsFile& file) {
  for (const std::string& name : file.names()) {
    const astrom3::TensorView view = file.at(name);
    attempt([&] { astrom3::to_float32(view); });
    attempt([&] { astrom3::to_float64(view); });
    attempt([&] { astrom3::to_int64(view); });
    if (view.dtype() != astrom3::Dtype::f16 && view.dtype() != astrom3::Dtype::bf16 &&
        view.dtype() != astrom3::Dtype::f32 && view.dtype() != astrom3::Dtype::f64) {
      continue;
    }
    // The loader hands over aligned pieces.
    const std::vector<std::byte> aligned(view.bytes.begin(), view.bytes.end());
    std::vector<float> values;
    astrom3::TensorValues(*view.entry, values).append(aligned);
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto bytes = std::as_bytes(std::span(data, size));
  attempt([&] {
    const auto file = astrom3::SafetensorsFile::parse({bytes.begin(), bytes.end()}, "fuzz");
    read_every_tensor(file);
    attempt([&] { astrom3::match_tensors(file.header(), smallest_config(), "", "fuzz"); });
    attempt([&] { astrom3::match_tensors(file.header(), smallest_config(), "model.", "fuzz"); });
  });
  return 0;
}
