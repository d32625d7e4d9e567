// SPDX-License-Identifier: MIT
//
// Loading a checkpoint: one pass over the weights, hashed, widened and checked piece by piece.
#include "astrom3/encoder/checkpoint.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <new>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

#include "astrom3/base/error.h"
#include "astrom3/base/stop_scope.h"
#include "astrom3/features/scaling.h"
#include "base/joined.h"
#include "base/regular_file.h"
#include "base/sha256.h"
#include "encoder/checkpoint_layout.h"
#include "encoder/tensor_match.h"
#include "encoder/tensor_values.h"
#include "formats/safetensors.h"

namespace astrom3 {
namespace {

namespace fs = std::filesystem;

// A piece stays in the CPU's cache between reading, hashing, widening and checking.
// A multiple of every element size, so that no element straddles two pieces.
constexpr std::size_t kPieceBytes = std::size_t{1} << 18;

[[noreturn]] void fail_model(const fs::path& file, std::string message, Hint hint = {}) {
  throw Error(Diagnostic{.code = Status::bad_model,
                         .file = file.string(),
                         .message = std::move(message),
                         .hint = std::move(hint)});
}

bool is_present(const fs::path& path) {
  std::error_code ignored;
  return fs::exists(fs::symlink_status(path, ignored));
}

constexpr std::string_view kSharded = "sharded checkpoints are not supported";
constexpr std::string_view kMerge = "merge the shards into one model.safetensors";

/// The weights behind what the user named: a directory's model.safetensors, or the file itself.
fs::path find_weights(const fs::path& model) {
  std::error_code ignored;
  if (!fs::is_directory(model, ignored)) {
    if (model.string().ends_with(".safetensors.index.json")) {
      fail_model(model, std::string(kSharded), std::string(kMerge));
    }
    return model;
  }
  const fs::path weights = model / "model.safetensors";
  if (is_present(weights)) return weights;
  if (is_present(model / "model.safetensors.index.json")) {
    fail_model(model / "model.safetensors.index.json", std::string(kSharded), std::string(kMerge));
  }
  const bool has_pickle = is_present(model / "pytorch_model.bin");
  fail_model(model, "the directory has no model.safetensors",
             has_pickle
                 ? "pytorch_model.bin is a PyTorch pickle, which is not read (unsafe): save the model as "
                   "safetensors"
                 : "");
}

/// The weights file while it is being read: its header, and the hash of what has been read.
class WeightsReader {
 public:
  explicit WeightsReader(const fs::path& path) : file_(path, Status::bad_model) {
    std::vector<std::byte> head(static_cast<std::size_t>(std::min<std::uint64_t>(file_.size(), 64)));
    file_.read_at(0, head);
    const std::size_t length = safetensors_header_length(head, file_.size(), path.string());
    std::string text(length, '\0');
    file_.read_at(8, std::as_writable_bytes(std::span(text)));
    hash_.update(std::span(head).first(8));
    hash_.update(std::as_bytes(std::span(text)));
    header_ = parse_safetensors_header(text, file_.size(), path.string());
  }

  const SafetensorsHeader& header() const { return header_; }

  /// Reads the whole data section in file order; `wanted` finds what to do with a tensor (or null).
  /// The first value that cannot be used is kept, so that the hash still covers the whole file.
  template <typename Wanted>
  void read_data(Wanted wanted) {
    std::vector<std::byte> piece(kPieceBytes);
    for (const TensorEntry& entry : header_.tensors) {
      TensorValues* values = wanted(entry);
      for (std::uint64_t done = 0; done < entry.byte_size;) {
        throw_if_stopped();  // tensors that are not used may be of any size
        const auto bytes = std::span(piece).first(
            static_cast<std::size_t>(std::min<std::uint64_t>(kPieceBytes, entry.byte_size - done)));
        file_.read_at(entry.file_offset + done, bytes);
        hash_.update(bytes);
        if (values != nullptr) values->append(bytes);
        done += bytes.size();
      }
    }
    file_.require_unchanged();
  }

  std::string finish_hash() { return hash_.finish_hex(); }

