// SPDX-License-Identifier: MIT
//
// Our side of compare_encoders.py, a process that answers lines of stdin:
//
//   bench_encode_worker MODEL_DIR THREADS PRECISION     first prints "ready SECONDS", the time to load the
//   model
//     encode N     encodes N full light curves to `mean`; prints seconds by the wall clock and of processor
//     time peak         prints the thousand millions of operations a second that bare multiply-adds reach on
//     every
//                  thread, by either clock: of floats, or for int8 of bytes; 0 where there is no instruction
//                  for them
#include <fmt/format.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <functional>
#include <iostream>
#include <memory>
#include <random>
#include <string>
#include <vector>

#include "astrom3/encoder/checkpoint.h"
#include "astrom3/encoder/encoder.h"
#include "astrom3/encoder/precision.h"
#include "astrom3/kernels/isa.h"
#include "base/joined_threads.h"
#include "fma_peak.h"
#include "seconds_of.h"

namespace {

using namespace astrom3;
using bench::Seconds;
using bench::seconds_of;

constexpr std::size_t kDistinct = 64;  // light curves in turn, so that no input stays in the cache
constexpr std::size_t kPeakCalls = 2000;

void on_threads(std::size_t n_threads, const std::function<void(std::size_t)>& work) {
  JoinedThreads threads;
  for (std::size_t t = 1; t < n_threads; ++t) threads.start(work, t);
  work(0);
}

/// Operations a second, in thousand millions, of kPeakCalls of `kernel` on every thread.
Seconds peak(std::size_t n_threads, void (*kernel)(), double operations_per_call) {
  const Seconds seconds = seconds_of([&] {
    on_threads(n_threads, [&](std::size_t) {
      for (std::size_t i = 0; i < kPeakCalls; ++i) kernel();
    });
  });
  const double operations = operations_per_call * static_cast<double>(kPeakCalls * n_threads);
  return {operations / seconds.wall, operations * static_cast<double>(n_threads) / seconds.processor};
}

Seconds peak_of(const Encoder& encoder, std::size_t n_threads) {
  if (encoder.precision() == Precision::int8)
    return encoder.isa() == Isa::avx512 ? peak(n_threads, bench::peak_vnni, bench::peak_vnni_gop())
                                        : Seconds{};
  return peak(n_threads, bench::peak_of(encoder.isa()), bench::peak_gflop(encoder.isa()));
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 4) return 2;
  const auto n_threads = static_cast<std::size_t>(std::max(1, std::atoi(argv[2])));
  const EncoderOptions options{.precision = parse_precision(argv[3])};
  std::unique_ptr<Encoder> encoder;
  const Seconds load =
      seconds_of([&] { encoder = std::make_unique<Encoder>(load_checkpoint(argv[1]), options); });
  fmt::print("ready {}\n", load.wall);
  std::fflush(stdout);

  const auto steps = static_cast<std::size_t>(encoder->config().seq_len);
  const auto width = static_cast<std::size_t>(encoder->config().d_model);
  std::vector<float> x_enc(kDistinct * steps * 9), mask(steps, 1.0f);
  std::mt19937 engine(1);
  std::normal_distribution<float> normal;
  for (float& x : x_enc) x = normal(engine);

  for (std::string line; std::getline(std::cin, line);) {
    if (line == "peak") {
      const Seconds rates = peak_of(*encoder, n_threads);
      fmt::print("{} {}\n", rates.wall, rates.processor);
    } else {
      const auto n = static_cast<std::size_t>(std::strtoull(line.c_str() + sizeof "encode", nullptr, 10));
      const Seconds seconds = seconds_of([&] {
        on_threads(n_threads, [&](std::size_t thread) {
          std::vector<float> mean(width);
          for (std::size_t i = thread; i < n; i += n_threads) {
            const float* x = x_enc.data() + i % kDistinct * steps * 9;
            encoder->encode({x, steps * 9}, mask, {.mean = mean, .sequence = {}, .logits = {}});
          }
        });
      });
      fmt::print("{} {}\n", seconds.wall, seconds.processor);
    }
    std::fflush(stdout);
  }
}
