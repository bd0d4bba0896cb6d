"""The report: the same in words, in JSON and on a page; with proofs that anyone can do again, and no secret."""

from __future__ import annotations

import hashlib
import itertools
import json
import random
import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from archives import hexes, login, with_nonce
from auditing import KEYS, Audit, D, K, N, Record, logged_in
from generating import SIGNERS, Rand48
from reportpages import Page, facts

from ecpure import SECP224K1, PrivateKey, Signature
from ecpure.archives.records import Settings
from ecpure.archives.report import Sources
from ecpure.audit import conclusions
from ecpure.audit.findings import CRITICAL, KINDS, MOST_FINDINGS, MOST_RECORDS, Finding, Findings, Shown
from ecpure.audit.report import ADVICE, as_html, as_json, as_lines
from ecpure.audit.samples import Examined

VERDICTS = Counter({"valid": 3, "not-json": 1})
EXAMINED = Examined("ecpure", single=2)
LOOKED = (
    "biased nonces were looked for in 0 keys, with ecpure's reduction; 2 keys with one signature cannot "
    "show them; nonces that a generator made were not looked for, which needs the extra lattice"
)


def json_of(
    findings: Findings, paths: list[str], verdicts: Counter[str] = VERDICTS, keys: dict[str, bytes] | None = None
) -> dict[str, Any]:
    """Return the report on files that are not read."""
    settings = Settings(keys or {})
    run = Sources(["-"] * len(paths), None).facts(None, settings, recover=False)
    return as_json(verdicts, findings, paths, settings, run, examined=EXAMINED)


def page_of(report: dict[str, Any]) -> Page:
    return Page(b"".join(as_html(report)))


def test_an_honest_archive(audit: Audit) -> None:
    """Nothing is found, and the exit status is 0; high s is a note."""
    rng = random.Random(3)
    records = [hexes(rng, number) for number in range(60)]
    low = [
        record | {"signature": Signature.from_der(bytes.fromhex(record["signature"])).low_s().to_der().hex()}
        for record in records
    ]
    audited = audit(low)
    assert (audited.status, audited.found()) == (0, {})
    assert (
        audited.said
        == (
            "60 records: 60 valid, 0 invalid, 0 unreadable\n"
            "  no --keys were given: each valid record vouched for itself\n"
            "nothing found\n"
        )
        + audited.report["examined"]["sentence"]
        + "\n"
    )
    left_out = "3 keys with several signatures had to be left out; 30 keys with one signature cannot show them"
    assert left_out in audited.report["examined"]["sentence"]
    audited = audit(records)
    assert (audited.status, list(audited.found())) == (0, ["high-s"])
    high = sum(record != other for record, other in zip(records, low, strict=True))
    assert audited.report["findings"][0]["count"] == high > MOST_RECORDS
    assert f"{high} records: " in audited.said
    assert f" and {high - MOST_RECORDS} more\n" in audited.said


def some() -> Findings:
    """Return a finding of two keys and two files, and more of a kind than are kept."""
    findings = Findings()
    shown = (Shown(1, 7, '"x"'), Shown(0, 12), Shown(0, 3, "5"))
    findings.joint("nonce-shared", b"\x02\xaa", b"\x03\xbb").add(*shown)
    for number in range(MOST_FINDINGS + 1):
        findings.joint("r-uneven", b"%d" % number).add(*(Shown(0, line) for line in range(1, 2 + number)))
    return findings


