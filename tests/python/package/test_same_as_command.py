# SPDX-License-Identifier: MIT
"""One table gives the same rows, codes, flags and bits through `astrom3 embed` and through `AstroM3.many`.

Needs the command as ASTROM3_COMMAND. The frames are what pandas makes of the very files that the command reads.
"""

import os
import pathlib
import subprocess

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from astrom3._options import _ALL

COMMAND = os.environ.get("ASTROM3_COMMAND")
SAMPLES = pathlib.Path(__file__).resolve().parents[4] / "shared" / "data" / "formats"
FEATURES = ("amplitude", "period", "lksl_statistic", "rfr_score")
OF_FILES = {"no_final_newline"}  # a remark on the text itself

pytestmark = pytest.mark.skipif(not COMMAND, reason="ASTROM3_COMMAND does not name the command")


def read_csv(file, **arguments):
    """pandas' own parser of numbers is off by a bit now and then."""
    return pd.read_csv(file, float_precision="round_trip", **arguments)


def as_arguments(options):
    """Keywords as options of the command."""
    arguments = []
    for name, value in options.items():
        option = {"id": "--id-column", "columns": "--columns"}.get(name, "--" + name.replace("_", "-"))
        if isinstance(value, dict):
            value = ",".join(f"{role}={column}" for role, column in value.items())
        arguments += [option] if value is True else [option, str(value)]
    return arguments


