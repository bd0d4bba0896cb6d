"""docs/audit-guide.md and docs/second-read.md: each function that they name exists, and none of the path is missing.

The guide asks of each function only what the reader has already seen; its worked signature is computed twice: by the
package's functions, and by plain integers that share nothing with them.
"""

from __future__ import annotations

import ast
import doctest
import hashlib
import hmac
import json
import os
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from functools import reduce
from importlib import import_module
from pathlib import Path

import pytest
from profiled import watched

from ecpure import SECP224K1, Curve, PrivateKey, Signature, hashes
from ecpure.curve import computed_point
from ecpure.integers import invert
from ecpure.rfc6979 import bits2octets, nonces
from ecpure.sec1 import bits2int, encode_integer
from ecpure.verifying import digest_to_int

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"
GUIDE = (DOCS / "audit-guide.md").read_text(encoding="utf-8")
ROW = re.compile(r"^\| \[`([\w.]+)`\]\(([^)]+)\) \| (.+) \| \[`(\w+)`\]\(([^)]+)\) \|$", re.MULTILINE)
ROWS = ROW.findall(GUIDE)
"""Of the guide's tables: a function, its file, the question, its test, and the test's file."""
NAMES = [name for name, *_ in ROWS]
WHOLE_MODULES = ["rfc6979", "signing"]
"""Of these, every function is on the path."""


def of_second_read() -> list[str]:
    """Return what the first column of the record's table names."""
    page = (DOCS / "second-read.md").read_text(encoding="utf-8")
    return [
        name for row in re.findall(r"^\| (`[a-z].*?) \|", page, re.MULTILINE) for name in re.findall(r"`([^`]+)`", row)
    ]


PARAMETERS = {name: getattr(SECP224K1, name) for name in ("name", "p", "b", "n", "gx", "gy", "oid", "hash")}


def signing_path(curve: Curve) -> set[tuple[str | None, str]]:
    """Return what runs when a key is read from octets, signs and makes its public key. The curve: without tables."""
    with watched() as ran:
        key = PrivateKey.from_bytes(bytes(25) + b"key!", curve=curve)
        signature = key.sign(b"message", low_s=True)
        _ = signature.to_der(), signature.to_p1363(), signature.to_compact(), key.public_key
    return ran


def whole_path() -> set[tuple[str | None, str]]:
    """Return that, and what runs when keys are generated, read, written and shown, on a curve that is checked first."""
    with watched() as ran:
        curve = Curve(**PARAMETERS)
        for key in (PrivateKey.generate(curve=curve), PrivateKey.from_int(2**200, curve=curve)):
            texts = key.to_pem(), key.to_pem("sec1")
            again = [PrivateKey.from_pem(text, curve=curve) for text in texts]
            _ = PrivateKey.from_der(key.to_der(), curve=curve), key == again[0], repr(key), key.to_bytes()
    return ran | signing_path(Curve(**PARAMETERS))


@pytest.fixture(scope="module")
def path() -> set[tuple[str | None, str]]:
    return whole_path()


def found(name: str) -> object:
    module, *attributes = name.split(".")
    return reduce(getattr, attributes, import_module(f"ecpure.{module}"))


def test_the_guide_has_every_function_of_the_path_once(path: set[tuple[str | None, str]]) -> None:
    """And it names nothing that does not exist."""
    assert len(NAMES) == len(set(NAMES)) > 120
    assert all(found(name) is not None for name in NAMES)
    ran = {name for _, name in path}
    expected = {"signing.sign_with_nonce", "keyfile.decode_pem", "der.Reader.contents", "primality.is_prime"}
    assert expected <= ran
    assert ran - set(NAMES) == set()
    for module in WHOLE_MODULES:
        tree = ast.parse((ROOT / "ecpure" / f"{module}.py").read_text(encoding="utf-8"))
        assert {f"{module}.{node.name}" for node in tree.body if isinstance(node, ast.FunctionDef)} <= set(NAMES)


def test_the_record_of_the_second_reading_has_every_function_of_signing() -> None:
    """It is about the code that is there: from a key's octets to a signature."""
    names = of_second_read()
    assert len(names) == len(set(names)) > 50
    assert all(found(name) is not None for name in names)
    ran = {name for _, name in signing_path(Curve(**PARAMETERS))}
    assert {"signing.sign_with_nonce", "comb.Comb.points", "masks.Mask.subtracted_from", "rfc6979.nonces"} <= ran
    assert ran <= set(names)


def test_a_function_comes_after_those_that_it_calls(path: set[tuple[str | None, str]]) -> None:
    """So that a reader from top to bottom has always read what a function relies on."""
    place = {name: i for i, name in enumerate(NAMES)}
    called = {(by, name) for by, name in path if by in place and name in place and by != name}
    assert len(called) > 150
    assert [pair for pair in called if place[str(pair[0])] < place[pair[1]]] == []


