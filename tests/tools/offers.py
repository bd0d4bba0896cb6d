"""The suite as two collections of vectors have their files, to be offered to them: `make offers`, and docs/offering.md.

Wycheproof (C2SP/wycheproof) has JSON of its schemas in testvectors_v1/, in the layout of its reformat_json.py. CCTV
(C2SP/CCTV) has a README for each subject, with RFC 6979's vectors in the form of its Appendix A.
"""

from __future__ import annotations

import json
import re
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from ecpure import SECP224K1

ROOT = Path(__file__).parents[2]
SUITE = ROOT / "vectors" / "suite"
OFFERS = ROOT / ".cache" / "offers"
REFUSED = 2
"""Candidates that are refused before each nonce that is offered, or more."""
THEIRS = ("ecdsa_verify_schema_v1.json", "ecdsa_p1363_verify_schema_v1.json")

Content = dict[str, Any]


def read(path: Path) -> Content:
    """Return what a file of vectors holds."""
    content: Content = json.loads(path.read_text(encoding="utf-8"))
    return content


def wycheproof() -> Iterator[tuple[str, bytes]]:
    """Yield the names and octets of the files that are of Wycheproof's schemas.

    Its own files for the curve have the names of the suite's, so these are told apart by a word.
    """
    for path in sorted(SUITE.glob("ecdsa_*_test.json")):
        content = read(path)
        if content["schema"] in THEIRS:
            text = json.dumps(content, indent=2, separators=(",", ": "), ensure_ascii=False)
            yield path.name.replace("_test.json", "_ecpure_test.json"), f"{text}\n".encode()


_FILE = {"algorithm", "header", "notes", "numberOfTests", "schema", "testGroups"}
_GROUP = {"type", "source", "publicKey", "publicKeyDer", "publicKeyPem", "sha", "tests"}
_KEY = {"type", "curve", "keySize", "uncompressed", "wx", "wy"}
_TEST = {"tcId", "comment", "msg", "sig", "result", "flags"}


def lint(name: str, octets: bytes) -> Iterator[str]:
    """Yield what Wycheproof's reformat_json.py and vectorlint would find: layout, numbers of the cases, and names and
    values that the two schemas do not have.
    """
    content = json.loads(octets)
    if octets != (json.dumps(content, indent=2, separators=(",", ": "), ensure_ascii=False) + "\n").encode():
        yield f"{name}: it is not laid out as reformat_json.py does it"
    numbers = [test["tcId"] for group in content["testGroups"] for test in group["tests"]]
    if len(set(numbers)) != len(numbers) or content["numberOfTests"] != len(numbers):
        yield f"{name}: a tcId comes twice, or numberOfTests is another number"
    if not content.keys() <= _FILE or content["schema"] not in THEIRS:
        yield f"{name}: a field that the schema does not have"
    for group in content["testGroups"]:
        fields = group.keys() <= _GROUP and group["publicKey"].keys() <= _KEY
        if not fields or not all(test.keys() <= _TEST for test in group["tests"]):
            yield f"{name}: a field that the schema does not have"
            continue
        if any(test["result"] not in ("valid", "invalid", "acceptable") for test in group["tests"]):
            yield f"{name}: a result that the schema does not have"
        if not all(group["source"].get(field) for field in ("name", "version")):
            yield f"{name}: a group without a source"
        key = group["publicKey"]
        texts = [group["publicKeyDer"], *(key[field] for field in ("uncompressed", "wx", "wy"))]
        texts += [test[field] for test in group["tests"] for field in ("msg", "sig")]
        if not all(re.fullmatch("([0-9a-f]{2})*", text) for text in texts):
            yield f"{name}: hex was expected"
        if not re.fullmatch("-----BEGIN PUBLIC KEY-----\n[\\w+/=\n]+-----END PUBLIC KEY-----\n", group["publicKeyPem"]):
            yield f"{name}: PEM was expected, with nothing behind it"


def cctv() -> str:
    """Return the README of nonces before which RFC 6979 refuses candidates, in the form of its Appendix A."""
    lines = [_HEAD]
    content = read(SUITE / "ecdsa_secp224k1_sign_test.json")
    for group in content["testGroups"]:
        tests = [test for test in group["tests"] if test["candidate"] > REFUSED and not test["extraEntropy"]]
        if group["lowS"] or not tests:
            continue
        q = group["publicKey"]
        lines += ["```", "Key pair:", "", "curve: secp224k1", "", f"q = {SECP224K1.n:058X}", "(qlen = 225 bits)", ""]
        lines += ["private key:", "", f"x = {group['privateKey']['d'].upper()}", "", "public key: U = xG", ""]
        lines += [f"Ux = {q[2:58].upper()}", "", f"Uy = {q[58:].upper()}", "", "Signatures:"]
        for test in tests:
            refused = test["candidate"] - 1
            lines += ["", f"With {group['sha']}, message = 0x{test['msg']} ({refused} candidates refused before):"]
            lines += [f"k = {test['k'].upper()}", f"r = {test['sig'][:58].upper()}", f"s = {test['sig'][58:].upper()}"]
        lines += ["```", ""]
    return "\n".join(lines)


_HEAD = """# RFC 6979 rejection sampling vectors for secp224k1

The order of secp224k1 is a little above 2²²⁴, so a candidate has 225 bits, and every second one is n or above: RFC 6979
refuses it, and step h of section 3.2 goes on with a new K and V. What hardly ever happens on other curves happens here
all the time, several times in a row.

These are vectors in which the first two candidates or more are refused, in the same format as RFC 6979, Appendix A.
Messages are octets, in hex after 0x.
"""


def main() -> int:
    """Write the files, and print what their checks find."""
    shutil.rmtree(OFFERS, ignore_errors=True)
    vectors, readme = OFFERS / "wycheproof" / "testvectors_v1", OFFERS / "cctv" / "RFC6979" / "secp224k1" / "README.md"
    vectors.mkdir(parents=True)
    readme.parent.mkdir(parents=True)
    found: list[str] = []
    for name, octets in wycheproof():
        (vectors / name).write_bytes(octets)
        found += lint(name, octets)
    readme.write_text(cctv(), encoding="utf-8")
    for path in sorted(OFFERS.rglob("*.*")):
        print(path.relative_to(ROOT))
    print("\n".join(found), end="\n" * bool(found), file=sys.stderr)
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
