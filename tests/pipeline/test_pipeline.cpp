// SPDX-License-Identifier: MIT
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <cstring>
#include <limits>
#include <map>
#include <span>
#include <string>
#include <vector>

#include "astrom3/pipeline/pipeline.h"
#include "base/sha256.h"

namespace astrom3 {
namespace {

/// Objects from memory, as a program that embeds astrom3 would give them.
class MemorySource : public Source {
 public:
  explicit MemorySource(std::vector<SourceObject> objects) : objects_(std::move(objects)) {}
  bool next(SourceObject& object) override {
    if (next_ == objects_.size()) return false;
    object = objects_[next_++];
    return true;
  }
  std::vector<Diagnostic> take_warnings() override { return {}; }
  TableDescription describe() const override { return {}; }
  std::uint64_t bytes_read() const override { return 0; }
  std::uint64_t bytes_total() const override { return 0; }

 private:
  std::vector<SourceObject> objects_;
  std::size_t next_ = 0;
};

struct KeptRow {
  std::string object_id;
  Status status;
  std::vector<float> embedding;
  bool operator==(const KeptRow&) const = default;
};

class MemorySink : public Sink {
 public:
  void write(const Row& row) override {
    rows.push_back({row.object_id, row.status, {row.embedding.begin(), row.embedding.end()}});
  }
  void close() override { closed = true; }
  std::vector<KeptRow> rows;
  bool closed = false;
};

/// A noisy sine of `n` observations; `seed` makes each star its own.
SourceObject star(int seed, std::size_t n) {
  SourceObject object;
  object.object_id = "star_" + std::to_string(seed);
  object.file = "memory";
  for (std::size_t i = 0; i < n; ++i) {
    const auto k = static_cast<double>(i);
    const double time =
        2457000.0 + 1.37 * k + 0.01 * static_cast<double>((i * 7919 + static_cast<std::size_t>(seed)) % 97);
    object.light_curve.time.push_back(time);
    object.light_curve.flux.push_back(10 + 3 * std::sin(time / (0.3 + 0.01 * seed)));
    object.light_curve.flux_err.push_back(0.1);
  }
  object.n_raw = n;
  return object;
}

std::vector<SourceObject> stars(int n) {
  std::vector<SourceObject> objects;
  for (int i = 0; i < n; ++i) objects.push_back(star(i, 5 + static_cast<std::size_t>(i * 3 % 70)));
  return objects;
}

/// SHA-256 of ids and embeddings, the rows sorted by id.
std::string hash_in_order_of_ids(std::vector<KeptRow> rows) {
  std::sort(rows.begin(), rows.end(),
            [](const KeptRow& a, const KeptRow& b) { return a.object_id < b.object_id; });
  Sha256 hash;
  for (const KeptRow& row : rows) {
    hash.update(std::as_bytes(std::span(row.object_id)));
    hash.update(std::as_bytes(std::span(row.embedding)));
  }
  return hash.finish_hex();
}

class Pipeline : public ::testing::Test {
 protected:
  static void SetUpTestSuite() {
    checkpoint_ = load_checkpoint(std::filesystem::path(ASTROM3_TEST_DATA) / "tiny");
    encoder_ = std::make_unique<Encoder>(checkpoint_);
  }
  static void TearDownTestSuite() {
    encoder_.reset();
    checkpoint_.reset();
  }

  static RunOptions options(std::size_t n_threads = 2, std::size_t batch_size = 4) {
    RunOptions o;
    o.n_threads = n_threads;
    o.batch_size = batch_size;
    o.object.tensor.n_steps = static_cast<std::size_t>(checkpoint_->config.seq_len);
    o.object.features.period.period_min = 0.5;  // a short grid: these tests are not about periods
    return o;
  }

  static MemorySink run(std::vector<SourceObject> objects, const RunOptions& o,
                        RunSummary* summary = nullptr) {
    MemorySource source(std::move(objects));
    MemorySink sink;
    const RunSummary s = run_pipeline(source, nullptr, encoder_.get(), o, sink, nullptr);
    if (summary != nullptr) *summary = s;
    return sink;
  }

