// SPDX-License-Identifier: MIT
//
// Loading a full-size checkpoint: read, hash, widen, check. The file is in the page cache.
#include <benchmark/benchmark.h>
#include <stdlib.h>

#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <string>
#include <system_error>

#include "astrom3/encoder/checkpoint.h"
#include "astrom3/features/scaling.h"

namespace {

/// A checkpoint of the published sizes in a folder of its own, removed at the end.
class FullSizeCheckpoint {
 public:
  FullSizeCheckpoint() {
    std::string name = (std::filesystem::temp_directory_path() / "astrom3_bench_XXXXXX").string();
    if (::mkdtemp(name.data()) == nullptr) std::abort();
    path_ = name;
    astrom3::write_random_checkpoint(path_, {}, 0, astrom3::published_scaling());
  }
  FullSizeCheckpoint(const FullSizeCheckpoint&) = delete;
  FullSizeCheckpoint& operator=(const FullSizeCheckpoint&) = delete;
  ~FullSizeCheckpoint() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path path_;
};

void load_checkpoint(benchmark::State& state) {
  const FullSizeCheckpoint checkpoint;
  for (auto _ : state) benchmark::DoNotOptimize(astrom3::load_checkpoint(checkpoint.path()));
  const auto bytes = std::filesystem::file_size(checkpoint.path() / "model.safetensors");
  state.SetBytesProcessed(static_cast<std::int64_t>(bytes) * state.iterations());
}
BENCHMARK(load_checkpoint)->Unit(benchmark::kMillisecond);

}  // namespace

BENCHMARK_MAIN();
