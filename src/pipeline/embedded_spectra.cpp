// SPDX-License-Identifier: MIT
#include "pipeline/embedded_spectra.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <iterator>
#include <map>
#include <span>
#include <system_error>
#include <utility>
#include <vector>

#include "astrom3/base/error.h"
#include "astrom3/pipeline/embed_modalities.h"
#include "astrom3/pipeline/modality_treatment.h"
#include "astrom3/shared_space/modality.h"
#include "astrom3/spectrum/read_spectra.h"
#include "astrom3/spectrum/spectrum.h"
#include "base/parallel_for.h"
#include "pipeline/modality_output.h"

namespace astrom3 {
namespace {

// Files whose spectra are in memory together, as tensors of 31 kB: so many, or of so many bytes.
constexpr std::size_t kFilesTogether = 256;
constexpr std::uint64_t kBytesTogether = std::uint64_t{64} << 20;

std::uint64_t size_of(const std::filesystem::path& file) {
  std::error_code error;
  const std::uint64_t size = std::filesystem::file_size(file, error);
  return error ? 0 : size;
}

/// What is known of a spectrum before its tensor is made.
EmbeddedSpectrum named(const SpectrumObject& object) {
  return {.object_id = object.object_id,
          .file = object.file,
          .ids = object.ids,
          .status = object.status,
          .message = object.message,
          .hint = object.hint,
          .flags = {},
          .snr = object.snr,
          .embedding = {}};
}

/// One spectrum to its tensor; what was read is no longer needed.
EmbeddedSpectrum prepared(const SpectrumObject& object, const SpectrumOptions& options,
                          std::vector<float>& channels) {
  EmbeddedSpectrum out = named(object);
  out.is_complete = true;
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

std::vector<SpectrumObject> read_objects(const std::filesystem::path& file, const SpectrumReading& reading) {
  try {
    return read_spectra(file, reading);
  } catch (const Error& error) {
    if (error.code() == Status::interrupted) throw;
    SpectrumObject object;
    object.object_id = file.stem().string();
    object.file = file.string();
    object.status = Status::io_error;
    object.message = error.diagnostic().message;
    return {std::move(object)};
  }
}

/// The spectra of a file, all of them, or those with these numbers in it.
FileOfSpectra read_file(std::size_t file_number, const ModalitySources& sources,
                        const std::vector<std::size_t>* wanted = nullptr) {
  const std::vector<SpectrumObject> objects = read_objects(sources.spectra[file_number], sources.reading);
  FileOfSpectra out;
  const auto add = [&](std::size_t number) {
    out.channels.emplace_back();
    out.spectra.push_back(prepared(objects[number], sources.spectrum, out.channels.back()));
    out.spectra.back().file_number = file_number;
    out.spectra.back().number_in_file = number;
  };
  for (std::size_t i = 0; wanted == nullptr && i < objects.size(); ++i) add(i);
  if (wanted == nullptr) return out;
  for (const std::size_t number : *wanted) {
    if (number >= objects.size())
      throw Error(Diagnostic{.code = Status::io_error,
                             .file = sources.spectra[file_number].string(),
                             .message = "was changed while the run read it"});
    add(number);
  }
  return out;
}

/// The names of the spectra of a file alone.
FileOfSpectra read_names(std::size_t file_number, const ModalitySources& sources) {
  FileOfSpectra out;
  for (const SpectrumObject& object : read_objects(sources.spectra[file_number], sources.reading)) {
    out.spectra.push_back(named(object));
    out.spectra.back().file_number = file_number;
    out.spectra.back().number_in_file = out.spectra.size() - 1;
    out.spectra.back().is_complete = object.status != Status::ok;
  }
  return out;
}

/// Embeds what of `files` could be prepared, all together.
void embed_files(std::vector<FileOfSpectra>& files, const ModalityOutput& output, std::size_t n_pixels,
                 std::size_t n_threads) {
  std::vector<float> values;
  std::vector<EmbeddedSpectrum*> targets;
  for (FileOfSpectra& file : files) {
    for (std::size_t i = 0; i < file.spectra.size(); ++i) {
      if (file.spectra[i].status != Status::ok) continue;
      values.insert(values.end(), file.channels[i].begin(), file.channels[i].end());
      targets.push_back(&file.spectra[i]);
    }
  }
  const std::size_t width = output.size(Modality::spectra);
  std::vector<float> embeddings(targets.size() * width);
  std::vector<Status> status(targets.size());
  if (!targets.empty()) {
    output.make({.modality = Modality::spectra, .values = values, .mask = {}, .n_pixels = n_pixels},
                embeddings, status, n_threads);
  }
  for (std::size_t i = 0; i < targets.size(); ++i) {
    targets[i]->status = status[i];
    targets[i]->message = status[i] == Status::ok ? "" : status_meaning(status[i]);
    if (status[i] != Status::ok) continue;
    const auto begin = embeddings.begin() + static_cast<std::ptrdiff_t>(i * width);
    targets[i]->embedding.assign(begin, begin + static_cast<std::ptrdiff_t>(width));
  }
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

EmbeddedSpectra::EmbeddedSpectra(const ModalitySources& sources, const ModalityOutput& output,
                                 bool are_wanted, std::size_t n_threads,
                                 const std::function<void(std::uint64_t)>& progress)
    : sources_(sources), output_(output), n_threads_(n_threads) {
  std::size_t n_embedding_bytes = 0;
  for (std::size_t first = 0; are_wanted && first < sources.spectra.size();) {
    std::size_t n_files = 0;
    std::uint64_t n_bytes = 0;
    do {
      n_bytes += size_of(sources.spectra[first + n_files++]);
    } while (first + n_files < sources.spectra.size() && n_files < kFilesTogether &&
             n_bytes < kBytesTogether);
    std::vector<FileOfSpectra> files(n_files);
    const bool has_room = n_embedding_bytes < sources.memory_bytes;
    parallel_for(n_files, n_threads, [&](std::size_t i, std::size_t) {
      files[i] = has_room ? read_file(first + i, sources) : read_names(first + i, sources);
    });
    if (has_room) embed_files(files, output, sources.spectrum.grid.size, n_threads);
    for (FileOfSpectra& file : files) {
      n_embedding_bytes += file.spectra.size() * output.size(Modality::spectra) * sizeof(float);
      std::move(file.spectra.begin(), file.spectra.end(), std::back_inserter(spectra_));
    }
    first += n_files;
    if (progress) progress(n_bytes);
  }
  if (are_wanted) embed_in_memory();
}

/// Those that are no files; their pixels are in memory anyway.
void EmbeddedSpectra::embed_in_memory() {
  const std::span<const SpectrumObject> in_memory = sources_.spectra_in_memory;
  for (std::size_t first = 0; first < in_memory.size(); first += kFilesTogether) {
    std::vector<FileOfSpectra> spectra(std::min(kFilesTogether, in_memory.size() - first));
    parallel_for(spectra.size(), n_threads_, [&](std::size_t i, std::size_t) {
      spectra[i].channels.emplace_back();
      spectra[i].spectra.push_back(prepared(in_memory[first + i], sources_.spectrum, spectra[i].channels[0]));
    });
    embed_files(spectra, output_, sources_.spectrum.grid.size, n_threads_);
    for (FileOfSpectra& one : spectra) spectra_.push_back(std::move(one.spectra.front()));
  }
}

void EmbeddedSpectra::complete(std::span<const std::size_t> numbers) {
  completed_.clear();
  std::map<std::size_t, std::vector<std::size_t>> in_file;  // numbers of spectra_
  for (const std::size_t number : numbers) {
    std::vector<std::size_t>& same_file = in_file[spectra_[number].file_number];
    const bool is_there = std::find(same_file.begin(), same_file.end(), number) != same_file.end();
    if (!spectra_[number].is_complete && !is_there) same_file.push_back(number);
  }
  std::erase_if(in_file, [](const auto& entry) { return entry.second.empty(); });
  const std::vector<std::pair<std::size_t, std::vector<std::size_t>>> wanted(in_file.begin(), in_file.end());
  std::vector<FileOfSpectra> files(wanted.size());
  parallel_for(files.size(), n_threads_, [&](std::size_t i, std::size_t) {
    std::vector<std::size_t> in_it;
    for (const std::size_t number : wanted[i].second) in_it.push_back(spectra_[number].number_in_file);
    files[i] = read_file(wanted[i].first, sources_, &in_it);
  });
  embed_files(files, output_, sources_.spectrum.grid.size, n_threads_);
  for (std::size_t i = 0; i < files.size(); ++i) {
    for (std::size_t k = 0; k < files[i].spectra.size(); ++k)
      completed_[wanted[i].second[k]] = std::move(files[i].spectra[k]);
  }
}

const EmbeddedSpectrum& EmbeddedSpectra::at(std::size_t number) const {
  return spectra_[number].is_complete ? spectra_[number] : completed_.at(number);
}

std::vector<EmbeddedSpectrum> prepare_spectra(const ModalitySources& sources, std::size_t n_threads) {
  std::vector<FileOfSpectra> files(sources.spectra.size());
  parallel_for(files.size(), n_threads,
               [&](std::size_t i, std::size_t) { files[i] = read_file(i, sources); });
  std::vector<EmbeddedSpectrum> out;
  for (FileOfSpectra& file : files) {
    for (std::size_t i = 0; i < file.spectra.size(); ++i) {
      out.push_back(std::move(file.spectra[i]));
      out.back().embedding = std::move(file.channels[i]);
    }
  }
  return out;
}

}  // namespace astrom3
