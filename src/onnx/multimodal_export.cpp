// SPDX-License-Identifier: MIT
#include <fmt/format.h>

#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "astrom3/base/error.h"
#include "astrom3/base/version.h"
#include "astrom3/onnx/multimodal_onnx.h"
#include "astrom3/shared_space/modality.h"
#include "astrom3/shared_space/multimodal_checkpoint.h"
#include "base/atomic_file.h"
#include "onnx/graph.h"
#include "onnx/modality_check.h"
#include "onnx/multimodal_metadata.h"
#include "onnx/onnx_module.h"
#include "onnx/provenance.h"
#include "onnx/self_check.h"
#include "onnx/shared_space_graph.h"
#include "onnx/stored_file.h"
#include "shared_space/multimodal_config.h"

namespace astrom3 {
namespace {

std::vector<std::pair<std::string, std::string>> metadata(const MultimodalCheckpoint& checkpoint,
                                                          std::optional<Modality> only) {
  const auto stated = [&](std::string_view key) {
    const auto found = checkpoint.file_metadata.find(std::string(key));
    return found == checkpoint.file_metadata.end() ? std::string(kNotStated) : found->second;
  };
  return {{"astrom3_version", kVersion},
          {"source_sha256", checkpoint.sha256},
          {kKindEntry, std::string(checkpoint_kind_name(checkpoint.config.kind))},
          {kOnlyEntry, only ? std::string(modality_name(*only)) : std::string()},
          {"attention", "full"},
          {"training_attention", checkpoint.training_attention()},
          {"trained", checkpoint.is_trained() ? "true" : "false"},
          {"license", stated(kLicenseKey)},
          {"attribution", stated(kAttributionKey)},
          {kConfigEntry, to_json(checkpoint.config)}};
}

}  // namespace

MultimodalOnnxReport export_multimodal_onnx(std::shared_ptr<const MultimodalCheckpoint> checkpoint,
                                            const std::filesystem::path& file,
                                            const MultimodalOnnxOptions& options) {
  OnnxGraph graph = shared_space_graph(*checkpoint, options.only, options.logits);
  graph.metadata = metadata(*checkpoint, options.only);
  const OnnxModule& module = onnx_module(Status::output_error);
  AtomicFile output(file, Links::followed);
  const std::string bytes = module.serialize(graph);
  output.write(bytes);
  output.finish();
  MultimodalOnnxReport report;
  report.config = checkpoint->config;
  report.only = options.only;
  report.bytes = bytes.size();
  report.opset = graph.opset;
  try {
    const OnnxGraph stored = reread_onnx(output, bytes, graph, module);
    const Comparison comparison = compare_with_engine(stored, checkpoint, options.only, file.string());
    if (!comparison.agrees)
      fail_onnx_check(file, fmt::format("{} differs from the engine by {:.2g}, more than {:.2g}",
                                        comparison.worst, comparison.largest_difference, comparison.allowed));
    report.largest_difference = comparison.largest_difference;
    report.was_run = comparison.was_run;
  } catch (const Error& error) {
    if (error.code() != Status::bad_model) throw;
    fail_onnx_check(file,
                    error.diagnostic().message);  // a model of ours that is not understood is our defect
  }
  output.commit();
  return report;
}

}  // namespace astrom3
