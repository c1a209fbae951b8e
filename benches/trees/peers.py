"""The peers of benches/trees.mjs on the same data, on one thread: CPU seconds of fit and prediction (least of the runs), R²."""

import os
import sys
import time

os.environ["OMP_NUM_THREADS"] = "1"
import numpy as np

path, rows, kinds = sys.argv[1], int(sys.argv[2]), sys.argv[3].split(",")
values = np.fromfile(path, dtype="<f8")


def take(n):
    """The next table of the file: ten columns and the target."""
    global values
    x, y, values = values[: 10 * n].reshape(10, n).T.copy(), values[10 * n : 11 * n], values[11 * n :]
    return x, y


x, y = take(rows)
x_test, y_test = take(min(rows // 4, 20_000))


def run(name, make, runs):
    least = float("inf")
    for _ in range(runs):
        start = time.process_time()
        said = make().fit(x, y).predict(x_test)
        least = min(least, time.process_time() - start)
    r2 = 1 - ((y_test - said) ** 2).sum() / ((y_test - y_test.mean()) ** 2).sum()
    print(f"{name:14} {rows} rows  {least:.3f} CPU s  R² {r2:.4f}", flush=True)


if "boost-d3" in kinds:
    from xgboost import XGBRegressor

    run("XGBoost hist", lambda: XGBRegressor(n_estimators=100, max_depth=3, learning_rate=0.1, tree_method="hist", n_jobs=1), 3)
if "boost-31" in kinds:
    from lightgbm import LGBMRegressor

    run("LightGBM", lambda: LGBMRegressor(n_estimators=100, num_leaves=31, learning_rate=0.1, n_jobs=1, verbose=-1), 3)

from sklearn.ensemble import AdaBoostRegressor, ExtraTreesRegressor, GradientBoostingRegressor, RandomForestRegressor
from sklearn.tree import DecisionTreeRegressor

SKLEARN = {
    "boost-d3": lambda: GradientBoostingRegressor(random_state=0),
    "ada": lambda: AdaBoostRegressor(DecisionTreeRegressor(max_depth=3), n_estimators=50, random_state=0),
    "forest": lambda: RandomForestRegressor(100, random_state=0, n_jobs=1),
    "forest-third": lambda: RandomForestRegressor(100, max_features=3, random_state=0, n_jobs=1),
    "extra": lambda: ExtraTreesRegressor(100, random_state=0, n_jobs=1),
}
for kind in kinds:
    if kind in SKLEARN and rows <= 100_000:
        run(f"sklearn {kind}", SKLEARN[kind], 1)
