"""The files that the examples of docs/ read: archives of a few records, receipts, tickets, and users of the login.

`make examples` writes them into docs/examples/files. Keys and nonces are fixed: they come out the same every time.
"""

from __future__ import annotations

import bz2
import json
import random
import sys
import zipfile
from base64 import b64decode, b64encode
from pathlib import Path
from typing import Any

from ecpure import SECP224K1, PrivateKey, auth

sys.path.append(str(Path(__file__).parents[1] / "support"))
from archives import login, with_nonce, written
from generating import CLIENTS, SIGNERS, Rand48
from packed import tar_of, zip_of
from tickets import body, ticket

FILES = Path(__file__).parents[2] / "docs" / "examples" / "files"
CUSTOMER, STATION, GAME = (PrivateKey.from_int(d) for d in (0xC0FFEE, 0x5EED << 200, 0xF00D << 200))
RECEIPT = (
    b'{"outlet": 2, "session_id": 55, "station_mac": "0024b1000000beef", "meter_serial": "1234567",\n'
    b' "meter_startreading": 74.6, "meter_endreading": 86.6, "energy_units": "kWh",\n'
    b' "start_time": 1581763758, "end_time": 1581772802}\n'
)
BILL = (
    b'{"energy": [{"start_time": 1543841508, "start_time_utc": 1543837908,\n'
    b'  "end_time": 1543841929, "end_time_utc": 1543838329}], "totalAmount": 0.08,\n'
    b' "additional_info": {"outlet": 2, "session_id": 2, "station_mac": "0024:b100:0000:beef",\n'
    b'  "currency_code": "EUR", "meter_startreading": 3078, "meter_endreading": 3137, "energy_units": "Wh"}}\n'
)


def records() -> list[dict[str, Any]]:
    """Return a valid record, one with another message, and one whose signature is not in the format it is read in."""
    signature = {"format": "p1363", "signature": STATION.sign(b"pay 5 to Ann").to_p1363().hex()}
    return [
        {"id": "a", "public_key": "station-1", "text": "pay 5 to Ann", **signature},
        {"id": "b", "public_key": "station-1", "text": "pay 9 to Ann", **signature},
        {"id": "c", "public_key": "station-1", "text": "pay 5 to Bob", "signature": signature["signature"]},
    ]


def order(number: int) -> dict[str, Any]:
    """Return an honest record, of low s."""
    message = b"order %d" % number
    signature = CUSTOMER.sign(message, low_s=True).to_der().hex()
    return {"public_key": CUSTOMER.public_key.to_bytes().hex(), "message": message.hex(), "signature": signature}


def orders() -> list[dict[str, Any]]:
    """Return six records; two share a nonce, and one has another's message."""
    made = [order(number) for number in range(6)]
    made[1] = with_nonce(0xC0FFEE, 1 << 200, b"order 1")
    made[3]["message"] = made[2]["message"]
    made[4] = with_nonce(0xC0FFEE, 1 << 200, b"order 4", is_twin=True)
    return made


