"""Findings: how many are kept, and of each how many keys and records."""

from __future__ import annotations

from archives import with_nonce
from auditing import Audit, D, K

from ecpure.audit.findings import (
    CRITICAL,
    KINDS,
    MOST_FINDINGS,
    MOST_RECORDS,
    NOTE,
    WARNING,
    Finding,
    Findings,
    Shown,
)


def test_findings_of_a_kind_and_their_records_are_bounded(audit: Audit) -> None:
    """Of more, only the number is told."""
    records = []
    for number in range(MOST_FINDINGS + 5):
        records += [with_nonce(D[0], K[0] + number, message) for message in (b"a", b"b")]
    audited = audit(records)
    assert audited.report["totals"]["nonce-reused"] == MOST_FINDINGS + 5
    assert sum(finding["kind"] == "nonce-reused" for finding in audited.report["findings"]) == MOST_FINDINGS
    assert "critical: nonce-reused: 5 more findings of this kind\n" in audited.said


def test_many_keys_with_one_nonce(audit: Audit) -> None:
    """The keys that are shown are bounded as well."""
    records = [with_nonce(number, K[0], b"a") for number in range(70_000, 70_000 + MOST_RECORDS + 3)]
    (finding,) = [one for one in audit(records).report["findings"] if one["kind"] == "nonce-shared"]
    assert finding["count"] == MOST_RECORDS + 3
    assert len(finding["keys"]) == len(finding["records"]) == MOST_RECORDS


def test_a_finding_that_includes_another_has_its_keys_and_records() -> None:
    """All are counted, and the first are kept."""
    one, other = Finding("nonce-shared", (b"a",)), Finding("nonce-reused", (b"b", b"c"))
    one.add(Shown(0, 1), Shown(0, 2))
    other.add(*(Shown(1, line) for line in range(MOST_RECORDS)))
    one.include(other)
    assert (one.kind, one.keys, one.count) == ("nonce-shared", (b"a", b"b", b"c"), MOST_RECORDS + 2)
    assert one.records == [Shown(0, 1), Shown(0, 2), *(Shown(1, line) for line in range(MOST_RECORDS - 2))]


def test_a_finding_takes_so_many_records_of_another_at_most() -> None:
    """All are counted; so that many copies of one record leave room for what proves the finding with it."""
    one, other = Finding("nonce-reused"), Finding("signature-repeated")
    other.add(*(Shown(0, line) for line in range(5)), more=7)
    assert (other.count, len(other.records)) == (12, 5)
    one.include(other, 3)
    assert (one.count, one.records) == (12, other.records[:3])


def test_one_finding_of_a_kind_and_its_keys_takes_all_records() -> None:
    """Another key, or another kind, makes another finding."""
    findings = Findings()
    for line, key in enumerate((b"a", b"b", b"a"), 1):
        findings.joint("nonce-small", key).add(Shown(0, line))
    findings.joint("nonce-half", b"a").add(Shown(0, 4))
    assert findings.totals == {"nonce-small": 2, "nonce-half": 1}
    assert [(found.kind, found.keys, found.records) for found in findings] == [
        ("nonce-small", (b"a",), [Shown(0, 1), Shown(0, 3)]),
        ("nonce-small", (b"b",), [Shown(0, 2)]),
        ("nonce-half", (b"a",), [Shown(0, 4)]),
    ]
    assert list(findings.of_kind("nonce-half")) == [findings.joint("nonce-half", b"a")]


def test_findings_beyond_the_most_are_counted() -> None:
    """What is more of a kind is not kept, and takes nothing from other kinds."""
    findings = Findings()
    for number in range(MOST_FINDINGS + 2):
        findings.joint("nonce-small", b"%d" % number).add(Shown(0, number))
    findings.joint("nonce-half", b"a")
    assert [findings.more(kind) for kind in ("nonce-small", "nonce-half", "nonce-reused")] == [2, 0, 0]
    assert len(list(findings)) == MOST_FINDINGS + 1


def test_the_worst_finding_is_the_gravest() -> None:
    """A critical one weighs more than warnings, and a warning more than notes."""
    findings = Findings()
    assert findings.worst() is None
    for kind, weight in (("high-s", NOTE), ("r-uneven", WARNING), ("high-s", WARNING), ("nonce-small", CRITICAL)):
        findings.add(Finding(kind))
        assert findings.worst() == weight


def test_the_gravest_kinds_come_first() -> None:
    """Their table is in the order in which they are reported, and only what exposes a key is critical."""
    weights = [weight for weight, _ in KINDS.values()]
    assert weights == sorted(weights, key=[CRITICAL, WARNING, NOTE].index)
    for weight, sentence in KINDS.values():
        assert ("exposes the private key" in sentence) == (weight == CRITICAL)
