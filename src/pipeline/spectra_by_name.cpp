// SPDX-License-Identifier: MIT
#include "pipeline/spectra_by_name.h"

#include <algorithm>
#include <utility>

#include "astrom3/pipeline/modality_treatment.h"
#include "base/parallel_for.h"
#include "base/threads.h"

namespace astrom3 {
namespace {

// Files whose spectra are in memory together, as tensors of 31 kB.
constexpr std::size_t kFilesTogether = 256;

/// One spectrum to its tensor; what was read is no longer needed.
EmbeddedSpectrum prepared(SpectrumObject object, const SpectrumOptions& options,
                          std::vector<float>& channels) {
  EmbeddedSpectrum out{.object_id = std::move(object.object_id),
                       .file = std::move(object.file),
                       .ids = std::move(object.ids),
                       .status = object.status,
                       .message = std::move(object.message),
                       .hint = std::move(object.hint),
                       .flags = {},
                       .snr = object.snr,
                       .embedding = {}};
  if (out.status != Status::ok) return out;
  SpectrumTensor tensor;
  out.status = prepare_spectrum(object.spectrum, options, tensor, out.message);
  out.flags = flag_names(tensor.flags);
  if (out.status == Status::ok) channels = std::move(tensor.channels);
  if (out.status != Status::ok) out.hint = hint_for_spectrum(out.status);
  return out;
}

struct FileOfSpectra {
  std::vector<EmbeddedSpectrum> spectra;
  std::vector<std::vector<float>> channels;
};

FileOfSpectra read_file(const std::filesystem::path& file, const ModalitySources& sources) {
  FileOfSpectra out;
  std::vector<SpectrumObject> objects;
  try {
    objects = read_spectra(file, sources.reading);
  } catch (const Error& error) {
    if (error.code() == Status::interrupted) throw;
    SpectrumObject object;
    object.object_id = file.stem().string();
    object.file = file.string();
    object.status = Status::io_error;
    object.message = error.diagnostic().message;
    objects.push_back(std::move(object));
  }
  for (SpectrumObject& object : objects) {
    out.channels.emplace_back();
    out.spectra.push_back(prepared(std::move(object), sources.spectrum, out.channels.back()));
  }
  return out;
}

/// Embeds what of `files` could be prepared, all together.
void embed_files(std::vector<FileOfSpectra>& files, const MultimodalEncoder& encoder, std::size_t n_pixels,
                 std::size_t n_threads, std::vector<EmbeddedSpectrum>& out) {
  std::vector<float> values;
  std::vector<EmbeddedSpectrum*> targets;
  for (FileOfSpectra& file : files) {
    for (std::size_t i = 0; i < file.spectra.size(); ++i) {
      if (file.spectra[i].status != Status::ok) continue;
      values.insert(values.end(), file.channels[i].begin(), file.channels[i].end());
      targets.push_back(&file.spectra[i]);
    }
  }
  const std::size_t width = encoder.embedding_size();
  std::vector<float> embeddings(targets.size() * width);
  std::vector<Status> status(targets.size());
  if (!targets.empty()) {
    encoder.embed({.modality = Modality::spectra, .values = values, .mask = {}, .n_pixels = n_pixels},
                  embeddings, status, n_threads);
  }
  for (std::size_t i = 0; i < targets.size(); ++i) {
    targets[i]->status = status[i];
    targets[i]->message = status[i] == Status::ok ? "" : status_meaning(status[i]);
    if (status[i] != Status::ok) continue;
    const auto begin = embeddings.begin() + static_cast<std::ptrdiff_t>(i * width);
    targets[i]->embedding.assign(begin, begin + static_cast<std::ptrdiff_t>(width));
  }
  for (FileOfSpectra& file : files)
    std::move(file.spectra.begin(), file.spectra.end(), std::back_inserter(out));
}

}  // namespace

Hint hint_for_spectrum(Status status) {
  switch (status) {
    case Status::overflow_float32:
      return {"bring the flux to 1e-17 erg/s/cm2/A with {}", {{"flux-scale"}}};
    case Status::coverage:
      return {"{} repeats the end values", {{"coverage", "extend"}}};
    case Status::not_a_number:
      return {"{} leaves such pixels out", {{"spectrum-nonfinite", "drop"}}};
    case Status::wavelength_unit:
      return {"say what they are with {}", {{"wavelength-unit"}}};
    default:
      return {};
  }
}

std::vector<EmbeddedSpectrum> embed_spectra(const ModalitySources& sources, const MultimodalEncoder& encoder,
                                            std::size_t n_threads) {
  std::vector<EmbeddedSpectrum> out;
  for (std::size_t first = 0; first < sources.spectra.size(); first += kFilesTogether) {
    std::vector<FileOfSpectra> files(std::min(kFilesTogether, sources.spectra.size() - first));
    parallel_for(files.size(), n_threads, [&](std::size_t i, std::size_t) {
      files[i] = read_file(sources.spectra[first + i], sources);
    });
    embed_files(files, encoder, sources.spectrum.grid.size, n_threads, out);
  }
  const std::span<const SpectrumObject> in_memory = sources.spectra_in_memory;
  for (std::size_t first = 0; first < in_memory.size(); first += kFilesTogether) {
    std::vector<FileOfSpectra> spectra(std::min(kFilesTogether, in_memory.size() - first));
    parallel_for(spectra.size(), n_threads, [&](std::size_t i, std::size_t) {
      spectra[i].channels.emplace_back();
      spectra[i].spectra.push_back(prepared(in_memory[first + i], sources.spectrum, spectra[i].channels[0]));
    });
    embed_files(spectra, encoder, sources.spectrum.grid.size, n_threads, out);
  }
  return out;
}

std::vector<EmbeddedSpectrum> prepare_spectra(const ModalitySources& sources, std::size_t n_threads) {
  std::vector<FileOfSpectra> files(sources.spectra.size());
  parallel_for(files.size(), n_threads,
               [&](std::size_t i, std::size_t) { files[i] = read_file(sources.spectra[i], sources); });
  std::vector<EmbeddedSpectrum> out;
  for (FileOfSpectra& file : files) {
    for (std::size_t i = 0; i < file.spectra.size(); ++i) {
      out.push_back(std::move(file.spectra[i]));
      out.back().embedding = std::move(file.channels[i]);
    }
  }
  return out;
}

SpectraByName::SpectraByName(const std::vector<EmbeddedSpectrum>& spectra, PickSpectrum pick)
    : spectra_(spectra), pick_(pick) {
  for (std::size_t i = 0; i < spectra.size(); ++i) {
    std::vector<std::string> names = spectra[i].ids;
    names.push_back(spectra[i].object_id);
    names.push_back(spectra[i].file);
    names.push_back(std::filesystem::path(spectra[i].file).filename().string());
    std::sort(names.begin(), names.end());
    names.erase(std::unique(names.begin(), names.end()), names.end());
    for (const std::string& name : names) {
      if (!name.empty()) add(name, i);  // a spectrum in memory has no file
    }
  }
}

void SpectraByName::add(const std::string& name, std::size_t index) {
  const auto [place, is_new] = by_name_.try_emplace(name, Found{.index = index, .several = false});
  if (is_new) return;
  Found& found = place->second;
  if (pick_ == PickSpectrum::none) found.several = true;
  if (pick_ == PickSpectrum::last) found.index = index;
  const auto snr = [&](std::size_t i) { return spectra_[i].snr.value_or(-1); };
  if (pick_ == PickSpectrum::best_snr && snr(index) > snr(found.index)) found.index = index;
}

std::optional<SpectraByName::Found> SpectraByName::find(std::string_view name) const {
  const auto found = by_name_.find(name);
  return found == by_name_.end() ? std::nullopt : std::optional(found->second);
}

}  // namespace astrom3
