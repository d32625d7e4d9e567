// SPDX-License-Identifier: MIT
#include <cstdint>
#include <exception>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "astrom3/base/error.h"
#include "astrom3/c_api.h"
#include "astrom3/c_api/modalities.h"
#include "astrom3/encoder/attention.h"
#include "astrom3/encoder/bundled.h"
#include "astrom3/encoder/checkpoint.h"
#include "astrom3/encoder/encoder.h"
#include "astrom3/encoder/model_identity.h"
#include "astrom3/encoder/precision.h"
#include "astrom3/features/scaling.h"
#include "astrom3/kernels/isa.h"
#include "astrom3/pipeline/modality_treatment.h"
#include "astrom3/pipeline/treatment.h"
#include "astrom3/shared_space/modality.h"
#include "astrom3/shared_space/multimodal_checkpoint.h"
#include "astrom3/shared_space/multimodal_encoder.h"
#include "astrom3/spectra_encoder/spectra_encoder.h"
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

/// What is no configuration is reported by what loads it as the usual kind, in its own words.
CheckpointKind kind_of(const std::string& place) {
  try {
    return checkpoint_kind(place);
  } catch (const Error& error) {
    if (error.code() == Status::bad_config || error.code() == Status::bad_model) return CheckpointKind::photo;
    throw;
  }
}

/// How the caller wants the encoders to be.
struct ModelRequest {
  std::string place;
  CheckpointOptions checkpoint;
  EncoderOptions encoder;
  bool has_attention = false;
};

std::unique_ptr<astrom3_model> open_photo(ModelRequest request) {
  auto model = std::make_unique<astrom3_model>();
  auto checkpoint = load_checkpoint(request.place, request.checkpoint);
  if (checkpoint->has_head()) model->class_names = class_names(checkpoint->config);
  model->path = checkpoint->weights_file.string();
  model->training_attention = checkpoint->training_attention();
  model->photo = std::make_unique<Encoder>(std::move(checkpoint), std::move(request.encoder));
  model->isa = isa_name(model->photo->isa());
  const Scaling scaling = scaling_called("checkpoint", &model->photo->checkpoint());
  model->identity = model_identity(*model->photo, &scaling);
  return model;
}

/// Everything beside the weights that decides what the encoders are given by default.
std::string default_inputs(const MultimodalEncoder& encoder) {
  std::string inputs;
  if (const Encoder* photo = encoder.photo(); photo != nullptr) {
    const Scaling scaling = scaling_called("checkpoint", &photo->checkpoint());
    inputs = model_identity(*photo, &scaling);
  }
  if (!encoder.has(Modality::metadata)) return inputs;
  try {
    inputs += metadata_scaling_of(encoder.checkpoint()).described();
  } catch (const Error&) {  // there is none, or one that metadata will be refused for
    inputs += "no scaling of metadata";
  }
  return inputs;
}

std::unique_ptr<astrom3_model> open_modalities(ModelRequest request) {
  auto model = std::make_unique<astrom3_model>();
  auto checkpoint = load_multimodal_checkpoint(request.place, request.checkpoint);
  if (checkpoint->has_head()) {
    EncoderConfig names;
    names.num_classes = checkpoint->config.num_classes;
    names.class_names = checkpoint->config.class_names;
    model->class_names = class_names(names);
  }
  model->path = checkpoint->weights_file.string();
  if (checkpoint->config.has(Modality::photo)) {
    model->training_attention = checkpoint->training_attention();
    if (!request.has_attention) request.encoder.attention.form = default_attention(*checkpoint);
  }
  model->modalities = std::make_unique<MultimodalEncoder>(std::move(checkpoint), std::move(request.encoder));
  model->isa = isa_name(model->modalities->isa());
  model->identity = model_identity(*model->modalities, default_inputs(*model->modalities));
  return model;
}

void describe_photo(const astrom3_model& model, astrom3_model_info& info) {
  const Checkpoint& checkpoint = model.photo->checkpoint();
  info.has_head = checkpoint.has_head() ? 1 : 0;
  info.is_trained = checkpoint.is_trained() ? 1 : 0;
  info.n_steps = static_cast<uint32_t>(checkpoint.config.seq_len);
  info.width = static_cast<uint32_t>(checkpoint.config.d_model);
  info.n_parameters = checkpoint.parameter_count;
  info.sha256 = checkpoint.sha256.c_str();
}

