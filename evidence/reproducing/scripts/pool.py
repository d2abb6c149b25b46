"""Pools data.csv by settings.json and prints the numbers as JSON: python pool.py [folder]

Needs Python 3.10 or newer and nothing else. It was written apart from the site that made these files and
shares no code with it, so that one checks the other.
"""

import csv
import json
import math
import sys
from itertools import pairwise
from pathlib import Path
from statistics import NormalDist


def bisect(function, low, high):
    """Where a function that is positive at `low` and not at `high` crosses zero, to the last bit."""
    while True:
        middle = low + (high - low) / 2
        if middle in (low, high):
            return middle
        if function(middle) > 0:
            low = middle
        else:
            high = middle


def chi2_tail(x, df):
    """The probability above x: a finite sum, as df is a whole number."""
    half = x / 2
    if half <= 0:
        return 1.0
    odd = df % 2 / 2
    log = math.log(half)
    terms = [math.exp((i + odd) * log - half - math.lgamma(i + odd + 1)) for i in range(df // 2)]
    return math.fsum([math.erfc(math.sqrt(half)) if odd else 0.0, *terms])


def chi2_quantile(p, df):
    high = float(df)
    while chi2_tail(high, df) > 1 - p:
        high *= 2
    return bisect(lambda x: chi2_tail(x, df) - (1 - p), 0.0, high)


def t_between(t, df):
    """The probability between -t and t: a finite sum, as df is a whole number."""
    angle = math.atan(t / math.sqrt(df))
    cosine, sine = math.cos(angle), math.sin(angle)
    if df % 2:
        terms, term = [], cosine
        for i in range(1, (df - 1) // 2 + 1):
            terms.append(term)
            term *= cosine**2 * 2 * i / (2 * i + 1)
        return 2 / math.pi * (angle + sine * math.fsum(terms))
    terms, term = [], 1.0
    for i in range(1, df // 2 + 1):
        terms.append(term)
        term *= cosine**2 * (2 * i - 1) / (2 * i)
    return sine * math.fsum(terms)


def t_quantile(p, df):
    inside = 2 * p - 1
    high = 1.0
    while t_between(high, df) < inside:
        high *= 2
    return bisect(lambda t: inside - t_between(t, df), 0.0, high)


def at(tau2, y, v):
    """Weights, their sum, the weighted mean and the weighted squares around it."""
    w = [1 / (variance + tau2) for variance in v]
    total = math.fsum(w)
    mean = math.fsum(a * b for a, b in zip(w, y, strict=True)) / total
    q = math.fsum(a * (b - mean) ** 2 for a, b in zip(w, y, strict=True))
    return w, total, mean, q


def where_q_is(target, y, v):
    """The tau2 that gives the weighted squares this value; 0 where they are not above it."""
    if at(0.0, y, v)[3] <= target:
        return 0.0
    high = max(v)
    while at(high, y, v)[3] > target:
        high *= 2
    return bisect(lambda x: at(x, y, v)[3] - target, 0.0, high)


def reml(y, v):
    """The tau2 >= 0 of the highest restricted likelihood, of all its peaks."""

    def slope(x):
        w, total, mean, _ = at(x, y, v)
        squares = math.fsum((a * (b - mean)) ** 2 for a, b in zip(w, y, strict=True))
        return squares - total + math.fsum(a * a for a in w) / total

    def likelihood(x):
        w, total, _, q = at(x, y, v)
        return -0.5 * (math.fsum(-math.log(a) for a in w) + math.log(total) + q)

    spread = max(y) - min(y)
    most = (len(y) * spread**2 + max(v)) / (len(y) - 1)
    grid = [0.0, min(v) / 100]
    while grid[-1] <= most:
        grid.append(grid[-1] * 2)
    peaks = [0.0] if slope(0.0) <= 0 else []
    peaks += [bisect(slope, a, b) for a, b in pairwise(grid) if slope(a) > 0 >= slope(b)]
    return max(peaks, key=lambda x: (likelihood(x), -x))


def pool(y, v, *, model, method, level):
    """All numbers of a pool of the effects y with sampling variances v."""
    # Seen from the most precise study, so that no digits are lost on a large common part.
    origin = y[v.index(min(v))]
    y = [value - origin for value in y]
    df = len(y) - 1
    w, total, common, q = at(0.0, y, v)
    typical = df / (total - math.fsum(a * a for a in w) / total)
    if method == "reml":
        tau2 = reml(y, v)
    elif method == "pm":
        tau2 = where_q_is(df, y, v)
    else:
        tau2 = max(0.0, (q - df) / df * typical)
    p = 0.5 + level / 200
    z, t = NormalDist().inv_cdf(p), t_quantile(p, df)
    _, total_random, mean, q_random = at(tau2, y, v)
    if model == "common":
        total_random, mean = total, common
    se = 1 / math.sqrt(total_random)
    floored = se * math.sqrt(max(1.0, q_random / df))
    ends = [where_q_is(chi2_quantile(1 - tail, df), y, v) for tail in (1 - p, p)]
    is_random = model == "random"
    return {
        "k": len(y),
        "estimate": origin + mean,
        "se": se,
        "ordinary_interval": around(origin + mean, z * se),
        "hartung_knapp_interval": around(origin + mean, t * floored) if is_random else None,
        "prediction_interval": (
            around(origin + mean, t * math.sqrt(tau2 + se**2)) if is_random and df >= 2 else None
        ),
        "common_estimate": origin + common,
        "tau2": tau2,
        "tau2_interval": ends,
        "i2": 100 * tau2 / (tau2 + typical),
        "i2_interval": [100 * end / (end + typical) for end in ends],
        "q": q,
        "df": df,
        "p": chi2_tail(q, df),
    }


def around(middle, margin):
    return [middle - margin, middle + margin]


def main(folder):
    settings = json.loads((folder / "settings.json").read_text(encoding="utf-8"))
    with (folder / "data.csv").open(encoding="utf-8-sig", newline="") as file:
        rows = [row for row in csv.DictReader(file) if row["pooled"] == "yes"]
    if len(rows) < 2:
        return {"k": len(rows), "refusal": "Nothing is pooled; results.json says why."}
    return pool(
        [float(row["yi"]) for row in rows],
        [float(row["vi"]) for row in rows],
        model=settings["model"],
        method=settings["method"],
        level=settings["level"],
    )


if __name__ == "__main__":
    where = Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).resolve().parent
    json.dump(main(where), sys.stdout, indent=2)
    sys.stdout.write("\n")