def test_a_report_in_json() -> None:
    """It has all that is kept, in the order of the kinds, each finding's records in their own order."""
    report = json_of(some(), ["a", "b"], keys={"Ann": b"\x03\xbb"})
    assert json.loads(json.dumps(report)) == report
    names = ("records", "valid", "invalid", "unknown-key", "unreadable", "reasons", "totals")
    assert {name: report[name] for name in names} == {
        "records": 4,
        "valid": 3,
        "invalid": 0,
        "unknown-key": 0,
        "unreadable": 1,
        "reasons": {"not-json": 1},
        "totals": {"nonce-shared": 1, "r-uneven": MOST_FINDINGS + 1},
    }
    assert report["findings"][0] == {
        "kind": "nonce-shared",
        "weight": "warning",
        "sentence": KINDS["nonce-shared"][1],
        "advice": ADVICE["nonce-shared"],
        "keys": ["02aa", "03bb"],
        "names": [None, "Ann"],
        "count": 3,
        "records": [{"file": "a", "line": 3, "id": 5}, {"file": "a", "line": 12}, {"file": "b", "line": 7, "id": "x"}],
        "proof": [],
    }
    assert len(report["findings"]) == 1 + MOST_FINDINGS
    assert json_of(some(), ["a"] * 1 + ["b"])["run"]["inputs"][1]["name"] == "standard input"
    finding = Finding("high-s", (), 1, [Shown(0, 1, "null", b"\x01", b"\x02", b"\x03")])
    alone = Findings()
    alone.add(finding)
    assert json_of(alone, ["a"])["findings"][0]["records"] == [{"line": 1, "r": "01", "s": "02", "e": "03"}]


def test_a_report_in_words() -> None:
    """It begins with the counts, and says how many records and findings it does not show."""
    lines = list(as_lines(VERDICTS, some(), ["a\n", "b"], examined=EXAMINED, with_keys=True))
    assert lines[:7] == [
        "4 records: 3 valid, 0 invalid, 1 unreadable",
        "           1 unreadable, not-json: the line is not valid JSON, or has a name twice",
        f"warning: nonce-shared: {KINDS['nonce-shared'][1]}",
        "  key 02aa",
        "  key 03bb",
        '  3 records: "a\\n" line 3, "a\\n" line 12, "b" line 7',
        f"warning: r-uneven: {KINDS['r-uneven'][1]}",
    ]
    assert lines[-3:] == [
        "warning: r-uneven: 1 more findings of this kind",
        "not fully examined: 1 of 4 records, without a valid signature",
        LOOKED,
    ]
    alone = Findings()
    alone.joint("high-s").add(*(Shown(0, line) for line in range(1, 101)))
    last = ", ".join(f"line {line}" for line in range(1, MOST_RECORDS + 1))
    lines = [*as_lines(VERDICTS, alone, ["a"], examined=EXAMINED, with_keys=True)]
    assert lines[-3] == f"  100 records: {last} and 90 more"
    lines = [*as_lines(Counter(valid=1), Findings(), ["a"], examined=EXAMINED, with_keys=True)]
    assert lines[1:] == ["nothing found", LOOKED]
    unseen = Counter({"valid": 1, "not-csv": 2})
    lines = [*as_lines(unseen, Findings(), ["a"], examined=EXAMINED, with_keys=True)]
    assert lines[-2] == "nothing found; not fully examined: 2 of 3 records, without a valid signature"


# Advice


def test_every_kind_has_its_advice() -> None:
    """In the order of the kinds, in two sentences."""
    assert list(ADVICE) == list(KINDS)
    for advice in ADVICE.values():
        assert len(re.findall(r"\w\.(?= [A-Z]|$)", advice)) == 2


# Proofs


class Mod:
    """An integer mod n, which can be divided."""

    def __init__(self, value: int) -> None:
        self.value = value % N

    def __add__(self, other: Mod) -> Mod:
        return Mod(self.value + other.value)

    def __sub__(self, other: Mod) -> Mod:
        return Mod(self.value - other.value)

    def __mul__(self, other: Mod) -> Mod:
        return Mod(self.value * other.value)

    def __truediv__(self, other: Mod) -> Mod:
        return Mod(self.value * pow(other.value, -1, N)) if other.value else Mod(0)


