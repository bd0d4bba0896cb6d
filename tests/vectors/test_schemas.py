"""Files of test vectors: what becomes of them, what is refused, and what is not for ecpure."""

from __future__ import annotations

import hashlib
import json
import os
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from smallvectors import KEY, SIGNATURE, content, verdicts, written

from ecpure import vectors
from ecpure.io.streams import Refused
from ecpure.vectors import batch, schemas
from ecpure.vectors.operations import answer
from ecpure.vectors.schemas import InvalidVectors


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return written(tmp_path)


def test_cases_are_requests_and_answers(path: Path) -> None:
    """A file becomes cases with all that a program needs, and what it may answer."""
    file = vectors.read(str(path))
    first, second, third = file.cases
    assert first.request == {
        "operation": "verify",
        "curve": "secp224k1",
        "format": "der",
        "hash": "sha224",
        "public_key": KEY.public_key.to_bytes(compressed=False).hex(),
        "message": "6d",
        "signature": SIGNATURE.to_der().hex(),
    }
    assert (first.id, first.flags, first.comment) == ("small_test.json#1", ("Basic",), "")
    assert first.expected == ({"result": "valid"},)
    assert second.expected == ({"result": "invalid"},)
    assert third.expected == ({"result": "valid"}, {"result": "invalid"})
    assert file.notes == {"Basic": "It must work. Nothing works."}


Change = Callable[[dict[str, Any]], Any]
GROUP: Callable[[dict[str, Any]], dict[str, Any]] = lambda c: c["testGroups"][0]  # noqa: E731
TEST: Callable[[dict[str, Any]], dict[str, Any]] = lambda c: c["testGroups"][0]["tests"][1]  # noqa: E731
DAMAGE: list[tuple[Change, str]] = [
    (lambda c: c.update(schema="another_schema_v1.json"), "its schema is unknown"),
    (lambda c: c.update(schema=None), "a schema and testGroups"),
    (lambda c: c.update(testGroups={}), "a schema and testGroups"),
    (lambda c: c.update(testGroups=[]), "it has no cases"),
    (lambda c: c.update(testGroups=[1]), "a group with tests"),
    (lambda c: GROUP(c).update(tests=None), "a group with tests"),
    (lambda c: GROUP(c).update(tests=[]), "it has no cases"),
    (lambda c: GROUP(c).update(tests=[[]]), "a case without a numeric tcId"),
    (lambda c: GROUP(c).update(type="EcdsaP1363Verify"), "case 1: the type of its group"),
    (lambda c: GROUP(c).update(type={"": "EcdsaVerify"}), "case 1: the type of its group"),
    (lambda c: GROUP(c).update(sha=224), "sha: text was expected"),
    (lambda c: GROUP(c).update(publicKey=None), "case 1: publicKey.uncompressed|key.uncompressed"),
    (lambda c: c.update(numberOfTests=2), "numberOfTests is not the number of its cases, 3"),
    (lambda c: c.pop("numberOfTests"), "numberOfTests is not"),
    (lambda c: TEST(c).update(tcId=1), "case 1: its tcId is used twice"),
    (lambda c: TEST(c).update(tcId=True), "a case without a numeric tcId"),
    (lambda c: TEST(c).update(tcId="2"), "a case without a numeric tcId"),
    (lambda c: TEST(c).update(result="fine"), "case 2: result: one of valid, invalid, acceptable"),
    (lambda c: TEST(c).pop("result"), "case 2: result"),
    (lambda c: TEST(c).pop("sig"), "case 2: sig: hex was expected"),
    (lambda c: TEST(c).update(sig="0"), "case 2: sig: hex was expected"),
    (lambda c: TEST(c).update(sig="00 00"), "case 2: sig: hex was expected"),
    (lambda c: TEST(c).update(sig=5), "case 2: sig: hex was expected"),
    (lambda c: TEST(c).update(flags="x"), "case 2: flags"),
    (lambda c: TEST(c).update(flags=[1]), "case 2: flags"),
    (lambda c: TEST(c).update(comment=1), "case 2: comment"),
]


@pytest.mark.parametrize("number", range(len(DAMAGE)))
def test_a_damaged_file_is_an_error_that_names_it(number: int, path: Path) -> None:
    """Unknown schema, no cases, a wrong count, a repeated id, an unknown result: the file and the case are named."""
    damage, words = DAMAGE[number]
    damaged = content()
    damage(damaged)
    path.write_text(json.dumps(damaged))
    with pytest.raises(InvalidVectors) as caught:
        vectors.read(str(path))
    assert str(caught.value).startswith(f"{path}: ")
    assert words in str(caught.value)