def test_a_question_asks_about_what_was_read() -> None:
    """It names no function further down, and asks for no caller: these are further down."""
    for place, (name, _, question, *_) in enumerate(ROWS):
        later = set(NAMES[place + 1 :])
        ahead = [other for other in re.findall(r"`([\w.]+)`", question) if other in later]
        callers = re.findall(r"\b(?:callers?|called|calls it|who)\b", question, re.IGNORECASE)
        assert not ahead + callers, name


def test_each_function_is_linked_to_its_file() -> None:
    """The module whose name the function begins with."""
    assert [file for _, file, *_ in ROWS] == [f"../ecpure/{name.partition('.')[0]}.py" for name in NAMES]


@pytest.mark.parametrize(("test", "file"), sorted({(test, file) for *_, test, file in ROWS}))
def test_each_test_that_is_named_is_there(test: str, file: str) -> None:
    """It is a function of its file, and it can fail: it asserts or expects a refusal."""
    tree = ast.parse((DOCS / file).read_text(encoding="utf-8"))
    (function,) = [node for node in tree.body if isinstance(node, ast.FunctionDef) and node.name == test]
    assert any(word in ast.unparse(function) for word in ("assert", "pytest.raises", "check=True", "refusal("))


ONCE = {"curve._published", "hashes._parts", "integers.backend", "rfc6979._steps_b_c"} | {
    f"keyfile.{name}" for name in ("_algorithm", "_ec_private_key", "encode_sec1", "encode_pkcs8")
}
"""What runs as a module is imported, in a process of its own, or once for all: no profile of a test has it."""


@pytest.mark.long
def test_each_test_that_is_named_runs_its_function(tmp_path: Path) -> None:
    """As a profile of each test shows. The backend is that of Python's integers, which has `integers._invert`."""
    tests = sorted({str((DOCS / file).resolve()) + f"::{test}" for *_, test, file in ROWS})
    paths = os.pathsep.join([str(ROOT / "tests" / "support"), os.environ.get("PYTHONPATH", "")])
    environment = os.environ | {
        "ECPURE_BACKEND": "python",
        "ECPURE_PROFILE": str(tmp_path / "ran"),
        "PYTHONPATH": paths,
    }
    words = [sys.executable, "-m", "pytest", "-q", "-p", "profiled", "-p", "no:cacheprovider", *tests]
    subprocess.run(words, cwd=ROOT, env=environment, check=True, capture_output=True)
    ran = json.loads((tmp_path / "ran").read_text(encoding="utf-8"))
    assert [name for name, *_, test, _ in ROWS if name not in ONCE and name not in ran[test]] == []


# The worked signature


def worked() -> dict[str, str]:
    """Return the rows of the page's worked signature: what each is called, and its value."""
    section = GUIDE.partition("## 11. ")[2].partition("\n## ")[0]
    return dict(re.findall(r"^\| (.+?) \| `(.+?)` \|", section, re.MULTILINE))


Step = tuple[str, bytes | int]


def candidates(mac: Callable[[bytes, bytes], bytes], x: bytes, h1: bytes, n: int) -> Iterator[Step]:
    """Yield the steps of RFC 6979 §3.2, the last of them the first candidate that is taken."""
    V, K = b"\x01" * 28, b"\x00" * 28
    yield from (("b: V", V), ("c: K", K))
    K = mac(K, V + b"\x00" + x + h1)
    yield "d: K", K
    V = mac(K, V)
    yield "e: V", V
    K = mac(K, V + b"\x01" + x + h1)
    yield "f: K", K
    V = mac(K, V)
    yield "g: V", V
    for number in ("first", "second", "third"):
        T = b""
        for half in (1, 2):  # 56 octets, of which 225 bits are taken
            V = mac(K, V)
            T += V
            yield f"h.2: V, {half} of the {number} candidate", V
        k = int.from_bytes(T, "big") >> 448 - 225
        yield f"h.3: the {number} candidate", k
        if 1 <= k < n:
            return
        K = mac(K, V + b"\x00")
        yield f"h.3: K after the {number} candidate", K
        V = mac(K, V)
        yield f"h.3: V after the {number} candidate", V


def by_the_package(d: int, message: bytes) -> Iterator[Step]:
    """Yield every number, made by the functions that sign and verify."""
    curve, n = SECP224K1, SECP224K1.n
    key = PrivateKey.from_int(d)
    Q = key.public_key
    digest = hashes.digest("sha224", message)
    e = digest_to_int(curve, digest)
    x, h1 = encode_integer(d, 29), bits2octets(digest, n)
    yield from (("Q: x", Q.x), ("Q: y", Q.y), ("H(m)", digest), ("e", e), ("int2octets(x)", x), ("bits2octets(h1)", h1))
    steps = list(candidates(lambda K, text: hashes.hmac("sha224", K)(text), x, h1, n))
    yield from steps
    k = next(nonces(x, digest, n, "sha224"))
    assert k == steps[-1][1]
    R = computed_point(curve, curve.base.multiply_secret(k))
    r, inverse = R.x % n, int(invert(k, n))
    s = inverse * (e + r * d) % n
    assert key.sign(message) == Signature(r, s)
    yield from (
        ("R: x", R.x),
        ("R: y", R.y),
        ("r", r),
        ("k⁻¹ mod n", inverse),
        ("s", s),
        ("DER", Signature(r, s).to_der()),
    )
    w = int(invert(s, n))
    u1, u2 = e * w % n, r * w % n
    again = u1 * curve.G + u2 * Q.point
    assert Q.verify(Signature(r, s), message)
    yield from (("w = s⁻¹ mod n", w), ("u1", u1), ("u2", u2), ("R': x", again.x), ("R': y", again.y))
    yield "R': x mod n", again.x % n


