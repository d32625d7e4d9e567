// SPDX-License-Identifier: MIT
//
// Passes the light curves of a table through the stages, on several threads, each into its own rows.
#include "astrom3/pipeline/embed_table.h"

#include <fmt/format.h>

#include <algorithm>
#include <atomic>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <mutex>
#include <span>
#include <utility>
#include <vector>

#include "astrom3/base/error.h"
#include "astrom3/encoder/checkpoint.h"
#include "astrom3/encoder/encoder.h"
#include "astrom3/features/features.h"
#include "astrom3/features/scaling.h"
#include "astrom3/light_curve.h"
#include "astrom3/pipeline/embed_object.h"
#include "astrom3/source/light_curve_table.h"
#include "astrom3/source/source.h"
#include "astrom3/tensor.h"
#include "base/all_finite.h"
#include "base/parallel_for.h"
#include "base/stop_flag.h"
#include "base/threads.h"

namespace astrom3 {
namespace {

/// Row i of an output of `width` values per row; an empty span if the output is not wanted.
template <typename T>
std::span<T> row(T* all, std::size_t i, std::size_t width) {
  return all == nullptr ? std::span<T>() : std::span<T>(all + i * width, width);
}

template <typename T>
void put(T* all, std::size_t i, T value) {
  if (all != nullptr) all[i] = value;
}

void fill_nan(std::span<float> values) {
  std::fill(values.begin(), values.end(), std::numeric_limits<float>::quiet_NaN());
}

Stage last_stage(const BatchOutput& out) {
  if (out.mean != nullptr || out.sequence != nullptr || out.logits != nullptr) return Stage::embedding;
  if (out.x_enc != nullptr || out.mask != nullptr) return Stage::tensor;
  return out.features != nullptr || out.feature_source != nullptr ? Stage::features : Stage::cleaning;
}

class BatchRun {
 public:
  BatchRun(const LightCurveTable& table, const Encoder* encoder, const BatchOptions& options,
           const BatchOutput& out)
      : table_(table), encoder_(encoder), options_(options), out_(out), stage_(last_stage(out)) {
    if (stage_ == Stage::embedding && encoder == nullptr) {
      throw Error(Status::usage, "an embedding was asked for without an encoder");
    }
    if (encoder != nullptr) {
      const EncoderConfig& config = encoder->config();
      steps_ = static_cast<std::size_t>(config.seq_len);
      width_ = static_cast<std::size_t>(config.d_model);
      classes_ = encoder->checkpoint().class_count();
      object_options_.tensor.n_steps = steps_;
    } else {
      steps_ = options.object.tensor.n_steps;
    }
    if (out.logits != nullptr && classes_ == 0) {
      throw Error(Status::usage, "logits were asked for, but this checkpoint has no head");
    }
  }

  BatchSummary run(std::size_t n_threads) {
    std::vector<Buffers> buffers(n_threads);
    parallel_for(table_.size(), n_threads, [&](std::size_t i, std::size_t worker) {
      if (is_set(options_.stop)) {
        throw Error(Status::interrupted,
                    fmt::format("stopped after {} of {} light curves", n_done_.load(), table_.size()));
      }
      embed_one(i, buffers[worker].object, buffers[worker].result);
      report(options_.n_done, ++n_done_);
    });
    summary_.n_ok = table_.size() - n_rejected_;
    return std::move(summary_);
  }

 private:
  /// Of one thread, used again for every light curve.
  struct Buffers {
    SourceObject object;
    ObjectResult result;
  };

  void embed_one(std::size_t i, SourceObject& object, ObjectResult& result) {
    table_.read(i, object);
    const bool was_read = !object.rejection.has_value();
    if (was_read) {
      embed_object(object.light_curve, object_options_, options_.given.of(i, options_.object.overrides),
                   std::min(stage_, Stage::tensor), nullptr, false, result);
      if (result.status == Status::negative_error)
        result.diagnostic.hint = hint_for_negative_error(object.negative_error, object.n_negative_errors);
      if (result.status == Status::ok && stage_ == Stage::embedding) encode(i, result);
    } else {
      result = {};
      result.status = object.rejection->code;
      result.diagnostic = std::move(*object.rejection);
    }
    result.flags.set(object.flags);
    write(i, object, result);
  }

