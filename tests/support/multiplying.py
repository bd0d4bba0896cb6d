"""What tests of multiplication share: a curve without its tables, structured scalars, lines as they are executed."""

from __future__ import annotations

import sys
from collections.abc import Callable
from types import FrameType
from typing import Any

from ecpure import SECP224K1, SECP256K1, Curve

CURVES = [SECP224K1, SECP256K1]


def fresh_curve(like: Curve = SECP224K1) -> Curve:
    """Return the curve without its tables and masks, so that what a test spoils stays its own."""
    return Curve(**{name: getattr(like, name) for name in ("name", "p", "b", "n", "gx", "gy", "oid", "hash")})


def structured(curve: Curve) -> list[int]:
    """Return scalars that meet table values, carries, window edges and the endomorphism's halves."""
    n, lambda_ = curve.n, int(curve.endomorphism.lambda_)
    near_ends = [*range(66), *range(n - 66, n)]
    powers = [k for bit in range(n.bit_length()) for k in ((1 << bit) - 1, 1 << bit, (1 << bit) + 1)]
    windows = [digit << 8 * row for row in range(28) for digit in (127, 128, 129, 255)]
    around_lambda = [lambda_ + i for i in (-1, 0, 1)] + [n - lambda_ + i for i in (-1, 0, 1)] + [n // 2, n // 2 + 1]
    short_halves = [(k1 + k2 * lambda_) % n for k1 in (-5, -1, 0, 1, 7) for k2 in (-3, -1, 0, 1, 2)]
    return sorted({k % n for k in near_ends + powers + windows + around_lambda + short_halves})


def call_traced(trace: Callable[[FrameType, str, object], Any], function: Callable[..., object], *args: object) -> None:
    """Call the function while `trace` is told of every line."""
    before = sys.gettrace()
    sys.settrace(trace)
    try:
        function(*args)
    finally:
        sys.settrace(before)


def lines_of(function: Callable[..., object], *arguments: object) -> list[tuple[str, int]]:
    """Return every line of the package that a call executes, in order."""
    lines: list[tuple[str, int]] = []

    def trace(frame: FrameType, event: str, _: object) -> Any:
        if event == "line" and frame.f_globals["__name__"].startswith("ecpure."):  # and not what a collection calls
            lines.append((frame.f_code.co_name, frame.f_lineno))
        return trace

    call_traced(trace, function, *arguments)
    return lines
