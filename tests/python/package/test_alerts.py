# SPDX-License-Identifier: MIT
"""Alert packets of ZTF and Rubin as light curves."""

import doctest
import io

import astrom3
import numpy as np
import pandas as pd
import pytest
from astrom3 import alerts

N = 30
RNG = np.random.default_rng(8)
JD = 2460000.5 + np.sort(RNG.uniform(0, 30, N))
MAG = 15.5 - 0.3 * np.sin(2 * np.pi * JD / 0.61)
ERR = np.full(N, 0.02)
REFERENCE = 15.4  # brighter than the star mostly is: differences of both signs


def total(mag):
    return 10 ** (-0.4 * mag)


def ztf_detection(i):
    """What the difference image shows of a star of magnitude MAG[i]."""
    change = total(MAG[i]) - total(REFERENCE)
    return {
        "jd": JD[i],
        "fid": 1 + i % 2,
        "magpsf": -2.5 * np.log10(abs(change)),
        "sigmapsf": ERR[i] * total(MAG[i]) / abs(change),
        "isdiffpos": "t" if change > 0 else "f",
        "magnr": REFERENCE,
        "sigmagnr": 0.01,
        "distnr": 0.2,
    }


def ztf_packet():
    limit = {"jd": JD[0] - 1, "fid": 1, "magpsf": None, "sigmapsf": None, "isdiffpos": None, "diffmaglim": 19.0}
    previous = [limit, *(ztf_detection(i) for i in range(N - 1))]
    return {"objectId": "ZTF18aaaaaaa", "candid": 1, "candidate": ztf_detection(N - 1), "prv_candidates": previous}


