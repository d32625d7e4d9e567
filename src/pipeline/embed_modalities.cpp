// SPDX-License-Identifier: MIT
//
// Joins what an object is seen by, embeds it, and gives one row each.
#include "astrom3/pipeline/embed_modalities.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <set>
#include <utility>

#include "astrom3/base/stop_scope.h"
#include "base/joined.h"
#include "base/parallel_for.h"
#include "base/threads.h"
#include "formats/keyed_table.h"
#include "pipeline/spectra_by_name.h"

namespace astrom3 {
namespace {

constexpr std::size_t kObjectsTogether = 64;  // light curves in memory at a time

/// What became of one modality of an object.
struct Outcome {
  bool is_there = false;  ///< there was something to embed
  Status status = Status::ok;
  std::string message, file;
  Hint hint;
  std::vector<std::string> flags;
  std::vector<float> embedding;
};

/// An object on its way to a row.
struct Object {
  std::string id;
  PerModality<Outcome> outcomes;
};

/// One run; the order of its rows is run().
class ModalityRun {
 public:
  ModalityRun(const ModalitySources& sources, const MultimodalEncoder& encoder,
              const MultimodalRequest& request, const MultimodalRowConsumer& consumer, RejectLog* rejects)
      : sources_(sources),
        encoder_(encoder),
        request_(request),
        consumer_(consumer),
        rejects_(rejects),
        n_threads_(resolve_threads(request.n_threads)) {}

  MultimodalSummary run() {
    if (wants(Modality::spectra)) spectra_ = embed_spectra(sources_, encoder_, n_threads_);
    const SpectraByName by_name(spectra_, sources_.pick);
    by_name_ = &by_name;
    taken_.assign(spectra_.size(), false);
    if (sources_.light_curves != nullptr && wants(Modality::photo)) run_light_curves();
    run_other_spectra();
    if (sources_.light_curves == nullptr && spectra_.empty() && wants(Modality::metadata)) run_metadata();
    return summary_;
  }

 private:
  bool wants(Modality modality) const {
    return request_.modalities[index_of(modality)] && encoder_.has(modality);
  }

  // ---- light curves ----

  void run_light_curves() {
    std::vector<SourceObject> read(kObjectsTogether);
    for (bool more = true; more;) {
      std::size_t n = 0;
      while (n < read.size() && (more = sources_.light_curves->next(read[n]))) ++n;
      run_batch(std::span(read).first(n));
    }
  }

  void run_batch(std::span<SourceObject> read) {
    if (read.empty()) return;
    std::vector<ObjectResult> results(read.size());
    parallel_for(read.size(), n_threads_,
                 [&](std::size_t i, std::size_t) { make_tensor(read[i], n_light_curves_ + i, results[i]); });
    n_light_curves_ += read.size();
    std::vector<Object> objects(read.size());
    std::vector<float> x_enc, mask;
    std::vector<std::size_t> ok;
    for (std::size_t i = 0; i < read.size(); ++i) {
      objects[i].id = read[i].object_id;
      take_photo(read[i], results[i], objects[i].outcomes[index_of(Modality::photo)]);
      if (results[i].status != Status::ok) continue;
      ok.push_back(i);
      x_enc.insert(x_enc.end(), results[i].x_enc.begin(), results[i].x_enc.end());
      mask.insert(mask.end(), results[i].mask.begin(), results[i].mask.end());
    }
    std::vector<float> embeddings(ok.size() * encoder_.embedding_size());
    std::vector<Status> status(ok.size());
    if (!ok.empty())
      encoder_.embed({.modality = Modality::photo, .values = x_enc, .mask = mask, .n_pixels = 0}, embeddings,
                     status, n_threads_);
    for (std::size_t k = 0; k < ok.size(); ++k)
      set_embedding(objects[ok[k]].outcomes[index_of(Modality::photo)], status[k], embeddings, k);
    for (Object& object : objects) {
      join_spectrum(object);
      join_metadata(object);
      finish(object);
    }
  }

  void make_tensor(SourceObject& object, std::size_t number, ObjectResult& result) const {
    throw_if_stopped();
    if (object.rejection) {
      result.status = object.rejection->code;
      result.diagnostic = *object.rejection;
      return;
    }
    FeatureOverrides overrides = sources_.given.of(number, sources_.object.overrides);
    Diagnostic diagnostic;
    const Status found = sources_.catalog == nullptr
                             ? Status::ok
                             : sources_.catalog->look_up(object.object_id, overrides, diagnostic);
    embed_object(object.light_curve, sources_.object, overrides,
                 found == Status::ok ? Stage::tensor : Stage::cleaning, nullptr, false, result);
    if (found == Status::ok || result.status != Status::ok) return;
    result.status = found;
    result.diagnostic = diagnostic;
  }

