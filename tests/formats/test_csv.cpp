// SPDX-License-Identifier: MIT
#include <gtest/gtest.h>

#include <ctime>
#include <random>
#include <string>
#include <string_view>
#include <vector>

#include "formats/csv.h"
#include "formats/table_header.h"
#include "tests/source/source_testing.h"

namespace astrom3 {
namespace {

using Row = std::vector<std::string>;
using Rows = std::vector<Row>;

CsvReader open_text(std::string_view text, CsvDialect dialect = {}) {
  CsvReader reader(DecompressedReader(ByteReader::in_memory(text)));
  reader.set_dialect(dialect);
  return reader;
}

Rows read_rows(std::string_view text, CsvDialect dialect = {}) {
  CsvReader reader = open_text(text, dialect);
  Rows rows;
  for (CsvRecord record; reader.next(record);) rows.emplace_back(record.fields.begin(), record.fields.end());
  return rows;
}

Diagnostic failure_of(std::string_view text) {
  try {
    read_rows(text);
  } catch (const Error& error) {
    return error.diagnostic();
  }
  return {};
}

TEST(Csv, SplitsLinesAtTheDelimiter) {
  EXPECT_EQ(read_rows("a,b\n1,2\n"), (Rows{{"a", "b"}, {"1", "2"}}));
  EXPECT_EQ(read_rows("a\tb c\n", {.delimiter = '\t'}), (Rows{{"a", "b c"}}));
  EXPECT_EQ(read_rows("a,,b,\n"), (Rows{{"a", "", "b", ""}}));
}

TEST(Csv, BlankColumnsAreSplitAtRunsOfBlanks) {
  const CsvDialect blanks{.delimiter = CsvDialect::kBlanks};
  EXPECT_EQ(read_rows("  1.5\t 2  3  \n4 5 6\n", blanks), (Rows{{"1.5", "2", "3"}, {"4", "5", "6"}}));
  EXPECT_EQ(read_rows("a \"b c\"\n", blanks), (Rows{{"a", "b c"}}));
  EXPECT_EQ(read_rows("\"a\"\t\"b \"\"c\"\"\" \"\"\n5\" d\"e f \"g\"h\n", blanks),
            (Rows{{"a", "b \"c\"", ""}, {"5\"", "d\"e", "f", "\"g\"h"}}));
}

TEST(Csv, SkipsBlankLinesAndCommentsButCountsThem) {  // TX03, TX35
  CsvReader reader = open_text("# note\n\n1,2\n  \n# \"not a quote\n3,4");
  CsvRecord record;
  ASSERT_TRUE(reader.next(record));
  EXPECT_EQ(record.line, 3);
  EXPECT_EQ(record.byte, 8);
  EXPECT_TRUE(record.ends_with_newline);
  ASSERT_TRUE(reader.next(record));
  EXPECT_EQ(record.line, 6);
  EXPECT_EQ(record.fields[1], "4");
  EXPECT_FALSE(record.ends_with_newline);
  EXPECT_FALSE(reader.next(record));
}

TEST(Csv, ALineOfTabsIsARowOfEmptyFields) {
  EXPECT_EQ(read_rows("a\tb\n\t\n1\t2\n", {.delimiter = '\t'}), (Rows{{"a", "b"}, {"", ""}, {"1", "2"}}));
}

TEST(Csv, EndsLinesAtLfCrLfOrCr) {  // TX04
  const Rows expected{{"a", "b"}, {"1", "2"}, {"3", "4"}};
  EXPECT_EQ(read_rows("a,b\n1,2\n3,4\n"), expected);
  EXPECT_EQ(read_rows("a,b\r\n1,2\n3,4\r\n"), expected);
  EXPECT_EQ(read_rows("a,b\r1,2\r3,4", {.line_end = '\r'}), expected);
}

TEST(Csv, QuotesHoldDelimitersQuotesAndLines) {  // TX17
  EXPECT_EQ(read_rows("\"a,b\",c\n"), (Rows{{"a,b", "c"}}));
  EXPECT_EQ(read_rows("\"say \"\"hi\"\"\",2\n"), (Rows{{"say \"hi\"", "2"}}));
  EXPECT_EQ(read_rows("1,\"two\nlines\"\n3,4\n"), (Rows{{"1", "two\nlines"}, {"3", "4"}}));
  EXPECT_EQ(read_rows("\"\",\"\"\"\"\n"), (Rows{{"", "\""}}));
  EXPECT_EQ(read_rows("1, \"b\" ,3\n"), (Rows{{"1", "b", "3"}}));
  EXPECT_EQ(read_rows("\"end\""), (Rows{{"end"}}));
}

TEST(Csv, AQuoteInsideAFieldIsAnOrdinaryCharacter) {
  EXPECT_EQ(read_rows("5\" disk,2\n"), (Rows{{"5\" disk", "2"}}));
  EXPECT_EQ(read_rows("a\"\"b,2\nc,3\n"), (Rows{{"a\"\"b", "2"}, {"c", "3"}}));
  EXPECT_EQ(read_rows("\"12\"3,4\n"), (Rows{{"\"12\"3", "4"}}));
}

TEST(Csv, LinesInsideQuotesAreCounted) {
  CsvReader reader = open_text("\"a\nb\nc\",1\n2,3\n");
  CsvRecord record;
  ASSERT_TRUE(reader.next(record));
  EXPECT_EQ(record.line, 1);
  ASSERT_TRUE(reader.next(record));
  EXPECT_EQ(record.line, 4);
  EXPECT_EQ(record.byte, 10);
}

TEST(Csv, AnUnclosedQuoteNamesTheLineThatOpensIt) {  // TX18
  const Diagnostic failure = failure_of("a,b\n1,2\n\"3,4\n5,6\n");
  EXPECT_EQ(failure.code, Status::unclosed_quote);
  EXPECT_EQ(failure.line, 3);
  EXPECT_EQ(failure.byte, 8);
}

TEST(Csv, AnUnclosedQuoteDoesNotSwallowALargeFile) {  // TX18
  std::string text = "a,b\n\"1,2\n";
  while (text.size() < 5 * CsvReader::kMaxRecord) text += "3,4\n";
  text += "\"5,6\n";
  const Diagnostic failure = failure_of(text);
  EXPECT_EQ(failure.code, Status::unclosed_quote);
  EXPECT_EQ(failure.line, 2);
}

/// What next() says of every line, faulty ones included: the first field, or "!" and the first field.
Row outcomes_of(std::string_view text) {
  CsvReader reader = open_text(text);
  Row outcomes;
  for (CsvRecord record;;) {
    try {
      if (!reader.next(record)) return outcomes;
      outcomes.emplace_back(record.fields.front());
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), Status::unclosed_quote);
      reader.take_faulty_line(record);
      outcomes.push_back("!" + std::string(record.fields.front()));
    }
  }
}

