"""Which tests are put to the mutants of which module. Only what is fast is here: thousands of mutants meet it."""

from __future__ import annotations

CORE = "tests/core/test_"
FORMATS = "tests/formats/test_"
AUDIT = "tests/audit/test_"
TOY = CORE + "toy.py::test_"
SMALL_GROUPS = [
    TOY + "every_pair_adds_and_subtracts_as_in_the_group",
    TOY + "the_endomorphism_is_multiplication_by_lambda",
    TOY + "every_multiple_of_every_point[p=7,b=3]",
    TOY + "every_multiple_of_every_point[p=31,b=3]",
]
BULK = CORE + "bulk.py::test_"
SIGNINGS = [TOY + "all_signings", TOY + "signatures_by_rfc6979_verify"]

HOUSE = "tests/project/test_house.py"
OPTIONS = HOUSE + "::test_options_go_by_name"
FACE = CORE + "ecpure.py"

QUICK: dict[str, list[str]] = {
    "field": [CORE + "field.py"],
    "primality": [CORE + "primality.py"],
    "rfc6979": [CORE + "rfc6979.py"],
    "der": [CORE + "der.py"],
    "sec1": [
        CORE + "sec1.py",
        CORE + "curve.py",
        CORE + "privatekey.py",
        CORE + "publickey.py",
        TOY + "every_point_encoding_of_the_right_length[p=13,b=2]",
    ],
    "signature": [CORE + "signature.py"],
    "verifying": [
        TOY + "recovery_where_r_was_reduced[p=31,b=3]",
        TOY + "verification_where_r_was_reduced[p=31,b=3]",
        TOY + "verification_where_r_was_reduced[p=43,b=7]",
        CORE + "verifying.py::test_lockstep_needs_no_second_way",
        BULK + "verdicts_are_those_of_one_at_a_time[39]",
        CORE + "verifying.py::test_the_key_of_even_y_R_is_recovered_first",
        TOY + "recovery_where_r_was_reduced",
    ],
    "signing": [CORE + "faults.py", CORE + "rfc6979.py", CORE + "signing.py", *SIGNINGS],
    "privatekey": [CORE + "privatekey.py", CORE + "publickey.py", CORE + "faults.py", CORE + "keyfile.py"],
    "publickey": [CORE + "publickey.py", CORE + "privatekey.py", CORE + "signature.py", CORE + "verifying.py"],
    "auth": [CORE + "auth.py"],
    "curve": [CORE + "curve.py", *SMALL_GROUPS, CORE + "privatekey.py", CORE + "publickey.py"],
    "integers": [CORE + "integers.py", HOUSE, CORE + "field.py"],
    "group": [CORE + "group.py", SMALL_GROUPS[0]],
    "comb": [CORE + "comb.py", SMALL_GROUPS[2], CORE + "basepoint.py"],
    "masks": [CORE + "masks.py", CORE + "second_read.py", SMALL_GROUPS[2]],
    "basepoint": [CORE + "basepoint.py", SMALL_GROUPS[2], CORE + "second_read.py"],
    "endomorphism": [SMALL_GROUPS[1], CORE + "endomorphism.py", SMALL_GROUPS[2]],
    "rfc4648": [CORE + "rfc4648.py", CORE + "auth.py"],
    "tables": [CORE + "tables.py"],
    "bulk": [
        BULK + "verdicts_are_those_of_one_at_a_time[39]",
        BULK + "combs_of_many_keys_go_together[4]",
        BULK + "equal_keys_are_one_prepared_or_not",
        BULK + "wrong_items_and_hashes_are_errors",
        BULK + "what_comes_before_an_error_is_answered_first",
        BULK + "octets_are_those_of_when_the_item_was_read",
        BULK + "closing_takes_back_what_has_not_begun",
        BULK + "reading_ahead_is_bounded[200]",
    ],
    "keyfile": [CORE + "keyfile.py"],
    "hashes": [CORE + "hashes.py"],
    "values": [CORE + "values.py"],
    "formats.keys": [FORMATS + "keys.py"],
    "formats.x509": [FORMATS + "x509.py"],
    "formats.texts": [FORMATS + "texts.py"],
    "formats.dumps": [FORMATS + "dumps.py"],
    "formats.rpcn": [FORMATS + "rpcn.py"],
    "formats.chargepoint": [FORMATS + "chargepoint.py"],
    "audit.lattice": [AUDIT + "lattice.py"],
    "audit.bias": [AUDIT + "bias.py"],
}
"""For each module the tests that turn red soonest, the soonest first."""