 private:
  RegularFile file_;
  SafetensorsHeader header_;
  Sha256 hash_;
};

/// Loads one checkpoint; the steps in order are load().
class Loader {
 public:
  Loader(const fs::path& model, const CheckpointOptions& options) : options_(options) {
    checkpoint_->weights_file = find_weights(model);
    checkpoint_->key_prefix = options.key_prefix;
    checkpoint_->directory = checkpoint_->weights_file.parent_path();
  }

  std::shared_ptr<const Checkpoint> load() {
    WeightsReader reader(checkpoint_->weights_file);
    read_config(reader.header());
    const TensorMatch match =
        match_tensors(reader.header(), checkpoint_->config, options_.key_prefix, weights_name());
    report_extra(match);
    report_head(match);
    read_values(reader, match);
    checkpoint_->metadata = reader.header().metadata;
    read_scaling_beside();
    return std::move(checkpoint_);
  }

 private:
  std::string weights_name() const { return checkpoint_->weights_file.string(); }

  void warn(std::string message, std::string tensor = {}, std::int64_t byte = -1) {
    checkpoint_->warnings.push_back(Diagnostic{.code = Status::bad_model,
                                               .file = weights_name(),
                                               .byte = byte,
                                               .column = std::move(tensor),
                                               .message = std::move(message)});
  }

  void read_config(const SafetensorsHeader& header) {
    const fs::path file = options_.config.empty() ? checkpoint_->directory / "config.json" : options_.config;
    try {
      checkpoint_->config = read_encoder_config(file, checkpoint_->warnings);
    } catch (const Error& error) {
      Diagnostic diagnostic = error.diagnostic();
      if (options_.config.empty() && !is_present(file)) {
        diagnostic.hint = {"a checkpoint's config.json lies beside its weights; elsewhere, name it with {}",
                           {{"config"}}};
      }
      const TensorEntry* conv1 = header.find(options_.key_prefix + encoder_names(1).layers[0].conv1.weight);
      if (diagnostic.column == "/d_ff" && conv1 != nullptr && !conv1->shape.empty()) {
        diagnostic.hint = fmt::format("the tensor {} has {} rows: d_ff is {}", conv1->name,
                                      conv1->shape.front(), conv1->shape.front());
      }
      throw Error(std::move(diagnostic));
    }
  }

  void report_extra(const TensorMatch& match) {
    checkpoint_->extra_tensors = match.extra;
    if (match.unexpected.empty()) return;
    std::vector<std::string> names;
    for (const std::string& name : match.unexpected)
      names.push_back(fmt::format("\"{}\"", escaped(name, 256)));
    std::string message = fmt::format("{} unexpected tensor{}: {}", names.size(),
                                      names.size() == 1 ? "" : "s", joined(names, ", "));
    if (options_.strict)
      fail_model(checkpoint_->weights_file, message, {"leave {} away to ignore them", {{"strict-model"}}});
    warn(message);
  }

  void report_head(const TensorMatch& match) {
    if (checkpoint_->config.classification && !match.has_head) {
      warn(fmt::format("the config says classification, but there is no {}: the model has no head",
                       head_names().weight));
    } else if (!checkpoint_->config.classification && match.has_head) {
      warn(fmt::format("the config says no classification, but there is {}: the head is used",
                       head_names().weight));
    }
  }

  void read_values(WeightsReader& reader, const TensorMatch& match) {
    std::map<const TensorEntry*, TensorValues> values;
    for (const MatchedTensor& matched : match.tensors) {
      Tensor& tensor = checkpoint_->tensors[matched.spec.name];
      tensor.shape = matched.spec.shape;
      tensor.dtype = matched.entry->dtype_name;
      values.try_emplace(matched.entry, *matched.entry, tensor.data);
    }
    reader.read_data([&](const TensorEntry& entry) {
      const auto found = values.find(&entry);
      return found == values.end() ? nullptr : &found->second;
    });
    checkpoint_->sha256 = reader.finish_hash();
    std::size_t narrowed = 0;
    for (const MatchedTensor& matched : match.tensors) {
      judge(matched, values.at(matched.entry));
      narrowed += matched.entry->dtype == Dtype::f64 ? 1 : 0;
    }
    if (narrowed > 0) {
      warn(fmt::format("{} F64 tensor{} narrowed to float32", narrowed, narrowed == 1 ? "" : "s"));
    }
  }