def computed(proof: list[str], **known: int) -> Iterator[int]:
    """Yield what a proof's equations give for d, taken as they are printed; each s with either sign."""
    text = "\n".join(proof)
    numbers = {name: int(value, 16) for name, value in re.findall(r"^(\w+) = 0x([0-9a-f]+)$", text, re.MULTILINE)}
    assert numbers.pop("n") == N
    equations = re.findall(r"(\b[abdk]\d?) = ([^,\n]+?)(?: mod n|, or|$)", text, re.MULTILINE)
    assert equations
    signed = sorted(name for name in numbers if name[0] == "s")
    for signs in itertools.product((1, -1), repeat=len(signed)):
        values = numbers | {name: sign * numbers[name] for name, sign in zip(signed, signs, strict=True)} | known
        names = {name: Mod(value) for name, value in values.items()}
        for name, equation in equations:
            if name not in known:
                words = re.sub(r"\b(\d+)\b", r"Mod(\1)", equation).replace("−", "-").replace("·", "*")
                names[name] = eval(words, {"Mod": Mod}, names)
        yield names["d"].value


def e_of(message: bytes) -> int:
    return int.from_bytes(hashlib.sha224(message).digest(), "big")


DRAWN = [SIGNERS["Math.random"](Rand48(), N) % N for _ in range(2)]

