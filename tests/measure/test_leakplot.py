"""The picture of a leak test: well formed whatever it shows, with numbers that can be read."""

from __future__ import annotations

from xml.etree import ElementTree

import pytest
from fakereports import leak_report

from ecpure.measure import leakplot


def test_the_picture_escapes_its_texts() -> None:
    """Whatever a name holds, the picture is well formed; an empty histogram is drawn as well."""
    report = leak_report(1.0, 2.0)
    report["results"][0]["histogram"] = {"from": 0, "to": 1, "first": [0], "second": [0]}
    ElementTree.fromstring(leakplot.draw(report, 4.5))


@pytest.mark.parametrize(("t", "scale"), [(3.0, ["4.5", "0", "−4.5"]), (1131.25, ["1,131.2", "0", "−1,131.2"])])
def test_the_scale_has_numbers_that_can_be_read(t: float, scale: list[str]) -> None:
    """The bound's where it is apart from 0, else the largest |t|'s; and many signatures are written with commas."""
    report = leak_report(1.0, -t)
    report["results"] = [report["results"][0] | {"signatures": 1_000_000}]
    texts = [
        element.text
        for element in ElementTree.fromstring(leakplot.draw(report, 4.5)).iter("{http://www.w3.org/2000/svg}text")
    ]
    assert texts[1:5] == ["ecpure: a <pair> of r·d; 1,000,000 signatures", *scale]
