// SPDX-License-Identifier: MIT
#include "source/object_groups.h"

#include <fmt/format.h>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "astrom3/base/error.h"
#include "source/object_builder.h"

namespace astrom3 {

ObjectBuilder& ObjectGroups::find_or_add(std::string_view id, std::int64_t line) {
  if (nobodys_row_.has_value()) end_rows_without_id();
  // Most rows belong to the object of the row before.
  if (current_ < objects_.size() && objects_[current_].id() == id) return objects_[current_];
  return streaming_ ? add_streamed(id, line) : add_held(id, line);
}

ObjectBuilder& ObjectGroups::without_id(std::string_view id) {
  if (nobodys_row_.has_value() && nobodys_row_->id() != id) end_rows_without_id();
  if (!nobodys_row_.has_value()) nobodys_row_.emplace(id);
  return *nobodys_row_;
}

void ObjectGroups::end_rows_without_id() {
  nobodys_.push_back(std::move(*nobodys_row_));
  nobodys_row_.reset();
}

ObjectBuilder& ObjectGroups::add_held(std::string_view id, std::int64_t line) {
  if (const auto found = positions_.find(id); found != positions_.end()) {
    if (first_return_line_ < 0) first_return_line_ = line;
    current_ = found->second;
    return objects_[current_];
  }
  current_ = objects_.size();
  positions_.emplace(id, current_);
  objects_.emplace_back(id);
  // The map holds the id a second time, in a node of its own.
  held_bytes_ += objects_.back().memory_bytes() + sizeof(std::string) + id.size() + 32;
  return objects_.back();
}

ObjectBuilder& ObjectGroups::add_streamed(std::string_view id, std::int64_t line) {
  n_ready_ = objects_.size();  // whatever was being read is complete
  const bool is_new = seen_.insert(id);
  current_ = objects_.size();
  objects_.emplace_back(id);
  ObjectBuilder& object = objects_.back();
  if (is_new) return object;
  object.reject(
      {.code = Status::not_grouped,
       .line = line,
       .message = fmt::format("the object comes back in line {} after other objects, and the table is too "
                              "large to hold; its earlier rows were read as one object",
                              line),
       .hint = {"sort the table by object, or raise {}", {{"memory"}}}});
  return object;
}

bool ObjectGroups::must_stream(std::uint64_t memory_bytes) const {
  if (held_bytes_ <= memory_bytes) return false;
  if (first_return_line_ < 0) return true;
  throw Error(
      Diagnostic{.code = Status::not_grouped,
                 .line = first_return_line_,
                 .message = fmt::format("an object comes back in this line after other objects, and the "
                                        "table needs more than {} MiB to be held",
                                        memory_bytes >> 20),
                 .hint = {"sort the table by object, or raise {}", {{"memory"}}}});
}

void ObjectGroups::start_streaming() {
  streaming_ = true;
  for (const ObjectBuilder& object : objects_) seen_.insert(object.id());
  positions_ = {};
  // The last object may get more rows; the others are complete.
  n_ready_ = objects_.empty() ? 0 : objects_.size() - 1;
}

void ObjectGroups::close() {
  if (nobodys_row_.has_value()) end_rows_without_id();
  n_ready_ = objects_.size();
  positions_ = {};
}

std::size_t ObjectGroups::close_rejecting(Diagnostic rejection) {
  n_spared_ = n_ready_;
  closing_rejection_ = std::move(rejection);
  close();
  return objects_.size() - n_spared_;
}

std::uint64_t ObjectGroups::handed_out_of(std::uint64_t bytes) const noexcept {
  const std::uint64_t n_here = objects_.size() + nobodys_.size();
  if (n_here == 0) return bytes;
  const auto n_out = static_cast<double>(n_handed_out_);
  return static_cast<std::uint64_t>(static_cast<double>(bytes) * n_out /
                                    (n_out + static_cast<double>(n_here)));
}

std::optional<ObjectBuilder> ObjectGroups::pop_ready() {
  if (!nobodys_.empty()) {
    ObjectBuilder object = std::move(nobodys_.front());
    nobodys_.pop_front();
    ++n_handed_out_;
    return object;
  }
  while (n_ready_ > 0) {
    ObjectBuilder object = std::move(objects_.front());
    objects_.pop_front();
    ++n_handed_out_;
    --n_ready_;
    if (current_ > 0) --current_;
    if (n_spared_ > 0) {
      --n_spared_;
    } else if (closing_rejection_.has_value()) {
      object.reject(*closing_rejection_);
    }
    // One entry for an id that came back is enough, however often it does.
    const bool is_repeated =
        streaming_ && object.is_rejected_as(Status::not_grouped) && !returned_.insert(object.id());
    if (!is_repeated) return object;
  }
  return std::nullopt;
}

}  // namespace astrom3
