// SPDX-License-Identifier: MIT
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>

#include "astrom3/base/error.h"
#include "astrom3/c_api.h"
#include "astrom3/c_api/modalities.h"
#include "astrom3/downstream/embeddings.h"
#include "astrom3/downstream/retrieval.h"
#include "c_api/boundary.h"
#include "c_api/handles.h"  // IWYU pragma: keep (completes the types of c_api.h)

using namespace astrom3;         // NOLINT(google-build-using-namespace): the whole file is the edge
using namespace astrom3::c_api;  // NOLINT(google-build-using-namespace)

astrom3_status astrom3_index_open(const float* rows, size_t n, size_t dimension, uint32_t n_threads,
                                  astrom3_index** index) {
  return guarded([&] {
    if (n > 0) require(rows, "rows");
    require(index, "index");
    *index = nullptr;
    const std::size_t n_values = require_product(n, dimension, sizeof(float), "rows");
    *index = new astrom3_index{NeighbourIndex(std::span(rows, n_values), dimension, n_threads)};
    return Status::ok;
  });
}

void astrom3_index_close(astrom3_index* index) {
  delete index;
}

astrom3_status astrom3_index_find(const astrom3_index* index, const float* queries, size_t n, size_t k,
                                  uint32_t n_threads, int64_t* rows, float* similarity) {
  return guarded([&] {
    require(index, "index");
    if (n > 0) require(queries, "queries");
    const std::size_t n_values = require_product(n, index->index.dimension(), sizeof(float), "queries");
    const std::size_t n_found = require_product(n, k, sizeof(std::int64_t), "k");
    if (n_found > 0) {
      require(rows, "rows");
      require(similarity, "similarity");
    }
    index->index.find(std::span(queries, n_values), k, std::span(rows, n_found),
                      std::span(similarity, n_found), n_threads);
    return Status::ok;
  });
}

astrom3_status astrom3_measure_retrieval(const float* from, const float* to, size_t n, size_t dimension,
                                         uint32_t n_threads, astrom3_retrieval* retrieval) {
  return guarded([&] {
    require_struct(retrieval, "retrieval");
    const std::size_t n_values = require_product(n, dimension, sizeof(float), "n");
    if (n_values > 0) {
      require(from, "from");
      require(to, "to");
    }
    const auto table_of = [&](const float* values) {
      EmbeddingTable table;
      table.dimension = dimension;
      table.values.assign(values, values + n_values);
      for (std::size_t i = 0; i < n; ++i) table.object_ids.push_back(std::to_string(i));
      return table;
    };
    const Retrieval found = measure_retrieval(table_of(from), table_of(to), n_threads);
    retrieval->n = found.n;
    std::copy(found.recall.begin(), found.recall.end(), retrieval->recall);
    std::copy(found.chance.begin(), found.chance.end(), retrieval->chance);
    retrieval->median_rank = found.median_rank;
    retrieval->chance_median_rank = found.chance_median_rank;
    return Status::ok;
  });
}