@pytest.mark.parametrize("octets", [b"", b"{", b"\xff", b'{"a": 1, "a": 1}', b"[" * 100_000, b'{"a": NaN}'])
def test_a_file_that_is_no_json_is_an_error(octets: bytes, path: Path) -> None:
    """Damaged, doubled or endless JSON is one sentence, and no traceback."""
    path.write_bytes(octets)
    with pytest.raises(InvalidVectors, match="JSON"):
        vectors.read(str(path))


def test_a_byte_order_mark_is_ignored(path: Path) -> None:
    """RFC 8259 §8.1 allows that; the SHA-256 is still the file's. A second one is no JSON."""
    plain = vectors.read(str(path))
    octets = b"\xef\xbb\xbf" + path.read_bytes()
    path.write_bytes(octets)
    assert vectors.read(str(path)) == replace(plain, sha256=hashlib.sha256(octets).hexdigest())
    path.write_bytes(b"\xef\xbb\xbf" + octets)
    with pytest.raises(InvalidVectors, match="JSON"):
        vectors.read(str(path))


def test_what_is_not_for_us_is_counted(path: Path) -> None:
    """Other curves and hashes are no failures, and no cases."""
    for change, reason in [
        (lambda c: GROUP(c)["publicKey"].update(curve="secp256r1"), "curve secp256r1"),
        (lambda c: GROUP(c).update(sha="SHAKE128"), "hash SHAKE128"),
    ]:
        other = content()
        change(other)  # type: ignore[no-untyped-call]
        path.write_text(json.dumps(other))
        file = vectors.read(str(path))
        assert file.cases == []
        assert (file.not_for_us, file.foreign) == (Counter({reason: 3}), "")


@pytest.mark.parametrize("change", [{"result": "fine"}, {"result": None}])
def test_an_unknown_result_is_an_error_also_where_it_is_not_for_us(change: dict[str, Any], path: Path) -> None:
    """The words are the schema's, whatever the curve of a group."""
    other = content()
    GROUP(other)["publicKey"]["curve"] = "secp256r1"
    TEST(other).update(change)
    path.write_text(json.dumps(other))
    with pytest.raises(InvalidVectors, match=r"case 2: result: one of valid, invalid, acceptable was expected$"):
        vectors.read(str(path))


@pytest.mark.parametrize("schema", ["ecdsa_verify_schema_v9.json", "ecdsa_veryfy_schema.json", "ecpure_new_schema"])
@pytest.mark.parametrize("algorithm", [{}, {"algorithm": None}, {"algorithm": "ECDSA"}])
def test_another_version_of_our_schemas_is_an_error(schema: str, algorithm: dict[str, Any], path: Path) -> None:
    """With the algorithm or without one: what it has may be cases for us."""
    other = content()
    del other["algorithm"]
    path.write_text(json.dumps({**other, **algorithm, "schema": schema}))
    with pytest.raises(InvalidVectors, match="its schema is unknown"):
        vectors.read(str(path))


FOREIGN: list[tuple[Any, str]] = [
    ({"algorithm": "AES-GCM", "schema": "aead_test_schema.json", "testGroups": [{"tests": [1]}]}, "algorithm AES-GCM"),
    ({"schema": "json_web_key_schema.json", "testGroups": [{"tests": [2]}]}, "schema json_web_key_schema.json"),
    ({"schema": "s" * 1000}, f"schema {'s' * 100}"),
    ({"algorithm": "a" * 1000}, f"algorithm {'a' * 100}"),
    ({"schema": "ecdh_test_schema_v1.json"}, "schema ecdh_test_schema_v1.json"),
    ({"algorithm": "ECDH", "schema": "ecdsa_verify_schema_v9.json"}, "algorithm ECDH"),
    ({"schema": ["a"], "testGroups": 5}, "JSON, but not test vectors"),
    ({"algorithm": ["ECDSA"]}, "JSON, but not test vectors"),
    ({}, "JSON, but not test vectors"),
    ([], "JSON, but not test vectors"),
    ("ECDSA", "JSON, but not test vectors"),
    (None, "JSON, but not test vectors"),
]


@pytest.mark.parametrize(("other", "reason"), FOREIGN)
def test_json_of_another_schema_is_not_for_us(other: Any, reason: str, path: Path) -> None:
    """It says why, and nothing in it is checked; a file of our algorithms in an unknown schema is refused, as above."""
    path.write_text(json.dumps(other))
    assert vectors.read(str(path)) == schemas.VectorFile(str(path), [], {}, Counter(), reason)


