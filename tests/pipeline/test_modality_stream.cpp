// SPDX-License-Identifier: MIT
//
// Spectra whose embeddings are not kept in memory: they are read again, and give the same bits.
#include <gtest/gtest.h>

#include <filesystem>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "astrom3/pipeline/embed_modalities.h"
#include "pipeline/embedded_spectra.h"

namespace astrom3 {
namespace {

namespace fs = std::filesystem;

const fs::path kGolden = fs::path(ASTROM3_TEST_DATA) / "multimodal";

/// Files of one and of several spectra.
ModalitySources golden_spectra(std::size_t memory_bytes) {
  ModalitySources sources;
  for (const char* name :
       {"spec-lamost-dr7.fits.gz", "coadd-desi.fits.gz", "ascii_sigma.txt", "specutils.ecsv"})
    sources.spectra.push_back(kGolden / "spectra_formats" / name);
  sources.memory_bytes = memory_bytes;
  return sources;
}

MultimodalEncoder tiny_encoder() {
  auto checkpoint = load_multimodal_checkpoint(kGolden / "tiny_clip");
  EncoderOptions options;
  options.attention.form = default_attention(*checkpoint);
  return MultimodalEncoder(std::move(checkpoint), std::move(options));
}

TEST(EmbeddedSpectra, AreTheSameWithoutRoomForTheirEmbeddings) {
  const MultimodalEncoder encoder = tiny_encoder();
  const EmbeddingOutput output(encoder);
  const ModalitySources with_room = golden_spectra(std::size_t{1} << 20), without = golden_spectra(0);
  const EmbeddedSpectra kept(with_room, output, true, 2, {});
  EmbeddedSpectra reread(without, output, true, 2, {});
  ASSERT_EQ(reread.size(), kept.size());
  ASSERT_EQ(kept.size(), 5u);
  for (std::size_t i = 0; i < kept.size(); ++i) EXPECT_FALSE(reread.all()[i].is_complete);
  // The second of the two targets of one file, with others in any order, and one of them twice.
  const std::vector<std::vector<std::size_t>> calls{{2}, {4, 0, 2, 2}, {1, 3}};
  for (const std::vector<std::size_t>& numbers : calls) {
    reread.complete(numbers);
    for (const std::size_t i : numbers) {
      EXPECT_EQ(reread.at(i).object_id, kept.at(i).object_id);
      EXPECT_EQ(reread.at(i).status, kept.at(i).status);
      EXPECT_EQ(reread.at(i).flags, kept.at(i).flags);
      EXPECT_EQ(reread.at(i).embedding, kept.at(i).embedding) << i;
      EXPECT_EQ(reread.at(i).embedding.size(), encoder.embedding_size());
    }
  }
}

TEST(EmbedModalities, GivesTheSameRowsForAnyMemory) {
  const MultimodalEncoder encoder = tiny_encoder();
  const auto rows_with = [&](std::size_t memory_bytes) {
    std::vector<MultimodalRow> rows;
    embed_modalities(
        golden_spectra(memory_bytes), encoder, {}, [&](const MultimodalRow& row) { rows.push_back(row); },
        nullptr);
    return rows;
  };
  const std::vector<MultimodalRow> kept = rows_with(std::size_t{1} << 20), reread = rows_with(0);
  ASSERT_EQ(kept.size(), 5u);
  ASSERT_EQ(reread.size(), kept.size());
  for (std::size_t i = 0; i < kept.size(); ++i) {
    EXPECT_EQ(reread[i].object_id, kept[i].object_id);
    EXPECT_EQ(reread[i].fused, kept[i].fused);
    EXPECT_FALSE(kept[i].fused.empty());
  }
}

}  // namespace
}  // namespace astrom3