  static void take_photo(const SourceObject& object, const ObjectResult& result, Outcome& out) {
    out.is_there = true;
    out.status = result.status;
    out.message = result.diagnostic.message;
    out.hint = result.diagnostic.hint;
    out.file = object.file;
    Flags flags = result.flags;
    flags.set(object.flags);
    const std::string text = to_string(flags);
    for (std::size_t begin = 0; begin < text.size();) {
      const std::size_t end = std::min(text.find(';', begin), text.size());
      out.flags.push_back(text.substr(begin, end - begin));
      begin = end + 1;
    }
  }

  void set_embedding(Outcome& out, Status status, const std::vector<float>& all, std::size_t index) const {
    out.status = status;
    if (status != Status::ok) {
      out.message = status_meaning(status);
      return;
    }
    const std::size_t width = encoder_.embedding_size();
    const auto begin = all.begin() + static_cast<std::ptrdiff_t>(index * width);
    out.embedding.assign(begin, begin + static_cast<std::ptrdiff_t>(width));
  }

  // ---- spectra ----

  void join_spectrum(Object& object) {
    const auto pair = sources_.pairs.find(object.id);
    const std::string& name = pair == sources_.pairs.end() ? object.id : pair->second;
    const auto found = by_name_->find(name);
    Outcome& out = object.outcomes[index_of(Modality::spectra)];
    if (!found && pair != sources_.pairs.end()) {
      out.is_there = true;
      out.status = Status::missing_modality;
      out.message = fmt::format("no spectrum is called \"{}\"", escaped(name));
    }
    if (!found) return;
    if (!found->several) return take_spectrum(found->index, out);
    with_several_.insert(name);
    out.is_there = true;
    out.status = Status::several_spectra;
    out.message = fmt::format("several spectra of \"{}\"", escaped(name));
    out.hint = {"choose one with {}", {{"pick", "best-snr"}}};
  }

  void take_spectrum(std::size_t index, Outcome& out) {
    const EmbeddedSpectrum& spectrum = spectra_[index];
    taken_[index] = true;
    out = {.is_there = true,
           .status = spectrum.status,
           .message = spectrum.message,
           .file = spectrum.file,
           .hint = spectrum.hint,
           .flags = spectrum.flags,
           .embedding = spectrum.embedding};
  }

  void run_other_spectra() {
    for (std::size_t i = 0; i < spectra_.size(); ++i) {
      if (taken_[i]) continue;
      throw_if_stopped();
      Object object;
      object.id = spectra_[i].object_id;
      const auto found = by_name_->find(object.id);
      const bool has_several = found && found->several;
      if (has_several && with_several_.contains(object.id)) continue;  // one row for all of them
      if (found && !found->several && found->index != i) continue;     // another of the object's was picked
      if (has_several) {
        join_spectrum(object);
      } else {
        take_spectrum(i, object.outcomes[index_of(Modality::spectra)]);
      }
      join_metadata(object, spectra_[i].ids);
      finish(object);
    }
  }

  // ---- metadata ----

  void join_metadata(Object& object, const std::vector<std::string>& ids = {}) {
    if (!wants(Modality::metadata) || sources_.metadata == nullptr) return;
    const MetadataRow* row = sources_.metadata->find(object.id);
    for (const std::string& id : ids) {
      if (row == nullptr) row = sources_.metadata->find(id);
    }
    if (row == nullptr) return;
    Outcome& out = object.outcomes[index_of(Modality::metadata)];
    out.is_there = true;
    out.status = row->status;
    out.message = row->message;
    out.flags = row->flags;
    out.file = sources_.metadata->scaling().source;
    if (row->status != Status::ok) return;
    std::vector<float> embedding(encoder_.embedding_size());
    std::vector<Status> status(1);
    encoder_.embed({.modality = Modality::metadata, .values = row->x, .mask = {}, .n_pixels = 0}, embedding,
                   status);
    set_embedding(out, status[0], embedding, 0);
  }

  void run_metadata() {
    if (sources_.metadata == nullptr) return;
    for (const std::string& id : sources_.metadata->ids()) {
      throw_if_stopped();
      Object object;
      object.id = id;
      join_metadata(object);
      finish(object);
    }
  }

  // ---- rows ----

  void finish(Object& object) {
    MultimodalRow row;
    row.object_id = std::move(object.id);
    Status first = Status::no_modality;
    bool is_whole = true;
    ObjectEmbeddings embeddings{};
    for (const Modality modality : kModalities) {
      if (!wants(modality)) continue;
      Outcome& out = object.outcomes[index_of(modality)];
      add_flags(modality, out, row);
      const bool is_ok = out.is_there && out.status == Status::ok;
      is_whole = is_whole && is_ok;
      if (!is_ok && first == Status::no_modality && out.is_there) first = out.status;
      if (!is_ok && out.is_there) note_reject(modality, out, row.object_id, row.rejections);
      if (!is_ok) continue;
      ++summary_.n_embedded[index_of(modality)];
      row.modalities.push_back(modality);
      row.embeddings[index_of(modality)] = std::move(out.embedding);
      embeddings[index_of(modality)] = row.embeddings[index_of(modality)].data();
    }
    row.status = row.modalities.empty() ? first : Status::ok;
    if (row.status == Status::ok && request_.require_all && !is_whole)
      row.status = first == Status::no_modality ? Status::missing_modality : first;
    if (row.status == Status::ok) fuse(embeddings, row);
    if (row.status != Status::ok) clear(row);
    ++summary_.n_objects;
    if (row.status == Status::ok) ++summary_.n_ok;
    consumer_(row);
  }

