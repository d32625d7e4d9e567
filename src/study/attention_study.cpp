// SPDX-License-Identifier: MIT
//
// How far the forms of attention are apart, on real objects.
#include <fmt/format.h>

#include <algorithm>
#include <cstddef>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "astrom3/base/error.h"
#include "astrom3/classes/confusion.h"
#include "astrom3/encoder/attention.h"
#include "astrom3/encoder/checkpoint.h"
#include "astrom3/encoder/encoder.h"
#include "astrom3/study/study.h"
#include "downstream/neighbour_graph.h"
#include "study/embedding.h"

namespace astrom3 {
namespace {

/// A form's embeddings and what is derived from them once.
struct Form {
  Embeddings embeddings;
  NeighbourGraph neighbours;
};

/// Gathers pairs of forms into one row of the result.
class Comparison {
 public:
  Comparison(std::string a, std::string b)
      : row_{.a = std::move(a), .b = std::move(b), .distance = {}, .same_class = {}} {}

  void add(const Form& a, const Form& b) {
    const std::size_t n = a.embeddings.done.size();
    for (std::size_t i = 0; i < n; ++i)
      distances_.push_back(cosine_distance(a.embeddings.row(i), b.embeddings.row(i)));
    kept_ += shared_fraction(a.neighbours, b.neighbours);
    ++n_pairs_;
    if (a.embeddings.chosen.empty() || b.embeddings.chosen.empty()) return;
    for (std::size_t i = 0; i < n; ++i) same_ += a.embeddings.chosen[i] == b.embeddings.chosen[i] ? 1u : 0u;
    n_same_ += n;
  }

  FormComparison finish() {
    row_.distance = describe(std::move(distances_));
    row_.neighbours_kept = kept_ / static_cast<double>(n_pairs_);
    if (n_same_ > 0) row_.same_class = static_cast<double>(same_) / static_cast<double>(n_same_);
    return row_;
  }

 private:
  FormComparison row_;
  std::vector<double> distances_;
  double kept_ = 0;
  std::size_t n_pairs_ = 0, same_ = 0, n_same_ = 0;
};

/// The mean embedding over several draws: the expectation that full attention is said to equal.
Embeddings mean_of(const std::vector<Form>& draws) {
  Embeddings mean;
  mean.width = draws.front().embeddings.width;
  mean.done = draws.front().embeddings.done;
  mean.mean.resize(draws.front().embeddings.mean.size());
  for (std::size_t i = 0; i < mean.mean.size(); ++i) {
    double total = 0;
    for (const Form& draw : draws) total += static_cast<double>(draw.embeddings.mean[i]);
    mean.mean[i] = static_cast<float>(total / static_cast<double>(draws.size()));
  }
  return mean;
}

FormAccuracy accuracy(std::string name, const std::vector<const Form*>& forms, const StudySet& set) {
  ConfusionMatrix confusion(set.class_names.size());
  for (const Form* form : forms) {
    for (std::size_t i = 0; i < set.objects.size(); ++i) {
      if (set.objects[i].label < 0) continue;
      confusion.add(static_cast<std::size_t>(set.objects[i].label),
                    static_cast<std::size_t>(form->embeddings.chosen[i]));
    }
  }
  return {.form = std::move(name),
          .right = confusion.accuracy(),
          .balanced_right = confusion.balanced_accuracy()};
}

std::vector<const Form*> pointers_to(const std::vector<Form>& forms) {
  std::vector<const Form*> pointers;
  for (const Form& form : forms) pointers.push_back(&form);
  return pointers;
}

/// How far the forms are from one another, a pair of forms a comparison.
auto compare(const Form& full, const Form& exact, const Form& mean, const std::vector<Form>& draws) {
  Comparison with_draws("full", "probsparse"), with_mean("full", "mean over seeds"),
      with_exact("full", "probsparse-exact"), exact_draws("probsparse-exact", "probsparse"),
      spread("probsparse", "another seed");
  with_exact.add(full, exact);
  with_mean.add(full, mean);
  for (std::size_t s = 0; s < draws.size(); ++s) {
    with_draws.add(full, draws[s]);
    exact_draws.add(exact, draws[s]);
    for (std::size_t other = s + 1; other < draws.size(); ++other) spread.add(draws[s], draws[other]);
  }
  decltype(AttentionStudy::comparisons) comparisons;
  for (Comparison* comparison : {&with_draws, &with_mean, &with_exact, &exact_draws, &spread})
    comparisons.push_back(comparison->finish());
  return comparisons;
}

}  // namespace

AttentionStudy study_attention(std::shared_ptr<const Checkpoint> checkpoint, const StudySet& set,
                               const AttentionStudyOptions& options) {
  const std::size_t n = set.objects.size();
  if (n < 2) throw Error(Status::no_input, fmt::format("{} usable objects are too few to compare", n));
  if (options.n_seeds < 2) throw Error(Status::usage, "a spread needs at least 2 seeds");
  const std::size_t k = std::clamp<std::size_t>(options.n_neighbours, 1, n - 1);
  const bool head = checkpoint->has_head();
  const auto with_neighbours = [&](Embeddings embeddings) {
    NeighbourGraph neighbours = find_neighbours(embeddings, set, k, options.n_threads);
    return Form{std::move(embeddings), std::move(neighbours)};
  };
  const auto run = [&](const AttentionOptions& attention) {
    const Encoder encoder(checkpoint,
                          {.isa = options.isa, .attention = attention, .precision = options.precision});
    return with_neighbours(embed_set(encoder, set, options.n_threads, head));
  };
  const Form full = run({.form = Attention::full, .key_samples = {}});
  const Form exact = run({.form = Attention::probsparse_exact, .key_samples = {}});
  std::vector<Form> draws;
  for (std::size_t s = 0; s < options.n_seeds; ++s)
    draws.push_back(run({.form = Attention::probsparse, .seed = options.first_seed + s, .key_samples = {}}));

  AttentionStudy study{
      .n_objects = n, .n_neighbours = k, .n_seeds = options.n_seeds, .comparisons = {}, .accuracies = {}};
  study.comparisons = compare(full, exact, with_neighbours(mean_of(draws)), draws);
  for (const StudyObject& object : set.objects) study.n_labelled += object.label >= 0 ? 1 : 0;
  const bool comparable = set.class_names == class_names(checkpoint->config);
  if (head && comparable && study.n_labelled > 0) {
    study.accuracies = {accuracy("full", {&full}, set), accuracy("probsparse", pointers_to(draws), set),
                        accuracy("probsparse-exact", {&exact}, set)};
  }
  return study;
}

}  // namespace astrom3
