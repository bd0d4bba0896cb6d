"""What a signature of unknown make verifies under: keys in any form, and every digest that it may be of."""

from __future__ import annotations

import hashlib
import json
from base64 import b64encode

import pytest
from blobs import KEY, KOBLITZ, LOGIN, MESSAGE, PUBLIC, SIGNATURE, WELCOME, D
from tickets import body, ticket

from ecpure import InvalidEncoding, InvalidKey, PrivateKey, PublicKey, Signature, auth, hashes
from ecpure.explain.attempts import Digest, digest_itself, digests_of, public_key, tried, verifications, weak_hashes
from ecpure.explain.containers import guess
from ecpure.explain.readings import Guess


def held(octets: bytes, digests: list[Digest], key: PublicKey = PUBLIC) -> list[str]:
    """Return what verifies of all that the octets may be."""
    guesses = [one for one in guess(octets) if isinstance(one, Guess)]
    return [words for one in guesses for words in verifications(one, key, digests)]


@pytest.mark.parametrize("hash", ["sha224", "sha256", "sha384", "sha512", "sha3_224", "sha3_512"])
@pytest.mark.parametrize("form", ["der", "p1363", "compact", "hex"])
def test_the_hash_and_format_that_verify(hash: str, form: str) -> None:
    """Of all hashes and forms, the one that was used is said, and no other."""
    signature = KEY.sign(MESSAGE, hash=hash, low_s=True)
    octets = {
        "der": signature.to_der(),
        "hex": signature.to_der().hex().encode(),
        "p1363": signature.to_p1363(),
        "compact": signature.to_compact(),
    }[form]
    assert held(octets, digests_of(MESSAGE)) == [f"verifies: {hash} of the message, on secp224k1"]


HASHES = [*hashes.HASHES, *filter(hashes.is_available, hashes.FOR_VERIFYING)]

FORMS = {
    b"text": {
        "the message": b"text",
        "the message with a line feed after it": b"text\n",
        "the message with CR LF after it": b"text\r\n",
    },
    b"text\n": {
        "the message": b"text\n",
        "the message without its last line feed": b"text",
        "the message with line ends CR LF": b"text\r\n",
    },
    b"a\r\nb\r\n": {
        "the message": b"a\r\nb\r\n",
        "the message without its last line end": b"a\r\nb",
        "the message with line ends LF": b"a\nb\n",
        "the message with line ends LF and without its last line feed": b"a\nb",
    },
    b"a\nb\r\n": {
        "the message": b"a\nb\r\n",
        "the message without its last line end": b"a\nb",
        "the message with line ends LF": b"a\nb\n",
        "the message with line ends CR LF": b"a\r\nb\r\n",
        "the message with line ends CR LF and without its last line end": b"a\r\nb",
    },
    b"\x00\r\n": {
        "the message": b"\x00\r\n",
        "the message without its last line end": b"\x00",
    },
    b"\x00\n": {
        "the message": b"\x00\n",
        "the message without its last line feed": b"\x00",
    },
}


@pytest.mark.parametrize("message", FORMS)
def test_every_hash_of_a_message_is_tried(message: bytes) -> None:
    """Of the message, of the same with another end, and of text with other line ends; each once."""
    found = digests_of(message)
    expected = {
        f"{name} of {what}": hashes.digest(name, form) for what, form in FORMS[message].items() for name in HASHES
    }
    assert dict(found) == expected
    assert len(found) == len(expected)


def test_an_old_hash_is_tried() -> None:
    """A signature of SHA-1 is found out, and that it is one of a weak hash; its digest is named by its length."""
    octets = hashlib.sha1(MESSAGE).digest()
    signature = KEY.sign_digest(octets)
    verified = held(signature.to_der(), digests_of(MESSAGE))
    assert verified == ["verifies: sha1 of the message, on secp224k1"]
    assert weak_hashes(verified) == {"sha1"}
    assert weak_hashes(held(SIGNATURE.to_der(), digests_of(MESSAGE))) == weak_hashes([]) == set()
    [(what, digest)] = digest_itself(octets)
    assert what.startswith("the digest (sha1")
    assert digest == octets


