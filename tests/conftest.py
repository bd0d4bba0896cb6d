"""Settings of the whole suite."""

from __future__ import annotations

import signal

from hypothesis import HealthCheck, settings

# No test fails on a clock: machines are slow at times.
settings.register_profile("suite", deadline=None, suppress_health_check=[HealthCheck.too_slow], print_blob=True)
settings.load_profile("suite")

# What a shell starts in the background ignores Ctrl-C, and so would the programs for which the tests press it.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)
