"""Generated input for every decoder: it accepts, or raises the package's own error, and nothing else."""

from __future__ import annotations

import contextlib
from collections.abc import Callable

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from ecpure import EcpureError, Point, PrivateKey, PublicKey, Signature, auth
from ecpure.sec1 import bits2int

KEY = PrivateKey.from_int(0xC0FFEE)
SIGNATURE = KEY.sign(b"m", low_s=True)
SEEDS = [
    b"",
    SIGNATURE.to_der(),
    SIGNATURE.to_p1363(),
    SIGNATURE.to_compact(),
    KEY.to_bytes(),
    KEY.to_der("sec1"),
    KEY.to_der("pkcs8"),
    KEY.public_key.to_der(),
    KEY.public_key.to_bytes(),
    KEY.public_key.to_bytes(compressed=False),
    KEY.to_pem("sec1").encode(),
    KEY.to_pem().encode(),
    KEY.public_key.to_pem().encode(),
]
DECODERS: list[tuple[Callable[[bytes], object], Callable[..., bytes | str] | None]] = [
    (Signature.from_der, Signature.to_der),
    (Signature.from_p1363, Signature.to_p1363),
    (Signature.from_compact, Signature.to_compact),
    (Point.from_bytes, None),
    (PublicKey.from_bytes, None),
    (PublicKey.from_der, None),
    (PublicKey.from_pem, None),
    (PrivateKey.from_bytes, None),
    (PrivateKey.from_der, None),
    (PrivateKey.from_pem, None),
]


def examples(few: int, many: int) -> pytest.MarkDecorator:
    """Return a decorator that gives a test `count`, how many inputs to try: a few, or many in the long run."""
    return pytest.mark.parametrize("count", [few, pytest.param(many, marks=pytest.mark.long)])


@st.composite
def octets(draw: st.DrawFn) -> bytes:
    """Octets that nearly are an encoding: one of the seeds with a few cuts, insertions and changes."""
    data = bytearray(draw(st.sampled_from(SEEDS)))
    for _ in range(draw(st.integers(0, 4))):
        at = draw(st.integers(0, len(data)))
        cut = draw(st.integers(0, 3))
        data[at : at + cut] = draw(st.binary(max_size=3))
    return bytes(data)


@pytest.mark.parametrize(("decode", "encode"), DECODERS, ids=[decode.__qualname__ for decode, _ in DECODERS])
@examples(100, 400)
def test_decoders_accept_or_raise_their_own_error(
    decode: Callable[[bytes], object], encode: Callable[..., bytes | str] | None, count: int
) -> None:
    """Whatever the octets, a decoder returns a value or raises `EcpureError`; a signature re-encodes the same."""

    @settings(max_examples=count)
    @given(data=st.one_of(octets(), st.binary(max_size=120)))
    @example(data=b"\x30\x84\xff\xff\xff\xff")
    @example(data=b"-----BEGIN PUBLIC KEY-----\n-----END PUBLIC KEY-----")
    def accepts_or_refuses(data: bytes) -> None:
        with contextlib.suppress(EcpureError):
            value = decode(data)
            assert encode is None or encode(value) == data

    accepts_or_refuses()


@examples(50, 300)
def test_pem_of_any_text(count: int) -> None:
    """Whatever the text, with or without boundaries around it, PEM is read or refused."""

    @settings(max_examples=count)
    @given(text=st.text(max_size=300))
    def reads_or_refuses(text: str) -> None:
        for label in ("EC PRIVATE KEY", "PUBLIC KEY", "PRIVATE KEY"):
            for body in (text, f"-----BEGIN {label}-----\n{text}\n-----END {label}-----\n"):
                for read in (PrivateKey.from_pem, PublicKey.from_pem):
                    with contextlib.suppress(EcpureError):
                        read(body)

    reads_or_refuses()


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=40),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=6,
)
MESSAGE = auth.build_authenticate(
    user_id=1,
    cookie="HGREqcILTz8blHa/jsUTVTNBJlg=",
    private_key=KEY,
    server_nonce="azRzAi5rm1ry/l0drnz1vw==",
    client_nonce=bytes(16),
    tag=1,
)


@examples(100, 500)
def test_login_messages_with_any_value_in_a_field(count: int) -> None:
    """Whatever JSON stands in a field, the message is judged or refused."""

    @settings(max_examples=count)
    @given(field=st.sampled_from([*MESSAGE, "other"]), value=JSON)
    def is_judged_or_refused(field: str, value: object) -> None:
        with contextlib.suppress(EcpureError):
            verdict = auth.verify_authenticate(
                {**MESSAGE, field: value}, server_nonce="azRzAi5rm1ry/l0drnz1vw==", public_key=KEY.public_key
            )
            assert isinstance(verdict, bool)

    is_judged_or_refused()


@examples(60, 300)
def test_random_signatures_are_false(count: int) -> None:
    """No random pair verifies, whatever its size, and none raises."""

    @settings(max_examples=count)
    @given(r=st.integers(1, 1 << 300), s=st.integers(1, 1 << 300), digest=st.binary(min_size=1, max_size=80))
    def is_false(r: int, s: int, digest: bytes) -> None:
        assert KEY.public_key.verify_digest(Signature(r, s), digest) is False

    is_false()


@given(r=st.integers(1, 1 << 2100), s=st.integers(1, 1 << 2100))
def test_der_round_trip(r: int, s: int) -> None:
    """Every pair comes back from its DER, at short and long lengths."""
    assert Signature.from_der(Signature(r, s).to_der()) == Signature(r, s)


@examples(40, 200)
def test_what_is_signed_verifies_and_recovers(count: int) -> None:
    """For any key, digest and extra entropy the signature is valid, low s or not, and the key is recovered from it."""

    @settings(max_examples=count)
    @given(d=st.integers(1, KEY.curve.n - 1), digest=st.binary(min_size=1, max_size=70), extra=st.binary(max_size=40))
    def holds(d: int, digest: bytes, extra: bytes) -> None:
        key = PrivateKey.from_int(d)
        signature = key.sign_digest(digest, extra_entropy=extra)
        assert key.public_key.verify_digest(signature, digest)
        assert key.public_key.verify_digest(signature.low_s(), digest)
        assert key.public_key in PublicKey.recover(signature, digest)
        longer = digest + b"\x00"
        same = bits2int(longer, 225) == bits2int(digest, 225)
        assert key.public_key.verify_digest(signature, longer) is same

    holds()
