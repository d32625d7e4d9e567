// SPDX-License-Identifier: MIT
#include "training/object_cache.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <filesystem>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

#include "astrom3/base/error.h"
#include "astrom3/classes/labels.h"
#include "astrom3/features/scaling.h"
#include "astrom3/pipeline/describe_run.h"
#include "astrom3/pipeline/pipeline.h"
#include "astrom3/training/training.h"
#include "base/sha256.h"
#include "formats/byte_reader.h"
#include "formats/safetensors.h"
#include "training/objects.h"
#include "training/outputs.h"

namespace astrom3::training {
namespace {

constexpr const char* kFormat = "2";
constexpr std::size_t kNumbers = kFeatureCount + 2;  // of an object, beside its observations

void add_text(Sha256& hash, std::string_view text) {
  hash.update(std::as_bytes(std::span(text)));
  const char end = 0;
  hash.update(std::as_bytes(std::span(&end, 1)));
}

void add_labels(Sha256& hash, const Labels& labels) {
  for (const auto& [id, label] : labels) {
    add_text(hash, id);
    add_text(hash, label);
  }
}

std::string hash_of_file(const std::filesystem::path& file) {
  Sha256 hash;
  ByteReader reader = ByteReader::open(file);
  std::vector<char> block(1 << 20);
  while (const std::size_t n = reader.read(block)) hash.update(std::as_bytes(std::span(block).first(n)));
  return hash.finish_hex();
}

/// Strings one after the other, each ended by a NUL, which no id or label holds.
void append_text(std::string& out, std::string_view text) {
  out += text;
  out += '\0';
}

std::string_view take_text(std::string_view& rest) {
  const std::string_view text = rest.substr(0, rest.find('\0'));
  rest.remove_prefix(std::min(rest.size(), text.size() + 1));
  return text;
}

template <typename T>
std::vector<T> values_of(const TensorView& tensor) {
  std::vector<T> values(tensor.bytes.size() / sizeof(T));
  std::memcpy(values.data(), tensor.bytes.data(), values.size() * sizeof(T));
  return values;
}

std::string text_of(const TensorView& tensor) {
  return {reinterpret_cast<const char*>(tensor.bytes.data()), tensor.bytes.size()};
}

void require(bool is_whole) {
  if (!is_whole) throw Error(Status::bad_tensors, "a damaged cache");
}

/// The next curve of the arrays, one after the other.
class Curves {
 public:
  explicit Curves(const SafetensorsFile& file)
      : sizes_(values_of<std::int64_t>(file.at("sizes"))),
        numbers_(values_of<double>(file.at("numbers"))),
        observations_(values_of<float>(file.at("observations"))) {
    require(numbers_.size() == sizes_.size() * kNumbers);
  }

  void take(TrainingObject& object) {
    require(i_ < sizes_.size());
    const double* n = &numbers_[i_ * kNumbers];
    std::copy_n(n, kFeatureCount, object.features.begin());
    object.log10_mad = n[kFeatureCount];
    object.delta_t = n[kFeatureCount + 1];
    const std::int64_t size = sizes_[i_++];
    require(size >= 0 && static_cast<std::uint64_t>(size) <= (observations_.size() - begin_) / kObserved);
    const std::size_t end = begin_ + static_cast<std::size_t>(size) * kObserved;
    object.observations.assign(observations_.begin() + static_cast<std::ptrdiff_t>(begin_),
                               observations_.begin() + static_cast<std::ptrdiff_t>(end));
    begin_ = end;
  }
  std::size_t n_left() const { return sizes_.size() - i_; }
  bool is_over() const { return n_left() == 0 && begin_ == observations_.size(); }

