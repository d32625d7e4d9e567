// SPDX-License-Identifier: MIT
#include "sink/npy_sink.h"

#include <cstddef>
#include <filesystem>
#include <limits>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "astrom3/base/error.h"
#include "astrom3/sink/file_names.h"
#include "astrom3/sink/sink.h"
#include "astrom3/tensor.h"
#include "base/atomic_file.h"
#include "formats/npy.h"
#include "sink/file_sink.h"
#include "sink/identity.h"
#include "sink/output_folder.h"
#include "sink/output_paths.h"
#include "sink/row_text.h"

namespace astrom3 {
namespace {

constexpr float kNan = std::numeric_limits<float>::quiet_NaN();

class NpySink final : public FileSink {
 public:
  NpySink(const std::filesystem::path& folder, const RowLayout& layout, const Identity& identity,
          const SinkOptions& options)
      : layout_(layout),
        folder_(folder, options.force),
        objects_(folder_.path() / kObjectsName),
        meta_(folder_.path() / kMetaName) {
    const auto array = [&](std::optional<NpyWriter>& writer, const char* name,
                           std::vector<std::size_t> shape) {
      writer.emplace(folder_.path() / name, std::move(shape));
    };
    if (layout.embedding_size > 0) array(mean_, kMeanName, {layout.embedding_size});
    if (layout.sequence_steps > 0)
      array(sequence_, kSequenceName, {layout.sequence_steps, layout.sequence_width});
    if (layout.tensor_steps > 0) {
      array(x_enc_, kTensorName, {layout.tensor_steps, kChannels});
      array(mask_, kMaskName, {layout.tensor_steps});
    }
    objects_.write(csv_header(RowLayout{.class_names = layout.class_names}));
    meta_.write(identity_json(identity));
    if (!options.scaling.empty()) scaling_.emplace(folder_.path() / kScalingName).write(options.scaling);
  }

  void write(const Row& row) override {
    require_layout(row, layout_);
    line_.clear();
    append_csv_row(line_, row, RowLayout{.class_names = layout_.class_names});
    objects_.write(line_);
    const bool ok = row.status == Status::ok;
    const auto put = [&](std::optional<NpyWriter>& writer, std::span<const float> values, float otherwise) {
      if (!writer) return;
      if (ok) {
        writer->write_row(values);
      } else {
        writer->fill_row(otherwise);
      }
    };
    put(mean_, row.embedding, kNan);
    put(sequence_, row.sequence, kNan);
    put(x_enc_, row.x_enc, 0.0f);
    put(mask_, row.mask, 0.0f);
  }

  void finish() override {
    for (auto* writer : {&mean_, &sequence_, &x_enc_, &mask_}) {
      if (*writer) (*writer)->finish();
    }
    objects_.finish();
    meta_.finish();
    if (scaling_) scaling_->finish();
  }

  /// objects.csv is last: when it is there, all other files are.
  std::vector<AtomicFile*> files() override {
    std::vector<AtomicFile*> files;
    for (auto* writer : {&mean_, &sequence_, &x_enc_, &mask_}) {
      if (*writer) files.push_back(&(*writer)->file());
    }
    files.push_back(&meta_);
    if (scaling_) files.push_back(&*scaling_);
    files.push_back(&objects_);
    return files;
  }

  /// Files of an earlier run (--force) that this run did not write.
  std::vector<std::string> outdated_names() const override {
    std::vector<std::string> names(kArrayNames.begin(), kArrayNames.end());
    const auto remove = [&](const std::optional<NpyWriter>& writer, const char* name) {
      if (writer) std::erase(names, name);
    };
    remove(mean_, kMeanName);
    remove(sequence_, kSequenceName);
    remove(x_enc_, kTensorName);
    remove(mask_, kMaskName);
    if (!scaling_) names.emplace_back(kScalingName);
    return names;
  }

  void keep() override { folder_.keep(); }

 private:
  RowLayout layout_;
  OutputFolder folder_;
  AtomicFile objects_;
  AtomicFile meta_;
  std::optional<AtomicFile> scaling_;
  std::optional<NpyWriter> mean_, sequence_, x_enc_, mask_;
  std::string line_;
};

}  // namespace

std::unique_ptr<Sink> open_npy_sink(const std::filesystem::path& folder, const RowLayout& layout,
                                    const Identity& identity, const SinkOptions& options) {
  return std::make_unique<NpySink>(folder, layout, identity, options);
}

}  // namespace astrom3
