// SPDX-License-Identifier: MIT
//
// The objects of a run with several modalities, joined, embedded and made rows: batch by batch, from any
// place on.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <set>
#include <span>
#include <string>
#include <vector>

#include "astrom3/pipeline/embed_modalities.h"
#include "pipeline/embedded_spectra.h"
#include "pipeline/modality_object.h"
#include "pipeline/modality_output.h"
#include "pipeline/spectra_by_name.h"

namespace astrom3 {

/// Throws Error usage where something is given that the checkpoint has no encoder of.
void require_encoders(const ModalitySources& sources, bool has_light_curves, const MultimodalEncoder& encoder,
                      const MultimodalRequest& request);

/// Light curves that can be opened at any place. In a run that is divided, they are those of a share: the
/// rows behind them, of spectra that no light curve of `all` has or of metadata, are its in turn.
struct LightCurveFiles {
  std::vector<std::filesystem::path> files;
  SourceOptions reading;
  std::vector<std::filesystem::path> all;  ///< of all shares
  InputShard shard{};
};

/// Everything that is referred to must outlive it. See embed_modalities() for the order of the rows.
class ModalityStream {
 public:
  /// files     read in the place of sources.light_curves; null: begin_at() cannot be called
  /// progress  is told the bytes of spectra as they are embedded, before the first row
  ModalityStream(const ModalitySources& sources, const ModalityOutput& output,
                 const MultimodalRequest& request, const LightCurveFiles* files = nullptr,
                 const std::function<void(std::uint64_t)>& progress = {});

  /// Goes to the row at `begin`, before which there are `n_before`. Which spectra the light curves before it
  /// have is found by reading these again, when it is needed; nothing is embedded twice.
  void begin_at(SourcePosition begin, std::uint64_t n_before);
  /// The next rows, at most `n` and as many as are embedded together; none at the end.
  std::vector<CountedRow> next(std::size_t n);
  /// Where the next row stands: in the files of light curves, and behind these {their number, number of the
  /// spectrum or of the row of metadata}.
  SourcePosition position() const;

  const Source* light_curves() const noexcept { return light_curves_; }
  /// What the light curves warn of.
  std::vector<Diagnostic> take_warnings();

 private:
  enum class Phase : std::uint8_t { photo, spectra, metadata, end };

  bool wants(Modality modality) const;
  bool has_photos() const { return light_curves_ != nullptr && wants(Modality::photo); }
  void open_at(SourcePosition begin, std::uint64_t n_before);
  void enter_spectra();
  void take_spectra_of(const std::vector<std::filesystem::path>& files, std::uint64_t n);
  bool is_divided() const { return files_ != nullptr && files_->shard.count > 1; }
  /// Of rows behind the light curves: whether this share makes the one of that number.
  bool is_of_share(std::uint64_t number) const {
    return !is_divided() || number % files_->shard.count == files_->shard.index;
  }
  std::vector<CountedRow> next_light_curves(std::size_t n);
  std::vector<CountedRow> next_spectra(std::size_t n);
  std::vector<CountedRow> next_metadata(std::size_t n);
  void embed_photos(std::span<SourceObject> read, std::span<ModalityObject> objects) const;
  void make_tensor(SourceObject& object, std::size_t number, ObjectResult& result) const;
  void find_spectrum(ModalityObject& object);
  bool find_own_row(std::size_t spectrum, ModalityObject& object);
  void join_spectra(std::span<ModalityObject> objects);
  void join_metadata(ModalityObject& object, std::span<const std::string> ids = {}) const;
  std::vector<CountedRow> rows_of(std::vector<ModalityObject>& objects) const;

  const ModalitySources& sources_;
  const ModalityOutput& output_;
  const MultimodalRequest& request_;
  const LightCurveFiles* files_;
  std::size_t n_threads_;
  EmbeddedSpectra spectra_;
  SpectraByName by_name_;
  std::unique_ptr<Source> opened_;
  Source* light_curves_ = nullptr;
  Phase phase_ = Phase::photo;
  std::uint64_t n_skipped_ = 0;         ///< light curves before begin_at(), whose spectra are not known
  std::size_t n_light_curves_ = 0;      ///< read so far
  std::size_t next_ = 0;                ///< number of the spectrum, or of the row of metadata
  std::vector<bool> taken_;             ///< spectra that light curves have
  std::set<std::string> with_several_;  ///< names of several spectra that an object was joined with
};

}  // namespace astrom3
