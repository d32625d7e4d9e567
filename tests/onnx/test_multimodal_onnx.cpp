// SPDX-License-Identifier: MIT
//
// ONNX files of spectra, metadata and the shared space: golden numbers in double, and weights bit by bit.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "astrom3/onnx/multimodal_onnx.h"
#include "base/atomic_file.h"
#include "formats/safetensors.h"
#include "onnx/shared_space_graph.h"
#include "tests/base/temporary_folder.h"
#include "tests/onnx/onnx_testing.h"

namespace astrom3 {
namespace {

namespace fs = std::filesystem;

const fs::path kGolden = fs::path(ASTROM3_TEST_DATA) / "multimodal";
// Both sides are in double precision from the same float32 weights; sqrt(2) and 1/sqrt(D/H) are float32 in
// the file (6e-8 relative).
constexpr double kDoubleTolerance = 1e-6;

OnnxGraph exported(const std::string& name, const MultimodalOnnxOptions& options) {
  const TemporaryFolder out;
  export_multimodal_onnx(load_multimodal_checkpoint(kGolden / name), out / "a.onnx", options);
  return read_onnx(out / "a.onnx");
}

/// The golden inputs that the graph has, and all its outputs.
OnnxArrays run_on_golden(const OnnxGraph& graph, const GoldenCases& cases) {
  const std::map<std::string, std::string> golden_names{
      {"x_enc", "photometry"}, {"mask", "photometry_mask"}, {"spectra", "spectra"}, {"metadata", "metadata"}};
  OnnxRun run;
  for (const OnnxValue& input : graph.inputs)
    run.feeds[input.name] = cases.array(golden_names.at(input.name));
  for (const OnnxValue& output : graph.outputs) run.wanted.insert(output.name);
  return evaluate(graph, run, "exported");
}

void expect_golden(const std::string& name, const MultimodalOnnxOptions& options,
                   const std::map<std::string, std::string>& golden_of_output) {
  const GoldenCases cases(kGolden / name);
  const OnnxGraph graph = exported(name, options);
  const OnnxArrays values = run_on_golden(graph, cases);
  for (const auto& [output, golden] : golden_of_output) {
    const OnnxArray expected = cases.array(golden);
    double largest = 0;
    for (const double value : expected.reals) largest = std::max(largest, std::fabs(value));
    ASSERT_NE(values.find(output), values.end()) << output;
    EXPECT_EQ(values.at(output).shape, expected.shape) << name << " " << output;
    EXPECT_LE(largest_difference(values.at(output).reals, expected.reals),
              kDoubleTolerance * std::max(1.0, largest))
        << name << " " << output;
  }
}

TEST(MultimodalOnnx, GivesTheGoldenNumbersOfEveryKind) {
  ASTROM3_NEEDS_ONNX();
  expect_golden("tiny_spectra", {.logits = true}, {{"s_emb", "flat"}, {"logits", "logits"}});
  expect_golden("odd_spectra", {.logits = true}, {{"s_emb", "flat"}, {"logits", "logits"}});
  expect_golden("tiny_meta", {.logits = true}, {{"m_emb", "hidden"}, {"logits", "logits"}});
  expect_golden("tiny_clip", {}, {{"p_emb", "p_emb"}, {"s_emb", "s_emb"}, {"m_emb", "m_emb"}});
  expect_golden("tiny_fused", {.logits = true}, {{"logits", "logits"}});
  expect_golden("tiny_fused_concat", {.logits = true}, {{"logits", "logits"}});
}

TEST(MultimodalOnnx, WritesOneEncoderOfASharedCheckpoint) {
  ASTROM3_NEEDS_ONNX();
  for (const auto& [modality, output] :
       {std::pair(Modality::photo, "p_emb"), {Modality::spectra, "s_emb"}, {Modality::metadata, "m_emb"}}) {
    const OnnxGraph graph = exported("tiny_clip", {.only = modality});
    EXPECT_EQ(graph.outputs.size(), 1u);
    EXPECT_EQ(graph.inputs.size(), modality == Modality::photo ? 2u : 1u);
    expect_golden("tiny_clip", {.only = modality}, {{output, output}});
  }
}

TEST(MultimodalOnnx, TemperaturesAreThoseOfTheEngine) {
  ASTROM3_NEEDS_ONNX();
  const OnnxArrays values = run_on_golden(exported("tiny_clip", {}), GoldenCases(kGolden / "tiny_clip"));
  const SafetensorsFile weights = SafetensorsFile::open(kGolden / "tiny_clip/model.safetensors");
  for (std::size_t i = 0; i < kModalityPairs.size(); ++i) {
    const double scale = to_float64(weights.at("logit_scale_" + std::string(kModalityPairs[i].name)))[0];
    EXPECT_NEAR(values.at("temperatures").reals[i], std::clamp(std::exp(scale), 1.0, 100.0), 1e-12);
  }
}

std::string bytes_of(const SafetensorsFile& file, const std::string& name) {
  const auto bytes = file.at(name).bytes;
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

TEST(MultimodalOnnx, ImportGivesBackEveryBitOfTheWeights) {
  ASTROM3_NEEDS_ONNX();
  for (const char* name :
       {"tiny_spectra", "odd_spectra", "tiny_meta", "tiny_clip", "tiny_fused", "tiny_fused_concat"}) {
    const TemporaryFolder out;
    const auto checkpoint = load_multimodal_checkpoint(kGolden / name);
    export_multimodal_onnx(checkpoint, out / "a.onnx", {.logits = checkpoint->has_head()});
    const MultimodalOnnxReport report = import_multimodal_onnx(out / "a.onnx", out / "back");
    EXPECT_TRUE(report.was_run);
    EXPECT_TRUE(is_multimodal_onnx(out / "a.onnx"));
    EXPECT_EQ(deciding_config(report.config), deciding_config(checkpoint->config)) << name;
    const SafetensorsFile before = SafetensorsFile::open(kGolden / name / "model.safetensors");
    const SafetensorsFile after = SafetensorsFile::open(out / "back/model.safetensors");
    const auto sorted = [](std::vector<std::string> names) {
      std::sort(names.begin(), names.end());
      return names;
    };
    ASSERT_EQ(sorted(after.names()), sorted(before.names())) << name;
    for (const std::string& tensor : before.names()) {
      EXPECT_EQ(after.at(tensor).shape(), before.at(tensor).shape()) << tensor;
      EXPECT_EQ(bytes_of(after, tensor), bytes_of(before, tensor)) << name << " " << tensor;
    }
  }
}

TEST(MultimodalOnnx, AFileWithoutItsHeadIsACheckpointWithoutOne) {
  ASTROM3_NEEDS_ONNX();
  const TemporaryFolder out;
  export_multimodal_onnx(load_multimodal_checkpoint(kGolden / "tiny_fused"), out / "a.onnx", {});
  EXPECT_FALSE(import_multimodal_onnx(out / "a.onnx", out / "back").config.classification);
  EXPECT_FALSE(load_multimodal_checkpoint(out / "back")->has_head());
}

// No weight says then how long a flattened spectrum is: it is that of the grid.
TEST(MultimodalOnnx, ASpectraEncoderWithoutHeadReadsTheGrid) {
  ASTROM3_NEEDS_ONNX();
  const TemporaryFolder out;
  const auto with_head = load_multimodal_checkpoint(kGolden / "tiny_spectra");
  export_multimodal_onnx(with_head, out / "a.onnx", {});
  EXPECT_TRUE(import_multimodal_onnx(out / "a.onnx", out / "back").was_run);
  EXPECT_EQ(load_multimodal_checkpoint(out / "back")->spectra_positions, with_head->spectra_positions);
}

/// `graph` as a file.
void write_graph(const OnnxGraph& graph, const fs::path& file) {
  AtomicFile out(file);
  out.write(onnx_module(Status::output_error).serialize(graph));
  out.commit();
}

std::string error_of_import(const OnnxGraph& graph) {
  const TemporaryFolder out;
  write_graph(graph, out / "a.onnx");
  try {
    import_multimodal_onnx(out / "a.onnx", out / "back");
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), Status::bad_model);
    EXPECT_FALSE(fs::exists(out / "back"));
    return error.what();
  }
  ADD_FAILURE() << "was imported";
  return {};
}

TEST(MultimodalOnnx, AFileThatIsNotTheWholeOrComputesSomethingElseIsRefused) {
  ASTROM3_NEEDS_ONNX();
  EXPECT_NE(
      error_of_import(exported("tiny_clip", {.only = Modality::spectra})).find("encoder of spectra alone"),
      std::string::npos);
  OnnxGraph graph = exported("tiny_clip", {});
  for (OnnxTensor& tensor : graph.initializers) {
    if (tensor.name == "metadata_proj.bias") tensor.name = "other.bias";
  }
  for (OnnxNode& node : graph.nodes)
    std::replace(node.inputs.begin(), node.inputs.end(), std::string("metadata_proj.bias"),
                 std::string("other.bias"));
  EXPECT_NE(error_of_import(graph).find("1 weights are not there under their names: metadata_proj.bias"),
            std::string::npos);
  graph = exported("tiny_clip", {});
  for (OnnxNode& node : graph.nodes) {
    if (node.op == "Relu" && node.name.starts_with("metadata/layer0")) node.op = "Identity";
  }
  EXPECT_NE(error_of_import(graph).find("does not compute what the encoders compute"), std::string::npos);
}

TEST(MultimodalOnnx, RefusesWhatACheckpointDoesNotHave) {
  const auto clip = load_multimodal_checkpoint(kGolden / "tiny_clip");
  EXPECT_THROW(shared_space_graph(*clip, {}, true), Error);
  EXPECT_THROW(
      shared_space_graph(*load_multimodal_checkpoint(kGolden / "tiny_meta"), Modality::spectra, false),
      Error);
  EXPECT_THROW(shared_space_graph(*load_multimodal_checkpoint(kGolden / "tiny_fused"), Modality::photo, true),
               Error);
}

}  // namespace
}  // namespace astrom3
