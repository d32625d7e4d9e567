// SPDX-License-Identifier: MIT
#include <gtest/gtest.h>

#include <filesystem>
#include <functional>
#include <map>
#include <ostream>
#include <string>

#include "astrom3/encoder/encoder.h"
#include "astrom3/onnx/onnx.h"
#include "onnx/structure.h"
#include "tests/base/file_contents.h"
#include "tests/base/rejection.h"
#include "tests/base/temporary_folder.h"
#include "tests/onnx/onnx_testing.h"

namespace astrom3 {
namespace {

namespace fs = std::filesystem;

const fs::path kGolden = ASTROM3_TEST_DATA;
const fs::path kShared = ASTROM3_SHARED_DIR;
constexpr const char* kPositions = "enc_embedding.position_embedding.pe";

/// Every weight of `imported` is that of `original`, bit by bit; rows of the position buffer beyond T, which
/// are never used and which a file need not hold, to float32's precision of the formula.
void expect_same_weights(const Checkpoint& imported, const Checkpoint& original) {
  for (const auto& [name, tensor] : imported.tensors) {
    const Tensor& expected = original.tensors.at(name);
    ASSERT_EQ(tensor.shape, expected.shape) << name;
    if (name != kPositions) {
      EXPECT_EQ(tensor.data, expected.data) << name;
      continue;
    }
    const auto used = imported.config.seq_len * imported.config.d_model;
    EXPECT_TRUE(std::equal(tensor.data.begin(), tensor.data.begin() + used, expected.data.begin()));
    // An angle of up to 5000 in float32 is off by up to 2.4e-4, and upstream computes it so.
    for (std::size_t i = 0; i < tensor.data.size(); ++i) EXPECT_NEAR(tensor.data[i], expected.data[i], 5e-4);
  }
}

class EveryExporter : public testing::TestWithParam<const char*> {};

TEST_P(EveryExporter, GivesBackTheWeightsAndTheGoldenNumbers) {
  ASTROM3_NEEDS_ONNX();
  const std::string name = GetParam();
  const TemporaryFolder out;
  const OnnxImportReport report = import_onnx(kGolden / "onnx" / (name + ".onnx"), out / "checkpoint");
  EXPECT_TRUE(report.was_run);
  EXPECT_LE(report.largest_difference, 1e-5);
  EXPECT_TRUE(report.warnings.empty());
  EXPECT_EQ(report.producer.substr(0, 7), "pytorch");

  const auto original = load_checkpoint(kGolden / "tiny");
  const auto imported = load_checkpoint(out / "checkpoint", {.strict = true});
  const bool relu = name.ends_with("relu");
  EXPECT_EQ(imported->config.activation, relu ? Activation::relu : Activation::gelu);
  EXPECT_EQ(imported->config.n_heads, original->config.n_heads);
  EXPECT_EQ(imported->config.d_ff, original->config.d_ff);
  EXPECT_EQ(imported->config.e_layers, original->config.e_layers);
  EXPECT_EQ(imported->config.seq_len, original->config.seq_len);
  EXPECT_EQ(imported->has_head(), name.ends_with("_17") || name.ends_with("_18"));
  expect_same_weights(*imported, *original);
  if (relu) return;  // the golden numbers are gelu's

  const GoldenCases cases(kGolden / "tiny");
  const std::vector<double> golden = cases.array("sequence").reals;
  std::vector<float> sequence(golden.size());
  Encoder(imported).encode(to_float32(cases.file.at("x_enc")), to_float32(cases.file.at("mask")),
                           {.mean = {}, .sequence = sequence, .logits = {}});
  EXPECT_LE(largest_difference({sequence.begin(), sequence.end()}, golden), 1e-5);
}

INSTANTIATE_TEST_SUITE_P(OnnxImport, EveryExporter,
                         testing::Values("script_13_relu", "script_14", "script_17", "dynamo_18", "dynamo_20",
                                         "dynamo_23"),
                         [](const auto& test) { return std::string(test.param); });

/// Operators of a file, and the number of its weights that are stored as [in, out], as MatMul wants them.
struct Contents {
  std::map<std::string, int> ops;
  int n_transposed = 0;
};

Contents contents_of(const std::string& name) {
  const OnnxGraph graph = read_onnx(kGolden / "onnx" / (name + ".onnx"));
  std::map<std::string, const OnnxTensor*> stored;
  for (const OnnxTensor& tensor : graph.initializers) stored[tensor.name] = &tensor;
  const auto inner = load_checkpoint(kGolden / "tiny")->config.d_ff;
  Contents contents;
  for (const OnnxNode& node : graph.nodes) {
    ++contents.ops[node.op];
    if (node.op != "MatMul" || !stored.contains(node.inputs[1])) continue;
    // That of conv1 tells which way round they are: the others are square or its mirror.
    contents.n_transposed += stored[node.inputs[1]]->shape == OnnxShape{32, inner} ? 1 : 0;
  }
  return contents;
}

TEST(OnnxImport, TheExportersFilesDifferInWhatTheyAreMadeOf) {
  ASTROM3_NEEDS_ONNX();
  // Feed-forward as convolutions (one for the steps, two a layer), or as products with folded, transposed
  // weights.
  for (const char* name : {"script_17", "dynamo_18", "script_14", "dynamo_23"})
    EXPECT_EQ(contents_of(name).ops["Conv"], 5) << name;
  for (const char* name : {"script_13_relu", "dynamo_20"}) {
    EXPECT_EQ(contents_of(name).ops["Conv"], 1) << name;
    EXPECT_EQ(contents_of(name).n_transposed, 2) << name;
  }
  EXPECT_EQ(contents_of("script_13_relu").ops["LayerNormalization"], 0) << "written out";
  EXPECT_EQ(contents_of("script_14").ops["Erf"], 2) << "gelu written out";
  EXPECT_EQ(contents_of("dynamo_20").ops["Gelu"], 2);
  EXPECT_EQ(contents_of("dynamo_18").ops["Einsum"], 4);
  EXPECT_EQ(contents_of("dynamo_23").ops["Attention"], 2);
  EXPECT_EQ(contents_of("script_17").ops["Gemm"], 1) << "the head";
  // Weights as PyTorch has them, transposed by nodes.
  const int folded = contents_of("script_17").ops["Transpose"];
  EXPECT_EQ(contents_of("script_16_torch_1.13").ops["Transpose"], folded + 8);
}

TEST(OnnxImport, AnExporterThatWrapsWronglyIsNamedAndItsWeightsAreRead) {
  ASTROM3_NEEDS_ONNX();
  const TemporaryFolder out;
  const OnnxImportReport report = import_onnx(kGolden / "onnx/script_16_torch_1.13.onnx", out / "imported");
  EXPECT_EQ(report.producer, "pytorch 1.13.0");
  ASSERT_EQ(report.warnings.size(), 1u);
  EXPECT_TRUE(contains(report.warnings[0].message, "step 0 sees step 38 where training had step 39"));
  EXPECT_TRUE(report.was_run);
  EXPECT_LE(report.largest_difference, 1e-5) << "but for the padding, the file computes the encoder";
  EXPECT_TRUE(report.has_head);
  expect_same_weights(*load_checkpoint(out / "imported"), *load_checkpoint(kGolden / "tiny"));
}

TEST(OnnxImport, AFileOfOursGivesBackTheCheckpoint) {
  ASTROM3_NEEDS_ONNX();
  const TemporaryFolder out;
  EncoderConfig config{.num_classes = 3,
                       .seq_len = 20,
                       .d_model = 16,
                       .dropout = 0.25,
                       .factor = 2,
                       .n_heads = 2,
                       .d_ff = 24,
                       .activation = Activation::relu,
                       .e_layers = 3,
                       .class_names = {"one", "two", "three"}};
  write_random_checkpoint(out / "original", config, 7, published_scaling());
  const auto original = load_checkpoint(out / "original");
  export_onnx(original, out / "a.onnx", {.logits = true});
  import_onnx(out / "a.onnx", out / "imported");
  const auto imported = load_checkpoint(out / "imported", {.strict = true});
  EXPECT_EQ(to_json(imported->config), to_json(config));
  expect_same_weights(*imported, *original);
  EXPECT_EQ(read_file(out / "imported/preprocessor_config.json"),
            read_file(out / "original/preprocessor_config.json"));
  EXPECT_FALSE(imported->is_trained());
  EXPECT_EQ(imported->training_attention(), "full");
}

TEST(OnnxImport, ExportAndImportAgainGiveTheSameFile) {
  ASTROM3_NEEDS_ONNX();
  const TemporaryFolder out;
  export_onnx(load_checkpoint(kGolden / "tiny"), out / "a.onnx", {.logits = true});
  import_onnx(out / "a.onnx", out / "once");
  import_onnx(out / "a.onnx", out / "twice");
  EXPECT_EQ(read_file(out / "once/model.safetensors"), read_file(out / "twice/model.safetensors"));
  EXPECT_EQ(read_file(out / "once/config.json"), read_file(out / "twice/config.json"));
  EXPECT_FALSE(fs::exists(out / "once/preprocessor_config.json")) << "tiny has no scaling of its own";
}

TEST(OnnxImport, FullSizeComesBackBitByBit) {
  ASTROM3_NEEDS_ONNX();
  if (!fs::exists(kShared / "golden/full")) GTEST_SKIP() << "needs shared/golden/full beside the checkout";
  const TemporaryFolder out;
  export_onnx(load_checkpoint(kShared / "golden/full"), out / "a.onnx", {.logits = true});
  const OnnxGraph graph = read_onnx(out / "a.onnx");
  const EncoderStructure found = find_encoder(graph, "a.onnx");
  const auto original = load_checkpoint(kShared / "golden/full");
  EXPECT_EQ(to_json(found.config), to_json(original->config));
  for (const auto& [name, tensor] : found.tensors) {
    if (name == kPositions) continue;
    EXPECT_EQ(tensor.data, original->tensors.at(name).data) << name;
  }
}

// ---- files that are almost right
// ------------------------------------------------------------------------------------

/// tiny as exported, changed by `change` and written again.
fs::path changed_file(const TemporaryFolder& out, const std::function<void(OnnxGraph&)>& change) {
  export_onnx(load_checkpoint(kGolden / "tiny"), out / "a.onnx", {.logits = true, .write_card = false});
  OnnxGraph graph = read_onnx(out / "a.onnx");
  change(graph);
  return write_file(out / "changed.onnx", onnx_module(Status::internal).serialize(graph));
}

OnnxNode& node_named(OnnxGraph& graph, std::string_view name) {
  for (OnnxNode& node : graph.nodes) {
    if (node.name == name) return node;
  }
  throw std::runtime_error("no node " + std::string(name));
}

OnnxTensor& tensor_named(OnnxGraph& graph, std::string_view name) {
  for (OnnxTensor& tensor : graph.initializers) {
    if (tensor.name == name) return tensor;
  }
  throw std::runtime_error("no tensor " + std::string(name));
}

TEST(OnnxImport, AWrongCircularPaddingIsNamedAndTheWeightsAreRead) {
  ASTROM3_NEEDS_ONNX();
  const TemporaryFolder out;
  const fs::path file = changed_file(out, [](OnnxGraph& graph) {
    tensor_named(graph, "embedding/last").integers = {38};
    tensor_named(graph, "embedding/end").integers = {39};
  });
  const OnnxImportReport report = import_onnx(file, out / "imported");
  ASSERT_EQ(report.warnings.size(), 1u);
  EXPECT_TRUE(contains(report.warnings[0].message, "step 0 sees step 38 where training had step 39"));
  EXPECT_TRUE(report.was_run);
  EXPECT_LE(report.largest_difference, 1e-5) << "but for the padding, the file computes the encoder";
  expect_same_weights(*load_checkpoint(out / "imported"), *load_checkpoint(kGolden / "tiny"));
}

struct AlmostRight {
  const char* name;
  std::function<void(OnnxGraph&)> change;
  const char* node;      ///< that the message must name
  const char* expected;  ///< and what it must say

