"""Biased nonces in an archive: which keys fall, which signatures are looked at together, and at what cost."""

from __future__ import annotations

import gc
import random
import sys
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from archives import written
from auditing import Audit, Auditor
from biased import Signer, Weak

from ecpure import SECP224K1, SECP256K1, PrivateKey
from ecpure.audit import bias, samples
from ecpure.audit.collect import Seen
from ecpure.audit.exposure import Exposed, Signed
from ecpure.audit.rows import Rows
from ecpure.audit.samples import FEW, ROUNDS, SIZES, Examined, Sample, Samples
from ecpure.cli import main

N = SECP224K1.n
EVEN = Weak("even", 0)


@pytest.fixture
def enough(monkeypatch: pytest.MonkeyPatch) -> None:
    """Spend enough for each key of these tests."""
    monkeypatch.setattr(samples, "SECONDS", {"ecpure": 11.5, "python-flint": 0.6})


def kept(rows: list[Signed]) -> Rows:
    found = Rows(None, {})
    found.add(Seen(Counter(valid=len(rows)), rows, [], [], [], 0), "")
    return found


def sampled(rows: list[Signed]) -> tuple[list[Sample], Examined]:
    """Return the samples of an archive, and what is said to have been examined."""
    of_archive = Samples(kept(rows), N, Exposed(SECP224K1), len(rows))
    return [*of_archive], of_archive.examined


WEAK = [
    (Weak("zeros first", 42), 7),
    (Weak("zeros first", 42, True), 8),
    (Weak("zeros first", 120), 2),
    (Weak("begin alike", 24), 12),
    (Weak("end alike", 24), 12),
    (Weak("zeros last", 24, True), 12),
    (Weak("multiple", 45), 12),
]


