"""Generators: each form of nonce is found from fresh states, and what is a little different, or honest, is not."""

from __future__ import annotations

import hashlib
import secrets
import sys

import pytest
from archives import with_nonce
from auditing import Audit, Record, logged_in
from generating import CLIENTS, SIGNERS, Rand48

from ecpure import SECP224K1, SECP256K1, Curve, PrivateKey, Signature
from ecpure.audit import conclusions, lattice
from ecpure.audit.generators import FORMS, LAYOUTS, Matrix, States, find, seeded
from ecpure.audit.report import as_html


def reduce(rows: Matrix) -> Matrix:
    """Reduce a lattice with python-flint."""
    return lattice.best()[1](rows)


@pytest.fixture
def flint(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let a test run only where python-flint is installed, and look for what takes it."""
    pytest.importorskip("flint")
    monkeypatch.setattr(conclusions, "_MOST_KEYS", 16)


# Client nonces


def test_every_form_is_met_in_these_tests() -> None:
    """None is left without a nonce that is drawn by its definition."""
    assert list(FORMS) == list(CLIENTS)


@pytest.mark.parametrize("form", FORMS)
def test_a_client_nonce_gives_its_state_away(form: str) -> None:
    """One is enough, whatever the state was; and what follows is drawn from the state that follows."""
    for _ in range(300):
        rng = Rand48()
        nonces = [CLIENTS[form](rng) for _ in range(2)]
        one, other = (seeded(nonce) for nonce in nonces)
        assert one is not None
        assert other is not None
        assert {one.form, other.form} <= {form, ALIKE.get(form)}
        if FORMS[form].generator.bits == 48:
            assert one.following == other.state
        else:
            assert one.following is None


ALIKE = {"java.util.Random.nextLong, big-endian": "java.util.Random.nextInt, or mrand48, big-endian"}
"""Forms that are the same where the second half of no long is negative."""


@pytest.mark.parametrize("form", FORMS)
def test_a_client_nonce_with_one_changed_octet_is_of_no_generator(form: str) -> None:
    """Whichever octet it is, and if it differs by one bit."""
    nonce = CLIENTS[form](Rand48())
    for place in range(16):
        changed = bytearray(nonce)
        changed[place] ^= 2 << secrets.randbelow(7)  # nextLong differs from nextInt by 1
        assert seeded(bytes(changed)) is None


def test_outputs_that_skip_a_state_are_of_no_generator() -> None:
    """Three successive ints and one that comes later make no nonce of a generator."""
    rng = Rand48()
    early = CLIENTS["java.util.Random.nextInt, or mrand48, big-endian"](rng)
    rng.next(32)
    assert seeded(early[:12] + rng.next(32).to_bytes(4, "big")) is None


@pytest.mark.parametrize("count", [10_000, pytest.param(100_000, marks=pytest.mark.long)])
def test_honest_client_nonces_are_of_no_generator(count: int) -> None:
    """Of so many, and of those that are counted up, none looks like one."""
    octets = secrets.token_bytes(16 * count)
    assert not any(seeded(octets[at : at + 16]) for at in range(0, len(octets), 16))
    assert not any(seeded(number.to_bytes(16, "big")) for number in range(1000))
    assert not any(seeded(bytes([octet]) * 16) for octet in range(256))


def test_the_starts_are_those_of_short_vectors() -> None:
    """What is not shown is less than half of a step between points: what one state shows, no other one does."""
    for form in FORMS.values():
        states = States(form.generator, form._starts)
        half = 1 << (form.generator.bits - form.shown - 1)
        assert all(2 * sum(map(abs, row)) * half < 1 << form.generator.bits for row in states._relations)


def logins(nonces: list[bytes]) -> list[Record]:
    """Return logins with these client nonces."""
    return [logged_in(number, int.from_bytes(nonce, "big")) for number, nonce in enumerate(nonces)]


def test_logins_of_a_generator_are_found_among_honest_ones(audit: Audit) -> None:
    """With the generator, the state of each, and how many of them continue another's stream; never a secret."""
    form = "java.util.Random.nextBytes, or mrand48, little-endian"
    rng, other = Rand48(), Rand48()
    bad = [*(CLIENTS[form](one) for one in (rng, rng, other))]
    nonces = [secrets.token_bytes(16), bad[0], secrets.token_bytes(16), bad[2], bad[1]]
    audited = audit(logins(nonces))
    assert audited.status == 1
    assert audited.found() == {"client-nonce-generator": [[2, 4, 5]]}
    (finding,) = audited.report["findings"]
    first, stream = finding["details"]
    states = finding["proof"]
    assert first == f"{form}: the top 32 bits of s, where s becomes 0x5deece66d·s + 11 mod 2^48"
    assert stream == "1 of 3 begin where another one ended: they are from one stream"
    found = [seeded(nonces[number]) for number in (1, 3, 4)]
    expected = [one.state for one in found if one]
    assert states == [f"line {line}: s = 0x{s:x}" for line, s in zip((2, 4, 5), expected, strict=True)]
    assert f"  {first}\n  {stream}\n  3 records: line 2, line 4, line 5\n" in audited.said
    page = b"".join(as_html(audited.report)).decode()
    assert "The proof:" in page
    assert "integers mod n" not in page


def test_logins_of_two_forms_are_two_findings(audit: Audit) -> None:
    """Each with the logins of its own; a single login continues nothing."""
    nonces = [
        CLIENTS[form](Rand48()) for form in ("lrand48, big-endian", "256·Math.random in Java, or in older Firefox")
    ]
    audited = audit(logins([*nonces, *(secrets.token_bytes(16) for _ in range(3))]))
    assert audited.found() == {"client-nonce-generator": [[1], [2]]}
    assert "every second s" in audited.said
    assert "stream" not in audited.said


# Nonces of signatures


def signed(curve: Curve, d: int, k: int, *, is_low_s: bool = False) -> tuple[int, int, int]:
    """Return r, s and e of a signature of a random message."""
    message = secrets.token_bytes(8)
    record = with_nonce(d, k % curve.n, message, curve=curve)
    signature = Signature.from_der(bytes.fromhex(record["signature"]))
    digest = hashlib.new(str(curve.hash), message).digest()
    signature = signature.low_s(curve=curve) if is_low_s else signature
    return signature.r, signature.s, int.from_bytes(digest, "big") % curve.n


def found(signatures: list[tuple[int, int, int]], curve: Curve) -> list[tuple[str, int]]:
    """Return the layouts that give a key, and the key."""
    tried = [(layout.name, find(layout, signatures, curve.n, reduce)) for layout in LAYOUTS]
    return [(name, d) for name, d in tried if d is not None]


@pytest.mark.usefixtures("flint")
@pytest.mark.parametrize("curve", [SECP224K1, pytest.param(SECP256K1, marks=pytest.mark.long)], ids=str)
@pytest.mark.parametrize("signer", SIGNERS)
def test_two_signatures_give_the_key_away(signer: str, curve: Curve) -> None:
    """Their nonces are of states that have nothing to do with each other."""
    d = 1 + secrets.randbelow(curve.n - 1)
    pairs = [[signed(curve, d, SIGNERS[signer](Rand48(), curve.n)) for _ in range(2)] for _ in range(4)]
    results = [found(pair, curve) for pair in pairs]
    assert sum([key for _, key in result] == [d] for result in results) >= 3


@pytest.mark.usefixtures("flint")
def test_signers_that_take_the_lower_s() -> None:
    """Nonces of either sign are found where no s is high."""
    d = 1 + secrets.randbelow(SECP224K1.n - 1)
    for _ in range(4):
        pair = [signed(SECP224K1, d, SIGNERS["Math.random"](Rand48(), SECP224K1.n), is_low_s=True) for _ in range(2)]
        assert found(pair, SECP224K1) == [(LAYOUTS[0].name, d)]


@pytest.mark.usefixtures("flint")
def test_what_gives_no_key_away() -> None:
    """Honest nonces; a single one of a generator beside an honest one; two of different keys."""
    n = SECP224K1.n
    d, other = (1 + secrets.randbelow(n - 1) for _ in range(2))
    good = [signed(SECP224K1, d, 1 + secrets.randbelow(n - 1)) for _ in range(3)]
    bad = [signed(SECP224K1, key, SIGNERS["Math.random"](Rand48(), n)) for key in (d, other)]
    assert found(good[:2], SECP224K1) == []
    assert found([bad[0], good[2]], SECP224K1) == []
    assert found(bad, SECP224K1) == []


@pytest.mark.usefixtures("flint")
def test_a_key_is_exposed_by_the_signatures_of_an_archive(audit: Audit) -> None:
    """Among honest keys it is found and proved; no secret is said, and another key follows from it."""
    d, other, honest = (1 + secrets.randbelow(SECP224K1.n - 1) for _ in range(3))
    k = [SIGNERS["Math.random"](Rand48(), SECP224K1.n) % SECP224K1.n for _ in range(4)]
    records = [with_nonce(d, nonce, b"%d" % number) for number, nonce in enumerate(k)]
    records += [with_nonce(other, k[0], b"a")]
    records += [with_nonce(honest, 1 + secrets.randbelow(SECP224K1.n - 1), b"%d" % number) for number in range(4)]
    audited = audit(records)
    lines = audited.found()
    (pair,) = lines["nonce-generator"]
    assert pair in ([1, 2], [2, 3], [3, 4])
    assert lines["key-follows"] == [[1, 5]]
    assert f"  {LAYOUTS[0].name}\n" in audited.said
    (finding,) = [one for one in audited.report["findings"] if one["kind"] == "nonce-generator"]
    assert finding["keys"] == [PrivateKey.from_int(d).public_key.to_bytes().hex()]
    assert finding["details"] == [LAYOUTS[0].name]
    numbers = dict(line.split(" = ") for line in finding["proof"] if " = 0x" in line)
    r, s, e = (int(numbers[name], 16) for name in ("r1", "s1", "e1"))
    keys = {(sign * s * k[pair[0] - 1] - e) * pow(r, -1, SECP224K1.n) % SECP224K1.n for sign in (1, -1)}
    assert d in keys
    page = b"".join(as_html(audited.report)).decode()
    for secret in (d, other, honest, *k):
        assert f"{secret:x}" not in audited.said + str(audited.report) + page
        assert str(secret) not in audited.said + str(audited.report) + page


@pytest.mark.usefixtures("flint")
def test_keys_that_are_not_tried(audit: Audit) -> None:
    """Those that are exposed already, and those whose signatures all have one nonce."""
    n = SECP224K1.n
    d, other = (1 + secrets.randbelow(n - 1) for _ in range(2))
    k = [SIGNERS["Math.random"](Rand48(), n) % n for _ in range(2)]
    exposed = [with_nonce(d, nonce, message) for nonce, message in ((k[0], b"a"), (k[0], b"b"), (k[1], b"c"))]
    copies = [with_nonce(other, k[0] + 1, b"a")] * 10
    lines = audit([*exposed, *copies]).found()
    assert lines["nonce-reused"] == [[1, 2]]
    assert "nonce-generator" not in lines


@pytest.mark.usefixtures("flint")
def test_copies_do_not_hide_a_generator(audit: Audit) -> None:
    """The first ten nonces are looked at, however often each is there."""
    d = 1 + secrets.randbelow(SECP224K1.n - 1)
    k = [SIGNERS["Math.random"](Rand48(), SECP224K1.n) % SECP224K1.n for _ in range(4)]
    records = [with_nonce(d, nonce, b"%d" % number) for number, nonce in enumerate(k)]
    (pair,) = audit([*records[:1] * 12, *records[1:]]).found()["nonce-generator"]
    assert pair in ([1, 13], [13, 14], [14, 15])


def test_without_a_program_that_reduces_lattices_no_key_is_looked_for(
    audit: Audit, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing is found then, and nothing breaks."""
    monkeypatch.setattr(conclusions, "_MOST_KEYS", 16)
    monkeypatch.setitem(sys.modules, "flint", None)
    d = 1 + secrets.randbelow(SECP224K1.n - 1)
    records = [with_nonce(d, SIGNERS["Math.random"](Rand48(), SECP224K1.n) % SECP224K1.n, b"%d" % n) for n in range(2)]
    assert set(audit(records).found()) <= {"high-s"}
