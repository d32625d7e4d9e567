// SPDX-License-Identifier: MIT
#include <gtest/gtest.h>

#include <atomic>
#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "astrom3/base/stop_scope.h"
#include "astrom3/classes/labels.h"
#include "astrom3/downstream/embeddings.h"
#include "astrom3/features/catalog.h"
#include "astrom3/pipeline/pipeline.h"
#include "astrom3/source/source.h"
#include "formats/npy.h"
#include "tests/base/file_contents.h"
#include "tests/base/temporary_folder.h"
#include "tests/formats/fits_bytes.h"
#include "tests/source/source_testing.h"

namespace astrom3 {
namespace {

constexpr const char* kTable = "object_id,time,flux,flux_err\na,1,2,0.1\na,2,3,0.1\nb,1,2,0.1\n";

class NoSink final : public Sink {
 public:
  void write(const Row&) override {}
  void close() override {}
};

TEST(StopScope, EndsEveryReaderAndIsNoFaultOfItsFile) {  // RC06
  const TemporaryFolder folder;
  const auto csv = write_file(folder / "a.csv", kTable);
  const auto gzip = write_file(folder / "a.csv.gz", gzipped(kTable));
  const auto fits = write_file(folder / "a.fits", fits_primary());
  const auto keyed = write_file(folder / "k.csv", "object_id,period,class,e0\na,1.5,RR,1\n");
  const auto npy = write_file(folder / "a.npy", npy_header(0, std::vector<std::size_t>{2}));
  const auto read = [](const std::filesystem::path& file) {
    const auto source = open_source({file}, {});
    SourceObject object;
    while (source->next(object)) EXPECT_FALSE(object.rejection.has_value());
  };
  const std::vector<std::function<void()>> readers{[&] { read(csv); },
                                                   [&] { read(gzip); },
                                                   [&] { read(fits); },
                                                   [&] { inspect_file(csv, {}); },
                                                   [&] { Catalog::read(keyed, "", false); },
                                                   [&] { read_labels(keyed, "", true); },
                                                   [&] { read_embeddings({keyed}); },
                                                   [&] { read_npy(npy); }};
  const std::atomic<bool> stop{true};
  for (std::size_t i = 0; i < readers.size(); ++i) {
    const StopScope heeded(&stop);
    EXPECT_THROW(readers[i](), Stopped) << i;
  }
}

TEST(StopScope, HeedsTheInnermostFlagThatThereIs) {
  const std::atomic<bool> set{true}, clear{false};
  EXPECT_FALSE(is_stopped());
  const StopScope outer(&set);
  EXPECT_TRUE(is_stopped());
  {
    const StopScope inner(&clear);
    EXPECT_FALSE(is_stopped());
    const StopScope none(nullptr);
    EXPECT_FALSE(is_stopped());
  }
  EXPECT_THROW(throw_if_stopped(), Stopped);
}

TEST(StopScope, ARunThatIsStoppedWhileItReadsIsInterrupted) {  // RC06
  /// Ends the run in the middle of a file.
  class Endless final : public Source {
   public:
    explicit Endless(std::atomic<bool>& stop) : stop_(stop) {}
    bool next(SourceObject&) override {
      stop_ = true;
      for (;;) throw_if_stopped();
    }
    std::vector<Diagnostic> take_warnings() override { return {}; }
    TableDescription describe() const override { return {}; }
    std::uint64_t bytes_read() const override { return 0; }
    std::uint64_t bytes_total() const override { return 0; }

   private:
    std::atomic<bool>& stop_;
  };
  std::atomic<bool> stop{false};
  Endless source(stop);
  NoSink sink;
  try {
    run_pipeline(source, nullptr, nullptr, {.object = {}, .last_stage = Stage::features}, sink, nullptr,
                 &stop, {});
    ADD_FAILURE() << "it went on";
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), Status::interrupted);
  }
}

}  // namespace
}  // namespace astrom3
