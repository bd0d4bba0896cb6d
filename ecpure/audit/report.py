"""The findings of an audit as JSON, as lines for people to read, and as a page to keep."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import chain
from typing import Any

from ..archives.records import Settings
from ..archives.report import (
    Report,
    code,
    coloured,
    heading,
    identifier,
    key_files,
    listed,
    many,
    outcome,
    page,
    paragraph,
    reading,
    shown,
    table,
    trust,
)
from ..archives.verdicts import REASONS, summary, summary_lines
from ..curve import named
from .bias import WORDS
from .findings import CRITICAL, KINDS, MOST_RECORDS, NOTE, WARNING, Finding, Findings, Shown
from .samples import Examined

_REPLACE = (
    "Stop using this key, tell those who accept its signatures, and replace it: anyone who has these records can make "
    "more"
)
_REPLACE_BOTH = (
    "Stop using both keys, tell those who accept their signatures, and replace them: anyone who has these records can "
    "make more"
)
_REPAIR = "Before there is a new key, repair the signer"

ADVICE = {
    "nonce-reused": f"{_REPLACE}. {_REPAIR}: it must make a new nonce for each message, best as RFC 6979 does.",
    "nonce-small": f"{_REPLACE}. {_REPAIR}: its nonces are a counter, a constant, or a generator without a seed.",
    "nonce-half": f"{_REPLACE}. {_REPAIR}: this nonce was chosen for its short r, and nonces must not be chosen.",
    "nonce-is-key": f"{_REPLACE}. {_REPAIR}: it uses the private key as the nonce.",
    "nonce-is-digest": f"{_REPLACE}. {_REPAIR}: it uses the digest, which everyone knows, as the nonce.",
    "nonce-is-message": f"{_REPLACE}. {_REPAIR}: it uses the message, which everyone knows, as the nonce.",
    "nonce-biased": f"{_REPLACE}. {_REPAIR}: each nonce must be drawn from the whole range, best as RFC 6979 does.",
    "nonce-generator": f"{_REPLACE}. {_REPAIR}: it must take nonces from the operating system, or best as RFC 6979 "
    "does, and never from a generator for games and simulations.",
    "nonces-common": f"{_REPLACE_BOTH}. {_REPAIR}s: their generators start alike, and need a seed from the operating "
    "system.",
    "key-follows": f"{_REPLACE_BOTH}. {_REPAIR}s, and look for what they have in common: a program, an image of "
    "a device, a seed.",
    "own-nonce-short": f"{_REPLACE}. {_REPAIR}: its generator gives too few bits.",
    "own-nonce-alike": f"{_REPLACE}. {_REPAIR}: its nonces must have nothing in common, as those of RFC 6979.",
    "nonce-shared": "Ask the owners of these keys whether one program or device signed for them: if so, replace the "
    "keys, because each owner can compute the keys of the others. If not, one of the keys was made up from the "
    "signature of another, which anyone can do, and nothing has to be replaced.",
    "server-nonce-repeated": "Check in the server's log whether these logins came on one connection, where this is "
    "harmless. If not, have the server draw a new nonce for each connection, and check what each login did.",
    "client-nonce-repeated": "Find the client, and have it take 16 bytes from the operating system for each login. "
    "This lets nobody in, so no key has to be replaced.",
    "client-nonce-generator": "Find the client, have it take 16 bytes from the operating system for each login, and "
    "check whether it signs with such nonces. This lets nobody in, so no key has to be replaced.",
    "login-repeated": "Check in the server's log whether this login was accepted more than once, or only copied in the "
    "archive. If it was accepted, have the server refuse every nonce that it did not just send, and check what was "
    "done after the second time.",
    "dropped-zeros": "Repair the program that wrote these records: it must write r and s at their fixed length, or in "
    "DER. The signatures are good: put the zeros back, and verify the records again.",
    "loose-encoding": "Repair the program that wrote these records, or state the format that it writes: DER has one "
    "encoding for each signature, and nothing follows it. The signatures are good: write them in that format, and "
    "verify the records again.",
    "short-signature": "Compare these records with what they were made from: a signature was cut off, or it is of "
    "another format or message. Give the format with --format and missing keys with --keys, and audit again.",
    "own-nonce-stray": "Find out which program made these signatures, and whether it may have the key. If none of "
    "yours did, the key was copied, and has to be replaced.",
    "r-uneven": "Ask how this signer makes its nonces, and do not use the key until that is known. Nothing here "
    "exposes the private key, but an r that was chosen has a nonce that was chosen.",
    "own-nonces": "Nothing has to be done if all nonces are RFC 6979's, with the hash that the signer is meant to "
    "use. If none is, ask how the signer makes them: random nonces are only as good as the generator that draws them.",
    "key-recovered": "Find out by other means whose key this is: so far it is only the key that these records have in "
    "common. Then give it with --keys, and audit the records again.",
    "signature-repeated": "Nothing has to be done about the key: a deterministic signer repeats its signature of one "
    "message, and so does a copy. See that nothing is paid or counted twice.",
    "high-s": "Nothing has to be done: half of all honest signatures have a high s. If a program rejects them, write "
    "n − s instead of s, and never use a signature as an identifier.",
}
"""What to do now, for each kind of finding."""

UNSEEN = [reason for reason in REASONS if reason != "unknown-key"]
"""Reasons of records without a valid signature to examine."""

_USUAL = ("high-s",)
"""Kinds that an honest archive has, too: on the page, each is one line with a count."""

_WITH_K = "d = (s·k − e)/r mod n"

_PROOFS = {
    "nonce-reused": (
        ("r s1 e1", "r s2 e2"),
        ("k = (e1 − e2)/(s1 − s2) mod n, or with s1 + s2 for s1 − s2", "d = (s1·k − e1)/r mod n"),
    ),
    "nonce-small": (
        ("r s e",),
        ("k is a number up to 65,535, or its negative mod n: the one for which the x of k·G is r mod n", _WITH_K),
    ),
    "nonce-half": (("r s e",), ("k = 1/2 mod n, or −1/2", _WITH_K)),
    "nonce-is-key": (("r s e",), ("d = e/(s − r) mod n, or −e/(s + r) mod n",)),
    "nonce-is-digest": (("r s e",), ("k = e, or −e", _WITH_K)),
    "nonce-is-message": (("r s e",), ("k = the message as a big-endian integer mod n, or its negative", _WITH_K)),
    "nonce-generator": (
        ("r1 s1 e1", "r2 s2 e2"),
        (
            "k1 and k2 are made of that generator's outputs: LLL finds them from these two signatures, by s or −s",
            "d = (s1·k1 − e1)/r1 mod n",
        ),
    ),
    "nonces-common": (
        ("r1 s1 e1", "r1 s2 e2", "r2 s3 e3", "r2 s4 e4"),
        (
            "a1 = s2/s1 mod n, b1 = (s2·e1/s1 − e2)/r1 mod n, or both with −s2 for s2",
            "a2 = s4/s3 mod n, b2 = (s4·e3/s3 − e4)/r2 mod n, or both with −s4 for s4",
            "d = (b2 − b1)/(a1 − a2) mod n, and a1·d + b1 is the private key of the second key",
        ),
    ),
    "key-follows": (
        ("r s1 e1", "r s2 e2"),
        (
            "k = (e2 + r·d2)/s2 mod n, where d2 is the private key of the second key, by the finding on it",
            "d = (s1·k − e1)/r mod n, or with −k for k",
        ),
    ),
}
"""For each kind that exposes a key: the names of r, s and e of its records, and the equations that give d."""

_BY_REDUCTION = (
    "A = r/s and B = e/s mod n, for each record; then its nonce is k = A·d + B mod n, or its negative",
    "where all begin alike, or are c·x + t: take the first A and B from the others",
    "where all end alike: divide A and B by a power of 2 mod n",
    "the rows A, B and n in each place span a lattice; reduce it, as by LLL, to the short vector x = A·u + B·v mod n",
    "d = u/v mod n",
)
"""How d is computed from the records of a key whose nonces are biased."""

_RSE = ("r", "s", "e")

_LIMITS = (
    "Finding nothing does not mean that nonces are good. Signatures do not show a bias smaller than "
    "stated here, a nonce that is a function of another, or one that was also used for a signature outside these files."
)


# JSON


def as_json(
    verdicts: Counter[str],
    findings: Findings,
    paths: Sequence[str],
    settings: Settings,
    run: Report,
    *,
    examined: Examined,
) -> dict[str, Any]:
    """Return the whole report, ready for `json.dumps`.

    run: from `Sources.facts`. examined: what was examined for biased nonces.
    """
    names = {key: name for name, key in reversed([*settings.keys.items()])}
    n = named(settings.curve).n
    return {
        **summary(verdicts),
        "run": run,
        "totals": {kind: findings.totals[kind] for kind in KINDS if findings.totals[kind]},
        "findings": [
            {
                "kind": finding.kind,
                "weight": KINDS[finding.kind][0],
                "sentence": KINDS[finding.kind][1],
                **({"details": finding.details} if finding.details else {}),
                "advice": ADVICE[finding.kind],
                "keys": [key.hex() for key in finding.keys],
                "names": [names.get(key) for key in finding.keys],
                "count": finding.count,
                "records": [_record(record, paths) for record in _ordered(finding)],
                "proof": [*_proof(finding, paths, n)],
            }
            for finding in findings
        ],
        "examined": {
            "sentence": _examined(examined),
            "reduction": examined.reduction,
            "keys": examined.keys,
            "single": examined.single,
            "samples": examined.samples,
            "down_to": {str(fewest): examined.down_to[fewest] for fewest in sorted(examined.down_to)},
            "of_each": [
                {
                    "key": key.hex(),
                    "name": names.get(key),
                    "signatures": count,
                    "bits": {WORDS[form]: fewest for form, fewest in found.items()},
                }
                for key, (count, found) in examined.of_each.items()
            ],
        },
    }


def _examined(examined: Examined) -> str:
    """Return how far the search for biased nonces went."""
    reached = sorted(bits for bits in examined.down_to.elements() if bits)
    words = [f"biased nonces were looked for in {many(len(reached), 'key')}, with {examined.reduction}'s reduction"]
    if reached:
        words[0] += f" of {many(examined.samples, 'sample')}, down to nonces with {many(reached[0], 'bit')} in common"
        if reached[-1] != reached[0]:
            words[0] += f", or, where signatures are few, {reached[-1]}"
    if examined.down_to[0]:
        words.append(f"{many(examined.down_to[0], 'key')} with several signatures had to be left out")
    if examined.single:
        words.append(f"{many(examined.single, 'key')} with one signature cannot show them")
    if examined.reduction == "ecpure":
        words.append("nonces that a generator made were not looked for, which needs the extra lattice")
    return "; ".join(words)


def _ordered(finding: Finding) -> list[Shown]:
    return sorted(finding.records, key=lambda record: (record.source, record.line))


def _record(record: Shown, paths: Sequence[str]) -> dict[str, Any]:
    """Return where a record is, its id if it has one, and r, s and e in hex if its signature verifies."""
    file = {"file": paths[record.source]} if len(paths) > 1 else {}
    name = {} if record.id == "null" else {"id": json.loads(record.id)}
    numbers = {name: octets.hex() for name, octets in zip(_RSE, _numbers(record), strict=True) if octets is not None}
    return {**file, "line": record.line, **name, **numbers}


def _numbers(record: Shown) -> tuple[bytes | None, bytes | None, bytes | None]:
    return record.r, record.s, record.e


def _proof(finding: Finding, paths: Sequence[str], n: int) -> Iterator[str]:
    """Yield the numbers and equations with which anyone can compute the private key; never the key or a nonce."""
    for record in _ordered(finding):
        if record.state is not None:
            yield f"{_words(record, paths)}: s = 0x{record.state:x}"
    if finding.kind == "nonce-biased":
        yield f"n = 0x{n:x}"
        yield from _BY_REDUCTION
        yield f"d·G = {finding.keys[0].hex()}"
        return
    names, equations = _PROOFS.get(finding.kind, ((), ()))
    witnesses = _witnesses(finding)[: len(names)]
    if not names or len(witnesses) < len(names):
        return
    yield f"n = 0x{n:x}"
    told = set()
    for words, record in zip(names, witnesses, strict=True):
        yield f"{words.replace(' ', ', ')}: {_words(record, paths)}"
        for name, octets in zip(words.split(), _numbers(record), strict=True):
            if octets is not None and name not in told:
                told.add(name)
                yield f"{name} = 0x{octets.hex()}"
    yield from equations
    yield f"d·G = {finding.keys[0].hex()}"


def _witnesses(finding: Finding) -> list[Shown]:
    """Return the records for a proof, in the order in which they were found; for a reused nonce, of two messages."""
    if finding.kind != "nonce-reused":
        return finding.records
    first = finding.records[0]
    return [first, *(record for record in finding.records if record.e != first.e)]


# Lines


def as_lines(
    verdicts: Counter[str], findings: Findings, paths: Sequence[str], *, examined: Examined, with_keys: bool
) -> Iterator[str]:
    """Yield the whole report for people to read. with_keys: keys to trust were given."""
    yield from summary_lines(verdicts, with_keys=with_keys)
    for kind, (weight, sentence) in KINDS.items():
        for finding in findings.of_kind(kind):
            yield f"{weight}: {kind}: {sentence}"
            yield from (f"  key {key.hex()}" for key in finding.keys)
            yield from (f"  {detail}" for detail in finding.details)
            if not finding.count:
                continue
            records = ", ".join(_words(record, paths) for record in _ordered(finding)[:MOST_RECORDS])
            more = finding.count - min(len(finding.records), MOST_RECORDS)
            yield f"  {many(finding.count, 'record')}: {records}" + (f" and {more:,} more" if more else "")
        if more := findings.more(kind):
            yield f"{weight}: {kind}: {more:,} more findings of this kind"
    unseen = sum(count for reason, count in verdicts.items() if reason in UNSEEN) - _repaired(findings)
    said = ["nothing found"] if not findings.totals else []
    if unseen:
        said.append(f"not fully examined: {unseen:,} of {many(verdicts.total(), 'record')}, without a valid signature")
    if said:
        yield "; ".join(said)
    yield _examined(examined)


def _repaired(findings: Findings) -> int:
    """Return how many records without a valid signature were examined nevertheless."""
    return sum(finding.count for kind in ("dropped-zeros", "loose-encoding") for finding in findings.of_kind(kind))


def _words(record: Shown, paths: Sequence[str]) -> str:
    return f"{json.dumps(paths[record.source])} line {record.line}" if len(paths) > 1 else f"line {record.line}"


# The page


def as_html(report: Report) -> Iterator[bytes]:
    """Yield the page for what `as_json` returned, in pieces."""
    run = report["run"]
    body = chain(
        outcome(report), _weights(report), _unseen(report), trust(run), _kinds(report), reading(run), key_files(run)
    )
    return page("Audit report", run, body)


def _weights(report: Report) -> Iterator[str]:
    """Yield how many findings there are of each weight."""
    counts = Counter[str]()
    for kind, total in report["totals"].items():
        counts[KINDS[kind][0]] += total * (kind not in _USUAL)
    found = [f"{coloured(weight)}: {counts[weight]:,}" for weight in (CRITICAL, WARNING, NOTE) if counts[weight]]
    if found:
        yield paragraph(f'<a href="#findings">Findings</a> by weight: {", ".join(found)}.')
    if counts[CRITICAL]:
        yield paragraph("A critical finding means that a private key is public: act on these first.")


def _unseen(report: Report) -> Iterator[str]:
    """Yield how many records could not be examined, and why; and what no audit of this kind can see."""
    yield heading("What was not fully examined", "unseen")
    reasons = {reason: count for reason, count in report["reasons"].items() if reason in UNSEEN}
    where = f"{sum(reasons.values()):,} of {many(report['records'], 'record')}"
    if reasons:
        verify = {"loose-encoding": "when they are read loosely", "dropped-zeros": "with zeros put back"}
        others = [
            f"those of {code(kind)}, which verify {how}" for kind, how in verify.items() if kind in report["totals"]
        ]
        but = f", except {', and '.join(others)}" if others else ""
        only = f"Of these, only a proof of a private key was looked for{but}."
        yield paragraph(f"Without a valid signature: {where} ({listed(reasons)}). {only}")
    else:
        yield paragraph("Every record has a valid signature, and was examined.")
    if "no-public-key" in reasons:
        yield paragraph("Logins without a key were compared nevertheless, by their nonces.")
    if "damaged-input" in reasons:
        yield paragraph("The rest of a damaged file could not be read: how many records are in it is not known.")
    examined = report["examined"]
    yield paragraph(f"{examined['sentence'][0].upper()}{examined['sentence'][1:]}.")
    if examined["of_each"]:
        rows = (
            (
                f"<code>{one['key']}</code>" + (f" {shown(one['name'])}" if one["name"] is not None else ""),
                f"{one['signatures']:,}",
                str(min(one["bits"].values(), default="–")),
            )
            for one in examined["of_each"]
        )
        yield from table(["Key", "Signatures", "Fewest bits of a bias"], rows, ["Signatures", "Fewest bits of a bias"])
    yield paragraph(_LIMITS)


def _kinds(report: Report) -> Iterator[str]:
    """Yield the findings, by their kinds, the gravest first."""
    yield heading("Findings", "findings")
    if not report["totals"]:
        yield paragraph("Nothing was found.")
    for kind, total in report["totals"].items():
        weight, sentence = KINDS[kind]
        found = [finding for finding in report["findings"] if finding["kind"] == kind]
        title = f"{coloured(weight)} {code(kind)}"
        if kind in _USUAL:
            yield paragraph(f"{title}: {many(sum(finding['count'] for finding in found), 'record')}; {sentence}.")
            continue
        yield f'<h3 id="{kind}">{title}</h3>\n'
        yield paragraph(f"{sentence[0].upper()}{sentence[1:]}.")
        yield paragraph(f"<b>What to do:</b> {ADVICE[kind]}")
        for finding in found:
            yield from _finding(finding, report["run"]["options"]["curve"])
        if total > len(found):
            yield paragraph(f"{total - len(found):,} more findings of this kind were only counted.")


def _finding(finding: Report, curve: str) -> Iterator[str]:
    """Yield the keys, records and proof of a finding."""
    yield "<article>\n"
    for key, name in zip(finding["keys"], finding["names"], strict=True):
        yield paragraph(f"Key {f'{shown(name)}: ' if name is not None else ''}<code>{key}</code>")
    yield from (paragraph(shown(detail)) for detail in finding.get("details", []))
    more = finding["count"] - len(finding["records"])
    yield paragraph(many(finding["count"], "record") + (f"; {len(finding['records'])} are listed" if more else ""))
    there = {name for record in finding["records"] for name in record}
    names = [name for name in ("file", "line", "id", *_RSE) if name in there]
    cells = ([_cell(name, record.get(name)) for name in names] for record in finding["records"])
    if names:
        yield from table([name if name in _RSE else name.capitalize() for name in names], cells, ["Line"])
    if finding["proof"]:
        means = f", for a program that calculates with integers mod n; G generates {curve}" if finding["keys"] else ""
        yield paragraph(f"The proof{means}:")
        yield f"<pre>{chr(10).join(map(shown, finding['proof']))}</pre>\n"
    yield "</article>\n"


def _cell(name: str, value: str | int | None) -> str:
    if name == "id":
        return identifier(value)
    if name in _RSE:
        return f"<code>{value}</code>" if value else ""
    return shown(str(value))
