"""Answers a Welcome as the exchange's own Python clients did: by ./sign_secp224k1 in the working directory.

Standard input: {"user_id": …, "cookie": …, "passphrase": …, "server_nonce": …}. Standard output: the message.
"""

import base64
import hashlib
import json
import os
import struct
import subprocess
import sys

login = json.load(sys.stdin)
user_id = struct.pack(">Q", login["user_id"])
client_nonce = os.urandom(16)
private_key = hashlib.sha224(user_id + login["passphrase"].encode("utf-8")).digest()
signed = user_id + base64.b64decode(login["server_nonce"]) + client_nonce

process = subprocess.Popen(["./sign_secp224k1"], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
output, _ = process.communicate(private_key + hashlib.sha224(signed).digest())
if process.returncode:
    sys.exit(4)

message = {
    "method": "Authenticate",
    "user_id": login["user_id"],
    "cookie": login["cookie"],
    "nonce": base64.b64encode(client_nonce).decode("ascii"),
    "signature": [base64.b64encode(octets).decode("ascii") for octets in (output[:28], output[28:])],
}
json.dump(message, sys.stdout)
