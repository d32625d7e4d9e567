// SPDX-License-Identifier: MIT
#include <gtest/gtest.h>

#include <cmath>
#include <fstream>
#include <memory>
#include <string>
#include <vector>

#include "astrom3/downstream/embeddings.h"
#include "formats/npy.h"
#include "tests/base/temporary_folder.h"

namespace astrom3 {
namespace {

/// Three rows, the second rejected, as `embed` writes them.
void write(const std::filesystem::path& path, SinkFormat format, const std::string& sha256) {
  const auto sink = open_sink(path, format, {.embedding_size = 4}, {{"model_sha256", sha256}});
  for (int i = 0; i < 3; ++i) {
    const std::vector<float> embedding{0.1f, static_cast<float>(i), -2.5e-8f, 3};
    Row row{.object_id = "a,\"" + std::to_string(i)};
    row.status = i == 1 ? Status::mad_zero : Status::ok;
    row.features = {0.5, 1.25 * i, 0.25, 0.75};
    if (i != 1) row.embedding = embedding;
    sink->write(row);
  }
  sink->close();
}

void expect_what_was_written(const EmbeddingTable& table) {
  ASSERT_EQ(table.size(), 3u);
  ASSERT_EQ(table.dimension, 4u);
  EXPECT_EQ(table.object_ids[2], "a,\"2");
  EXPECT_TRUE(table.has_embedding(0));
  EXPECT_FALSE(table.has_embedding(1));
  EXPECT_EQ(table.row(2)[0], 0.1f);
  EXPECT_EQ(table.row(2)[1], 2.0f);
  EXPECT_EQ(table.row(2)[2], -2.5e-8f);
  EXPECT_EQ(table.scalars[2][1], 2.5);
  EXPECT_TRUE(std::isnan(table.scalars[1][1]));
  EXPECT_EQ(table.model_sha256(), "one");
  EXPECT_TRUE(table.warnings.empty());
}

TEST(EmbeddingTable, ReadsBackEveryFormThatASinkWrites) {
  const TemporaryFolder folder;
  write(folder / "a.csv", SinkFormat::csv, "one");
  write(folder / "npy", SinkFormat::npy, "one");
  expect_what_was_written(read_embeddings({folder / "a.csv"}));
  expect_what_was_written(read_embeddings({folder / "npy"}));
  EXPECT_EQ(read_embeddings({folder / "a.csv", folder / "npy"}).size(), 6u);
}

TEST(EmbeddingTable, ReadsBackParquetAndFoldersOfIt) {
  const TemporaryFolder folder;
  try {
    write(folder / "part-000000.parquet", SinkFormat::parquet, "one");
  } catch (const Error& error) {
    GTEST_SKIP() << "no Parquet module: " << error.what();
  }
  expect_what_was_written(read_embeddings({folder / "part-000000.parquet"}));
  expect_what_was_written(read_embeddings({folder.path()}));
  std::ofstream(folder / "_manifest.jsonl") << "{}\n";
  const EmbeddingTable unfinished = read_embeddings({folder.path()});
  ASSERT_EQ(unfinished.warnings.size(), 1u);
  EXPECT_NE(unfinished.warnings[0].message.find("not complete"), std::string::npos);
}

TEST(EmbeddingTable, TakesThePartsOfARunFromItsManifest) {
  const TemporaryFolder folder;
  try {
    for (const char* name : {"part-000000.parquet", "part-000001.parquet", "stray.parquet"})
      write(folder / name, SinkFormat::parquet, "one");
  } catch (const Error& error) {
    GTEST_SKIP() << "no Parquet module: " << error.what();
  }
  const auto size = std::filesystem::file_size(folder / "part-000000.parquet");
  const auto manifest = [&](const std::string& name, std::uintmax_t bytes) {
    std::ofstream(folder / "_manifest.jsonl") << "{\"astrom3_manifest\":1}\n{\"part\":0,\"file\":\"" << name
                                              << "\",\"bytes\":" << bytes << "}\n{\"complete\":true}\n";
  };
  manifest("part-000000.parquet", size);
  const EmbeddingTable table = read_embeddings({folder.path()});
  EXPECT_EQ(table.size(), 3u);
  ASSERT_EQ(table.warnings.size(), 1u);
  EXPECT_NE(table.warnings[0].message.find("does not name 2 files"), std::string::npos);
  for (const auto& [name, bytes] : {std::pair<std::string, std::uintmax_t>{"part-000000.parquet", size + 1},
                                    {"../stray.parquet", size},
                                    {"stray.parquet", size},
                                    {"part-000007.parquet", size},
                                    {"part-000000.parquet\",\"bytes\":" + std::to_string(size) +
                                         "}\n{\"part\":1,\"file\":\"part-000000.parquet",
                                     size}}) {  // twice
    manifest(name, bytes);
    try {
      read_embeddings({folder.path()});
      ADD_FAILURE() << name;
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), Status::bad_tensors) << name;
    }
  }
}

TEST(EmbeddingTable, RefusesTwoModels) {
  const TemporaryFolder folder;
  write(folder / "a.csv", SinkFormat::csv, "one");
  write(folder / "b.csv", SinkFormat::csv, "two");
  try {
    read_embeddings({folder / "a.csv", folder / "b.csv"});
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), Status::bad_tensors);
    EXPECT_NE(std::string(error.what()).find("model_sha256 is two"), std::string::npos) << error.what();
  }
}