  static void clear(MultimodalRow& row) {
    row.modalities.clear();
    row.embeddings = {};
    row.fused.clear();
    row.logits.clear();
    row.probabilities.clear();
  }

  static void add_flags(Modality modality, const Outcome& out, MultimodalRow& row) {
    const std::string prefix = modality == Modality::photo ? "" : std::string(modality_name(modality)) + ":";
    for (const std::string& flag : out.flags) row.flags.push_back(prefix + flag);
    if (out.is_there && out.status != Status::ok)
      row.flags.push_back(fmt::format("{}:{}", modality_name(modality), status_name(out.status)));
  }

  void note_reject(Modality modality, const Outcome& out, const std::string& id,
                   std::vector<Diagnostic>& rejections) {
    ++summary_.rejected[fmt::format("{}:{}", modality_name(modality), status_name(out.status))];
    rejections.push_back({.code = out.status,
                          .file = out.file,
                          .object_id = id,
                          .column = std::string(modality_name(modality)),
                          .message = out.message,
                          .hint = out.hint});
    if (rejects_ != nullptr) rejects_->write(rejections.back());
  }

  void fuse(const ObjectEmbeddings& embeddings, MultimodalRow& row) const {
    row.fused.resize(encoder_.fused_size());
    // A fusion that needs all modalities leaves the embeddings of those that there are.
    if (encoder_.fuse(embeddings, row.fused) != Status::ok) row.fused.clear();
    if (!request_.probabilities) return;
    if (row.fused.empty()) {
      row.status = Status::missing_modality;
      return;
    }
    row.logits.resize(encoder_.class_count());
    encoder_.classify(row.fused, row.logits);
    const double top = *std::max_element(row.logits.begin(), row.logits.end());
    double total = 0;
    for (const float logit : row.logits) total += std::exp(static_cast<double>(logit) - top);
    for (const float logit : row.logits)
      row.probabilities.push_back(static_cast<float>(std::exp(static_cast<double>(logit) - top) / total));
    const bool is_finite = std::all_of(row.probabilities.begin(), row.probabilities.end(),
                                       [](float p) { return std::isfinite(p); });
    if (!is_finite) row.status = Status::nonfinite_output;
  }

  const ModalitySources& sources_;
  const MultimodalEncoder& encoder_;
  const MultimodalRequest& request_;
  const MultimodalRowConsumer& consumer_;
  RejectLog* rejects_;
  std::size_t n_threads_;
  std::size_t n_light_curves_ = 0;  ///< so far
  std::vector<EmbeddedSpectrum> spectra_;
  const SpectraByName* by_name_ = nullptr;
  std::vector<bool> taken_;
  std::set<std::string> with_several_;  ///< names of several spectra that an object was joined with
  MultimodalSummary summary_;
};

}  // namespace

MultimodalSummary embed_modalities(const ModalitySources& sources, const MultimodalEncoder& encoder,
                                   const MultimodalRequest& request, const MultimodalRowConsumer& consumer,
                                   RejectLog* rejects, const std::atomic<bool>* stop) {
  const auto require = [&](bool is_given, Modality modality) {
    if (!is_given || !request.modalities[index_of(modality)] || encoder.has(modality)) return;
    throw Error(Status::usage,
                fmt::format("{0} is given, but the checkpoint has no encoder of {0}: its kind is {1}",
                            modality_name(modality), checkpoint_kind_name(encoder.config().kind)));
  };
  require(sources.light_curves != nullptr, Modality::photo);
  require(!sources.spectra.empty() || !sources.spectra_in_memory.empty(), Modality::spectra);
  require(sources.metadata != nullptr, Modality::metadata);
  const StopScope scope(stop);
  return ModalityRun(sources, encoder, request, consumer, rejects).run();
}

std::map<std::string, std::string, std::less<>> read_pairs(const std::filesystem::path& file) {
  KeyedTable table(file, Status::bad_metadata);
  auto id = table.find("object_id");
  if (!id) id = table.find("light_curve");
  const auto spectrum = table.find("spectrum");
  if (!id || !spectrum)
    table.fail(fmt::format("needs the columns object_id (or light_curve) and spectrum; found: {}",
                           joined(table.names(), ", ")));
  table.select({{*id, CellType::text}, {*spectrum, CellType::text}});
  std::map<std::string, std::string, std::less<>> pairs;
  while (table.next()) {
    const auto [place, is_new] = pairs.emplace(table.id(0), table.id(1));
    if (!is_new) table.fail_in_row("the light curve is there twice", 0);
  }
  return pairs;
}

}  // namespace astrom3
