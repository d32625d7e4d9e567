// SPDX-License-Identifier: MIT
#include <gtest/gtest.h>

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstring>
#include <filesystem>
#include <limits>
#include <string>
#include <vector>

#include "astrom3/encoder/checkpoint.h"
#include "encoder/checkpoint_layout.h"
#include "formats/half.h"
#include "formats/safetensors.h"
#include "tests/base/file_contents.h"
#include "tests/base/rejection.h"
#include "tests/base/temporary_folder.h"
#include "tests/formats/safetensors_bytes.h"

namespace astrom3 {
namespace {

const std::filesystem::path kTiny = std::filesystem::path(ASTROM3_TEST_DATA) / "tiny";
const std::string kConv1 = "encoder.attn_layers.0.conv1.weight";
const std::string kPositions = "enc_embedding.position_embedding.pe";

/// The tiny checkpoint, taken apart.
const SafetensorsParts& tiny() {
  static const SafetensorsParts kParts = [] {
    const SafetensorsFile file = SafetensorsFile::open(kTiny / "model.safetensors");
    SafetensorsParts parts{.metadata = file.metadata(), .parts = {}};
    for (const std::string& name : file.names()) {
      const TensorView view = file.at(name);
      parts.parts.push_back({name,
                             view.entry->dtype_name,
                             view.shape(),
                             {reinterpret_cast<const char*>(view.bytes.data()), view.bytes.size()}});
    }
    return parts;
  }();
  return kParts;
}

/// A folder with config.json and model.safetensors; by default the tiny checkpoint.
class CheckpointFolder {
 public:
  explicit CheckpointFolder(const SafetensorsParts& parts = tiny()) : CheckpointFolder(parts.bytes()) {}
  explicit CheckpointFolder(const std::string& weights) {
    write_file(folder_ / "model.safetensors", weights);
    write_file(folder_ / "config.json", read_file(kTiny / "config.json"));
  }
  const std::filesystem::path& path() const { return folder_.path(); }
  std::filesystem::path weights() const { return folder_ / "model.safetensors"; }

  std::shared_ptr<const Checkpoint> load(const CheckpointOptions& options = {}) const {
    return load_checkpoint(path(), options);
  }
  Diagnostic rejected(const CheckpointOptions& options = {}) const {
    const Diagnostic diagnostic = rejection_of([&] { load(options); });
    EXPECT_EQ(diagnostic.code, Status::bad_model);
    EXPECT_EQ(diagnostic.file, weights().string());
    return diagnostic;
  }

