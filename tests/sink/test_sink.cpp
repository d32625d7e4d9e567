// SPDX-License-Identifier: MIT
#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cmath>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <limits>
#include <nlohmann/json.hpp>
#include <numeric>
#include <span>
#include <string>
#include <vector>

#include "astrom3/base/error.h"
#include "astrom3/sink/sink.h"
#include "base/sha256.h"
#include "formats/parquet.h"
#include "sink/output_text.h"
#include "tests/base/file_contents.h"
#include "tests/base/temporary_folder.h"

namespace astrom3 {
namespace {

namespace fs = std::filesystem;

constexpr const char* kHeader =
    "object_id,status,flags,n_raw,n_used,amplitude,period,lksl_statistic,rfr_score,log10_mad,delta_t,"
    "feature_sources";
const Identity kIdentity{{"model_sha256", "00ff"}, {"attention", "full"}, {"note", "a \"quoted\" \u03b1\n"}};
constexpr RowLayout kFeaturesOnly{};
constexpr RowLayout kEmbedding{.embedding_size = 4};
constexpr RowLayout kEverythingFlat{.embedding_size = 4, .sequence_steps = 3, .sequence_width = 4};
constexpr RowLayout kArrays{.embedding_size = 4, .sequence_steps = 3, .sequence_width = 4, .tensor_steps = 3};

// Sanitizers keep freed memory for a while; their resident size says nothing.
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr bool kSanitized = true;
#elif defined(__has_feature)
constexpr bool kSanitized = __has_feature(address_sanitizer) || __has_feature(thread_sanitizer);
#else
constexpr bool kSanitized = false;
#endif

bool parquet_is_built() {
  try {
    parquet_module(Status::output_error);
    return true;
  } catch (const Error&) {
    return false;
  }
}

template <typename Call>
Error error_of(Call call) {
  try {
    call();
  } catch (const Error& error) {
    return error;
  }
  ADD_FAILURE() << "nothing was thrown";
  return Error(Status::ok, "");
}

const std::vector<float> kSequence = [] {
  std::vector<float> values(12);
  std::iota(values.begin(), values.end(), 0.0f);
  return values;
}();
const std::vector<float> kTensor(27, 0.5f);
const std::vector<float> kMask{1, 1, 0};

Row ok_row(std::string id = "star") {
  Row row{.object_id = std::move(id), .flags = Flag::few_points, .n_raw = 201, .n_used = 200};
  row.flags.set(Flag::cropped);
  row.features = {0.25, 0.1, 1.0 / 3, -1e-300};
  row.feature_sources = {FeatureSource::catalog, FeatureSource::computed, FeatureSource::set,
                         FeatureSource::computed};
  row.log10_mad = -0.5;
  row.delta_t = 2;
  row.embedding = std::span(kSequence).first(4);
  row.sequence = kSequence;
  row.x_enc = kTensor;
  row.mask = kMask;
  return row;
}

Row rejected_row(std::string id = "flat", Status status = Status::mad_zero) {
  return Row{.object_id = std::move(id), .status = status, .n_raw = 7};
}

void write_all(const fs::path& path, SinkFormat format, const RowLayout& layout, const std::vector<Row>& rows,
               const SinkOptions& options = {}) {
  const auto sink = open_sink(path, format, layout, kIdentity, options);
  for (const Row& row : rows) sink->write(row);
  sink->close();
}

TEST(CsvSink, WritesTheColumnsOfTheInterface) {
  const TemporaryFolder folder;
  write_all(folder / "out.csv", SinkFormat::csv, kEmbedding, {ok_row(), rejected_row()});
  EXPECT_EQ(read_file(folder / "out.csv"),
            std::string(kHeader) +
                ",e0,e1,e2,e3\n"
                "star,ok,few_points;cropped,201,200,0.25,0.1,0.3333333333333333,-1e-300,-0.5,2,"
                "amplitude=catalog;period=computed;lksl_statistic=set;rfr_score=computed,0,1,2,3\n"
                "flat,mad_zero,,7,0,,,,,,,,,,,\n");
}

TEST(CsvSink, WithoutAnEmbeddingTheLineEndsAtFeatureSources) {
  const TemporaryFolder folder;
  write_all(folder / "out.csv", SinkFormat::csv, kFeaturesOnly, {ok_row(), rejected_row()});
  const std::string text = read_file(folder / "out.csv");
  EXPECT_EQ(text.substr(0, text.find('\n')), kHeader);
  EXPECT_TRUE(text.ends_with("rfr_score=computed\nflat,mad_zero,,7,0,,,,,,,\n")) << text;
}

TEST(CsvSink, EveryRowHasAsManyFieldsAsTheHeader) {
  const TemporaryFolder folder;
  write_all(folder / "out.csv", SinkFormat::csv, kEmbedding, {ok_row(), rejected_row()});
  std::ifstream file(folder / "out.csv");
  for (std::string line; std::getline(file, line);) EXPECT_EQ(std::count(line.begin(), line.end(), ','), 15);
}

TEST(CsvSink, NumbersReadBackToTheSameBits) {
  for (const float value : {0.1f, 1.0f / 3, 3.4028235e38f, 1e-45f, -0.0f, 16777217.0f}) {
    std::string text;
    append_number(text, value);
    EXPECT_EQ(std::strtof(text.c_str(), nullptr), value) << text;
    EXPECT_EQ(std::signbit(std::strtof(text.c_str(), nullptr)), std::signbit(value));
  }
  for (const double value : {0.1, 2457000.123456789, 1.7976931348623157e308, 5e-324}) {
    std::string text;
    append_number(text, value);
    EXPECT_EQ(std::strtod(text.c_str(), nullptr), value) << text;
  }
}

TEST(CsvSink, OddIdsAreQuotedOrEscaped) {
  const auto field = [](std::string_view id) {
    std::string out;
    append_csv_field(out, id);
    return out;
  };
  EXPECT_EQ(field("plain 1"), "plain 1");
  EXPECT_EQ(field("a,b"), "\"a,b\"");
  EXPECT_EQ(field("say \"hi\""), "\"say \"\"hi\"\"\"");
  EXPECT_EQ(field("two\nlines\r"), "\"two\nlines\r\"");
  EXPECT_EQ(field(" padded "), "\" padded \"");
  EXPECT_EQ(field("#1"), "\"#1\"");
  EXPECT_EQ(field("\u03b1 Lyr"), "\u03b1 Lyr");
  EXPECT_EQ(field(std::string_view("nul\0x", 5)), "nul\\x00x");
  EXPECT_EQ(field("bad\xff\xc3"), "bad\\xff\\xc3");
}

TEST(CsvSink, FormulasAreTextWhereThatIsAskedFor) {
  const TemporaryFolder folder;
  for (const bool is_safe : {false, true}) {
    const auto sink = open_sink(folder / "o.csv", SinkFormat::csv, {.class_names = {"=X", "Y"}}, kIdentity,
                                {.spreadsheet_safe = is_safe});
    for (const char* id : {"=1+1", "+1", "-1", "@x", "x=1"})
      sink->write(Row{.object_id = id, .status = Status::no_points});
    sink->close();
    const std::string text = read_file(folder / "o.csv");
    for (const char* changed : {"\n'=1+1,", "\n'+1,", "\n'-1,", "\n'@x,", ",p_'=X,"})
      EXPECT_EQ(text.find(changed) != std::string::npos, is_safe) << changed << " in " << text;
    EXPECT_NE(text.find("\nx=1,"), std::string::npos) << text;
  }
}

TEST(CsvSink, TheIdentityLiesBesideTheTable) {
  const TemporaryFolder folder;
  write_all(folder / "out.csv", SinkFormat::csv, kEmbedding, {});
  const auto meta = nlohmann::ordered_json::parse(read_file(folder / "out.meta.json"));
  ASSERT_EQ(meta.size(), kIdentity.size());
  std::size_t i = 0;
  for (const auto& [key, value] : meta.items()) {
    EXPECT_EQ(key, kIdentity[i].first);
    EXPECT_EQ(value, kIdentity[i].second);
    ++i;
  }
}

TEST(CsvSink, RefusesASequenceAndATensorAsUsage) {
  const TemporaryFolder folder;
  for (const RowLayout& layout : {kEverythingFlat, RowLayout{.tensor_steps = 3}}) {
    const Error error = error_of([&] { open_sink(folder / "out.csv", SinkFormat::csv, layout, kIdentity); });
    EXPECT_EQ(error.code(), Status::usage);
    EXPECT_EQ(exit_code(error.code()), 2);
  }
  EXPECT_EQ(folder.entries(), 0u);
}

TEST(CsvSink, GoesIntoAPipeOrDeviceWithoutReplacingIt) {
  write_all("/dev/null", SinkFormat::csv, kEmbedding, {ok_row()});
  EXPECT_TRUE(fs::is_character_file("/dev/null"));
  EXPECT_FALSE(fs::exists("/dev/null.meta.json"));
  EXPECT_TRUE(reject_log_path("/dev/null", SinkFormat::csv).empty());
}

TEST(CsvSink, AFullDeviceIsAnOutputErrorWithItsReason) {
  const Error error =
      error_of([] { write_all("/dev/full", SinkFormat::csv, kEmbedding, std::vector<Row>(3, ok_row())); });
  EXPECT_EQ(error.code(), Status::output_error);
  EXPECT_EQ(exit_code(error.code()), 6);
  EXPECT_NE(std::string(error.what()).find("/dev/full: cannot write: No space left on device"),
            std::string::npos)
      << error.what();
}

/// In a process of its own: stdout is a pipe that nobody reads, SIGPIPE ignored as the app may do.
TEST(CsvSinkDeathTest, AClosedPipeIsAnOutputErrorThatSaysSo) {
  const auto write_into_closed_pipe = [] {
    std::array<int, 2> ends{};
    if (::pipe(ends.data()) != 0) std::exit(9);
    ::signal(SIGPIPE, SIG_IGN);
    ::dup2(ends[1], STDOUT_FILENO);
    ::close(ends[0]);
    const Error error =
        error_of([] { write_all("-", SinkFormat::csv, kEmbedding, std::vector<Row>(2000, ok_row())); });
    std::exit(error.code() == Status::output_error &&
                      std::string(error.what()).find("stdout: cannot write: Broken pipe") != std::string::npos
                  ? 0
                  : 1);
  };
  EXPECT_EXIT(write_into_closed_pipe(), ::testing::ExitedWithCode(0), "");
}

TEST(ParquetSink, RowsComeBackWithTheirNulls) {
  if (!parquet_is_built()) GTEST_SKIP() << "built without Parquet";
  const TemporaryFolder folder;
  write_all(folder / "out.parquet", SinkFormat::parquet, kEverythingFlat,
            {ok_row("a,\"b\"\n"), rejected_row()});
  const auto reader = open_parquet_reader(folder / "out.parquet");
  EXPECT_EQ(reader->metadata(), kIdentity);
  std::string names;
  for (const ParquetColumnInfo& column : reader->columns()) names += column.name + ",";
  EXPECT_EQ(names, std::string(kHeader) + ",embedding,sequence,");
  reader->select({{.name = "object_id"},
                  {.name = "status"},
                  {.name = "flags"},
                  {.name = "n_raw", .type = CellType::integer},
                  {.name = "period", .type = CellType::number},
                  {.name = "rfr_score", .type = CellType::number},
                  {.name = "feature_sources"},
                  {.name = "embedding", .type = CellType::vector},
                  {.name = "sequence", .type = CellType::matrix}});
  std::vector<ColumnData> columns;
  ASSERT_EQ(reader->next(columns), 2u);
  EXPECT_EQ(columns[0].text, (std::vector<std::string>{"a,\"b\"\n", "flat"}));
  EXPECT_EQ(columns[1].text, (std::vector<std::string>{"ok", "mad_zero"}));
  EXPECT_EQ(columns[2].text, (std::vector<std::string>{"few_points;cropped", ""}));
  EXPECT_EQ(columns[3].integers, (std::vector<std::int64_t>{201, 7}));
  EXPECT_EQ(columns[4].numbers[0], 0.1);
  EXPECT_EQ(columns[5].numbers[0], -1e-300);
  for (std::size_t i = 4; i < columns.size(); ++i)
    EXPECT_EQ(columns[i].valid, (std::vector<std::uint8_t>{1, 0})) << i;
  EXPECT_TRUE(std::equal(kSequence.begin(), kSequence.begin() + 4, columns[7].floats.begin()));
  EXPECT_TRUE(std::equal(kSequence.begin(), kSequence.end(), columns[8].floats.begin()));
}

/// 300 MiB of sequences through row groups of 16 MiB.
TEST(ParquetSink, ManyRowsStreamInBoundedMemory) {
  if (!parquet_is_built()) GTEST_SKIP() << "built without Parquet";
  const TemporaryFolder folder;
  constexpr std::size_t kRows = 3000;
  const RowLayout layout{.sequence_steps = 200, .sequence_width = 128};
  const std::vector<float> sequence(layout.sequence_steps * layout.sequence_width, 1.0f);
  ::rusage before{};
  ::getrusage(RUSAGE_SELF, &before);
  const auto sink = open_sink(folder / "out.parquet", SinkFormat::parquet, layout, kIdentity);
  for (std::size_t i = 0; i < kRows; ++i) {
    Row row = ok_row(std::to_string(i));
    row.sequence = sequence;
    sink->write(row);
  }
  sink->close();
  const auto reader = open_parquet_reader(folder / "out.parquet");
  reader->select({{.name = "object_id"}, {.name = "sequence", .type = CellType::matrix}});
  std::vector<ColumnData> columns;
  const std::size_t n_first = reader->next(columns);
  EXPECT_GT(n_first, 0u);
  EXPECT_EQ(columns[1].floats, std::vector<float>(n_first * sequence.size(), 1.0f));
  ::rusage after{};
  ::getrusage(RUSAGE_SELF, &after);
  if (!kSanitized) {
    EXPECT_LT(after.ru_maxrss - before.ru_maxrss, 160 * 1024) << "KiB";
  }

  reader->select({{.name = "object_id"}});
  std::size_t row = 0;
  while (const std::size_t n = reader->next(columns)) {
    for (std::size_t i = 0; i < n; ++i, ++row) ASSERT_EQ(columns[0].text[i], std::to_string(row));
  }
  EXPECT_EQ(row, kRows);
}

TEST(ParquetSink, RefusesStreamsAndTensorsAsUsage) {
  const TemporaryFolder folder;
  EXPECT_EQ(error_of([] { open_sink("-", SinkFormat::parquet, kEmbedding, kIdentity); }).code(),
            Status::usage);
  EXPECT_EQ(error_of([] { open_sink("/dev/null", SinkFormat::parquet, kEmbedding, kIdentity); }).code(),
            Status::usage);
  const auto open_tensor = [&] {
    open_sink(folder / "t.parquet", SinkFormat::parquet, RowLayout{.tensor_steps = 3}, kIdentity);
  };
  EXPECT_EQ(error_of(open_tensor).code(), Status::usage);
}

TEST(NpySink, ArraysAndObjectsHaveOneRowEach) {
  const TemporaryFolder folder;
  write_all(folder / "npy", SinkFormat::npy, kArrays, {ok_row(), rejected_row(), ok_row("last")});
  const std::string objects = read_file(folder / "npy" / "objects.csv");
  EXPECT_EQ(std::count(objects.begin(), objects.end(), '\n'), 4);
  EXPECT_EQ(objects.substr(0, objects.find('\n')), kHeader);
  const auto floats = [&](const char* name) {
    const std::string bytes = read_file(folder / "npy" / name);
    std::vector<float> values((bytes.size() - 128) / sizeof(float));
    std::memcpy(values.data(), bytes.data() + 128, values.size() * sizeof(float));
    return values;
  };
  const std::vector<float> mean = floats("mean.npy");
  ASSERT_EQ(mean.size(), 12u);
  EXPECT_EQ(mean[3], 3.0f);
  for (std::size_t i = 4; i < 8; ++i) EXPECT_TRUE(std::isnan(mean[i]));
  EXPECT_EQ(mean[11], 3.0f);
  ASSERT_EQ(floats("sequence.npy").size(), 36u);
  EXPECT_TRUE(std::isnan(floats("sequence.npy")[12]));
  EXPECT_EQ(floats("x_enc.npy")[26], 0.5f);
  EXPECT_EQ(floats("x_enc.npy")[27], 0.0f);
  EXPECT_EQ(floats("mask.npy"), (std::vector<float>{1, 1, 0, 0, 0, 0, 1, 1, 0}));
  EXPECT_TRUE(fs::exists(folder / "npy" / "meta.json"));
}

TEST(NpySink, RefusesANonEmptyDirectoryUnlessForced) {
  const TemporaryFolder folder;
  const fs::path out = folder / "npy";
  write_all(out, SinkFormat::npy, kArrays, {ok_row()});
  const std::string mean = read_file(out / "mean.npy");
  const Error error = error_of([&] { open_sink(out, SinkFormat::npy, kEmbedding, kIdentity); });
  EXPECT_EQ(error.code(), Status::output_error);
  EXPECT_NE(std::string(error.what()).find("force=true"), std::string::npos);
  EXPECT_EQ(read_file(out / "mean.npy"), mean);

  std::ofstream(out / "notes.txt") << "mine";
  write_all(out, SinkFormat::npy, kEmbedding, {ok_row(), ok_row()}, {.force = true});
  EXPECT_NE(read_file(out / "mean.npy"), mean);
  EXPECT_FALSE(fs::exists(out / "sequence.npy"));  // of the first run; it would not fit objects.csv
  EXPECT_FALSE(fs::exists(out / "x_enc.npy"));
  EXPECT_EQ(read_file(out / "notes.txt"), "mine");
}

TEST(NpySink, TakesAnEmptyDirectoryAndATrailingSlash) {
  const TemporaryFolder folder;
  fs::create_directory(folder / "npy");
  write_all(folder / "npy/", SinkFormat::npy, kEmbedding, {ok_row()});
  EXPECT_TRUE(fs::exists(folder / "npy" / "mean.npy"));
}

TEST(NpySink, GivenUpItLeavesNotEvenItsDirectory) {
  const TemporaryFolder folder;
  {
    const auto sink = open_sink(folder / "npy", SinkFormat::npy, kArrays, kIdentity);
    RejectLog rejects(reject_log_path(folder / "npy", SinkFormat::npy));
    sink->write(ok_row());
  }
  EXPECT_EQ(folder.entries(), 0u);
}

/// The formats that can be written here.
std::vector<SinkFormat> formats() {
  std::vector<SinkFormat> all{SinkFormat::csv, SinkFormat::npy};
  if (parquet_is_built()) all.push_back(SinkFormat::parquet);
  return all;
}

TEST(EverySink, MakesNothingFinalBeforeClose) {
  const TemporaryFolder folder;
  for (const SinkFormat format : formats()) {
    const fs::path path = folder / "out";
    const auto sink = open_sink(path, format, kEmbedding, kIdentity);
    sink->write(ok_row());
    sink->finish();
    const fs::path final = format == SinkFormat::npy ? path / "objects.csv" : path;
    EXPECT_FALSE(fs::exists(final));
    sink->close();
    EXPECT_TRUE(fs::exists(final));
    fs::remove_all(path);
  }
}

TEST(EverySink, GivenUpItRemovesItsTemporaries) {
  for (const SinkFormat format : formats()) {
    const TemporaryFolder folder;
    open_sink(folder / "out", format, kEmbedding, kIdentity)->write(ok_row());
    EXPECT_EQ(folder.entries(), 0u);
  }
}

TEST(EverySink, EqualRowsGiveEqualBytes) {
  const TemporaryFolder folder;
  const auto hash = [](const fs::path& path) {
    const std::string bytes = read_file(path);
    return sha256_hex(std::as_bytes(std::span(bytes)));
  };
  for (const SinkFormat format : formats()) {
    for (const char* name : {"one", "two"})
      write_all(folder / name, format, kEmbedding, {ok_row(), rejected_row(), ok_row("z")});
    const char* file = format == SinkFormat::npy ? "mean.npy" : "";
    EXPECT_EQ(hash(folder / "one" / file), hash(folder / "two" / file));
    fs::remove_all(folder / "one");
    fs::remove_all(folder / "two");
  }
}

TEST(EverySink, TakesOnlyRejectedRowsAndNoRowsAtAll) {
  const TemporaryFolder folder;
  for (const SinkFormat format : formats()) {
    write_all(folder / "rejected", format, kEmbedding, {rejected_row("a"), rejected_row("b")});
    write_all(folder / "none", format, kEmbedding, {});
    fs::remove_all(folder / "rejected");
    fs::remove_all(folder / "none");
  }
}

TEST(EverySink, AnUnusablePlaceIsAnErrorAtOnce) {
  const TemporaryFolder folder;
  std::ofstream(folder / "file") << "x";
  fs::create_directory(folder / "dir");
  for (const SinkFormat format : formats()) {
    const auto code_at = [&](const fs::path& path) {
      return error_of([&] { open_sink(path, format, kEmbedding, kIdentity); }).code();
    };
    EXPECT_EQ(code_at(folder / "absent" / "out"), Status::output_error);
    EXPECT_EQ(code_at(folder / "file" / "out"), Status::output_error);
    EXPECT_EQ(code_at(folder / std::string(300, 'n')), Status::output_error);
    EXPECT_EQ(code_at(folder / (format == SinkFormat::npy ? "file" : "dir")), Status::output_error);
  }
  EXPECT_EQ(folder.entries(), 2u);
}

TEST(EverySink, AFileSizeLimitLeavesNothingFinal) {
  for (const SinkFormat format : formats()) {
    const TemporaryFolder folder;
    ::rlimit before{};
    ::getrlimit(RLIMIT_FSIZE, &before);
    const ::rlimit limit{100'000, before.rlim_max};
    ::setrlimit(RLIMIT_FSIZE, &limit);
    std::vector<Row> rows;
    for (int i = 0; i < 20'000; ++i) rows.push_back(ok_row(std::to_string(i * 7919)));
    const Error error = error_of([&] { write_all(folder / "out", format, kEmbedding, rows); });
    ::setrlimit(RLIMIT_FSIZE, &before);
    EXPECT_EQ(error.code(), Status::output_error);
    EXPECT_NE(std::string(error.what()).find("File too large"), std::string::npos) << error.what();
    EXPECT_EQ(folder.entries(), 0u);
  }
}

TEST(EverySink, AnOkRowWithoutItsEmbeddingIsADefect) {
  const TemporaryFolder folder;
  for (const SinkFormat format : formats()) {
    Row row = ok_row();
    row.embedding = {};
    EXPECT_EQ(error_of([&] { write_all(folder / "out", format, kEmbedding, {row}); }).code(),
              Status::internal);
  }
}

TEST(Outputs, ReadTheSameInPythonWithPyarrowAndNumpy) {
  const fs::path project = fs::path(ASTROM3_TEST_DATA).parent_path().parent_path();
  const fs::path python = project / ".venv/bin/python";
  if (!fs::exists(python)) GTEST_SKIP() << "no .venv: make setup";
  const TemporaryFolder folder;
  const std::vector<Row> rows{ok_row("a,\"b\"\n"), rejected_row()};
  write_all(folder / "out.csv", SinkFormat::csv, kEmbedding, rows);
  write_all(folder / "npy", SinkFormat::npy, kArrays, rows);
  if (parquet_is_built()) write_all(folder / "out.parquet", SinkFormat::parquet, kEverythingFlat, rows);
  const std::string command = python.string() + " " + (project / "tests/python/read_outputs.py").string() +
                              " " + folder.path().string();
  EXPECT_EQ(std::system(command.c_str()), 0) << command;
}

}  // namespace
}  // namespace astrom3
