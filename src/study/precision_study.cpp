// SPDX-License-Identifier: MIT
//
// How much accuracy each precision costs, on real objects.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <utility>
#include <vector>

#include "astrom3/base/error.h"
#include "astrom3/encoder/checkpoint.h"
#include "astrom3/encoder/encoder.h"
#include "astrom3/encoder/precision.h"
#include "astrom3/study/study.h"
#include "downstream/neighbour_graph.h"
#include "study/embedding.h"

namespace astrom3 {
namespace {

struct Encoded {
  Embeddings embeddings;
  NeighbourGraph neighbours;
};

/// The smallest value that at least `share` of them do not exceed; values sorted.
double percentile(const std::vector<double>& values, double share) {
  const auto rank = static_cast<std::size_t>(std::ceil(share * static_cast<double>(values.size())));
  return values[std::clamp<std::size_t>(rank, 1, values.size()) - 1];
}

double same_share(const std::vector<std::int64_t>& a, const std::vector<std::int64_t>& b) {
  std::size_t same = 0;
  for (std::size_t i = 0; i < a.size(); ++i) same += a[i] == b[i] ? 1u : 0u;
  return static_cast<double>(same) / static_cast<double>(a.size());
}

PrecisionError compare(const Encoded& truth, const Encoded& other, const StudySet& set) {
  const std::size_t n = set.objects.size();
  PrecisionError error;
  std::vector<double> distances(n);
  std::vector<std::vector<double>> by_class(set.class_names.size());
  for (std::size_t i = 0; i < n; ++i) {
    const auto a = truth.embeddings.row(i), b = other.embeddings.row(i);
    distances[i] = cosine_distance(a, b);
    for (std::size_t j = 0; j < a.size(); ++j) {
      const double delta = std::abs(static_cast<double>(a[j]) - static_cast<double>(b[j]));
      error.largest_delta = std::max(error.largest_delta, delta);
    }
    const std::int64_t label = set.objects[i].label;
    if (label >= 0) by_class[static_cast<std::size_t>(label)].push_back(distances[i]);
  }
  const auto worst = std::max_element(distances.begin(), distances.end()) - distances.begin();
  error.worst_object = set.objects[static_cast<std::size_t>(worst)].object_id;
  error.neighbours_kept = shared_fraction(truth.neighbours, other.neighbours);
  if (!truth.embeddings.chosen.empty())
    error.same_class = same_share(truth.embeddings.chosen, other.embeddings.chosen);
  for (std::size_t c = 0; c < by_class.size(); ++c) {
    if (!by_class[c].empty())
      error.classes.emplace_back(set.class_names[c], describe(std::move(by_class[c])));
  }
  std::sort(distances.begin(), distances.end());
  error.distance_90 = percentile(distances, 0.90);
  error.distance_99 = percentile(distances, 0.99);
  error.distance = describe(std::move(distances));
  return error;
}

}  // namespace

PrecisionStudy study_precision(std::shared_ptr<const Checkpoint> checkpoint, const StudySet& set,
                               const PrecisionStudyOptions& options) {
  const std::size_t n = set.objects.size();
  if (n < 2) throw Error(Status::no_input, fmt::format("{} usable objects are too few to compare", n));
  PrecisionStudy study{
      .n_objects = n, .n_neighbours = std::clamp<std::size_t>(options.n_neighbours, 1, n - 1), .errors = {}};
  const auto run = [&](Precision precision) {
    const Encoder encoder(checkpoint,
                          {.isa = options.isa, .attention = options.attention, .precision = precision});
    Encoded encoded;
    encoded.embeddings = embed_set(encoder, set, options.n_threads, checkpoint->has_head());
    encoded.neighbours = find_neighbours(encoded.embeddings, set, study.n_neighbours, options.n_threads);
    return encoded;
  };
  const Encoded truth = run(Precision::float32);
  for (const Precision precision : {Precision::int8}) {
    study.errors.push_back(compare(truth, run(precision), set));
    study.errors.back().precision = precision;
  }
  return study;
}

}  // namespace astrom3
