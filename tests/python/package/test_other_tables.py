# SPDX-License-Identifier: MIT
"""Tables of other packages are read, or refused with a word on how they are: alone, in lists, and with units."""

import decimal
import itertools
import pathlib

import astrom3
import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from astrom3 import AstroM3Error

N = 150
RNG = np.random.default_rng(6)
T = np.sort(RNG.uniform(0, 20, N))
F = 50 + 5 * np.sin(2 * np.pi * T / 0.61) + 0.2 * RNG.normal(size=N)
E = np.full(N, 0.2)
COLUMNS = {"time": T, "flux": F, "flux_err": E}
FRAME = pd.DataFrame(COLUMNS)
STAMPS = pd.to_datetime(T + 3e4, unit="D")
TEN_THOUSANDTHS = [decimal.Decimal(str(round(flux, 4))) for flux in F]


@pytest.fixture(scope="module")
def expected(model):
    return model(T, F, E)


def check_read(model, table, expected, n=1, **arguments):
    embeddings, info = model.many(table, return_info=True, **arguments)
    assert list(info.status) == ["ok"] * n
    assert np.allclose(embeddings, expected, rtol=0, atol=5e-4)


# ---- lists ---------------------------------------------------------------------------------------------------

LISTS = {
    "pandas": FRAME,
    "Arrow": pa.table(COLUMNS),
    "a record batch": pa.RecordBatch.from_pandas(FRAME, preserve_index=False),
    "records": FRAME.to_records(index=False),
    "masked records": np.ma.array(FRAME.to_records(index=False)),
    "dates": FRAME.assign(time=STAMPS),
    "other columns beside": FRAME.assign(airmass=1.0, object_id=7),
}


@pytest.mark.parametrize("kind", LISTS)
def test_lists_of_tables_are_lists_of_light_curves(model, expected, kind):
    check_read(model, [LISTS[kind]] * 2, [expected] * 2, 2)


def test_lists_of_tables_are_alike(model):
    with pytest.raises(TypeError, match=r"^light_curves\[1\]: expected a table like light_curves\[0\], found tuple"):
        model.many([FRAME, (T, F, E)])
    with pytest.raises(TypeError, match=r"^light_curves\[1\]: expected \(time, value, error\), found DataFrame"):
        model.many([(T, F, E), FRAME])
    with pytest.raises(ValueError, match=r"^light_curves\[1\]: the column 'filter' is read here"):
        model.many([FRAME, FRAME.assign(filter="r")])
    with pytest.raises(ValueError, match=r"^light_curves\[1\]: there is no column 'flux_err'"):
        model.many([FRAME, FRAME.drop(columns="flux_err")])