  static std::shared_ptr<const Checkpoint> checkpoint_;
  static std::unique_ptr<Encoder> encoder_;
};
std::shared_ptr<const Checkpoint> Pipeline::checkpoint_;
std::unique_ptr<Encoder> Pipeline::encoder_;

TEST_F(Pipeline, WritesOneRowForEveryObjectInInputOrder) {
  RunSummary summary;
  const MemorySink sink = run(stars(37), options(), &summary);
  ASSERT_EQ(sink.rows.size(), 37u);
  EXPECT_TRUE(sink.closed);
  EXPECT_EQ(summary.n_objects, 37u);
  EXPECT_EQ(summary.n_ok, 37u);
  for (std::size_t i = 0; i < sink.rows.size(); ++i) {
    EXPECT_EQ(sink.rows[i].object_id, "star_" + std::to_string(i));
    EXPECT_EQ(sink.rows[i].status, Status::ok);
    ASSERT_EQ(sink.rows[i].embedding.size(), 32u);
  }
}

TEST_F(Pipeline, GivesTheSameBitsForAnyThreadCountAndBatchSize) {  // CO01, DT01
  const std::vector<KeptRow> expected = run(stars(40), options(1, 1)).rows;
  for (const std::size_t n_threads : {1u, 2u, 3u, 8u}) {
    for (const std::size_t batch_size : {1u, 2u, 3u, 7u, 32u, 512u}) {
      EXPECT_EQ(run(stars(40), options(n_threads, batch_size)).rows, expected)
          << n_threads << " " << batch_size;
    }
  }
}

TEST_F(Pipeline, GivesOneHashForEveryInstructionSetThreadCountBatchSizeAndOrder) {
  constexpr int kObjects = 16;
  std::vector<SourceObject> forward = stars(kObjects);
  std::vector<SourceObject> backward(forward.rbegin(), forward.rend()), shuffled;
  for (int i = 0; i < kObjects; ++i) shuffled.push_back(forward[static_cast<std::size_t>(i * 17 % kObjects)]);

  for (const Precision precision : {Precision::float32, Precision::int8}) {
    std::map<std::string, std::size_t> runs_by_hash;
    for (const Isa isa : compiled_isas()) {
      if (!precision_supported(precision, isa)) continue;
      const Encoder encoder(checkpoint_, {.isa = isa, .precision = precision});
      for (const auto& objects : {forward, backward, shuffled}) {
        for (const std::size_t n_threads : {1u, 2u, 3u, 8u}) {
          for (const std::size_t batch_size : {1u, 3u, 32u, 512u}) {
            MemorySource source(objects);
            MemorySink sink;
            run_pipeline(source, nullptr, &encoder, options(n_threads, batch_size), sink, nullptr);
            ++runs_by_hash[hash_in_order_of_ids(sink.rows)];
          }
        }
      }
    }
    EXPECT_EQ(runs_by_hash.size(), 1u) << precision_name(precision);
    for (const auto& [hash, n] : runs_by_hash)
      std::printf("%s, %zu runs: sha256 %s\n", precision_name(precision).data(), n, hash.c_str());
  }
}

TEST_F(Pipeline, GivesAnObjectTheSameBitsWhateverItsNeighboursAre) {  // DT02, DT04
  const std::vector<KeptRow> alone = run({star(3, 14)}, options()).rows;
  std::vector<SourceObject> objects = stars(9);
  objects[2].light_curve.flux[1] = std::numeric_limits<double>::quiet_NaN();
  objects[4].light_curve.flux.assign(objects[4].light_curve.size(), 1e300);
  const std::vector<KeptRow> rows = run(objects, options()).rows;
  EXPECT_EQ(rows[3], alone[0]);
  EXPECT_EQ(rows[2].status, Status::nonfinite_flux);
  EXPECT_TRUE(rows[2].embedding.empty());
  EXPECT_EQ(rows[4].status, Status::mad_zero);
}

TEST_F(Pipeline, CountsRejectsByCodeAndKeepsTheirDiagnostics) {
  std::vector<SourceObject> objects = stars(6);
  objects[1].light_curve = {};
  objects[3].rejection = Diagnostic{.code = Status::not_a_number, .file = "a.csv", .line = 7};
  RunSummary summary;
  const MemorySink sink = run(objects, options(), &summary);
  EXPECT_EQ(summary.n_ok, 4u);
  EXPECT_EQ(summary.rejected.at(Status::no_points), 1u);
  EXPECT_EQ(summary.rejected.at(Status::not_a_number), 1u);
  ASSERT_EQ(summary.first_rejects.size(), 2u);
  EXPECT_EQ(summary.first_rejects[0].object_id, "star_1");
  EXPECT_EQ(summary.first_rejects[1].line, 7);
  EXPECT_EQ(sink.rows[3].status, Status::not_a_number);
}

TEST_F(Pipeline, NeverWritesANonfiniteEmbeddingAsOk) {  // LC44
  RunOptions o = options();
  o.object.scaling = no_scaling();
  o.object.overrides[static_cast<std::size_t>(Feature::lksl_statistic)] = FeatureOverride{.value = 1e30};
  RunSummary summary;
  const MemorySink sink = run({star(1, 30)}, o, &summary);
  EXPECT_EQ(sink.rows[0].status, Status::nonfinite_output);
  EXPECT_TRUE(sink.rows[0].embedding.empty());
}

TEST_F(Pipeline, StrictStopsAtTheFirstRejectAndLeavesTheSinkOpen) {
  std::vector<SourceObject> objects = stars(20);
  objects[5].light_curve = {};
  RunOptions o = options();
  o.strict = true;
  MemorySource source(objects);
  MemorySink sink;
  try {
    run_pipeline(source, nullptr, encoder_.get(), o, sink, nullptr);
    FAIL() << "expected an error";
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), Status::too_many_rejects);
    EXPECT_NE(std::string(error.what()).find("star_5"), std::string::npos) << error.what();
  }
  EXPECT_FALSE(sink.closed);
}