 private:
  TemporaryFolder folder_;
};

/// The tiny checkpoint after `change`.
template <typename Change>
SafetensorsParts changed(Change change) {
  SafetensorsParts parts = tiny();
  change(parts);
  return parts;
}

void set_float(SafetensorsParts::Part& part, std::size_t index, float value) {
  std::memcpy(part.data.data() + index * sizeof value, &value, sizeof value);
}

std::vector<float> floats(const SafetensorsParts::Part& part) {
  std::vector<float> values(part.data.size() / sizeof(float));
  std::memcpy(values.data(), part.data.data(), part.data.size());
  return values;
}

/// The messages of the warnings about `tensor`, joined.
std::string warnings_of(const Checkpoint& checkpoint, const std::string& tensor = {}) {
  std::string out;
  for (const Diagnostic& warning : checkpoint.warnings) {
    if (tensor.empty() || warning.column == tensor) out += warning.message + "\n";
  }
  return out;
}

// What a good checkpoint gives.

TEST(Checkpoint, HoldsTensorsShapesMetadataAndIdentity) {
  const auto checkpoint = load_checkpoint(kTiny);
  EXPECT_EQ(checkpoint->tensors.size(), 38u);  // 4 + 16 * 2 layers + head
  EXPECT_TRUE(checkpoint->warnings.empty()) << warnings_of(*checkpoint);
  EXPECT_TRUE(checkpoint->extra_tensors.empty());
  EXPECT_TRUE(checkpoint->has_head());
  EXPECT_TRUE(checkpoint->is_trained());
  EXPECT_EQ(checkpoint->training_attention(), "probsparse");
  EXPECT_EQ(checkpoint->directory, kTiny);
  EXPECT_EQ(checkpoint->weights_file, kTiny / "model.safetensors");
  EXPECT_EQ(checkpoint->metadata.at("format"), "pt");
  EXPECT_FALSE(checkpoint->scaling.has_value());
  // By hand: token convolution, two layers, the last norm, the head.
  EXPECT_EQ(checkpoint->parameter_count,
            32u * 9 * 3 + 2 * (4 * (32 * 32 + 32) + (64 * 32 + 64) + (32 * 64 + 32) + 4 * 32) + 2 * 32 +
                5 * (40 * 32) + 5);
  for (const SafetensorsParts::Part& part : tiny().parts) {
    const Tensor& tensor = checkpoint->tensors.at(part.name);
    EXPECT_EQ(tensor.shape, part.shape);
    EXPECT_EQ(tensor.data, floats(part)) << part.name;
    EXPECT_EQ(tensor.dtype, "F32");
  }
}

TEST(Checkpoint, HasTheHashOfItsFile) {
  // printf abc | sha256sum; and the file's own as sha256sum prints it
  const auto checkpoint = load_checkpoint(kTiny);
  EXPECT_EQ(checkpoint->sha256.size(), 64u);
  EXPECT_EQ(checkpoint->sha256, "8edc03ce2d2d04326b2f6ad81a594dccc489644d9e14f4b54e12ee96dc678a70");
}

TEST(Checkpoint, IsNamedByDirectoryOrByFileWithTheConfigBesideOrElsewhere) {
  EXPECT_NO_THROW(load_checkpoint(kTiny / "model.safetensors"));
  const TemporaryFolder folder;
  const auto weights = write_file(folder / "w.safetensors", tiny().bytes());
  const Diagnostic missing = rejection_of([&] { load_checkpoint(weights); });
  EXPECT_EQ(missing.code, Status::bad_config);  // CF01
  EXPECT_EQ(missing.file, (folder / "config.json").string());
  EXPECT_TRUE(contains(to_string(missing.hint), "config"));
  EXPECT_NO_THROW(load_checkpoint(weights, {.config = kTiny / "config.json"}));
  EXPECT_EQ(rejection_of([&] { load_checkpoint(weights, {.config = folder / "other.json"}); }).hint.text, "");
  write_file(folder / "config.json", "{}");
  EXPECT_EQ(rejection_of([&] { load_checkpoint(weights); }).hint.text, "");
}

TEST(Checkpoint, LoadsF16AndBf16ByExactWidening) {  // ST22
  for (const std::string& dtype : {std::string("F16"), std::string("BF16")}) {
    const auto widen = dtype == "F16" ? float_of_f16 : float_of_bf16;
    SafetensorsParts parts = tiny();
    std::vector<std::uint16_t> halves(32 * 32);
    for (std::size_t i = 0; i < halves.size(); ++i) {
      halves[i] = static_cast<std::uint16_t>((i * 61) % 0x3C00 + (i % 2 == 0 ? 0x8000 : 0));
    }
    const std::string name = "encoder.attn_layers.1.attention.key_projection.weight";
    parts.at(name).dtype = dtype;
    parts.at(name).data = bytes_of(halves);
    const auto checkpoint = CheckpointFolder(parts).load();
    const Tensor& tensor = checkpoint->tensors.at(name);
    EXPECT_EQ(tensor.dtype, dtype);
    for (std::size_t i = 0; i < halves.size(); ++i) EXPECT_EQ(tensor.data[i], widen(halves[i]));
  }
}

TEST(Checkpoint, RejectsAnInfiniteF16) {  // ST22, ST30
  SafetensorsParts parts = tiny();
  std::vector<std::uint16_t> halves(32, 0x3C00);
  halves[5] = 0xFC00;
  parts.at("encoder.norm.weight").dtype = "F16";
  parts.at("encoder.norm.weight").data = bytes_of(halves);
  EXPECT_EQ(CheckpointFolder(parts).rejected().message, "value [5] is negative infinite");
  halves[4] = 0x7C00;
  parts.at("encoder.norm.weight").data = bytes_of(halves);
  EXPECT_EQ(CheckpointFolder(parts).rejected().message, "value [4] is infinite");
}

TEST(Checkpoint, NarrowsF64WithAWarning) {  // ST23
  const auto checkpoint = load_checkpoint(kTiny / "model_f64.safetensors");
  EXPECT_EQ(warnings_of(*checkpoint), "38 F64 tensors narrowed to float32\n");
  for (const SafetensorsParts::Part& part : tiny().parts) {
    EXPECT_EQ(checkpoint->tensors.at(part.name).data, floats(part)) << part.name;
    EXPECT_EQ(checkpoint->tensors.at(part.name).dtype, "F64");
  }
}

TEST(Checkpoint, RejectsAnF64BeyondFloat32) {  // ST23
  SafetensorsParts parts = tiny();
  std::vector<double> values(32, 1.0);
  values[7] = 1e39;
  parts.at("encoder.norm.weight").dtype = "F64";
  parts.at("encoder.norm.weight").data = bytes_of(values);
  const Diagnostic diagnostic = CheckpointFolder(parts).rejected();
  EXPECT_EQ(diagnostic.column, "encoder.norm.weight");
  EXPECT_EQ(diagnostic.message, "value [7] is 1e+39, which overflows float32");
}

TEST(Checkpoint, NeedsNoHead) {  // ST27, CF15
  const auto checkpoint = load_checkpoint(kTiny / "model_nohead.safetensors");
  EXPECT_FALSE(checkpoint->has_head());
  EXPECT_EQ(checkpoint->tensors.size(), 36u);
  EXPECT_TRUE(contains(warnings_of(*checkpoint), "the model has no head"));
}

TEST(Checkpoint, UsesAHeadThatTheConfigDoesNotMention) {  // ST27, CF15
  const CheckpointFolder folder;
  const std::string config = read_file(kTiny / "config.json");
  write_file(folder.path() / "config.json",
             replaced(config, "\"classification\": true", "\"classification\": false"));
  EXPECT_TRUE(folder.load()->has_head());
  EXPECT_TRUE(contains(warnings_of(*folder.load()), "the head is used"));
  write_file(folder.path() / "config.json", replaced(config, "\"classification\": true,", ""));
  EXPECT_TRUE(folder.load()->has_head());
}

TEST(Checkpoint, ListsAHeadOfAnotherFormWithoutAWarning) {  // ST27
  const auto checkpoint = CheckpointFolder(changed([](auto& parts) {
                            parts.parts.push_back({"fc.extra", "F32", {1}, "1234"});
                          })).load({.strict = true});
  EXPECT_EQ(checkpoint->extra_tensors, std::vector<std::string>{"fc.extra"});
  EXPECT_TRUE(checkpoint->warnings.empty());
}

// Tensors that are not what the config calls for.

TEST(Checkpoint, RejectsTypesThatAreNotWeights) {  // ST24
  for (const char* dtype : {"I8", "U8", "BOOL", "F8_E4M3", "F8_E5M2", "F33", "f32", "I64", "C64"}) {
    SafetensorsParts parts = tiny();
    SafetensorsParts::Part& part = parts.at("encoder.norm.weight");
    part.dtype = dtype;
    const std::size_t size = dtype_size(parse_dtype(dtype));
    part.data = std::string(32 * (size == 0 ? 4 : size), '\1');
    const Diagnostic diagnostic = CheckpointFolder(parts).rejected();
    EXPECT_EQ(diagnostic.column, "encoder.norm.weight");
    EXPECT_EQ(diagnostic.message, "has dtype " + std::string(dtype) + "; need F32, F16, BF16 or F64");
    EXPECT_GT(diagnostic.byte, 0);
  }
}

TEST(Checkpoint, NamesEveryTensorThatIsMissing) {  // ST25
  for (const SafetensorsParts::Part& part : tiny().parts) {
    const Diagnostic diagnostic =
        CheckpointFolder(changed([&](auto& parts) { parts.remove(part.name); })).rejected();
    EXPECT_EQ(diagnostic.message, "1 required tensor is missing: " + part.name);
  }
  const std::string all = CheckpointFolder(std::string(safetensors_bytes("{}"))).rejected().message;
  EXPECT_TRUE(contains(all, "36 required tensors are missing"));
  for (const TensorSpec& spec : encoder_tensors(load_checkpoint(kTiny)->config))
    EXPECT_TRUE(contains(all, spec.name));
}

TEST(Checkpoint, SuggestsTheMisspeltName) {  // ST25
  const Diagnostic diagnostic = CheckpointFolder(changed([](auto& parts) {
                                  parts.at(kConv1).name = "encoder.attn_layers.0.conv1.weigth";
                                })).rejected();
  EXPECT_EQ(diagnostic.message, "1 required tensor is missing: " + kConv1);
  EXPECT_EQ(diagnostic.hint.text,
            "\"encoder.attn_layers.0.conv1.weigth\" is there: did you mean \"" + kConv1 + "\"?");
}

TEST(Checkpoint, HintsAtAPrefixAndStripsIt) {  // ST26
  for (const std::string& prefix : {std::string("model."), std::string("photometry_encoder."),
                                    std::string("module."), std::string("module.model.")}) {
    const CheckpointFolder folder(changed([&](auto& parts) {
      for (auto& part : parts.parts) part.name = prefix + part.name;
      parts.parts.push_back({"spectra_encoder.conv.weight", "F32", {1}, "1234"});
    }));
    const Diagnostic diagnostic = folder.rejected();
    EXPECT_TRUE(contains(diagnostic.message, "36 required tensors are missing"));
    EXPECT_TRUE(contains(to_string(diagnostic.hint), "use key-prefix=" + prefix));
    const auto checkpoint = folder.load({.key_prefix = prefix, .strict = true});
    EXPECT_EQ(checkpoint->tensors.size(), 38u);
    EXPECT_EQ(checkpoint->tensors.count(kConv1), 1u);
    EXPECT_EQ(checkpoint->extra_tensors, std::vector<std::string>{"spectra_encoder.conv.weight"});
  }
  EXPECT_TRUE(
      contains(CheckpointFolder().rejected({.key_prefix = "modle."}).message, "under the prefix \"modle.\""));
}

TEST(Checkpoint, WarnsOfUnexpectedTensorsOrRejectsThemWhenStrict) {  // ST28
  const CheckpointFolder folder(changed([](auto& parts) {
    parts.parts.push_back({"num_batches_tracked", "I64", {}, "12345678"});
    parts.parts.push_back({"encoder.extra", "F33", {5}, "12"});
  }));
  const auto checkpoint = folder.load();
  EXPECT_EQ(checkpoint->extra_tensors, (std::vector<std::string>{"encoder.extra", "num_batches_tracked"}));
  EXPECT_EQ(warnings_of(*checkpoint), "2 unexpected tensors: \"encoder.extra\", \"num_batches_tracked\"\n");
  EXPECT_TRUE(contains(folder.rejected({.strict = true}).message, "2 unexpected tensors"));
}

TEST(Checkpoint, ShowsBothShapesAndTheConfigBehindThem) {  // ST21, ST29, CF16
  for (const SafetensorsParts::Part& part : tiny().parts) {
    const Diagnostic diagnostic =
        CheckpointFolder(changed([&](auto& parts) { parts.at(part.name).shape.push_back(1); })).rejected();
    EXPECT_EQ(diagnostic.column, part.name);
    EXPECT_TRUE(contains(diagnostic.message, "expected shape ["));
    EXPECT_TRUE(contains(diagnostic.message, ",1]"));
  }
  const auto reshaped = [](const std::string& name, std::vector<std::int64_t> shape) {
    return CheckpointFolder(changed([&](auto& parts) {
             std::int64_t count = 1;
             for (const std::int64_t size : shape) count *= size;
             parts.at(name).shape = shape;
             parts.at(name).data.resize(static_cast<std::size_t>(count) * 4);
           }))
        .rejected()
        .message;
  };
  EXPECT_EQ(reshaped(kConv1, {64, 1, 32}),
            "expected shape [64,32,1] (config d_ff=64, d_model=32), found [64,1,32]");
  EXPECT_EQ(reshaped(kConv1, {16, 32, 1}),
            "expected shape [64,32,1] (config d_ff=64, d_model=32), found [16,32,1]");
  EXPECT_EQ(reshaped("encoder.norm.bias", {}), "expected shape [32] (config d_model=32), found []");
  EXPECT_EQ(reshaped("encoder.norm.bias", {1}), "expected shape [32] (config d_model=32), found [1]");
  EXPECT_EQ(reshaped("encoder.norm.bias", {0, 32}), "expected shape [32] (config d_model=32), found [0,32]");
  EXPECT_TRUE(contains(reshaped("fc.weight", {4, 1280}), "config num_classes=5, seq_len=40, d_model=32"));
}

TEST(Checkpoint, SaysWhichWidthTheTensorsHaveWhereTheConfigHasNone) {  // CF19
  const CheckpointFolder folder;
  for (const char* value : {"null", "0"}) {
    write_file(folder.path() / "config.json",
               replaced(read_file(kTiny / "config.json"), "\"d_ff\": 64", "\"d_ff\": " + std::string(value)));
    const Diagnostic diagnostic = rejection_of([&] { folder.load(); });
    EXPECT_EQ(diagnostic.code, Status::bad_config);
    EXPECT_EQ(diagnostic.hint.text, "the tensor " + kConv1 + " has 64 rows: d_ff is 64");
  }
}

// Values.

TEST(Checkpoint, RejectsOneValueThatIsNotFiniteInAnyTensor) {  // ST30
  for (const SafetensorsParts::Part& part : tiny().parts) {
    const std::size_t last = part.data.size() / 4 - 1;
    for (const float value :
         {std::numeric_limits<float>::quiet_NaN(), -std::numeric_limits<float>::infinity()}) {
      const Diagnostic diagnostic = CheckpointFolder(changed([&](auto& parts) {
                                      set_float(parts.at(part.name), last, value);
                                    })).rejected();
      EXPECT_EQ(diagnostic.column, part.name);
      EXPECT_TRUE(contains(diagnostic.message, std::isnan(value) ? "] is NaN" : "] is negative infinite"));
    }
  }
  const CheckpointFolder folder(changed([](auto& parts) { set_float(parts.at(kConv1), 17 * 32 + 3, NAN); }));
  const Diagnostic diagnostic = folder.rejected();
  EXPECT_EQ(diagnostic.message, "value [17,3,0] is NaN");
  // The byte named is the value's first.
  const std::string bytes = read_file(folder.weights());
  float found = 0;
  std::memcpy(&found, bytes.data() + diagnostic.byte, sizeof found);
  EXPECT_TRUE(std::isnan(found));
}

TEST(Checkpoint, WarnsOfWeightsThatLookWrong) {  // ST31
  const auto warnings = [](const std::string& name, auto change) {
    return warnings_of(*CheckpointFolder(changed([&](auto& parts) { change(parts.at(name)); })).load(), name);
  };
  const auto zero = [](auto& part) { std::fill(part.data.begin(), part.data.end(), '\0'); };
  EXPECT_EQ(warnings(kConv1, zero), "all values are zero\n");
  EXPECT_EQ(warnings("encoder.norm.weight", zero), "all values are zero\n");
  EXPECT_EQ(warnings("encoder.norm.bias", zero), "");  // where a LayerNorm starts
  EXPECT_EQ(warnings("encoder.norm.weight", [](auto& part) { set_float(part, 3, 0); }),
            "a LayerNorm weight is zero, at [3]\n");
  EXPECT_EQ(warnings(kConv1, [](auto& part) { set_float(part, 3, -10001); }),
            "the largest magnitude is 1e+04, beyond 1e4\n");
  EXPECT_EQ(warnings(kConv1, [](auto& part) { set_float(part, 3, 9999); }), "");
}

TEST(Checkpoint, WarnsOfAPositionBufferThatIsNotTheFormulaAndUsesIt) {  // ST32
  const auto with_value = [](std::size_t row, std::size_t column, float change) {
    return CheckpointFolder(changed([&](auto& parts) {
             auto& part = parts.at(kPositions);
             set_float(part, row * 32 + column, floats(part)[row * 32 + column] + change);
           }))
        .load();
  };
  const auto checkpoint = with_value(7, 2, 0.01f);
  EXPECT_TRUE(contains(warnings_of(*checkpoint, kPositions), "(row 7); the stored buffer is used"));
  EXPECT_NE(checkpoint->tensors.at(kPositions).data[7 * 32 + 2], floats(tiny().at(kPositions))[7 * 32 + 2]);
  EXPECT_EQ(warnings_of(*with_value(0, 1, 5e-6f)), "");
  EXPECT_NE(warnings_of(*with_value(0, 1, 2e-5f)), "");
  EXPECT_EQ(warnings_of(*with_value(40, 1, 0.01f)), "");  // beyond seq_len: never used
}

TEST(Checkpoint, AllowsForTheRoundingOfAHalfPrecisionPositionBuffer) {  // ST32
  SafetensorsParts parts = tiny();
  std::vector<std::uint16_t> halves;
  for (const float value : floats(parts.at(kPositions))) {
    const std::uint32_t bits = std::bit_cast<std::uint32_t>(value) + 0x8000u;  // to nearest
    halves.push_back(static_cast<std::uint16_t>(bits >> 16));
  }
  parts.at(kPositions).dtype = "BF16";
  parts.at(kPositions).data = bytes_of(halves);
  EXPECT_EQ(warnings_of(*CheckpointFolder(parts).load()), "");
  // The same numbers, widened again by whoever stored them.
  std::vector<float> widened;
  for (const std::uint16_t half : halves) widened.push_back(float_of_bf16(half));
  parts.at(kPositions).dtype = "F32";
  parts.at(kPositions).data = bytes_of(widened);
  EXPECT_EQ(warnings_of(*CheckpointFolder(parts).load()), "");
  widened[7 * 32 + 2] += 0x1p-20f;  // a number of float32 alone
  parts.at(kPositions).data = bytes_of(widened);
  EXPECT_NE(warnings_of(*CheckpointFolder(parts).load()), "");
}

// The file as a whole.

TEST(Checkpoint, ReadsDataAtAnyAlignment) {  // ST34, ST09
  for (std::size_t spaces = 1; spaces < 4; ++spaces) {
    std::string bytes = tiny().bytes();
    std::uint64_t length = 0;
    std::memcpy(&length, bytes.data(), 8);
    bytes = length_bytes(length + spaces) + bytes.substr(8, length) + std::string(spaces, ' ') +
            bytes.substr(8 + length);
    EXPECT_EQ(CheckpointFolder(bytes).load()->tensors.at(kConv1).data, floats(tiny().at(kConv1)));
  }
}

TEST(Checkpoint, PassesOnWhatTheSafetensorsReaderSays) {  // ST01-ST20 are tests of the reader
  EXPECT_TRUE(contains(CheckpointFolder(std::string()).rejected().message, "file is 0 bytes"));
  EXPECT_TRUE(contains(CheckpointFolder(tiny().bytes() + "xx").rejected().message, "the data section is"));
  const std::string whole = tiny().bytes();
  EXPECT_TRUE(contains(CheckpointFolder(whole.substr(0, whole.size() - 2)).rejected().message,
                       "the data section is"));
  EXPECT_TRUE(contains(
      CheckpointFolder(std::string("version https://git-lfs.github.com/spec/v1\n")).rejected().message,
      "this is a Git LFS pointer, not the weights"));
}

TEST(Checkpoint, IsNotLookedForInWhatIsNoRegularFile) {  // ST38
  EXPECT_EQ(rejection_of([] { load_checkpoint("/dev/zero"); }).message, "is a device, not a regular file");
  EXPECT_EQ(rejection_of([] { load_checkpoint("/nonexistent"); }).message,
            "cannot open: No such file or directory");
  const TemporaryFolder folder;
  std::filesystem::create_directory(folder / "model.safetensors");
  EXPECT_EQ(rejection_of([&] { load_checkpoint(folder.path()); }).message,
            "is a directory, not a regular file");
}

TEST(Checkpoint, SaysThatShardsAndPicklesAreNotRead) {  // ST40, ST37
  const TemporaryFolder folder;
  EXPECT_EQ(rejection_of([&] { load_checkpoint(folder.path()); }).message,
            "the directory has no model.safetensors");
  write_file(folder / "pytorch_model.bin", "PK");
  EXPECT_TRUE(contains(rejection_of([&] { load_checkpoint(folder.path()); }).hint.text,
                       "PyTorch pickle, which is not read (unsafe)"));
  write_file(folder / "model.safetensors.index.json", "{}");
  EXPECT_EQ(rejection_of([&] { load_checkpoint(folder.path()); }).message,
            "sharded checkpoints are not supported");
  EXPECT_EQ(rejection_of([&] { load_checkpoint(folder / "model.safetensors.index.json"); }).message,
            "sharded checkpoints are not supported");
}

TEST(Checkpoint, RejectsAFileThatIsNotTheOneExpected) {  // ST41
  const std::string hash = load_checkpoint(kTiny)->sha256;
  EXPECT_NO_THROW(load_checkpoint(kTiny, {.expected_sha256 = hash}));
  std::string upper = hash;
  std::transform(upper.begin(), upper.end(), upper.begin(),
                 [](unsigned char c) { return static_cast<char>(std::toupper(c)); });
  EXPECT_NO_THROW(load_checkpoint(kTiny, {.expected_sha256 = upper}));
  // One bit, wherever it hits: the length, the header, a mantissa, an exponent.
  const std::string whole = read_file(kTiny / "model.safetensors");
  for (const std::size_t at : {std::size_t{0}, std::size_t{60}, whole.size() / 2, whole.size() - 1}) {
    std::string flipped = whole;
    flipped[at] = static_cast<char>(flipped[at] ^ 0x40);
    const Diagnostic diagnostic = CheckpointFolder(flipped).rejected({.expected_sha256 = hash});
    EXPECT_TRUE(contains(diagnostic.message, "SHA-256 mismatch: expected " + hash)) << at;
  }
  // A file that is the one expected and still unusable is reported as what it is.
  const CheckpointFolder broken(changed([](auto& parts) { set_float(parts.at(kConv1), 0, NAN); }));
  const std::string message = broken.rejected().message;
  EXPECT_EQ(message, "value [0,0,0] is NaN");
}

TEST(Checkpoint, TakesTheScalingBesideIt) {
  const CheckpointFolder folder;
  write_file(folder.path() / "preprocessor_config.json", to_json(published_scaling()));
  ASSERT_TRUE(folder.load()->scaling.has_value());
  EXPECT_EQ(folder.load()->scaling->mean, published_scaling().mean);
  EXPECT_EQ(folder.load()->scaling->source, "checkpoint");
  write_file(folder.path() / "preprocessor_config.json", to_json(no_scaling()));
  EXPECT_TRUE(folder.load()->scaling->none);
  EXPECT_EQ(folder.load()->scaling->source, "none");
  write_file(folder.path() / "preprocessor_config.json", "{}");
  EXPECT_EQ(rejection_of([&] { folder.load(); }).code, Status::bad_scaling);
}

}  // namespace
}  // namespace astrom3
