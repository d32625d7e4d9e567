// SPDX-License-Identifier: MIT
//
// All objects of a run with several modalities, one after the other.
#include "astrom3/pipeline/embed_modalities.h"

#include <fmt/format.h>

#include <atomic>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "astrom3/base/error.h"
#include "astrom3/base/stop_scope.h"
#include "astrom3/pipeline/pipeline.h"
#include "astrom3/shared_space/modality.h"
#include "astrom3/shared_space/multimodal_checkpoint.h"
#include "astrom3/shared_space/multimodal_encoder.h"
#include "astrom3/sink/sink.h"
#include "base/joined.h"
#include "formats/keyed_table.h"
#include "formats/parquet.h"
#include "formats/table_header.h"
#include "pipeline/modality_object.h"
#include "pipeline/modality_output.h"
#include "pipeline/modality_progress.h"
#include "pipeline/modality_stream.h"
#include "pipeline/reject_limits.h"

namespace astrom3 {

MultimodalSummary multimodal_summary(const RunSummary& counted) {
  MultimodalSummary summary;
  summary.n_objects = counted.n_objects;
  summary.n_ok = counted.n_ok;
  for (const auto& [what, n] : counted.modalities) {
    if (what.find(':') != std::string::npos) {
      summary.rejected[what] = n;
    } else {
      summary.n_embedded[index_of(parse_modality(what))] = n;
    }
  }
  return summary;
}

void require_encoders(const ModalitySources& sources, bool has_light_curves, const MultimodalEncoder& encoder,
                      const MultimodalRequest& request) {
  const auto require = [&](bool is_given, Modality modality) {
    if (!is_given || !request.modalities[index_of(modality)] || encoder.has(modality)) return;
    throw Error(Status::usage,
                fmt::format("{0} is given, but the checkpoint has no encoder of {0}: its kind is {1}",
                            modality_name(modality), checkpoint_kind_name(encoder.config().kind)));
  };
  require(has_light_curves, Modality::photo);
  require(!sources.spectra.empty() || !sources.spectra_in_memory.empty(), Modality::spectra);
  require(sources.metadata != nullptr, Modality::metadata);
}

namespace {

/// Every row, in order, to `consumer`, and what is counted of it.
MultimodalSummary take_rows(const ModalitySources& sources, const ModalityOutput& output,
                            const MultimodalRequest& request, const MultimodalRowConsumer& consumer,
                            RejectLog* rejects, const std::function<void(const RunProgress&)>& progress) {
  RunSummary summary;
  ModalityProgress shown(sources, progress);
  ModalityStream stream(sources, output, request, nullptr,
                        [&](std::uint64_t n_bytes) { shown.add_spectra(n_bytes, summary); });
  for (;;) {
    const std::vector<CountedRow> rows = stream.next(SIZE_MAX);
    if (rows.empty()) break;
    for (const CountedRow& counted : rows) {
      consumer(counted.row);
      counted.add_to(summary, rejects);
      if (counted.row.status != Status::ok)
        check_reject_limits(request.limits, summary, counted.first_rejection());
    }
    shown.show(stream.light_curves(), summary);
  }
  check_reject_fraction(request.limits, summary);
  return multimodal_summary(summary);
}

}  // namespace

MultimodalSummary embed_modalities(const ModalitySources& sources, const MultimodalEncoder& encoder,
                                   const MultimodalRequest& request, const MultimodalRowConsumer& consumer,
                                   RejectLog* rejects, const std::atomic<bool>* stop,
                                   const std::function<void(const RunProgress&)>& progress) {
  require_encoders(sources, sources.light_curves != nullptr, encoder, request);
  const StopScope scope(stop);
  return take_rows(sources, EmbeddingOutput(encoder), request, consumer, rejects, progress);
}

MultimodalSummary check_modalities(const ModalitySources& sources, const PerModality<bool>& are_read,
                                   const MultimodalRequest& request, const MultimodalRowConsumer& consumer,
                                   const std::atomic<bool>* stop,
                                   const std::function<void(const RunProgress&)>& progress) {
  const StopScope scope(stop);
  return take_rows(sources, CheckOutput(are_read), request, consumer, nullptr, progress);
}

std::map<std::string, std::string, std::less<>> read_pairs(const std::filesystem::path& file) {
  KeyedTable table(file, Status::bad_metadata);
  auto id = table.find("object_id");
  if (!id) id = table.find("light_curve");
  const auto spectrum = table.find("spectrum");
  if (!id || !spectrum)
    table.fail(fmt::format("needs the columns object_id (or light_curve) and spectrum; found: {}",
                           listed(table.names())));
  table.select({{*id, CellType::text}, {*spectrum, CellType::text}});
  std::map<std::string, std::string, std::less<>> pairs;
  while (table.next()) {
    const auto [place, is_new] = pairs.emplace(table.id(0), table.id(1));
    if (!is_new) table.fail_in_row("the light curve is there twice", 0);
  }
  return pairs;
}

}  // namespace astrom3
