// SPDX-License-Identifier: MIT
//
// The C interface as a C11 program uses it: test_c_api CHECKPOINT
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "astrom3/c_api.h"

static int failures = 0;

#define EXPECT(claim)                                                                                     \
  do {                                                                                                    \
    if (!(claim)) {                                                                                       \
      fprintf(stderr, "%s:%d: %s\n  last error: %s\n", __FILE__, __LINE__, #claim, astrom3_last_error()); \
      ++failures;                                                                                         \
    }                                                                                                     \
  } while (0)

enum { N_CURVES = 3, N_ROWS = 120 };
static double time_[N_ROWS], flux[N_ROWS];
static float flux_err[N_ROWS];
static const int64_t offsets[N_CURVES + 1] = {0, 50, 50, N_ROWS};  // the second one is empty

static astrom3_status code_of(const char* name) {
  for (astrom3_status code = 0; astrom3_status_name(code) != NULL; ++code) {
    if (strcmp(astrom3_status_name(code), name) == 0) return code;
  }
  return -1;
}

static void make_light_curves(void) {
  uint32_t noise = 1;
  for (int i = 0; i < N_ROWS; ++i) {
    noise = noise * 1664525u + 1013904223u;
    time_[i] = 2450000.0 + 1.37 * i + 1e-9 * (noise >> 8);
    flux[i] = 10 + sin(time_[i] * 2.1) + 1e-9 * (noise >> 8);
    flux_err[i] = 0.125f;
  }
}

static astrom3_table* flat_table(void) {
  const astrom3_column columns[] = {{"flux_err", flux_err, ASTROM3_FLOAT32, NULL, 0},
                                    {"time", time_, ASTROM3_FLOAT64, NULL, 0},
                                    {"flux", flux, ASTROM3_FLOAT64, NULL, 0}};
  astrom3_table* table = NULL;
  EXPECT(astrom3_table_from_columns(offsets, N_CURVES, N_ROWS, columns, 3, NULL, NULL, 0, &table) == 0);
  return table;
}

// ---- the same light curves as an Arrow array: large_list<struct<time, flux, flux_err>> -------------------

static int n_released = 0;
static void release_array(struct ArrowArray* array) {
  ++n_released;
  array->release = NULL;
}
static void release_schema(struct ArrowSchema* schema) {
  schema->release = NULL;
}

static astrom3_status arrow_table(const char* format, astrom3_table** table) {
  static const void* leaf_buffers[3][2] = {{NULL, time_}, {NULL, flux}, {NULL, flux_err}};
  static const void* struct_buffers[1] = {NULL};
  static const void* list_buffers[2] = {NULL, offsets};
  struct ArrowArray leaves[3], rows, list;
  struct ArrowSchema leaf_schemas[3], row_schema, list_schema;
  struct ArrowArray* leaf_pointers[3];
  struct ArrowSchema* leaf_schema_pointers[3];
  static const char* const names[3] = {"time", "flux", "flux_err"};
  for (int i = 0; i < 3; ++i) {
    leaves[i] = (struct ArrowArray){
        .length = N_ROWS, .n_buffers = 2, .buffers = leaf_buffers[i], .release = release_array};
    leaf_schemas[i] =
        (struct ArrowSchema){.format = i < 2 ? "g" : "f", .name = names[i], .release = release_schema};
    leaf_pointers[i] = &leaves[i];
    leaf_schema_pointers[i] = &leaf_schemas[i];
  }
  rows = (struct ArrowArray){.length = N_ROWS,
                             .n_buffers = 1,
                             .buffers = struct_buffers,
                             .n_children = 3,
                             .children = leaf_pointers,
                             .release = release_array};
  row_schema = (struct ArrowSchema){.format = "+s",
                                    .name = "item",
                                    .n_children = 3,
                                    .children = leaf_schema_pointers,
                                    .release = release_schema};
  struct ArrowArray* row_pointer = &rows;
  struct ArrowSchema* row_schema_pointer = &row_schema;
  list = (struct ArrowArray){.length = N_CURVES,
                             .n_buffers = 2,
                             .buffers = list_buffers,
                             .n_children = 1,
                             .children = &row_pointer,
                             .release = release_array};
  list_schema = (struct ArrowSchema){.format = format,
                                     .name = "lightcurve",
                                     .n_children = 1,
                                     .children = &row_schema_pointer,
                                     .release = release_schema};
  const astrom3_status status = astrom3_table_from_arrow(&list_schema, &list, NULL, NULL, 0, table);
  EXPECT(list.release == NULL);
  if (status == 0) {  // the buffers are static: they may be read after this function, the structures may not
    astrom3_embed_options embed;
    astrom3_embed_options_init(&embed);
    astrom3_output output;
    astrom3_output_init(&output);
    int64_t n_raw[N_CURVES];
    output.n_raw = n_raw;
    EXPECT(astrom3_embed(NULL, *table, &embed, &output) == 0);
    EXPECT(n_raw[0] == 50 && n_raw[1] == 0 && n_raw[2] == 70);
  }
  return status;
}

// ---- claims -----------------------------------------------------------------------------------------------

static void embeds_what_can_be_embedded(const astrom3_model* model) {
  astrom3_table* table = flat_table();
  EXPECT(astrom3_table_size(table) == N_CURVES);
  astrom3_model_info info = {.struct_size = sizeof info};
  EXPECT(astrom3_model_describe(model, &info) == 0);
  EXPECT(strlen(info.sha256) == 64 && info.width > 0 && info.n_steps > 0);
  EXPECT(info.n_classes == 5 && strcmp(astrom3_model_class_name(model, 4), "4") == 0);  // nobody named them
  EXPECT(astrom3_model_class_name(model, info.n_classes) == NULL);

  float* one = calloc(N_CURVES * info.width, sizeof(float));
  float* two = calloc(N_CURVES * info.width, sizeof(float));
  uint8_t status[N_CURVES];
  double features[N_CURVES][ASTROM3_N_FEATURES];
  char message[200];
  int64_t n_done = 0;
  astrom3_embed_options options;
  astrom3_embed_options_init(&options);
  options.n_threads = 1;
  options.n_done = &n_done;
  astrom3_output output;
  astrom3_output_init(&output);
  output.mean = one;
  output.status = status;
  output.features = &features[0][0];
  output.message = message;
  output.message_size = sizeof message;
  EXPECT(astrom3_embed(model, table, &options, &output) == 0);
  EXPECT(output.n_ok == 2 && output.first_rejected == 1 && n_done == N_CURVES);
  EXPECT(strstr(message, "no_points") != NULL);
  EXPECT(status[0] == 0 && status[1] == code_of("no_points") && status[2] == 0);
  EXPECT(isfinite(one[0]) && isnan(one[info.width]) && isfinite(one[2 * info.width]));
  EXPECT(features[0][ASTROM3_PERIOD] > 0 && isnan(features[1][ASTROM3_PERIOD]));

  options.n_threads = 2;
  output.mean = two;
  EXPECT(astrom3_embed(model, table, &options, &output) == 0);
  EXPECT(memcmp(one, two, N_CURVES * info.width * sizeof(float)) == 0);

  double periods[N_CURVES] = {0.5, 0.5, 0.5};
  options.given[ASTROM3_PERIOD].values = periods;
  EXPECT(astrom3_embed(model, table, &options, &output) == 0);
  EXPECT(features[0][ASTROM3_PERIOD] == 0.5);

  int32_t stop = 1;
  options.stop = &stop;
  EXPECT(astrom3_embed(model, table, &options, &output) == code_of("interrupted"));
  free(one);
  free(two);
  astrom3_table_close(table);
}

static void encodes_what_it_would_have_seen(const astrom3_model* model) {
  astrom3_model_info info = {.struct_size = sizeof info};
  EXPECT(astrom3_model_describe(model, &info) == 0);
  const size_t steps = info.n_steps, width = info.width;
  float* x_enc = calloc(N_CURVES * steps * 9, sizeof(float));
  float* mask = calloc(N_CURVES * steps, sizeof(float));
  float* expected = calloc(N_CURVES * width, sizeof(float));
  float* mean = calloc(N_CURVES * width, sizeof(float));
  astrom3_table* table = flat_table();
  astrom3_embed_options options;
  astrom3_embed_options_init(&options);
  astrom3_output output;
  astrom3_output_init(&output);
  output.x_enc = x_enc;
  output.mask = mask;
  output.mean = expected;
  EXPECT(astrom3_embed(model, table, &options, &output) == 0);
  EXPECT(astrom3_encode(model, x_enc, mask, N_CURVES, 2, NULL, mean, NULL, NULL) == 0);
  EXPECT(memcmp(mean, expected, width * sizeof(float)) == 0);
  EXPECT(memcmp(mean + 2 * width, expected + 2 * width, width * sizeof(float)) == 0);

  const int32_t stop = 1;
  EXPECT(astrom3_encode(model, x_enc, mask, N_CURVES, 1, &stop, mean, NULL, NULL) == code_of("interrupted"));
  EXPECT(astrom3_encode(model, NULL, NULL, 0, 1, NULL, NULL, NULL, NULL) == 0);
  EXPECT(astrom3_encode(NULL, x_enc, mask, 1, 1, NULL, mean, NULL, NULL) == code_of("usage"));
  EXPECT(astrom3_encode(model, NULL, mask, 1, 1, NULL, mean, NULL, NULL) == code_of("usage"));
  double scores[N_CURVES];
  EXPECT(astrom3_out_of_class(model, mean, N_CURVES, scores) == code_of("usage")); /* trained without */
  EXPECT(strstr(astrom3_last_error(), "out of class") != NULL);
  EXPECT(astrom3_out_of_class(NULL, mean, N_CURVES, scores) == code_of("usage"));
  EXPECT(astrom3_encode(model, x_enc, mask, SIZE_MAX / 2, 1, NULL, mean, NULL, NULL) == code_of("usage"));
  astrom3_table_close(table);
  free(x_enc);
  free(mask);
  free(expected);
  free(mean);
}

static void looks_into_the_cache_of_the_hub(void) {
  astrom3_download* download = NULL;
  EXPECT(astrom3_download_open("no such name", NULL, 1, NULL, NULL, &download) == code_of("usage"));
  EXPECT(astrom3_download_open("org/model", "/nowhere", 1, NULL, NULL, &download) ==
         code_of("network_error"));
  EXPECT(download == NULL && strstr(astrom3_last_error(), "org/model") != NULL);
  EXPECT(astrom3_download_open("org/model", "/nowhere", 1, NULL, NULL, NULL) == code_of("usage"));
  astrom3_download_info info = {.struct_size = sizeof info};
  EXPECT(astrom3_download_describe(NULL, &info) == code_of("usage"));
  astrom3_download_close(NULL);
}

static void says_what_may_be_meant_otherwise(void) {
  astrom3_table* table = flat_table();
  size_t n = 9;
  EXPECT(astrom3_table_warnings(table, NULL, &n) == 0 && n == 0);
  EXPECT(astrom3_table_warning(table, 0) == NULL);
  EXPECT(astrom3_table_warnings(table, "# flux zero point 25.0\n# time in days\n", &n) == 0 && n == 1);
  EXPECT(strstr(astrom3_table_warning(table, 0), "flux zero point 25.0") != NULL);
  EXPECT(strstr(astrom3_table_warning(table, 0), "flux-unit") != NULL);
  EXPECT(astrom3_table_warning(table, 1) == NULL && astrom3_table_warning(NULL, 0) == NULL);
  EXPECT(astrom3_table_warnings(table, NULL, NULL) == code_of("usage"));
  EXPECT(astrom3_table_warnings(NULL, NULL, &n) == code_of("usage"));
  astrom3_table_close(table);
}

static void takes_nothing_for_an_answer(const astrom3_model* model) {  // CL19
  const int64_t none[] = {0};
  const astrom3_column columns[] = {{"time", NULL, ASTROM3_FLOAT64, NULL, 0},
                                    {"flux", NULL, ASTROM3_FLOAT64, NULL, 0},
                                    {"flux_err", NULL, ASTROM3_FLOAT64, NULL, 0}};
  astrom3_table* table = NULL;
  EXPECT(astrom3_table_from_columns(none, 0, 0, columns, 3, NULL, NULL, 0, &table) == 0);
  EXPECT(astrom3_table_size(table) == 0);
  astrom3_embed_options options;
  astrom3_embed_options_init(&options);
  astrom3_output output;
  astrom3_output_init(&output);
  EXPECT(astrom3_embed(model, table, &options, &output) == 0);
  EXPECT(output.n_ok == 0 && output.first_rejected == -1);
  astrom3_table_close(table);
}

static void refuses_null_pointers_and_wrong_sizes(const astrom3_model* model,
                                                  const char* checkpoint) {  // CL19
  const astrom3_status usage = code_of("usage");
  astrom3_model* other = NULL;
  EXPECT(astrom3_model_open("/nowhere", NULL, NULL, NULL, 0, NULL, NULL) == usage);
  EXPECT(astrom3_model_open("/nowhere", NULL, NULL, NULL, 0, NULL, &other) != 0 && other == NULL);
  EXPECT(strstr(astrom3_last_error(), "/nowhere") != NULL);
  EXPECT(astrom3_model_open(checkpoint, NULL, NULL, "sparse", 0, NULL, &other) == usage && other == NULL);
  EXPECT(astrom3_model_open(checkpoint, NULL, NULL, NULL, 0, "int4", &other) == usage && other == NULL);
  EXPECT(astrom3_model_open(checkpoint, NULL, "scalar", NULL, 0, "int8", &other) == 0);
  astrom3_model_info info = {.struct_size = sizeof info};
  EXPECT(astrom3_model_describe(other, &info) == 0 && strcmp(info.precision, "int8") == 0);
  astrom3_model_close(other);
  info.struct_size = sizeof info - 1;
  EXPECT(astrom3_model_describe(model, &info) == usage);
  EXPECT(strstr(astrom3_last_error(), "struct_size") != NULL);
  EXPECT(astrom3_model_describe(NULL, &info) == usage);

  astrom3_table* table = flat_table();
  astrom3_embed_options options;
  astrom3_embed_options_init(&options);
  astrom3_output output;
  astrom3_output_init(&output);
  EXPECT(astrom3_embed(model, NULL, &options, &output) == usage);
  EXPECT(astrom3_embed(model, table, NULL, &output) == usage);
  EXPECT(astrom3_embed(model, table, &options, NULL) == usage);
  options.struct_size = 0;
  EXPECT(astrom3_embed(model, table, &options, &output) == usage);
  astrom3_embed_options_init(&options);
  float mean[1];
  output.mean = mean;
  EXPECT(astrom3_embed(NULL, table, &options, &output) == usage);
  options.n_steps = 2;
  output.mean = NULL;
  EXPECT(astrom3_embed(model, table, &options, &output) == usage);

  const int64_t backwards[] = {0, 5, 4};
  const astrom3_column columns[] = {{"time", time_, 99, NULL, 0}};
  astrom3_table* bad = NULL;
  EXPECT(astrom3_table_from_columns(NULL, 1, N_ROWS, columns, 1, NULL, NULL, 0, &bad) == usage);
  EXPECT(astrom3_table_from_columns(backwards, 2, N_ROWS, columns, 1, NULL, NULL, 0, &bad) == usage);
  EXPECT(astrom3_table_from_arrow(NULL, NULL, NULL, NULL, 0, &bad) == usage && bad == NULL);
  astrom3_table_close(table);
  astrom3_table_close(NULL);
  astrom3_model_close(NULL);
  astrom3_index_close(NULL);
}

static void reads_arrow_in_place(const astrom3_model* model) {
  (void)model;
  astrom3_table* table = NULL;
  EXPECT(arrow_table("+L", &table) == 0);
  EXPECT(n_released == 0);
  astrom3_table_close(table);
  EXPECT(n_released == 1);
  EXPECT(arrow_table("+m", &table) == code_of("usage") && n_released == 2);  // a map
}

static void reads_tables_as_files_are_read(void) {
  // A survey is known by its columns: quality flags drop, the band's zero point converts.
  static const int32_t star[] = {7, 8, 7, 7}, catflags[] = {0, 0, 32768, 0}, filter[] = {0, 0, 0, 1};
  static const double hmjd[] = {58000.5, 58000.5, 58001.5, 58002.5}, mag[] = {16, 15, 16.5, 17},
                      magerr[] = {0.02, 0.02, 0.02, 0.02};
  static const char* const bands[] = {"1", "2"};
  const astrom3_column columns[] = {
      {"objectid", star, ASTROM3_INT32, NULL, 0},   {"filterid", filter, ASTROM3_INT32, bands, 2},
      {"hmjd", hmjd, ASTROM3_FLOAT64, NULL, 0},     {"mag", mag, ASTROM3_FLOAT64, NULL, 0},
      {"magerr", magerr, ASTROM3_FLOAT64, NULL, 0}, {"catflags", catflags, ASTROM3_INT32, NULL, 0},
      {"ra", NULL, ASTROM3_FLOAT64, NULL, 0}};
  const char* names[7];
  for (int i = 0; i < 7; ++i) names[i] = columns[i].name;
  uint8_t read[7];
  EXPECT(astrom3_table_columns(names, 7, NULL, read) == 0 && read[0] == 2 && read[1] == 1 && read[5] == 1 &&
         read[6] == 0);
  EXPECT(astrom3_table_columns(names, 1, NULL, read) == code_of("missing_column"));
  uint8_t uses[7];
  EXPECT(astrom3_table_uses(names, 7, NULL, uses) == 0 && uses[0] == ASTROM3_OBJECT_ID &&
         uses[1] == ASTROM3_OTHER);
  EXPECT(uses[2] == ASTROM3_TIME && uses[3] == ASTROM3_MAG && uses[4] == ASTROM3_MAG_ERR &&
         uses[6] == ASTROM3_NOT_READ);
  static const char* const of_kepler[] = {"TIME",        "CADENCENO", "PDCSAP_FLUX", "PDCSAP_FLUX_ERR",
                                          "SAP_QUALITY", "SAP_FLUX"};
  EXPECT(astrom3_table_uses(of_kepler, 6, NULL, uses) == 0 && uses[2] == ASTROM3_COUNTS &&
         uses[3] == ASTROM3_COUNTS_ERR);
  static const char* const of_wasp[] = {"TMID", "TAMFLUX2", "TAMFLUX2_ERR", "FLAG"};
  EXPECT(astrom3_table_uses(of_wasp, 4, NULL, uses) == 0 && uses[0] == ASTROM3_SECONDS &&
         uses[1] != ASTROM3_NOT_READ);

  astrom3_options* options = NULL;
  EXPECT(astrom3_options_open(&options) == 0 && astrom3_options_set(options, "band", "split") == 0);
  astrom3_table* table = NULL;
  EXPECT(astrom3_table_from_rows(4, columns, 7, options, NULL, 0, &table) == 0);
  EXPECT(astrom3_table_size(table) == 3);
  int64_t offsets_of_ids[4];
  char ids[32] = {0};
  EXPECT(astrom3_table_ids(table, 0, offsets_of_ids, NULL) == 0 && offsets_of_ids[3] == 12);
  EXPECT(astrom3_table_ids(table, 0, offsets_of_ids, ids) == 0 && strcmp(ids, "7:zg7:zr8:zg") == 0);
  astrom3_embed_options embed;
  astrom3_embed_options_init(&embed);
  astrom3_output output;
  astrom3_output_init(&output);
  int64_t n_raw[3];
  output.n_raw = n_raw;
  EXPECT(astrom3_embed(NULL, table, &embed, &output) == 0 && n_raw[0] == 2 && n_raw[1] == 1 && n_raw[2] == 1);
  astrom3_table_close(table);

  const double wanted[] = {0};
  const astrom3_condition clean = {"catflags", wanted, 1, NULL, 0};
  EXPECT(astrom3_options_set(options, "band", "zg") == 0);
  EXPECT(astrom3_table_from_rows(4, columns, 7, options, &clean, 1, &table) == 0);
  EXPECT(astrom3_embed(NULL, table, &embed, &output) == 0 && n_raw[0] == 1 && n_raw[1] == 1);
  astrom3_table_close(table);
  EXPECT(astrom3_table_from_rows(4, columns, 7, options, NULL, 1, &table) == code_of("usage") &&
         table == NULL);
  astrom3_options_close(options);
}

static void sets_every_option_by_its_name(const astrom3_model* model) {
  astrom3_options* options = NULL;
  EXPECT(astrom3_options_open(NULL) == code_of("usage"));
  EXPECT(astrom3_options_open(&options) == 0);
  const size_t n = astrom3_options_count(options);
  EXPECT(n > 20 && astrom3_options_count(NULL) == 0);
  astrom3_option_info info = {.struct_size = sizeof info};
  for (size_t i = 0; i < n; ++i) {
    EXPECT(astrom3_options_describe(options, i, &info) == 0);
    EXPECT(*info.name && *info.help && *info.group && *info.expected);
    EXPECT((info.kind == ASTROM3_OPTION_CHOICE) == (*info.words != 0));
    const char* text = astrom3_options_get(options, info.name);
    EXPECT((text == NULL) == (info.default_text == NULL));
    EXPECT(text == NULL || strcmp(text, info.default_text) == 0);
    EXPECT(astrom3_options_set(options, info.name, "") == code_of("usage"));
    EXPECT(strstr(astrom3_last_error(), info.name) != NULL);
    EXPECT(text == NULL || astrom3_options_set(options, info.name, info.default_text) == 0);
    EXPECT(astrom3_options_set(options, info.name, NULL) == 0);
  }
  EXPECT(astrom3_options_describe(options, n, &info) == code_of("usage"));
  EXPECT(astrom3_options_set(options, "no such option", "1") == code_of("usage"));
  EXPECT(astrom3_options_get(options, "no such option") == NULL);
  EXPECT(astrom3_options_set(NULL, "min-points", "3") == code_of("usage"));

  EXPECT(astrom3_options_set(options, "period-max", "0.01") == 0);
  EXPECT(astrom3_options_check(options) == code_of("usage"));
  EXPECT(strstr(astrom3_last_error(), "period-max: ") != NULL);
  astrom3_spell_options(ASTROM3_SPELL_KEYWORDS);
  EXPECT(astrom3_options_check(options) == code_of("usage"));
  EXPECT(strstr(astrom3_last_error(), "period_max: ") != NULL);
  astrom3_spell_options(ASTROM3_SPELL_PLAIN);
  EXPECT(astrom3_options_set(options, "period_max", NULL) == 0 && astrom3_options_check(options) == 0);

  astrom3_table* table = flat_table();
  uint8_t status[N_CURVES];
  astrom3_embed_options embed;
  astrom3_embed_options_init(&embed);
  embed.options = options;
  astrom3_output output;
  astrom3_output_init(&output);
  output.status = status;
  EXPECT(astrom3_options_set(options, "min-points", "10000") == 0);
  EXPECT(astrom3_embed(model, table, &embed, &output) == 0);
  EXPECT(output.n_ok == 0 && status[0] == code_of("too_few_points"));
  astrom3_table_close(table);
  astrom3_options_close(options);
  astrom3_options_close(NULL);
}

static void finds_a_period_and_neighbours(void) {
  double errors[N_ROWS], power[100];
  for (int i = 0; i < N_ROWS; ++i) errors[i] = 0.01;
  astrom3_options* options = NULL;
  EXPECT(astrom3_options_open(&options) == 0);
  EXPECT(astrom3_options_set(options, "period-max", "20") == 0);
  astrom3_period period = {.struct_size = sizeof period};
  EXPECT(astrom3_find_period(time_, flux, errors, NULL, N_ROWS, options, &period) == 0);
  EXPECT(period.period > 0.05 && period.period < 20);
  EXPECT(astrom3_find_period(time_, flux, errors, NULL, 2, options, &period) == code_of("too_few_points"));
  EXPECT(astrom3_find_period(NULL, flux, errors, NULL, 2, NULL, &period) == code_of("usage"));
  EXPECT(astrom3_options_set(options, "period-min", "1e-12") == 0);
  EXPECT(astrom3_find_period(time_, flux, errors, NULL, N_ROWS, options, &period) ==
         code_of("grid_too_fine"));
  EXPECT(strstr(astrom3_last_error(), "period-min") != NULL);
  astrom3_options_close(options);
  EXPECT(astrom3_periodogram(time_, flux, NULL, N_ROWS, 2.1 / 6.283185307179586, 0.05, 100, power) == 0);
  EXPECT(power[0] > 0.9 && power[1] < 0.5);  // the first frequency is the sine's own
  const double frequency[] = {2.1 / 6.283185307179586, 0.6};
  const char* const lengths[] = {"method=string_length", "threads=2", NULL};
  EXPECT(astrom3_period_statistic(time_, flux, NULL, NULL, N_ROWS, 0, frequency, 2, lengths, power) == 0);
  EXPECT(power[0] < power[1]);
  const char* const wrong[] = {"method=pdm", "terms=2", NULL};
  EXPECT(astrom3_period_statistic(time_, flux, NULL, NULL, N_ROWS, 0, frequency, 2, wrong, power) ==
         code_of("usage"));
  EXPECT(strstr(astrom3_last_error(), "terms") != NULL);
  astrom3_box box = {.struct_size = sizeof box};
  EXPECT(astrom3_find_box(time_, flux, NULL, N_ROWS, 0, frequency[0], NULL, &box) == 0);
  EXPECT(box.score > 0 && box.depth > 0 && box.duration_days > 0);
  double nyquist = 0;
  int32_t is_limit = -1;
  EXPECT(astrom3_find_nyquist(time_, N_ROWS, &nyquist, &is_limit) == 0);
  EXPECT(nyquist > 0 && (is_limit == 0 || is_limit == 1));

  const float rows[] = {1, 0, 0, 1, 1, 1};
  const float query[] = {0, 2};
  int64_t found[2];
  float similarity[2];
  astrom3_index* index = NULL;
  EXPECT(astrom3_index_open(rows, 3, 2, 1, &index) == 0);
  EXPECT(astrom3_index_find(index, query, 1, 2, 1, found, similarity) == 0);
  EXPECT(found[0] == 1 && found[1] == 2 && similarity[0] == 1);
  EXPECT(astrom3_index_find(index, query, 1, 2, 1, NULL, similarity) == code_of("usage"));
  astrom3_index_close(index);
}

static void refuses_sizes_whose_product_overflows(void) {  // RC12
  const float rows[] = {1, 0, 0, 1};
  const int64_t offsets[] = {0, 1, 2};
  int64_t found[2];
  float similarity[2];
  astrom3_index* index = NULL;
  astrom3_table* table = NULL;
  const size_t sizes[][2] = {{SIZE_MAX / 8 + 2, 8},
                             {SIZE_MAX / 2 + 1, 2},
                             {1, SIZE_MAX},
                             {SIZE_MAX, SIZE_MAX},
                             {SIZE_MAX / 4 + 1, 4}};
  for (size_t i = 0; i < sizeof sizes / sizeof *sizes; ++i) {
    EXPECT(astrom3_index_open(rows, sizes[i][0], sizes[i][1], 1, &index) == code_of("usage"));
    EXPECT(index == NULL);
  }
  EXPECT(astrom3_index_open(rows, 2, 2, 1, &index) == 0);
  EXPECT(astrom3_index_find(index, rows, SIZE_MAX / 2 + 1, 2, 1, found, similarity) == code_of("usage"));
  EXPECT(astrom3_index_find(index, rows, 2, SIZE_MAX / 2 + 1, 1, found, similarity) == code_of("usage"));
  EXPECT(astrom3_index_find(index, rows, 1, SIZE_MAX, 1, found, similarity) == code_of("usage"));
  astrom3_index_close(index);
  const astrom3_column columns[] = {{"time", rows, ASTROM3_FLOAT32, NULL, 0}};
  EXPECT(astrom3_table_from_columns(offsets, SIZE_MAX, 2, columns, 1, NULL, NULL, 0, &table) ==
         code_of("usage"));
  EXPECT(astrom3_table_from_columns(offsets, SIZE_MAX / 8, 2, columns, 1, NULL, NULL, 0, &table) ==
         code_of("usage"));
}

static void opens_what_ships_with_it(void) {
  const char* bundled = astrom3_bundled_checkpoint();
  astrom3_model* model = NULL;
  const astrom3_status status = astrom3_model_open(NULL, NULL, NULL, NULL, 0, NULL, &model);
  EXPECT(status == (bundled != NULL ? 0 : code_of("usage")));
  astrom3_model_info info = {.struct_size = sizeof info};
  if (model != NULL)
    EXPECT(astrom3_model_describe(model, &info) == 0 && strstr(info.path, bundled) == info.path);
  astrom3_model_close(model);
}

int main(int argc, char** argv) {
  if (argc != 2) return 2;
  EXPECT(astrom3_c_api_version() == ASTROM3_C_API_VERSION);
  EXPECT(strcmp(astrom3_status_name(0), "ok") == 0 && astrom3_status_name(-1) == NULL);
  EXPECT(astrom3_status_name(1000) == NULL && astrom3_status_meaning(1) != NULL);
  EXPECT(strcmp(astrom3_flag_name(0), "few_points") == 0 && astrom3_flag_name(31) == NULL);
  EXPECT(astrom3_available_threads() >= 1);
  make_light_curves();
  astrom3_model* model = NULL;
  EXPECT(astrom3_model_open(argv[1], NULL, NULL, NULL, 0, NULL, &model) == 0);
  if (model == NULL) return 1;
  embeds_what_can_be_embedded(model);
  encodes_what_it_would_have_seen(model);
  says_what_may_be_meant_otherwise();
  takes_nothing_for_an_answer(model);
  refuses_sizes_whose_product_overflows();
  refuses_null_pointers_and_wrong_sizes(model, argv[1]);
  reads_arrow_in_place(model);
  reads_tables_as_files_are_read();
  sets_every_option_by_its_name(model);
  finds_a_period_and_neighbours();
  looks_into_the_cache_of_the_hub();
  opens_what_ships_with_it();
  astrom3_model_close(model);
  printf("%d failures\n", failures);
  return failures != 0;
}
