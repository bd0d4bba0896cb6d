"""Exposed keys: what gives one away, what does not, and that neither is shown."""

from __future__ import annotations

import hashlib
from typing import Any

import pytest
from archives import with_nonce
from auditing import KEYS, D, K, N, signed

from ecpure import SECP224K1, Curve, PublicKey, Signature
from ecpure.audit import exposure
from ecpure.audit.exposure import SMALL, Exposed, Signed, integers, known_nonces, r_of_each
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


def made_up(one: Signed, c: int, t: int) -> Signed:
    """Return a signature that has the nonce of another one: of c·A + t·G, as anyone can make it up for a key A."""
    r, s, e = integers(one)
    A = PublicKey.from_bytes(one.key).point
    key = PublicKey(c * A + t * SECP224K1.G).to_bytes()
    of_e, of_s = ((value % N).to_bytes(29, "big") for value in (c * e - r * t, c * s))
    return one._replace(key=key, e=of_e, s=of_s)


def of(d: int, k: int, message: bytes) -> Signed:
    """Return the row of a signature of the message under this key with this nonce."""
    record = with_nonce(d, k, message)
    signature = Signature.from_der(bytes.fromhex(record["signature"]))
    e = int.from_bytes(hashlib.sha224(message).digest(), "big")
    octets = [value.to_bytes(29, "big") for value in (signature.r, e, signature.s)]
    return Signed(octets[0], bytes.fromhex(record["public_key"]), octets[1], octets[2], 0, 1)


HIDING: dict[str, tuple[list[int], list[int]]] = {
    "nothing": ([], []),
    "one record": ([5], []),
    "one in each group": ([5], [6]),
    "a key in both groups": ([5], [5]),
    "many": ([*range(2, 40)], [*range(2, 40)]),
}


@pytest.mark.parametrize("order", [1, -1])
@pytest.mark.parametrize(("first", "second"), HIDING.values(), ids=HIDING)
def test_keys_with_two_nonces_in_common_are_not_hidden_by_others(
    first: list[int], second: list[int], order: int
) -> None:
    """Neither by a third key with one of these nonces, nor by keys that were made up to fit, wherever they come."""
    groups = [[of(d, k, b"%d %d" % (d, k)) for d in D[:2]] for k in K[:2]]
    for group, more in zip(groups, (first, second), strict=True):
        group += [made_up(group[0], c, c + 1) for c in more]
        group.sort(key=lambda signed: signed.key, reverse=order < 0)
    exposed = Exposed(SECP224K1)
    (proof,) = exposed.common(groups)
    assert len({signed.key for signed in proof}) == len({signed.r for signed in proof}) == 2
    assert all(signed.key in exposed for signed in proof)
    for _ in exposed.spread(groups):
        pass
    assert all(bytes.fromhex(key) in exposed for key in KEYS[:2])


def test_keys_that_were_made_up_of_one_expose_nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    """However many nonces they have in common; and how many pairs are compared is bounded by the signatures."""
    groups = [[of(D[0], k, b"%d" % k)] for k in K[:3]]
    for group in groups:
        group += [made_up(group[0], c, c + 1) for c in range(2, 22)]
    exposed = Exposed(SECP224K1)
    compared: list[object] = []
    by_common_nonces = Exposed.by_common_nonces

    def counting(*arguments: Any) -> bool:
        compared.append(arguments)
        return by_common_nonces(*arguments)

    monkeypatch.setattr(Exposed, "by_common_nonces", counting)
    assert [*exposed.common(groups)] == []
    assert len(compared) == 2 * 21 * 21
    assert not any(signed.key in exposed for group in groups for signed in group)
    monkeypatch.setattr(exposure, "PARTNERS", 5)
    compared.clear()
    assert [*exposed.common(groups)] == []
    assert len(compared) == 2 * 5 * 21


def test_what_is_exposed_is_not_shown() -> None:
    """Neither by the object that holds it, nor by what that holds."""
    exposed = Exposed(SECP224K1)
    e = int.from_bytes(hashlib.sha224(b"a").digest(), "big") % N
    assert exposed.by_nonce(signed(b"a", K[0], e), N - K[0])
    assert bytes.fromhex(KEYS[0]) in exposed
    shown = repr(exposed) + repr(vars(exposed))
    assert "redacted" in shown
    assert not any(text in shown for text in (f"{D[0]:x}", str(D[0]), f"{K[0]:x}", str(K[0])))
