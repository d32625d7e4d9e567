// SPDX-License-Identifier: MIT
//
// Our side of compare_training.py, a process that answers lines of stdin:
//
//   bench_train_worker MODEL_DIR BATCH THREADS   first prints "ready SECONDS", the time to load the model
//     encode N                                   steps over batches of N light curves in all; prints seconds
//     by the
//                                                wall clock and of processor time
//     peak                                       prints GFLOP/s of bare multiply-adds on every thread, by
//     either
#include <fmt/format.h>

#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <functional>
#include <iostream>
#include <memory>
#include <numeric>
#include <random>
#include <span>
#include <string>
#include <vector>

#include "astrom3/encoder/checkpoint.h"
#include "astrom3/kernels/isa.h"
#include "base/joined_threads.h"
#include "fma_peak.h"
#include "seconds_of.h"
#include "train_step/trainer.h"

namespace {

using namespace astrom3;
using bench::Seconds;
using bench::seconds_of;

constexpr std::size_t kDistinct = 256;  // light curves in turn, so that no input stays in the cache
constexpr std::size_t kPeakCalls = 2000;
constexpr double kLearningRate = 1e-4;

/// Random full light curves with random labels.
struct Inputs {
  std::vector<float> x_enc, mask;
  std::vector<std::int32_t> labels;
  std::vector<train::Example> examples;

  explicit Inputs(const EncoderConfig& config) {
    const auto T = static_cast<std::size_t>(config.seq_len), C = static_cast<std::size_t>(config.enc_in);
    labels.resize(static_cast<std::size_t>(config.num_classes));
    std::iota(labels.begin(), labels.end(), 0);
    x_enc.resize(kDistinct * T * C);
    mask.assign(T, 1.0f);
    std::mt19937 engine(1);
    std::normal_distribution<float> normal;
    for (float& x : x_enc) x = normal(engine);
    for (std::size_t i = 0; i < kDistinct; ++i) {
      examples.push_back({.x_enc = std::span(x_enc).subspan(i * T * C, T * C),
                          .mask = mask,
                          .labels = std::span(labels).subspan(engine() % labels.size(), 1)});
    }
  }

  std::vector<train::Example> batch(std::size_t first, std::size_t n) const {
    std::vector<train::Example> out;
    for (std::size_t i = 0; i < n; ++i) out.push_back(examples[(first + i) % kDistinct]);
    return out;
  }
};

Seconds measure_peak(std::size_t n_threads) {
  const Isa isa = default_isa();
  const auto work = [isa] {
    for (std::size_t i = 0; i < kPeakCalls; ++i) bench::peak_of(isa)();
  };
  const Seconds seconds = seconds_of([&] {
    JoinedThreads threads;
    for (std::size_t t = 1; t < n_threads; ++t) threads.start(work);
    work();
  });
  const double gflop = bench::peak_gflop(isa) * static_cast<double>(kPeakCalls * n_threads);
  return {gflop / seconds.wall, gflop * static_cast<double>(n_threads) / seconds.processor};
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 4) return 2;
  const auto batch = static_cast<std::size_t>(std::max(1, std::atoi(argv[2])));
  const auto n_threads = static_cast<std::size_t>(std::max(1, std::atoi(argv[3])));
  std::unique_ptr<train::Trainer> trainer;
  const Seconds load = seconds_of([&] {
    const auto checkpoint = load_checkpoint(argv[1]);
    train::TrainerOptions options;
    options.dropout = checkpoint->config.dropout;
    options.weight_decay = 0.01;
    options.n_threads = n_threads;
    trainer = std::make_unique<train::Trainer>(*checkpoint, options);
  });
  fmt::print("ready {}\n", load.wall);
  std::fflush(stdout);
  const Inputs inputs(trainer->config());
  for (std::string line; std::getline(std::cin, line);) {
    if (line == "peak") {
      const Seconds rates = measure_peak(n_threads);
      fmt::print("{} {}\n", rates.wall, rates.processor);
    } else {
      const auto n = static_cast<std::size_t>(std::strtoull(line.c_str() + sizeof "encode", nullptr, 10));
      const Seconds seconds = seconds_of([&] {
        for (std::size_t i = 0; i < n; i += batch)
          trainer->step(inputs.batch(i, std::min(batch, n - i)), kLearningRate);
      });
      fmt::print("{} {}\n", seconds.wall, seconds.processor);
    }
    std::fflush(stdout);
  }
}
