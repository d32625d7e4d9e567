// SPDX-License-Identifier: MIT
#include "training/run_folder.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <span>
#include <string>
#include <system_error>
#include <utility>

#include "base/atomic_file.h"
#include "base/regular_file.h"
#include "formats/json.h"
#include "formats/safetensors.h"

namespace astrom3::training {
namespace {

namespace fs = std::filesystem;

constexpr std::array<std::string_view, 10> kNames{
    "run.json",    "state.safetensors", "cache.safetensors", "model.safetensors", "config.json",
    "metrics.csv", "metrics.svg",       "report.json",       "objects.csv",       "rejects.jsonl"};
constexpr std::string_view kScaling = "preprocessor_config.json";
constexpr std::size_t kColumns = 8;  // of the tensor "epochs"
constexpr std::size_t kMaxRunBytes = 16 << 20;

[[noreturn]] void fail(const fs::path& file, std::string message, Hint hint = {}) {
  throw Error(Diagnostic{.code = Status::output_error,
                         .file = file.string(),
                         .message = std::move(message),
                         .hint = std::move(hint)});
}

/// A file this module writes, or what a killed one left of it.
bool is_ours(const std::string& name) {
  const std::string_view stem = std::string_view(name).substr(0, name.find(".tmp."));
  return stem == kScaling || std::find(kNames.begin(), kNames.end(), stem) != kNames.end();
}

void remove_file(const fs::path& file) {
  std::error_code error;
  fs::remove(file, error);
  if (error) fail(file, "cannot remove: " + error.message());
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

RunFolder::RunFolder(fs::path path, bool resume, bool force) : path_(std::move(path)) {
  if (path_.filename().empty()) path_ = path_.parent_path();  // "out/" is "out"
  std::error_code error;
  fs::create_directories(path_, error);
  if (error) fail(path_, "cannot create this folder: " + error.message());
  lock_.emplace(path_);
  std::vector<fs::path> found;
  for (fs::directory_iterator it(path_, error), end; !error && it != end; it.increment(error)) {
    if (it->path().filename() != FolderLock::kName) found.push_back(it->path());
  }
  if (error) fail(path_, "cannot list this folder: " + error.message());
  const bool is_training = fs::exists(path_ / "run.json", error);
  for (const fs::path& file : found) {
    if (!is_training && !is_ours(file.filename().string()))
      fail(path_,
           fmt::format("holds {}, which is none of a training's files", escaped(file.filename().string())),
           "a training is written into a new folder");
  }
  if (!found.empty() && !resume && !force)
    fail(path_, "this folder is not empty",
         {"{} goes on with the training in it, {} gives it up", {{"resume", "true"}, {"force", "true"}}});
  for (const fs::path& file : found) {
    const std::string name = file.filename().string();
    // The cache is kept: whether it fits is decided by its key.
    if (is_ours(name) && (name.find(".tmp.") != std::string::npos || (force && name != "cache.safetensors")))
      remove_file(file);
  }
}

void RunFolder::claim(const Identity& run) {
  std::string text = "{\n";
  for (const auto& [key, value] : run)
    text += fmt::format("  {}: {}{}\n", json_quoted(key), json_quoted(value),
                        &value == &run.back().second ? "" : ",");
  text += "}\n";
  const fs::path file = path_ / "run.json";
  std::error_code error;
  if (!fs::exists(file, error)) return write_text("run.json", text);
  const JsonValue stored = parse_json(read_text_file(file, kMaxRunBytes, Status::output_error),
                                      {.code = Status::output_error, .file = file.string()});
  std::string differences;
  for (const auto& [key, value] : run) {
    const JsonValue* before = stored.find(key);
    const std::string was = before == nullptr ? "(not there)" : before->text;
    if (was != value)
      differences += fmt::format("\n  {}: was {}, is {}", key, escaped(was, 400), escaped(value, 400));
  }
  if (!differences.empty())
    fail(path_,
         "this folder holds another training, which cannot be resumed with what is asked for now:" +
             differences,
         {"{} gives it up and begins anew", {{"force", "true"}}});
}

std::optional<SavedState> RunFolder::load_state() const {
  const fs::path file = path_ / "state.safetensors";
  std::error_code error;
  if (!fs::exists(file, error)) return std::nullopt;
  SavedState state;
  std::size_t model_epoch = 0;
  try {
    state = state_of(SafetensorsFile::open(file));
    const SafetensorsFile model = SafetensorsFile::open(path_ / "model.safetensors");
    if (const auto epoch = model.metadata().find("astrom3.epoch"); epoch != model.metadata().end())
      model_epoch = std::stoul(epoch->second);
  } catch (const std::exception& problem) {
    fail(file, fmt::format("the training cannot be resumed: {}", problem.what()),
         {"{} begins anew", {{"force", "true"}}});
  }
  // model.safetensors is written before the state, so it may be ahead and never behind.
  if (model_epoch < best_of(state.epochs))
    fail(path_ / "model.safetensors", "is not the best epoch of this training",
         {"{} begins anew", {{"force", "true"}}});
  return state;
}

void RunFolder::save_state(const SavedState& state) const {
  const auto n = [](std::size_t size) { return static_cast<std::int64_t>(size); };
  std::vector<TensorDeclaration> declarations{{"epochs", "F64", {n(state.epochs.size()), n(kColumns)}}};
  for (const auto& [name, tensor] : state.tensors) declarations.push_back({name, "F32", tensor.shape});
  SafetensorsWriter writer(path_ / "state.safetensors", declarations, {});
  for (const EpochMetrics& epoch : state.epochs) {
    const std::array<double, kColumns> row = row_of(epoch);
    writer.write(std::as_bytes(std::span<const double>(row)));
  }
  for (const auto& [name, tensor] : state.tensors) writer.write(std::span<const float>(tensor.data));
  writer.commit();
}

void RunFolder::write_text(const char* name, std::string_view text) const {
  AtomicFile file(path_ / name);
  file.write(text);
  file.commit();
}

}  // namespace astrom3::training
