// SPDX-License-Identifier: MIT
//
// How a wrong feature, crop or number of observations changes the embedding, on real objects.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <iterator>
#include <memory>
#include <numeric>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "astrom3/base/error.h"
#include "astrom3/encoder/checkpoint.h"
#include "astrom3/features/scaling.h"
#include "astrom3/study/study.h"
#include "astrom3/tensor.h"
#include "base/median.h"
#include "base/random.h"
#include "study/embedding.h"

namespace astrom3 {
namespace {

constexpr std::string_view kNames[] = {"amplitude", "period", "lksl_statistic",
                                       "rfr_score", "crop",   "observations"};
constexpr double kLongestPeriod = 1e6;  // days: what an alias at frequency 0 becomes
constexpr std::size_t kRefinements = 16;

bool is_feature(Substitution what) {
  return what <= Substitution::rfr_score;
}

std::size_t channel_of(Substitution what) {
  return static_cast<std::size_t>(Channel::amplitude) + static_cast<std::size_t>(what);
}

Feature feature_of(Substitution what) {
  return static_cast<Feature>(what);
}

/// The z value of the feature, which is the same in every row.
double true_value(const StudyObject& object, Substitution what) {
  return static_cast<double>(object.rows[channel_of(what)]);
}

void set_channel(std::vector<float>& rows, Substitution what, double z) {
  for (std::size_t i = channel_of(what); i < rows.size(); i += kChannels) rows[i] = static_cast<float>(z);
}

/// Keeps the rows whose numbers are given.
void keep_rows(std::vector<float>& rows, const std::vector<std::size_t>& kept) {
  std::vector<float> left;
  for (const std::size_t row : kept) {
    const auto begin = rows.begin() + static_cast<std::ptrdiff_t>(row * kChannels);
    left.insert(left.end(), begin, begin + kChannels);
  }
  rows = std::move(left);
}

std::vector<std::size_t> row_range(std::size_t begin, std::size_t end) {
  std::vector<std::size_t> rows(end - begin);
  std::iota(rows.begin(), rows.end(), begin);
  return rows;
}

/// n of N rows in order, each set of them equally likely; depends on the id and the seed alone.
std::vector<std::size_t> random_rows(const std::string& object_id, std::size_t N, std::size_t n,
                                     std::uint64_t seed) {
  Random random(seed, stream_of(object_id));
  std::vector<std::size_t> rows = row_range(0, N);
  for (std::size_t i = 0; i < n; ++i)
    std::swap(rows[i], rows[i + static_cast<std::size_t>(random.uniform() * static_cast<double>(N - i))]);
  rows.resize(n);
  std::sort(rows.begin(), rows.end());
  return rows;
}

/// Rows scaled anew by what is left of them, as if no more had been observed: time to [0, 1], flux and error
/// by their mean and MAD, and with them log10_mad and delta_t. Features stay. False where that cannot be
/// done.
bool rescale(std::vector<float>& rows) {
  const std::size_t n = rows.size() / kChannels;
  if (n < 2) return false;
  const auto at = [&rows](std::size_t row, Channel channel) -> float& {
    return rows[row * kChannels + static_cast<std::size_t>(channel)];
  };
  const auto read = [&at](std::size_t row, Channel channel) { return static_cast<double>(at(row, channel)); };
  const double first = read(0, Channel::time), span = read(n - 1, Channel::time) - first;
  std::vector<double> flux(n);
  for (std::size_t i = 0; i < n; ++i) flux[i] = read(i, Channel::flux);
  const double mean = std::accumulate(flux.begin(), flux.end(), 0.0) / static_cast<double>(n);
  const double middle = median_in_place(flux);
  for (double& value : flux) value = std::fabs(value - middle);
  const double mad = median_in_place(flux);
  if (!(span > 0 && mad > 0)) return false;
  for (std::size_t i = 0; i < n; ++i) {
    const auto set = [&](Channel channel, double value) { at(i, channel) = static_cast<float>(value); };
    set(Channel::time, (read(i, Channel::time) - first) / span);
    set(Channel::flux, (read(i, Channel::flux) - mean) / mad);
    set(Channel::flux_err, read(i, Channel::flux_err) / mad);
    set(Channel::log10_mad, read(i, Channel::log10_mad) + std::log10(mad));
    set(Channel::delta_t, read(i, Channel::delta_t) * span);
  }
  return true;
}

struct Disturbance {
  std::string name;
  Change change;
};

/// Periods as they come out wrong, and values off by a factor.
std::vector<Disturbance> feature_errors(Substitution what, const Scaling& scaling) {
  const auto changed = [what, scaling](const auto& wrong) -> Change {
    return [what, scaling, wrong](const StudyObject& object, std::vector<float>& rows) {
      const double raw = scaling.raw(feature_of(what), true_value(object, what));
      const double z = scaling.standardise(feature_of(what), wrong(raw));
      if (!std::isfinite(z)) return false;
      set_channel(rows, what, z);
      return true;
    };
  };
  std::vector<Disturbance> errors{{fmt::format("{} * 2", kNames[static_cast<std::size_t>(what)]),
                                   changed([](double v) { return 2 * v; })},
                                  {fmt::format("{} / 2", kNames[static_cast<std::size_t>(what)]),
                                   changed([](double v) { return v / 2; })}};
  if (what == Substitution::period) {
    const auto from_frequency = [](double f) {
      return std::fabs(f) > 1 / kLongestPeriod ? 1 / std::fabs(f) : kLongestPeriod;
    };
    errors.push_back({"frequency + 1 / d", changed([=](double p) { return from_frequency(1 / p + 1); })});
    errors.push_back({"frequency - 1 / d", changed([=](double p) { return from_frequency(1 / p - 1); })});
  }
  return errors;
}

/// Other choices of T rows where there are more.
std::vector<Disturbance> crops(std::size_t T, std::uint64_t seed) {
  const auto cropped = [T](const auto& choose) -> Change {
    return [T, choose](const StudyObject& object, std::vector<float>& rows) {
      const std::size_t N = rows.size() / kChannels;
      if (N <= T) return false;
      keep_rows(rows, choose(object, N));
      return true;
    };
  };
  return {
      {fmt::format("first {}", T), cropped([T](const StudyObject&, std::size_t) { return row_range(0, T); })},
      {fmt::format("last {}", T),
       cropped([T](const StudyObject&, std::size_t N) { return row_range(N - T, N); })},
      {fmt::format("{} at random", T), cropped([T, seed](const StudyObject& object, std::size_t N) {
         return random_rows(object.object_id, N, T, seed);
       })}};
}

/// Light curves of fewer observations.
std::vector<Disturbance> thinnings(const std::vector<std::size_t>& counts, std::uint64_t seed) {
  std::vector<Disturbance> all;
  for (const std::size_t n : counts) {
    all.push_back({fmt::format("{} observations at random", n),
                   [n, seed](const StudyObject& object, std::vector<float>& rows) {
                     const std::size_t N = rows.size() / kChannels;
                     if (N <= n || n == 0) return false;
                     keep_rows(rows, random_rows(object.object_id, N, n, seed));
                     return rescale(rows);
                   }});
  }
  return all;
}

/// Measures disturbances against the undisturbed embeddings, which are computed once.
class Meter {
 public:
  Meter(std::shared_ptr<const Checkpoint> checkpoint, const StudySet& set, const SubstitutionOptions& options)
      : set_(set),
        options_(options),
        encoder_(std::move(checkpoint),
                 {.isa = options.isa, .attention = options.attention, .precision = options.precision}),
        truth_(embed_set(encoder_, set, options.n_threads, false)) {}