  void judge(const MatchedTensor& matched, const TensorValues& values) {
    if (!values.problem().empty()) {
      throw Error(Diagnostic{.code = Status::bad_model,
                             .file = weights_name(),
                             .byte = values.problem_byte(),
                             .column = matched.entry->name,
                             .message = "value " + values.problem()});
    }
    const Tensor& tensor = checkpoint_->tensors.find(matched.spec.name)->second;
    for (std::string& remark :
         suspicions(matched.spec, tensor, values.largest_magnitude(), checkpoint_->config.seq_len)) {
      warn(std::move(remark), matched.entry->name, static_cast<std::int64_t>(matched.entry->file_offset));
    }
    if (matched.spec.role != TensorRole::positions) checkpoint_->parameter_count += matched.entry->count;
  }

  void read_scaling_beside() {
    const fs::path file = checkpoint_->directory / "preprocessor_config.json";
    if (!is_present(file)) return;
    checkpoint_->scaling = read_scaling(file);
    if (!checkpoint_->scaling->none) checkpoint_->scaling->source = "checkpoint";
  }

  const CheckpointOptions& options_;
  std::shared_ptr<Checkpoint> checkpoint_ = std::make_shared<Checkpoint>();
};

/// The hash of a file that could not be loaded, empty where it cannot even be read.
std::string hash_of(const fs::path& path) {
  try {
    const RegularFile file(path, Status::bad_model);
    std::vector<std::byte> piece(kPieceBytes);
    Sha256 hash;
    for (std::uint64_t done = 0; done < file.size();) {
      const auto bytes = std::span(piece).first(
          static_cast<std::size_t>(std::min<std::uint64_t>(kPieceBytes, file.size() - done)));
      file.read_at(done, bytes);
      hash.update(bytes);
      done += bytes.size();
    }
    return hash.finish_hex();
  } catch (const Error&) {
    return {};
  }
}

/// Throws when `found` is not the hash that was expected; an empty hash is not checked.
void require_hash(const fs::path& weights, const std::string& found, std::string expected) {
  std::transform(expected.begin(), expected.end(), expected.begin(),
                 [](char c) { return c >= 'A' && c <= 'F' ? static_cast<char>(c - 'A' + 'a') : c; });
  if (expected.empty() || found.empty() || found == expected) return;
  fail_model(weights, fmt::format("SHA-256 mismatch: expected {}, the file has {}", escaped(expected), found),
             "the file was damaged or replaced: fetch it again");
}

}  // namespace

bool Checkpoint::has_head() const {
  return tensors.contains(head_names().weight);
}

std::size_t Checkpoint::class_count() const {
  const auto bias = tensors.find(head_names().bias);
  return has_head() && bias != tensors.end() ? bias->second.data.size() : 0;
}

bool Checkpoint::is_trained() const {
  const auto found = metadata.find("astrom3.trained");
  return found == metadata.end() || found->second != "false";
}

std::string Checkpoint::training_attention() const {
  const auto found = metadata.find("astrom3.attention");
  return found == metadata.end() ? "probsparse" : found->second;
}

std::shared_ptr<const Checkpoint> load_checkpoint(const fs::path& model, const CheckpointOptions& options) {
  try {
    auto checkpoint = Loader(model, options).load();
    require_hash(checkpoint->weights_file, checkpoint->sha256, options.expected_sha256);
    return checkpoint;
  } catch (const std::bad_alloc&) {
    fail_model(model, "not enough memory for its tensors");
  } catch (const std::length_error&) {
    fail_model(model, "not enough memory for its tensors");
  } catch (const Error& error) {
    // A file known to be damaged is reported as that, not as what the damage happened to hit.
    if (!options.expected_sha256.empty() && error.code() == Status::bad_model) {
      const fs::path weights = find_weights(model);
      require_hash(weights, hash_of(weights), options.expected_sha256);
    }
    throw;
  }
}

}  // namespace astrom3