TEST(Csv, WhatAnUnclosedQuoteLookedThroughIsNotLookedThroughAgain) {  // TX18
  // Between the quote of line 1 and the one that shows it to be stray, line 3 opens a quote of its own.
  EXPECT_EQ(outcomes_of("a,\"1\nb,2\nc\",\"x\nd,4\ne,\"5\n6\",x\nf,7\n"),
            (Row{"!a", "b", "!c\"", "d", "e", "f"}));
}

TEST(Csv, QuotesThatNeverPairTakeLinearTime) {  // TX18, RC08
  const auto seconds = [](std::size_t n) {
    std::string text;
    for (std::size_t i = 0; i < n; ++i) text += "a\",\"b\n";
    const std::clock_t begin = std::clock();
    EXPECT_EQ(outcomes_of(text).size(), n);
    return static_cast<double>(std::clock() - begin) / CLOCKS_PER_SEC;
  };
  const double few = seconds(20'000);
  EXPECT_LT(seconds(160'000), 20 * few + 0.5);
}

TEST(Csv, LinesEndAtOneMebibyte) {  // TX27
  const std::string longest(CsvReader::kMaxRecord, '1');
  EXPECT_EQ(read_rows("a\n" + longest + "\n").size(), 2u);
  EXPECT_EQ(read_rows("a\n" + longest).size(), 2u);
  const Diagnostic failure = failure_of("a\n" + longest + "1\n2\n");
  EXPECT_EQ(failure.code, Status::line_too_long);
  EXPECT_EQ(failure.line, 2);
  EXPECT_EQ(failure_of("a\n" + longest + "1").code, Status::line_too_long);
  EXPECT_EQ(failure_of("a\n#" + longest + "\n").code, Status::line_too_long);
}

TEST(Csv, ManyFieldsInOneLineAreSplit) {  // TX27
  std::string line = "0";
  for (int i = 1; i < 200'000; ++i) line += ",1";
  const Rows rows = read_rows(line + "\n");
  ASSERT_EQ(rows.size(), 1u);
  EXPECT_EQ(rows[0].size(), 200'000u);
}

TEST(Csv, NulAndBrokenUtf8MarkTheirRecordOnly) {  // TX06, TX07
  const std::string text = std::string("1,2\n3,\0 4\n5,\xe9\n\xc3\xa9,6\n", 19);
  CsvReader reader = open_text(text);
  std::vector<Status> problems;
  for (CsvRecord record; reader.next(record);) problems.push_back(record.problem);
  EXPECT_EQ(problems, (std::vector{Status::ok, Status::not_text, Status::bad_encoding, Status::ok}));
}

TEST(Csv, PeekingConsumesNothing) {
  CsvReader reader = open_text("a,b\n1,2\n");
  EXPECT_EQ(reader.peek(4).substr(0, 4), "a,b\n");
  EXPECT_EQ(reader.peek(1 << 20), "a,b\n1,2\n");
  reader.skip(4, 1);
  CsvRecord record;
  ASSERT_TRUE(reader.next(record));
  EXPECT_EQ(record.line, 2);
  EXPECT_EQ(record.byte, 4);
  EXPECT_EQ(record.fields[0], "1");
}

/// What the reader should do, one character at a time.
Rows split_slowly(std::string_view text) {
  Rows rows;
  Row row{""};
  enum { at_start, plain, quoted, after_quote } state = at_start;
  const auto end_row = [&] {
    if (!(row.size() == 1 && row[0].find_first_not_of(" \t") == std::string::npos && state != after_quote))
      rows.push_back(row);
    row = {""};
    state = at_start;
  };
  for (const char c : text) {
    if (state == quoted) {
      if (c == '"')
        state = after_quote;
      else
        row.back() += c;
    } else if (state == after_quote && c == '"') {
      row.back() += '"';
      state = quoted;
    } else if (c == ',') {
      row.emplace_back();
      state = at_start;
    } else if (c == '\n') {
      end_row();
    } else if (state == at_start && c == '"') {
      state = quoted;
    } else {
      row.back() += c;
      state = plain;
    }
  }
  if (row.size() > 1 || !row[0].empty() || state != at_start) end_row();
  return rows;
}

TEST(Csv, AgreesWithASlowReaderAcrossBlockBoundaries) {
  // Rows long and quoted enough that records straddle the 256 KiB blocks in every possible way.
  std::mt19937 random(11);
  for (int trial = 0; trial < 4; ++trial) {
    std::string text;
    while (text.size() < 700'000) {
      for (std::size_t f = 0, n = 1 + random() % 5; f < n; ++f) {
        if (f > 0) text += ',';
        const std::string field(1 + random() % (random() % 50 == 0 ? 5000 : 12),
                                static_cast<char>('a' + random() % 26));
        switch (trial == 0 ? 0 : random() % 8) {
          case 1:
            text += "\"" + field + ",\n" + field + "\"";
            break;
          case 2:
            text += "\"" + field + "\"\"" + field + "\"";
            break;
          default:
            text += field;
        }
      }
      text += '\n';
    }
    EXPECT_EQ(read_rows(text), split_slowly(text)) << trial;
  }
}

TEST(TableHeader, GuessesTheMostFrequentSeparator) {
  EXPECT_EQ(guess_delimiter("hjd,mag,mag err"), ',');
  EXPECT_EQ(guess_delimiter("hjd;mag;mag,err"), ';');
  EXPECT_EQ(guess_delimiter("hjd\tmag\tmag err"), '\t');
  EXPECT_EQ(guess_delimiter("HJD MAG MAG_ERR"), CsvDialect::kBlanks);
  EXPECT_EQ(guess_delimiter("5,2;1,0", ','), ';');
  EXPECT_EQ(guess_delimiter("5,2 1,0", ','), CsvDialect::kBlanks);
}

TEST(TableHeader, AnExactNameWinsOverAnotherCase) {  // TX13
  const std::vector<std::string> names{"HJD", "hjd", " # Flux ", "Mag", "MAG"};
  EXPECT_EQ(find_column("hjd", names), 1u);
  EXPECT_EQ(find_column("HJD", names), 0u);
  EXPECT_EQ(find_column("flux", names), 2u);
  EXPECT_EQ(find_column("time", names), std::nullopt);
  EXPECT_THROW(find_column("mag", names), Error);
}

}  // namespace
}  // namespace astrom3
