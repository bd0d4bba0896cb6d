"""Reports of a benchmark and of a leak test, as their runs give them, of numbers made up."""

from __future__ import annotations

from typing import Any

from ecpure.measure import bench, leak

RESULT: dict[str, Any] = {
    "version": "python",
    "times": {
        "ecpure": dict.fromkeys(bench.OPERATIONS, 10.0),
        "other 1.0": dict.fromkeys(("sign", "public key", "verify"), 40.0),
    },
    "medians": {
        "ecpure": dict.fromkeys(bench.OPERATIONS, 15.0),
        "other 1.0": dict.fromkeys(("sign", "public key", "verify"), 50.0),
    },
    "faults": {},
    "missing": [],
    "start-up": {"import ecpure": 1.0, "first signature": 20.0},
}
"""What a benchmark found on one backend."""


def bench_report(**backends: dict[str, Any]) -> dict[str, Any]:
    """Return the benchmark's report on these backends."""
    return {"python": "CPython 3", "machine": "any", "rounds": 1, "backends": backends}


def leak_report(naive_t: float, ecpure_t: float) -> dict[str, Any]:
    """Return the leak test's report of one pair, with the t of either signer."""
    crops = {f"{crop:g}": 0.0 for crop in leak.CROPS}
    bins = {"from": 1000, "to": 2000, "first": [0, 5, 1], "second": [0, 4, 2]}

    def result(signer: str, t: float) -> dict[str, Any]:
        return {
            "signer": signer,
            "pair": "a <pair> of r·d",
            "label": "public_key, short key",
            "signatures": 1000,
            "t": crops | {"50": t},
            "curves": {crop: [0.0, t] for crop in crops},
            "histogram": bins,
        }

    return {"backend": "python", "runtime": "any", "results": [result("ecpure", ecpure_t), result("naive", naive_t)]}