TEST_F(Pipeline, MaxRejectsCountsAndFractionsStopARun) {
  std::vector<SourceObject> objects = stars(20);
  for (const std::size_t i : {2u, 4u, 6u}) objects[i].light_curve = {};
  RunOptions o = options();
  o.max_rejects = 3;
  EXPECT_EQ(run(objects, o).rows.size(), 20u);
  o.max_rejects = 2;
  EXPECT_THROW(run(objects, o), Error);
  o.max_rejects = UINT64_MAX;
  o.max_reject_fraction = 0.15;  // exactly 3 of 20
  EXPECT_EQ(run(objects, o).rows.size(), 20u);
  o.max_reject_fraction = 0.14;
  EXPECT_THROW(run(objects, o), Error);
}

TEST_F(Pipeline, StopsWhenAskedToWithoutClosingTheSink) {
  MemorySource source(stars(20));
  MemorySink sink;
  const std::atomic<bool> stop = true;
  try {
    run_pipeline(source, nullptr, encoder_.get(), options(), sink, nullptr, &stop);
    FAIL() << "expected an error";
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), Status::interrupted);
  }
  EXPECT_FALSE(sink.closed);
}

TEST_F(Pipeline, OverridesReachTheTensorAndAreRecorded) {
  RunOptions o = options();
  o.object.overrides[static_cast<std::size_t>(Feature::rfr_score)] =
      FeatureOverride{.value = 0.392, .standardised = true};
  SourceObject object = star(1, 20);
  ObjectResult result;
  embed_object(object.light_curve, o.object, o.object.overrides, Stage::tensor, nullptr, false, result);
  ASSERT_EQ(result.status, Status::ok);
  EXPECT_EQ(result.x_enc[static_cast<std::size_t>(Channel::rfr_score)], 0.392f);
  EXPECT_EQ(result.features.source[3], FeatureSource::set);
  EXPECT_EQ(result.features.source[0], FeatureSource::computed);
  EXPECT_NEAR(result.features.value[3], 0.392 * 0.138315 + 0.836659, 1e-12);
  EXPECT_TRUE(result.flags.has(Flag::feature_set));  // AX05
}

}  // namespace
}  // namespace astrom3
