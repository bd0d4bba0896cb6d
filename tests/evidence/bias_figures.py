"""How many signatures with biased nonces give a key away, and how fast: `make bias` writes docs/audit-archives.md.

Fresh signatures each time, by both reductions in turns; the shortest time of a sample counts, and how many of them gave
the key away.
"""

from __future__ import annotations

import json
import random
import sys
import time
from pathlib import Path

import ledger
from ledger import Record, say

from ecpure import SECP224K1
from ecpure.audit import bias, lattice
from ecpure.audit.bias import Form

sys.path.append(str(Path(__file__).parents[1] / "support"))
from biased import Signer, Weak

PAGE = ledger.DOCS.parent / "audit-archives.md"
TRIALS, FEWER_TRIALS = 40, 10
_MOST_OF_OURS = 33
"""Signatures with which our reduction takes seconds, and is tried less often; with more it is not timed."""

FORMS: dict[Form, tuple[str, str, tuple[int, ...]]] = {
    bias.BEGINNING: ("begin alike", "a common beginning, zeros or not", (4, 8, 12, 17, 24, 33, 48, 60)),
    bias.END: ("end alike", "a common end, zeros or not", (8, 17, 33, 60)),
    bias.ZEROS_FIRST: ("zeros first", "zeros first, where the lower s is taken", (2, 8, 17, 33, 60)),
    bias.MULTIPLE: ("multiple", "k = c·x + t, with unknown c and t and a short x", (8, 17, 33, 60)),
}


def measured(form: Form, count: int, trials: int = TRIALS) -> Record:
    """Return how often a key fell, and the shortest time, by each reduction."""
    kind, _, _ = FORMS[form]
    n = SECP224K1.n
    bits = bias.bits(form, count, n)
    name, best = lattice.best()
    reductions = {name: best} if count > _MOST_OF_OURS else {"ecpure": lattice.reduce, name: best}
    fell, seconds = dict.fromkeys(reductions, 0), dict.fromkeys(reductions, float("inf"))
    for _ in range(trials):
        signer = Signer(Weak(kind, bits, form == bias.ZEROS_FIRST), random.Random())
        signed = signer.rows(count)
        for by, reduce in reductions.items():
            begin = time.process_time()
            fell[by] += signer.d in bias.candidates(form, signed, n, reduce)
            seconds[by] = min(seconds[by], time.process_time() - begin)
    return {"signatures": count, "bits": bits, "trials": trials, "fell": fell, "seconds": seconds}


def text(found: Record) -> str:
    """Return the record as a table."""
    rows = [["nonces have", "bits", "signatures", "without the extra", "with python-flint"]]
    for name, of_form in found["forms"].items():
        for one in of_form:
            cells = [
                f"{one['fell'][which]} of {one['trials']}, {one['seconds'][which]:.3f} s"
                if which in one["fell"]
                else "–"
                for which in ("ecpure", "python-flint")
            ]
            rows.append([name, str(one["bits"]), str(one["signatures"]), *cells])
    return f"{ledger.table(rows)}\nPython {found['python']}. Sources: `{found['sources'][:16]}`.\n"


def main() -> int:
    """Measure, and write the record and the table."""
    found: Record = {**ledger.environment("bias"), "forms": {}}
    for form, (_, words, counts) in FORMS.items():
        found["forms"][words] = []
        for count in counts:
            found["forms"][words].append(
                one := measured(form, count, FEWER_TRIALS if count == _MOST_OF_OURS else TRIALS)
            )
            say(f"{words}, {one['bits']} bits by {count} signatures: {one['fell']}, {one['seconds']}")
    ledger.DOCS.joinpath("bias.json").write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")
    PAGE.write_text(ledger.filled(PAGE.read_text(encoding="utf-8"), "bias", text(found)), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