void describe_modalities(const astrom3_model& model, astrom3_model_info& info) {
  const MultimodalCheckpoint& checkpoint = model.modalities->checkpoint();
  const bool has_photo = checkpoint.config.has(Modality::photo);
  info.has_head = checkpoint.has_head() ? 1 : 0;
  info.is_trained = checkpoint.is_trained() ? 1 : 0;
  info.n_steps = has_photo ? static_cast<uint32_t>(checkpoint.config.photo.seq_len) : 0;
  info.width = static_cast<uint32_t>(model.modalities->embedding_size());
  info.n_parameters = checkpoint.parameter_count;
  info.sha256 = checkpoint.sha256.c_str();
}

}  // namespace
}  // namespace astrom3::c_api

const astrom3::Encoder& astrom3_model::photo_alone() const {
  if (photo) return *photo;
  throw astrom3::Error(
      astrom3::Status::usage,
      fmt::format("the checkpoint is of kind {}, and this is for kind photo: embed objects with it",
                  astrom3::checkpoint_kind_name(modalities->config().kind)));
}

const astrom3::MultimodalEncoder& astrom3_model::of_modalities() const {
  if (modalities) return *modalities;
  throw astrom3::Error(astrom3::Status::usage,
                       "the checkpoint is of kind photo: it has no encoder of spectra or metadata");
}

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
    const std::string place = checkpoint_called(path != nullptr ? path : name_of_default_model());
    ModelRequest request{.place = place, .checkpoint = {}, .encoder = {.isa = isa_named(isa)}};
    if (expected_sha256 != nullptr) request.checkpoint.expected_sha256 = expected_sha256;
    request.has_attention = attention != nullptr;
    if (attention != nullptr) request.encoder.attention.form = parse_attention(attention);
    request.encoder.attention.seed = seed;
    if (precision != nullptr) request.encoder.precision = parse_precision(precision);
    const bool is_photo = kind_of(place) == CheckpointKind::photo;
    *model = (is_photo ? open_photo(std::move(request)) : open_modalities(std::move(request))).release();
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
    *info = {};
    info->struct_size = sizeof *info;
    if (model->photo) {
      describe_photo(*model, *info);
    } else {
      astrom3::c_api::describe_modalities(*model, *info);
    }
    const Encoder* const photo = model->light_curves();
    info->n_classes = static_cast<uint32_t>(model->class_names.size());
    info->isa = model->isa.c_str();
    info->scaling = photo != nullptr && photo->checkpoint().scaling.has_value() ? "checkpoint" : "published";
    info->path = model->path.c_str();
    info->precision = precision_name(photo != nullptr ? photo->precision() : Precision{})
                          .data();  // literals end with a zero
    info->identity = model->identity.c_str();
    return Status::ok;
  });
}

const char* astrom3_model_class_name(const astrom3_model* model, uint32_t i) {
  return model == nullptr || i >= model->class_names.size() ? nullptr : model->class_names[i].c_str();
}

astrom3_status astrom3_model_describe_space(const astrom3_model* model, astrom3_model_space* space) {
  return guarded([&] {
    require(model, "model");
    require_struct(space, "space");
    *space = {};
    space->struct_size = sizeof *space;
    const Encoder* const photo = model->light_curves();
    space->attention = photo != nullptr ? attention_name(photo->attention().form).data() : "";
    space->training_attention = model->training_attention.c_str();
    if (model->photo) {
      space->has[ASTROM3_PHOTO] = 1;
      space->embedding_size = space->fused_size = static_cast<uint32_t>(model->photo->config().d_model);
      space->kind = checkpoint_kind_name(CheckpointKind::photo).data();
      return Status::ok;
    }
    const MultimodalCheckpoint& checkpoint = model->modalities->checkpoint();
    for (const Modality modality : kModalities)
      space->has[index_of(modality)] = checkpoint.config.has(modality) ? 1 : 0;
    space->embedding_size = static_cast<uint32_t>(model->modalities->embedding_size());
    space->fused_size = static_cast<uint32_t>(model->modalities->fused_size());
    space->kind = checkpoint_kind_name(checkpoint.config.kind).data();
    if (checkpoint.config.has(Modality::spectra) && checkpoint.spectra_positions > 0) {
      const PixelRange range = pixels_for(checkpoint.config.spectra, checkpoint.spectra_positions);
      space->n_pixels[0] = static_cast<uint32_t>(range.first);
      space->n_pixels[1] = static_cast<uint32_t>(range.last);
    }
    if (checkpoint.config.has(Modality::metadata))
      space->n_columns = static_cast<uint32_t>(checkpoint.config.metadata.input_dim);
    return Status::ok;
  });
}