@pytest.mark.parametrize(
    "text",
    [
        SIGNATURE.to_der().hex(":").encode(),
        b"0x" + SIGNATURE.to_der().hex().encode(),
        b64encode(SIGNATURE.to_der()).replace(b"A", b"A\n", 1) + b"\n",
    ],
)
def test_text_as_programs_write_it(text: bytes) -> None:
    """Colons, 0x and line ends are no part of what the text says."""
    assert len(held(text, digests_of(MESSAGE))) == 1


@pytest.mark.parametrize(
    ("signed", "given", "words"),
    [
        (b"text\n", b"text", "the message with a line feed after it"),
        (b"text", b"text\n", "the message without its last line feed"),
    ],
)
def test_a_line_feed_too_many_or_too_few(signed: bytes, given: bytes, words: str) -> None:
    """The commonest mistake with messages is found, and named."""
    assert held(KEY.sign(signed).to_der(), digests_of(given)) == [f"verifies: sha224 of {words}, on secp224k1"]


def test_a_digest_that_was_cut_to_224_bits() -> None:
    """A program that takes 224 bits of a longer digest in place of 225 is found out; nothing else verifies that."""
    digest = hashlib.sha256(MESSAGE).digest()
    octets = KEY.sign_digest(digest[:28]).to_der()
    [words] = held(octets, digests_of(MESSAGE))
    assert words.startswith("verifies: sha256 of the message, on secp224k1, cut to 224 bits: ")
    assert "SEC 1 §4.1.3 step 5" in words
    assert not PUBLIC.verify(Signature.from_der(octets), MESSAGE, hash="sha256")


@pytest.mark.parametrize(("key", "name"), [(KEY, "sha256"), (KEY, "sha512"), (KOBLITZ, "sha384")])
def test_a_digest_that_was_not_cut(key: PrivateKey, name: str) -> None:
    """A program that takes all of a longer digest, modulo n, is found out, as ecutils on secp224k1."""
    digest = hashlib.new(name, MESSAGE).digest()
    d, n = int.from_bytes(key.to_bytes(), "big"), key.curve.n
    k = 5
    r = int.from_bytes((k * key.curve.G).to_bytes()[1:], "big") % n
    s = pow(k, -1, n) * (int.from_bytes(digest, "big") + r * d) % n
    [words] = held(Signature(r, s).to_der(), digests_of(MESSAGE), key.public_key)
    assert words.startswith(f"verifies: {name} of the message, on {key.curve.name}, whole, modulo n: a known error")
    assert f"takes the leftmost {n.bit_length()} bits" in words


def test_what_was_tried_is_said() -> None:
    """The hashes, what they were of, and how digests were cut; for a document its own hash; or that nothing was."""
    [signature] = [one for one in guess(SIGNATURE.to_der()) if isinstance(one, Guess)]
    whole, of, cut = tried(signature, PUBLIC, digests_of(b"text"))
    assert whole == f"tried, on secp224k1: {', '.join(HASHES)}"
    assert of == "of the message; the message with a line feed after it; the message with CR LF after it"
    assert cut == "and of longer digests, as some programs take them: cut to 224 bits; whole, modulo n"
    assert tried(signature, KOBLITZ.public_key, digests_of(b"text"))[2].endswith("take them: whole, modulo n")
    assert tried(signature, PUBLIC, digest_itself(bytes(28))) == [
        "tried, on secp224k1: the digest (sha224 or sha3_224)"
    ]
    pair = next(one for one in guess(SIGNATURE.to_p1363()) if isinstance(one, Guess))
    assert tried(pair, KOBLITZ.public_key, digests_of(b"text")) == ["nothing was tried: the key is on secp256k1"]
    [point] = [one for one in guess(PUBLIC.to_bytes()) if isinstance(one, Guess)]
    assert tried(point, PUBLIC, digests_of(b"text")) == tried(signature, PUBLIC, []) == []
    signed = body()
    [document] = [one for one in guess(ticket(signed, KEY.sign(signed).to_der())) if isinstance(one, Guess)]
    assert tried(document, PUBLIC, []) == ["tried: sha224 of the part that is signed, on secp224k1"]


