// SPDX-License-Identifier: MIT
#include <gtest/gtest.h>

#include <fstream>
#include <iterator>
#include <string>

#include "astrom3/base/error.h"
#include "astrom3/base/flags.h"

namespace astrom3 {
namespace {

std::string read_document(const std::string& name) {
  std::ifstream in(std::string(ASTROM3_SOURCE_DIR) + "/docs/" + name);
  return {std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
}

// On failure the message is the table to paste.
TEST(ErrorsDocument, ListsEveryCodeWithItsMeaningAndExitCode) {
  std::string table;
  for (int i = 0; i <= static_cast<int>(Status::internal); ++i) {
    const auto status = static_cast<Status>(i);
    table += "| `" + std::string(status_name(status)) + "` | " + std::string(status_meaning(status)) + " | " +
             std::to_string(exit_code(status)) + " |\n";
  }
  EXPECT_NE(read_document("errors.md").find("|---|---|---|\n" + table + "\n"), std::string::npos)
      << "docs/errors.md must contain exactly\n"
      << table;
}

TEST(ErrorsDocument, ExplainsEveryFlag) {
  const std::string document = read_document("errors.md");
  for (std::uint32_t bit = 0; bit < 32; ++bit) {
    const std::string_view name = flag_name(static_cast<Flag>(1u << bit));
    if (name.empty()) continue;
    EXPECT_NE(document.find("| `" + std::string(name) + "` | "), std::string::npos) << name;
  }
}

}  // namespace
}  // namespace astrom3
