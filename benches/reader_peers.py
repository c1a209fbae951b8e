"""The peers of benches/reader.mjs: whoever asks with a line gets the seconds that pandas and Polars need for the file, on one thread."""

import os
import sys
import time

os.environ["POLARS_MAX_THREADS"] = "1"
import pandas as pd
import polars as pl

path, day = sys.argv[1], sys.argv[2]


def seconds(read):
    start = time.perf_counter()
    read()
    return time.perf_counter() - start


for _ in sys.stdin:
    pandas = seconds(lambda: pd.read_csv(path, parse_dates=[day]))
    polars = seconds(lambda: pl.read_csv(path, try_parse_dates=True))
    print(pandas, polars, flush=True)