@pytest.mark.parametrize("name", ["sha256", "sha512"])
def test_ecpys_signatures_are_found_out(name: str) -> None:
    """ECPy is such a program: what it signs with a longer digest is explained, the hash included."""
    keys, curves = pytest.importorskip("ecpy.keys"), pytest.importorskip("ecpy.curves")
    private = keys.ECPrivateKey(D, curves.Curve.get_curve("secp224k1"))
    signer = pytest.importorskip("ecpy.ecdsa").ECDSA()
    octets = signer.sign_rfc6979(hashlib.new(name, MESSAGE).digest(), private, getattr(hashlib, name))
    [words] = held(bytes(octets), digests_of(MESSAGE))
    assert words.startswith(f"verifies: {name} of the message, on secp224k1, cut to 224 bits: ")


def test_a_digest_is_named_by_the_hashes_of_its_length() -> None:
    """It is itself what is verified; octets of another length are no digest."""
    digest = hashlib.sha256(MESSAGE).digest()
    assert digest_itself(digest) == [("the digest (sha256 or sha3_256 or sha512_256)", digest)]
    assert held(SIGNATURE.to_der(), digest_itself(digest)) == [
        "verifies: the digest (sha256 or sha3_256 or sha512_256), on secp224k1"
    ]
    assert digest_itself(b"short") == digest_itself(b"") == []


def test_a_digest_of_weak_hashes_only_is_warned_of() -> None:
    """Whichever of them it is; not if a hash that is not weak makes such digests too."""
    for name, weak in (("sha1", {"sha1", "ripemd160"}), ("sha256", set[str]())):
        digest = hashlib.new(name, MESSAGE).digest()
        verified = held(KEY.sign_digest(digest).to_der(), digest_itself(digest))
        assert len(verified) == 1
        assert weak_hashes(verified) == {name for name in weak if hashes.is_available(name)}


def test_nothing_verifies_under_another_key_or_curve() -> None:
    """Another key, another curve's, no signature; and r ‖ s of one curve's length is not tried on the other."""
    digests = digests_of(MESSAGE)
    for key in (PrivateKey.from_int(D + 1).public_key, KOBLITZ.public_key):
        assert held(SIGNATURE.to_der(), digests, key) == []
        assert held(SIGNATURE.to_p1363(), digests, key) == []
    assert held(PUBLIC.to_bytes(), digests) == []
    assert held(SIGNATURE.to_der(), digests_of(b"another")) == []


def test_a_ticket_verifies_by_itself() -> None:
    """It has in it what was signed; no digest is asked for, and under another key it does not verify."""
    signed = body()
    octets = ticket(signed, KEY.sign(signed).to_der())
    assert held(octets, []) == ["verifies: sha224 of the part that is signed, on secp224k1"]
    assert held(octets, [], KOBLITZ.public_key) == []


def test_a_login_verifies_over_its_40_octets() -> None:
    """Given what it signs as the message, the signature inside of the JSON is tried as well."""
    message = json.loads(json.dumps(LOGIN))
    _, octets = auth.read_authenticate(message, server_nonce=WELCOME["nonce"])
    found = held(json.dumps(message).encode(), digests_of(octets))
    assert found == ["verifies: sha224 of the message, on secp224k1"]


@pytest.mark.parametrize("key", [PUBLIC, KOBLITZ.public_key], ids=["secp224k1", "secp256k1"])
def test_a_public_key_in_any_form(key: PublicKey) -> None:
    """PEM, DER and points of either curve are keys."""
    for octets in (key.to_pem().encode(), key.to_der(), key.to_bytes(), key.to_bytes(compressed=False)):
        assert public_key(octets) == key


@pytest.mark.parametrize(
    ("octets", "words"),
    [
        (MESSAGE, "public key: PEM, DER, or a point's bytes were expected"),
        (KEY.to_pem().encode(), "public key: this is a private key; make its public key with `ecpure pubkey`"),
        (
            PUBLIC.to_der().replace(b"\x2b\x81\x04\x00\x20", b"\x2b\x81\x04\x00\x21"),  # secp224r1
            "public key: PEM, DER, or a point's bytes were expected",
        ),
    ],
    ids=["message", "private key", "another curve"],
)
def test_what_is_no_public_key(octets: bytes, words: str) -> None:
    """What it is instead is said where it is that on every curve."""
    with pytest.raises(InvalidKey if "private" in words else InvalidEncoding) as refusal:
        public_key(octets)
    assert str(refusal.value) == words
