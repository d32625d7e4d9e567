// SPDX-License-Identifier: MIT
#include "parquet_file.h"

#include <algorithm>
#include <cstring>
#include <iterator>
#include <utility>

extern "C" std::size_t LLVMFuzzerMutate(std::uint8_t* data, std::size_t size, std::size_t max_size);

namespace astrom3 {
namespace {

// Source  https://github.com/apache/parquet-format/blob/master/src/main/thrift/parquet.thrift
constexpr std::int16_t kRowGroups = 4;         // FileMetaData
constexpr std::int16_t kColumns = 1;           // RowGroup
constexpr std::int16_t kMetadata = 3;          // ColumnChunk
constexpr std::int16_t kUncompressedSize = 6;  // ColumnMetaData
constexpr std::int16_t kCompressedSize = 7;
constexpr std::int16_t kDataOffset = 9;
constexpr std::int16_t kDictionaryOffset = 11;
constexpr std::int16_t kPageSize = 2;  // PageHeader
constexpr std::int16_t kCompressedPageSize = 3;

constexpr std::string_view kMagic = "PAR1";
constexpr std::size_t kMostPages = 64;
constexpr std::int64_t kNumbers[] = {0,  1,   2,     3,         5,         8,         -1,
                                     16, 255, 65536, INT32_MAX, INT32_MIN, INT64_MAX, INT64_MIN};
constexpr const char* kNames[] = {"object_id", "time",       "mag",        "mag_err", "flux",      "flux_err",
                                  "band",      "lightcurve", "photometry", "class",   "embedding", "period",
                                  "e0",        "element",    "list",       "schema"};

std::uint64_t below(Random& random, std::uint64_t n) {
  return random.bits() % n;
}
template <class Table>
auto any(Random& random, const Table& table) {
  return table[below(random, std::size(table))];
}

std::int64_t number_of(const ThriftValue* value) {
  return value == nullptr ? 0 : value->number;
}
void set_number(ThriftValue& parent, std::int16_t id, std::size_t number) {
  if (ThriftValue* const value = parent.find(id)) value->number = static_cast<std::int64_t>(number);
}

/// `value` and all below it.
void collect(ThriftValue& value, std::vector<ThriftValue*>& all) {
  all.push_back(&value);
  for (ThriftValue& element : value.elements) collect(element, all);
  for (ThriftValue& field : value.fields) collect(field, all);
}

void mutate_bytes(std::string& bytes, std::size_t max_size) {
  const std::size_t size = bytes.size();
  bytes.resize(std::max<std::size_t>(1, std::max(size, max_size)));
  bytes.resize(LLVMFuzzerMutate(reinterpret_cast<std::uint8_t*>(bytes.data()), size, bytes.size()));
}

void mutate_elements(ThriftValue& list, Random& random) {
  auto& elements = list.elements;
  if (elements.empty()) return;
  const std::size_t i = below(random, elements.size()), k = below(random, elements.size());
  switch (below(random, 3)) {
    case 0:
      elements.erase(elements.begin() + static_cast<std::ptrdiff_t>(i));
      break;
    case 1:
      elements.push_back(ThriftValue(elements[i]));
      break;
    default:
      std::swap(elements[i], elements[k]);
      break;
  }
}

void mutate_fields(ThriftValue& value, Random& random) {
  if (value.fields.empty()) return;
  const std::size_t i = below(random, value.fields.size());
  if (below(random, 2) == 0) {
    value.fields.erase(value.fields.begin() + static_cast<std::ptrdiff_t>(i));
  } else {
    value.fields[i].id = static_cast<std::int16_t>(1 + below(random, 16));
  }
}

void mutate_value(ThriftValue& root, Random& random) {
  std::vector<ThriftValue*> all;
  collect(root, all);
  ThriftValue& value = *all[below(random, all.size())];
  if (value.is_number()) {
    constexpr std::int64_t kSteps[] = {1, -1, 8, -8};
    // Most numbers are enumerations or counts: their neighbours are what matters.
    value.number = below(random, 2) == 0 ? static_cast<std::int64_t>(below(random, 24))
                   : below(random, 2) == 0
                       ? any(random, kNumbers)
                       : static_cast<std::int64_t>(static_cast<std::uint64_t>(value.number) +
                                                   static_cast<std::uint64_t>(any(random, kSteps)));
  } else if (value.type == ThriftValue::kBinary || value.type == ThriftValue::kDouble) {
    if (value.type == ThriftValue::kBinary && below(random, 2) == 0) {
      value.text = any(random, kNames);
    } else {
      mutate_bytes(value.text, value.type == ThriftValue::kDouble ? 8 : value.text.size() + 8);
      if (value.type == ThriftValue::kDouble) value.text.resize(8);
    }
  } else if (value.type == ThriftValue::kTrue || value.type == ThriftValue::kFalse) {
    value.type = value.type == ThriftValue::kTrue ? ThriftValue::kFalse : ThriftValue::kTrue;
  } else if (value.type == ThriftValue::kList) {
    mutate_elements(value, random);
  } else {
    mutate_fields(value, random);
  }
}

}  // namespace

ThriftValue* ParquetPieces::chunk_metadata(const Chunk& chunk) {
  ThriftValue* const groups = footer_.find(kRowGroups);
  if (groups == nullptr || chunk.group >= groups->elements.size()) return nullptr;
  ThriftValue* const columns = groups->elements[chunk.group].find(kColumns);
  if (columns == nullptr || chunk.column >= columns->elements.size()) return nullptr;
  return columns->elements[chunk.column].find(kMetadata);
}

bool ParquetPieces::take_pages(std::string_view file, Chunk& chunk) {
  const ThriftValue* const metadata = chunk_metadata(chunk);
  if (metadata == nullptr) return false;
  std::int64_t begin = number_of(metadata->find(kDataOffset));
  if (const std::int64_t dictionary = number_of(metadata->find(kDictionaryOffset)); dictionary > 0)
    begin = std::min(begin, dictionary);
  const std::int64_t size = number_of(metadata->find(kCompressedSize));
  const auto end = static_cast<std::int64_t>(file.size());
  if (begin < 4 || begin > end || size < 0 || size > end - begin) return false;
  std::string_view rest = file.substr(static_cast<std::size_t>(begin), static_cast<std::size_t>(size));
  while (!rest.empty() && chunk.pages.size() < kMostPages) {
    auto header = take_thrift(rest);
    if (!header) return false;
    const std::int64_t bytes = number_of(header->find(kCompressedPageSize));
    if (bytes < 0 || bytes > static_cast<std::int64_t>(rest.size())) return false;
    chunk.pages.push_back({*std::move(header), std::string(rest.substr(0, static_cast<std::size_t>(bytes)))});
    rest.remove_prefix(static_cast<std::size_t>(bytes));
  }
  return rest.empty();
}

std::optional<ParquetPieces> ParquetPieces::take_apart(std::string_view file) {
  if (file.size() < 12 || !file.starts_with(kMagic) || !file.ends_with(kMagic)) return std::nullopt;
  std::uint32_t length = 0;
  std::memcpy(&length, file.data() + file.size() - 8, sizeof length);
  if (length > file.size() - 12) return std::nullopt;
  std::string_view bytes = file.substr(file.size() - 8 - length, length);
  ParquetPieces pieces;
  auto footer = take_thrift(bytes);
  if (!footer) return std::nullopt;
  pieces.footer_ = *std::move(footer);
  const ThriftValue* const groups = pieces.footer_.find(kRowGroups);
  for (std::size_t g = 0; groups != nullptr && g < groups->elements.size(); ++g) {
    const ThriftValue* const columns = groups->elements[g].find(kColumns);
    for (std::size_t c = 0; columns != nullptr && c < columns->elements.size(); ++c) {
      Chunk chunk{.group = g, .column = c, .pages = {}};
      if (!pieces.take_pages(file, chunk)) return std::nullopt;
      pieces.chunks_.push_back(std::move(chunk));
    }
  }
  return pieces;
}

void ParquetPieces::mutate(Random& random) {
  for (std::uint64_t n = 1 + below(random, 3); n > 0; --n) {
    Chunk* const chunk = chunks_.empty() ? nullptr : &chunks_[below(random, chunks_.size())];
    const std::uint64_t what = below(random, 8);
    if (what < 3 || chunk == nullptr || chunk->pages.empty()) {
      mutate_value(footer_, random);
      continue;
    }
    Page& page = chunk->pages[below(random, chunk->pages.size())];
    if (what < 5) {
      mutate_value(page.header, random);
    } else if (what < 7) {
      // Levels, indices and values. Their number is in the header, so that most mutants keep the size.
      mutate_bytes(page.bytes, page.bytes.size() + (below(random, 4) == 0 ? 16 : 0));
      set_number(page.header, kPageSize, page.bytes.size());
      set_number(page.header, kCompressedPageSize, page.bytes.size());
    } else {
      const Chunk& other = chunks_[below(random, chunks_.size())];
      if (!other.pages.empty()) page = Page(other.pages[below(random, other.pages.size())]);
    }
  }
}

std::string ParquetPieces::put_together(Random& random) {
  std::string file(kMagic);
  const bool is_wrong = below(random, 32) == 0;  // as it was before the mutation
  for (const Chunk& chunk : chunks_) {
    const std::size_t begin = file.size();
    std::size_t first_data = begin;
    for (std::size_t i = 0; i < chunk.pages.size(); ++i) {
      file += to_thrift(chunk.pages[i].header);
      file += chunk.pages[i].bytes;
      if (i == 0 && chunk.pages.size() > 1) first_data = file.size();
    }
    ThriftValue* const metadata = chunk_metadata(chunk);
    if (metadata == nullptr || is_wrong) continue;
    const bool has_dictionary = metadata->find(kDictionaryOffset) != nullptr;
    set_number(*metadata, kDictionaryOffset, begin);
    set_number(*metadata, kDataOffset, has_dictionary ? first_data : begin);
    set_number(*metadata, kCompressedSize, file.size() - begin);
    set_number(*metadata, kUncompressedSize, file.size() - begin);
  }
  const std::string footer = to_thrift(footer_);
  const auto length = static_cast<std::uint32_t>(footer.size());
  file += footer;
  file.append(reinterpret_cast<const char*>(&length), sizeof length);
  return file += kMagic;
}

}  // namespace astrom3
