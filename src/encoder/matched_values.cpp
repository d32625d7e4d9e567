// SPDX-License-Identifier: MIT
#include "encoder/matched_values.h"

#include <fmt/format.h>

#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "astrom3/base/error.h"
#include "astrom3/encoder/checkpoint.h"
#include "encoder/checkpoint_layout.h"
#include "encoder/tensor_match.h"
#include "encoder/tensor_values.h"
#include "encoder/weights_reader.h"
#include "formats/safetensors.h"

namespace astrom3 {
namespace {

/// Throws where a value cannot be used. A value that only looks wrong becomes a warning in `out`.
void judge(const MatchedTensor& matched, const TensorValues& values, const std::string& file,
           std::int64_t seq_len, MatchedValues& out) {
  if (!values.problem().empty()) {
    throw Error(Diagnostic{.code = Status::bad_model,
                           .file = file,
                           .byte = values.problem_byte(),
                           .column = matched.entry->name,
                           .message = "value " + values.problem()});
  }
  const Tensor& tensor = out.tensors.find(matched.spec.name)->second;
  for (std::string& remark : suspicions(matched.spec, tensor, values.largest_magnitude(), seq_len)) {
    out.warnings.push_back(Diagnostic{.code = Status::bad_model,
                                      .file = file,
                                      .byte = static_cast<std::int64_t>(matched.entry->file_offset),
                                      .column = matched.entry->name,
                                      .message = std::move(remark)});
  }
  const bool is_parameter =
      matched.spec.role != TensorRole::positions && matched.spec.role != TensorRole::out_of_class;
  if (is_parameter) out.parameter_count += matched.entry->count;
}

}  // namespace

MatchedValues read_matched(WeightsReader& reader, const std::vector<MatchedTensor>& matched,
                           const std::string& file, std::int64_t seq_len) {
  MatchedValues out;
  std::map<const TensorEntry*, TensorValues> values;
  for (const MatchedTensor& one : matched) {
    Tensor& tensor = out.tensors[one.spec.name];
    tensor.shape = one.spec.shape;
    tensor.dtype = one.entry->dtype_name;
    values.try_emplace(one.entry, *one.entry, tensor.data);
  }
  reader.read_data([&](const TensorEntry& entry) {
    const auto found = values.find(&entry);
    return found == values.end() ? nullptr : &found->second;
  });
  out.sha256 = reader.finish_hash();
  std::size_t narrowed = 0;
  for (const MatchedTensor& one : matched) {
    judge(one, values.at(one.entry), file, seq_len, out);
    narrowed += one.entry->dtype == Dtype::f64 ? 1 : 0;
  }
  if (narrowed > 0) {
    out.warnings.push_back(Diagnostic{
        .code = Status::bad_model,
        .file = file,
        .message = fmt::format("{} F64 tensor{} narrowed to float32", narrowed, narrowed == 1 ? "" : "s")});
  }
  return out;
}

}  // namespace astrom3
