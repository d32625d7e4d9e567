// SPDX-License-Identifier: MIT
//
// Embeds light curves that are in memory, all threads at once: embed_arrays CHECKPOINT
#include <astrom3/astrom3.h>

#include <cmath>
#include <cstdint>
#include <iostream>
#include <vector>

int main(int argc, char** argv) try {
  if (argc != 2) throw astrom3::Error(astrom3::Status::usage, "embed_arrays CHECKPOINT");
  const astrom3::Encoder encoder(astrom3::load_checkpoint(argv[1]));

  // Two stars, one after the other; the second has one observation only and is rejected.
  std::vector<double> time, flux, flux_err;
  for (int i = 0; i < 121; ++i) {
    time.push_back(1.37 * i + 0.1 * std::sin(i));                       // days
    flux.push_back(10 + std::sin(2 * 3.14159265 * time.back() / 5.3));  // mJy
    flux_err.push_back(0.1);
  }
  const std::vector<std::int64_t> offsets = {0, 120, 121};
  const auto table = astrom3::LightCurveTable::from_columns(offsets, time.size(),
                                                            {{.name = "time", .data = time.data()},
                                                             {.name = "flux", .data = flux.data()},
                                                             {.name = "flux_err", .data = flux_err.data()}},
                                                            {});

  astrom3::BatchOptions options;
  options.object.tensor.n_steps = static_cast<std::size_t>(encoder.config().seq_len);
  options.object.scaling = encoder.checkpoint().scaling.value_or(astrom3::published_scaling());
  const auto width = static_cast<std::size_t>(encoder.config().d_model);
  std::vector<float> mean(table.size() * width);
  std::vector<astrom3::Status> status(table.size());
  astrom3::embed_batch(table, &encoder, options, {.mean = mean.data(), .status = status.data()});
  for (std::size_t i = 0; i < table.size(); ++i) {
    std::cout << i << ": " << astrom3::status_name(status[i]) << ", e0 = " << mean[i * width] << '\n';
  }
} catch (const astrom3::Error& error) {
  std::cerr << error.what() << '\n';
  return astrom3::exit_code(error.code());
}
