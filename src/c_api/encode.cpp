// SPDX-License-Identifier: MIT
#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>

#include "astrom3/base/error.h"
#include "astrom3/c_api.h"
#include "astrom3/encoder/checkpoint.h"
#include "astrom3/encoder/encoder.h"
#include "astrom3/encoder/out_of_class.h"
#include "astrom3/tensor.h"
#include "base/all_finite.h"
#include "base/checked_product.h"
#include "c_api/boundary.h"
#include "c_api/handles.h"  // IWYU pragma: keep (completes the types of c_api.h)

using namespace astrom3;         // NOLINT(google-build-using-namespace): the whole file is the edge
using namespace astrom3::c_api;  // NOLINT(google-build-using-namespace)

astrom3_status astrom3_encode(const astrom3_model* model, const float* x_enc, const float* mask, size_t n,
                              uint32_t n_threads, const int32_t* stop, float* mean, float* sequence,
                              float* logits) {
  return guarded([&] {
    require(model, "model");
    const EncoderConfig& config = model->photo_alone().config();
    const auto steps = static_cast<size_t>(config.seq_len), width = static_cast<size_t>(config.d_model);
    const size_t classes = model->class_names.size();
    if (logits != nullptr && classes == 0) throw Error(Status::usage, "logits: this checkpoint has no head");
    if (n_threads > 65536)
      throw Error(Status::usage, fmt::format("n_threads: {} is out of range", n_threads));
    if (n == 0) return Status::ok;
    require(x_enc, "x_enc");
    require(mask, "mask");
    if (!checked_product(n, steps * std::max(width, kChannels), sizeof(float)).has_value())
      throw Error(Status::usage, fmt::format("n: {} light curves are more than fit in memory", n));
    const auto span = [n](float* to, size_t one) { return std::span(to, to == nullptr ? 0 : n * one); };
    encode_many(model->photo_alone(), {x_enc, n * steps * kChannels}, {mask, n * steps},
                {.mean = span(mean, width),
                 .sequence = span(sequence, steps * width),
                 .logits = span(logits, classes)},
                n_threads, stop);
    return Status::ok;
  });
}

/// Whether an embedding lies near a class is known of embeddings as the training had them: with full
/// attention, or with ProbSparse attention, whose draws make little difference.
static void require_form_of_training(const Encoder& encoder) {
  const std::string trained = encoder.checkpoint().training_attention();
  const Attention form = encoder.attention().form;
  if ((form == Attention::full) == (trained == attention_name(Attention::full))) return;
  throw Error(
      Status::usage,
      fmt::format("out_of_class: this model embeds with {} attention, the classes were learnt with {}",
                  attention_name(form), escaped(trained)),
      {"open it with {}", {{"attention", trained}}});
}

astrom3_status astrom3_out_of_class(const astrom3_model* model, const float* mean, size_t n, double* scores) {
  return guarded([&] {
    require(model, "model");
    const Checkpoint& checkpoint = model->photo_alone().checkpoint();
    const auto classes = OutOfClass::of(checkpoint.tensors);
    if (!classes)
      throw Error(Status::usage,
                  "this checkpoint does not tell what is out of class: it was trained without");
    require_form_of_training(model->photo_alone());
    if (n == 0) return Status::ok;
    require(mean, "mean");
    require(scores, "scores");
    const auto width = static_cast<size_t>(checkpoint.config.d_model);
    for (size_t i = 0; i < n; ++i) {
      const std::span row(mean + i * width, width);
      scores[i] = all_finite(row) ? classes->score(row) : std::nan("");
    }
    return Status::ok;
  });
}
