"""Other programs' ECDSA on this curve, for comparing speed and results. All of them are optional."""

from __future__ import annotations

import ctypes
import ctypes.util
import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from importlib.metadata import version
from typing import Any

from ..curve import SECP224K1, SECP256K1, Curve
from ..hashes import digest
from ..integers import backend, hide_gmpy2
from ..signature import Signature


@dataclass(frozen=True, slots=True)
class Peer:
    """Another library with one private key loaded; the last three members convert from and to its types."""

    name: str
    curve: Curve
    hash: str
    public_key: Callable[[], Any]
    sign: Callable[[bytes], Any]
    verify: Callable[[bytes, Any], bool]
    x_and_y: Callable[[Any], tuple[int, int]]
    r_and_s: Callable[[Any], tuple[int, int]]
    signature: Callable[[Signature], Any]


def installed(d: int) -> tuple[list[Peer], list[str]]:
    """Return the peers that can be loaded here, with the private key d, and the names of the others.

    On the backend `python` they also use Python's integers, if they have the choice.
    """
    if backend() == "python":
        hide_gmpy2()
    found, missing = [], []
    for make in (_fastecdsa, _openssl, _python_ecdsa, _btclib_ecc, _coincurve):
        try:
            found.append(make(d))
        except (ImportError, OSError, AttributeError):  # not installed; or OpenSSL without the functions or curve
            missing.append(make.__name__.strip("_").replace("_", "-"))
    return found, missing


def _fastecdsa(d: int) -> Peer:
    """Return fastecdsa 4 and later: Rust."""
    keys, ecdsa = import_module("fastecdsa.keys"), import_module("fastecdsa.ecdsa")
    curve = import_module("fastecdsa.curve").secp224k1
    Q = keys.get_public_key(d, curve)
    return Peer(
        name=f"fastecdsa {version('fastecdsa')}",
        curve=SECP224K1,
        hash="sha224",
        public_key=lambda: keys.get_public_key(d, curve),
        sign=lambda message: ecdsa.sign(message, d, curve, hashlib.sha224),
        verify=lambda message, pair: bool(ecdsa.verify(pair, message, Q, curve, hashlib.sha224)),
        x_and_y=lambda point: (point.x, point.y),
        r_and_s=tuple,
        signature=lambda signature: (signature.r, signature.s),
    )


def python_ecdsa_curve() -> Any:
    """Return secp224k1 as python-ecdsa's `Curve`: the library does not define it, but works on any curve."""
    curves, points = import_module("ecdsa.curves"), import_module("ecdsa.ellipticcurve")
    field = points.CurveFp(SECP224K1.p, 0, SECP224K1.b, 1)
    G = points.PointJacobi(field, SECP224K1.gx, SECP224K1.gy, 1, SECP224K1.n, generator=True)
    return curves.Curve("secp224k1", field, G, (1, 3, 132, 0, 32))


def _python_ecdsa(d: int) -> Peer:
    """Return python-ecdsa."""
    ecdsa, curve = import_module("ecdsa"), python_ecdsa_curve()

    def signing_key() -> Any:
        return ecdsa.SigningKey.from_secret_exponent(d, curve, hashlib.sha224)

    private = signing_key()

    def verify(message: bytes, pair: tuple[int, int]) -> bool:
        try:
            return bool(private.verifying_key.verify(pair, message, sigdecode=lambda pair, _: pair))
        except ecdsa.BadSignatureError:
            return False

    return Peer(
        name=f"python-ecdsa {version('ecdsa')}",
        curve=SECP224K1,
        hash="sha224",
        public_key=lambda: signing_key().verifying_key.pubkey.point,
        sign=lambda message: private.sign_deterministic(message, sigencode=lambda r, s, _: (r, s)),
        verify=verify,
        x_and_y=lambda point: (int(point.x()), int(point.y())),
        r_and_s=lambda pair: (int(pair[0]), int(pair[1])),
        signature=lambda signature: (signature.r, signature.s),
    )


def _btclib_ecc(d: int) -> Peer:
    """Return btclib-ecc, which blinds its signing."""
    dsa, curve = import_module("btclib_ecc.ecc.dsa"), import_module("btclib_ecc.curves").CURVES["secp224k1"]
    _, Q = dsa.gen_keys(d, curve)
    return Peer(
        name=f"btclib-ecc {version('btclib-ecc')}",
        curve=SECP224K1,
        hash="sha224",
        public_key=lambda: dsa.gen_keys(d, curve)[1],
        sign=lambda message: dsa.sign(message, d, ec=curve, hf=hashlib.sha224),
        verify=lambda message, signature: bool(dsa.verify(message, Q, signature, hashlib.sha224)),
        x_and_y=lambda point: (int(point[0]), int(point[1])),
        r_and_s=lambda signature: (int(signature.r), int(signature.s)),
        signature=lambda signature: dsa.Sig(signature.r, signature.s, curve),
    )


def _coincurve(d: int) -> Peer:
    """Return coincurve: libsecp256k1, C and assembly, on secp256k1, for scale. It accepts only low s."""
    coincurve = import_module("coincurve")
    private = coincurve.PrivateKey.from_int(d)
    return Peer(
        name=f"coincurve {version('coincurve')} (secp256k1)",
        curve=SECP256K1,
        hash="sha256",
        public_key=lambda: coincurve.PrivateKey.from_int(d).public_key,
        sign=private.sign,
        verify=lambda message, octets: bool(private.public_key.verify(octets, message)),
        x_and_y=lambda point: point.point(),
        r_and_s=lambda octets: ((pair := Signature.from_der(octets)).r, pair.s),
        signature=lambda signature: signature.low_s(curve=SECP256K1).to_der(),
    )


