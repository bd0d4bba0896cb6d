"""ChargePoint's receipts under German calibration law: the file `secrrct`, with `secrrct.sign` beside it.

The signature is in DER, of the SHA-256 digest of the receipt's octets as they are. The receipt is JSON: either flat, or
a bill with the flat one's fields in `additional_info`.
"""

from __future__ import annotations

from ..errors import InvalidEncoding
from ..io import strictjson
from .documents import Fields, Reading, decode_signature

SHOWN = (
    "station_mac",
    "outlet",
    "session_id",
    "driver_info",
    "meter_serial",
    "meter_startreading",
    "meter_endreading",
    "total_energy",
    "energy_units",
    "start_time",
    "end_time",
    "totalAmount",
    "currency_code",
)


def read(octets: bytes, signature: bytes) -> Reading:
    """Return the reading of a receipt and its signature.

    Raises `InvalidEncoding` for a receipt that `fields` refuses, and for a signature that is not DER.
    """
    return Reading(decode_signature(signature, "der", "signature"), octets, "sha256", fields(octets))


def fields(octets: bytes) -> Fields:
    """Return the fields of a receipt that `SHOWN` names: text, whole numbers, and any other number as text, with the
    digits that the receipt has.

    Raises `InvalidEncoding` unless it is a JSON object with at least one of them, each once, as text or number.
    """
    receipt = strictjson.decode_object(octets, "receipt", number=str)
    more = receipt.get("additional_info", {})
    if not isinstance(more, dict):
        raise InvalidEncoding("receipt: additional_info: an object was expected")
    shown: Fields = {}
    for name in SHOWN:
        values = [part[name] for part in (receipt, more) if name in part]
        if len(values) > 1:
            raise InvalidEncoding(f"receipt: {name}: it is there twice")
        for value in values:
            if type(value) not in (str, int):  # true and false are no numbers
                raise InvalidEncoding(f"receipt: {name}: text or a number was expected")
            shown[name] = value
    if not shown:
        raise InvalidEncoding(f"receipt: one of the fields {', '.join(SHOWN)} was expected")
    return shown
