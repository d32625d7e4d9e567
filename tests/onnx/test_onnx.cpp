// SPDX-License-Identifier: MIT
#include <gtest/gtest.h>

#include <filesystem>
#include <map>
#include <set>

#include "astrom3/encoder/encoder.h"
#include "astrom3/onnx/onnx.h"
#include "base/sha256.h"
#include "onnx/encoder_graph.h"
#include "onnx/model_card.h"
#include "tests/base/file_contents.h"
#include "tests/base/rejection.h"
#include "tests/base/temporary_folder.h"
#include "tests/onnx/onnx_testing.h"

namespace astrom3 {
namespace {

namespace fs = std::filesystem;

const fs::path kGolden = ASTROM3_TEST_DATA;
const fs::path kShared = ASTROM3_SHARED_DIR;

// The golden numbers and the evaluator are both in double precision, from the same float32 weights; the
// constants sqrt(2) and 1/sqrt(D/H) are float32 in the file (6e-8 relative), which some 2e-7 of the outputs
// come from.
constexpr double kDoubleTolerance = 1e-6;

/// The graph of a file that `folder`'s checkpoint was exported to.
OnnxGraph exported(const fs::path& folder, bool logits = true) {
  const TemporaryFolder out;
  export_onnx(load_checkpoint(folder), out / "astrom3.onnx", {.logits = logits});
  return read_onnx(out / "astrom3.onnx");
}

OnnxArrays run_on_golden(const OnnxGraph& graph, const GoldenCases& cases) {
  OnnxRun run;
  run.feeds = {{"x_enc", cases.array("x_enc")}, {"mask", cases.array("mask")}};
  run.wanted = {"mean", "sequence", "logits"};
  return evaluate(graph, run, "exported");
}

void expect_golden_numbers(const fs::path& folder) {
  const GoldenCases cases(folder);
  const OnnxArrays values = run_on_golden(exported(folder), cases);
  for (const char* name : {"mean", "sequence", "logits"}) {
    EXPECT_EQ(values.at(name).shape, cases.array(name).shape) << name;
    EXPECT_LE(largest_difference(values.at(name).reals, cases.array(name).reals), kDoubleTolerance) << name;
  }
  const OnnxArray sequence = values.at("sequence");
  const OnnxArray golden = cases.array("sequence");
  EXPECT_LE(difference_at_step(sequence, golden, 0), kDoubleTolerance) << "the first step";
  EXPECT_LE(difference_at_step(sequence, golden, golden.shape[1] - 1), kDoubleTolerance) << "the last step";
}

TEST(OnnxExport, TinyGivesTheGoldenNumbers) {
  ASTROM3_NEEDS_ONNX();
  expect_golden_numbers(kGolden / "tiny");
}

TEST(OnnxExport, OtherSizesAndReluGiveTheGoldenNumbers) {
  ASTROM3_NEEDS_ONNX();
  if (!fs::exists(kShared / "golden/odd")) GTEST_SKIP() << "needs shared/golden/odd beside the checkout";
  expect_golden_numbers(kShared / "golden/odd");
}

TEST(OnnxExport, FullSizeGivesTheGoldenNumbers) {
  ASTROM3_NEEDS_ONNX();
  if (!fs::exists(kShared / "golden/full")) GTEST_SKIP() << "needs shared/golden/full beside the checkout";
  expect_golden_numbers(kShared / "golden/full");
}

/// `graph` with the step that is put before step 0 taken from `step`.
OnnxGraph with_wrong_wrap(OnnxGraph graph, std::int64_t step) {
  for (OnnxTensor& tensor : graph.initializers) {
    if (tensor.name == "embedding/last") tensor.integers = {step};
    if (tensor.name == "embedding/end") tensor.integers = {step + 1};
  }
  return graph;
}

TEST(OnnxExport, AWrapThatTakesTheLastStepButOneWouldBeSeenInTheFirstStep) {
  ASTROM3_NEEDS_ONNX();
  const GoldenCases cases(kGolden / "tiny");
  const OnnxArray golden = cases.array("sequence");
  const OnnxGraph wrong = with_wrong_wrap(exported(kGolden / "tiny"), golden.shape[1] - 2);
  EXPECT_GT(difference_at_step(run_on_golden(wrong, cases).at("sequence"), golden, 0), 1e-3);
}

TEST(OnnxExport, TheFirstStepSeesTheLastAndTheLastTheFirst) {
  ASTROM3_NEEDS_ONNX();
  const OnnxGraph graph = exported(kGolden / "tiny", false);
  OnnxRun run;
  OnnxArray x{.shape = {1, 40, 9}};
  for (int i = 0; i < 40 * 9; ++i) x.reals.push_back(i / 9);  // every channel holds the number of its step
  run.feeds["x_enc"] = x;
  run.wanted = {"embedding/wrap_around"};
  const OnnxArray wrapped = evaluate(graph, run, "exported").at("embedding/wrap_around");
  ASSERT_EQ(wrapped.shape, (OnnxShape{1, 9, 42}));
  for (std::size_t channel = 0; channel < 9; ++channel) {
    EXPECT_EQ(wrapped.reals[channel * 42], 39);
    EXPECT_EQ(wrapped.reals[channel * 42 + 1], 0);
    EXPECT_EQ(wrapped.reals[channel * 42 + 40], 39);
    EXPECT_EQ(wrapped.reals[channel * 42 + 41], 0);
  }
}

TEST(OnnxExport, NamesShapesAndVersionsAreThePublishedOnes) {
  ASTROM3_NEEDS_ONNX();
  const OnnxGraph graph = exported(kGolden / "tiny");
  EXPECT_GE(graph.opset, 17);
  const OnnxDimension batch{.size = -1, .name = "batch"};
  const auto size = [](std::int64_t n) { return OnnxDimension{.size = n, .name = {}}; };
  ASSERT_EQ(graph.inputs.size(), 2u);
  EXPECT_EQ(graph.inputs[0].name, "x_enc");
  EXPECT_EQ(graph.inputs[0].shape, (std::vector<OnnxDimension>{batch, size(40), size(9)}));
  EXPECT_EQ(graph.inputs[1].name, "mask");
  EXPECT_EQ(graph.inputs[1].shape, (std::vector<OnnxDimension>{batch, size(40)}));
  ASSERT_EQ(graph.outputs.size(), 3u);
  EXPECT_EQ(graph.outputs[0].name, "mean");
  EXPECT_EQ(graph.outputs[1].name, "sequence");
  EXPECT_EQ(graph.outputs[1].shape, (std::vector<OnnxDimension>{batch, size(40), size(32)}));
  EXPECT_EQ(graph.outputs[2].name, "logits");
}

TEST(OnnxExport, EveryWeightIsThereOnce) {
  ASTROM3_NEEDS_ONNX();
  const OnnxGraph graph = exported(kGolden / "tiny");
  std::set<std::string> names;
  std::set<std::pair<OnnxShape, std::string>> contents;
  for (const OnnxTensor& tensor : graph.initializers) {
    EXPECT_TRUE(names.insert(tensor.name).second) << tensor.name;
    if (tensor.type != OnnxType::float32) continue;
    const auto bytes = std::as_bytes(std::span(tensor.floats));
    EXPECT_TRUE(contents.emplace(tensor.shape, sha256_hex(bytes)).second) << tensor.name;
  }
  for (const OnnxNode& node : graph.nodes) EXPECT_NE(node.op, "Constant") << node.name;
}

TEST(OnnxExport, NodesAreNamedForWhatTheyCompute) {
  ASTROM3_NEEDS_ONNX();
  std::set<std::string> names;
  for (const OnnxNode& node : exported(kGolden / "tiny").nodes) {
    EXPECT_FALSE(node.name.empty());
    EXPECT_TRUE(names.insert(node.name).second) << node.name;
  }
  EXPECT_TRUE(names.contains("layer1/attention/query"));
  EXPECT_TRUE(names.contains("layer0/feed_forward/gelu/erf"));
  EXPECT_TRUE(names.contains("sequence"));
}

TEST(OnnxExport, MetadataSayWhereTheWeightsComeFrom) {
  ASTROM3_NEEDS_ONNX();
  const OnnxGraph graph = exported(kGolden / "tiny");
  EXPECT_EQ(graph.find_metadata("source_sha256"), load_checkpoint(kGolden / "tiny")->sha256);
  EXPECT_EQ(graph.find_metadata("attention"), "full");
  EXPECT_EQ(graph.find_metadata("training_attention"), "probsparse");
  EXPECT_EQ(graph.find_metadata("license"), "not stated by the checkpoint");
  EXPECT_EQ(graph.find_metadata("scaling"), to_json(published_scaling()));
  EXPECT_EQ(graph.find_metadata("scaling_source"), "published");
}

TEST(OnnxExport, EqualCheckpointsGiveEqualBytes) {
  ASTROM3_NEEDS_ONNX();
  const TemporaryFolder out;
  const auto checkpoint = load_checkpoint(kGolden / "tiny");
  export_onnx(checkpoint, out / "a.onnx");
  export_onnx(load_checkpoint(kGolden / "tiny"), out / "b.onnx");
  EXPECT_EQ(read_file(out / "a.onnx"), read_file(out / "b.onnx"));
}

TEST(OnnxExport, TheSelfCheckRunsAndAgreesWithTheEngine) {
  ASTROM3_NEEDS_ONNX();
  const TemporaryFolder out;
  const OnnxExportReport report =
      export_onnx(load_checkpoint(kGolden / "tiny"), out / "a.onnx", {.logits = true});
  EXPECT_TRUE(report.was_run);
  EXPECT_GT(report.largest_difference, 0);
  EXPECT_LE(report.largest_difference, 1e-5);
  EXPECT_EQ(report.bytes, fs::file_size(out / "a.onnx"));
}

TEST(OnnxExport, LogitsNeedAHead) {
  const auto headless = load_checkpoint(kGolden / "tiny/model_nohead.safetensors");
  const TemporaryFolder out;
  const Diagnostic refused =
      rejection_of([&] { export_onnx(headless, out / "astrom3.onnx", {.logits = true}); });
  EXPECT_EQ(refused.code, Status::usage);
  EXPECT_TRUE(fs::is_empty(out.path()));
}

TEST(OnnxExport, AHeadlessCheckpointHasMeanAndSequence) {
  ASTROM3_NEEDS_ONNX();
  const TemporaryFolder out;
  export_onnx(load_checkpoint(kGolden / "tiny/model_nohead.safetensors"), out / "astrom3.onnx");
  EXPECT_EQ(read_onnx(out / "astrom3.onnx").outputs.size(), 2u);
}

TEST(OnnxExport, AnOldFileIsReplacedOnlyByACheckedOne) {  // OU20
  ASTROM3_NEEDS_ONNX();
  const TemporaryFolder out;
  write_file(out / "astrom3.onnx", "old");
  Checkpoint broken = *load_checkpoint(kGolden / "tiny");
  // Infinite weights: the file's numbers cannot agree with the engine's, and the self-check must see it.
  broken.tensors.at("encoder.norm.weight").data.assign(32, INFINITY);
  const Diagnostic refused =
      rejection_of([&] { export_onnx(std::make_shared<const Checkpoint>(broken), out / "astrom3.onnx"); });
  EXPECT_EQ(refused.code, Status::internal);
  EXPECT_TRUE(contains(refused.message, "self-check"));
  EXPECT_EQ(read_file(out / "astrom3.onnx"), "old");
  EXPECT_EQ(std::distance(fs::directory_iterator(out.path()), fs::directory_iterator()), 1)
      << "nothing else is left";
}

TEST(OnnxExport, AMissingFolderIsRefusedBeforeAnyWork) {
  ASTROM3_NEEDS_ONNX();
  const TemporaryFolder out;
  const Diagnostic refused =
      rejection_of([&] { export_onnx(load_checkpoint(kGolden / "tiny"), out / "none/astrom3.onnx"); });
  EXPECT_EQ(refused.code, Status::output_error);
}

TEST(ModelCard, LiesBesideTheFileAndStatesLicenceScalingAndAttention) {
  ASTROM3_NEEDS_ONNX();
  const TemporaryFolder out;
  const OnnxExportReport report = export_onnx(load_checkpoint(kGolden / "tiny"), out / "tiny.onnx");
  EXPECT_EQ(report.card, out / "README.md");
  const std::string card = read_file(out / "README.md");
  for (const char* part : {"---\n# Written by", "license: other", "tiny.onnx", "z-scores", "0.487811",
                           "1.061539", "probsparse", "arXiv:2411.08842"}) {
    EXPECT_TRUE(contains(card, part));
  }
}

TEST(ModelCard, OfThePublishedWeightsNamesTheirLicenceClassesAndBand) {
  Checkpoint checkpoint;
  checkpoint.sha256 = "05d5f0b8debb292a8b43095cd5c2ed15625c11365a37494d359cbf600565831d";
  const std::string card = model_card(checkpoint, "astrom3.onnx", true);
  for (const char* part : {"license: cc-by-4.0", "base_model: AstroMLCore/AstroM3-CLIP-photo", "V band",
                           "Rizhko", "DSCT, EA, EB, EW, HADS, M, ROT, RRAB, RRC, SR"}) {
    EXPECT_TRUE(contains(card, part));
  }
}

/// The card of tiny's weights with `metadata`, from a folder that holds `readme`.
std::string card_of(std::map<std::string, std::string> metadata, std::string_view readme,
                    const char* name = "README.md") {
  const TemporaryFolder folder;
  if (!readme.empty()) write_file(folder / name, readme);
  Checkpoint checkpoint = *load_checkpoint(kGolden / "tiny");
  checkpoint.directory = folder.path();
  checkpoint.metadata.merge(metadata);
  return model_card(checkpoint, "astrom3.onnx", false);
}

TEST(ModelCard, TakesTheLicenceFromTheWeightsElseFromTheCardBesideThem) {
  const std::string beside =
      "---\nlanguage: en\ntags:\n- license: no\nlicense: mit  # ours\nattribution: \"A & B\"\n---\n# x\n";
  EXPECT_TRUE(contains(card_of({}, beside), "\nlicense: mit\nattribution: 'A & B'\n"));
  EXPECT_TRUE(contains(card_of({}, beside), "The weights are under mit; credit: A & B."));
  EXPECT_TRUE(contains(card_of({}, beside, "MODEL_CARD.md"), "The weights are under mit; credit: A & B."));
  EXPECT_TRUE(contains(card_of({{"astrom3.license", "cc-by-4.0"}}, beside), "\nlicense: cc-by-4.0\n"));
  EXPECT_TRUE(contains(card_of({}, "---\nlicense: other\nlicense_name: 'Tom''s: own'\n---\n"),
                       "\nlicense: other\nlicense_name: 'Tom''s: own'\n"));
  const char* const unstated = "license_name: not-stated-by-the-checkpoint\n";
  for (const char* readme : {"", "# no front matter\nlicense: mit\n", "---\nlicense: mit\nnever closed\n",
                             "---\nlicense: other\nlicense_name: not-stated-by-the-checkpoint\n---\n"}) {
    EXPECT_TRUE(contains(card_of({}, readme), unstated)) << readme;
  }
}

TEST(ModelCard, AValueCannotAddLinesToItsHead) {
  const std::string card = card_of({{"astrom3.license", "x\nlibrary_name: evil"}}, "");
  EXPECT_TRUE(contains(card, "license_name: 'x\\x0alibrary_name: evil'\n"));
}

TEST(ModelCard, SpeaksOfTheScalingThatTheCheckpointHas) {
  Checkpoint checkpoint = *load_checkpoint(kGolden / "tiny");
  EXPECT_TRUE(contains(model_card(checkpoint, "a.onnx", false), "a perfect score of 1 becomes 1.181."));
  checkpoint.scaling = published_scaling();
  checkpoint.scaling->std[3] = 0.1;
  EXPECT_TRUE(contains(model_card(checkpoint, "a.onnx", false), "a perfect score of 1 becomes 1.633."));
  checkpoint.scaling = no_scaling();
  const std::string raw = model_card(checkpoint, "a.onnx", false);
  EXPECT_TRUE(contains(raw, "Channels 3 to 6 are raw values"));
  EXPECT_FALSE(contains(raw, "z-scores"));
}

TEST(ModelCard, ReplacesItsOwnKindAndNoOther) {
  ASTROM3_NEEDS_ONNX();
  const TemporaryFolder out;
  const auto checkpoint = load_checkpoint(kGolden / "tiny");
  export_onnx(checkpoint, out / "a.onnx");
  export_onnx(checkpoint, out / "a.onnx");  // again: the card is ours
  write_file(out / "README.md", "# somebody's own\n");
  const Diagnostic refused = rejection_of([&] { export_onnx(checkpoint, out / "b.onnx"); });
  EXPECT_EQ(refused.code, Status::output_error);
  EXPECT_FALSE(fs::exists(out / "b.onnx"));
  EXPECT_EQ(read_file(out / "README.md"), "# somebody's own\n");
  export_onnx(checkpoint, out / "b.onnx", {.card = out / "b.md"});
  EXPECT_TRUE(fs::exists(out / "b.md"));
  export_onnx(checkpoint, out / "c.onnx", {.write_card = false});
}

}  // namespace
}  // namespace astrom3