  SubstitutionRow measure(const Disturbance& disturbance) const {
    const Embeddings changed = embed_set(encoder_, set_, options_.n_threads, false, disturbance.change);
    SubstitutionRow row{.name = disturbance.name, .z = {}, .raw = {}, .distance = {}, .classes = {}};
    std::vector<double> all;
    std::vector<std::vector<double>> by_class(set_.class_names.size()), true_z(set_.class_names.size());
    for (std::size_t i = 0; i < set_.objects.size(); ++i) {
      if (changed.done[i] == 0) continue;
      all.push_back(cosine_distance(truth_.row(i), changed.row(i)));
      const StudyObject& object = set_.objects[i];
      if (object.label < 0) continue;
      by_class[static_cast<std::size_t>(object.label)].push_back(all.back());
      if (is_feature(options_.what))
        true_z[static_cast<std::size_t>(object.label)].push_back(true_value(object, options_.what));
    }
    row.distance = describe(std::move(all));
    std::vector<double> means;
    for (std::size_t c = 0; c < by_class.size(); ++c) {
      const Distribution d = describe(std::move(by_class[c]));
      if (d.n == 0) continue;
      means.push_back(d.mean);
      const double z = describe(std::move(true_z[c])).mean;
      row.classes.push_back(
          {.name = set_.class_names[c],
           .n = d.n,
           .mean = d.mean,
           .std = d.std,
           .true_z = z,
           .true_raw = is_feature(options_.what) ? set_.scaling.raw(feature_of(options_.what), z) : 0});
    }
    const Distribution macro = describe(std::move(means));
    row.macro_mean = macro.mean;
    row.macro_std = macro.std;
    return row;
  }