  void encode(std::size_t i, ObjectResult& result) const {
    const EncoderOutput to{.mean = row(out_.mean, i, width_),
                           .sequence = row(out_.sequence, i, steps_ * width_),
                           .logits = row(out_.logits, i, classes_)};
    encoder_->encode(result.x_enc, result.mask, to);
    if (all_finite(to.mean) && all_finite(to.sequence) && all_finite(to.logits)) return;
    result.status = Status::nonfinite_output;
    result.diagnostic = {.code = result.status, .message = "the encoder's output is not finite"};
  }

  void write(std::size_t i, const SourceObject& object, const ObjectResult& result) {
    const bool ok = result.status == Status::ok;
    if (!ok) note_rejection(i, result.diagnostic);
    put(out_.status, i, result.status);
    put(out_.flags, i, result.flags.bits());
    put(out_.n_raw, i, static_cast<std::int64_t>(object.n_raw));
    const std::size_t n_used = stage_ >= Stage::tensor ? result.tensor.n_used : result.light_curve.n_clean;
    put(out_.n_used, i, ok ? static_cast<std::int64_t>(n_used) : 0);
    const double nan = std::numeric_limits<double>::quiet_NaN();
    put(out_.log10_mad, i, ok ? result.tensor.log10_mad : nan);
    put(out_.delta_t, i, ok ? result.tensor.delta_t : nan);
    for (std::size_t f = 0; f < kFeatureCount; ++f) {
      put(out_.features, i * kFeatureCount + f, ok ? result.features.value[f] : nan);
      put(out_.feature_source, i * kFeatureCount + f, result.features.source[f]);
    }
    copy_tensor(result.x_enc, ok, row(out_.x_enc, i, steps_ * kChannels));
    copy_tensor(result.mask, ok, row(out_.mask, i, steps_));
    if (ok) return;
    fill_nan(row(out_.mean, i, width_));
    fill_nan(row(out_.sequence, i, steps_ * width_));
    fill_nan(row(out_.logits, i, classes_));
  }

  static void copy_tensor(const std::vector<float>& from, bool ok, std::span<float> to) {
    if (ok && from.size() == to.size()) {
      std::copy(from.begin(), from.end(), to.begin());
    } else {
      std::fill(to.begin(), to.end(), 0.0f);
    }
  }

  void note_rejection(std::size_t i, const Diagnostic& diagnostic) {
    const std::lock_guard lock(mutex_);
    ++n_rejected_;
    if (summary_.first_rejection.has_value() && summary_.first_rejected < i) return;
    summary_.first_rejected = i;
    summary_.first_rejection = diagnostic;
  }

  const LightCurveTable& table_;
  const Encoder* encoder_;
  const BatchOptions& options_;
  const BatchOutput& out_;
  const Stage stage_;
  ObjectOptions object_options_ = options_.object;
  std::size_t steps_ = 0, width_ = 0, classes_ = 0;
  std::atomic<std::int64_t> n_done_{0};
  std::mutex mutex_;  ///< of what follows
  BatchSummary summary_;
  std::size_t n_rejected_ = 0;
};

}  // namespace

FeatureOverrides GivenFeatures::of(std::size_t i, FeatureOverrides others) const {
  for (std::size_t f = 0; f < kFeatureCount; ++f) {
    if (value[f] == nullptr) continue;
    others[f] = FeatureOverride{
        .value = value[f][i], .standardised = standardised[f], .source = FeatureSource::catalog};
  }
  return others;
}

BatchSummary embed_batch(const LightCurveTable& table, const Encoder* encoder, const BatchOptions& options,
                         const BatchOutput& output) {
  const std::size_t n_threads = table.size() < 2 ? 1 : resolve_threads(options.n_threads);
  return BatchRun(table, encoder, options, output).run(n_threads);
}

}  // namespace astrom3
