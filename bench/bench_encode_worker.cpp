// SPDX-License-Identifier: MIT
//
// Our side of compare_encoders.py, a process that answers lines of stdin:
//
//   bench_encode_worker MODEL_DIR THREADS PRECISION     first prints "ready SECONDS", the time to load the
//   model
//     encode N                                 encodes N full light curves to `mean`; prints seconds
//     peak                                     prints GFLOP/s of bare multiply-adds on every thread
#include <fmt/format.h>

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <functional>
#include <iostream>
#include <memory>
#include <random>
#include <string>
#include <thread>
#include <vector>

#include "astrom3/encoder.h"
#include "fma_peak.h"

namespace {

using namespace astrom3;

constexpr std::size_t kDistinct = 64;  // light curves in turn, so that no input stays in the cache
constexpr std::size_t kPeakCalls = 2000;

double seconds_of(const std::function<void()>& work) {
  const auto start = std::chrono::steady_clock::now();
  work();
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

void on_threads(std::size_t n_threads, const std::function<void(std::size_t)>& work) {
  std::vector<std::jthread> threads;
  for (std::size_t t = 1; t < n_threads; ++t) threads.emplace_back(work, t);
  work(0);
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 4) return 2;
  const auto n_threads = static_cast<std::size_t>(std::max(1, std::atoi(argv[2])));
  std::unique_ptr<Encoder> encoder;
  const double load = seconds_of([&] {
    encoder = std::make_unique<Encoder>(load_checkpoint(argv[1]),
                                        EncoderOptions{.precision = parse_precision(argv[3])});
  });
  fmt::print("ready {}\n", load);
  std::fflush(stdout);

  const auto steps = static_cast<std::size_t>(encoder->config().seq_len);
  const auto width = static_cast<std::size_t>(encoder->config().d_model);
  std::vector<float> x_enc(kDistinct * steps * 9), mask(steps, 1.0f);
  std::mt19937 engine(1);
  std::normal_distribution<float> normal;
  for (float& x : x_enc) x = normal(engine);

  for (std::string line; std::getline(std::cin, line);) {
    if (line == "peak") {
      const double seconds = seconds_of([&] {
        on_threads(n_threads, [&](std::size_t) {
          for (std::size_t i = 0; i < kPeakCalls; ++i)
            encoder->isa() == Isa::avx512 ? bench::peak_avx512() : bench::peak_avx2();
        });
      });
      const double gflop = bench::peak_gflop(encoder->isa()) * static_cast<double>(kPeakCalls * n_threads);
      fmt::print("{}\n", gflop / seconds);
    } else {
      const auto n = static_cast<std::size_t>(std::strtoull(line.c_str() + sizeof "encode", nullptr, 10));
      fmt::print("{}\n", seconds_of([&] {
                   on_threads(n_threads, [&](std::size_t thread) {
                     std::vector<float> mean(width);
                     for (std::size_t i = thread; i < n; i += n_threads) {
                       const float* x = x_enc.data() + i % kDistinct * steps * 9;
                       encoder->encode({x, steps * 9}, mask, {.mean = mean, .sequence = {}, .logits = {}});
                     }
                   });
                 }));
    }
    std::fflush(stdout);
  }
}
