// SPDX-License-Identifier: MIT
//
// The values of the tensors that a checkpoint must have, with warnings where they look wrong.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "astrom3/encoder/checkpoint.h"
#include "encoder/tensor_match.h"
#include "encoder/weights_reader.h"

namespace astrom3 {

struct MatchedValues {
  std::map<std::string, Tensor, std::less<>> tensors;  ///< by the name in the TensorSpec
  std::string sha256;                                  ///< the hash of the whole file
  std::uint64_t parameter_count = 0;                   ///< the position buffer is not counted
  std::vector<Diagnostic> warnings;
};

/// Reads the whole file. `file` is the name in messages; `seq_len` is the number of positions in use. Throws
/// Error bad_model, which names tensor and index, where a value is not finite.
MatchedValues read_matched(WeightsReader& reader, const std::vector<MatchedTensor>& matched,
                           const std::string& file, std::int64_t seq_len);

}  // namespace astrom3
