"""Settings of the whole suite."""

from __future__ import annotations

import signal
from collections.abc import Iterator, Mapping
from functools import cache, partial

import pytest
from hypothesis import HealthCheck, settings
from opensslcommand import WITHOUT, lacks_the_curve

from ecpure import Curve
from ecpure.audit import conclusions, exposure, samples

# No test fails on a clock: machines are slow at times.
settings.register_profile("suite", deadline=None, suppress_health_check=[HealthCheck.too_slow], print_blob=True)
settings.load_profile("suite")

# What a shell starts in the background ignores Ctrl-C, and so would the programs for which the tests press it.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item: pytest.Item) -> None:
    """Skip what is marked `openssl` where OpenSSL was built without the curve, before any of its fixtures is made."""
    if item.get_closest_marker("openssl") and lacks_the_curve():
        pytest.skip(WITHOUT)


@pytest.fixture
def signal_handlers() -> Iterator[None]:
    """Put the handlers of this process back, whatever a test did to them."""
    before = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)}
    yield
    for number, handler in before.items():
        signal.signal(number, handler)


@pytest.fixture(autouse=True)
def no_samples(monkeypatch: pytest.MonkeyPatch) -> None:
    """Spend nothing on biased nonces and generators in this process, but where a test is about them."""
    monkeypatch.setattr(conclusions, "_MOST_KEYS", 0)
    monkeypatch.setattr(samples, "SECONDS", dict.fromkeys(samples.SECONDS, 0.0))
    monkeypatch.setattr(samples, "SECONDS_PER_RECORD", 0.0)


@cache
def _nonces(curve: Curve, most: int) -> Mapping[bytes, tuple[str, int]]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(exposure, "SMALL", most)
        return exposure.known_nonces(curve)


@pytest.fixture(autouse=True)
def known_nonces(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let audits in this process know the nonces up to 255 by their r, since more take them time; a test that is about
    all of them uses `all_nonces`.
    """
    most = exposure.SMALL if "all_nonces" in request.fixturenames else 255
    monkeypatch.setattr(conclusions, "known_nonces", partial(_nonces, most=most))


@pytest.fixture
def all_nonces() -> None:
    """Let audits know all nonces that they know by their r."""
