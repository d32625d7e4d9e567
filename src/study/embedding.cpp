// SPDX-License-Identifier: MIT
#include "study/embedding.h"

#include <algorithm>
#include <cmath>

#include "astrom3/tensor.h"
#include "base/ordered_workers.h"
#include "base/threads.h"

namespace astrom3 {
namespace {

/// Buffers of one thread at work.
struct Job {
  std::size_t index = 0;
  std::vector<float> rows, x_enc, mask, logits;
};

}  // namespace

Embeddings embed_set(const Encoder& encoder, const StudySet& set, std::size_t n_threads, bool with_class,
                     const Change& change) {
  const auto T = static_cast<std::size_t>(encoder.config().seq_len);
  const std::size_t n = set.objects.size();
  Embeddings out;
  out.width = static_cast<std::size_t>(encoder.config().d_model);
  out.mean.resize(n * out.width);
  out.done.resize(n);
  out.chosen.resize(with_class ? n : 0);
  std::size_t next = 0;
  OrderedWorkers<Job> workers(
      resolve_threads(n_threads),
      [&](Job& job) {
        const StudyObject& object = set.objects[job.index];
        job.rows = object.rows;
        if (change && !change(object, job.rows)) return;
        job.x_enc.resize(T * kChannels);
        job.mask.resize(T);
        job.logits.resize(with_class ? static_cast<std::size_t>(encoder.config().num_classes) : 0);
        place_rows(job.rows, job.x_enc, job.mask);
        encoder.encode(job.x_enc, job.mask,
                       {.mean = std::span(out.mean).subspan(job.index * out.width, out.width),
                        .sequence = {},
                        .logits = job.logits});
        out.done[job.index] = 1;
        if (with_class)
          out.chosen[job.index] = std::max_element(job.logits.begin(), job.logits.end()) - job.logits.begin();
      },
      [](const Job&) {});
  workers.run([&](Job& job) {
    if (next == n) return false;
    job.index = next++;
    return true;
  });
  return out;
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
