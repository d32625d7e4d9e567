// SPDX-License-Identifier: MIT
#include "pipeline/modality_object.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <string>
#include <utility>
#include <vector>

#include "astrom3/base/error.h"
#include "astrom3/pipeline/embed_modalities.h"
#include "astrom3/pipeline/pipeline.h"
#include "astrom3/shared_space/modality.h"
#include "astrom3/shared_space/multimodal_encoder.h"
#include "astrom3/sink/sink.h"
#include "pipeline/modality_output.h"

namespace astrom3 {
namespace {

constexpr std::size_t kFirstRejects = 10;

void add_flags(Modality modality, const ModalityOutcome& out, MultimodalRow& row) {
  const std::string prefix = modality == Modality::photo ? "" : std::string(modality_name(modality)) + ":";
  for (const std::string& flag : out.flags) row.flags.push_back(prefix + flag);
  if (out.is_there && out.status != Status::ok)
    row.flags.push_back(fmt::format("{}:{}", modality_name(modality), status_name(out.status)));
}

Diagnostic rejection_of(Modality modality, const ModalityOutcome& out, const std::string& id) {
  return Diagnostic{.code = out.status,
                    .file = out.file,
                    .object_id = id,
                    .column = std::string(modality_name(modality)),
                    .message = out.message,
                    .hint = out.hint};
}

void classify(const MultimodalEncoder& encoder, MultimodalRow& row) {
  if (row.fused.empty()) {
    row.status = Status::missing_modality;
    return;
  }
  row.logits.resize(encoder.class_count());
  encoder.classify(row.fused, row.logits);
  const double top = *std::max_element(row.logits.begin(), row.logits.end());
  double total = 0;
  for (const float logit : row.logits) total += std::exp(static_cast<double>(logit) - top);
  for (const float logit : row.logits)
    row.probabilities.push_back(static_cast<float>(std::exp(static_cast<double>(logit) - top) / total));
  const bool is_finite = std::all_of(row.probabilities.begin(), row.probabilities.end(),
                                     [](float p) { return std::isfinite(p); });
  if (!is_finite) row.status = Status::nonfinite_output;
}

void fuse(const MultimodalEncoder& encoder, const MultimodalRequest& request, MultimodalRow& row) {
  ObjectEmbeddings embeddings{};
  for (const Modality modality : row.modalities)
    embeddings[index_of(modality)] = row.embeddings[index_of(modality)].data();
  row.fused.resize(encoder.fused_size());
  // A fusion that needs all modalities leaves the embeddings of those that there are.
  if (encoder.fuse(embeddings, row.fused) != Status::ok) row.fused.clear();
  if (request.probabilities) classify(encoder, row);
}

void clear(MultimodalRow& row) {
  row.modalities.clear();
  row.embeddings = {};
  row.fused.clear();
  row.logits.clear();
  row.probabilities.clear();
}

}  // namespace

void ModalityOutcome::set_embedding(Status of_encoder, const std::vector<float>& all, std::size_t index,
                                    std::size_t width) {
  status = of_encoder;
  if (status != Status::ok) {
    message = status_meaning(status);
    return;
  }
  const auto begin = all.begin() + static_cast<std::ptrdiff_t>(index * width);
  embedding.assign(begin, begin + static_cast<std::ptrdiff_t>(width));
}

void CountedRow::add_to(RunSummary& summary, RejectLog* rejects) const {
  ++summary.n_objects;
  if (row.status == Status::ok) ++summary.n_ok;
  if (row.status != Status::ok) ++summary.rejected[row.status];
  for (const Modality modality : row.modalities) ++summary.modalities[std::string(modality_name(modality))];
  for (const Diagnostic& rejection : row.rejections) {
    ++summary.modalities[fmt::format("{}:{}", rejection.column, status_name(rejection.code))];
    if (rejects != nullptr) rejects->write(rejection);
  }
  if (row.status != Status::ok && summary.first_rejects.size() < kFirstRejects)
    summary.first_rejects.push_back(first_rejection());
  summary.n_observations += n_observations;
  summary.n_duplicates += n_duplicates;
  summary.dropped += dropped;
}

Diagnostic CountedRow::first_rejection() const {
  if (!row.rejections.empty()) return row.rejections.front();
  return Diagnostic{.code = row.status,
                    .file = file,
                    .object_id = row.object_id,
                    .message = std::string(status_meaning(row.status))};
}

CountedRow row_of(ModalityObject object, const ModalityOutput& output, const MultimodalRequest& request) {
  CountedRow counted{.row = {},
                     .file = std::move(object.file),
                     .n_observations = object.n_observations,
                     .n_duplicates = object.n_duplicates,
                     .dropped = object.dropped};
  MultimodalRow& row = counted.row;
  row.object_id = std::move(object.id);
  Status first = Status::no_modality;
  bool is_whole = true;
  for (const Modality modality : kModalities) {
    if (!request.modalities[index_of(modality)] || !output.has(modality)) continue;
    ModalityOutcome& out = object.outcomes[index_of(modality)];
    add_flags(modality, out, row);
    const bool is_ok = out.is_there && out.status == Status::ok;
    is_whole = is_whole && is_ok;
    if (!is_ok && first == Status::no_modality && out.is_there) first = out.status;
    if (!is_ok && out.is_there) row.rejections.push_back(rejection_of(modality, out, row.object_id));
    if (!is_ok) continue;
    row.modalities.push_back(modality);
    row.embeddings[index_of(modality)] = std::move(out.embedding);
  }
  row.status = row.modalities.empty() ? first : Status::ok;
  if (row.status == Status::ok && request.require_all && !is_whole)
    row.status = first == Status::no_modality ? Status::missing_modality : first;
  if (row.status == Status::ok && output.encoder() != nullptr) fuse(*output.encoder(), request, row);
  if (row.status != Status::ok) clear(row);
  return counted;
}

}  // namespace astrom3
