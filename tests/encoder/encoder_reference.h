// SPDX-License-Identifier: MIT
//
// The encoder's slow twin: the formulas of the model written out in double, one element at a time.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <map>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include "astrom3/encoder/checkpoint.h"

namespace astrom3 {

/// A checkpoint with random weights in memory, scaled as PyTorch initialises linear layers.
inline std::shared_ptr<const Checkpoint> random_checkpoint(const EncoderConfig& config, bool with_head,
                                                           std::uint32_t seed = 1) {
  auto checkpoint = std::make_shared<Checkpoint>();
  checkpoint->config = config;
  std::mt19937 engine(seed);
  const auto add = [&](const std::string& name, std::vector<std::int64_t> shape, double offset,
                       double scale) {
    Tensor& tensor = checkpoint->tensors[name];
    std::size_t count = 1;
    for (const std::int64_t extent : shape) count *= static_cast<std::size_t>(extent);
    std::uniform_real_distribution<float> uniform(static_cast<float>(offset - scale),
                                                  static_cast<float>(offset + scale));
    tensor.shape = std::move(shape);
    tensor.data.resize(count);
    for (float& x : tensor.data) x = uniform(engine);
  };
  const std::int64_t D = config.d_model, F = config.d_ff;
  const auto linear = [&](const std::string& name, std::vector<std::int64_t> shape) {
    const double bound = 1 / std::sqrt(static_cast<double>(shape[1]));
    add(name + ".bias", {shape[0]}, 0, bound);
    add(name + ".weight", std::move(shape), 0, bound);
  };
  const auto norm = [&](const std::string& name) {
    add(name + ".weight", {D}, 1, 0.3);
    add(name + ".bias", {D}, 0, 0.3);
  };
  add("enc_embedding.value_embedding.tokenConv.weight", {D, config.enc_in, 3}, 0, 0.5);
  add("enc_embedding.position_embedding.pe", {1, config.seq_len + 7, D}, 0, 1);
  for (std::int64_t i = 0; i < config.e_layers; ++i) {
    const std::string layer = "encoder.attn_layers." + std::to_string(i) + ".";
    for (const char* name : {"query", "key", "value", "out"}) {
      linear(layer + "attention." + name + "_projection", {D, D});
    }
    linear(layer + "conv1", {F, D, 1});
    linear(layer + "conv2", {D, F, 1});
    norm(layer + "norm1");
    norm(layer + "norm2");
  }
  norm("encoder.norm");
  if (with_head) linear("fc", {config.num_classes, config.seq_len * D});
  return checkpoint;
}

/// One light curve through the encoder, in double.
class EncoderReference {
 public:
  using Rows = std::vector<std::vector<double>>;

  explicit EncoderReference(const Checkpoint& checkpoint) : checkpoint_(checkpoint) {}
  /// ProbSparse attention with key_samples [layers, T, u]; u = T and every key once: the exact form.
  EncoderReference(const Checkpoint& checkpoint, std::vector<std::uint32_t> key_samples, std::size_t n_top)
      : checkpoint_(checkpoint), samples_(std::move(key_samples)), n_top_(n_top) {}

  struct Output {
    Rows sequence;
    std::vector<double> mean, logits;
  };

  Output encode(const float* x, const float* mask) const {
    const EncoderConfig& c = checkpoint_.config;
    Rows h = embed(x);
    for (std::int64_t i = 0; i < c.e_layers; ++i) {
      const std::string layer = "encoder.attn_layers." + std::to_string(i) + ".";
      const auto index = static_cast<std::size_t>(i);
      const Rows attended =
          samples_.empty() ? attention(layer + "attention.", h) : probsparse(layer + "attention.", h, index);
      h = norm(layer + "norm1", sum(h, attended));
      Rows y = linear(layer + "conv1", h);
      for (auto& row : y) {
        for (double& v : row) {
          v = c.activation == Activation::relu ? std::max(v, 0.0) : v * 0.5 * std::erfc(-v * M_SQRT1_2);
        }
      }
      h = norm(layer + "norm2", sum(h, linear(layer + "conv2", y)));
    }
    return pool(norm("encoder.norm", h), mask);
  }

 private:
  const std::vector<float>& tensor(const std::string& name) const {
    return checkpoint_.tensors.at(name).data;
  }

  Rows embed(const float* x) const {
    const auto T = static_cast<std::size_t>(checkpoint_.config.seq_len);
    const auto D = static_cast<std::size_t>(checkpoint_.config.d_model);
    const auto C = static_cast<std::size_t>(checkpoint_.config.enc_in);
    const auto& w = tensor("enc_embedding.value_embedding.tokenConv.weight");
    const auto& pe = tensor("enc_embedding.position_embedding.pe");
    Rows h(T, std::vector<double>(D));
    for (std::size_t t = 0; t < T; ++t) {
      for (std::size_t d = 0; d < D; ++d) {
        h[t][d] = pe[t * D + d];
        for (std::size_t j = 0; j < 3; ++j) {
          for (std::size_t i = 0; i < C; ++i) {
            h[t][d] += static_cast<double>(w[(d * C + i) * 3 + j]) * x[((t + j + T - 1) % T) * C + i];
          }
        }
      }
    }
    return h;
  }

  Rows linear(const std::string& name, const Rows& x) const {
    const auto& w = tensor(name + ".weight");
    const auto& b = tensor(name + ".bias");
    Rows y(x.size(), std::vector<double>(b.begin(), b.end()));
    for (std::size_t t = 0; t < x.size(); ++t) {
      for (std::size_t n = 0; n < b.size(); ++n) {
        for (std::size_t k = 0; k < x[t].size(); ++k) y[t][n] += x[t][k] * w[n * x[t].size() + k];
      }
    }
    return y;
  }