def twice() -> list[dict[str, Any]]:
    """Return two pairs of records, each of one nonce: the second ones have an octet behind, and another's key."""
    made = [with_nonce(0xC0FFEE, 1 << 200 + number // 2, b"order %d" % number) for number in range(4)]
    made[1]["signature"] += "01"
    made[3]["public_key"] = STATION.public_key.to_bytes().hex()
    return made


def biased() -> list[dict[str, Any]]:
    """Return eight records of one key, whose nonces begin with forty zeros."""
    rng = random.Random(224)
    return [with_nonce(0xBADC0DE, rng.getrandbits(184), b"delivery %d" % number) for number in range(8)]


def drawn() -> list[dict[str, Any]]:
    """Return two logins with client nonces of java.util.Random, and two records with nonces of Math.random."""
    clients, signer = Rand48(224), Rand48(1)
    nonces = [CLIENTS["java.util.Random.nextBytes, or mrand48, little-endian"](clients) for _ in range(2)]
    logins = [login(3001 + number, client=int.from_bytes(nonce, "big")) for number, nonce in enumerate(nonces)]
    signed = [SIGNERS["Math.random"](signer, SECP224K1.n) % SECP224K1.n for _ in range(2)]
    return [*logins, *(with_nonce(0x0DD5EED, k, b"order %d" % number) for number, k in enumerate(signed))]


def without_zeros() -> dict[str, Any]:
    """Return a login whose r has 27 octets, and is written so."""
    for number in range(1000):
        record = login(number)
        r, s = record["message"]["signature"]
        if b64decode(r)[0] == 0:
            record["message"]["signature"] = [b64encode(b64decode(r)[1:]).decode("ascii"), s]
            return record
    raise AssertionError


def receipts() -> dict[str, bytes]:
    """Return receipts as they are handed out: an archive, a ZIP of two, Chargy's JSON; and a key in Chargy's JSON."""
    signature, bills = (STATION.sign(octets, hash="sha256").to_der() for octets in (RECEIPT, BILL))
    pair = {"secrrct": RECEIPT, "secrrct.sign": signature}
    bill = {"secrrct": BILL.replace(b"0.08", b"8.00"), "secrrct.sign": bills}
    both = {f"{number}/{name}": octets for number, files in ((1, pair), (2, bill)) for name, octets in files.items()}
    contexts = "https://open.charging.cloud/contexts/"
    session = {"original": b64encode(BILL).decode("ascii"), "signature": bills.hex()}
    key = {"subject": {"EVSEId": "0024b1000000beef_2"}, "algorithm": "secp224k1"}
    key["value"] = STATION.public_key.to_bytes(compressed=False).hex()
    in_der = {"encoding": "base64", "value": b64encode(STATION.public_key.to_der()).decode("ascii")}
    documents = {
        "bill.chargy": {"@context": f"{contexts}CTR+json", "chargingSessions": [session]},
        "station.chargy": {"@context": f"{contexts}publicKey+json", **key},
        "station-der.chargy": {"@context": f"{contexts}publicKey+json", **key, **in_der},
    }
    return pair | {
        "receipt.tar.bz2": bz2.compress(tar_of(pair)),
        "receipts.zip": zip_of(both, zipfile.ZIP_STORED),
        **{name: f"{json.dumps(value, indent=1)}\n".encode("ascii") for name, value in documents.items()},
    }


def of_other_programs() -> dict[str, bytes]:
    """Return records that are valid, as other programs write them: a spreadsheet, a JSON array, in two encodings."""
    messages = [b"pay 5 to Ann", b"pay 9 to Bob"]
    signed = [(octets, STATION.sign(octets, hash="sha256").to_der()) for octets in messages]
    spki = STATION.public_key.to_der()
    sheet = [("id", "text", "hash", "signature", "public_key")]
    sheet += [(f"{n}", m.decode("ascii"), "SHA-256", s.hex(":"), spki.hex()) for n, (m, s) in enumerate(signed, 1)]
    array = [
        {
            "id": n,
            "message": m.hex(),
            "hash": "SHA256",
            "signature": s.hex(),
            "public_key": b64encode(spki).decode("ascii"),
        }
        for n, (m, s) in enumerate(signed, 1)
    ]
    both = [
        one | {"encoding": "base64", "message": b64encode(m).decode("ascii")}
        for one, (m, _) in zip(array, signed, strict=True)
    ]
    return {
        "sheet.csv": "".join(f"{';'.join(row)}\n" for row in sheet).encode("ascii"),
        "array.json": f"{json.dumps(array, indent=1)}\n".encode("ascii"),
        "both.jsonl": written(both),
    }


def tickets() -> list[dict[str, Any]]:
    """Return records of two tickets, the second of a server that has chosen SHA-256."""
    hashes = ("sha224", "sha256")
    made = [{"id": n, "message": ticket(body(), GAME.sign(body(), hash=n).to_der()).hex()} for n in hashes]
    key = {"profile": "rpcn", "public_key": GAME.public_key.to_bytes().hex()}
    return [made[0] | key, made[1] | key | {"hash": "sha256"}]


def made() -> dict[str, bytes]:
    """Return the octets of each file, by its path in the folder."""
    unnamed = [{name: value for name, value in order(n).items() if name != "public_key"} for n in range(3)]
    user = auth.derive_private_key(1, "opensesame").public_key.to_pem()
    users = {"1": {"cookie": "HGREqcILTz8blHa/jsUTVTNBJlg=", "public_key": user}}
    station, game = (key.public_key.to_pem().encode("ascii") for key in (STATION, GAME))
    return {
        "keys/1.pem": user.encode("ascii"),
        "keys/station-1.pem": station,
        "records.jsonl": written(records()),
        "orders.jsonl": written(orders()),
        "twice.jsonl": written(twice()),
        "biased.jsonl": written(biased()),
        "drawn.jsonl": written(drawn()),
        "logins.jsonl": written([login(2001), without_zeros(), login(2001, client=9), login(2003)]),
        "unnamed.jsonl": written(unnamed),
        "station.pem": station,
        "stations/0024b1000000beef_2.pem": station,
        **receipts(),
        **of_other_programs(),
        "tickets.jsonl": written(tickets()),
        "rpcn.pem": game,
        "ticket": ticket(body(), GAME.sign(body()).to_der()),
        "ticket.log": b"$%s\n" % ticket(body(), GAME.sign(body(), hash="sha256").to_der()).hex().encode("ascii"),
        "users.json": f"{json.dumps(users, indent=1)}\n".encode("ascii"),
    }


if __name__ == "__main__":
    for name, octets in made().items():
        path = FILES / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(octets)
