// SPDX-License-Identifier: MIT
#include "retrieval.h"

#include <fmt/format.h>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "astrom3/base/error.h"
#include "astrom3/downstream/embeddings.h"
#include "astrom3/downstream/retrieval.h"
#include "astrom3/shared_space/modality.h"
#include "command.h"
#include "embedding_input.h"
#include "outputs.h"
#include "run_options.h"
#include "table.h"

namespace astrom3::cli {
namespace {

std::vector<Cell> row_of(Modality from, Modality to, const Retrieval& r) {
  std::vector<Cell> row{std::string(modality_name(from)), std::string(modality_name(to)),
                        static_cast<std::int64_t>(r.n)};
  for (std::size_t k = 0; k < kRecallRanks.size(); ++k) {
    row.emplace_back(r.recall[k]);
    row.emplace_back(r.chance[k]);
  }
  row.emplace_back(r.median_rank);
  row.emplace_back(r.chance_median_rank);
  return row;
}

}  // namespace

int run_retrieval(const CommonOptions& common, const EmbeddingArguments& embeddings, std::uint32_t threads) {
  check_writable({embeddings.output});
  PerModality<std::optional<EmbeddingTable>> tables;
  for (const Modality modality : kModalities) {
    EmbeddingArguments of_it = embeddings;
    of_it.column = modality_name(modality);
    tables[index_of(modality)] = open_embeddings(of_it, embeddings.id_column, common.verbosity());
  }
  Table table{
      .name = "retrieval",
      .title =
          "an object found in one modality by its embedding in another: share among the first k, and\n"
          "what chance gives",
      .columns = {"from", "to", "n"},
      .rows = {}};
  for (const std::size_t k : kRecallRanks) {
    table.columns.push_back(fmt::format("recall_{}", k));
    table.columns.push_back(fmt::format("chance_{}", k));
  }
  table.columns.emplace_back("median_rank");
  table.columns.emplace_back("chance_rank");
  const std::size_t n_threads = thread_count(threads, common.verbosity());
  for (const Modality from : kModalities) {
    for (const Modality to : kModalities) {
      if (from == to) continue;
      const EmbeddingTable &queries = *tables[index_of(from)], &candidates = *tables[index_of(to)];
      bool has_pairs = false;
      for (std::size_t i = 0; i < queries.size(); ++i)
        has_pairs = has_pairs || (queries.has_embedding(i) && candidates.has_embedding(i));
      if (has_pairs)
        table.rows.push_back(row_of(from, to, measure_retrieval(queries, candidates, n_threads)));
    }
  }
  if (table.rows.empty()) throw Error(Status::no_input, "no object has embeddings of two modalities");
  write_output(embeddings.output,
               to_text({table}, table_format(embeddings.output, common.json), embedding_facts(*tables[0])));
  return 0;
}

}  // namespace astrom3::cli