  Rows attention(const std::string& prefix, const Rows& h) const {
    const Rows q = linear(prefix + "query_projection", h), k = linear(prefix + "key_projection", h),
               v = linear(prefix + "value_projection", h);
    const auto H = static_cast<std::size_t>(checkpoint_.config.n_heads);
    const std::size_t T = h.size(), D = h[0].size(), E = D / H;
    Rows out(T, std::vector<double>(D));
    for (std::size_t head = 0; head < H; ++head) {
      for (std::size_t i = 0; i < T; ++i) {
        std::vector<double> weight(T);
        double total = 0;
        for (std::size_t j = 0; j < T; ++j) {
          double score = 0;
          for (std::size_t e = head * E; e < (head + 1) * E; ++e) score += q[i][e] * k[j][e];
          total += weight[j] = std::exp(score / std::sqrt(static_cast<double>(E)));
        }
        for (std::size_t j = 0; j < T; ++j) {
          for (std::size_t e = head * E; e < (head + 1) * E; ++e) out[i][e] += weight[j] / total * v[j][e];
        }
      }
    }
    return linear(prefix + "out_projection", out);
  }

  /// As upstream's code has it, tensor by tensor: scores of the sampled keys, the measure, top queries, the
  /// context [H, T, E] filled with mean(v), and the view of it as [T, D].
  Rows probsparse(const std::string& prefix, const Rows& h, std::size_t layer) const {
    const Rows q = linear(prefix + "query_projection", h), k = linear(prefix + "key_projection", h),
               v = linear(prefix + "value_projection", h);
    const auto H = static_cast<std::size_t>(checkpoint_.config.n_heads);
    const std::size_t T = h.size(), D = h[0].size(), E = D / H;
    const std::size_t u = samples_.size() / (T * static_cast<std::size_t>(checkpoint_.config.e_layers));
    std::vector<double> context;  // [H, T, E]
    for (std::size_t head = 0; head < H; ++head) {
      const auto dot = [&](std::size_t i, std::size_t j) {
        double score = 0;
        for (std::size_t e = head * E; e < (head + 1) * E; ++e) score += q[i][e] * k[j][e];
        return score;
      };
      std::vector<std::pair<double, std::size_t>> measure;  // -M first, so that sorting ranks ties by step
      for (std::size_t i = 0; i < T; ++i) {
        double top = -INFINITY, total = 0;
        for (std::size_t s = 0; s < u; ++s) {
          const double score = dot(i, samples_[(layer * T + i) * u + s]);
          top = std::max(top, score);
          total += score;
        }
        measure.emplace_back(total / static_cast<double>(T) - top, i);
      }
      std::sort(measure.begin(), measure.end());
      Rows values(T, std::vector<double>(E));
      for (auto& row : values) {
        for (std::size_t j = 0; j < T; ++j) {
          for (std::size_t e = 0; e < E; ++e) row[e] += v[j][head * E + e] / static_cast<double>(T);
        }
      }
      for (std::size_t n = 0; n < n_top_; ++n) {
        const std::size_t i = measure[n].second;
        std::vector<double> weight(T), sum(E);
        double total = 0;
        for (std::size_t j = 0; j < T; ++j)
          total += weight[j] = std::exp(dot(i, j) / std::sqrt(static_cast<double>(E)));
        for (std::size_t j = 0; j < T; ++j) {
          for (std::size_t e = 0; e < E; ++e) sum[e] += weight[j] / total * v[j][head * E + e];
        }
        values[i] = sum;
      }
      for (const auto& row : values) context.insert(context.end(), row.begin(), row.end());
    }
    Rows out(T, std::vector<double>(D));
    for (std::size_t i = 0; i < T * D; ++i) out[i / D][i % D] = context[i];
    return linear(prefix + "out_projection", out);
  }

  Rows norm(const std::string& name, Rows x) const {
    const auto& gain = tensor(name + ".weight");
    const auto& bias = tensor(name + ".bias");
    for (auto& row : x) {
      const auto D = static_cast<double>(row.size());
      double mean = 0, variance = 0;
      for (const double v : row) mean += v / D;
      for (const double v : row) variance += (v - mean) * (v - mean) / D;
      for (std::size_t d = 0; d < row.size(); ++d) {
        row[d] = (row[d] - mean) / std::sqrt(variance + 1e-5) * gain[d] + bias[d];
      }
    }
    return x;
  }

  static Rows sum(Rows a, const Rows& b) {
    for (std::size_t t = 0; t < a.size(); ++t) {
      for (std::size_t d = 0; d < a[t].size(); ++d) a[t][d] += b[t][d];
    }
    return a;
  }

  Output pool(Rows h, const float* mask) const {
    const std::size_t D = h[0].size();
    Output out{.sequence = h, .mean = std::vector<double>(D), .logits = {}};
    double total = 0;
    std::vector<double> flat;
    for (std::size_t t = 0; t < h.size(); ++t) {
      total += mask[t];
      for (std::size_t d = 0; d < D; ++d) {
        out.mean[d] += h[t][d] * mask[t];
        flat.push_back(h[t][d] * mask[t]);
      }
    }
    for (double& m : out.mean) m /= std::max(total, 1.0);
    if (checkpoint_.has_head()) out.logits = linear("fc", {flat})[0];
    return out;
  }

  const Checkpoint& checkpoint_;
  std::vector<std::uint32_t> samples_;
  std::size_t n_top_ = 0;
};

}  // namespace astrom3
