// SPDX-License-Identifier: MIT
#include "study/embedding.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <span>
#include <vector>

#include "astrom3/base/error.h"
#include "astrom3/encoder/encoder.h"
#include "astrom3/study/study.h"
#include "astrom3/tensor.h"
#include "base/parallel_for.h"
#include "base/threads.h"
#include "downstream/neighbour_graph.h"

namespace astrom3 {
namespace {

/// Buffers of one thread at work.
struct Buffers {
  std::vector<float> rows, x_enc, mask, logits;
};

double squared_length(std::span<const float> row) {
  double sum = 0;
  for (const float value : row) sum += static_cast<double>(value) * static_cast<double>(value);
  return sum;
}

}  // namespace

Embeddings embed_set(const Encoder& encoder, const StudySet& set, std::size_t n_threads, bool with_class,
                     const Change& change) {
  const auto T = static_cast<std::size_t>(encoder.config().seq_len);
  const std::size_t n = set.objects.size();
  n_threads = resolve_threads(n_threads);
  Embeddings out;
  out.width = static_cast<std::size_t>(encoder.config().d_model);
  out.mean.resize(n * out.width);
  out.done.resize(n);
  out.chosen.resize(with_class ? n : 0);
  std::vector<Buffers> buffers(n_threads);
  parallel_for(n, n_threads, [&](std::size_t i, std::size_t worker) {
    auto& [rows, x_enc, mask, logits] = buffers[worker];
    rows = set.objects[i].rows;
    if (change && !change(set.objects[i], rows)) return;
    x_enc.resize(T * kChannels);
    mask.resize(T);
    logits.resize(with_class ? encoder.checkpoint().class_count() : 0);
    place_rows(rows, x_enc, mask);
    encoder.encode(
        x_enc, mask,
        {.mean = std::span(out.mean).subspan(i * out.width, out.width), .sequence = {}, .logits = logits});
    out.done[i] = 1;
    if (with_class) out.chosen[i] = std::max_element(logits.begin(), logits.end()) - logits.begin();
  });
  return out;
}

NeighbourGraph find_neighbours(const Embeddings& e, const StudySet& set, std::size_t k,
                               std::size_t n_threads) {
  for (std::size_t i = 0; i < e.done.size(); ++i) {
    const double square = squared_length(e.row(i));
    if (std::isfinite(square) && square > 0) continue;
    throw Error(Diagnostic{.code = Status::nonfinite_output,
                           .object_id = set.objects[i].object_id,
                           .message = "the embedding is not finite, or all zero"});
  }
  return build_neighbour_graph(e.mean, e.width, k, resolve_threads(n_threads));
}

double cosine_distance(std::span<const float> a, std::span<const float> b) {
  double ab = 0, aa = 0, bb = 0;
  for (std::size_t i = 0; i < a.size(); ++i) {
    const double x = static_cast<double>(a[i]), y = static_cast<double>(b[i]);
    ab += x * y;
    aa += x * x;
    bb += y * y;
  }
  return aa > 0 && bb > 0 ? 1 - ab / std::sqrt(aa * bb) : 1;
}

}  // namespace astrom3
