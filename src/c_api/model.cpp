// SPDX-License-Identifier: MIT
#include <cstdint>
#include <exception>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "astrom3/base/error.h"
#include "astrom3/c_api.h"
#include "astrom3/encoder/attention.h"
#include "astrom3/encoder/bundled.h"
#include "astrom3/encoder/checkpoint.h"
#include "astrom3/encoder/encoder.h"
#include "astrom3/encoder/model_identity.h"
#include "astrom3/encoder/precision.h"
#include "astrom3/features/scaling.h"
#include "astrom3/kernels/isa.h"
#include "astrom3/pipeline/treatment.h"
#include "c_api/boundary.h"
#include "c_api/handles.h"  // IWYU pragma: keep (completes the types of c_api.h)

namespace astrom3::c_api {
namespace {

Isa isa_named(const char* name) {
  return name == nullptr ? default_isa() : parse_isa(name);
}

std::string name_of_default_model() {
  const auto found = default_model();
  if (!found) throw Error(Status::usage, "no checkpoint was named, and none is bundled with this astrom3");
  if (found->model.starts_with("hf:"))
    throw Error(Status::usage,
                "ASTROM3_MODEL: downloads are the command's; astrom3 fetch prints the folder to name");
  return found->model;
}

}  // namespace
}  // namespace astrom3::c_api

using namespace astrom3;         // NOLINT(google-build-using-namespace): the whole file is the edge
using namespace astrom3::c_api;  // NOLINT(google-build-using-namespace)

const char* astrom3_bundled_checkpoint(void) {
  try {
    static const std::optional<std::filesystem::path> found = bundled_checkpoint();
    return found ? found->c_str() : nullptr;
  } catch (const std::exception&) {  // no memory for a path
    return nullptr;
  }
}

astrom3_status astrom3_model_open(const char* path, const char* expected_sha256, const char* isa,
                                  const char* attention, uint64_t seed, const char* precision,
                                  astrom3_model** model) {
  return guarded([&] {
    require(model, "model");
    *model = nullptr;
    const std::string place = path != nullptr ? path : name_of_default_model();
    CheckpointOptions options;
    if (expected_sha256 != nullptr) options.expected_sha256 = expected_sha256;
    auto checkpoint = load_checkpoint(place, options);
    std::vector<std::string> names;
    if (checkpoint->has_head()) names = class_names(checkpoint->config);
    std::string file = checkpoint->weights_file.string();
    EncoderOptions how{.isa = isa_named(isa)};
    if (attention != nullptr) how.attention.form = parse_attention(attention);
    how.attention.seed = seed;
    if (precision != nullptr) how.precision = parse_precision(precision);
    Encoder encoder(std::move(checkpoint), std::move(how));
    std::string name(isa_name(encoder.isa()));
    const Scaling scaling = scaling_called("checkpoint", &encoder.checkpoint());
    std::string identity = model_identity(encoder, &scaling);
    *model = new astrom3_model{std::move(encoder), std::move(name), std::move(file), std::move(identity),
                               std::move(names)};
    return Status::ok;
  });
}

void astrom3_model_close(astrom3_model* model) {
  delete model;
}

astrom3_status astrom3_model_describe(const astrom3_model* model, astrom3_model_info* info) {
  return guarded([&] {
    require(model, "model");
    require_struct(info, "info");
    const Checkpoint& checkpoint = model->encoder.checkpoint();
    info->has_head = checkpoint.has_head() ? 1 : 0;
    info->is_trained = checkpoint.is_trained() ? 1 : 0;
    info->n_steps = static_cast<uint32_t>(checkpoint.config.seq_len);
    info->width = static_cast<uint32_t>(checkpoint.config.d_model);
    info->n_classes = static_cast<uint32_t>(model->class_names.size());
    info->n_parameters = checkpoint.parameter_count;
    info->sha256 = checkpoint.sha256.c_str();
    info->isa = model->isa.c_str();
    info->scaling = checkpoint.scaling.has_value() ? "checkpoint" : "published";
    info->path = model->path.c_str();
    info->precision = precision_name(model->encoder.precision()).data();  // a literal, so it ends with a zero
    info->identity = model->identity.c_str();
    return Status::ok;
  });
}

const char* astrom3_model_class_name(const astrom3_model* model, uint32_t i) {
  return model == nullptr || i >= model->class_names.size() ? nullptr : model->class_names[i].c_str();
}
