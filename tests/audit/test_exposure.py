"""Exposed keys: what gives one away, what does not, and that neither is shown."""

from __future__ import annotations

import hashlib

import pytest
from auditing import KEYS, D, K, N, signed

from ecpure import SECP224K1, Curve
from ecpure.audit.exposure import SMALL, Exposed, known_nonces, r_of_each
from ecpure.group import sum_columns


def test_nonces_that_the_comb_cannot_sum_in_lockstep() -> None:
    """Where the last step of a sum meets equal points, all are computed one by one, and are as right."""
    c = N - (1 << 224)
    parameters = {name: getattr(SECP224K1, name) for name in ("name", "p", "b", "n", "gx", "gy")}
    for uses, k in ((0, N - 4 * c), (300, N - 2 * c)):  # on a comb of few uses, and on one of many
        curve = Curve(**parameters)
        curve.base.for_uses(uses)
        with pytest.raises(ZeroDivisionError):
            sum_columns(curve.base.for_uses(1).rows([k]), curve.field)
        assert r_of_each(curve, [5, k]) == [(k * SECP224K1.G).x.to_bytes(29, "big") for k in (5, k)]


def test_known_nonces_are_what_they_are_said_to_be() -> None:
    """Some of the table, and its size."""
    table = known_nonces(SECP224K1)
    assert len(table) == SMALL + 1
    for k in (1, 2, 3, 1000, SMALL):
        assert table[(k * SECP224K1.G).x.to_bytes(29, "big")] == ("nonce-small", k)


def test_what_is_not_exposed_is_not() -> None:
    """Wrong guesses prove nothing, those of 0 and those that cannot be computed among them; and nothing is shown."""
    exposed = Exposed(SECP224K1)
    row = signed(b"a", K[0], 0)
    assert not exposed.by_nonce(row, K[1])
    assert not exposed.by_nonce(row, 0)
    assert not exposed.by_own_key(row)
    assert not exposed.by_reuse(row, row)
    assert not exposed.by_common_nonces([(row, row)] * 2)
    assert row.key not in exposed
    assert list(exposed.spread([[row]])) == []


def test_what_is_exposed_is_not_shown() -> None:
    """Neither by the object that holds it, nor by what that holds."""
    exposed = Exposed(SECP224K1)
    e = int.from_bytes(hashlib.sha224(b"a").digest(), "big") % N
    assert exposed.by_nonce(signed(b"a", K[0], e), N - K[0])
    assert bytes.fromhex(KEYS[0]) in exposed
    shown = repr(exposed) + repr(vars(exposed))
    assert "redacted" in shown
    assert not any(text in shown for text in (f"{D[0]:x}", str(D[0]), f"{K[0]:x}", str(K[0])))
