// SPDX-License-Identifier: MIT
#include "encoder/tensor_match.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "astrom3/base/error.h"
#include "astrom3/encoder/checkpoint.h"
#include "base/edit_distance.h"
#include "base/joined.h"
#include "encoder/checkpoint_layout.h"
#include "formats/safetensors.h"

namespace astrom3 {
namespace {

constexpr std::size_t kMaxTypos = 3;         // edits that turn a misspelt name into the right one
constexpr std::size_t kMaxSuggestions = 8;   // a longer list would not help a reader
constexpr std::size_t kMaxCandidates = 512;  // bounds the time spent on suggestions

/// The tensors of a file by their names. A name is looked up with the prefix in front of it.
class NamedTensors {
 public:
  NamedTensors(const SafetensorsHeader& header, std::string prefix) : prefix_(std::move(prefix)) {
    for (const TensorEntry& entry : header.tensors) by_name_.emplace(entry.name, &entry);
  }

  /// The tensor of this name, which is marked as used; null where the file has none.
  const TensorEntry* take(const std::string& name) {
    const auto found = by_name_.find(prefix_ + name);
    if (found == by_name_.end()) return nullptr;
    const TensorEntry* entry = found->second;
    by_name_.erase(found);
    return entry;
  }

  /// The names of the tensors that were not taken: first those with the prefix, which is cut off, then the
  /// others.
  std::pair<std::vector<std::string>, std::vector<std::string>> left() const {
    std::pair<std::vector<std::string>, std::vector<std::string>> out;
    for (const auto& [name, entry] : by_name_) {
      if (name.starts_with(prefix_)) {
        out.first.emplace_back(name.substr(prefix_.size()));
      } else {
        out.second.emplace_back(name);
      }
    }
    return out;
  }

 private:
  std::string prefix_;
  std::map<std::string_view, const TensorEntry*> by_name_;
};

/// The prefix, as "module.", with which the file has a required name that is missing without it; none where
/// no name of the file ends with a missing one.
std::optional<std::string> prefix_found(const std::vector<std::string>& missing,
                                        const std::vector<std::string>& present) {
  for (const std::string& name : present) {
    for (const std::string& wanted : {missing.front(), missing.back()}) {
      if (name.size() > wanted.size() && name.ends_with("." + wanted)) {
        return name.substr(0, name.size() - wanted.size());
      }
    }
  }
  return std::nullopt;
}

Hint hint_for(const std::vector<std::string>& missing, std::vector<std::string> present) {
  if (const auto prefix = prefix_found(missing, present)) {
    return {fmt::format("use {{}}: the names begin with \"{}\"", escaped(*prefix)),
            {{"key-prefix", escaped(*prefix)}}};
  }
  present.resize(std::min(present.size(), kMaxCandidates));
  std::vector<std::string> suggestions;
  for (const std::string& name : missing) {
    if (suggestions.size() >= kMaxSuggestions) break;
    if (const auto near = closest(name, present, kMaxTypos)) {
      suggestions.push_back(fmt::format("\"{}\" is there: did you mean \"{}\"?", escaped(*near, 256), name));
    }
  }
  return joined(suggestions, "\n      ");
}

[[noreturn]] void fail_missing(const std::vector<std::string>& missing, const NamedTensors& named,
                               const std::string& key_prefix, const std::string& file) {
  const auto [under_prefix, others] = named.left();
  std::vector<std::string> present = under_prefix;
  present.insert(present.end(), others.begin(), others.end());
  std::string where = key_prefix.empty() ? "" : fmt::format(" under the prefix \"{}\"", escaped(key_prefix));
  throw Error(
      Diagnostic{.code = Status::bad_model,
                 .file = file,
                 .message = fmt::format("{} required tensor{} missing{}: {}", missing.size(),
                                        missing.size() == 1 ? " is" : "s are", where, joined(missing, ", ")),
                 .hint = hint_for(missing, std::move(present))});
}

void check_entry(const TensorSpec& spec, const TensorEntry& entry, const std::string& file) {
  const auto fail = [&](std::string message) {
    throw Error(Diagnostic{.code = Status::bad_model,
                           .file = file,
                           .byte = static_cast<std::int64_t>(entry.file_offset),
                           .column = entry.name,
                           .message = std::move(message)});
  };
  if (entry.dtype != Dtype::f32 && entry.dtype != Dtype::f16 && entry.dtype != Dtype::bf16 &&
      entry.dtype != Dtype::f64) {
    fail(fmt::format("has dtype {}; need F32, F16, BF16 or F64", escaped(entry.dtype_name)));
  }
  if (entry.shape != spec.shape) {
    fail(fmt::format("expected shape [{}] (config {}), found [{}]", joined(spec.shape, ","), spec.reason,
                     joined(entry.shape, ",")));
  }
}

}  // namespace

TensorMatch match_tensors(const SafetensorsHeader& header, const EncoderConfig& config,
                          const std::string& key_prefix, const std::string& file) {
  std::vector<TensorSpec> specs = encoder_tensors(config);
  const bool has_head = header.find(key_prefix + head_names().weight) != nullptr ||
                        header.find(key_prefix + head_names().bias) != nullptr;
  if (has_head) {
    for (TensorSpec& spec : head_tensors(config)) specs.push_back(std::move(spec));
  }
  if (header.find(key_prefix + out_of_class_names().whitening) != nullptr) {
    for (TensorSpec& spec : out_of_class_tensors(config)) specs.push_back(std::move(spec));
  }
  TensorMatch match = match_specs(header, std::move(specs), key_prefix, file);
  match.has_head = has_head;
  // Upstream also has heads of other forms; their tensors are known, though not used here.
  std::erase_if(match.unexpected, [](const std::string& name) { return is_head_tensor(name); });
  return match;
}

TensorMatch match_specs(const SafetensorsHeader& header, std::vector<TensorSpec> specs,
                        const std::string& key_prefix, const std::string& file) {
  NamedTensors named(header, key_prefix);
  TensorMatch match;
  std::vector<std::string> missing;
  for (TensorSpec& spec : specs) {
    const TensorEntry* entry = named.take(spec.name);
    if (entry == nullptr) {
      missing.push_back(spec.name);
    } else {
      match.tensors.push_back({std::move(spec), entry});
    }
  }
  if (!missing.empty()) fail_missing(missing, named, key_prefix, file);
  for (const MatchedTensor& tensor : match.tensors) check_entry(tensor.spec, *tensor.entry, file);

  auto [under_prefix, others] = named.left();
  match.unexpected = under_prefix;  // tensors without the prefix belong to another model
  match.extra = std::move(under_prefix);
  match.extra.insert(match.extra.end(), others.begin(), others.end());
  return match;
}

}  // namespace astrom3
