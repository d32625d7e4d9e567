# SPDX-License-Identifier: MIT
"""Columns that no light curve needs, in which bands may be found."""

import numpy as np
import pandas as pd
import pytest

N = 40
TIME = np.arange(N) * 1.37 + 58000
FLUX = np.where(np.arange(N) % 2, 30.0, 10.0) + np.sin(2 * TIME)
FRAME = pd.DataFrame({"time": TIME, "flux": FLUX, "flux_err": 0.1})


@pytest.mark.parametrize("values", [np.arange(N) % 2 + 3, ["x", "y"] * (N // 2), pd.Categorical(["a", "b"] * (N // 2))])
def test_two_levels_under_any_name_are_two_bands(model, values):
    frame = FRAME.assign(wheel=values)
    arrays = {name: frame[name].to_numpy() for name in frame}
    for light_curves, arguments in ((frame, {}), (arrays, {"offsets": [0, N]})):
        _, info = model.many(light_curves, return_info=True, **arguments)
        assert info.status.tolist() == ["mixed_bands"]
        _, info = model.many(light_curves, columns={"band": "-"}, return_info=True, **arguments)
        assert info.status.tolist() == ["ok"]


@pytest.mark.parametrize("values", [[object()] * N, [[1, 2]] * N, np.linspace(0, 1, N), [None] * N])
def test_what_cannot_be_bands_does_not_matter(model, values):
    _, info = model.many(FRAME.assign(other=pd.Series(values)), return_info=True)
    assert info.status.tolist() == ["ok"]