P, N, B = 2**224 - 2**32 - 0x1A93, 2**224 + 0x1DCE8D2EC6184CAF0A971769FB1F7, 5
G = (
    0xA1455B334DF099DF30FC28A169A467E9E47075A90F7E650EB6B7A45C,
    0x7E089FED7FBA344282CAFBD6F7E319F7C0B0BD59E2CA4BDB556D61A5,
)


def plain_sum(A: tuple[int, int] | None, C: tuple[int, int] | None) -> tuple[int, int] | None:
    """Return A + C by chord and tangent, None being infinity."""
    if A is None or C is None:
        return C if A is None else A
    (x1, y1), (x2, y2) = A, C
    if x1 == x2 and (y1 + y2) % P == 0:
        return None
    top, bottom = (3 * x1 * x1, 2 * y1) if A == C else (y2 - y1, x2 - x1)
    slope = top * pow(bottom, -1, P) % P
    x = (slope * slope - x1 - x2) % P
    return x, (slope * (x1 - x) - y1) % P


def plain_multiple(k: int, A: tuple[int, int]) -> tuple[int, int]:
    """Return k·A, which is not infinity, from the highest bit down."""
    total = None
    for bit in f"{k:b}":
        total = plain_sum(total, total)
        if bit == "1":
            total = plain_sum(total, A)
    assert total is not None
    return total


def by_plain_integers(d: int, message: bytes) -> Iterator[Step]:
    """Yield the same numbers from the standards' text: Python's integers, hashlib and hmac, nothing of the package."""
    Q = plain_multiple(d, G)
    digest = hashlib.sha224(message).digest()
    e = int.from_bytes(digest, "big")  # 224 bits, fewer than n has
    x, h1 = d.to_bytes(29, "big"), (e % N).to_bytes(29, "big")
    yield from (
        ("Q: x", Q[0]),
        ("Q: y", Q[1]),
        ("H(m)", digest),
        ("e", e),
        ("int2octets(x)", x),
        ("bits2octets(h1)", h1),
    )
    steps = list(candidates(lambda K, text: hmac.new(K, text, "sha224").digest(), x, h1, N))
    yield from steps
    k = int(steps[-1][1])
    R = plain_multiple(k, G)
    r, inverse = R[0] % N, pow(k, -1, N)
    s = inverse * (e + r * d) % N
    integers = [b"\x02" + bytes([len(octets)]) + octets for octets in map(plain_octets, (r, s))]
    der = b"\x30" + bytes([len(b"".join(integers))]) + b"".join(integers)
    yield from (("R: x", R[0]), ("R: y", R[1]), ("r", r), ("k⁻¹ mod n", inverse), ("s", s), ("DER", der))
    w = pow(s, -1, N)
    u1, u2 = e * w % N, r * w % N
    again = plain_sum(plain_multiple(u1, G), plain_multiple(u2, Q))
    assert again == R
    yield from (("w = s⁻¹ mod n", w), ("u1", u1), ("u2", u2), ("R': x", again[0]), ("R': y", again[1]))
    yield "R': x mod n", again[0] % N


def plain_octets(value: int) -> bytes:
    return value.to_bytes(value.bit_length() // 8 + 1, "big")


def test_the_call_beneath_the_numbers_gives_them() -> None:
    """The page's example in Python, run."""
    (block,) = re.findall(r"^```python\n(.*?)^```$", GUIDE, re.MULTILINE | re.DOTALL)
    examples = doctest.DocTestParser().get_doctest(block, {}, "audit-guide.md", "audit-guide.md", 0)
    results = doctest.DocTestRunner().run(examples)
    assert results.attempted == 3
    assert results.failed == 0


@pytest.mark.parametrize("computed", [by_the_package, by_plain_integers])
def test_every_number_of_the_worked_signature_is_computed(computed: Callable[[int, bytes], Iterator[Step]]) -> None:
    """The page has these rows, in this order, and no other."""
    rows = worked()
    d, message = int(rows.pop("d"), 16), rows.pop("message").encode("ascii")
    steps = {name: value.hex() if isinstance(value, bytes) else f"{value:x}" for name, value in computed(d, message)}
    assert list(rows.items()) == list(steps.items())


def test_the_worked_signature_refuses_a_candidate() -> None:
    """Half of all candidates on this curve are n or above: one of the two is refused, the other taken."""
    rows = worked()
    assert int(rows["h.3: the first candidate"], 16) >= N > int(rows["h.3: the second candidate"], 16) > 0
    assert bits2int(bytes.fromhex(rows["H(m)"]), 225) == int(rows["e"], 16)