FULL: dict[str, list[str]] = {
    "field": [CORE + "sizes.py", CORE + "curve.py", CORE + "faults.py", *SMALL_GROUPS],
    "primality": [CORE + "curve.py"],
    "rfc6979": [CORE + "signature.py", CORE + "privatekey.py", CORE + "faults.py", *SIGNINGS],
    "der": [CORE + "keyfile.py", CORE + "signature.py", CORE + "curve.py"],
    "sec1": [
        OPTIONS,
        CORE + "rfc6979.py",
        CORE + "signature.py",
        CORE + "verifying.py",
        TOY + "every_point_encoding_of_the_right_length",
    ],
    "signature": [OPTIONS, FACE, CORE + "auth.py", CORE + "verifying.py", CORE + "privatekey.py"],
    "verifying": [
        CORE + "verifying.py",
        CORE + "signature.py",
        TOY + "recovery_finds_every_key",
        CORE + "publickey.py",
    ],
    "signing": [OPTIONS, CORE + "privatekey.py", CORE + "signature.py", CORE + "second_read.py"],
    "privatekey": [OPTIONS, FACE, CORE + "signature.py", CORE + "verifying.py", CORE + "second_read.py"],
    "publickey": [OPTIONS, FACE, CORE + "keyfile.py"],
    "auth": [OPTIONS, CORE + "privatekey.py", CORE + "second_read.py"],
    "curve": [FACE, HOUSE, CORE + "basepoint.py", CORE + "endomorphism.py", CORE + "signature.py"],
    "integers": [CORE + "integers_choice.py", FACE, CORE + "faults.py"],
    "group": [
        CORE + "sizes.py",
        CORE + "comb.py",
        CORE + "basepoint.py",
        CORE + "endomorphism.py",
        *SMALL_GROUPS,
        CORE + "faults.py",
    ],
    "comb": [CORE + "sizes.py", *SMALL_GROUPS, CORE + "faults.py", CORE + "second_read.py", CORE + "verifying.py"],
    "masks": [CORE + "basepoint.py", CORE + "signing.py", CORE + "faults.py", CORE + "sizes.py"],
    "basepoint": [CORE + "masks.py", CORE + "faults.py", HOUSE, CORE + "privatekey.py", CORE + "verifying.py"],
    "endomorphism": [*SMALL_GROUPS, CORE + "basepoint.py", CORE + "sizes.py", CORE + "verifying.py"],
    "rfc4648": [CORE + "keyfile.py"],
    "tables": [CORE + "bulk.py", TOY + "all_verifications_in_bulk[7]"],
    "bulk": [CORE + "bulk.py", OPTIONS, CORE + "verifying.py"],
    "keyfile": [CORE + "privatekey.py", CORE + "publickey.py", FORMATS + "keys.py"],
    "hashes": [CORE + "signature.py", CORE + "privatekey.py", CORE + "curve.py"],
    "values": [
        CORE + "privatekey.py",
        CORE + "signature.py",
        CORE + "curve.py",
        "tests/interop/test_scripts.py::test_the_utility_imports_little",
    ],
    "formats.keys": [FORMATS + "encodings.py", "tests/cli/test_pubkey.py"],
    "formats.x509": [FORMATS + "keys.py"],
    "formats.texts": [FORMATS + "encodings.py"],
    "formats.dumps": ["tests/explain/test_readings.py"],
    "formats.rpcn": [FORMATS + "profiles.py"],
    "formats.chargepoint": [FORMATS + "receipts.py"],
    "audit.lattice": [AUDIT + "bias.py"],
    "audit.bias": [AUDIT + "samples.py"],
}
"""More tests, for the mutants that those let through."""