def test_older_and_looser_files_are_read(path: Path) -> None:
    """Wycheproof's older schema, its Bitcoin one (only low s is valid), and cases without flags or notes."""
    older = content()
    older.update(schema="ecdsa_verify_schema.json", notes=None)
    group = GROUP(older)
    group["key"] = group.pop("publicKey")
    for test in group["tests"]:
        del test["flags"], test["comment"]
    path.write_text(json.dumps(older))
    assert verdicts(path, answer) == ["agreed"] * 3
    assert vectors.read(str(path)).cases[0].flags == ("",)
    bitcoin = content()
    bitcoin["schema"] = "ecdsa_bitcoin_verify_schema.json"
    group = GROUP(bitcoin)
    group["type"] = "EcdsaBitcoinVerify"
    low = SIGNATURE.low_s()
    high = type(low)(low.r, KEY.curve.n - low.s)
    for test, signature in zip(group["tests"], (low, high, high), strict=True):
        test.update(msg=b"m".hex(), sig=signature.to_der().hex())
    path.write_text(json.dumps(bitcoin))
    assert verdicts(path, answer) == ["agreed"] * 3


def test_a_file_that_is_too_large_is_refused(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """By its name, and without being read whole."""
    monkeypatch.setattr(schemas, "_LARGEST", 1 << 10)
    path.write_bytes(b" " * (1 << 10) + path.read_bytes())
    with pytest.raises(Refused, match=r"small_test\.json: a file of at most 0 MiB was expected$"):
        vectors.read(str(path))


def test_what_is_no_path_is_a_type_error_and_closes_nothing(path: Path) -> None:
    """The number of an open file is one that reading would close: standard output, say. A `Path` is a path."""
    with path.open() as file:
        number: Any = file.fileno()
        with pytest.raises(TypeError, match=r"str, bytes or os\.PathLike object, not int"):
            vectors.read(number)
        with pytest.raises(TypeError, match=r"str, bytes or os\.PathLike object, not int"):
            vectors.find([number])
        os.fstat(number)
    wrong: Any = os.fsencode(path)
    with pytest.raises(TypeError, match=r"^path: a str was expected, not bytes$"):
        vectors.read(wrong)
    with pytest.raises(TypeError, match=r"^path: a str was expected, not bytes$"):
        vectors.find([wrong])
    in_path: Any = path
    assert vectors.read(in_path) == vectors.read(str(path))
    assert vectors.find([in_path]) == [str(path)]


@pytest.mark.parametrize("name", ["\0", "x\0.json", "\udfff"])
def test_a_name_that_no_file_can_have_is_refused(name: str) -> None:
    """It is a path that cannot be used, like any other."""
    with pytest.raises(Refused, match=r": the name of a file was expected$"):
        vectors.read(name)
    assert batch.read_all([name]) == ([], [f"{name}: the name of a file was expected"])


@pytest.mark.parametrize("one", ["one/path.json", b"one", Path("one")], ids=repr)
def test_one_path_is_no_list_of_paths(one: Any) -> None:
    """Each character of a text would be a path, and `/` a folder that is searched."""
    with pytest.raises(TypeError, match=rf"^paths: a list of paths was expected, not {type(one).__name__}$"):
        vectors.find(one)


@pytest.mark.parametrize(
    ("items", "is_read"),
    [
        ([], True),
        ([{"public_key": "", "message": "6d", "signature": "00"}], True),
        ([{"public_key": "", "message": "6d", "signature": "0"}], False),
        ([{"public_key": "", "message": "6d", "signature": 0}], False),
        ([{"public_key": "", "signature": "00"}], False),
        (["00"], False),
        ({"0": "00"}, False),
    ],
)
def test_the_items_of_a_batch_are_checked(items: Any, is_read: bool, tmp_path: Path) -> None:
    """Each is an object with a key, a message and a signature in hex, whatever these say: or the case is named."""
    test = {"tcId": 1, "items": items, "verdicts": [False] * len(items), "result": "valid"}
    group = {"type": "EcdsaVerifyBatch", "curve": "secp224k1", "sha": "SHA-224", "tests": [test]}
    content = {"algorithm": "ECDSA", "schema": "ecpure_batch_schema_v1.json", "numberOfTests": 1, "testGroups": [group]}
    path = tmp_path / "batch_test.json"
    path.write_text(json.dumps(content), encoding="ascii")
    if is_read:
        (case,) = vectors.read(str(path)).cases
        assert answer(case.request) == {"result": "valid", "verdicts": [False] * len(items)}
    else:
        words = r"case 1: items: a list of objects with public_key, message and signature in hex was expected$"
        with pytest.raises(vectors.InvalidVectors, match=words):
            vectors.read(str(path))
