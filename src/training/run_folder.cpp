// SPDX-License-Identifier: MIT
#include "training/run_folder.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <exception>
#include <filesystem>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

#include "astrom3/base/checkpoint_files.h"
#include "astrom3/base/error.h"
#include "astrom3/sink/file_names.h"
#include "astrom3/sink/sink.h"
#include "astrom3/training/training.h"
#include "base/atomic_file.h"
#include "base/claimed_folder.h"
#include "base/regular_file.h"
#include "formats/json.h"
#include "formats/safetensors.h"
#include "sink/identity.h"

namespace astrom3::training {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kRunFile = "run.json";
constexpr std::string_view kCacheFile = "cache.safetensors";
constexpr std::array<std::string_view, 11> kNames{
    kRunFile,      "state.safetensors", kCacheFile,    kWeightsName, kConfigName, kPreprocessorName,
    "metrics.csv", "metrics.svg",       "report.json", kObjectsName, kRejectsName};
constexpr std::size_t kColumns = 8;  // of the tensor "epochs"
constexpr std::size_t kMaxRunBytes = 16 << 20;

[[noreturn]] void fail(const fs::path& file, std::string message, Hint hint = {}) {
  throw Error(Diagnostic{.code = Status::output_error,
                         .file = file.string(),
                         .message = std::move(message),
                         .hint = std::move(hint)});
}

constexpr std::array kBegins{FileBegin{kRunFile, "{\n  \"astrom3_version\":"}};

bool is_of_a_training(std::string_view name) {
  return std::find(kNames.begin(), kNames.end(), name) != kNames.end();
}

std::array<double, kColumns> row_of(const EpochMetrics& e) {
  return {e.learning_rate,   e.train_loss,          e.train_accuracy,      e.gradient_norm,
          e.validation_loss, e.validation_accuracy, e.validation_macro_f1, e.best ? 1.0 : 0.0};
}

EpochMetrics epoch_of(std::size_t number, std::span<const double> row) {
  return {.epoch = number,
          .learning_rate = row[0],
          .train_loss = row[1],
          .train_accuracy = row[2],
          .gradient_norm = row[3],
          .validation_loss = row[4],
          .validation_accuracy = row[5],
          .validation_macro_f1 = row[6],
          .best = row[7] != 0};
}

std::size_t best_of(std::span<const EpochMetrics> epochs) {
  std::size_t best = 0;
  for (const EpochMetrics& epoch : epochs) {
    if (epoch.best) best = epoch.epoch;
  }
  return best;
}

SavedState state_of(const SafetensorsFile& file) {
  SavedState state;
  for (const std::string& name : file.names()) {
    const TensorView tensor = file.at(name);
    if (name == "epochs") {
      const std::vector<double> rows = to_float64(tensor);
      for (std::size_t i = 0; i + kColumns <= rows.size(); i += kColumns)
        state.epochs.push_back(epoch_of(state.epochs.size() + 1, std::span(rows).subspan(i, kColumns)));
    } else {
      state.tensors[name] = {.shape = tensor.shape(), .data = to_float32(tensor), .dtype = "F32"};
    }
  }
  return state;
}

}  // namespace

// The cache is kept: whether it fits is decided by its key.
RunFolder::RunFolder(fs::path path, bool resume, bool force)
    : folder_({.folder = std::move(path), .resume = resume, .force = force}, {.run = "training",
                                                                              .mark = kRunFile,
                                                                              .is_its = is_of_a_training,
                                                                              .kept = kCacheFile,
                                                                              .begins = kBegins}) {}

void RunFolder::claim(const Identity& run) {
  const fs::path file = folder_ / kRunFile;
  std::error_code error;
  if (!fs::exists(file, error)) return write_text(kRunFile, identity_json(run));
  const JsonValue stored = parse_json(read_text_file(file, kMaxRunBytes, Status::output_error),
                                      {.code = Status::output_error, .file = file.string()});
  const std::string differences = identity_differences(stored, run);
  if (!differences.empty())
    fail(path(),
         "this folder holds another training, which cannot be resumed with what is asked for now:" +
             differences,
         {"{} gives it up and begins anew", {{"force", "true"}}});
}

std::optional<SavedState> RunFolder::load_state() const {
  const fs::path file = folder_ / "state.safetensors";
  std::error_code error;
  if (!fs::exists(file, error)) return std::nullopt;
  SavedState state;
  std::size_t model_epoch = 0;
  try {
    state = state_of(SafetensorsFile::open(file));
    const SafetensorsFile model = SafetensorsFile::open(folder_ / kWeightsName);
    if (const auto epoch = model.metadata().find("astrom3.epoch"); epoch != model.metadata().end())
      model_epoch = std::stoul(epoch->second);
  } catch (const std::exception& problem) {
    fail(file, fmt::format("the training cannot be resumed: {}", problem.what()),
         {"{} begins anew", {{"force", "true"}}});
  }
  // model.safetensors is written before the state, so it may be ahead and never behind.
  if (model_epoch < best_of(state.epochs))
    fail(folder_ / kWeightsName, "is not the best epoch of this training",
         {"{} begins anew", {{"force", "true"}}});
  return state;
}

void RunFolder::save_state(const SavedState& state) const {
  const auto n = [](std::size_t size) { return static_cast<std::int64_t>(size); };
  std::vector<TensorDeclaration> declarations{{"epochs", "F64", {n(state.epochs.size()), n(kColumns)}}};
  for (const auto& [name, tensor] : state.tensors) declarations.push_back({name, "F32", tensor.shape});
  SafetensorsWriter writer(folder_ / "state.safetensors", declarations, {});
  for (const EpochMetrics& epoch : state.epochs) {
    const std::array<double, kColumns> row = row_of(epoch);
    writer.write(std::as_bytes(std::span<const double>(row)));
  }
  for (const auto& [name, tensor] : state.tensors) writer.write(std::span<const float>(tensor.data));
  writer.commit();
}

void RunFolder::write_text(std::string_view name, std::string_view text) const {
  AtomicFile file(folder_.open(), std::string(name));
  file.write(text);
  file.commit();
}

}  // namespace astrom3::training

namespace astrom3 {

std::vector<std::filesystem::path> training_files(const std::filesystem::path& folder) {
  std::vector<std::filesystem::path> files;
  for (const std::string_view name : training::kNames) files.push_back(folder / name);
  return files;
}

}  // namespace astrom3