ARCHIVES: dict[str, tuple[list[Record], dict[str, int]]] = {
    "nonce-reused": ([with_nonce(D[0], K[0], b"a"), with_nonce(D[0], K[0], b"b")], {}),
    "nonce-reused, and its negative": (
        [with_nonce(D[0], K[0], b"a"), with_nonce(D[0], K[0], b"a"), with_nonce(D[0], K[0], b"b", is_twin=True)],
        {},
    ),
    "nonce-small": ([with_nonce(D[0], 77, b"a", is_twin=True)], {"k": 77}),
    "nonce-half": ([with_nonce(D[0], (N + 1) // 2, b"a")], {}),
    "nonce-is-key": ([with_nonce(D[0], D[0], b"a")], {}),
    "nonce-is-key, negative": ([with_nonce(D[0], D[0], b"a", is_twin=True)], {}),
    "nonce-is-digest": ([with_nonce(D[0], e_of(b"a"), b"a")], {}),
    "nonce-is-message": ([with_nonce(D[0], 0x6263 << 40, b"bc\0\0\0\0\0")], {"k": 0x6263 << 40}),
    "nonce-generator": ([with_nonce(D[0], k, b"a%d" % k) for k in DRAWN], {"k1": DRAWN[0]}),
    "nonces-common": (
        [
            with_nonce(D[key], K[nonce], b"%d" % (2 * nonce + key), is_twin=key > nonce)
            for key in (0, 1)
            for nonce in (0, 1)
        ],
        {},
    ),
    "key-follows": (
        [with_nonce(D[1], 77, b"a"), with_nonce(D[1], K[0], b"b", is_twin=True), with_nonce(D[0], K[0], b"c")],
        {"d2": D[1]},
    ),
}


@pytest.mark.parametrize("name", ARCHIVES)
def test_a_proof_can_be_done_again(name: str, audit: Audit, monkeypatch: pytest.MonkeyPatch) -> None:
    """From the numbers and equations of the report alone comes the private key; neither it nor a nonce is printed."""
    records, known = ARCHIVES[name]
    kind = name.partition(",")[0]
    if kind == "nonce-generator":
        pytest.importorskip("flint")
        monkeypatch.setattr(conclusions, "_MOST_KEYS", 16)
    report = audit(records).report
    (finding,) = [finding for finding in report["findings"] if finding["kind"] == kind]
    proof = finding["proof"]
    assert proof[-1] == f"d·G = {finding['keys'][0]}"
    expected = D[KEYS.index(finding["keys"][0])]
    assert expected in computed(proof, **known)
    assert PrivateKey.from_int(expected).public_key.to_bytes().hex() == finding["keys"][0]
    hold_no_secret(b"".join(as_html(report)).decode())
    assert all(line in page_of(report).text for line in proof)


def hold_no_secret(text: str) -> None:
    """Check that no private key and no nonce is in the text, in hex or decimal."""
    for secret in D + K + DRAWN:
        assert f"{secret:x}" not in text
        assert str(secret) not in text


def test_every_kind_that_exposes_a_key_has_a_proof() -> None:
    """They are the critical ones; but of a key whose owner has it, nothing that would help others is told.

    That of biased nonces is a reduction, which takes more than equations.
    """
    critical = {kind for kind in KINDS if KINDS[kind][0] == CRITICAL and not kind.startswith("own-")}
    assert {name.partition(",")[0] for name in ARCHIVES} | {"nonce-biased"} == critical


def test_a_proof_names_the_records_that_it_takes() -> None:
    """Of one nonce two messages, in whatever order they were found; where they are not among those listed, none."""
    numbers = [(b"\x05", b"\x06", b"\x07"), (b"\x05", b"\x06", b"\x07"), (b"\x05", b"\x08", b"\x09")]
    records = [Shown(line % 2, 9 - line, "null", *rse) for line, rse in enumerate(numbers)]
    findings = Findings()
    findings.add(Finding("nonce-reused", (b"\x02\xaa",), 3, records))
    findings.add(Finding("nonce-reused", (b"\x02\xaa",), 99, records[:2]))
    first, second = json_of(findings, ["a", "b"])["findings"]
    assert first["proof"] == [
        f"n = 0x{SECP224K1.n:x}",
        'r, s1, e1: "a" line 9',
        "r = 0x05",
        "s1 = 0x06",
        "e1 = 0x07",
        'r, s2, e2: "a" line 7',
        "s2 = 0x08",
        "e2 = 0x09",
        "k = (e1 − e2)/(s1 − s2) mod n, or with s1 + s2 for s1 − s2",
        "d = (s1·k − e1)/r mod n",
        "d·G = 02aa",
    ]
    assert second["proof"] == []


# The page


def test_the_page_has_every_fact_of_the_json(audit: Audit, tmp_path: Path) -> None:
    """Counts, findings with their keys, records and advice, and what was read: of an archive with many faults."""
    rng = random.Random(5)
    records = [record | {"id": f"no. {number}"} for number, record in enumerate(ARCHIVES["nonce-reused"][0])]
    records += [with_nonce(D[number], K[2], b"c%d" % number) for number in (1, 2)]
    records += [logged_in(5, 1), logged_in(5, 2), logged_in(6, 2), login(7)]
    records += [hexes(rng, number) for number in range(40)]
    (tmp_path / "keys.csv").write_text(f"id,public_key\nAnn,{KEYS[0]}\n1,{KEYS[1]}\n", encoding="ascii")
    report = audit(records, "--keys", str(tmp_path / "keys.csv"), "--recover").report
    assert [finding["kind"] for finding in report["findings"]] == [
        "nonce-reused",
        "nonce-shared",
        "server-nonce-repeated",
        "client-nonce-repeated",
        "high-s",
    ]
    page = page_of(report)
    usual = report["findings"].pop()
    missing = [fact for fact in facts(report) if fact not in page.words]
    assert missing == []
    assert f"Key Ann: {KEYS[0]} 2 records" in page.words
    assert re.search(rf"note high-s: {usual['count']} records; s is above n/2", page.words)
    assert "Findings by weight: critical: 1, warning: 3." in page.words
    assert "A critical finding means that a private key is public" in page.words
    first = report["findings"][0]["records"][0]
    assert ["1", "no. 0", first["r"], first["s"], first["e"]] in page.rows
    assert ["5", "login 5"] not in page.rows
    assert ["Line"] in page.rows
    hold_no_secret(page.text)


def test_findings_are_in_the_order_of_their_weight() -> None:
    """Each kind once, with its advice; what is not listed is counted; the file is named where there are several."""
    page = page_of(json_of(some(), ["a<\u202e", "b"]))
    assert page.words.index("warning nonce-shared") < page.words.index("warning r-uneven")
    assert page.words.count(ADVICE["r-uneven"]) == 1
    assert "1 more findings of this kind were only counted." in page.words
    assert "101 records; 10 are listed" not in page.words
    assert "100 records; 10 are listed" in page.words
    assert [["File", "Line", "Id"], [r"a<\u202e", "3", "5"], [r"a<\u202e", "12", ""], ["b", "7", "x"]] == page.rows[
        (start := page.rows.index(["File", "Line", "Id"])) : start + 4
    ]
    assert set(page.escapes) == {r"\u202e"}


def test_a_page_on_which_nothing_was_found() -> None:
    """It says so, and that this does not mean that nonces are good."""
    page = page_of(json_of(Findings(), ["a"], Counter(valid=2)))
    assert "Findings Nothing was found." in page.words
    assert "Every record has a valid signature, and was examined." in page.words
    assert "Finding nothing does not mean that nonces are good." in page.words
    assert "by weight" not in page.words
    alone = Findings()
    alone.joint("high-s").add(Shown(0, 1))
    page = page_of(json_of(alone, ["a"], Counter(valid=2)))
    assert "note high-s: 1 record; s is above n/2" in page.words
    assert "by weight" not in page.words
    assert ADVICE["high-s"] not in page.words


def test_what_only_one_finding_has_to_say() -> None:
    """Its details are in words, in JSON and on the page; a finding without records has no table."""
    findings = Findings()
    findings.add(Finding("own-nonces", (b"\x02\xaa",), details=["s is < n/2 in 3 of 3", "nothing else"]))
    report = json_of(findings, ["a"], Counter(valid=3))
    assert report["findings"][0]["details"] == ["s is < n/2 in 3 of 3", "nothing else"]
    page = page_of(report)
    assert "Key 02aa s is < n/2 in 3 of 3 nothing else 0 records" in page.words
    assert ["Line"] not in page.rows
    lines = list(as_lines(Counter(valid=3), findings, ["a"], examined=EXAMINED, with_keys=True))
    assert lines[2:-1] == ["  key 02aa", "  s is < n/2 in 3 of 3", "  nothing else"]


def test_records_that_were_repaired_were_looked_at() -> None:
    """They are not listed among those that were not read."""
    findings = Findings()
    findings.joint("dropped-zeros").add(Shown(0, 1))
    findings.joint("loose-encoding").add(Shown(0, 2), Shown(0, 3))
    said = [
        list(
            as_lines(Counter({"bad-signature": count, "valid": 1}), findings, ["a"], examined=EXAMINED, with_keys=True)
        )[-2]
        for count in (3, 5)
    ]
    assert "fully examined" not in said[0]
    assert said[1] == "not fully examined: 2 of 6 records, without a valid signature"


def test_what_was_not_examined_is_said() -> None:
    """In how many records, and why; and which of them were looked at in another way."""
    verdicts = Counter({"valid": 7, "unknown-key": 1, "does-not-hold": 2, "bad-login": 3, "no-public-key": 4})
    page = page_of(json_of(Findings(), ["a"], verdicts))
    reasons = "does-not-hold, no-public-key, bad-login"
    words = f"9 of 17 records ({reasons}). Of these, only a proof of a private key was looked for."
    assert words in page.words
    assert "Logins without a key were compared nevertheless" in page.words
    for absent in ("dropped-zeros", "damaged file"):
        assert absent not in page.words
    page = page_of(json_of(Findings(), ["a"], Counter({"bad-signature": 1, "damaged-input": 1})))
    assert "how many records are in it is not known" in page.words
    assert "Logins without a key were compared" not in page.words


LOOSELY = "those of loose-encoding, which verify when they are read loosely"
PADDED = "those of dropped-zeros, which verify with zeros put back"


@pytest.mark.parametrize(
    ("kinds", "words"),
    [
        ([], ""),
        (["loose-encoding"], f", except {LOOSELY}"),
        (["dropped-zeros"], f", except {PADDED}"),
        (["dropped-zeros", "loose-encoding"], f", except {LOOSELY}, and {PADDED}"),
    ],
)
def test_records_that_were_examined_in_another_way(kinds: list[str], words: str) -> None:
    """Those whose signature is not valid as it is written, and is when it is read in another way, are named."""
    findings = Findings()
    for kind in kinds:
        findings.joint(kind).add(Shown(0, 1))
    page = page_of(json_of(findings, ["a"], Counter({"bad-signature": 2})))
    assert (
        f"2 of 2 records (bad-signature). Of these, only a proof of a private key was looked for{words}." in page.words
    )
