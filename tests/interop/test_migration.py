"""docs/migration.md: every line of its tables is run, on both sides where the other library is there, and compared."""

from __future__ import annotations

import doctest
import importlib.util
import re
from pathlib import Path
from typing import Any

import pytest
from consoles import Shell

from ecpure import SECP256K1, PrivateKey, PublicKey

PAGE = (Path(__file__).parents[2] / "docs" / "migration.md").read_text(encoding="utf-8")
SECTIONS = dict(re.findall(r"^## ([^\n]+)\n(.*?)(?=^## |\Z)", PAGE, re.MULTILINE | re.DOTALL))
MODULES = {
    "python-ecdsa": "ecdsa",
    "fastecdsa": "fastecdsa",
    "ECPy": "ecpy",
    "ecutils": "ecutils",
    "LightECC": "lightecc",
    "btclib-ecc": "btclib_ecc",
    "starkbank-ecdsa": "ellipticcurve",
}
ROWS = {"OpenSSL's command": 7, "libecp": 7, "python-ecdsa": 14, "fastecdsa": 7, "ECPy": 6} | {
    "ecutils": 6,
    "LightECC": 7,
    "btclib-ecc": 6,
    "starkbank-ecdsa": 6,
}


def prepared(name: str) -> dict[str, Any]:
    """Return the names that the section's first block makes. Skips the test where the library is not installed."""
    if name in MODULES and importlib.util.find_spec(MODULES[name]) is None:
        pytest.skip(f"{name} is not installed")
    names: dict[str, Any] = {}
    exec(blocks(name)[0], names)
    return names


def blocks(name: str) -> list[str]:
    return re.findall(r"^```python\n(.*?)^```$", SECTIONS[name], re.MULTILINE | re.DOTALL)


def rows(name: str) -> list[tuple[str, str]]:
    """Return the code in the first two columns of each row of the section's table."""
    return re.findall(r"^\| `(.+?)`[^|]* \| `(.+?)` \| [^\n]*\|$", SECTIONS[name], re.MULTILINE)


def plain(value: Any) -> object:
    """Return the numbers and octets in a key, point or signature of any of the libraries."""
    if hasattr(value, "r") and hasattr(value, "s"):  # a signature, of whichever library
        return value.r, value.s
    if isinstance(value, PublicKey):
        return value.x, value.y
    if hasattr(value, "pubkey"):  # python-ecdsa's VerifyingKey
        return int(value.pubkey.point.x()), int(value.pubkey.point.y())
    point = getattr(value, "W", value)  # ECPy's public key, fastecdsa's point
    if hasattr(point, "x") and hasattr(point, "y"):
        return int(point.x), int(point.y)
    return bytes(value) if isinstance(value, bytearray) else value


def test_the_page_has_the_libraries() -> None:
    """One section for each, and a table of so many rows in it: no line is left out by a slip of the pen."""
    assert set(SECTIONS) == {"What differs everywhere", *ROWS}
    for name, count in ROWS.items():
        lines = [line for line in SECTIONS[name].splitlines() if line.startswith("| ") and "what you wrote" not in line]
        assert len(lines) == len(rows(name)) == count


@pytest.mark.parametrize("name", MODULES)
def test_both_columns_give_the_same(name: str) -> None:
    """What one wrote and what one writes now come to the same octets, numbers and verdicts."""
    names = prepared(name)
    for before, now in rows(name):
        theirs, ours = plain(eval(before, names)), plain(eval(now, names))
        assert (before, theirs) == (before, ours)
        assert ours is not False


@pytest.mark.parametrize("name", [name for name in ROWS if len(blocks(name)) > 1])
def test_the_examples_print_what_the_page_says(name: str) -> None:
    """The blocks with prompts are doctests."""
    text = "".join(blocks(name)[1:])
    test = doctest.DocTestParser().get_doctest(text, prepared(name), name, "migration.md", 0)
    results = doctest.DocTestRunner(optionflags=doctest.IGNORE_EXCEPTION_DETAIL).run(test)
    assert results.attempted >= 2
    assert results.failed == 0


@pytest.mark.openssl
def test_each_command_of_openssl_can_be_replaced_alone(tmp_path: Path) -> None:
    """Whichever line of the table is taken from the second column, the others work on."""
    name = "OpenSSL's command"
    (files,) = re.findall(r"^```sh\n(.*?)^```$", SECTIONS[name], re.MULTILINE | re.DOTALL)
    table = rows(name)
    for replaced in range(len(table)):
        (tmp_path / str(replaced)).mkdir()
        shell = Shell(tmp_path / str(replaced))
        assert [shell.run(line)[0] for line in files.splitlines()] == [0, 0]
        for number, (before, now) in enumerate(table):
            status, output = shell.run(now if number == replaced else before)
            assert status == 0, output
            assert "verify" not in now or output.splitlines()[-1] in {
                "valid",
                "Verified OK",
                "Signature Verified Successfully",
            }


def test_libecps_functions_have_their_equals() -> None:
    """Public key, signature and verdict on both curves are those of python-ecdsa for the same numbers."""
    ecdsa = pytest.importorskip("ecdsa")
    names = prepared("libecp")
    values = [eval(now, names) for _, now in rows("libecp")]
    public, signature, valid, compact, public_256, signature_256, valid_256 = values
    assert valid is valid_256 is True
    assert compact == signature.low_s().to_compact()
    theirs = prepared("python-ecdsa")
    assert plain(public) == plain(theirs["vk"])
    assert signature.to_p1363() == theirs["sk"].sign_digest_deterministic(names["digest"])
    sk = ecdsa.SigningKey.from_string(names["d32"], ecdsa.SECP256k1)
    assert plain(public_256) == plain(sk.verifying_key)
    octets = sk.sign_digest_deterministic(names["digest32"], names["hashlib"].sha256)
    assert signature_256.to_p1363(curve=SECP256K1) == octets


def test_a_z_of_29_octets_is_not_a_digest() -> None:
    """The trap that the page warns of: the zero octet that libecp wants before SHA-224 makes another number here."""
    names = prepared("libecp")
    key = PrivateKey.from_bytes(names["d"])
    assert not key.public_key.verify_digest(key.sign_digest(names["digest"]), b"\0" + names["digest"])


def test_python_ecdsas_pkcs8_is_read() -> None:
    """It is of version 1, as the page says, and the same key."""
    names = prepared("python-ecdsa")
    assert PrivateKey.from_pem(names["sk"].to_pem(format="pkcs8")) == names["key"]