def test_an_alert_of_ztf_is_the_light_curve_of_its_star(model):
    found = astrom3.from_ztf_alert(ztf_packet())
    assert list(found) == ["object_id", "mjd", "flux", "flux_err", "band"]
    flux = 3631e3 * total(MAG)
    assert np.allclose(found["flux"], flux, rtol=1e-12) and np.allclose(found["mjd"], JD - 2400000.5, rtol=0)
    assert np.allclose(found["flux_err"], flux * ERR * np.log(10) / 2.5, rtol=1e-12)
    assert found["band"].tolist() == ["zg", "zr"] * (N // 2) and set(found["object_id"]) == {"ZTF18aaaaaaa"}
    for band, one in (("zg", slice(0, None, 2)), ("zr", slice(1, None, 2))):
        embedding = model.many([found], band=band)[0]
        same = model(JD[one], MAG[one], ERR[one], mag=True, zero_point=3631.0)
        assert np.allclose(embedding, same, rtol=0, atol=1e-4)


def test_the_difference_alone_has_its_sign():
    found = astrom3.from_ztf_alert(ztf_packet(), difference=True)
    assert np.allclose(found["flux"], 3631e3 * (total(MAG) - total(REFERENCE)), rtol=1e-9)
    assert (found["flux"] < 0).any() and (found["flux"] > 0).any()


def test_what_has_no_star_in_the_reference_is_left_out():
    packet = ztf_packet()
    packet["candidate"]["distnr"] = 1.5
    packet["prv_candidates"][1]["distnr"] = None
    packet["prv_candidates"][2]["magnr"] = None
    packet["prv_candidates"][3]["distnr"] = -999.0
    assert len(astrom3.from_ztf_alert(packet)["mjd"]) == N - 4
    assert len(astrom3.from_ztf_alert(packet, difference=True)["mjd"]) == N


def test_a_first_alert_has_one_observation(model):
    packet = {**ztf_packet(), "prv_candidates": None}
    found = astrom3.from_ztf_alert(packet)
    assert len(found["mjd"]) == 1
    packet["candidate"]["distnr"] = 20.0
    none = astrom3.from_ztf_alert(packet)
    assert [len(column) for column in none.values()] == [0] * 5
    _, info = model.many([found, none, astrom3.from_ztf_alert(ztf_packet())], band="zr", return_info=True)
    assert info.ok.tolist() == [False, False, True]


@pytest.mark.parametrize("flag", ["1", 1, True, "true", "T"])
def test_signs_of_every_version_of_the_schema(flag):
    packet = ztf_packet()
    packet["candidate"]["isdiffpos"] = flag
    assert astrom3.from_ztf_alert(packet, difference=True)["flux"][-1] > 0
    packet["candidate"]["isdiffpos"] = {"1": "0", "true": "false", "T": "F"}.get(flag, 0 if flag is not True else False)
    assert astrom3.from_ztf_alert(packet, difference=True)["flux"][-1] < 0


def rubin_source(i, **more):
    flux = 3631e9 * total(MAG[i])
    return {
        "diaObjectId": 9007199254740993,
        "midpointMjdTai": JD[i] - 2400000.5,
        "band": "gr"[i % 2],
        "scienceFlux": flux,
        "scienceFluxErr": flux * ERR[i] * np.log(10) / 2.5,
        "psfFlux": flux - 3631e9 * total(REFERENCE),
        "psfFluxErr": 1000.0,
        **more,
    }


def rubin_packet():
    forced = [rubin_source(i, scienceFlux=1.0) for i in range(2)]  # of visits that have a detection
    bad = [rubin_source(3, midpointMjdTai=1.0, pixelFlags_bad=True), rubin_source(3, midpointMjdTai=2.0, band="z")]
    bad[1]["scienceFlux"] = bad[1]["psfFlux"] = None
    return {
        "alertId": 5,
        "diaSource": rubin_source(N - 1),
        "prvDiaSources": [rubin_source(i) for i in range(N - 5)] + bad,
        "prvDiaForcedSources": forced + [rubin_source(i) for i in range(N - 5, N - 1)],
    }


def test_an_alert_of_rubin_is_the_light_curve_of_its_star(model):
    found = astrom3.from_rubin_alert(rubin_packet())
    assert np.allclose(found["flux"], 3631e3 * total(MAG), rtol=1e-12)
    assert found["band"].tolist() == ["g", "r"] * (N // 2) and set(found["object_id"]) == {"9007199254740993"}
    of_ztf = astrom3.from_ztf_alert(ztf_packet())
    assert np.allclose(
        model.many([found], band="g"), model.many([{**of_ztf}], band="zg"), rtol=0, atol=1e-4
    )  # one star, two telescopes
    difference = astrom3.from_rubin_alert(rubin_packet(), difference=True)
    assert np.allclose(difference["flux"], 3631e3 * (total(MAG) - total(REFERENCE)), rtol=1e-9)
    lonely = astrom3.from_rubin_alert({"diaSource": rubin_source(0), "prvDiaSources": None})
    assert len(lonely["mjd"]) == 1


def test_avro_is_read(model):
    fastavro = pytest.importorskip("fastavro")
    number = ["null", "double"]
    detection = [{"name": name, "type": number} for name in ("jd", "magpsf", "sigmapsf", "magnr", "sigmagnr", "distnr")]
    detection += [{"name": "fid", "type": "int"}, {"name": "isdiffpos", "type": ["null", "string"]}]
    record = {"type": "record", "name": "detection", "fields": detection}
    fields = [
        {"name": "objectId", "type": "string"},
        {"name": "candidate", "type": record},
        {"name": "prv_candidates", "type": ["null", {"type": "array", "items": "detection"}]},
    ]
    schema = fastavro.parse_schema({"type": "record", "name": "alert", "fields": fields})
    file = io.BytesIO()
    fastavro.writer(file, schema, [ztf_packet()])
    from_bytes = astrom3.from_ztf_alert(file.getvalue())
    from_dict = astrom3.from_ztf_alert(ztf_packet())
    assert all(np.array_equal(from_bytes[name], from_dict[name]) for name in from_dict)
    with pytest.raises(ValueError, match="^packet: these bytes are no Avro file.*schemaless_reader"):
        astrom3.from_rubin_alert(b"\x00" + file.getvalue())


def test_what_is_no_alert_says_what_it_lacks():
    with pytest.raises(ValueError, match="^packet: there is no 'candidate' among diaSource"):
        astrom3.from_ztf_alert({"diaSource": {}})
    with pytest.raises(ValueError, match="^packet: there is no 'diaSource' among objectId"):
        astrom3.from_rubin_alert(ztf_packet())
    with pytest.raises(ValueError, match="^packet: a detection has no 'fid'"):
        astrom3.from_ztf_alert({"candidate": {"jd": 1.0, "magpsf": 1.0, "sigmapsf": 0.1}})
    with pytest.raises(ValueError, match="^packet: a source has no 'scienceFlux'"):
        astrom3.from_rubin_alert({"diaSource": {"midpointMjdTai": 1.0, "band": "g"}})
    with pytest.raises(TypeError, match="^packet: expected an alert of ZTF"):
        astrom3.from_ztf_alert(pd.DataFrame())


def test_the_example_of_the_documentation_runs():
    assert doctest.testmod(alerts).failed == 0