_POINTER, _NUMBER, _OCTETS, _SIZE = ctypes.c_void_p, ctypes.c_int, ctypes.c_char_p, ctypes.c_size_t

# The types that each of OpenSSL's functions returns and takes: functions used here and by the project's own tests.
_OPENSSL: dict[str, tuple[Any, ...]] = {
    "OpenSSL_version": (_OCTETS, _NUMBER),
    "OBJ_txt2nid": (_NUMBER, _OCTETS),
    "BIO_new_mem_buf": (_POINTER, _OCTETS, _NUMBER),
    "BN_CTX_new": (_POINTER,),
    "BN_new": (_POINTER,),
    "BN_bin2bn": (_POINTER, _OCTETS, _NUMBER, _POINTER),
    "BN_bn2binpad": (_NUMBER, _POINTER, _OCTETS, _NUMBER),
    "BN_mod_sqrt": (_POINTER, _POINTER, _POINTER, _POINTER, _POINTER),
    "EC_GROUP_get_curve": (_NUMBER, _POINTER, _POINTER, _POINTER, _POINTER, _POINTER),
    "EC_GROUP_new_by_curve_name": (_POINTER, _NUMBER),
    "EC_GROUP_get_curve_name": (_NUMBER, _POINTER),
    "EC_KEY_new_by_curve_name": (_POINTER, _NUMBER),
    "EC_KEY_get0_group": (_POINTER, _POINTER),
    "EC_KEY_get0_private_key": (_POINTER, _POINTER),
    "EC_KEY_get0_public_key": (_POINTER, _POINTER),
    "EC_KEY_set_public_key": (_NUMBER, _POINTER, _POINTER),
    "EC_KEY_check_key": (_NUMBER, _POINTER),
    "EC_POINT_new": (_POINTER, _POINTER),
    "EC_POINT_mul": (_NUMBER, _POINTER, _POINTER, _POINTER, _POINTER, _POINTER, _POINTER),
    "EC_POINT_oct2point": (_NUMBER, _POINTER, _POINTER, _OCTETS, _SIZE, _POINTER),
    "EC_POINT_point2oct": (_SIZE, _POINTER, _POINTER, _NUMBER, _OCTETS, _SIZE, _POINTER),
    "ECDSA_verify": (_NUMBER, _NUMBER, _OCTETS, _NUMBER, _OCTETS, _NUMBER, _POINTER),
    "ECDSA_SIG_new": (_POINTER,),
    "ECDSA_SIG_set0": (_NUMBER, _POINTER, _POINTER, _POINTER),
    "ECDSA_do_verify": (_NUMBER, _OCTETS, _NUMBER, _POINTER, _POINTER),
    "d2i_AutoPrivateKey": (_POINTER, _POINTER, ctypes.POINTER(_POINTER), ctypes.c_long),
    "d2i_PUBKEY": (_POINTER, _POINTER, ctypes.POINTER(_POINTER), ctypes.c_long),
    "PEM_read_bio_PrivateKey": (_POINTER, _POINTER, _POINTER, _POINTER, _OCTETS),
    "PEM_read_bio_PUBKEY": (_POINTER, _POINTER, _POINTER, _POINTER, _OCTETS),
    "EVP_PKEY_get1_EC_KEY": (_POINTER, _POINTER),
    "EC_KEY_set_private_key": (_NUMBER, _POINTER, _POINTER),
    "ECDSA_sign": (_NUMBER, _NUMBER, _OCTETS, _NUMBER, _OCTETS, ctypes.POINTER(ctypes.c_uint), _POINTER),
    "ECDSA_SIG_free": (None, _POINTER),
}


def openssl() -> ctypes.CDLL:
    """Return OpenSSL's library, with the types of its functions declared. Raises `OSError`, `AttributeError`."""
    crypto = ctypes.CDLL(ctypes.util.find_library("crypto") or "libcrypto")
    for name, (result, *arguments) in _OPENSSL.items():
        function = getattr(crypto, name)
        function.restype, function.argtypes = result, arguments
    return crypto


def _openssl(d: int) -> Peer:
    """Return OpenSSL's library, through ctypes. Raises `OSError` without it or the curve, `AttributeError`."""
    crypto = openssl()
    key = crypto.EC_KEY_new_by_curve_name(crypto.OBJ_txt2nid(b"secp224k1"))
    if not key:
        raise OSError("OpenSSL without secp224k1")
    group = crypto.EC_KEY_get0_group(key)
    point, scalar = crypto.EC_POINT_new(group), crypto.BN_bin2bn(d.to_bytes(29, "big"), 29, None)
    uncompressed, signature, length = ctypes.create_string_buffer(57), ctypes.create_string_buffer(80), ctypes.c_uint()

    def public_key() -> bytes:
        crypto.EC_POINT_mul(group, point, scalar, None, None, None)
        crypto.EC_POINT_point2oct(group, point, 4, uncompressed, 57, None)
        return uncompressed.raw

    def sign(message: bytes) -> bytes:
        crypto.ECDSA_sign(0, digest("sha224", message), 28, signature, length, key)
        return signature.raw[: length.value]

    public_key()
    crypto.EC_KEY_set_private_key(key, scalar)
    crypto.EC_KEY_set_public_key(key, point)
    return Peer(
        name=" ".join(crypto.OpenSSL_version(0).decode("ascii").split()[:2]),
        curve=SECP224K1,
        hash="sha224",
        public_key=public_key,
        sign=sign,
        verify=lambda message, der: crypto.ECDSA_verify(0, digest("sha224", message), 28, der, len(der), key) == 1,
        x_and_y=lambda octets: (int.from_bytes(octets[1:29], "big"), int.from_bytes(octets[29:], "big")),
        r_and_s=lambda octets: ((pair := Signature.from_der(octets)).r, pair.s),
        signature=Signature.to_der,
    )