  friend std::ostream& operator<<(std::ostream& out, const AlmostRight& file) { return out << file.name; }
};

class OnnxImportRefuses : public testing::TestWithParam<AlmostRight> {};

TEST_P(OnnxImportRefuses, AndNamesTheNode) {
  ASTROM3_NEEDS_ONNX();
  const TemporaryFolder out;
  const fs::path file = changed_file(out, GetParam().change);
  const Diagnostic refused = rejection_of([&] { import_onnx(file, out / "imported"); });
  EXPECT_EQ(refused.code, Status::bad_model);
  EXPECT_EQ(refused.file, file.string());
  EXPECT_TRUE(contains(refused.message, GetParam().node));
  EXPECT_TRUE(contains(refused.message, GetParam().expected));
  EXPECT_FALSE(fs::exists(out / "imported"));
}

INSTANTIATE_TEST_SUITE_P(
    AlmostRight, OnnxImportRefuses,
    testing::Values(
        AlmostRight{"TanhAsActivation",
                    [](OnnxGraph& g) { node_named(g, "layer1/feed_forward/gelu/erf").op = "Tanh"; },
                    "layer1/feed_forward/gelu/erf", "not part of an encoder"},
        AlmostRight{"ReluWithinGelu",
                    [](OnnxGraph& g) { node_named(g, "layer1/feed_forward/gelu/erf").op = "Relu"; },
                    "layer1/add_feed_forward", "feed-forward: projection, gelu or relu"},
        AlmostRight{"OtherScale", [](OnnxGraph& g) { tensor_named(g, "attention/scale").floats = {0.5F}; },
                    "layer1/attention/mixed", "scores scaled by 0.353553, found 0.5"},
        AlmostRight{"OtherEpsilon",
                    [](OnnxGraph& g) { node_named(g, "sequence").attributes[1].real = 1e-3F; },
                    "\"sequence\"", "the last LayerNorm"},
        AlmostRight{"HeadsNotMovedBack",
                    [](OnnxGraph& g) {
                      node_named(g, "layer0/attention/mixed/steps").attributes[0].integers = {0, 1, 2, 3};
                    },
                    "sequence", "does not compute what the encoder computes"},
        AlmostRight{"OtherPooling",
                    [](OnnxGraph& g) {
                      node_named(g, "pool/seen").inputs = {"sequence", "sequence"};
                    },
                    "mean", "does not compute what the encoder computes"},
        AlmostRight{"NanWeight", [](OnnxGraph& g) { tensor_named(g, "encoder.norm.bias").floats[3] = NAN; },
                    "encoder.norm.bias", "not all finite"},
        AlmostRight{"NoSteps",
                    [](OnnxGraph& g) {
                      g.inputs[0].shape[1] = {.size = -1, .name = "steps"};
                      g.inputs[1].shape[1] = {.size = -1, .name = "steps"};
                    },
                    "x_enc", "must state its number of steps"},
        AlmostRight{"OtherInputs", [](OnnxGraph& g) { g.inputs.erase(g.inputs.begin()); }, "x_enc",
                    "expected the inputs"},
        AlmostRight{"NodesOutOfOrder", [](OnnxGraph& g) { std::swap(g.nodes.front(), g.nodes.back()); },
                    "logits", "made by no node before it"},
        AlmostRight{"OneLayerNarrower",
                    [](OnnxGraph& g) {
                      OnnxTensor& weight = tensor_named(g, "encoder.attn_layers.0.conv1.weight.transposed");
                      weight.shape = {32, 32};
                      weight.floats.resize(32 * 32);
                      tensor_named(g, "encoder.attn_layers.0.conv1.bias").shape = {32};
                      tensor_named(g, "encoder.attn_layers.0.conv1.bias").floats.resize(32);
                      OnnxTensor& back = tensor_named(g, "encoder.attn_layers.0.conv2.weight.transposed");
                      back.shape = {32, 32};
                      back.floats.resize(32 * 32);
                    },
                    "layer0/feed_forward/out", "the width of the feed-forward to be 64"}),
    [](const auto& test) { return std::string(test.param.name); });

// ---- files that are no models
// ---------------------------------------------------------------------------------------

std::string refusal_of(std::string_view bytes) {
  const TemporaryFolder out;
  const fs::path file = write_file(out / "bad.onnx", bytes);
  const Diagnostic refused = rejection_of([&] { import_onnx(file, out / "imported"); });
  EXPECT_EQ(refused.code, Status::bad_model);
  EXPECT_EQ(exit_code(refused.code), 4);
  EXPECT_EQ(refused.file, file.string());
  EXPECT_FALSE(fs::exists(out / "imported"));
  return refused.message;
}

TEST(OnnxFile, SaysWhatIsWrongWithIt) {
  ASTROM3_NEEDS_ONNX();
  EXPECT_TRUE(contains(refusal_of(""), "empty"));
  EXPECT_TRUE(contains(refusal_of("<html>captive portal</html>"), "not an ONNX file"));
  EXPECT_TRUE(contains(refusal_of(read_file(kGolden / "tiny/model.safetensors")), "ONNX"));
  EXPECT_TRUE(contains(refusal_of(std::string("\x08\x08", 2)), "holds no graph"));
}

TEST(OnnxFile, ACutOneIsRefusedWhereverItWasCut) {
  ASTROM3_NEEDS_ONNX();
  const std::string whole = read_file(kGolden / "onnx/dynamo_20.onnx");
  for (std::size_t length = 1; length < whole.size(); length += 997)
    EXPECT_FALSE(refusal_of(std::string_view(whole).substr(0, length)).empty()) << length;
}

TEST(OnnxFile, AMissingOneIsABadModel) {
  ASTROM3_NEEDS_ONNX();
  const TemporaryFolder out;
  const Diagnostic refused = rejection_of([&] { import_onnx(out / "none.onnx", out / "imported"); });
  EXPECT_EQ(refused.code, Status::bad_model);
}

TEST(OnnxFile, ManyEmptyNodesAreRefusedBeforeTheyBecomeObjects) {
  // A million empty nodes are 2 MB here and some 200 MB as messages.
  std::string graph;
  for (int i = 0; i < 1'100'000; ++i) graph += std::string("\x0a\x00", 2);
  std::string model = "\x3a";
  for (std::size_t rest = graph.size(); rest > 0; rest >>= 7)
    model += static_cast<char>((rest & 0x7f) | (rest > 0x7f ? 0x80 : 0));
  const Diagnostic refused = rejection_of([&] { require_moderate_message(model + graph, "bomb.onnx"); });
  EXPECT_TRUE(contains(refused.message, "more than 1000000 fields"));
}

TEST(OnnxFile, DeepNestingIsRefusedBeforeItBecomesRecursion) {
  std::string message;  // attribute -> graph -> node -> attribute -> ...
  for (int i = 0; i < 100; ++i) {
    for (const char* tag : {"\x32", "\x2a", "\x0a"}) {
      std::string length;
      for (std::size_t rest = message.size();; rest >>= 7) {
        length += static_cast<char>((rest & 0x7f) | (rest > 0x7f ? 0x80 : 0));
        if (rest <= 0x7f) break;
      }
      message = tag + length + message;
    }
  }
  std::string length;
  for (std::size_t rest = message.size();; rest >>= 7) {
    length += static_cast<char>((rest & 0x7f) | (rest > 0x7f ? 0x80 : 0));
    if (rest <= 0x7f) break;
  }
  const Diagnostic refused =
      rejection_of([&] { require_moderate_message("\x3a" + length + message, "deep.onnx"); });
  EXPECT_TRUE(contains(refused.message, "nested more than 64 deep"));
}

TEST(OnnxFile, ATensorNeedsAsManyValuesAsItsShapeSays) {
  ASTROM3_NEEDS_ONNX();
  const TemporaryFolder out;
  const fs::path file =
      changed_file(out, [](OnnxGraph& g) { tensor_named(g, "encoder.norm.bias").floats.pop_back(); });
  const Diagnostic refused = rejection_of([&] { import_onnx(file, out / "imported"); });
  EXPECT_EQ(refused.column, "encoder.norm.bias");
  EXPECT_TRUE(contains(refused.message, "124 bytes of values, its shape needs 128"));
}

TEST(OnnxFile, AnUnboundedExpansionIsRefused) {
  ASTROM3_NEEDS_ONNX();
  const TemporaryFolder out;
  const fs::path file = changed_file(out, [](OnnxGraph& g) {
    g.initializers.push_back(
        {.name = "huge", .type = OnnxType::int64, .shape = {3}, .integers = {99999, 99999, 99}});
    g.nodes.insert(g.nodes.begin(),
                   {.name = "bomb", .op = "Expand", .inputs = {"one", "huge"}, .outputs = {"bomb"}});
  });
  const Diagnostic refused = rejection_of([&] { import_onnx(file, out / "imported"); });
  EXPECT_EQ(refused.code, Status::bad_model);
  EXPECT_TRUE(contains(refused.message, "bomb"));
}

TEST(OnnxImport, WritesIntoANewOrEmptyDirectoryOnly) {
  ASTROM3_NEEDS_ONNX();
  const TemporaryFolder out;
  write_file(out / "mine.txt", "x");
  const Diagnostic refused = rejection_of([&] { import_onnx(kGolden / "onnx/dynamo_20.onnx", out.path()); });
  EXPECT_EQ(refused.code, Status::output_error);
  fs::create_directory(out / "empty");
  import_onnx(kGolden / "onnx/dynamo_20.onnx", out / "empty");
  EXPECT_TRUE(fs::exists(out / "empty/model.safetensors"));
}

TEST(OnnxImport, MetadataThatDoNotFitTheGraphAreIgnoredWithAWord) {
  ASTROM3_NEEDS_ONNX();
  for (const char* config :
       {"{", "{\"d_model\": 64}", R"({"classification": true, "num_classes": 5, "seq_len": 41,
       "enc_in": 9, "d_model": 32, "factor": 1, "n_heads": 4, "d_ff": 64, "activation": "gelu", "e_layers": 2})"}) {
    const TemporaryFolder out;
    const fs::path file = changed_file(out, [&](OnnxGraph& g) {
      for (auto& [key, value] : g.metadata) {
        if (key == "config") value = config;
        if (key == "scaling") value = "nonsense";
        if (key == "scaling_source") value = "checkpoint";
      }
    });
    const OnnxImportReport report = import_onnx(file, out / "imported");
    EXPECT_EQ(report.warnings.size(), 2u) << config;
    EXPECT_EQ(report.config.seq_len, 40);
    EXPECT_FALSE(fs::exists(out / "imported/preprocessor_config.json"));
  }
}

}  // namespace
}  // namespace astrom3
