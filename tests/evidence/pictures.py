"""The pictures of docs/: the package, a signature's way, the comb, times beside other programs, rates by keys, a sign.

`make pictures` draws them, from the code and from docs/evidence/speed.json and archives.json.
"""

from __future__ import annotations

from html import escape
from math import ceil, log
from pathlib import Path
from typing import Any

import ledger

from ecpure import SECP224K1
from ecpure.comb import Comb

PICTURES = ledger.DOCS.parent / "pictures"
INK, PAPER, SOFT, OURS, THEIRS = "#1f2933", "#ffffff", "#e4e7eb", "#0072b2", "#9aa5b1"

STEPS = [  # what is done, by which function, what comes of it
    ("message", "PrivateKey.sign", "hashes.digest", "digest, 28 octets"),
    ("digest", "verifying.digest_to_int", "leftmost 225 bits", "e"),
    ("d, digest", "rfc6979.nonces", "HMAC, half of all refused", "k in [1, n − 1]"),
    ("k", "BasePoint.multiply_secret", "U + (k − u)·G, u random", "R = k·G"),
    ("R", "signing.sign_with_nonce", "x_R mod n", "r"),
    ("k, e, r, d", "field.divide_blinded", "t·(e + r·d)·(t·k)⁻¹ mod n", "s"),
    ("R, r, s", "signing.sign_with_nonce", "R on the curve? s·k ≡ e + r·d?", "checked"),
    ("r, s", "Signature.to_der", "strict DER", "octets"),
]


def text(
    x: float, y: float, words: str, *, size: int = 13, anchor: str = "start", fill: str = INK, bold: bool = False
) -> str:
    weight = ' font-weight="bold"' if bold else ""
    style = f'font-size="{size}" text-anchor="{anchor}" fill="{fill}"{weight}'
    return f'<text x="{x:g}" y="{y:g}" {style}>{escape(words)}</text>'


def box(x: float, y: float, width: float, height: float, fill: str, stroke: str = "none") -> str:
    return f'<rect x="{x:g}" y="{y:g}" width="{width:g}" height="{height:g}" rx="4" fill="{fill}" stroke="{stroke}"/>'


def line(points: list[tuple[float, float]], stroke: str, width: int = 1) -> str:
    at = " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
    return f'<polyline points="{at}" fill="none" stroke="{stroke}" stroke-width="{width}"/>'


def dot(x: float, y: float, fill: str) -> str:
    return f'<circle cx="{x:.1f}" cy="{y:.1f}" r="4" fill="{fill}"/>'


def picture(width: int, height: int, title: str, parts: list[str]) -> str:
    """Return the SVG, on paper of its own, so that it reads on a dark page too."""
    head = (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" font-family="sans-serif" role="img">'
    )
    return "\n".join([head, f"<title>{escape(title)}</title>", box(0, 0, width, height, PAPER), *parts, "</svg>\n"])


CORE = [  # the files of the core, in the order in which they are read
    ("values", "values · errors · integers · hashes · rfc4648"),
    ("numbers and points", "field · primality · group · comb · masks · basepoint · endomorphism"),
    ("octets", "sec1 · der · rfc6979 · curve · signature · keyfile"),
    ("keys and signatures", "verifying · signing · publickey · privatekey · tables · bulk · auth"),
]
APPLICATIONS = ["io", "formats", "login", "archives", "audit", "explain", "vectors", "measure"]


def house() -> str:
    """Return the package: applications in folders, on top of the core's files."""
    parts = [box(20, 16, 700, 26, THEIRS), text(370, 34, "cli: a module for each command", anchor="middle")]
    width = 700 / len(APPLICATIONS)
    for place, name in enumerate(APPLICATIONS):
        parts += [box(20 + width * place, 50, width - 6 * (place < len(APPLICATIONS) - 1), 26, SOFT)]
        parts.append(text(20 + width * place + width / 2 - 3, 68, f"{name}/", anchor="middle"))
    parts.append(box(20, 84, 700, 28 + 22 * len(CORE), PAPER, OURS))
    parts.append(text(32, 103, "The core: what an auditor reads. It imports none of the above.", fill=OURS, bold=True))
    for row, (what, names) in enumerate(CORE):
        parts += [text(32, 126 + 22 * row, what, size=12), text(190, 126 + 22 * row, names, size=12, bold=True)]
    return picture(740, 128 + 22 * len(CORE), "The core, and the applications on top of it", parts)


def path() -> str:
    """Return the way of a signature: a row for each step."""
    parts = [text(20, 28, "The way of one signature", size=16, bold=True)]
    for row, (given, function, how, result) in enumerate(STEPS):
        y = 48 + 46 * row
        parts += [
            text(150, y + 21, given, anchor="end"),
            text(160, y + 21, "→"),
            box(182, y, 360, 34, SOFT),
            text(192, y + 15, function, size=12, bold=True),
            text(192, y + 29, how, size=12),
            text(552, y + 21, "→"),
            text(576, y + 21, result, fill=OURS, bold=True),
        ]
    return picture(740, 48 + 46 * len(STEPS) + 10, "The way of one signature through the modules", parts)


