// SPDX-License-Identifier: MIT
//
// Input for tests of the encoder, its outputs, and how far they are from what is exact.
#pragma once

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <string>
#include <vector>

#include "astrom3/encoder/encoder.h"
#include "formats/safetensors.h"
#include "tests/kernels/kernel_testing.h"

namespace astrom3 {

struct Cases {
  std::vector<float> x_enc, mask;
  std::size_t count(const EncoderConfig& config) const {
    return mask.size() / static_cast<std::size_t>(config.seq_len);
  }
};

struct Result {
  std::vector<float> mean, sequence, logits;
};

inline std::vector<float> asked(bool wanted, std::size_t n) {
  return std::vector<float>(wanted ? n : 0);
}

inline Result encode(const Encoder& encoder, const Cases& cases, bool sequence = true, bool logits = true) {
  const EncoderConfig& c = encoder.config();
  const std::size_t B = cases.count(c), D = static_cast<std::size_t>(c.d_model);
  const bool head = encoder.checkpoint().has_head();
  const std::size_t classes = head ? encoder.checkpoint().tensors.at("fc.bias").data.size() : 0;
  Result r{.mean = asked(true, B * D),
           .sequence = asked(sequence, B * D * static_cast<std::size_t>(c.seq_len)),
           .logits = asked(logits && head, B * classes)};
  encoder.encode(cases.x_enc, cases.mask, {.mean = r.mean, .sequence = r.sequence, .logits = r.logits});
  return r;
}

/// Random input; the mask of light curve b keeps the first of its steps, fewer for each b.
inline Cases random_cases(const EncoderConfig& config, std::size_t B, std::uint32_t seed = 5) {
  const auto T = static_cast<std::size_t>(config.seq_len), C = static_cast<std::size_t>(config.enc_in);
  Cases cases{.x_enc = random_floats(B * T * C, seed, -2, 2), .mask = std::vector<float>(B * T)};
  for (std::size_t b = 0; b < B; ++b) {
    const std::size_t observed = T - b * T / (B + 1);
    for (std::size_t t = 0; t < T; ++t) {
      cases.mask[b * T + t] = t < observed ? 1.0f : 0.0f;
      if (t >= observed)
        std::fill_n(cases.x_enc.begin() + static_cast<std::ptrdiff_t>((b * T + t) * C), C, 0.0f);
    }
  }
  return cases;
}

inline EncoderConfig small_config() {
  EncoderConfig c;
  c.seq_len = 37;
  c.d_model = 24;
  c.n_heads = 2;
  c.d_ff = 40;
  c.e_layers = 2;
  c.num_classes = 3;
  return c;
}

inline double worst_difference(const std::vector<float>& found, const std::vector<double>& exact) {
  double worst = found.size() == exact.size() ? 0 : INFINITY;
  for (std::size_t i = 0; i < std::min(found.size(), exact.size()); ++i) {
    const double difference = std::abs(static_cast<double>(found[i]) - exact[i]);
    worst = std::isnan(difference) ? INFINITY : std::max(worst, difference);
  }
  return worst;
}

inline double largest_magnitude(const std::vector<double>& values) {
  double largest = 0;
  for (const double v : values) largest = std::max(largest, std::abs(v));
  return largest;
}

/// tests/golden/tiny travels with the project; the others lie beside the checkout.
inline std::filesystem::path golden(const std::string& name) {
  return name == "tiny" ? std::filesystem::path(ASTROM3_TEST_DATA) / name
                        : std::filesystem::path(ASTROM3_SHARED_DIR) / "golden" / name;
}

/// The first `limit` cases.
inline Cases read_cases(const SafetensorsFile& file, std::size_t limit, std::size_t T) {
  Cases cases{.x_enc = to_float32(file.at("x_enc")), .mask = to_float32(file.at("mask"))};
  const std::size_t B = std::min(limit, cases.mask.size() / T);
  cases.x_enc.resize(B * cases.x_enc.size() / (cases.mask.size() / T));
  cases.mask.resize(B * T);
  return cases;
}

inline std::vector<double> first_values(const SafetensorsFile& file, const char* name, std::size_t n) {
  std::vector<double> values = to_float64(file.at(name));
  values.resize(n);
  return values;
}

}  // namespace astrom3