def test_several_stars_are_not_one_light_curve_of_a_list(model):
    two = FRAME.assign(object_id=np.arange(N) // 80)
    for table in (two, pa.table(dict(two)), two.to_records(index=False), dict(two)):
        with pytest.raises(ValueError, match=r"^light_curves\[0\]: 2 objects by the column object_id"):
            model.many([table])


# ---- one after the other, all at once ------------------------------------------------------------------------


def test_light_curves_may_come_one_after_the_other(model, curves, expected):
    n_many = 4096 + 7  # more than are taken at a time
    kinds = {
        "a generator": (curve for curve in curves),
        "a map": map(tuple, curves),
        "values of a dict": dict(enumerate(curves)).values(),
        "tables": (pd.DataFrame(dict(zip(COLUMNS, curve))) for curve in curves),
    }
    for kind, light_curves in kinds.items():
        found, info = model.many(light_curves, return_info=True, features={"rfr_score": np.full(6, 0.4)})
        one_by_one = [model(*curve, rfr_score=0.4) for curve in curves]
        assert np.array_equal(found, one_by_one) and list(info.object_id) == list("012345"), kind
    short = (T[:4], F[:4], E[:4])
    out = np.empty((n_many, model.width), np.float32)
    assert model.many(itertools.repeat(short, n_many), out=out, features=dict.fromkeys(GIVEN, 0.5)) is out
    assert (out == model(*short, **dict.fromkeys(GIVEN, 0.5))).all()
    assert model.many(iter([])).shape == (0, model.width)
    with pytest.raises(TypeError, match=r"^light_curves\[4097\]: expected \(time, value, error\), found DataFrame"):
        model.many(itertools.chain(itertools.repeat(short, 4097), [FRAME]), features=dict.fromkeys(GIVEN, 0.5))
    with pytest.raises(ValueError, match=r"^light_curves\[4096\]: in other units"):
        in_jy = FRAME.assign(time=STAMPS)
        model.many(itertools.chain(itertools.repeat(FRAME, 4096), [in_jy]), features=dict.fromkeys(GIVEN, 0.5))


GIVEN = ("amplitude", "period", "lksl_statistic", "rfr_score")


def test_an_array_of_light_curves_of_one_length(model, curves):
    parts = [np.column_stack([column[:9] for column in curve]) for curve in curves]
    stacked = np.array(parts)
    assert stacked.shape == (6, 9, 3)
    assert np.array_equal(model.many(stacked), model.many(parts))
    masked = np.ma.masked_array(stacked, mask=np.broadcast_to(np.arange(9)[:, None] > 6, (6, 9, 3)))
    assert set(model.many(masked, return_info=True)[1].status) == {"missing_value"}
    filled = model.many(masked, nonfinite="drop", return_info=True)
    assert list(filled[1].n_used) == [7] * 6
    assert np.array_equal(filled[0], model.many([part[:7] for part in parts]))
    with pytest.raises(ValueError, match=r"^light_curves\[0\]: expected shape \(n, 3\)"):
        model.many(stacked.transpose(0, 2, 1))


def test_an_error_may_be_one_number(model, curves):
    time, flux, _ = curves[0]
    full = np.full(len(time), 0.05)
    expected = model(time, flux, full)
    u = pytest.importorskip("astropy.units")
    for error in (0.05, np.float64(0.05), np.array(0.05), 0.05 * u.mJy, 50 * u.uJy):
        assert np.allclose(model(time, flux, error), expected, rtol=0, atol=1e-5)
        assert np.allclose(model.many([(time, flux, error)])[0], expected, rtol=0, atol=1e-5)
    assert np.array_equal(model(time, flux, 0.05), expected)
    table = {"time": time, "flux": flux, "flux_err": 0.05}
    assert np.array_equal(model.many([table])[0], expected)
    assert np.array_equal(model.many(table, offsets=[0, len(time)])[0], expected)
    assert np.array_equal(model.many({**table, "star": np.zeros(len(time), int)}, id="star")[0], expected)
    assert np.array_equal(model.preprocess(time, flux, 0.05)[0], model.preprocess(time, flux, full)[0])
    for function in (astrom3.features, astrom3.find_period, astrom3.preprocess):
        assert repr(function(time, flux, 0.05)) == repr(function(time, flux, full))
    grid = {"minimum": 0.1, "step": 0.1, "count": 5}
    assert np.array_equal(
        astrom3.periodogram(time, flux, 0.05, **grid)[1], astrom3.periodogram(time, flux, full, **grid)[1]
    )
    bands = np.array(["g", "r"])[np.arange(len(time)) % 2]
    embedder = astrom3.EmbeddingModel(model, bands=["g", "r"], zero_point=3631.0)
    assert np.array_equal(embedder(time, flux, 0.05, bands), embedder(time, flux, full, bands))
    for bad in (None, "0.05", True, pd.NA):
        with pytest.raises((TypeError, ValueError), match="^flux_err"):
            model(time, flux, bad)
    with pytest.raises(ValueError, match="^flux: expected 1 dimension"):
        model(time, 10.0, full)
    with pytest.raises(AstroM3Error, match="flux_err"):
        model(time, flux, np.nan)


# ---- what is no table ----------------------------------------------------------------------------------------

REFUSED = {
    "a GroupBy": (lambda: FRAME.assign(star=1).groupby("star"), r"many\(frame, id="),
    "a column of a GroupBy": (lambda: FRAME.assign(star=1).groupby("star")["flux"], r"many\(frame, id="),
    "a mapping of frames": (lambda: {"a": FRAME, "b": FRAME}, r"list\(light_curves.values\(\)\)"),
    "pairs of a GroupBy": (lambda: list(FRAME.assign(star=1).groupby("star")), "give the tables alone"),
    "an open file": (lambda: open(__file__, encoding="utf-8"), "read_csv"),  # noqa: SIM115
    "a path": (lambda: pathlib.Path(__file__), "read_csv"),
    "parts of a file": (lambda: pd.read_csv(__file__, chunksize=3), r"pandas.concat\(...\)"),
    "a range": (lambda: range(3), r"\[0\]: expected \(time, value, error\), found int"),
    "nothing": (lambda: None, "NoneType"),
}


@pytest.mark.parametrize("kind", REFUSED)
def test_what_is_no_table_is_told_the_way(model, kind):
    make, message = REFUSED[kind]
    with pytest.raises(TypeError, match=f"^light_curves.*{message}"):
        model.many(make())


# ---- dates and decimals --------------------------------------------------------------------------------------

DATES = {
    "datetime64": FRAME.assign(time=STAMPS),
    "a time zone": FRAME.assign(time=STAMPS.tz_localize("UTC").tz_convert("Asia/Tokyo")),
    "Arrow in pandas": FRAME.assign(time=pd.Series(STAMPS).astype("timestamp[ns][pyarrow]")),
    "durations": FRAME.assign(time=pd.to_timedelta(T, unit="D")),
    "timestamps": pa.table({**COLUMNS, "time": pa.array(STAMPS)}),
    "timestamps of a zone": pa.table({**COLUMNS, "time": pa.array(STAMPS.tz_localize("UTC"))}),
    "timestamps in microseconds": pa.table({**COLUMNS, "time": pa.array(STAMPS).cast(pa.timestamp("us"), safe=False)}),
    "Arrow's durations": pa.table({**COLUMNS, "time": pa.array((T * 86400e6).astype(np.int64), pa.duration("us"))}),
    "lists of timestamps": pa.table(
        {"time": [STAMPS.to_pydatetime().tolist()], "flux": [F.tolist()], "flux_err": [E.tolist()]}
    ),
}


@pytest.mark.parametrize("kind", DATES)
@pytest.mark.filterwarnings("ignore:Discarding nonzero nanoseconds")
def test_dates_are_days(model, expected, kind):
    check_read(model, DATES[kind], expected)


def test_the_same_date_is_the_same_day_in_arrow_and_in_pandas(model):
    stamps = FRAME.assign(time=STAMPS)
    assert np.array_equal(model.many(stamps), model.many(pa.Table.from_pandas(stamps, preserve_index=False)))
    days = np.arange(18000, 18000 + N)
    table = {"flux": F, "flux_err": E}
    numbers = model.many({**table, "time": days * 1.0}, offsets=[0, N])
    for kind in (pa.date32(), pa.timestamp("s"), pa.date64()):
        dates = pa.array(days, pa.int32()).cast(pa.date32()).cast(kind)
        assert np.array_equal(model.many(pa.table({"time": dates, **table})), numbers)


def test_dates_that_are_no_times_are_refused(model):
    with pytest.raises(TypeError, match="^flux: dates"):
        model.many(FRAME.assign(flux=STAMPS))
    with pytest.raises(TypeError, match="^time: .*pandas.to_datetime"):
        model.many(FRAME.assign(time=pd.Series(list(STAMPS), dtype=object)))
    for name, arguments in (("flux", {}), ("band", {"band": "r"}), ("object_id", {}), ("w", {"where": {"w": 1}})):
        with pytest.raises(AstroM3Error, match=f'"{name}": holds dates'):
            model.many(pa.table({**COLUMNS, name: pa.array(STAMPS)}), **arguments)
    with pytest.raises(AstroM3Error, match='"TMID": holds dates'):
        model.many(pa.table({"TMID": pa.array(STAMPS), "TAMFLUX2": F, "TAMFLUX2_ERR": E, "FLAG": np.zeros(N)}))


@pytest.mark.parametrize("kind", [pa.decimal32(9, 4), pa.decimal64(18, 4), pa.decimal128(38, 4), pa.decimal256(76, 4)])
def test_decimals_are_numbers(model, kind):
    exact = model.many({**COLUMNS, "flux": [float(flux) for flux in TEN_THOUSANDTHS]}, offsets=[0, N])
    assert np.array_equal(model.many(pa.table({**COLUMNS, "flux": pa.array(TEN_THOUSANDTHS, kind)})), exact)
    assert np.array_equal(model.many(FRAME.assign(flux=TEN_THOUSANDTHS)), exact)
    missing = pa.array([None, *TEN_THOUSANDTHS[1:]], kind)
    assert list(model.many(pa.table({**COLUMNS, "flux": missing}), return_info=True)[1].status) == ["missing_value"]


# ---- Arrow's other types -------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", [pa.list_view, pa.large_list_view])
def test_list_views_are_lists(model, expected, kind):
    columns = {name: pa.array([v[:50].tolist(), v.tolist(), None], kind(pa.float64())) for name, v in COLUMNS.items()}
    embeddings, info = model.many(pa.table(columns), return_info=True)
    assert list(info.status) == ["ok", "ok", "missing_value"]
    assert np.array_equal(embeddings[1], expected)
    assert np.array_equal(model.many(pa.table(columns).slice(1, 1))[0], expected)
    swapped = {name: column.take(pa.array([1, 0])) for name, column in columns.items()}
    assert np.array_equal(model.many(pa.table(swapped))[0], expected)
    rows = [[dict(zip(COLUMNS, row, strict=True)) for row in zip(T, F, E, strict=True)]]
    structs = pa.array(rows, kind(pa.struct([(name, pa.float64()) for name in COLUMNS])))
    assert np.array_equal(model.many(structs)[0], expected)
    triples = pa.array([np.column_stack([T, F, E]).tolist()], kind(kind(pa.float64())))
    assert np.array_equal(model.many(pa.table({"lc": triples}))[0], expected)


UNREADABLE = {
    "null": pa.nulls(N),
    "run_end_encoded": pa.RunEndEncodedArray.from_arrays(pa.array([N], pa.int32()), pa.array([0.2])),
    "union": pa.UnionArray.from_dense(pa.array([0] * N, pa.int8()), pa.array(range(N), pa.int32()), [pa.array(F)]),
    "map": pa.array([[("a", 1)]] * N, pa.map_(pa.string(), pa.int32())),
    "binary": pa.array([b"1"] * N),
    "time": pa.array([1] * N, pa.time64("us")),
}


@pytest.mark.parametrize("kind", UNREADABLE)
def test_types_that_hold_no_numbers_are_refused(model, expected, kind):
    for name in COLUMNS:
        with pytest.raises(AstroM3Error, match=f'"{name}": .*{kind}'):
            model.many(pa.table({**COLUMNS, name: UNREADABLE[kind]}))
    with pytest.raises(AstroM3Error, match='"filter": '):
        model.many(pa.table({**COLUMNS, "filter": UNREADABLE[kind]}), band="r")
    check_read(model, pa.table({**COLUMNS, "beside": UNREADABLE[kind]}), expected)


# ---- astropy -------------------------------------------------------------------------------------------------


def test_tables_of_astropy(model, expected):
    u = pytest.importorskip("astropy.units", reason="astropy is not installed")
    from astropy.table import Column, MaskedColumn, QTable, Table
    from astropy.time import Time
    from astropy.timeseries import BinnedTimeSeries, TimeSeries

    time = Time(T + 58000, format="mjd")
    series = TimeSeries(time=time, data={"flux": F * u.mJy, "flux_err": E * u.mJy})
    units = [Column(T * 24, name="time", unit="h"), Column(F * 1000, name="flux", unit="uJy")]
    for table in (
        Table(COLUMNS),
        QTable({"time": T * 24 * u.h, "flux": F / 1000 * u.Jy, "flux_err": E * u.mJy}),
        Table([*units, MaskedColumn(E, name="flux_err", unit="mJy")]),
        Table([*units, Column(E * 1000, name="flux_err")]),  # in the unit of its flux, as in a file
        series,
    ):
        check_read(model, table, expected)
        check_read(model, [table, table], [expected] * 2, 2)
    check_read(model, {"time": T * 24 * u.h, "flux": F * u.mJy, "flux_err": E * u.mJy}, expected, offsets=[0, N])
    check_read(model, [(T * u.d, F * u.mJy, E * 1000 * u.uJy)] * 2, [expected] * 2, 2)
    binned = BinnedTimeSeries(time_bin_start=time, time_bin_size=1 * u.s, data={"flux": F, "flux_err": E})
    check_read(model, binned, expected, columns={"time": "time_bin_start"})
    with pytest.raises(TypeError, match="^flux_err: an error in mJy of flux, which has no unit"):
        model.many(Table([units[0], Column(F, name="flux"), Column(E, name="flux_err", unit="mJy")]))
    with pytest.raises(ValueError, match="^flux_unit: nJy contradicts flux"):
        model.many(series, flux_unit="nJy")
    with pytest.raises(ValueError, match=r"^light_curves\[1\]: in other units"):
        model.many([series, Table(COLUMNS)])
    with pytest.raises(TypeError, match=r"^light_curves\[0\]: one unit, mJy"):
        model.many([np.column_stack([T, F, E]) * u.mJy])


def test_parts_of_a_fits_file_are_told_the_way(model):
    fits = pytest.importorskip("astropy.io.fits", reason="astropy is not installed")
    names = {"time": "h", "flux": "mJy", "flux_err": "mJy"}
    columns = [fits.Column(name, "D", unit, array=COLUMNS[name]) for name, unit in names.items()]
    table = fits.BinTableHDU.from_columns(columns)
    for value in (table, table.data, fits.HDUList([fits.PrimaryHDU(), table])):
        with pytest.raises(TypeError, match=r"^light_curves.*Table.read\(\)"):
            model.many(value)
        with pytest.raises(TypeError, match=r"^light_curves\[0\].*Table.read\(\)"):
            model.many([value])


def test_texts_with_a_unit_are_refused(model):
    table = pytest.importorskip("astropy.table", reason="astropy is not installed")
    texts = table.Column([str(flux) for flux in F], name="flux", unit="Jy")
    with pytest.raises(TypeError, match="^flux: texts in Jy"):
        model.many(table.Table({**COLUMNS, "flux": texts}))


def test_light_curves_like_those_of_lightkurve(model, expected):
    u = pytest.importorskip("astropy.units", reason="astropy is not installed")
    from astropy.time import Time
    from astropy.timeseries import TimeSeries

    class LightCurve(TimeSeries):
        pass

    for unit in (u.electron / u.s, u.one):
        data = {"flux": F * unit, "flux_err": E * unit, "cadenceno": np.arange(N)}
        curve = LightCurve(time=Time(T + 2457000, format="jd", scale="tdb"), data=data)
        with pytest.raises(TypeError, match="^flux: .*flux_unit"):
            model.many(curve)
        with pytest.raises(TypeError, match=r"^light_curves\[0\]: flux: .*flux_unit"):
            model.many([curve])
        check_read(model, curve, expected, flux_unit="mJy")
        check_read(model, [curve, curve], [expected] * 2, 2, flux_unit="mJy")


def test_a_survey_says_what_its_own_counts_are(model):
    u = pytest.importorskip("astropy.units", reason="astropy is not installed")
    from astropy.table import QTable

    rate = u.electron / u.s
    tess = {"TIME": T, "CADENCENO": np.arange(N), "SAP_FLUX": F, "PDCSAP_FLUX": F, "PDCSAP_FLUX_ERR": E}
    tess["QUALITY"] = np.zeros(N, int)
    units = {"TIME": u.d, "SAP_FLUX": rate, "PDCSAP_FLUX": rate, "PDCSAP_FLUX_ERR": rate}
    table = QTable({name: values * units.get(name, u.one) for name, values in tess.items()})
    for name in ("CADENCENO", "QUALITY"):
        table[name] = tess[name]
    assert np.array_equal(model.many(table), model.many(pd.DataFrame(tess)))
    wasp = {"TMID": T * 86400, "TAMFLUX2": F, "TAMFLUX2_ERR": E, "FLAG": np.zeros(N, int)}
    days = QTable({**wasp, "TMID": T * u.d})
    assert np.allclose(model.many(days), model.many(wasp, offsets=[0, N]), rtol=0, atol=1e-4)


def test_arrays_in_cells_keep_their_units_and_masks(model, expected):
    cells = pd.DataFrame({name: [values] for name, values in COLUMNS.items()})
    check_read(model, cells, expected)
    u = pytest.importorskip("astropy.units", reason="astropy is not installed")
    for name, cell, message in (
        ("time", T * 24 * u.h, "arrays in h"),
        ("flux", F * u.mJy, "arrays in mJy"),
        ("flux", np.ma.array(F, mask=F > 53), "masked"),
    ):
        with pytest.raises(TypeError, match=f"^{name}: {message}"):
            model.many(cells.assign(**{name: pd.Series([cell])}))


# ---- polars --------------------------------------------------------------------------------------------------


def test_frames_of_polars(model, expected):
    polars = pytest.importorskip("polars", reason="polars is not installed")
    frame = polars.DataFrame(COLUMNS)
    check_read(model, frame, expected)
    check_read(model, [frame, frame], [expected] * 2, 2)
    check_read(model, polars.DataFrame({name: [v.tolist()] * 2 for name, v in COLUMNS.items()}), [expected] * 2, 2)
    check_read(model, polars.DataFrame({**COLUMNS, "time": STAMPS.to_numpy()}), expected)
    for other, word in ((frame.lazy(), "collect"), (frame.group_by("time"), "id=")):
        with pytest.raises(TypeError, match=f"^light_curves.*{word}"):
            model.many(other)
