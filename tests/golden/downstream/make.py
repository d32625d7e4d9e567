#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Prints scikit-learn's figures that tests/downstream/test_outliers.cpp and tests/downstream/test_evaluate.cpp hold (.venv-bench has it).

The data follow from a formula, the same in both tests: row i, column d is sin(0.7 (i+1) (d+1)) + 0.8 [d = i mod 3].
"""

import math

import numpy as np
import sklearn
from sklearn.linear_model import LogisticRegression
from sklearn.neighbors import LocalOutlierFactor
from sklearn.preprocessing import StandardScaler, normalize

n, dimension = 60, 5
x = np.array([[math.sin(0.7 * (i + 1) * (d + 1)) + 0.8 * (d == i % 3) for d in range(dimension)] for i in range(n)])
x = x.astype(np.float32).astype(np.float64)
y = np.arange(n) % 3

print("scikit-learn", sklearn.__version__)
lof = LocalOutlierFactor(n_neighbors=7, algorithm="brute").fit(normalize(x))
print("local outlier factor", [float(f"{v:.12g}") for v in -lof.negative_outlier_factor_[:6]])

for penalty, balanced in ((1.0, False), (0.1, False), (1.0, True)):
    use = np.arange(n) % 5 != 1 if balanced else np.ones(n, bool)  # unequal classes for the balanced one
    z = StandardScaler().fit_transform(x[use])
    model = LogisticRegression(C=1 / penalty, tol=1e-12, max_iter=100000, class_weight="balanced" if balanced else None)
    model.fit(z, y[use])
    p = model.predict_proba(z)
    counts = np.bincount(y[use])
    weight = use.sum() / (3 * counts[y[use]]) if balanced else 1.0
    loss = float(np.sum(-weight * np.log(p[np.arange(use.sum()), y[use]])) + penalty / 2 * np.sum(model.coef_**2))
    print(f"logistic {penalty} {balanced}: F {loss:.12g}, p of row 0", [float(f"{v:.10g}") for v in p[0]])
