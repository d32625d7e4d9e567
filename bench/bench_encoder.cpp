// SPDX-License-Identifier: MIT
//
// The encoder on one thread at the published size, beside what the core can do at most.
//
// Repetitions of all benchmarks are interleaved, so that a change of clock hits all alike; times are
// thread CPU times, and the table at the end is made of medians. The processor lowers its clock under
// dense vector code, more so under code that also loads: the peak of bare multiply-adds is therefore
// measured alone and in bursts right after an encode, at the encoder's own clock. GFLOP/s count the
// multiplications and additions of the model's formulas: 0.793 GFLOP per light curve, whatever is really
// computed.
#include <benchmark/benchmark.h>
#include <bits/time.h>
#include <fmt/format.h>
#include <stdlib.h>
#include <time.h>

#include <algorithm>
#include <cstddef>
#include <cstdlib>
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <random>
#include <string>
#include <system_error>
#include <vector>

#include "astrom3/encoder/checkpoint.h"
#include "astrom3/encoder/encoder.h"
#include "astrom3/features/scaling.h"
#include "astrom3/kernels/isa.h"
#include "base/aligned_vector.h"
#include "fma_peak.h"
#include "kernels/dispatch.h"
#include "kernels/kernels.h"

namespace {

using namespace astrom3;
using namespace astrom3::bench;

void fma_peak(benchmark::State& state, Isa isa) {
  for (auto _ : state) peak_of(isa)();
  state.counters["GFLOP"] =
      benchmark::Counter(peak_gflop(isa), benchmark::Counter::kIsIterationInvariantRate);
}

/// Multiplications and additions of the matrix products of one light curve.
double gflop(const EncoderConfig& c) {
  const auto T = static_cast<double>(c.seq_len), D = static_cast<double>(c.d_model);
  const auto F = static_cast<double>(c.d_ff), C = static_cast<double>(c.enc_in);
  const double layer = 4 * D * D + 2 * D * F + 2 * T * D;
  return 2e-9 * T * (static_cast<double>(c.e_layers) * layer + 3 * C * D);
}

std::shared_ptr<const Checkpoint> checkpoint_of_published_size() {
  std::string name = (std::filesystem::temp_directory_path() / "astrom3_bench_XXXXXX").string();
  if (::mkdtemp(name.data()) == nullptr) std::abort();
  write_random_checkpoint(name, {}, 0, published_scaling());
  const auto checkpoint = load_checkpoint(name);
  std::error_code ignored;
  std::filesystem::remove_all(name, ignored);
  return checkpoint;
}

struct Input {
  std::vector<float> x_enc, mask;
};

/// A light curve of `observed` observations, padded to 200.
Input light_curve(std::size_t observed) {
  Input input{.x_enc = std::vector<float>(200 * 9), .mask = std::vector<float>(200)};
  std::mt19937 engine(1);
  std::normal_distribution<float> normal;
  std::fill_n(input.mask.begin(), observed, 1.0f);
  for (std::size_t i = 0; i < observed * 9; ++i) input.x_enc[i] = normal(engine);
  return input;
}

void encode(benchmark::State& state, const Encoder& encoder, std::size_t observed, bool sequence) {
  const Input input = light_curve(observed);
  std::vector<float> mean(128), rows(sequence ? 200 * 128 : 0);
  for (auto _ : state) {
    encoder.encode(input.x_enc, input.mask, {.mean = mean, .sequence = rows, .logits = {}});
    benchmark::DoNotOptimize(mean.data());
  }
  state.counters["GFLOP"] =
      benchmark::Counter(gflop(encoder.config()), benchmark::Counter::kIsIterationInvariantRate);
  state.counters["light_curves"] = benchmark::Counter(1, benchmark::Counter::kIsIterationInvariantRate);
}

double thread_seconds() {
  timespec t{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
  return static_cast<double>(t.tv_sec) + 1e-9 * static_cast<double>(t.tv_nsec);
}

/// Bare multiply-adds at the clock that the encoder leaves behind.
void fma_peak_after_encode(benchmark::State& state, const Encoder& encoder) {
  const Input input = light_curve(200);
  std::vector<float> mean(128);
  for (auto _ : state) {
    encoder.encode(input.x_enc, input.mask, {.mean = mean, .sequence = {}, .logits = {}});
    const double begin = thread_seconds();
    peak_of(encoder.isa())();
    state.SetIterationTime(thread_seconds() - begin);
  }
  state.counters["GFLOP"] =
      benchmark::Counter(peak_gflop(encoder.isa()), benchmark::Counter::kIsIterationInvariantRate);
}

/// One matrix product of the model, weights and activations in cache.
void product(benchmark::State& state, Isa isa, std::size_t k, std::size_t n, kernels::Epilogue epilogue) {
  const kernels::KernelTable& table = kernels::kernels(isa);
  constexpr std::size_t kRows = 200;
  // Aligned as in the encoder: a vector that lies across two cache lines costs two loads.
  const AlignedVector<float> a(kRows * k, 0.01f), b(k * n, 0.01f), start(n);
  AlignedVector<float> c(kRows * (n + 16));
  for (auto _ : state) {
    table.gemm({.a = a.data(),
                .a_stride = k,
                .m = kRows,
                .k = k,
                .n = n,
                .b = b.data(),
                .start = start.data(),
                .c = c.data(),
                .c_stride = n + 16,
                .epilogue = epilogue});
    benchmark::DoNotOptimize(c.data());
  }
  const double flop = 2.0 * static_cast<double>(kRows * k * n);
  state.counters["GFLOP"] = benchmark::Counter(flop * 1e-9, benchmark::Counter::kIsIterationInvariantRate);
}

/// Prints as usual and keeps the medians of the rates.
class Medians : public benchmark::ConsoleReporter {
 public:
  void ReportRuns(const std::vector<Run>& runs) override {
    ConsoleReporter::ReportRuns(runs);
    for (const Run& run : runs) {
      if (run.aggregate_name != "median") continue;
      for (const auto& [counter, value] : run.counters)
        rates_[run.run_name.function_name][counter] = value.value;
    }
  }

  void print_table() const {
    fmt::print("\n{:<32} {:>14} {:>9} {:>20} {:>16}\n", "one thread", "light curves/s", "GFLOP/s",
               "% of peak, its clock", "% of peak alone");
    for (const auto& [name, rates] : rates_) {
      const std::string isa = name.substr(0, name.find('/'));
      fmt::print("{:<32} {:>14} {:>9.1f} {:>20} {:>16}\n", name,
                 rates.contains("light_curves") ? fmt::format("{:.1f}", rates.at("light_curves")) : "",
                 rates.at("GFLOP"), percent(rates.at("GFLOP"), isa + "/fma_peak_after_encode"),
                 percent(rates.at("GFLOP"), isa + "/fma_peak_alone"));
    }
  }

 private:
  std::string percent(double gflops, const std::string& of) const {
    const auto peak = rates_.find(of);
    return peak == rates_.end() ? "" : fmt::format("{:.1f}", 100 * gflops / peak->second.at("GFLOP"));
  }

  std::map<std::string, std::map<std::string, double>> rates_;
};

benchmark::internal::Benchmark* add(const std::string& name,
                                    const std::function<void(benchmark::State&)>& run) {
  return benchmark::RegisterBenchmark(name.c_str(), run)->Unit(benchmark::kMillisecond);
}

}  // namespace

int main(int argc, char** argv) {
  std::vector<std::string> words = {argv[0], "--benchmark_enable_random_interleaving=true",
                                    "--benchmark_repetitions=15", "--benchmark_min_time=0.05",
                                    "--benchmark_report_aggregates_only=true"};
  words.insert(words.end(), argv + 1, argv + argc);  // what the user says comes later and wins
  std::vector<char*> arguments;
  for (std::string& word : words) arguments.push_back(word.data());
  int count = static_cast<int>(arguments.size());
  benchmark::Initialize(&count, arguments.data());

  const auto checkpoint = checkpoint_of_published_size();
  std::vector<std::unique_ptr<Encoder>> encoders;
  for (const Isa isa : compiled_isas()) {
    if (isa == Isa::scalar || !isa_supported(isa)) continue;
    const std::string prefix = std::string(isa_name(isa)) + "/";
    const Encoder& encoder = *encoders.emplace_back(std::make_unique<Encoder>(checkpoint, isa));
    using kernels::Epilogue;
    add(prefix + "fma_peak_alone", [=](benchmark::State& s) { fma_peak(s, isa); });
    add(prefix + "fma_peak_after_encode", [&](benchmark::State& s) { fma_peak_after_encode(s, encoder); })
        ->UseManualTime()
        ->MinTime(0.001);  // of bursts: each costs an encode
    add(prefix + "encode_mean_200", [&](benchmark::State& s) { encode(s, encoder, 200, false); });
    add(prefix + "encode_mean_100", [&](benchmark::State& s) { encode(s, encoder, 100, false); });
    add(prefix + "encode_sequence", [&](benchmark::State& s) { encode(s, encoder, 200, true); });
    add(prefix + "product_128x128", [=](benchmark::State& s) { product(s, isa, 128, 128, Epilogue::none); });
    add(prefix + "product_128x512", [=](benchmark::State& s) { product(s, isa, 128, 512, Epilogue::none); });
    add(prefix + "product_128x512_gelu",
        [=](benchmark::State& s) { product(s, isa, 128, 512, Epilogue::gelu); });
    add(prefix + "product_512x128", [=](benchmark::State& s) { product(s, isa, 512, 128, Epilogue::none); });
  }
  Medians medians;
  benchmark::RunSpecifiedBenchmarks(&medians);
  medians.print_table();
}
