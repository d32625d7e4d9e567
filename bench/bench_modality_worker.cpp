// SPDX-License-Identifier: MIT
//
// Our side of compare_modalities.py, a process that answers lines of stdin:
//
//   bench_modality_worker MODEL_DIR MODALITY     first prints "ready SECONDS", the time to load the model
//     encode N     embeds N objects in batches of 32 on one thread; prints seconds
#include <fmt/format.h>

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <functional>
#include <iostream>
#include <memory>
#include <random>
#include <span>
#include <string>
#include <vector>

#include "astrom3/base/error.h"
#include "astrom3/shared_space/modality.h"
#include "astrom3/shared_space/multimodal_checkpoint.h"
#include "astrom3/shared_space/multimodal_encoder.h"

namespace {

using namespace astrom3;

constexpr std::size_t kBatch = 32, kDistinct = 256;  // objects in turn, so that no input stays in the cache
constexpr std::size_t kPixels = 2575;

double seconds_of(const std::function<void()>& work) {
  const auto start = std::chrono::steady_clock::now();
  work();
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

std::size_t numbers_of(const MultimodalConfig& config, Modality modality) {
  if (modality == Modality::photo)
    return static_cast<std::size_t>(config.photo.seq_len * config.photo.enc_in);
  if (modality == Modality::metadata) return static_cast<std::size_t>(config.metadata.input_dim);
  return static_cast<std::size_t>(config.spectra.conv_channels.front()) * kPixels;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 3) return 2;
  const Modality modality = parse_modality(argv[2]);
  std::unique_ptr<MultimodalEncoder> encoder;
  fmt::print("ready {}\n", seconds_of([&] {
               encoder = std::make_unique<MultimodalEncoder>(load_multimodal_checkpoint(argv[1]));
             }));
  std::fflush(stdout);
  const std::size_t n_numbers = numbers_of(encoder->config(), modality);
  std::vector<float> values(kDistinct * n_numbers);
  std::mt19937 engine(1);
  std::normal_distribution<float> normal;
  for (float& value : values) value = normal(engine);
  const std::vector<float> mask(kBatch * static_cast<std::size_t>(encoder->config().photo.seq_len), 1.0F);
  std::vector<float> embedding(kBatch * encoder->embedding_size());
  std::vector<Status> status(kBatch);

  for (std::string line; std::getline(std::cin, line);) {
    const auto n = static_cast<std::size_t>(std::strtoull(line.c_str() + sizeof "encode", nullptr, 10));
    fmt::print("{}\n", seconds_of([&] {
                 for (std::size_t i = 0; i < n; i += kBatch) {
                   const auto batch =
                       std::span<const float>(values).subspan(i % kDistinct * n_numbers, kBatch * n_numbers);
                   encoder->embed({.modality = modality,
                                   .values = batch,
                                   .mask = modality == Modality::photo ? mask : std::span<const float>(),
                                   .n_pixels = modality == Modality::spectra ? kPixels : 0},
                                  embedding, status, 1);
                 }
               }));
    std::fflush(stdout);
  }
}
