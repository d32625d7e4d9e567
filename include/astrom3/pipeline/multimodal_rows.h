// SPDX-License-Identifier: MIT
//
// The file with one row for each object and the embeddings of all its modalities.
#pragma once

#include <cstddef>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "astrom3/pipeline/embed_modalities.h"
#include "astrom3/sink/sink.h"

namespace astrom3 {

/// Which embedding goes into a CSV file, which has room for one.
enum class ShownEmbedding : std::uint8_t { photo, spectra, metadata, fused };

struct MultimodalLayout {
  std::size_t embedding_size = 0;        ///< of each modality
  std::size_t fused_size = 0;            ///< 0: the checkpoint has no shared space
  std::vector<std::string> class_names;  ///< for class and p_<CLASS>, in the place of embeddings
  std::string class_prefix = "p_";       ///< of the classes' columns: what their numbers are
  ShownEmbedding shown = ShownEmbedding::fused;
  bool spreadsheet_safe = false;  ///< CSV: as SinkOptions::spreadsheet_safe
};

/// Columns: object_id, status, flags and modalities (names joined by ';'), then
///
///   parquet  photo_embedding, spectra_embedding, metadata_embedding, fused_embedding, each null where the
///   object
///            has none
///   csv      e0, e1, ... of the one embedding that is shown, empty where the object has none
///   both     class and p_<CLASS> in their place, where the layout has class names
///
/// OUT.meta.json is beside a CSV file; "-" (stdout), a pipe and a device take CSV alone. Nothing is final
/// before close(), but what went into a stream. Throws Error output_error, usage for Parquet into a stream.
class MultimodalRowsFile {
 public:
  MultimodalRowsFile(const std::filesystem::path& path, SinkFormat format, MultimodalLayout layout,
                     const Identity& identity);
  /// Parquet into a file that is open already.
  MultimodalRowsFile(AtomicFile file, MultimodalLayout layout, const Identity& identity);
  ~MultimodalRowsFile();
  MultimodalRowsFile(const MultimodalRowsFile&) = delete;
  MultimodalRowsFile& operator=(const MultimodalRowsFile&) = delete;

  void write(const MultimodalRow& row);
  /// Together with the reject log, which may be null: all files take their places, or none does.
  void close(RejectLog* rejects);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace astrom3
