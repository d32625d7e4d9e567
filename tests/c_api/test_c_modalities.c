// SPDX-License-Identifier: MIT
//
// The C interface to several modalities: test_c_modalities FOLDER, of the golden checkpoints and spectra.
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "astrom3/c_api/modalities.h"

static int failures = 0;
#define EXPECT(claim)                                                                           \
  do {                                                                                          \
    if (!(claim)) {                                                                             \
      printf("%s:%d: %s (last error: %s)\n", __FILE__, __LINE__, #claim, astrom3_last_error()); \
      ++failures;                                                                               \
    }                                                                                           \
  } while (0)

enum { N_PIXELS = 2701, N_POINTS = 60, WIDTH = 24 };
static double wavelength[N_PIXELS], flux[N_PIXELS], sigma[N_PIXELS];
static double time_[N_POINTS], light[N_POINTS], light_err[N_POINTS];
static char path[1024];

static const char* in_folder(const char* folder, const char* name) {
  snprintf(path, sizeof path, "%s/%s", folder, name);
  return path;
}

static astrom3_status code_of(const char* name) {
  for (astrom3_status i = 0; astrom3_status_name(i) != NULL; ++i) {
    if (strcmp(astrom3_status_name(i), name) == 0) return i;
  }
  return -1;
}

static astrom3_model* opened(const char* folder, const char* name, const char* attention) {
  astrom3_model* model = NULL;
  EXPECT(astrom3_model_open(in_folder(folder, name), NULL, NULL, attention, 0, NULL, &model) == 0);
  return model;
}

static void make_data(void) {
  for (int i = 0; i < N_PIXELS; ++i) {
    wavelength[i] = 3700 + 2 * i;
    flux[i] = 100 + 30 * sin(wavelength[i] / 97);
    sigma[i] = 2;
  }
  for (int i = 0; i < N_POINTS; ++i) {
    time_[i] = 1.37 * i + 0.1 * sin(i);
    light[i] = 10 + sin(2.1 * time_[i]);
    light_err[i] = 0.1;
  }
}

static astrom3_spectrum given(void) {
  astrom3_spectrum s = {.struct_size = sizeof s};
  s.object_id = "0";
  s.n = N_PIXELS;
  s.wavelength = wavelength;
  s.flux = flux;
  s.error = sigma;
  s.error_kind = ASTROM3_ERROR_SIGMA;
  s.redshift = s.snr = NAN;
  return s;
}

static void says_what_a_checkpoint_of_any_kind_is(const char* folder) {
  const struct {
    const char *name, *kind, *attention;
    int has[3];
    uint32_t size, columns;
  } expected[] = {{"tiny_clip", "shared", "probsparse-exact", {1, 1, 1}, 24, 34},
                  {"tiny_spectra", "spectra", "", {0, 1, 0}, 1184, 0},
                  {"tiny_meta", "metadata", "", {0, 0, 1}, 16, 34},
                  {"../tiny", "photo", "full", {1, 0, 0}, 0, 0}};
  for (size_t i = 0; i < sizeof expected / sizeof *expected; ++i) {
    astrom3_model* model = opened(folder, expected[i].name, NULL);
    astrom3_model_space space = {.struct_size = sizeof space};
    EXPECT(astrom3_model_describe_space(model, &space) == 0);
    EXPECT(strcmp(space.kind, expected[i].kind) == 0 && strcmp(space.attention, expected[i].attention) == 0);
    for (int m = 0; m < ASTROM3_N_MODALITIES; ++m) EXPECT(space.has[m] == expected[i].has[m]);
    EXPECT(expected[i].size == 0 || space.embedding_size == expected[i].size);
    EXPECT(space.n_columns == expected[i].columns);
    astrom3_model_info info = {.struct_size = sizeof info};
    EXPECT(astrom3_model_describe(model, &info) == 0 && info.width == space.embedding_size);
    EXPECT(strlen(info.sha256) == 64 && strlen(info.identity) == 64);
    space.struct_size = 1;
    EXPECT(astrom3_model_describe_space(model, &space) == code_of("usage"));
    astrom3_model_close(model);
  }
  astrom3_model* full = opened(folder, "tiny_clip", "full");
  astrom3_model_space space = {.struct_size = sizeof space};
  EXPECT(astrom3_model_describe_space(full, &space) == 0 && strcmp(space.attention, "full") == 0);
  EXPECT(strcmp(space.training_attention, "probsparse") == 0);
  astrom3_model_close(full);
}

static void reads_spectra_of_files_and_arrays_alike(const char* folder) {
  astrom3_spectra* spectra = NULL;
  EXPECT(astrom3_spectra_open(&spectra) == 0);
  EXPECT(astrom3_spectra_read(spectra, in_folder(folder, "spectra_formats/coadd-desi.fits.gz"), NULL) == 0);
  EXPECT(astrom3_spectra_size(spectra) == 2);
  EXPECT(astrom3_spectra_read(spectra, in_folder(folder, "nothing"), NULL) == code_of("io_error"));
  astrom3_spectrum s = given();
  EXPECT(astrom3_spectra_add(spectra, &s, NULL) == 0);
  astrom3_spectrum back = {.struct_size = sizeof back};
  EXPECT(astrom3_spectra_get(spectra, 2, &back) == 0);
  EXPECT(back.n == N_PIXELS && back.error_kind == ASTROM3_ERROR_IVAR && back.error[5] == 0.25);
  EXPECT(strcmp(back.object_id, "0") == 0 && back.status == 0 && isnan(back.snr));
  EXPECT(astrom3_spectra_get(spectra, 3, &back) == code_of("usage"));

  static float channels[3 * ASTROM3_N_PIXELS], again[3 * ASTROM3_N_PIXELS];
  astrom3_spectrum_tensor tensor = {.struct_size = sizeof tensor, .channels = channels};
  EXPECT(astrom3_spectra_prepare(spectra, 2, NULL, &tensor) == 0);
  EXPECT(tensor.coverage == 1 && tensor.flags == 0 &&
         channels[2 * ASTROM3_N_PIXELS] == (float)log10(tensor.mad));

  /* The same in nanometres, in a table, and with an error that is not known. */
  static double nm[N_PIXELS];
  for (int i = 0; i < N_PIXELS; ++i) nm[i] = wavelength[i] / 10;
  const char* const names[] = {"note", "wave [nm]", "flux", "err"};
  const double* const values[] = {NULL, nm, flux, sigma};
  EXPECT(astrom3_spectra_add_table(spectra, &s, names, values, NULL, 4, N_PIXELS, NULL) == 0);
  tensor.channels = again;
  EXPECT(astrom3_spectra_prepare(spectra, 3, NULL, &tensor) == 0);
  for (int i = 0; i < 3 * ASTROM3_N_PIXELS; ++i)
    EXPECT(fabsf(channels[i] - again[i]) <= 1e-4f * (1 + fabsf(channels[i])));
  s.flux_unit = "parsec";
  EXPECT(astrom3_spectra_add(spectra, &s, NULL) == 0);
  EXPECT(astrom3_spectra_prepare(spectra, 4, NULL, &tensor) == code_of("bad_header"));
  EXPECT(strstr(astrom3_last_error(), "flux-scale") != NULL);
  s.error_kind = 9;
  EXPECT(astrom3_spectra_add(spectra, &s, NULL) == code_of("usage"));
  EXPECT(strcmp(astrom3_spectrum_flag_name(0), "sorted") == 0 && astrom3_spectrum_flag_name(31) == NULL);
  EXPECT(astrom3_flux_unit_is_known("Jy") == 1 && astrom3_flux_unit_is_known("parsec") == 0);
  astrom3_spectra_close(spectra);
  astrom3_spectra_close(NULL);
}

static void names_what_metadata_lack(const char* folder) {
  astrom3_model* model = opened(folder, "tiny_clip", NULL);
  astrom3_metadata* metadata = NULL;
  const double parallax[] = {0.7};
  const astrom3_column columns[] = {{"Plx", parallax, ASTROM3_FLOAT64, NULL, 0}};
  char scaling[1024];
  snprintf(scaling, sizeof scaling, "%s/preprocess_metadata/info.json", folder);
  EXPECT(astrom3_metadata_from_columns(model, 1, columns, 1, NULL, NULL, NULL, &metadata) ==
         code_of("bad_scaling"));
  EXPECT(astrom3_metadata_from_columns(model, 1, columns, 1, NULL, scaling, NULL, &metadata) ==
         code_of("bad_metadata"));
  EXPECT(strstr(astrom3_last_error(), "ruwe") != NULL && strstr(astrom3_last_error(), "w3_mag") != NULL);
  EXPECT(strstr(astrom3_last_error(), " parallax,") == NULL);  // Plx is the parallax
  EXPECT(astrom3_metadata_read(model, in_folder(folder, "preprocess_metadata/catalogue.csv"), scaling, NULL,
                               &metadata) == 0);
  EXPECT(astrom3_metadata_size(metadata) == 17);
  astrom3_metadata_row row = {.struct_size = sizeof row};
  EXPECT(astrom3_metadata_get(metadata, 0, &row) == 0 && row.n == 34 && row.x != NULL);
  EXPECT(strcmp(row.object_id, "real_row_0") == 0 && fabsf(row.x[0]) < 10);
  EXPECT(astrom3_metadata_get(metadata, 11, &row) == 0 && row.status == code_of("missing_value") &&
         row.x == NULL && strstr(row.message, "w3_mag") != NULL);
  EXPECT(astrom3_metadata_get(metadata, 17, &row) == code_of("usage"));
  EXPECT(strstr(astrom3_metadata_origins(metadata), "bp_rp: bp_rp") != NULL);
  EXPECT(strcmp(astrom3_metadata_unit("Plx"), "mas") == 0 &&
         astrom3_metadata_unit("colour of the roof") == NULL);
  astrom3_metadata_close(metadata);
  astrom3_model_close(model);
}

/* Every call with everything, then light curve and spectrum alone: the same bits. */
static void embeds_objects_by_any_subset(const char* folder) {
  astrom3_model* model = opened(folder, "tiny_fused", NULL);
  const int64_t offsets[] = {0, N_POINTS};
  const astrom3_column columns[] = {{"time", time_, ASTROM3_FLOAT64, NULL, 0},
                                    {"flux", light, ASTROM3_FLOAT64, NULL, 0},
                                    {"flux_err", light_err, ASTROM3_FLOAT64, NULL, 0}};
  astrom3_table* table = NULL;
  EXPECT(astrom3_table_from_columns(offsets, 1, N_POINTS, columns, 3, NULL, NULL, 0, &table) == 0);
  const astrom3_table* const tables[] = {table};
  astrom3_spectra* spectra = NULL;
  EXPECT(astrom3_spectra_open(&spectra) == 0);
  astrom3_spectrum s = given();
  EXPECT(astrom3_spectra_add(spectra, &s, NULL) == 0);
  s.object_id = "other";
  s.n = 200; /* too little of the wavelengths */
  EXPECT(astrom3_spectra_add(spectra, &s, NULL) == 0);

  astrom3_objects_input input;
  astrom3_objects_input_init(&input);
  input.light_curves = tables;
  input.n_tables = 1;
  input.spectra = spectra;
  input.probabilities = 1;
  int64_t n_done = 0;
  input.n_done = &n_done;
  astrom3_objects* both = NULL;
  EXPECT(astrom3_embed_objects(model, &input, &both) == 0);
  EXPECT(astrom3_objects_size(both) == 2 && n_done == 2);
  astrom3_object object = {.struct_size = sizeof object}, bad = {.struct_size = sizeof bad};
  EXPECT(astrom3_objects_get(both, 0, &object) == 0 && astrom3_objects_get(both, 1, &bad) == 0);
  EXPECT(object.status == 0 && strcmp(object.object_id, "0") == 0 && strstr(object.flags, "cropped") != NULL);
  const float *p = object.embeddings[ASTROM3_PHOTO], *e = object.embeddings[ASTROM3_SPECTRA];
  EXPECT(p != NULL && e != NULL && object.embeddings[ASTROM3_METADATA] == NULL);
  double length = 0, total = 0;
  for (int i = 0; i < WIDTH; ++i) {
    length += (double)p[i] * p[i];
    EXPECT(fabsf(object.fused[i] - (p[i] + e[i]) / 2) < 1e-7f);
  }
  for (int i = 0; i < 5; ++i) total += object.probabilities[i];
  EXPECT(fabs(length - 1) < 1e-6 && fabs(total - 1) < 1e-6 && isfinite(object.logits[0]));
  EXPECT(bad.status == code_of("coverage") && bad.fused == NULL && bad.probabilities == NULL);
  EXPECT(strstr(bad.flags, "spectra:coverage") != NULL &&
         strstr(bad.messages[ASTROM3_SPECTRA], "coverage") != NULL);

  float all[2 * WIDTH];
  EXPECT(astrom3_objects_copy(both, ASTROM3_SPECTRA, WIDTH, all) == 0);
  EXPECT(memcmp(all, e, WIDTH * sizeof(float)) == 0 && isnan(all[WIDTH]) && isnan(all[2 * WIDTH - 1]));
  EXPECT(astrom3_objects_copy(both, ASTROM3_PROBABILITIES, 5, all) == 0 && all[0] == object.probabilities[0]);
  EXPECT(astrom3_objects_copy(both, ASTROM3_FUSED, WIDTH - 1, all) == code_of("usage"));
  EXPECT(astrom3_objects_copy(both, 9, WIDTH, all) == code_of("usage"));

  input.n_threads = 1;
  input.spectra = NULL;
  const char* const ids[] = {"named"};
  input.light_curve_ids = ids;
  astrom3_objects* alone = NULL;
  EXPECT(astrom3_embed_objects(model, &input, &alone) == 0 && astrom3_objects_size(alone) == 1);
  astrom3_object one = {.struct_size = sizeof one};
  EXPECT(astrom3_objects_get(alone, 0, &one) == 0 && strcmp(one.object_id, "named") == 0);
  EXPECT(memcmp(one.embeddings[ASTROM3_PHOTO], p, WIDTH * sizeof(float)) == 0);

  const char* const pairs[] = {"named", "0"};
  input.spectra = spectra;
  input.pairs = pairs;
  input.n_pairs = 1;
  astrom3_objects* paired = NULL;
  EXPECT(astrom3_embed_objects(model, &input, &paired) == 0 && astrom3_objects_size(paired) == 2);
  EXPECT(astrom3_objects_get(paired, 0, &one) == 0 && one.embeddings[ASTROM3_SPECTRA] != NULL);
  EXPECT(memcmp(one.embeddings[ASTROM3_SPECTRA], e, WIDTH * sizeof(float)) == 0);

  int32_t stop = 1;
  input.stop = &stop;
  astrom3_objects* none = NULL;
  const astrom3_status stopped = astrom3_embed_objects(model, &input, &none);
  EXPECT(stopped == code_of("interrupted") || stopped == 0); /* two objects may be done before it is seen */
  astrom3_objects_close(none);
  astrom3_objects_close(both);
  astrom3_objects_close(alone);
  astrom3_objects_close(paired);
  astrom3_spectra_close(spectra);
  astrom3_table_close(table);
  astrom3_model_close(model);
}

static void refuses_what_does_not_go_together(const char* folder) {
  astrom3_model *clip = opened(folder, "tiny_clip", NULL), *photo = opened(folder, "../tiny", NULL);
  astrom3_model* meta = opened(folder, "tiny_meta", NULL);
  const astrom3_status usage = code_of("usage");
  astrom3_spectra* spectra = NULL;
  EXPECT(astrom3_spectra_open(&spectra) == 0);
  astrom3_spectrum s = given();
  EXPECT(astrom3_spectra_add(spectra, &s, NULL) == 0);
  astrom3_objects_input input;
  astrom3_objects_input_init(&input);
  input.spectra = spectra;
  astrom3_objects* objects = NULL;
  EXPECT(astrom3_embed_objects(photo, &input, &objects) == usage && objects == NULL);
  EXPECT(strstr(astrom3_last_error(), "kind photo") != NULL);
  EXPECT(astrom3_embed_objects(meta, &input, &objects) == usage);
  EXPECT(strstr(astrom3_last_error(), "no encoder of spectra: its kind is metadata") != NULL);
  input.probabilities = 1;
  EXPECT(astrom3_embed_objects(clip, &input, &objects) == usage); /* no head */
  EXPECT(astrom3_embed_objects(clip, NULL, &objects) == usage &&
         astrom3_embed_objects(NULL, &input, &objects) == usage);
  input.struct_size = 3;
  EXPECT(astrom3_embed_objects(clip, &input, &objects) == usage);
  EXPECT(astrom3_encode(clip, NULL, NULL, 0, 1, NULL, NULL, NULL, NULL) == usage);
  EXPECT(strstr(astrom3_last_error(), "kind shared") != NULL);
  astrom3_modality_tensors tensors = {.struct_size = sizeof tensors, .n_objects = 1, .n_pixels = 10};
  static const float zeros[30];
  tensors.spectra = zeros;
  EXPECT(astrom3_encode_modalities(clip, &tensors) == usage &&
         astrom3_encode_modalities(photo, &tensors) == usage);
  astrom3_spectra_close(spectra);
  astrom3_model_close(clip);
  astrom3_model_close(photo);
  astrom3_model_close(meta);
}

static void measures_retrieval(void) {
  const float from[] = {1, 0, 0, 1, NAN, NAN}, to[] = {1, 0.1f, 1, 0, 0, 1};
  astrom3_retrieval found = {.struct_size = sizeof found};
  EXPECT(astrom3_measure_retrieval(from, to, 3, 2, 1, &found) == 0);
  EXPECT(found.n == 2 && found.chance[0] == 0.5 && found.chance_median_rank == 1.5);
  /* The first is nearest to the second, and the second is nearest to the first. */
  EXPECT(found.recall[0] == 0 && found.recall[1] == 1 && found.median_rank == 2);
  EXPECT(astrom3_measure_retrieval(from + 4, to, 1, 2, 1, &found) == code_of("no_input"));
  EXPECT(astrom3_measure_retrieval(NULL, to, 1, 2, 1, &found) == code_of("usage"));
}

int main(int argc, char** argv) {
  if (argc != 2) return 2;
  make_data();
  says_what_a_checkpoint_of_any_kind_is(argv[1]);
  reads_spectra_of_files_and_arrays_alike(argv[1]);
  names_what_metadata_lack(argv[1]);
  embeds_objects_by_any_subset(argv[1]);
  refuses_what_does_not_go_together(argv[1]);
  measures_retrieval();
  printf("%d failures\n", failures);
  return failures != 0;
}
