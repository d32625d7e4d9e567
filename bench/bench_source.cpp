// SPDX-License-Identifier: MIT
//
// How fast text becomes light curves: bytes of (decompressed) text a second, on one thread.
#include <benchmark/benchmark.h>
#include <fmt/format.h>

#include <cstddef>
#include <cstdint>
#include <random>
#include <string>
#include <string_view>

#include "astrom3/source/source.h"
#include "base/number.h"
#include "formats/byte_reader.h"
#include "formats/csv.h"
#include "formats/decompressed.h"
#include "source/text_source.h"

namespace astrom3 {
namespace {

/// A long table like the ASAS-3 training set: 300 rows an object, about 46 bytes a row.
std::string long_table(std::size_t n_objects, bool quoted_ids) {
  std::mt19937_64 random(1);
  std::string text = "object_id,hjd,mag,mag_err\n";
  for (std::size_t i = 0; i < n_objects; ++i) {
    const std::string name = fmt::format("ASAS_{:06}+2553.2", i);
    const std::string id = quoted_ids ? fmt::format("\"{}\"", name) : name;
    for (int k = 0; k < 300; ++k) {
      text += fmt::format("{},{:.5f},{:.3f},0.0{}\n", id,
                          2452000 + static_cast<double>(random() % 300000000) * 1e-5,
                          9 + static_cast<double>(random() % 2000) * 1e-3, 10 + random() % 80);
    }
  }
  return text;
}

void read_source(benchmark::State& state, const std::string& text, std::uint64_t memory_bytes) {
  SourceOptions options;
  options.band = "V";
  options.memory_bytes = memory_bytes;
  std::size_t n_rows = 0;
  for (auto _ : state) {
    TextSource source(DecompressedReader(ByteReader::in_memory(text)), "table.csv", options);
    for (SourceObject object; source.next(object);) n_rows += object.light_curve.size();
  }
  benchmark::DoNotOptimize(n_rows);
  state.SetBytesProcessed(state.iterations() * static_cast<std::int64_t>(text.size()));
  state.SetItemsProcessed(static_cast<std::int64_t>(n_rows));
}

void BM_LongTable(benchmark::State& state) {
  read_source(state, long_table(1000, false), 1ull << 30);
}
void BM_LongTableStreamed(benchmark::State& state) {
  read_source(state, long_table(1000, false), 1 << 20);
}
void BM_LongTableQuotedIds(benchmark::State& state) {
  read_source(state, long_table(1000, true), 1ull << 30);
}

/// Records and fields alone: what is left is numbers and objects.
void BM_CsvRecords(benchmark::State& state) {
  const std::string text = long_table(1000, false);
  std::size_t n_fields = 0;
  for (auto _ : state) {
    CsvReader reader{DecompressedReader(ByteReader::in_memory(text))};
    for (CsvRecord record; reader.next(record);) n_fields += record.fields.size();
  }
  benchmark::DoNotOptimize(n_fields);
  state.SetBytesProcessed(state.iterations() * static_cast<std::int64_t>(text.size()));
}

void BM_ParseNumber(benchmark::State& state) {
  double sum = 0;
  for (auto _ : state) {
    for (const std::string_view text : {"2452622.54996", "9.715", "0.043", "17.3579998"})
      sum += parse_number(text).value;
  }
  benchmark::DoNotOptimize(sum);
  state.SetItemsProcessed(state.iterations() * 4);
}

BENCHMARK(BM_LongTable)->Unit(benchmark::kMillisecond);
BENCHMARK(BM_LongTableStreamed)->Unit(benchmark::kMillisecond);
BENCHMARK(BM_LongTableQuotedIds)->Unit(benchmark::kMillisecond);
BENCHMARK(BM_CsvRecords)->Unit(benchmark::kMillisecond);
BENCHMARK(BM_ParseNumber);

}  // namespace
}  // namespace astrom3

BENCHMARK_MAIN();