def rows_of_command(model, file, options, folder):
    out = folder / f"{pathlib.Path(file).stem}.rows.parquet"
    done = subprocess.run(
        [COMMAND, "embed", file, "--model", model.path, "-o", out, "--quiet", *as_arguments(options)],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode in (0, 3), done.stderr
    return pq.read_table(out).to_pandas()


def check(rows, embeddings, info, has_ids):
    assert len(rows) == len(embeddings)
    if has_ids:
        assert info.object_id.tolist() == rows["object_id"].tolist()
    assert info.status.tolist() == rows["status"].tolist()
    assert info.n_raw.tolist() == rows["n_raw"].tolist()
    for i, row in enumerate(rows.itertuples()):
        flags = set(filter(None, (row.flags or "").split(";"))) - OF_FILES
        assert set(info.flag_names(i)) == flags, row.object_id
        if row.status != "ok":
            assert np.isnan(embeddings[i]).all()
            continue
        assert info.n_used[i] == row.n_used
        assert [info.features[name][i] for name in FEATURES] == [getattr(row, name) for name in FEATURES]
        assert info.log10_mad[i] == row.log10_mad and info.delta_t[i] == row.delta_t
        assert np.array_equal(embeddings[i], np.asarray(row.embedding, dtype=np.float32)), row.object_id


def in_keywords(options):
    return {"mag" if name == "magnitudes" else name: value for name, value in options.items()}


# ---- a table of every survey format ------------------------------------------------------------------------

N = 36
RNG = np.random.default_rng(20)
T = np.sort(RNG.uniform(0, 90, N)).round(5)
WAVE = np.sin(2 * np.pi * T / 1.37)
MAG = (14 + 0.4 * WAVE + 0.01 * RNG.normal(size=N)).round(4)
MAG_ERR = (0.02 + 0.01 * RNG.uniform(size=N)).round(4)
FLUX = (9 - 3 * WAVE + 0.05 * RNG.normal(size=N)).round(4)
FLUX_ERR = (0.1 + 0.05 * RNG.uniform(size=N)).round(4)
STAR = np.repeat([7001, 7002], N // 2)  # ids of two stars
HJD = 2458000.5 + T
MJD = (58000 + T).round(5)
GOOD = np.zeros(N, int)


def put(values, at, value):
    out = np.array(values, dtype=object if isinstance(value, str) else None)
    out[at] = value
    return out


def flagged(bit=2):
    return put(GOOD, 3, bit)


LIMITS = put(MAG_ERR, 5, 99.99)
FAINT = put(MAG.astype(str).astype(object), 4, "<14.2")
GAIA = {
    "source_id": STAR, "transit_id": np.arange(N), "g_transit_time": T, "g_transit_flux": 1e3 * FLUX,
    "g_transit_flux_error": 10 * FLUX_ERR, "bp_obs_time": T + 0.001, "bp_flux": put(5e2 * FLUX, 4, np.nan),
    "bp_flux_error": 9 * FLUX_ERR, "rp_obs_time": T + 0.002, "rp_flux": 6e2 * FLUX, "rp_flux_error": 8 * FLUX_ERR,
    "variability_flag_g_reject": GOOD == 1, "variability_flag_bp_reject": np.arange(N) == 9,
    "rejected_by_photometry": np.arange(N) == 2,
}  # fmt: skip
TESS = {"TIME": T, "CADENCENO": np.arange(N), "SAP_FLUX": 300 * FLUX, "QUALITY": flagged()}

# format -> columns, options; several options: each is tried.
TABLES = {
    "skypatrol2": (
        {"JD": HJD, "Flux": FLUX, "Flux Error": put(FLUX_ERR, 8, 99.99), "Mag": MAG, "Mag Error": LIMITS,
         "Limit": MAG + 3, "FWHM": MAG / 9, "Filter": np.repeat(["V", "g"], N // 2),
         "Quality": put(np.repeat("G", N), 2, "B"), "Camera": np.repeat("ba", N)},
        [{"band": "V"}, {"band": "split"}, {}, {"band": "g", "magnitudes": True}],
    ),
    "skypatrol1": (
        {"HJD": HJD, "UT Date": np.repeat("2017-09-06.0112978", N), "Camera": np.repeat("be", N), "FWHM": MAG / 8,
         "Limit": MAG + 1, "mag": put(MAG.astype(str).astype(object), 5, ">14.814"), "mag_err": put(MAG_ERR, 5, 99.99),
         "flux(mJy)": FLUX, "flux_err": FLUX_ERR, "Filter": np.repeat("V", N)},
        [{}],
    ),
    "pyasassn": (
        {"asas_sn_id": STAR, "jd": HJD, "flux": FLUX, "flux_err": FLUX_ERR, "mag": MAG, "mag_err": LIMITS,
         "limit": MAG + 3, "fwhm": MAG / 9, "quality": put(np.repeat("G", N), 2, "B"),
         "phot_filter": np.repeat(["V", "g"], N // 2)},
        [{}, {"band": "g"}],
    ),
    "asassn": (
        {"hjd": HJD, "camera": np.repeat("bc", N), "mag": MAG, "mag_err": LIMITS, "flux": FLUX, "flux_err": FLUX_ERR},
        [{}],
    ),
    "ztf": (
        {"oid": STAR, "expid": np.arange(N), "hjd": HJD, "mjd": MJD, "mag": MAG, "magerr": MAG_ERR,
         "catflags": put(flagged(32768), 4, 2), "filtercode": np.repeat(["zg", "zr"], N // 2), "ra": MAG, "dec": MAG},
        [{}, {"quality_mask": 32768}, {"quality_mask": 0}, {"zero_point": 3000}],
    ),
    "ztf_dr": (
        {"objectid": STAR, "filterid": np.repeat([1, 2], N // 2), "hmjd": MJD, "mag": MAG, "magerr": MAG_ERR,
         "clrcoeff": MAG / 99, "catflags": flagged()},
        [{}, {"band": "zr"}],
    ),
    "ztf_flagged": ({"mjd": MJD, "mag": MAG, "magerr": MAG_ERR, "catflags": flagged()}, [{"band": "g"}]),
    "ztf_forced": (
        {"jd": HJD, "filter": np.repeat("ZTF_g", N), "infobitssci": put(GOOD, 3, 33554432),
         "forcediffimflux": put(20 * FLUX, 7, -99999), "forcediffimfluxunc": FLUX_ERR, "zpdiff": 26.3 + MAG / 1000},
        [{}],
    ),
    "alerce": (
        {"oid": np.repeat(["ZTF18a", "ZTF18b"], N // 2), "mjd": MJD, "fid": np.repeat([1, 2], N // 2),
         "magpsf_corr": MAG, "sigmapsf_corr": put(MAG_ERR, 6, 100.0), "corrected": np.arange(N) != 5,
         "dubious": np.arange(N) == 6},
        [{}],
    ),
    "alerce2": (
        {"oid": STAR, "mjd": MJD, "fid": np.repeat([1, 2], N // 2), "mag_corr": MAG, "e_mag_corr": MAG_ERR,
         "corrected": np.arange(N) != 5, "dubious": np.arange(N) == 6},
        [{}],
    ),
    "ztf_alerts": (
        {"objectId": STAR, "jd": MJD, "fid": np.repeat([1, 2], N // 2), "magpsf": MAG, "sigmapsf": MAG_ERR,
         "isdiffpos": np.where(np.arange(N) == 5, "f", "t")},
        [{}],
    ),
    "fink": (
        {"i:objectId": STAR, "i:jd": MJD, "i:fid": np.repeat([1, 2], N // 2), "i:magpsf": MAG, "i:sigmapsf": MAG_ERR,
         "d:tag": np.where(np.arange(N) == 5, "upperlim", "valid")},
        [{}],
    ),
    "antares": (
        {"object_id": STAR, "ant_mjd": MJD, "ant_mag": MAG, "ant_magerr": MAG_ERR,
         "ant_passband": np.repeat(["g", "R"], N // 2), "ant_survey": np.where(np.arange(N) == 5, 2, 1)},
        [{}],
    ),
    "plasticc": (
        {"object_id": STAR, "mjd": MJD, "passband": np.repeat([1, 2], N // 2), "flux": FLUX, "flux_err": FLUX_ERR,
         "detected": np.arange(N) % 2},
        [{}, {"flux_unit": "uJy"}],
    ),
    "plasticc_short": (
        {"object_id": STAR, "mjd": MJD, "passband": np.repeat([1, 5], N // 2), "flux": FLUX, "flux_err": FLUX_ERR},
        [{}, {"flux_unit": "mJy"}],
    ),
    "elasticc": (
        {"diaObjectId": STAR, "midPointTai": MJD, "filterName": np.repeat(["g", "r"], N // 2), "psFlux": FLUX,
         "psFluxErr": FLUX_ERR, "ccdVisitId": np.arange(N), "nobs": np.full(N, 9.0)},
        [{}],
    ),
    "elasticc_short": (
        {"diaObjectId": STAR, "midPointTai": MJD, "filterName": np.repeat(["g", "r"], N // 2), "psFlux": FLUX,
         "psFluxErr": FLUX_ERR},
        [{}, {"flux_unit": "nJy"}],
    ),
    "rubin_short": (
        {"diaObjectId": STAR, "midPointTai": MJD, "psFlux": 1e4 * FLUX, "psFluxErr": 1e4 * FLUX_ERR,
         "ccdVisitId": np.arange(N)},
        [{}],
    ),
    "fink_rubin": (
        {"r:diaObjectId": STAR, "r:midpointMjdTai": MJD, "r:psfFlux": 1e4 * FLUX, "r:psfFluxErr": 1e4 * FLUX_ERR,
         "r:band": np.repeat(["g", "r"], N // 2)},
        [{}],
    ),
    "ps1": (
        {"objID": STAR, "obsTime": MJD, "filterID": np.repeat([1, 2], N // 2), "psfFlux": 1e-3 * FLUX,
         "psfFluxErr": 1e-3 * FLUX_ERR, "psfQfPerfect": np.full(N, 0.99)},
        [{}],
    ),
    "snana": (
        {"SNID": STAR, "MJD": np.where(np.arange(N) == 5, -777.0, MJD), "FLT": np.repeat(["g", "r"], N // 2),
         "FLUXCAL": FLUX, "FLUXCALERR": FLUX_ERR},
        [{}],
    ),
    "rubin_dp02": (
        {"diaObjectId": STAR, "ccdVisitId": np.arange(N), "midPointTai": MJD, "psFlux": 1e4 * FLUX,
         "psFluxErr": 1e3 * FLUX_ERR},
        [{}],
    ),
    "rubin_alert": (
        {"diaObjectId": STAR, "midpointMjdTai": MJD, "filterName": np.repeat(["g", "r"], N // 2), "psFlux": FLUX,
         "psFluxErr": FLUX_ERR},
        [{}],
    ),
    "rubin": (
        {"objectId": STAR, "midpointMjdTai": MJD, "band": np.repeat(["g", "r"], N // 2), "psfFlux": 1e4 * FLUX,
         "psfFluxErr": 1e3 * FLUX_ERR, "psfFlux_flag": np.arange(N) == 4},
        [{}, {"flux_unit": "uJy"}],
    ),
    "rubin_dia": (
        {"diaObjectId": STAR, "midpointMjdTai": MJD, "band": np.repeat(["g", "r"], N // 2), "psfFlux": 1e4 * FLUX,
         "psfFluxErr": 1e3 * FLUX_ERR, "pixelFlags_bad": np.arange(N) == 4},
        [{"band": "g"}],
    ),
    "gaia": (GAIA, [{"band": "BP"}, {"band": "split"}]),
    "gaia_long": (
        {"source_id": STAR, "transit_id": np.arange(N), "band": np.repeat(["G", "RP"], N // 2), "time": T, "mag": MAG,
         "flux": 1e3 * FLUX, "flux_error": 10 * FLUX_ERR, "rejected_by_photometry": np.arange(N) == 2,
         "rejected_by_variability": np.arange(N) == 3},
        [{}],
    ),
    "atlas": (
        {"###MJD": MJD, "m": MAG, "dm": MAG_ERR, "uJy": put(100 * FLUX, 1, -3.0), "duJy": put(10 * FLUX_ERR, 2, 5000.0),
         "F": np.repeat("o", N), "err": flagged(1), "chi/N": put(FLUX_ERR, 4, 150.0)},
        [{}],
    ),
    "crts": (
        {"MasterID": STAR, "Mag": MAG, "Magerr": MAG_ERR, "RA": MAG, "Decl": MAG, "MJD": MJD, "Blend": flagged(1)},
        [{}],
    ),
    "crts_match": (
        {"MasterFrame": STAR, "Mag": MAG, "Magerr": MAG_ERR, "MJD": MJD, "Blend": flagged(1)},
        [{}],
    ),
    "asas3": (
        {"HJD": T + 2000, "MAG_0": put(MAG, 4, 29.999), "MER_0": MAG_ERR, "MAG_2": MAG - 0.1, "MER_2": MAG_ERR,
         "GRADE": put(np.repeat("A", N), 2, "D"), "FRAME": np.arange(N)},
        [{}, {"columns": {"mag": "MAG_2", "mag_err": "MER_2"}}],
    ),
    "kepler": (
        {"TIME": T, "CADENCENO": np.arange(N), "SAP_FLUX": 900 * FLUX, "PDCSAP_FLUX": put(1e3 * FLUX, 6, np.nan),
         "PDCSAP_FLUX_ERR": 10 * FLUX_ERR, "SAP_QUALITY": flagged(128)},
        [{}],
    ),
    "tess": ({**TESS, "PDCSAP_FLUX": 300 * FLUX, "PDCSAP_FLUX_ERR": FLUX_ERR}, [{}]),
    "qlp": ({**TESS, "DET_FLUX": FLUX / 9, "DET_FLUX_ERR": FLUX_ERR / 9}, [{"flux_unit": "mJy"}]),
    "qlp_ksp": ({**TESS, "KSPSAP_FLUX": FLUX / 9, "KSPSAP_FLUX_ERR": FLUX_ERR / 9}, [{"flux_unit": "mJy"}]),
    "tglc": (
        {"time": T, "aperture_flux": 9 * FLUX, "cal_aper_flux": FLUX / 9, "TESS_flags": flagged(), "TGLC_flags": GOOD},
        [{"flux_unit": "mJy", "missing_error": 0.01}],
    ),
    "eleanor": (
        {"TIME": T, "RAW_FLUX": 9 * FLUX, "CORR_FLUX": 8 * FLUX, "FLUX_ERR": FLUX_ERR, "QUALITY": flagged()},
        [{}],
    ),
    "superwasp": (
        {"TMID": (86400 * T).round(1), "TAMFLUX2": FLUX, "TAMFLUX2_ERR": put(FLUX_ERR, 3, 0.0), "FLAG": GOOD},
        [{}],
    ),
    "superwasp_days": (
        {"HJD": HJD, "TAMFLUX2": FLUX, "TAMFLUX2_ERR": FLUX_ERR, "FLAG": flagged(1)},
        [{}, {"quality_mask": 1}],
    ),
    "aavso": (
        {"JD": HJD, "Magnitude": FAINT, "Uncertainty": put(MAG_ERR, 7, np.nan),
         "Band": np.repeat("V", N), "Validation Flag": put(np.repeat("Z", N), 9, "T")},
        [{}, {"missing_error": 0.05}],
    ),
    "aavso_report": (
        {"NAME": np.repeat(["SS CYG", "U GEM"], N // 2), "DATE": HJD, "MAG": FAINT,
         "MERR": MAG_ERR, "FILT": np.repeat("V", N), "TRANS": np.repeat("NO", N),
         "MTYPE": put(np.repeat("STD", N), 8, "DIF")},
        [{}],
    ),
    "ogle": ({"t": T + 2000, "m": MAG, "e": MAG_ERR}, [{"format": "ogle"}]),
    "linear": ({"t": MJD, "m": MAG, "e": MAG_ERR}, [{"format": "linear"}]),
    "macho": ({"t": MJD, "m": MAG - 20, "e": MAG_ERR}, [{"format": "macho", "zero_point": 3600}]),
    "crts_catalog": (
        {"id": STAR, "t": MJD, "m": MAG, "e": MAG_ERR, "ra": MAG, "dec": MAG},
        [{"format": "crts_catalog"}],
    ),
    "csv": (
        {"object_id": STAR, "mjd": MJD, "flux": put(FLUX, 3, np.nan), "flux_err": FLUX_ERR,
         "filter": np.repeat(["g", "r"], N // 2)},
        [{}, {"nonfinite": "drop"}, {"null_value": 1.5}, {"flux_unit": "nJy", "format": "csv"}],
    ),
}  # fmt: skip
WITHOUT_HEADER = {"ogle", "linear", "macho", "crts_catalog"}
IDS = {"oid", "objectid", "objectId", "diaObjectId", "source_id", "object_id", "asas_sn_id", "NAME", "MasterID",
       "MasterFrame", "id", "i:objectId", "SNID", "objID", "r:diaObjectId"}  # fmt: skip
CASES = [(name, i) for name, (_, choices) in TABLES.items() for i in range(len(choices))]


def test_every_format_has_its_table():
    known = _ALL["format"].help.replace("\n", " ").replace(",", " ").split()
    assert set(TABLES) - {"csv"} == {word for word in known if "_" in word or word in TABLES} - {"csv"}


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("tables")


def nested(frame, name):
    """An object a row with lists, where the table has ids."""
    by = frame.columns[0]
    groups = list(frame.groupby(by, sort=False))
    columns = {by: pa.array([key for key, _ in groups])}
    for column in frame.columns[1:]:
        columns[column] = pa.array([group[column].tolist() for _, group in groups])
    return pa.table(columns)


@pytest.mark.parametrize(("name", "choice"), CASES)
def test_every_survey_format(model, folder, name, choice):
    columns, choices = TABLES[name]
    options = choices[choice]
    frame = pd.DataFrame(columns)
    file = folder / f"{name}.csv"
    frame.to_csv(file, index=False, header=name not in WITHOUT_HEADER)
    has_ids = columns.keys() & IDS != set()
    rows = rows_of_command(model, file, options, folder)
    assert len(rows) > 0 and (rows["status"] == "ok").any() == (options != {} or name != "skypatrol2")
    keywords = in_keywords(options)
    if name in WITHOUT_HEADER:
        frame = read_csv(file, header=None)
        frame.columns = list(columns)
    else:
        frame = read_csv(file)
    check(rows, *model.many(frame, return_info=True, **keywords), has_ids)
    if "id" not in keywords and not has_ids:
        arrays = {column: frame[column].to_numpy() for column in frame}
        check(rows, *model.many(arrays, offsets=[0, N], return_info=True, **keywords), False)
    if frame.dtypes.map(str).isin(["object", "str"]).any() or name in WITHOUT_HEADER:
        return  # a Parquet file would not hold such a table
    table = pa.Table.from_pandas(frame, preserve_index=False)
    check(rows, *model.many(table, return_info=True, **keywords), has_ids)
    check(rows, *model.many(pa.concat_tables([table[:11], table[11:]]), return_info=True, **keywords), has_ids)
    pq.write_table(table, folder / f"{name}.parquet")
    check(
        rows_of_command(model, folder / f"{name}.parquet", options, folder),
        *model.many(frame, return_info=True, **keywords),
        has_ids,
    )


@pytest.mark.parametrize("name", ["pyasassn", "ztf", "ztf_dr", "gaia", "gaia_long", "crts", "csv"])
def test_every_nested_layout(model, folder, name):
    columns, choices = TABLES[name]
    options = choices[0]
    frame = pd.DataFrame(columns)
    table = nested(frame, name)
    file = folder / f"{name}.lists.parquet"
    pq.write_table(table, file)
    rows = rows_of_command(model, file, options, folder)
    assert len(rows) == 2
    check(rows, *model.many(table, return_info=True, **in_keywords(options)), True)
    ids, lists = table.column_names[0], table.column_names[1:]
    inside = pa.StructArray.from_arrays([table[column].combine_chunks() for column in lists], names=lists)
    struct = pa.table({ids: table[ids], "lc": inside})
    check(rows, *model.many(struct, return_info=True, **in_keywords(options)), True)
    frame = pd.DataFrame({ids: table[ids].to_numpy(), "lc": pd.Series(inside, dtype=pd.ArrowDtype(inside.type))})
    check(rows, *model.many(frame, nested="lc", return_info=True, **in_keywords(options)), True)
    assert (
        model.embed_frame(frame, "lc", **in_keywords(options))["astrom3_status"].eq(0).tolist()
        == rows["status"].eq("ok").tolist()
    )


def test_a_scalar_band_beside_lists_is_the_band_of_the_light_curve(model, folder):
    frame = pd.DataFrame(TABLES["ztf_dr"][0])
    groups = [group for _, group in frame.groupby("objectid", sort=False)]
    lists = {
        name: pa.array([group[name].tolist() for group in groups]) for name in ("hmjd", "mag", "magerr", "catflags")
    }
    table = pa.table({"objectid": [7001, 7002], "filterid": pa.array([1, 2], pa.int8()), **lists})
    pq.write_table(table, folder / "scalar.parquet")
    for options in ({}, {"band": "zr"}):
        rows = rows_of_command(model, folder / "scalar.parquet", options, folder)
        check(rows, *model.many(table, return_info=True, **options), True)
        inside = pa.StructArray.from_arrays(list(lists.values()), names=list(lists))
        beside = pd.DataFrame({"objectid": [7001, 7002], "filterid": [1, 2]})
        beside["lc"] = pd.Series(inside, dtype=pd.ArrowDtype(inside.type))
        check(rows, *model.many(beside, nested="lc", return_info=True, **options), True)


# ---- what is wrong is called the same ----------------------------------------------------------------------

FAULTS = {
    "nothing": {},
    "an infinity": {"flux": put(FLUX, 3, np.inf)},
    "a missing time": {"mjd": put(MJD, 3, np.nan)},
    "a word": {"flux": put(FLUX.astype(object), 3, "cloudy")},
    "a limit": {"flux": put(FLUX.astype(object), 3, ">17.2")},
    "a negative error": {"flux_err": put(FLUX_ERR, 3, -0.1)},
    "two bands": {"filter": np.where(np.arange(N) % 2, "g", "r")},
    "an id that is missing": {"object_id": put(STAR.astype(object), 3, None)},
    "one time": {"mjd": np.full(N, 58000.0)},
    "constant flux": {"flux": np.full(N, 3.25)},
    "sentinels": {"flux": put(FLUX, 3, 999.0)},
    "float32 times": {"mjd": (HJD.astype(np.float32)).astype(float)},
    "magnitudes called flux": {"flux": MAG},
    "duplicates": {"mjd": put(MJD, slice(0, 4), MJD[0]), "flux": put(FLUX, slice(0, 4), 9.0),
                   "flux_err": put(FLUX_ERR, slice(0, 4), 0.1)},
}  # fmt: skip


@pytest.mark.parametrize("fault", FAULTS)
@pytest.mark.parametrize("options", [{}, {"nonfinite": "drop", "upper_limits": "drop"}, {"band": "r"}], ids=str)
def test_faults_have_one_name(model, folder, fault, options):
    frame = pd.DataFrame({**TABLES["csv"][0], "flux": FLUX, **FAULTS[fault]})
    file = folder / "fault.csv"
    frame.to_csv(file, index=False)
    rows = rows_of_command(model, file, options, folder)
    has_ids = fault != "an id that is missing"  # the command calls such a row after nothing, too
    check(rows, *model.many(read_csv(file, dtype={"object_id": str}), return_info=True, **options), has_ids)


# ---- real files --------------------------------------------------------------------------------------------


def samples():
    if not SAMPLES.is_dir():
        return []
    return sorted(path for path in SAMPLES.rglob("*") if path.is_file())


def read_sample(path):
    """(frame, options, whether the table has ids) as an astronomer would read it."""
    options = {"zero_point": 3631}
    kind = path.relative_to(SAMPLES).parts[0]
    if kind in ("ogle_dat", "asas_cesium_dat"):
        options["columns"] = {"time": 1, "mag": 2, "mag_err": 3}
        separator = "," if kind == "asas_cesium_dat" else r"\s+"
        return read_csv(path, sep=separator, header=None, comment="#"), options, False
    if kind == "asassn_skypatrol2":
        return read_csv(path, comment="#"), {"band": "split"}, False
    if path.name.startswith("forcedphotometry"):
        lines = path.read_text().splitlines()
        names = next(line for line in lines if line.lstrip("# ").startswith("index,")).lstrip("# ").split(",")
        names = [name.strip() for name in names]
        rows = [line.split() for line in lines if line and not line.startswith("#") and line.split()[0].isdigit()]
        frame = pd.DataFrame(rows, columns=names)
        return (
            frame.apply(lambda column: pd.to_numeric(column, errors="coerce") if column.name != "filter" else column),
            {"band": "split"},
            False,
        )
    frame = read_csv(path, comment="#")
    if kind == "ztf":
        options["band"] = "split"
    return frame, options, bool({"asas_sn_id", "oid", "object_id"} & set(frame.columns))


@pytest.mark.parametrize("path", samples() or [None], ids=lambda path: path.name if path else "none")
def test_every_real_sample(model, tmp_path, path):
    if path is None:
        pytest.skip("../shared/data/formats is not here")
    frame, options, has_ids = read_sample(path)
    rows = rows_of_command(model, path, options, tmp_path)
    keywords = in_keywords(options)
    if "columns" in keywords:
        frame.columns = ["c1", "c2", "c3", *frame.columns[3:]]
        keywords["columns"] = {"time": "c1", "mag": "c2", "mag_err": "c3"}
    found = model.many(frame, return_info=True, **keywords)
    if options.get("band") == "split" and not has_ids:
        bands = [name.rpartition(":")[2] for name in rows["object_id"]]
        assert [name.rpartition(":")[2] for name in found[1].object_id] == bands
    check(rows, *found, has_ids)
    table = pa.Table.from_pandas(frame, preserve_index=False) if not frame.dtypes.map(str).eq("object").any() else None
    if table is not None:
        check(rows, *model.many(table, return_info=True, **keywords), has_ids)
