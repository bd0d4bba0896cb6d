"""Octets in a frame: PEM, DER, JSON, tickets and text; and all that any octets may be."""

from __future__ import annotations

import gzip

import pytest
from blobs import KEY, PUBLIC, READINGS, REFUSALS, SIGNATURE
from hexdumps import xxd
from hypothesis import given
from hypothesis import strategies as st
from packed import tar_of
from tickets import body, ticket

from ecpure import SECP224K1
from ecpure.explain.containers import guess
from ecpure.explain.readings import HIDDEN, Guess, Miss


@pytest.mark.parametrize("what", READINGS)
def test_every_form_is_recognised(what: str) -> None:
    """With all that the same octets may be besides, in order."""
    octets, expected = READINGS[what]
    assert [one.what for one in guess(octets) if isinstance(one, Guess)] == expected


@pytest.mark.parametrize("what", REFUSALS)
def test_what_nearly_fits_is_missed_once(what: str) -> None:
    """There is one miss of the name, with the octet and the clause."""
    octets, name, octet, words = REFUSALS[what]
    misses = [one for one in guess(octets) if isinstance(one, Miss) and one.what.startswith(name)]
    assert [(one.octet, words in one.reason) for one in misses] == [(octet, True)]


def test_octets_of_no_form() -> None:
    """They have neither a reading nor a near one."""
    for octets in (b"", b"x", b"\x30", b"hello there", b"aa" * 13):
        assert guess(octets) == []


def test_a_ticket_has_its_fields_and_its_reading() -> None:
    """The fields are details, and the reading has what the signature is of."""
    signed = body()
    [one] = guess(ticket(signed, KEY.sign(signed).to_der()))
    assert isinstance(one, Guess)
    assert 'online_name: "player"' in one.details
    assert one.reading is not None
    assert PUBLIC.verify_digest(one.reading.signature, one.reading.digest())
    miss, *others = guess(ticket(signed, b"")[:40])
    assert isinstance(miss, Miss)
    assert (miss.what, miss.octet) == ("an RPCN ticket", 4)
    assert [one.what for one in others] == ["perhaps what is signed of the exchange's login: 40 bytes"]


def test_archives_and_chargys_json() -> None:
    """They are named, with what reads the receipts in them; a ticket in a log is the ticket."""
    [archive] = guess(tar_of({"secrrct": b"{}"}))
    [record] = guess(b'{"@context": "https://open.charging.cloud/contexts/CTR+json"}')
    assert isinstance(archive, Guess)
    assert isinstance(record, Guess)
    assert (archive.what, record.what) == ("an archive: tar", "Chargy's JSON")
    assert all("ecpure verify --profile chargepoint" in one.details[0] for one in (archive, record))
    octets = ticket(body(), KEY.sign(body()).to_der())
    assert guess(b"$" + octets.hex().encode("ascii") + b"\n")[0].what == "an RPCN ticket"


def test_records_have_their_commands() -> None:
    """What lines and rows hold, how many there are, and what reads them."""
    line = b'{"signature": "30", "text": "a"}\n'
    [lines] = guess(b"\xef\xbb\xbf" + line * 3)
    [rows] = guess(b"signature;text\r\n30;a\r\n")
    [packed] = guess(gzip.compress(line))
    assert isinstance(lines, Guess)
    assert isinstance(rows, Guess)
    assert isinstance(packed, Guess)
    command = "ecpure verify-many FILE verifies each, ecpure audit FILE compares them"
    assert (lines.what, lines.details) == ("a file of records, in JSON Lines", ("lines: 3", command))
    assert (rows.what, rows.details[:2]) == ("a file of records, in CSV", ("lines: 1", command))
    assert rows.details[2].endswith("--read-as csv")
    assert packed.details[1] == "ecpure verify-many reads records in .gz, .bz2, .xz and .zst"


def test_what_lacks_a_magic_is_not_nearly_it() -> None:
    """JSON of other names is no receipt; text that begins with 0, and bytes that begin a UTF-16 text, are no DER."""
    for octets in (b'{"a": 1}', b"0 is where a SEQUENCE's tag is, in ASCII", b"\xff\xfe\x00\xd8a", b"[1] a footnote"):
        assert not any(isinstance(one, Miss) for one in guess(octets))


def test_layers_of_text_end() -> None:
    """A dump of hex is read; the hex of that is not, nor any that is deeper."""
    text = SIGNATURE.to_der().hex().encode()
    assert [one.what for one in guess(text.hex().encode())] == ["hex: hex: a signature in DER (RFC 3279 §2.2.3)"]
    assert guess(xxd(text.hex().encode())) == []


def test_what_a_login_has() -> None:
    """The message is the exchange's with its signature, which is of the one curve; a Welcome has only a nonce."""
    [login] = guess(READINGS["login"][0])
    assert isinstance(login, Guess)
    assert login.signature is not None
    assert (login.curve, login.details[0]) == (SECP224K1, "user_id: 1")
    welcome, *misses = guess(READINGS["welcome"][0])
    assert isinstance(welcome, Guess)
    assert welcome.signature is None
    assert welcome.details == ("its nonce is 16 bytes in base64",)
    assert all(isinstance(one, Miss) for one in misses)  # it has as many octets as a signature


@pytest.mark.parametrize("what", ["PKCS#8", "SEC 1", "PKCS#8, PEM", "SEC 1, PEM"])
def test_a_private_key_is_secret_and_not_shown(what: str) -> None:
    """In every form; a public key has its curve named by its OID."""
    [one] = guess(READINGS[what][0])
    assert isinstance(one, Guess)
    assert (one.secret, one.details, one.signature) == (True, (HIDDEN,), None)
    [other] = guess(READINGS["SPKI"][0])
    assert isinstance(other, Guess)
    assert (other.secret, other.details) == (False, ("the curve is named by its OID",))


def test_text_is_read_as_what_it_says_first() -> None:
    """Hex that holds something is not read as octets besides; hex that holds nothing is read as what it is."""
    text = SIGNATURE.to_der().hex().encode()
    assert [one.what for one in guess(text)] == ["hex: a signature in DER (RFC 3279 §2.2.3)"]
    assert guess(b"ab" * 12) == []
    assert [one.what for one in guess(b"ab" * 24)] == ["perhaps a digest: sha384 or sha3_384"]


@given(
    st.binary(max_size=100)
    | st.binary(max_size=70).map(lambda tail: b"\x30" + tail)
    | st.sampled_from([octets for octets, _ in READINGS.values()]).flatmap(
        lambda octets: st.integers(0, len(octets) - 1).map(
            lambda i: octets[:i] + bytes([octets[i] ^ 1]) + octets[i + 1 :]
        )
    )
)
def test_any_octets_have_readings_or_none(octets: bytes) -> None:
    """There is no exception, and every octet that a refusal names is one that there is, or the end."""
    for one in guess(octets):
        assert one.what
        if isinstance(one, Miss):
            assert one.reason
            assert one.octet is None or 0 <= one.octet <= max(len(octets), 1)
