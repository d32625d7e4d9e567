// SPDX-License-Identifier: MIT
//
// Sorting the rows of a long table into objects, in order of first appearance, in bounded memory.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <string_view>

#include "base/hash_set.h"
#include "base/keyed_hash.h"
#include "source/object_builder.h"

namespace astrom3 {

/// Two ways to work:
/// holding    every object stays until close(), so that its rows may come in any order;
/// streaming  an object is ready as soon as the next one begins. Ids of the past are remembered
///            as keyed hashes; one that comes back is rejected, once.
class ObjectGroups {
 public:
  /// The object a row belongs to. `line` is the row's.
  ObjectBuilder& find_or_add(std::string_view id, std::int64_t line);
  /// Rows without an id: consecutive ones are one object, which is ready when another row comes, before
  /// the object that it interrupted. Such a row may belong to any object, so it does not end one.
  ObjectBuilder& without_id(std::string_view id);

  /// The line where an id first came back after another one; -1 while the table is grouped.
  std::int64_t first_return_line() const noexcept { return first_return_line_; }
  /// Call around changes to an object so that held_bytes() stays right.
  void account(std::size_t before, std::size_t after) noexcept { held_bytes_ += after - before; }
  std::size_t held_bytes() const noexcept { return held_bytes_; }
  /// How many of the `bytes` read belong to objects that were returned: a held table is read long before.
  std::uint64_t handed_out_of(std::uint64_t bytes) const noexcept;
  bool is_streaming() const noexcept { return streaming_; }

  /// Whether more than `memory_bytes` are held, so that streaming has to begin.
  /// Throws Error not_grouped (with line) if the rows of an object do not stand together.
  bool must_stream(std::uint64_t memory_bytes) const;
  /// From holding to streaming; only while the table is grouped.
  void start_streaming();
  /// No more rows: everything is ready.
  void close();
  /// All other objects become ready, rejected with `rejection` unless they were rejected before.
  /// Returns how many objects that were.
  std::size_t close_rejecting(Diagnostic rejection);

  /// The next ready object, or nothing.
  std::optional<ObjectBuilder> pop_ready();
  bool has_ready() const noexcept { return n_ready_ > 0 || !nobodys_.empty(); }

 private:
  ObjectBuilder& add_held(std::string_view id, std::int64_t line);
  ObjectBuilder& add_streamed(std::string_view id, std::int64_t line);

  void end_rows_without_id();

  std::optional<ObjectBuilder> nobodys_row_;  // while such rows follow each other
  std::deque<ObjectBuilder> nobodys_;         // ready
  std::deque<ObjectBuilder> objects_;
  std::size_t n_ready_ = 0;   // at the front of objects_
  std::size_t n_spared_ = 0;  // of those, ready before closing_rejection_
  std::size_t current_ = 0;   // position in objects_ of the last row's object
  std::size_t held_bytes_ = 0;
  std::uint64_t n_handed_out_ = 0;
  std::int64_t first_return_line_ = -1;
  bool streaming_ = false;
  std::optional<Diagnostic> closing_rejection_;
  TextMap<std::size_t> positions_;  // while holding
  HashSet seen_;                    // while streaming
  HashSet returned_;
};

}  // namespace astrom3
