// SPDX-License-Identifier: MIT
//
// What a sink that writes files has in common with the others: its files take their places together.
#pragma once

#include <string>
#include <vector>

#include "astrom3/sink/sink.h"
#include "base/atomic_file.h"

namespace astrom3 {

class FileSink : public Sink {
 public:
  /// In the order in which they are to be renamed.
  virtual std::vector<AtomicFile*> files() = 0;
  /// Names beside the first of them that an earlier run may have left and that would not fit this one.
  virtual std::vector<std::string> outdated_names() const { return {}; }
  /// Called when the files stand under their names.
  virtual void keep() {}

  void close() final { close_together(*this, nullptr); }
};

}  // namespace astrom3
