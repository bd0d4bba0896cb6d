"""The page's own modules: found in the checkout, after everything that is installed, ecpure included."""

from __future__ import annotations

import sys
from pathlib import Path

import pagefiles
import pytest

sys.path.append(str(Path(__file__).parents[2]))


@pytest.fixture(scope="session")
def keys(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with keys that OpenSSL made."""
    return pagefiles.make(tmp_path_factory.mktemp("keys"))
