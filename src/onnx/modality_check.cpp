// SPDX-License-Identifier: MIT
#include "onnx/modality_check.h"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "astrom3/base/error.h"
#include "astrom3/shared_space/modality.h"
#include "astrom3/shared_space/multimodal_checkpoint.h"
#include "astrom3/shared_space/multimodal_encoder.h"
#include "base/random.h"
#include "onnx/array.h"
#include "onnx/evaluate.h"
#include "onnx/graph.h"
#include "onnx/self_check.h"
#include "onnx/shared_space_graph.h"

namespace astrom3 {
namespace {

/// Normal numbers as float32 has them, the same for the same sizes.
OnnxArray random_array(OnnxShape shape, std::uint64_t stream) {
  OnnxArray array{.shape = std::move(shape)};
  array.reals.resize(array.size());
  Random random(20240701, stream);
  for (double& value : array.reals) value = static_cast<double>(static_cast<float>(random.normal()));
  return array;
}

std::vector<float> narrowed(const OnnxArray& array) {
  return {array.reals.begin(), array.reals.end()};
}

/// What the engine gives for the feeds: as far as the file has it.
class EngineOutputs {
 public:
  EngineOutputs(const MultimodalEncoder& encoder, const OnnxArrays& feeds)
      : encoder_(encoder), feeds_(feeds) {}

  std::vector<float> embedding(Modality modality) const {
    const std::vector<float> values = narrowed(feeds_.find(input_name(modality))->second);
    std::vector<float> mask;
    if (modality == Modality::photo) mask = narrowed(feeds_.find(kMaskInput)->second);
    const auto& shape = feeds_.find(input_name(modality))->second.shape;
    std::vector<float> out(encoder_.embedding_size());
    std::vector<Status> status(1);
    encoder_.embed({.modality = modality,
                    .values = values,
                    .mask = mask,
                    .n_pixels = modality == Modality::spectra ? static_cast<std::size_t>(shape[2]) : 0},
                   out, status);
    return out;
  }

  std::vector<float> fused() const {
    PerModality<std::vector<float>> embeddings;
    ObjectEmbeddings object{};
    for (const Modality modality : kModalities) {
      if (!encoder_.has(modality)) continue;
      embeddings[index_of(modality)] = embedding(modality);
      object[index_of(modality)] = embeddings[index_of(modality)].data();
    }
    std::vector<float> out(encoder_.fused_size());
    (void)encoder_.fuse(object, out);
    return out;
  }

  std::vector<float> logits() const {
    std::vector<float> out(encoder_.class_count());
    encoder_.classify(fused(), out);
    return out;
  }

  std::vector<float> temperatures() const {
    std::vector<float> out;
    for (const ModalityPair& pair : kModalityPairs) {
      if (encoder_.has(pair.rows) && encoder_.has(pair.columns)) out.push_back(encoder_.temperature(pair));
    }
    return out;
  }

 private:
  const MultimodalEncoder& encoder_;
  const OnnxArrays& feeds_;
};

}  // namespace

Comparison compare_with_engine(const OnnxGraph& graph, std::shared_ptr<const MultimodalCheckpoint> checkpoint,
                               std::optional<Modality> only, const std::string& file) {
  const MultimodalConfig& c = checkpoint->config;
  const auto has = [&](Modality modality) { return c.has(modality) && (!only || *only == modality); };
  if (has(Modality::photo) && encoder_operations(c.photo) > kMaxCheckOperations) return {};
  OnnxRun run;
  if (has(Modality::photo)) {
    run.feeds[std::string(input_name(Modality::photo))] = check_x_enc(c.photo);
    run.feeds[kMaskInput] = check_mask(c.photo);
  }
  if (has(Modality::spectra))
    run.feeds[std::string(input_name(Modality::spectra))] =
        random_array({1, c.spectra.conv_channels.front(), graph_pixels(*checkpoint)}, 1);
  if (has(Modality::metadata))
    run.feeds[std::string(input_name(Modality::metadata))] = random_array({1, c.metadata.input_dim}, 2);
  for (const OnnxValue& output : graph.outputs) run.wanted.insert(output.name);
  const OnnxArrays values = evaluate(graph, run, file);

  const MultimodalEncoder encoder(checkpoint);  // full attention, as the file
  const EngineOutputs engine(encoder, run.feeds);
  Comparison result{.was_run = true, .allowed = kCheckTolerance, .worst = {}};
  const auto compare = [&](std::string_view name, const std::vector<float>& expected) {
    if (run.wanted.contains(name)) compare_output(name, values.find(name)->second, expected, result);
  };
  for (const Modality modality : kModalities) {
    if (has(modality)) compare(embedding_name(modality), engine.embedding(modality));
  }
  if (run.wanted.contains(kFusedOutput)) compare(kFusedOutput, engine.fused());
  if (run.wanted.contains(kTemperaturesOutput)) compare(kTemperaturesOutput, engine.temperatures());
  if (run.wanted.contains(kLogitsOutput)) compare(kLogitsOutput, engine.logits());
  return result;
}

}  // namespace astrom3
