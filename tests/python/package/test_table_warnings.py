# SPDX-License-Identifier: MIT
"""Tables in memory give the warnings that files of the same columns give, each once."""

import re
import warnings

import astrom3
import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

N = 40
TIME = 58000.25 + np.arange(N) * 1.37 + 0.1 * np.sin(np.arange(N))
MAG = 14 + 0.3 * np.sin(2.1 * np.arange(N))
FLUX = 3631e3 * 10 ** (-0.4 * MAG)
PLAIN = pd.DataFrame({"mjd": TIME, "flux": FLUX, "flux_err": 0.02 * FLUX})


def said(call):
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        call()
    return [str(one.message) for one in caught if type(one.message) is UserWarning]


def tables(frame, notes):
    """The same columns in several packages, with notes beside them."""
    astropy = pytest.importorskip("astropy.table")
    noted = frame.copy()
    noted.attrs = dict(notes)
    table = astropy.Table.from_pandas(frame)
    table.meta.update(notes)
    arrow = pa.Table.from_pandas(frame, preserve_index=False)
    arrow = arrow.replace_schema_metadata({**arrow.schema.metadata, **{key: str(one) for key, one in notes.items()}})
    return [noted, table, arrow]


@pytest.mark.parametrize(
    ("notes", "word"),
    [({"flux_unit": "uJy"}, "flux_unit: uJy"), ({"ZP": 25.0}, "ZP: 25.0"), ({"note": "errors: 3 sigma"}, "3 sigma"),
     ({"author": "nobody", "version": 2}, None)],
)  # fmt: skip
def test_notes_beside_a_table_are_read_like_a_header(model, notes, word):
    for table in tables(PLAIN, notes):
        found = said(lambda table=table: model.many(table))
        assert [word in text for text in found] == ([True] if word else []), (type(table), found)


def test_the_comments_of_a_table_are_looked_at(model):
    table = tables(PLAIN, {})[1]
    table.meta["comments"] = ["made by nobody", "flux zero point 25.0"]
    (text,) = said(lambda: model.many(table))
    assert "flux zero point 25.0" in text and "flux_unit" in text


@pytest.mark.parametrize(
    ("flux", "word"),
    [(np.round(FLUX * 1e4), "whole numbers"), (FLUX * 1e4 + 0.5, "counts?"), (FLUX / np.median(FLUX), "median is 1"),
     (MAG, "could be magnitudes"), (FLUX * 1e-13, "another unit?"), (FLUX, None)],
)  # fmt: skip
def test_fluxes_that_cannot_be_mjy_are_doubted_once(model, flux, word):
    error = np.full(N, 0.005 * np.median(flux))
    frame = pd.DataFrame({"mjd": TIME, "flux": flux, "flux_err": error})
    expected = 1 if word else 0
    for call in (
        lambda: model(TIME, flux, error),
        lambda: model.many(frame),
        lambda: model.many([(TIME, flux, error)] * 3),
        lambda: model.many(pd.concat([frame.assign(object_id=i) for i in range(3)])),
    ):
        found = said(call)
        assert len(found) == expected and all(word in text for text in found), found
    assert said(lambda: model.many(frame, flux_unit="mJy")) == []


def test_light_curves_that_come_in_parts_are_doubted_once(model):
    light_curve = (TIME[:6], np.round(MAG[:6], 2), np.full(6, 0.02))
    assert len(said(lambda: model.many(light_curve for _ in range(4100)))) == 1  # parts have 4096


def test_the_remedy_of_a_doubt_works(model):
    frame = pd.DataFrame({"mjd": TIME, "flux": MAG, "flux_err": 0.02})
    (text,) = said(lambda: model.many(frame))
    assert 'columns={"mag": "flux", "mag_err": "flux_err"}' in text
    assert said(lambda: model.many(frame, columns={"mag": "flux", "mag_err": "flux_err"}, band="r")) == []


def test_what_is_not_used_is_named(model):
    found = said(lambda: model.many(PLAIN.assign(hjd=TIME + 2400000.5, psf_flux=FLUX)))
    assert any("not used: mjd" in text for text in found), found


