// SPDX-License-Identifier: MIT
//
// Any bytes as a Parquet file, to every reader of Parquet there is: light curves, a catalogue, labels,
// results and tensors. An Error, or what the readers of text give too.
//
// Most mutants are made of a file taken to pieces (parquet_file.h). The seeds are neither compressed nor
// checksummed, since those would stop nearly every mutant. Arrow itself is not instrumented, but its buffers
// come from AddressSanitizer's allocator: what is read beyond one of them is seen in this program's code.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <span>
#include <string>
#include <string_view>

#include "astrom3/base/error.h"
#include "astrom3/classes/labels.h"
#include "astrom3/features/catalog.h"
#include "downstream/result_file.h"
#include "formats/parquet.h"
#include "input_file.h"
#include "parquet_file.h"
#include "pipeline/tensor_file.h"
#include "source/parquet_source.h"

extern "C" std::size_t LLVMFuzzerMutate(std::uint8_t* data, std::size_t size, std::size_t max_size);

extern "C" int LLVMFuzzerInitialize(int*, char***) {
  ::setenv("ARROW_DEFAULT_MEMORY_POOL", "system", 1);
  (void)astrom3::parquet_module(astrom3::Status::internal);  // without it every input would be an Error
  return 0;
}

extern "C" std::size_t LLVMFuzzerCustomMutator(std::uint8_t* data, std::size_t size, std::size_t max_size,
                                               unsigned int seed) {
  using namespace astrom3;
  if (seed % 8 != 0 && size > 1) {
    const std::string_view file(reinterpret_cast<const char*>(data) + 1, size - 1);
    if (auto pieces = ParquetPieces::take_apart(file)) {
      Random random(seed);
      pieces->mutate(random);
      const std::string mutant = pieces->put_together(random);
      if (mutant.size() < max_size) {
        if (seed % 16 == 1) data[0] = static_cast<std::uint8_t>(random.bits());
        std::copy(mutant.begin(), mutant.end(), data + 1);
        return mutant.size() + 1;
      }
    }
  }
  return LLVMFuzzerMutate(data, size, max_size);
}

namespace {

using namespace astrom3;

void read_light_curves(const std::filesystem::path& file, std::uint8_t choices) {
  SourceOptions options;
  if ((choices & 1) != 0) options.nonfinite = NonfinitePolicy::drop;
  if ((choices & 2) != 0) options.split_bands = true;
  if ((choices & 4) != 0) options.band = "g";
  if ((choices & 8) != 0) options.missing_error = 0.1;
  if ((choices & 16) != 0) options.memory_bytes = 2000;
  ParquetSource source(file, "fuzz.parquet", options);
  std::size_t n_objects = 0;
  for (SourceObject object; source.next(object); ++n_objects) {
    const LightCurve& curve = object.light_curve;
    require(curve.flux.size() == curve.size() && curve.flux_err.size() == curve.size());
    if (object.rejection.has_value()) {
      require(curve.size() == 0 && object.rejection->code != Status::ok);
      (void)to_string(*object.rejection);
    } else {
      require(curve.size() + object.dropped.total() == object.n_raw);
    }
  }
  require(n_objects > 0);  // every file leaves a trace
  (void)source.describe();
}

void read_results(const std::filesystem::path& file, VectorKind kind) {
  const ResultRows rows = read_result_file(file, kind, {});
  const std::size_t n = rows.object_ids.size();
  require(rows.scalars.size() == n && rows.vectors.size() == n * rows.width);
}

void read_tensors(const std::filesystem::path& file) {
  EncoderConfig config;
  config.seq_len = 3;
  const TensorFile tensors = read_tensor_file(file, config);
  require(tensors.x_enc.size() == 9 * tensors.mask.size() && tensors.mask.size() % 3 == 0);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 5 || std::string_view(reinterpret_cast<const char*>(data) + 1, 4) != "PAR1") return 0;
  static InputFile input;
  const std::filesystem::path& file = input.hold(std::as_bytes(std::span(data, size).subspan(1)));
  const std::uint8_t reader = data[0] & 7;
  try {
    if (reader < 4) read_light_curves(file, static_cast<std::uint8_t>(data[0] >> 3));
    if (reader == 4) require(Catalog::read(file).size() > 0);
    if (reader == 5) (void)read_labels(file);
    if (reader == 6) read_results(file, static_cast<VectorKind>((data[0] >> 3) % 3));
    if (reader == 7) read_tensors(file);
  } catch (const Error& error) {
    require(error.code() != Status::internal && error.code() != Status::ok);
  }
  return 0;
}
