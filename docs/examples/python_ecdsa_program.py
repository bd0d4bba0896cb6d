"""A program under test for `ecpure vectors --only verify --command …`: python-ecdsa, its curve defined by hand."""

import hashlib
import json
import sys

import ecdsa

p, n = 2**224 - 2**32 - 6803, 0x010000000000000000000000000001DCE8D2EC6184CAF0A971769FB1F7
G = "a1455b334df099df30fc28a169a467e9e47075a90f7e650eb6b7a45c7e089fed7fba344282cafbd6f7e319f7c0b0bd59e2ca4bdb556d61a5"
field = ecdsa.ellipticcurve.CurveFp(p, 0, 5, 1)
base = ecdsa.ellipticcurve.PointJacobi(field, int(G[:56], 16), int(G[56:], 16), 1, n, generator=True)
curve = ecdsa.curves.Curve("secp224k1", field, base, (1, 3, 132, 0, 32))

for line in sys.stdin:
    request = json.loads(line)
    result = "unsupported"
    if (request["operation"], request["curve"]) == ("verify", "secp224k1"):
        decode = {"der": ecdsa.util.sigdecode_der, "p1363": ecdsa.util.sigdecode_string}[request["format"]]
        signature, message = bytes.fromhex(request["signature"]), bytes.fromhex(request["message"])
        try:
            key = ecdsa.VerifyingKey.from_string(bytes.fromhex(request["public_key"]), curve)
            key.verify(signature, message, getattr(hashlib, request["hash"]), decode)
            is_high = decode(signature, n)[1] > n // 2
            result = "invalid" if is_high and request.get("low_s") else "valid"
        except Exception:  # noqa: BLE001  # it has more ways to refuse than it documents: narrow this to see them crash
            result = "invalid"
    print(json.dumps({"id": request["id"], "result": result}), flush=True)