TEST(ModelDifference, IsThatOfTheIdentityOfTheModel) {
  const Identity one{{"model_sha256", "a"}, {"model_identity", "1"}, {"model_config", "gelu"}};
  const Identity other{{"model_sha256", "a"}, {"model_identity", "2"}, {"model_config", "relu"}};
  const Identity unnamed{{"model_sha256", "a"}, {"model_identity", "3"}, {"model_config", "gelu"}};
  EXPECT_EQ(model_difference(one, one), "");
  EXPECT_EQ(model_difference(one, other), "model_config is gelu, and relu");
  EXPECT_EQ(model_difference(one, unnamed), "model_identity is 1, and 3");
}

TEST(ModelDifference, OfFilesWithoutIdentityIsThatOfTheirEntries) {
  const Identity full{
      {"model_sha256", "a"}, {"precision", "float32"}, {"scaling", "checkpoint; amplitude=1,2"}};
  const auto with = [&](std::size_t entry, const std::string& value) {
    Identity changed = full;
    changed[entry].second = value;
    return changed;
  };
  EXPECT_EQ(model_difference(full, {}), "");
  EXPECT_EQ(model_difference(full, with(0, "b")), "model_sha256 is a, and b");
  EXPECT_NE(model_difference(full, with(1, "int8")), "");
  EXPECT_NE(model_difference(full, with(2, "checkpoint; amplitude=1,3")), "");
  EXPECT_NE(model_difference(full, with(2, "none")), "");
  EXPECT_EQ(model_difference(full, with(2, "a.json; amplitude=1,2")), "") << "the file's name is no number";
}

Status status_of_text(const std::string& text) {
  const TemporaryFolder folder;
  std::ofstream(folder / "t.csv") << text;
  try {
    read_embeddings({folder / "t.csv"});
    return Status::ok;
  } catch (const Error& error) {
    EXPECT_FALSE(error.diagnostic().file.empty());
    return error.code();
  }
}

TEST(EmbeddingTable, SaysWhatIsWrongWithAFile) {
  EXPECT_EQ(status_of_text("object_id,e0,e1\na,1,2\n"), Status::ok);
  EXPECT_EQ(status_of_text("object_id,e0,e1\na,1,x\n"), Status::bad_tensors);
  EXPECT_EQ(status_of_text("object_id,e0,e1\na,1\n"), Status::bad_tensors);
  EXPECT_EQ(status_of_text("object_id,f0,f1\na,1,2\n"), Status::bad_tensors);
  EXPECT_EQ(status_of_text("star,e0,e1\na,1,2\n"), Status::bad_tensors);
  EXPECT_EQ(status_of_text("object_id,e0,e1\n,1,2\n"), Status::bad_tensors);
  EXPECT_EQ(status_of_text(""), Status::bad_tensors);
  EXPECT_THROW(read_embeddings({"/nowhere/a.csv"}), Error);
}

TEST(EmbeddingTable, ReadsClassesAndTheirNames) {
  const TemporaryFolder folder;
  std::ofstream(folder / "c.csv") << "object_id,status,class,p_EA,p_M\na,ok,M,0.25,0.75\nb,mad_zero,,,\n";
  const ClassTable table = read_classes({folder / "c.csv"});
  EXPECT_EQ(table.class_names, (std::vector<std::string>{"EA", "M"}));
  EXPECT_EQ(table.row(0)[1], 0.75f);
  EXPECT_TRUE(std::isnan(table.row(1)[0]));
}

TEST(Npy, ReadsFloat64AndRefusesWhatDoesNotFit) {
  const TemporaryFolder folder;
  const auto file = [&](const std::string& dictionary, std::size_t n_bytes) {
    const std::filesystem::path path = folder / "x.npy";
    std::string header = dictionary + "\n", size{static_cast<char>(header.size()), '\0'};
    std::ofstream(path, std::ios::binary)
        << std::string("\x93NUMPY\x01\x00", 8) << size << header << std::string(n_bytes, '\0');
    return path;
  };
  const std::string good = "{'descr': '<f8', 'fortran_order': False, 'shape': (2, 3), }";
  const NpyArray array = read_npy(file(good, 48));
  EXPECT_EQ(array.shape, (std::vector<std::size_t>{2, 3}));
  EXPECT_EQ(array.values, std::vector<float>(6, 0.0f));
  EXPECT_THROW(read_npy(file(good, 47)), Error);
  EXPECT_THROW(read_npy(file(good, 49)), Error);
  EXPECT_THROW(read_npy(file("{'descr': '<i8', 'fortran_order': False, 'shape': (2, 3), }", 48)), Error);
  EXPECT_THROW(read_npy(file("{'descr': '<f8', 'fortran_order': True, 'shape': (2, 3), }", 48)), Error);
  EXPECT_THROW(
      read_npy(file("{'descr': '<f8', 'fortran_order': False, 'shape': (99999999999, 99999999999), }", 8)),
      Error);
}

}  // namespace
}  // namespace astrom3
