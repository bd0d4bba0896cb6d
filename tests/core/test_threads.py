"""Threads share keys, curves and tables: everything at once, from the first use on.

Without a global lock this tests what docs/second-read.md says of each thing that is shared.
"""

from __future__ import annotations

import sys
import sysconfig
import threading
from collections.abc import Iterator

import pytest

from ecpure import SECP224K1, Curve, PrivateKey, bulk, masks

THREADS = 8
MESSAGES = [b"%d" % i for i in range(12)]


@pytest.fixture
def impatient() -> Iterator[None]:
    """Let the interpreter change threads as often as it can."""
    interval = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    yield
    sys.setswitchinterval(interval)


@pytest.mark.usefixtures("impatient")
def test_everything_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Threads that start together on a curve without tables sign, compute public keys and verify as one alone does, and
    each secret multiple has a mask of its own, though one of them drops masks and table now and then.
    """
    used: list[int] = []
    subtracted_from = masks.Mask.subtracted_from

    def noting(mask: masks.Mask, k: int, n: int) -> int:
        used.append(mask.U[2])
        return subtracted_from(mask, k, n)

    c = SECP224K1
    curve = Curve(name="fresh", p=c.p, b=c.b, n=c.n, gx=c.gx, gy=c.gy, hash="sha224")
    keys = [PrivateKey.from_int(d, curve=curve) for d in (5, 6)]
    known = [PrivateKey.from_int(d) for d in (5, 6)]
    expected = [[(s.r, s.s) for s in map(key.sign, MESSAGES)] for key in known]
    publics = [key.public_key.to_bytes() for key in known]
    monkeypatch.setattr(masks.Mask, "subtracted_from", noting)
    together = threading.Barrier(THREADS)
    wrong: list[object] = []

    def work(number: int) -> None:
        together.wait()
        key, rights = keys[number % 2], expected[number % 2]
        signatures = []
        for i, message in enumerate(MESSAGES):
            signatures.append(key.sign(message))
            if number == 0 and i % 5 == 0:
                curve.base.renew()
        wrong.extend(i for i, s in enumerate(signatures) if (s.r, s.s) != rights[i])
        Q = key.public_key
        items = [(Q, signature, message) for signature, message in zip(signatures, MESSAGES, strict=True)]
        verdicts = [*bulk.verify_many([*items, (Q, signatures[0], MESSAGES[1])])]
        if (Q.to_bytes(), verdicts) != (publics[number % 2], [True] * len(MESSAGES) + [False]):
            wrong.append(number)

    threads = [threading.Thread(target=work, args=(number,)) for number in range(THREADS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []
    assert len(used) >= THREADS * len(MESSAGES) + len(keys)
    assert len(set(used)) == len(used)


def test_the_interpreter_is_what_it_says() -> None:
    """On a free-threaded one, importing the package does not bring the global lock back."""
    if not sysconfig.get_config_var("Py_GIL_DISABLED"):
        pytest.skip("this interpreter has a global lock")
    assert not vars(sys)["_is_gil_enabled"]()