def test_ids_that_lost_digits_or_are_measured(model):
    with pytest.raises(ValueError, match="floating numbers"):
        model.many(PLAIN.assign(source_id=5.853498713190525e18))
    assert said(lambda: model.many(PLAIN.assign(source_id=5853498713190525696))) == []
    found = said(lambda: model.many(PLAIN.assign(id=np.repeat([0.25, 0.5], N // 2))))
    assert "fraction" in found[0]
    assert said(lambda: model.many(PLAIN.assign(id=np.repeat([101.01, 101.02], N // 2)), id="id")) == []


def test_units_of_rows_are_converted(model):
    expected, _ = model.many(PLAIN, return_info=True)
    rows = PLAIN.assign(unit=["uJy", "mJy"] * (N // 2))
    rows.loc[::2, ["flux", "flux_err"]] *= 1000
    found, info = model.many(rows, return_info=True)
    assert info.status.tolist() == ["ok"]
    np.testing.assert_allclose(found, expected, rtol=0, atol=1e-5)
    _, info = model.many(PLAIN.assign(unit="adu"), return_info=True)
    assert info.status.tolist() == ["bad_header"]


def test_ab_magnitudes_in_v_are_those_of_astropy(model):
    u = pytest.importorskip("astropy.units")
    from astropy.table import QTable

    named = pd.DataFrame({"mjd": TIME, "mag [AB]": MAG, "mag_err": 0.02})
    system = pd.DataFrame({"mjd": TIME, "mag": MAG, "mag_err": 0.02, "filter": "V", "magsys": "AB"})
    united = QTable({"mjd": TIME, "mag": MAG * u.ABmag, "mag_err": 0.02 * np.ones(N) * u.mag})
    infos = [model.many(one, band="V", return_info=True)[1] for one in (named, system, united)]
    assert len({float(info.log10_mad[0]) for info in infos}) == 1
    plain, _ = PLAIN, None
    assert infos[0].log10_mad[0] == pytest.approx(model.many(plain, return_info=True)[1].log10_mad[0], abs=1e-9)


def remedies(text):
    """The keyword arguments that a message names, each as it can be typed."""
    return [eval(f"dict({one})") for one in re.findall(r'\w+=(?:\{.*?\}|".*?"|True|[-+.0-9e]+)', text)]


@pytest.mark.parametrize(
    "frame",
    [
        PLAIN.assign(flux=MAG, flux_err=0.02),
        PLAIN.assign(flux_err=0.02).rename(columns={"flux_err": "my, err"}),
        PLAIN.assign(id=np.repeat([0.25, 0.5], N // 2)),
        PLAIN.assign(quality=np.arange(N) % 5 // 4),
        PLAIN.assign(hjd=TIME + 2400000.5),
        PLAIN.assign(unit="ABMag", flux=MAG, flux_err=0.02),
        PLAIN.assign(wheel=["x", "y"] * (N // 2), flux=FLUX * (1 + np.arange(N) % 2)),
        PLAIN.rename(columns={"mjd": "midPointTai", "flux": "psFlux", "flux_err": "psFluxErr"}),
        PLAIN.assign(name="a", oid=5),
    ],
)
def test_every_remedy_can_be_typed(model, frame):
    def outcome(**arguments):
        try:
            _, info = model.many(frame, return_info=True, **arguments)
        except ValueError as error:
            return str(error)
        messages = info.messages if hasattr(info, "messages") else ""
        return f"{info.status.tolist()} {messages}"

    texts = said(lambda: outcome()) + [outcome()]
    for arguments in (one for text in texts for one in remedies(text)):
        after = said(lambda arguments=arguments: outcome(**arguments)) + [outcome(**arguments)]
        assert after != texts, arguments


def test_remedies_for_arrays_are_those_of_the_call(model):
    curve = (TIME, MAG, np.full(N, 0.02))
    (text,) = said(lambda: model(*curve))
    assert "mag=True reads magnitudes" in text and 'AstroM3(flux_unit="mJy") says' in text
    (text,) = said(lambda: model.many([curve]))
    assert "mag=True reads magnitudes" in text and '; flux_unit="mJy" says' in text
    assert said(lambda: model.many([curve], flux_unit="mJy")) == []
    assert said(lambda: astrom3.AstroM3(model.path, flux_unit="mJy")(*curve)) == []