def comb() -> str:
    """Return the comb of width 5 for a small scalar: its digits, rows, and the entries that are read."""
    width, k = 5, 0x2A53C
    table = Comb(SECP224K1.G.coordinates, SECP224K1.field, SECP224K1.order, width)
    m = int(table._m(k))
    shown = 4
    parts = [
        text(20, 28, f"The comb, {width} bits a row: one entry of each row, whatever k is", size=16, bold=True),
        text(
            20,
            50,
            "Row i holds the odd multiples of 2^(5i)·G, from −31 to 31. k, or k + n, is a sum of odd digits.",
            size=12,
        ),
    ]
    for i in range(shown):
        index = m >> width * i & (1 << width) - 1
        y = 76 + 52 * i
        parts.append(text(20, y + 18, f"row {i}"))
        parts += [box(80 + 17 * at, y, 14, 26, OURS if at == index else SOFT) for at in range(1 << width)]
        parts.append(
            text(
                80 + 17 * index + 7,
                y + 40,
                f"{2 * index - (1 << width) + 1:+d}".replace("-", "−"),
                size=11,
                anchor="middle",
                fill=OURS,
            )
        )
        parts.append(text(640, y + 18, f"·2^{width * i}·G"))
    rows = len(table._rows)
    parts.append(
        text(20, 76 + 52 * shown + 14, f"… and so on: {rows} rows, {rows - 1} additions, no doubling.", size=12)
    )
    return picture(740, 76 + 52 * shown + 34, "The comb", parts)


def speed(report: dict[str, Any]) -> str:
    """Return the times of every operation beside other programs, a bar for each."""
    parts, y = [text(20, 28, "Microseconds for one operation", size=16, bold=True)], 46
    for result in report["backends"].values():
        y += 16
        parts.append(text(20, y, f"ecpure with {result['version']}", size=14, bold=True))
        y += 12
        own = result["times"]["ecpure"]
        others = {
            name.split()[0]: times
            for name, times in result["times"].items()
            if not name.startswith(("ecpure", "coincurve"))
        }
        for operation, mine in own.items():
            beside = operation.partition(",")[0].replace("_many", "")
            bars = [("ecpure", mine), *((name, times[beside]) for name, times in others.items())]
            parts.append(text(20, y + 14, operation, size=12))
            for name, taken in bars:
                long = min(taken, 700.0) / 700 * 380
                parts.append(box(180, y + 4, long, 11, OURS if name == "ecpure" else THEIRS))
                more = " …" if taken > 700 else ""
                parts.append(text(186 + long, y + 14, f"{taken:.0f}{more} {name}", size=10))
                y += 14
            y += 6
    return picture(740, y + 10, "Times of ecpure beside other programs", parts)


def archives(found: dict[str, Any]) -> str:
    """Return how many records a second are verified, by the number of keys, a line for each backend."""
    records: int = min(run["records"] for run in found["runs"])
    runs = [run for run in found["runs"] if run["records"] == records and run["jobs"] is None]
    rates = [[records / float(run[backend]["seconds"]) for run in runs] for backend in ledger.BACKENDS]
    fastest = max(map(max, rates))
    step: int = next(
        step for power in range(12) for step in (10**power, 2 * 10**power, 5 * 10**power) if fastest <= 8 * step
    )
    highest = ceil(fastest / step) * step
    left, right, top, bottom = 80, 700, 56, 316

    def across(keys: int | None) -> float:
        return left + (right - left) * log(keys or records, records)

    def up(rate: float) -> float:
        return bottom - (bottom - top) * rate / highest

    parts = [text(20, 28, f"Records a second, {records:,} records, by the number of keys", size=16, bold=True)]
    for rate in range(0, highest + 1, step):
        parts.append(line([(left, up(rate)), (right, up(rate))], SOFT))
        parts.append(text(left - 8, up(rate) + 4, f"{rate:,}", size=11, anchor="end"))
    for keys in (10**power for power in range(len(str(records)))):
        words = "a key each" if keys == records else f"{keys:,}"
        parts.append(text(across(keys), bottom + 18, words, size=11, anchor="middle"))
    for backend, of_backend, fill in zip(ledger.BACKENDS, rates, (THEIRS, OURS), strict=True):
        at = [(across(run["keys"]), up(rate)) for run, rate in zip(runs, of_backend, strict=True)]
        parts += [line(at, fill, 2), *(dot(x, y, fill) for x, y in at)]
        parts.append(text(left + 12, at[0][1] - 10, backend, size=12, bold=True, fill=fill))
    parts.append(text((left + right) / 2, bottom + 40, "keys", size=12, anchor="middle"))
    return picture(740, bottom + 54, "Records a second by the number of keys", parts)


def icon() -> str:
    """Return the sign of the site: y² = x³ + 5 over the real numbers."""
    least, most, steps = -(5 ** (1 / 3)), 2.1, 24
    half = [(x, max(x**3 + 5, 0) ** 0.5) for x in (least + (most - least) * (i / steps) ** 2 for i in range(steps + 1))]
    curve = [(x, y) for x, y in reversed(half)] + [(x, -y) for x, y in half[1:]]
    points = " ".join(f"{14 + 6 * x:.1f},{16 - 3.2 * y:.1f}" for x, y in curve)
    line = f'<polyline points="{points}" fill="none" stroke="{PAPER}" stroke-width="3" stroke-linecap="round"/>'
    return (
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32">\n'
        f"<title>ecpure</title>\n{box(0, 0, 32, 32, OURS)}\n{line}\n</svg>\n"
    )


def drawn() -> dict[str, str]:
    """Return every picture by the name of its file."""
    found = {"house.svg": house(), "path.svg": path(), "comb.svg": comb(), "icon.svg": icon()}
    if (report := ledger.load("speed")) is not None:
        found["speed.svg"] = speed(report)
    if (report := ledger.load("archives")) is not None:
        found["archives.svg"] = archives(report)
    return found


def main(folder: Path = PICTURES) -> None:
    """Write the pictures."""
    for name, content in drawn().items():
        (folder / name).write_text(content, encoding="utf-8")


if __name__ == "__main__":
    main()