 private:
  std::vector<std::int64_t> sizes_;
  std::vector<double> numbers_;
  std::vector<float> observations_;
  std::size_t i_ = 0, begin_ = 0;
};

TrainingObjects objects_of(const SafetensorsFile& file) {
  TrainingObjects all;
  Curves curves(file);
  const std::string texts = text_of(file.at("texts"));
  const auto copies = values_of<std::int64_t>(file.at("copies"));
  require(std::count(texts.begin(), texts.end(), '\0') == static_cast<std::ptrdiff_t>(2 * copies.size()));
  require(texts.empty() || texts.back() == '\0');
  std::string_view rest = texts;
  all.objects.resize(copies.size());
  for (std::size_t i = 0; i < copies.size(); ++i) {
    TrainingObject& object = all.objects[i];
    object.object_id = take_text(rest);
    object.label = take_text(rest);
    curves.take(object);
    require(copies[i] >= 0 && static_cast<std::uint64_t>(copies[i]) <= curves.n_left());
    object.copies.resize(static_cast<std::size_t>(copies[i]));
    for (TrainingObject& copy : object.copies) curves.take(copy);
  }
  const auto counts = values_of<std::int64_t>(file.at("counts"));
  require(curves.is_over() && counts.size() == 3);
  all.n_rejected = static_cast<std::uint64_t>(counts[0]);
  all.n_unlabelled = static_cast<std::uint64_t>(counts[1]);
  all.n_labels_met = static_cast<std::uint64_t>(counts[2]);
  all.rejects = text_of(file.at("rejects"));
  return all;
}

}  // namespace

std::string labels_key(const TrainingRun& run) {
  Sha256 hash;
  add_text(hash, objective_name(run.options.objective));
  add_labels(hash, run.labels);
  return hash.finish_hex();
}

std::string hash_of_files(const std::vector<std::filesystem::path>& files) {
  Sha256 hash;
  for (const auto& file : files) add_text(hash, file.filename().string() + " " + hash_of_file(file));
  return hash.finish_hex();
}

std::string cache_key(const TrainingRun& run) {
  Sha256 hash;
  add_text(hash, kFormat);
  RunOptions options;
  options.object = run.object;
  options.object.scaling = {};  // raw features are kept
  for (const auto& [key, value] : describe_run(nullptr, options, run.reading, run.catalog_file)) {
    add_text(hash, key);
    add_text(hash, value);
  }
  add_text(hash, objective_name(run.options.objective));
  add_text(hash, fmt::format("{}", run.options.max_observations));
  add_text(hash, run.reading.id_column);
  for (const auto& [role, name] : run.reading.columns) add_text(hash, role + "=" + name);
  add_text(hash, describe_copies(run.options.copies));
  if (run.options.copies.n > 0) {  // of which objects, and how
    add_text(hash, fmt::format("{} {} {}", run.options.seed, run.options.shares.test,
                               run.options.shares.validation));
    add_text(hash, split_digest(run.options));
  }
  add_labels(hash, run.labels);
  for (const auto& file : run.files) add_text(hash, file.filename().string() + " " + hash_of_file(file));
  return hash.finish_hex();
}

void write_cache(const std::filesystem::path& file, const std::string& key, const TrainingObjects& all) {
  std::string texts;
  std::vector<std::int64_t> copies, sizes;
  std::vector<double> numbers;
  std::vector<const TrainingObject*> curves;  // each object, and its copies behind it
  std::size_t n_observations = 0;
  for (const TrainingObject& object : all.objects) {
    append_text(texts, object.object_id);
    append_text(texts, object.label);
    copies.push_back(static_cast<std::int64_t>(object.copies.size()));
    curves.push_back(&object);
    for (const TrainingObject& copy : object.copies) curves.push_back(&copy);
  }
  for (const TrainingObject* curve : curves) {
    sizes.push_back(static_cast<std::int64_t>(curve->size()));
    numbers.insert(numbers.end(), curve->features.begin(), curve->features.end());
    numbers.push_back(curve->log10_mad);
    numbers.push_back(curve->delta_t);
    n_observations += curve->size();
  }
  const auto n = [](std::size_t size) { return static_cast<std::int64_t>(size); };
  const std::array counts{n(all.n_rejected), n(all.n_unlabelled), n(all.n_labels_met)};
  // Wide types first: every tensor begins at a multiple of its element's size.
  SafetensorsWriter writer(file,
                           {{"sizes", "I64", {n(sizes.size())}},
                            {"copies", "I64", {n(copies.size())}},
                            {"counts", "I64", {3}},
                            {"numbers", "F64", {n(sizes.size()), kNumbers}},
                            {"observations", "F32", {n(n_observations), kObserved}},
                            {"texts", "U8", {n(texts.size())}},
                            {"rejects", "U8", {n(all.rejects.size())}}},
                           {{"key", key}});
  writer.write(std::as_bytes(std::span<const std::int64_t>(sizes)));
  writer.write(std::as_bytes(std::span<const std::int64_t>(copies)));
  writer.write(std::as_bytes(std::span<const std::int64_t>(counts)));
  writer.write(std::as_bytes(std::span<const double>(numbers)));
  for (const TrainingObject* curve : curves) writer.write(std::span<const float>(curve->observations));
  writer.write(std::as_bytes(std::span<const char>(texts)));
  writer.write(std::as_bytes(std::span<const char>(all.rejects)));
  writer.commit();
}

std::optional<TrainingObjects> read_cache(const std::filesystem::path& file, const std::string& key) {
  std::error_code error;
  if (!std::filesystem::exists(file, error)) return std::nullopt;
  try {
    const SafetensorsFile stored = SafetensorsFile::open(file);
    const auto found = stored.metadata().find("key");
    if (found == stored.metadata().end() || found->second != key) return std::nullopt;
    return objects_of(stored);
  } catch (const Error&) {
    return std::nullopt;
  }
}

}  // namespace astrom3::training
