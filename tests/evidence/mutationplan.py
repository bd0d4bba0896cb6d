"""Which tests are put to the mutants of which module. Only what is fast is here: thousands of mutants meet it."""

from __future__ import annotations

TOY = "tests/test_toy.py::test_"
SCALARS = "tests/test_scalars.py"
SMALL_GROUPS = [
    TOY + "every_pair_adds_and_subtracts_as_in_the_group",
    TOY + "the_endomorphism_is_multiplication_by_lambda",
    TOY + "every_multiple_of_every_point[p=7,b=3]",
    TOY + "every_multiple_of_every_point[p=31,b=3]",
]
SIGNINGS = [TOY + "all_signings", TOY + "signatures_by_rfc6979_verify"]

MEETING = "tests/test_bulk.py::test_sums_that_meet_in_the_middle_spoil_no_neighbour"
OPTIONS = "tests/test_house.py::test_options_go_by_name"

QUICK: dict[str, list[str]] = {
    "field": ["tests/test_field.py"],
    "rfc6979": ["tests/test_rfc6979.py"],
    "der": ["tests/test_der.py"],
    "sec1": ["tests/test_curve.py", "tests/test_keys.py", TOY + "every_point_encoding_of_the_right_length[p=13,b=2]"],
    "signature": ["tests/test_signature.py"],
    "ecdsa": [
        TOY + "recovery_where_r_was_reduced[p=31,b=3]",
        TOY + "verification_where_r_was_reduced[p=31,b=3]",
        TOY + "verification_where_r_was_reduced[p=43,b=7]",
        "tests/test_bulk.py::test_lockstep_needs_no_second_way",
        "tests/test_bulk.py::test_verdicts_are_those_of_one_at_a_time[39]",
        "tests/test_signature.py::test_the_key_of_even_y_R_is_recovered_first",
        TOY + "recovery_where_r_was_reduced",
    ],
    "signing": [
        "tests/test_faults.py",
        "tests/test_rfc6979.py",
        SCALARS + "::test_lengthened_scalars_have_one_length_and_begin_alike",
        *SIGNINGS,
    ],
    "privatekeys": ["tests/test_keys.py", "tests/test_faults.py", "tests/test_keyfile.py"],
    "publickeys": ["tests/test_keys.py", "tests/test_signature.py"],
    "auth": ["tests/test_auth.py"],
    "curve": ["tests/test_curve.py", *SMALL_GROUPS, "tests/test_keys.py"],
    "affine": [SCALARS + "::test_columns_are_summed", SCALARS + "::test_affine_sums_refuse_equal_and_opposite_points"],
    "integers": ["tests/test_house.py", "tests/test_field.py"],
    "jacobian": [
        SCALARS + "::test_exceptional_cases_of_the_formulas",
        SCALARS + "::test_odd_multiples_are_what_they_are_called",
        SMALL_GROUPS[0],
        SCALARS + "::test_sums_that_meet_equal_and_opposite_points",
    ],
    "multiply": [
        SMALL_GROUPS[1],
        SMALL_GROUPS[2],
        SCALARS + "::test_beta_and_lambda_are_cube_roots_of_unity",
        SCALARS + "::test_wnaf_is_the_number_in_sparse_odd_digits",
        SCALARS,
    ],
}
"""For each module the tests that turn red soonest, the soonest first."""

FULL: dict[str, list[str]] = {
    "field": ["tests/test_sizes.py", "tests/test_curve.py", "tests/test_faults.py", *SMALL_GROUPS],
    "rfc6979": ["tests/test_signature.py", "tests/test_faults.py", *SIGNINGS],
    "der": ["tests/test_keyfile.py", "tests/test_signature.py", "tests/test_curve.py"],
    "sec1": [
        OPTIONS,
        "tests/test_rfc6979.py",
        "tests/test_signature.py",
        TOY + "every_point_encoding_of_the_right_length",
    ],
    "signature": [OPTIONS, "tests/test_auth.py", "tests/test_keys.py"],
    "ecdsa": ["tests/test_signature.py", MEETING, TOY + "recovery_finds_every_key", "tests/test_keys.py"],
    "signing": [OPTIONS, "tests/test_keys.py", "tests/test_signature.py", "tests/test_second_read.py"],
    "privatekeys": [OPTIONS, "tests/test_signature.py", "tests/test_second_read.py"],
    "publickeys": [OPTIONS, "tests/test_keyfile.py"],
    "auth": [OPTIONS, "tests/test_keys.py"],
    "curve": [OPTIONS, "tests/test_house.py", SCALARS, "tests/test_signature.py"],
    "affine": [SCALARS, *SMALL_GROUPS],
    "integers": ["tests/test_entry.py", "tests/test_faults.py"],
    "jacobian": ["tests/test_sizes.py", SCALARS, *SMALL_GROUPS, "tests/test_faults.py"],
    "multiply": [
        *SMALL_GROUPS,
        "tests/test_faults.py",
        "tests/test_keys.py",
        "tests/test_house.py",
        "tests/test_second_read.py",
    ],
}
"""More tests, for the mutants that those let through."""
