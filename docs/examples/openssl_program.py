"""A program under test for `ecpure vectors --only verify --command …`: OpenSSL's command, for signatures in DER."""

import json
import subprocess
import sys
import tempfile
from pathlib import Path

SPKI = bytes.fromhex("304e301006072a8648ce3d020106052b81040020033a00")  # what stands before a point of secp224k1

with tempfile.TemporaryDirectory() as folder:
    key, signature, message = (Path(folder, name) for name in ("key", "signature", "message"))
    verify = ["openssl", "dgst", "-verify", str(key), "-keyform", "DER", "-signature", str(signature)]
    for line in sys.stdin:
        request = json.loads(line)
        result = "unsupported"
        asked = (request["operation"], request.get("format"), request["curve"], request.get("low_s", False))
        if asked == ("verify", "der", "secp224k1", False):
            key.write_bytes(SPKI + bytes.fromhex(request["public_key"]))
            signature.write_bytes(bytes.fromhex(request["signature"]))
            message.write_bytes(bytes.fromhex(request["message"]))
            name = request["hash"].replace("_", "-")
            done = subprocess.run([*verify, f"-{name}", message], capture_output=True, check=False)
            result = "invalid" if done.returncode else "valid"
        print(json.dumps({"id": request["id"], "result": result}), flush=True)
