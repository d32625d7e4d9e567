// SPDX-License-Identifier: MIT
#include "pipeline/modality_stream.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <limits>
#include <span>
#include <utility>
#include <vector>

#include "astrom3/base/error.h"
#include "astrom3/base/flags.h"
#include "astrom3/base/stop_scope.h"
#include "astrom3/features/features.h"
#include "astrom3/metadata/metadata.h"
#include "astrom3/pipeline/embed_modalities.h"
#include "astrom3/pipeline/embed_object.h"
#include "astrom3/shared_space/modality.h"
#include "astrom3/source/source.h"
#include "base/parallel_for.h"
#include "base/threads.h"
#include "pipeline/embedded_spectra.h"
#include "pipeline/modality_object.h"
#include "pipeline/modality_output.h"

namespace astrom3 {
namespace {

constexpr std::size_t kObjectsTogether = 64;  // light curves in memory at a time

void take_photo(const SourceObject& object, const ObjectResult& result, ModalityObject& out) {
  ModalityOutcome& photo = out.outcomes[index_of(Modality::photo)];
  photo.is_there = true;
  photo.status = result.status;
  photo.message = result.diagnostic.message;
  photo.hint = result.diagnostic.hint;
  photo.file = object.file;
  Flags flags = result.flags;
  flags.set(object.flags);
  const std::string text = to_string(flags);
  for (std::size_t begin = 0; begin < text.size();) {
    const std::size_t end = std::min(text.find(';', begin), text.size());
    photo.flags.push_back(text.substr(begin, end - begin));
    begin = end + 1;
  }
  out.n_observations = object.n_raw;
  out.n_duplicates = result.light_curve.n_duplicates;
  out.dropped = object.dropped;
  out.dropped.nonfinite += result.light_curve.n_nonfinite;
}

}  // namespace

ModalityStream::ModalityStream(const ModalitySources& sources, const ModalityOutput& output,
                               const MultimodalRequest& request, const LightCurveFiles* files,
                               const std::function<void(std::uint64_t)>& progress)
    : sources_(sources),
      output_(output),
      request_(request),
      files_(files),
      n_threads_(resolve_threads(request.n_threads)),
      spectra_(sources, output, wants(Modality::spectra), n_threads_, progress),
      by_name_(spectra_.all(), sources.pick),
      light_curves_(files == nullptr ? sources.light_curves : nullptr),
      taken_(spectra_.size(), false) {
  if (files_ != nullptr && !files_->files.empty()) open_at({}, 0);
  if (!has_photos()) phase_ = Phase::spectra;
}

bool ModalityStream::wants(Modality modality) const {
  return request_.modalities[index_of(modality)] && output_.has(modality);
}

// ---- places ----

void ModalityStream::open_at(SourcePosition begin, std::uint64_t n_before) {
  // Only a reader that has read all objects before knows whether an id came before.
  const bool from_start = files_->reading.unique_ids;
  opened_ = open_source(files_->files, files_->reading, from_start ? SourcePosition{} : begin);
  light_curves_ = opened_.get();
  if (!from_start) return;
  for (SourceObject skipped; n_before > 0 && light_curves_->next(skipped);) --n_before;
}

void ModalityStream::begin_at(SourcePosition begin, std::uint64_t n_before) {
  std::fill(taken_.begin(), taken_.end(), false);
  with_several_.clear();
  n_skipped_ = 0;
  if (has_photos() && begin.file < files_->files.size()) {
    open_at(begin, n_before);
    phase_ = Phase::photo;
    n_skipped_ = n_before;
    n_light_curves_ = static_cast<std::size_t>(n_before);
    return;
  }
  if (has_photos()) n_skipped_ = std::numeric_limits<std::uint64_t>::max();  // all of them
  enter_spectra();
  if (spectra_.size() == 0) {
    next_ = static_cast<std::size_t>(begin.object);
    return;
  }
  // Which of several spectra of one object come before is known when these have been looked at.
  for (; next_ < std::min<std::uint64_t>(begin.object, spectra_.size()); ++next_) {
    ModalityObject object;
    (void)find_own_row(next_, object);
  }
}

/// Behind the last light curve, or where there are none.
void ModalityStream::enter_spectra() {
  phase_ = Phase::spectra;
  next_ = 0;
  if (spectra_.size() == 0) return;
  if (is_divided()) {
    if (wants(Modality::photo)) take_spectra_of(files_->all, std::numeric_limits<std::uint64_t>::max());
  } else if (n_skipped_ > 0) {
    take_spectra_of(files_->files, n_skipped_);
  }
  n_skipped_ = 0;
}

/// Notes the spectra that the first `n` light curves of these files have.
void ModalityStream::take_spectra_of(const std::vector<std::filesystem::path>& files, std::uint64_t n) {
  if (files.empty()) return;
  const auto source = open_source(files, files_->reading);
  SourceObject skipped;
  for (std::uint64_t i = 0; i < n && source->next(skipped); ++i) {
    throw_if_stopped();
    ModalityObject object;
    object.id = skipped.object_id;
    find_spectrum(object);
  }
}

SourcePosition ModalityStream::position() const {
  if (phase_ == Phase::photo) return light_curves_->position();
  return {.file = files_ == nullptr ? 0 : files_->files.size(), .object = next_};
}

std::vector<CountedRow> ModalityStream::next(std::size_t n) {
  n = std::min(n, kObjectsTogether);
  std::vector<CountedRow> rows;
  if (phase_ == Phase::photo) {
    rows = next_light_curves(n);
    if (rows.empty()) enter_spectra();
  }
  if (phase_ == Phase::spectra && rows.empty()) {
    rows = next_spectra(n);
    const bool is_alone =
        light_curves_ == nullptr && spectra_.size() == 0 && (files_ == nullptr || files_->all.empty());
    if (rows.empty()) phase_ = is_alone && wants(Modality::metadata) ? Phase::metadata : Phase::end;
  }
  if (phase_ == Phase::metadata && rows.empty()) rows = next_metadata(n);
  return rows;
}

std::vector<Diagnostic> ModalityStream::take_warnings() {
  return light_curves_ == nullptr ? std::vector<Diagnostic>{} : light_curves_->take_warnings();
}

// ---- light curves ----

std::vector<CountedRow> ModalityStream::next_light_curves(std::size_t n) {
  std::vector<SourceObject> read;
  for (SourceObject object; read.size() < n && light_curves_->next(object);)
    read.push_back(std::move(object));
  std::vector<ModalityObject> objects(read.size());
  embed_photos(read, objects);
  n_light_curves_ += read.size();
  for (std::size_t i = 0; i < read.size(); ++i) {
    objects[i].id = read[i].object_id;
    objects[i].file = read[i].file;
    find_spectrum(objects[i]);
    join_metadata(objects[i]);
  }
  join_spectra(objects);
  return rows_of(objects);
}

void ModalityStream::embed_photos(std::span<SourceObject> read, std::span<ModalityObject> objects) const {
  std::vector<ObjectResult> results(read.size());
  parallel_for(read.size(), n_threads_,
               [&](std::size_t i, std::size_t) { make_tensor(read[i], n_light_curves_ + i, results[i]); });
  std::vector<float> x_enc, mask;
  std::vector<std::size_t> ok;
  for (std::size_t i = 0; i < read.size(); ++i) {
    take_photo(read[i], results[i], objects[i]);
    if (results[i].status != Status::ok) continue;
    ok.push_back(i);
    x_enc.insert(x_enc.end(), results[i].x_enc.begin(), results[i].x_enc.end());
    mask.insert(mask.end(), results[i].mask.begin(), results[i].mask.end());
  }
  if (ok.empty()) return;
  const std::size_t width = output_.size(Modality::photo);
  std::vector<float> embeddings(ok.size() * width);
  std::vector<Status> status(ok.size());
  output_.make({.modality = Modality::photo, .values = x_enc, .mask = mask, .n_pixels = 0}, embeddings,
               status, n_threads_);
  for (std::size_t k = 0; k < ok.size(); ++k)
    objects[ok[k]].outcomes[index_of(Modality::photo)].set_embedding(status[k], embeddings, k, width);
}

void ModalityStream::make_tensor(SourceObject& object, std::size_t number, ObjectResult& result) const {
  throw_if_stopped();
  if (object.rejection) {
    result.status = object.rejection->code;
    result.diagnostic = *object.rejection;
    return;
  }
  FeatureOverrides overrides = sources_.given.of(number, sources_.object.overrides);
  Diagnostic diagnostic;
  const Stage stage = output_.photo_stage();
  const Status found = sources_.catalog == nullptr || stage == Stage::cleaning
                           ? Status::ok
                           : sources_.catalog->look_up(object.object_id, overrides, diagnostic);
  embed_object(object.light_curve, sources_.object, overrides, found == Status::ok ? stage : Stage::cleaning,
               nullptr, false, result);
  if (found == Status::ok || result.status != Status::ok) return;
  result.status = found;
  result.diagnostic = diagnostic;
}

// ---- spectra ----

/// Which spectrum an object has, or why none; it is then taken.
void ModalityStream::find_spectrum(ModalityObject& object) {
  const auto pair = sources_.pairs.find(object.id);
  const std::string& name = pair == sources_.pairs.end() ? object.id : pair->second;
  const auto found = by_name_.find(name);
  ModalityOutcome& out = object.outcomes[index_of(Modality::spectra)];
  if (!found && pair != sources_.pairs.end()) {
    out.is_there = true;
    out.status = Status::missing_modality;
    out.message = fmt::format("no spectrum is called \"{}\"", escaped(name));
  }
  if (!found) return;
  if (!found->several) {
    taken_[found->index] = true;
    object.spectrum = found->index;
    return;
  }
  with_several_.insert(name);
  out.is_there = true;
  out.status = Status::several_spectra;
  out.message = fmt::format("several spectra of \"{}\"", escaped(name));
  out.hint = {"choose one with {}", {{"pick", "best-snr"}}};
}

/// Whether a spectrum is an object of its own.
bool ModalityStream::find_own_row(std::size_t spectrum, ModalityObject& object) {
  if (taken_[spectrum]) return false;
  object.id = spectra_.all()[spectrum].object_id;
  object.file = spectra_.all()[spectrum].file;
  const auto found = by_name_.find(object.id);
  const bool has_several = found && found->several;
  if (has_several && with_several_.contains(object.id)) return false;      // one row for all of them
  if (found && !found->several && found->index != spectrum) return false;  // another was picked
  if (has_several) {
    find_spectrum(object);
  } else {
    object.spectrum = spectrum;
  }
  return true;
}

std::vector<CountedRow> ModalityStream::next_spectra(std::size_t n) {
  std::vector<ModalityObject> objects;
  for (; next_ < spectra_.size() && objects.size() < n; ++next_) {
    throw_if_stopped();
    ModalityObject object;
    if (!find_own_row(next_, object) || !is_of_share(next_)) continue;
    join_metadata(object, spectra_.all()[next_].ids);
    objects.push_back(std::move(object));
  }
  join_spectra(objects);
  return rows_of(objects);
}

void ModalityStream::join_spectra(std::span<ModalityObject> objects) {
  std::vector<std::size_t> wanted;
  for (const ModalityObject& object : objects) {
    if (object.spectrum) wanted.push_back(*object.spectrum);
  }
  spectra_.complete(wanted);
  for (ModalityObject& object : objects) {
    if (!object.spectrum) continue;
    const EmbeddedSpectrum& spectrum = spectra_.at(*object.spectrum);
    object.outcomes[index_of(Modality::spectra)] = {.is_there = true,
                                                    .status = spectrum.status,
                                                    .message = spectrum.message,
                                                    .file = spectrum.file,
                                                    .hint = spectrum.hint,
                                                    .flags = spectrum.flags,
                                                    .embedding = spectrum.embedding};
  }
}

// ---- metadata ----

void ModalityStream::join_metadata(ModalityObject& object, std::span<const std::string> ids) const {
  if (!wants(Modality::metadata) || sources_.metadata == nullptr) return;
  const MetadataRow* row = sources_.metadata->find(object.id);
  for (const std::string& id : ids) {
    if (row == nullptr) row = sources_.metadata->find(id);
  }
  if (row == nullptr) return;
  ModalityOutcome& out = object.outcomes[index_of(Modality::metadata)];
  out.is_there = true;
  out.status = row->status;
  out.message = row->message;
  out.flags = row->flags;
  out.file = sources_.metadata->scaling().source;
  if (row->status != Status::ok) return;
  std::vector<float> embedding(output_.size(Modality::metadata));
  std::vector<Status> status(1);
  output_.make({.modality = Modality::metadata, .values = row->x, .mask = {}, .n_pixels = 0}, embedding,
               status, 1);
  out.set_embedding(status[0], embedding, 0, embedding.size());
}

std::vector<CountedRow> ModalityStream::next_metadata(std::size_t n) {
  std::vector<ModalityObject> objects;
  if (sources_.metadata == nullptr) return {};
  const std::vector<std::string>& ids = sources_.metadata->ids();
  for (; next_ < ids.size() && objects.size() < n; ++next_) {
    throw_if_stopped();
    if (!is_of_share(next_)) continue;
    objects.emplace_back().id = ids[next_];
    join_metadata(objects.back());
  }
  return rows_of(objects);
}

std::vector<CountedRow> ModalityStream::rows_of(std::vector<ModalityObject>& objects) const {
  std::vector<CountedRow> rows;
  rows.reserve(objects.size());
  for (ModalityObject& object : objects) rows.push_back(row_of(std::move(object), output_, request_));
  return rows;
}

}  // namespace astrom3