@pytest.mark.usefixtures("enough")
@pytest.mark.parametrize("curve", ["secp224k1", pytest.param("secp256k1", marks=pytest.mark.long)])
@pytest.mark.parametrize(("weak", "count"), WEAK)
def test_a_key_with_biased_nonces_falls(
    weak: Weak, count: int, curve: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Among honest keys, for which nothing is found; and no secret is said, or kept in the file of the audit."""
    rng = random.Random()
    of = {"secp224k1": SECP224K1, "secp256k1": SECP256K1}[curve]
    more = of.n.bit_length() - N.bit_length()  # what the longer order takes
    signer = Signer(weak._replace(bits=weak.bits + more), rng, of)
    honest = [Signer(EVEN, rng, of) for _ in range(2)]
    records = [record for one in (signer, *honest) for record in one.records(count)]
    rng.shuffle(records)
    auditor, store = Auditor(tmp_path / "records.jsonl", capsys), tmp_path / "store"
    audited = auditor(records, "--curve", curve, "--store", str(store))
    assert audited.status == 1
    (finding,) = [one for one in audited.report["findings"] if one["kind"] == "nonce-biased"]
    assert finding["keys"] == [signer.public_key.hex()]
    assert {record["id"].split()[0] for record in finding["records"]} == {weak.kind.split()[0]}
    assert finding["count"] == len(finding["records"]) <= count
    assert finding["details"][0] in bias.WORDS.values()
    assert finding["proof"][-1] == f"d·G = {signer.public_key.hex()}"
    written = store.read_bytes() + audited.said.encode() + repr(audited.report).encode()
    for secret in (signer.d, *signer.nonces):
        for text in (f"{secret:x}".encode(), str(secret).encode(), secret.to_bytes(32, "big").lstrip(b"\0")):
            assert text not in written


@pytest.mark.usefixtures("enough")
@pytest.mark.parametrize("honest", [1, 2])
def test_a_few_honest_signatures_do_not_hide_it(honest: int, audit: Audit) -> None:
    """One in ten among those of twelve in a row is passed by."""
    rng = random.Random()
    signer = Signer(Weak("zeros first", 60), rng)
    even = Signer(EVEN, rng)
    even.key, even.d, even.public_key = signer.key, signer.d, signer.public_key
    records = signer.records(20 - honest) + even.records(honest)
    rng.shuffle(records)
    assert "nonce-biased" in audit(records).found()


@pytest.mark.parametrize("place", [0, 700, 1400])
def test_neighbours_among_thousands(place: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """The oldest, the newest, or some between: a key with many signatures is looked at in several places."""
    monkeypatch.setattr(samples, "SECONDS", {"ecpure": 10.0, "python-flint": 10.0})
    signer = Signer(EVEN, random.Random())
    rows = [signed_by_nobody(signer.public_key, line) for line in range(1500)]
    weak = range(place, place + 100 if place < 1400 else 1500)
    assert any({one.line for one in sample.signed} <= {*weak} for sample in sampled(rows)[0])


@pytest.mark.parametrize("copies", [1, 3])
def test_copies_do_not_hide_it(copies: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whether few r or many are different, and wherever the copies are: every sample is as large as without them."""
    monkeypatch.setattr(samples, "SECONDS", {"ecpure": 10.0, "python-flint": 10.0})
    rows = [signed_by_nobody(nobody(0), line) for line in range(600 * copies)]
    for count in (FEW - 20, len(rows)):
        honest, without = sampled(rows[:count])
        for place in (0, count // 2, count):
            found, examined = sampled([*rows[:place], *[rows[0]] * 960 * copies, *rows[place:count]])
            assert examined.down_to == without.down_to
            assert {len(sample.signed) for sample in found} == {len(sample.signed) for sample in honest}
            assert all(len({one.r for one in sample.signed}) == len(sample.signed) for sample in found)


@pytest.mark.usefixtures("enough")
def test_a_key_with_biased_nonces_and_many_copies_falls(audit: Audit) -> None:
    """One signature that is there ninety-six times more is one of the signatures."""
    signer = Signer(Weak("zeros first", 60), random.Random())
    records = signer.records(20)
    assert "nonce-biased" in audit([*records, *records[-1:] * FEW]).found()


def signed_by_nobody(key: bytes, line: int) -> Signed:
    """Return a row that no arithmetic was done for: to see what is chosen."""
    rng = random.Random(line)
    r, e, s = (rng.randrange(1, N).to_bytes(29, "big") for _ in range(3))
    return Signed(r, key, e, s, 0, line)


def nobody(number: int) -> bytes:
    return PrivateKey.from_int(number + 1).public_key.to_bytes()


def test_the_newest_come_first(monkeypatch: pytest.MonkeyPatch) -> None:
    """Of every size; and a sample has different r only."""
    monkeypatch.setattr(samples, "SECONDS", {"ecpure": 0.5, "python-flint": 0.5})
    rows = [signed_by_nobody(nobody(0), line) for line in range(30)]
    found, examined = sampled([*rows, *rows])
    assert {one.line for one in found[0].signed} == {28, 29}
    assert all(len({one.r for one in sample.signed}) == len(sample.signed) for sample in found)
    assert {len(sample.signed) for sample in found} <= {*SIZES[examined.reduction], 30}
    assert examined.samples == len(found)
    ((key, (count, fewest)),) = examined.of_each.items()
    assert (key, count) == (nobody(0), 60)
    assert min(fewest.values()) < 50


def test_what_is_spent_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    """By the archive, not by its keys: each has its share, and those that were left out are counted."""
    monkeypatch.setattr(samples, "SECONDS", {"ecpure": 0.05, "python-flint": 0.05})
    rows = [signed_by_nobody(nobody(key), 40 * key + line) for key in range(40) for line in range(1 + (key > 9))]
    found, examined = sampled(rows)
    assert examined.single == 10
    assert examined.keys == 30
    assert 0 < examined.down_to[0] < 30
    assert 30 - examined.down_to[0] == len({sample.key for sample in found})
    assert sum(samples._cost(examined.reduction, sample.form, len(sample.signed)) for sample in found) <= 0.05
    monkeypatch.setattr(samples, "SECONDS_PER_RECORD", 0.02)
    assert sampled(rows)[1].down_to[0] == 0


@pytest.mark.usefixtures("enough")
def test_an_exposed_key_is_looked_at_no_more() -> None:
    """What was found once need not be found again."""
    signer = Signer(Weak("zeros first", 100), random.Random())
    exposed = Exposed(SECP224K1)
    of_archive = Samples(kept(signer.rows(20)), N, exposed, 20)
    found = []
    for sample in of_archive:
        found.append(sample)
        if len(found) == 2:
            assert exposed.by_private_key(signer.public_key, signer.d)
    assert len(found) == 2
    assert [*Samples(kept(signer.rows(20)), N, exposed, 20)] == []


def test_a_sample_of_all_is_looked_at_in_a_few_orders(monkeypatch: pytest.MonkeyPatch) -> None:
    """However much may be spent: the same signatures tell no more for ever."""
    monkeypatch.setattr(samples, "SECONDS", {"ecpure": 1e9, "python-flint": 1e9})
    rows = [signed_by_nobody(nobody(0), line) for line in range(3)]
    found, _ = sampled(rows)
    assert 3 < len([sample for sample in found if len(sample.signed) == 3]) <= 8 * 6
    assert len(found) <= ROUNDS * 2 * 6


def test_many_signatures_are_not_all_read(monkeypatch: pytest.MonkeyPatch) -> None:
    """Of more than a few hundred, runs of neighbours are, and some alone."""
    monkeypatch.setattr(samples, "SECONDS", {"ecpure": 0.3, "python-flint": 0.3})
    read: list[int] = []
    of_key = Rows.of_key

    def counting(rows: Rows, *arguments: Any, **named: Any) -> list[Signed]:
        read.append(len(found := of_key(rows, *arguments, **named)))
        return found

    monkeypatch.setattr(Rows, "of_key", counting)
    sampled([signed_by_nobody(nobody(0), line) for line in range(5000)])
    assert FEW < sum(read) < 2000


def test_our_own_reduction_takes_smaller_samples(monkeypatch: pytest.MonkeyPatch) -> None:
    """What takes it many seconds, it is used for only where nothing smaller does."""
    monkeypatch.setitem(sys.modules, "flint", None)
    monkeypatch.setattr(samples, "SECONDS", {"ecpure": 11.5})
    found, examined = sampled([signed_by_nobody(nobody(0), line) for line in range(60)])
    assert examined.reduction == "ecpure"
    assert {len(sample.signed) for sample in found} == {*SIZES["ecpure"]}
    assert {sample.form for sample in found if len(sample.signed) == 33} == {bias.MULTIPLE}
    assert sum(samples._cost("ecpure", sample.form, len(sample.signed)) for sample in found) <= 11.5


def test_what_was_examined_is_told_of_some_keys_one_by_one(monkeypatch: pytest.MonkeyPatch) -> None:
    """Of all, it is counted."""
    monkeypatch.setattr(samples, "_LISTED", 2)
    monkeypatch.setattr(samples, "SECONDS", {"ecpure": 9.0, "python-flint": 9.0})
    rows = [signed_by_nobody(nobody(key), 40 * key + line) for key in range(4) for line in range(3)]
    _, examined = sampled(rows)
    assert (examined.keys, len(examined.of_each)) == (4, 2)


@pytest.mark.usefixtures("enough")
def test_an_interrupt_while_samples_are_looked_at(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """It is one sentence: what is left of the samples asks nothing of a file that is closed."""

    def interrupted(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(samples.Finder, "__call__", interrupted)
    path = tmp_path / "records.jsonl"
    path.write_bytes(written([record for _ in range(3) for record in Signer(EVEN, random.Random()).records(4)]))
    assert main(["audit", str(path), "--jobs", "1"]) == 2
    gc.collect()
    assert capsys.readouterr() == ("", "ecpure: interrupted\n")
