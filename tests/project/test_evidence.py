"""The programs that gather evidence, at small counts: they run, and they report what is broken on purpose."""

from __future__ import annotations

import hashlib
import io
import json
import shutil
import time
import tokenize
from collections.abc import Callable
from functools import cache
from pathlib import Path
from random import Random
from typing import Any

import differential
import fuzz
import injected_faults
import ledger
import mutationpage
import outdated
import pytest
import timing
from injected_faults import FAULTS, TABLE_BUILT, TABLE_READ
from mutationplan import QUICK
from mutators import EDGES, SHAPES, mutate
from targets import KEY, SIGNATURE, Target

from ecpure import InvalidEncoding, PrivateKey, PublicKey, Signature, backend, signing
from ecpure.measure import leak

TARGETS = fuzz.targets()
FROM_DER = TARGETS[0]
SHORT = ("Signature.from_der", "keyfile: PEM of any kind")
"""Targets that are fuzzed a little by every run of the tests."""


# Fuzzing


@pytest.mark.parametrize(
    "target",
    [
        pytest.param(target, id=target.name, marks=() if target.name in SHORT else pytest.mark.long)
        for target in TARGETS
    ],
)
def test_a_little_fuzzing_of_each_target_finds_nothing(
    target: Target, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Every seed and some mutations: nothing undocumented, and at least one seed is accepted."""
    monkeypatch.chdir(tmp_path)  # the command's target goes to a folder of its own
    monkeypatch.setattr(fuzz, "BOUND", 60.0)
    harness = fuzz.Harness(target)
    fuzz.run_plain(harness, len(target.seeds) + 120, seed=1)
    assert harness.findings == {}
    assert harness.inputs == len(target.seeds) + 120
    assert 0 < harness.accepted < harness.inputs


def _lenient(data: bytes) -> Signature:
    """Read DER that anything may follow."""
    return Signature.from_der(data[: data[1] + 2] if len(data) > 1 else data)


def _crashing(data: bytes) -> Signature:
    if data[:1] != b"\x30":
        raise KeyError("tag")
    return Signature.from_der(data)


def _echoing(data: bytes) -> Signature:
    try:
        return Signature.from_der(data)
    except InvalidEncoding:
        raise InvalidEncoding(f"signature: not {data.hex()}") from None


def _betraying(data: bytes) -> Signature:
    try:
        return Signature.from_der(data)
    except InvalidEncoding:
        raise InvalidEncoding("signature: no") from ValueError(data)


def _changing(data: bytes) -> Signature:
    pair = Signature.from_der(data)
    return Signature(pair.r, pair.s + 1)


@pytest.mark.parametrize(
    ("broken", "finding"),
    [
        (_lenient, "value: what was accepted is not its encoding"),
        (_changing, "value: what was accepted is not its encoding"),
        (_crashing, "exception: KeyError at test_evidence._crashing"),
        (_echoing, "echo: InvalidEncoding of InvalidEncoding"),
        (_betraying, "echo: ValueError of InvalidEncoding"),
    ],
)
def test_fuzzing_finds_a_broken_decoder(broken: Callable[[bytes], Signature], finding: str) -> None:
    """A decoder that ignores octets, changes the value, crashes, or shows its input, is a finding."""
    harness = fuzz.Harness(FROM_DER._replace(call=broken))
    fuzz.run_plain(harness, 120, seed=1)
    assert any(found.startswith(finding) for found in harness.findings), harness.findings


def test_fuzzing_finds_a_slow_decoder(monkeypatch: pytest.MonkeyPatch) -> None:
    """An input that takes more processor time than the bound, three times, is a finding."""

    def slow(data: bytes) -> Signature:
        start = time.process_time()
        while time.process_time() < start + 0.05:
            pass
        return Signature.from_der(data)

    monkeypatch.setattr(fuzz, "BOUND", 0.01)
    harness = fuzz.Harness(FROM_DER._replace(call=slow))
    harness.put(FROM_DER.seeds[0])
    assert list(harness.findings) == ["time: more than 0.01 s of processor time"]


def test_fuzzing_finds_what_fails_while_it_is_judged() -> None:
    """A value that cannot be encoded again is a finding, not the end of the run."""

    def fails(_: Any, __: bytes) -> bool:
        raise ValueError

    harness = fuzz.Harness(FROM_DER._replace(holds=fails))
    harness.put(FROM_DER.seeds[0])
    assert len(harness.findings) == 1
    assert next(iter(harness.findings)).startswith("value: ValueError at test_evidence.")


def test_a_window_of_the_input_is_an_echo_in_any_form() -> None:
    """As it is, in hex, in base64; but not what the package's own words have."""
    data = b"\x01\x02secret words\x03"
    for text in ("no secret words", data.hex(), "AQJzZWNyZXQgd29yZHMD"):
        assert fuzz.echoes(text, data, "")
    assert not fuzz.echoes("signature: no", data, "")
    assert not fuzz.echoes("a secret words", data, "a secret words")


@pytest.mark.parametrize(
    ("refusal", "count"),
    [
        ("key: this is a key on another curve (1.3.132.109.0), not on secp224k1", 0),
        ("key: this is a key on another curve (1.3.132.109.0): 1.3.132.109.0", 1),
        ("key: this is a key on another curve (1.3.132.109), not on secp224k1", 1),
        ("key: another curve: 1.3.132.109.0", 1),
        ("vectors: case 13213210: hex was expected", 0),
        ("vectors: case 1: 13213210", 1),
    ],
)
def test_what_a_refusal_names_on_purpose_is_no_echo(refusal: str, count: int) -> None:
    """The number of a case, and the OID of a curve that the input has in DER, at their places only."""

    def refuse(_: bytes) -> Any:
        raise InvalidEncoding(refusal)

    harness = fuzz.Harness(FROM_DER._replace(call=refuse))
    harness.put(b"\x06\x05\x2b\x81\x04\x6d\x00 1.3.132.109.0 13213210")
    assert len(harness.findings) == count


@pytest.mark.parametrize("shape", SHAPES)
def test_mutations_differ_and_repeat(shape: str) -> None:
    """From one seed the same inputs come again; most are different from each other, none is too long."""
    seed = next(target for target in TARGETS if target.shape == shape).seeds[0]
    made = [[mutate(seed, shape, 300, random) for _ in range(200)] for random in (Random(3), Random(3))]
    assert made[0] == made[1]
    assert len(set(made[0])) > 60
    assert max(map(len, made[0])) <= 300
    assert EDGES[0] == 0


def test_a_campaign_goes_on_and_is_recorded(tmp_path: Path) -> None:
    """A child puts the inputs and writes the tally; a second call has nothing left to do; both are in the record."""
    campaign = fuzz.Campaign(400 / FROM_DER.inputs, tmp_path)
    for _ in range(2):
        campaign.go_on(FROM_DER, backend())
    assert campaign.part(FROM_DER, backend())["inputs"] == 200
    found = campaign.record()
    row = found["targets"][0]
    assert (row["target"], row["inputs"], row["findings"]) == (FROM_DER.name, 200, {})
    assert found["inputs"] == row["accepted"] + row["refused"] == 200
    assert "| `Signature.from_der` | 200 |" in fuzz.text(found)


def test_the_plain_engine_runs_in_a_child(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without atheris, the same inputs are counted."""
    monkeypatch.setattr(fuzz, "find_spec", lambda _: None)
    note = tmp_path / "note"
    fuzz.run_child(FROM_DER.name, 150, note, seed=5)
    tally = json.loads(note.read_text())
    assert tally["inputs"] == 150
    assert tally["accepted"] >= len(FROM_DER.seeds)


# Comparing


def compared(ours: Any = None, programs: list[Any] | None = None, count: int = 25) -> differential.Comparison:
    """Return a comparison of so many triples."""
    comparison = differential.Comparison(differential.peers() if programs is None else programs, ours)
    differential.chunk(comparison, 0, count)
    return comparison


def test_the_programs_agree_on_a_few_triples() -> None:
    """All the programs are here, and none differs."""
    comparison = compared()
    assert comparison.differences == {}
    assert len(differential.peers()) == 4
    assert comparison.counts["triples"] == 25
    assert {count for name, count in comparison.counts.items() if name.startswith("verdicts of")} == {50}


class _Broken(differential.Ecpure):
    """A program that is wrong in one way."""

    name = "broken"


class _CutsDigests(_Broken):
    def verify(self, item: differential.Altered) -> bool:
        return super().verify(item._replace(digest=item.digest[:28]))


class _AcceptsAll(_Broken):
    def verify(self, _: differential.Altered) -> bool:
        return True


class _Crashes(_Broken):
    def verify(self, item: differential.Altered) -> bool:
        if len(item.digest) > 28:
            raise OverflowError
        return super().verify(item)


class _SignsLow(_Broken):
    def sign(self, triple: differential.Triple) -> bytes:
        return Signature.from_p1363(super().sign(triple)).low_s().to_p1363()


@pytest.mark.parametrize(
    ("program", "kind"),
    [
        (_CutsDigests, "broken says False where ecpure says True"),
        (_AcceptsAll, "broken says True where ecpure says False"),
        (_Crashes, "broken raises OverflowError"),
        (_SignsLow, "broken signs otherwise"),
    ],
)
def test_a_broken_program_is_reported(program: type[_Broken], kind: str) -> None:
    """One that cuts digests to 224 bits, accepts everything, crashes, or signs otherwise, differs."""
    comparison = compared(programs=[program()])
    assert any(found.startswith(kind) for found in comparison.differences), comparison.differences
    assert comparison.shown[0]["what"].startswith("broken")


def test_a_mistake_of_our_own_is_reported() -> None:
    """If ecpure itself gave wrong verdicts, that would be reported without any other program."""
    assert any("altered copy" in found for found in compared(ours=_AcceptsAll(), programs=[]).differences)
    assert any("its own" in found for found in compared(ours=_CutsDigests(), programs=[]).differences)


def test_a_comparison_is_recorded() -> None:
    """Two processes, one for each backend, share the chunks; the table says who compared what."""
    found = differential.run(differential.CHUNK // 20)
    assert (found["triples"], found["differences"]) == (25, 0)
    text = differential.text(found)
    assert "25 triples (25 on python); differences: 0." in text
    assert text.count("| 25 | 50 | 0 |") == 3


def test_altered_copies_differ_by_one_bit() -> None:
    """In r, s, the digest, x or y."""
    right = differential.Altered("nothing", KEY.public_key.to_bytes(), SIGNATURE.to_p1363(), bytes(28))
    random = Random(1)
    whats = set()
    for _ in range(60):
        wrong = differential.altered(right, random)
        whats.add(wrong.what)
        key = right.key if len(wrong.key) == 29 else PublicKey.from_bytes(right.key).to_bytes(compressed=False)
        pairs = ((key, wrong.key), (right.pair, wrong.pair), (right.digest, wrong.digest))
        flipped = [int.from_bytes(a, "big") ^ int.from_bytes(b, "big") for a, b in pairs]
        assert sum(number.bit_count() for number in flipped) == 1
    assert len(whats) == 5


# Faults


INJECTED = 12


@cache
def injected(name: str) -> ledger.Record:
    """Inject the fault some times under each configuration of checks."""
    signer = injected_faults.Signer()
    special = {TABLE_BUILT: signer.built, TABLE_READ: signer.read}
    if name in special:
        return special[name](INJECTED)
    return signer.fault(next(fault for fault in FAULTS if fault.name == name), INJECTED)


def outcomes(name: str, configuration: str) -> dict[str, int]:
    """Return what came of some injections of the fault."""
    found: dict[str, int] = injected(name)[configuration]
    assert sum(found.values()) == INJECTED
    return found


def few(rows: list[Any]) -> list[Any]:
    """Return parameters (a fault's name, or a row that begins with one), all but a few marked as long."""
    names = [row if isinstance(row, str) else row[0] for row in rows]
    marks = [() if name in FEW else pytest.mark.long for name in names]
    return [
        pytest.param(*([row] if isinstance(row, str) else row), marks=mark)
        for row, mark in zip(rows, marks, strict=True)
    ]


FEW = ("x or y of R", "the mask −u", "s, before the checks", "d, before it is used")


@pytest.mark.parametrize("name", few([TABLE_BUILT, TABLE_READ, *[fault.name for fault in FAULTS]]))
def test_no_wrong_signature_gets_past_self_verify(name: str) -> None:
    """Whatever the fault, no invalid signature leaves with all checks."""
    assert "wrong" not in outcomes(name, "all")


@pytest.mark.parametrize(
    ("name", "check"),
    few(
        [
            (TABLE_READ, "curve"),
            ("x or y of R", "curve"),
            ("a coordinate during the sum", "curve"),
            ("a coordinate of the mask U", "curve"),
            ("a coordinate of a step V", "curve"),
            ("the mask −u", "mask"),
            ("a step −v", "mask"),
            ("k − u mod n", "mask"),
            ("k, between R and its inverse", "equation"),
            ("r, before it is used", "equation"),
            ("the inverse of t·k", "equation"),
            ("s, before the checks", "equation"),
        ]
    ),
)
def test_what_a_check_is_for_it_withholds_alone(name: str, check: str) -> None:
    """Each check by itself catches what it is there for; without any, wrong signatures leave."""
    assert "wrong" in outcomes(name, "none")
    assert outcomes(name, check) == {"withheld": 12}
    assert outcomes(name, "default") == {"withheld": 12}


@pytest.mark.long
def test_a_table_that_is_built_wrong_is_not_used() -> None:
    """The check of the table sees every flipped bit, whether the entry is read or not."""
    assert outcomes(TABLE_BUILT, "table") == {"withheld": 12}


@pytest.mark.parametrize(
    "name", few(["a digit of m", "d, before it is used", "e, before it is used", "r or s, after the checks"])
)
def test_what_no_check_sees_by_default_is_counted_as_leaving(name: str) -> None:
    """The program can fail to see a fault caught: these leave, and only self_verify withholds them."""
    assert outcomes(name, "default") == {"wrong": 12}
    assert outcomes(name, "self_verify") == {"withheld": 12}


@pytest.mark.long
def test_a_nonce_that_changed_in_time_gives_another_signature() -> None:
    """It is valid, so no check can see it."""
    assert outcomes("k, before it is used", "all") == {"another": 12}


def key_from(e: int, right: Signature, faulty: Signature, key: PublicKey) -> int | None:
    """Return d from two signatures of e, the second made with one bit flipped on the way, or None.

    s·k = e + r·d, and for the faulty one the same, but that k, d or e is other by ±2^j.
    """
    n = key.curve.n
    r, s, r_, s_ = right.r, right.s, faulty.r, faulty.s
    fractions = [(e * (r_ - r), s * r_ - s_ * r)]  # the same k, and another r
    for delta in (sign << place for place in range(242) for sign in (1, -1)):
        fractions += [
            (delta * r, s_ - s),
            (delta, s_ - s),
            (s_ * delta, s - s_),
        ]  # another d; e; k, only in the inverse
        fractions.append((e * (r_ - r) - r * s_ * delta, s * r_ - s_ * r))  # another k
    for above, below in fractions:
        if below % n:
            k = above * pow(below, -1, n) % n
            d = (s * k - e) * pow(r, -1, n) % n
            if d and PrivateKey.from_int(d).public_key == key:
                return d
    return None


LEAVING = ["a digit of m", "k, before it is used", "d, before it is used", "e, before it is used"]


@pytest.mark.parametrize("name", LEAVING)
def test_what_leaves_gives_the_key_away(name: str) -> None:
    """As docs/evidence says: the right signature and the faulty one of the same message are enough."""
    signer = injected_faults.Signer()
    key, message = PrivateKey.from_int(0xC0FFEE << 190, curve=signer.curve), b"message"
    right = key.sign(message)
    faulty = signer.leaving(next(fault for fault in FAULTS if fault.name == name), key, message)
    assert faulty is not None
    assert faulty != right
    e = int.from_bytes(hashlib.sha224(message).digest(), "big")
    assert key_from(e, right, faulty, KEY.public_key) == 0xC0FFEE << 190
    assert key_from(e, right, right, KEY.public_key) is None


def test_a_place_that_is_gone_is_an_error() -> None:
    """If the functions change, the faults do not silently go nowhere."""
    tree = injected_faults.parsed(signing.sign_with_nonce)
    with pytest.raises(LookupError, match="no statement gives y_S"):
        injected_faults.insert(tree, injected_faults.Place("y_S"), ("d",))
    injected_faults.keep_checks(tree, frozenset())
    with pytest.raises(LookupError, match="not of R and s·k any more"):
        injected_faults.keep_checks(tree, frozenset())


def test_costs_are_measured_and_the_table_is_written() -> None:
    """Both ways of signing are timed, and the rows of the backends add up."""
    cost = injected_faults.cost(1, 2)
    assert min(cost.values()) > 0
    row = injected_faults.Signer().fault(FAULTS[0], 3)
    part = {"faults": [row], "cost": cost}
    found = {**ledger.environment("faults"), "injections": 3, "backends": {"python": part, "gmpy2": part}}
    assert "| x or y of R | 6 |" in injected_faults.text(found)
    part["stored"] = [{"stored": "the mask", "injections": 3, "withheld": 3, "right": 2}]
    assert "| the mask | 6 | 6 | 4 |" in injected_faults.text(found)


def test_a_fault_in_what_is_stored_is_withheld_once() -> None:
    """Whatever of it flips: the signature that meets it does not leave, and the next one is right."""
    rows = injected_faults.Signer().stored(4)
    assert [row["stored"] for row in rows] == [*injected_faults.STORED]
    assert [(row["injections"], row["withheld"], row["right"]) for row in rows] == [(4, 4, 4)] * 3


# Records


def test_a_record_goes_between_its_markers(tmp_path: Path) -> None:
    """What was there before is replaced; a page without the markers is refused."""
    (tmp_path / "README.md").write_text("a\n<!-- x: begin -->\nold\n<!-- x: end -->\nb\n", encoding="utf-8")
    ledger.save("x", {"found": 1}, "new\n", tmp_path)
    assert (tmp_path / "README.md").read_text() == "a\n<!-- x: begin -->\nnew\n<!-- x: end -->\nb\n"
    assert ledger.load("x", tmp_path) == {"found": 1}
    assert ledger.load("y", tmp_path) is None
    with pytest.raises(LookupError, match="markers of y"):
        ledger.save("y", {}, "", tmp_path)


RECORDS = ["archives", "audit", "bias", "differential", "faults", "fuzz", "leak", "speed"]


@pytest.fixture(scope="module")
def sources_of_records() -> dict[str, str]:
    return {name: ledger.sources(name) for name in RECORDS}


@pytest.mark.parametrize(
    ("module", "changed"),
    [
        ("group", [name for name in RECORDS if name != "bias"]),
        ("archives.blocks", ["archives", "audit", "fuzz"]),
        ("audit.rows", ["audit", "fuzz"]),
        ("audit.bias", ["audit", "bias", "fuzz"]),
        ("cli.explain", ["fuzz"]),
        ("measure.leak", ["fuzz", "leak"]),
        ("measure", ["fuzz"]),
    ],
)
def test_a_record_is_about_the_modules_that_it_depends_on(
    module: str,
    changed: list[str],
    sources_of_records: dict[str, str],
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> None:
    """A change in one of them, however small, makes the record outdated; one in another module does not."""
    monkeypatch.setattr(ledger, "PACKAGE", shutil.copytree(ledger.PACKAGE, tmp_path / "ecpure"))
    with (tmp_path / "ecpure" / ledger.path_of(module)).open("a", encoding="utf-8") as source:
        source.write("_added = None\n")
    assert [name for name in RECORDS if ledger.sources(name) != sources_of_records[name]] == changed
    with pytest.raises(LookupError, match="flax: no such record"):
        ledger.sources("flax")


def test_words_do_not_outdate_a_record() -> None:
    """Comments, docstrings and empty lines do not count; all else does, also a text that is used."""
    source = '''"""A module."""

LENGTH = 28  # octets
"""How long é is."""


class Key:
    """One
    key."""

    def name(self) -> str:
        """Return it."""
        text = "é # no comment"  # é
        return text + """ of
  two lines"""
'''
    code = '''LENGTH = 28
class Key:
    def name(self) -> str:
        text = "é # no comment"
        return text + """ of
  two lines"""
'''
    assert ledger.code(source) == code
    for path in ledger.PACKAGE.rglob("*.py"):
        text = path.read_text(encoding="utf-8")
        assert _words(ledger.code(text)) == _words(text)


def _words(source: str) -> list[str]:
    tokens = tokenize.generate_tokens(io.StringIO(source).readline)
    return [token.string for token in tokens if token.type in (tokenize.NAME, tokenize.NUMBER, tokenize.OP)]


def test_records_that_are_outdated_are_named(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """`make outdated` says what has to be made anew: records of other sources, or none; modules' mutants too."""
    records: dict[str, ledger.Record] = {name: {"sources": ledger.sources(name)} for name in RECORDS}
    mutants = {"modules": {name: {"source": mutationpage.digest_of(mutationpage.source_of(name))} for name in QUICK}}
    monkeypatch.setattr(ledger, "load", records.get)
    monkeypatch.setattr(mutationpage, "load", lambda: mutants)
    assert outdated.main() == 0
    records["leak"]["sources"] = "of before"
    del records["fuzz"]
    del mutants["modules"]["der"]
    assert outdated.main() == 1
    assert [line.partition(":")[0] for line in capsys.readouterr().err.splitlines()] == ["fuzz", "leak", "mutation"]


@pytest.mark.parametrize(
    ("name", "text"),
    [("fuzz", fuzz.text), ("differential", differential.text), ("faults", injected_faults.text), ("leak", timing.text)],
)
def test_the_page_shows_the_records(name: str, text: Callable[[ledger.Record], str]) -> None:
    """The tables of docs/evidence/README.md are those of the records, and the records are whole runs."""
    found = ledger.load(name)
    assert found is not None
    page = (ledger.DOCS / "README.md").read_text(encoding="utf-8")
    assert ledger.filled(page, name, text(found)) == page
    if name == "fuzz":
        assert found["inputs"] >= 10_000_000
        assert found["findings"] == 0
    elif name == "differential":
        assert found["triples"] >= 200_000
        assert found["differences"] == 0
    elif name == "leak":
        for backend, report in found["backends"].items():
            ours = [pair for pair in report["results"] if pair["signer"] == "ecpure"]
            assert all(pair["signatures"] >= timing.SIGNATURES[backend] for pair in ours)
            assert (ledger.DOCS / f"leak-{backend}.svg").read_text(encoding="utf-8").startswith("<svg")
            assert timing.worst(report) < leak.BOUND
            assert all(leak.worst(pair) > 2 * leak.BOUND for pair in report["results"] if pair["signer"] == "naive")
        naive = [
            {crop: abs(t) > leak.BOUND for crop, t in pair["t"].items()}
            for report in found["backends"].values()
            for pair in report["results"]
            if pair["signer"] == "naive"
        ]
        missed = [pair for pair in naive if not pair["100"]]
        assert (len(missed), len(naive)) == (3, 12)
        assert "misses three of the naive signer's twelve leaks" in page
        assert all(pair[crop] for pair in naive for crop in ("90", "75", "50"))
    else:
        assert found["injections"] >= 2000
        assert not any(injected_faults.wrong(row, "all") for row in injected_faults.summed(found))
