/* SPDX-License-Identifier: MIT
 *
 * One light curve from C: embed_from_c [CHECKPOINT] */
#include <astrom3/c_api.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

static int failed(const char* what) {
  fprintf(stderr, "%s: %s\n", what, astrom3_last_error());
  return EXIT_FAILURE;
}

int main(int argc, char** argv) {
  double time[100], flux[100], flux_err[100];
  for (int i = 0; i < 100; ++i) {
    time[i] = 1.37 * i + 0.1 * sin(i);    /* days */
    flux[i] = 10 + sin(1.2 * time[i]);    /* mJy */
    flux_err[i] = 0.1;
  }

  astrom3_model* model = NULL;
  const char* checkpoint = argc > 1 ? argv[1] : NULL; /* NULL: the one that comes with astrom3 */
  if (astrom3_model_open(checkpoint, NULL, NULL, NULL, 0, NULL, &model)) return failed("model");
  astrom3_model_info info = {.struct_size = sizeof info};
  if (astrom3_model_describe(model, &info)) return failed("model");

  const int64_t offsets[] = {0, 100}; /* one light curve: rows 0 to 99 */
  const astrom3_column columns[] = {{"time", time, ASTROM3_FLOAT64, NULL, 0},
                                    {"flux", flux, ASTROM3_FLOAT64, NULL, 0},
                                    {"flux_err", flux_err, ASTROM3_FLOAT64, NULL, 0}};
  astrom3_table* table = NULL;
  if (astrom3_table_from_columns(offsets, 1, 100, columns, 3, NULL, NULL, 0, &table)) return failed("table");

  astrom3_embed_options options;
  astrom3_embed_options_init(&options);
  astrom3_output output;
  astrom3_output_init(&output);
  output.mean = malloc(info.width * sizeof(float));
  uint8_t status;
  output.status = &status;
  if (astrom3_embed(model, table, &options, &output)) return failed("embed");
  printf("%s, e0 = %g\n", astrom3_status_name(status), output.mean[0]);

  free(output.mean);
  astrom3_table_close(table);
  astrom3_model_close(model);
  return EXIT_SUCCESS;
}