  SubstitutionRow measure_constant(double z) const {
    const Substitution what = options_.what;
    SubstitutionRow row =
        measure({fmt::format("z = {:.4g}", z), [what, z](const StudyObject&, std::vector<float>& rows) {
                   set_channel(rows, what, z);
                   return true;
                 }});
    row.z = z;
    row.raw = set_.scaling.raw(feature_of(what), z);
    return row;
  }

 private:
  const StudySet& set_;
  const SubstitutionOptions& options_;
  Encoder encoder_;
  Embeddings truth_;
};

/// A grid, then a golden section around its lowest point: the curve need not have one minimum only, the grid
/// takes care of that.
void search_constant(const Meter& meter, double low, double high, std::size_t n, SubstitutionStudy& study) {
  for (std::size_t i = 0; i < n; ++i)
    study.curve.push_back(
        meter.measure_constant(low + (high - low) * static_cast<double>(i) / static_cast<double>(n - 1)));
  const auto by_distance = [](const SubstitutionRow& a, const SubstitutionRow& b) {
    return a.distance.mean < b.distance.mean;
  };
  const auto lowest = std::min_element(study.curve.begin(), study.curve.end(), by_distance);
  SubstitutionRow best = *lowest;
  const double step = (high - low) / static_cast<double>(n - 1);
  double a = std::max(low, *best.z - step), b = std::min(high, *best.z + step);
  const double golden = (std::sqrt(5.0) - 1) / 2;
  SubstitutionRow left = meter.measure_constant(b - golden * (b - a)),
                  right = meter.measure_constant(a + golden * (b - a));
  for (std::size_t i = 0; i < kRefinements && b - a > 1e-4; ++i) {
    if (by_distance(left, right)) {
      b = *right.z;
      right = std::move(left);
      left = meter.measure_constant(b - golden * (b - a));
    } else {
      a = *left.z;
      left = std::move(right);
      right = meter.measure_constant(a + golden * (b - a));
    }
  }
  for (SubstitutionRow* candidate : {&left, &right})
    if (by_distance(*candidate, best)) best = std::move(*candidate);
  best.name = fmt::format("best: z = {:.4g}", *best.z);
  study.best = std::move(best);
}

}  // namespace

std::string_view substitution_name(Substitution what) noexcept {
  return kNames[static_cast<std::size_t>(what)];
}

Substitution parse_substitution(std::string_view name) {
  const auto* found = std::find(std::begin(kNames), std::end(kNames), name);
  if (found == std::end(kNames)) {
    throw Error(
        Status::usage,
        fmt::format("\"{}\": expected amplitude, period, lksl_statistic, rfr_score, crop or observations",
                    escaped(name)));
  }
  return static_cast<Substitution>(found - std::begin(kNames));
}

SubstitutionStudy study_substitution(std::shared_ptr<const Checkpoint> checkpoint, const StudySet& set,
                                     const SubstitutionOptions& options) {
  if (set.objects.empty()) throw Error(Status::no_input, "there is no usable object");
  const auto T = static_cast<std::size_t>(checkpoint->config.seq_len);
  SubstitutionStudy study{.what = options.what,
                          .n_objects = set.objects.size(),
                          .true_z = {},
                          .true_raw = {},
                          .rows = {},
                          .curve = {},
                          .best = {}};
  const Meter meter(std::move(checkpoint), set, options);
  if (options.what == Substitution::crop) {
    for (const Disturbance& d : crops(T, options.seed)) study.rows.push_back(meter.measure(d));
    return study;
  }
  if (options.what == Substitution::observations) {
    for (const Disturbance& d : thinnings(options.n_observations, options.seed))
      study.rows.push_back(meter.measure(d));
    return study;
  }
  std::vector<double> z, raw;
  for (const StudyObject& object : set.objects) {
    z.push_back(true_value(object, options.what));
    raw.push_back(set.scaling.raw(feature_of(options.what), z.back()));
  }
  study.true_z = describe(std::move(z));
  study.true_raw = describe(std::move(raw));
  for (const double constant : options.constants) study.rows.push_back(meter.measure_constant(constant));
  for (const Disturbance& d : feature_errors(options.what, set.scaling))
    study.rows.push_back(meter.measure(d));
  const double low = options.low.value_or(study.true_z.min), high = options.high.value_or(study.true_z.max);
  if (options.search && options.n_search >= 2 && high > low)
    search_constant(meter, low, high, options.n_search, study);
  return study;
}

}  // namespace astrom3
