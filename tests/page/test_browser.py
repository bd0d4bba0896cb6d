"""The page in Chromium, from a file, without a network: what people see of files that are valid, changed or hostile."""

from __future__ import annotations

import functools
import http.server
import json
import threading
import urllib.error
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import pagebrowser
import pagefiles
import pytest
from pagebrowser import Visit

from ecpure import PublicKey, vectors
from page import build

if TYPE_CHECKING:
    from playwright.sync_api import Browser

ROOT = Path(__file__).parents[2]
TEXTS = json.loads((ROOT / "page" / "texts.json").read_text(encoding="utf-8"))
HASHES = {"ticket": "SHA-224", "message": "SHA-384"}
KINDS = ["archive", "pair", "chargy", "ticket", "message", "p256"]

pytestmark = pytest.mark.long


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Chromium, for all tests of this file."""
    pytest.importorskip("playwright", reason="Playwright is not installed: pip install --group page")
    if pagebrowser.program() is None:
        pytest.skip("Chromium is not there: apt install chromium, or set CHROMIUM")
    with pagebrowser.browser() as started:
        yield started


@pytest.fixture(scope="module")
def packages() -> dict[str, bytes]:
    """The files of axe-core; tests are skipped where it and Pyodide cannot be had."""
    try:
        build.pyodide()
        return build.package("axe-core-4.14.1")
    except urllib.error.URLError:
        pytest.skip("npm's registry is not reached, and the packages are not in .cache")


@pytest.fixture(scope="module")
def built(packages: dict[str, bytes], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The page as it is saved, in a folder whose name has a space in it."""
    assert packages
    path = tmp_path_factory.mktemp("a stick") / "ecpure.html"
    path.write_text(build.page(), encoding="utf-8")
    return path


@pytest.fixture(scope="module")
def visit(browser: Browser, built: Path) -> Iterator[Visit]:
    """One page for most of the tests: that it lives on is part of what they check."""
    visit = Visit(browser, built.as_uri()).ready()
    yield visit
    assert visit.faults == []
    worker = [url for url in visit.requests if url.startswith("blob:")]
    assert [url for url in visit.requests if url not in worker] == [built.as_uri()]


@pytest.fixture(autouse=True)
def start_over(request: pytest.FixtureRequest) -> None:
    """Every test begins without files."""
    if "visit" in request.fixturenames:
        page = request.getfixturevalue("visit").page
        page.click("[data-language=en]")
        if page.is_visible("#clear"):
            page.click("#clear")


@pytest.mark.parametrize("kind", KINDS)
def test_each_kind(kind: str, visit: Visit, keys: Path, tmp_path: Path) -> None:
    """What OpenSSL signed is valid; with an octet changed it is not; without the key it is said that one is missing."""
    about, files = pagefiles.valid(keys)[kind]
    assert visit.drop(files, tmp_path).verdicts() == ["✓Valid"]
    assert TEXTS["en"][f"valid.{about}"] in visit.said()
    assert TEXTS["en"]["key-compare.receipt" if about == "receipt" else "key-compare.other"] in visit.said()
    assert f"Hash: {HASHES.get(kind, 'SHA-256')}." in visit.said()
    assert ("WebCrypto" in visit.said()) == (kind == "p256")
    visit.page.click("#clear")
    assert visit.drop(pagefiles.wrong(keys)[kind], tmp_path).verdicts() == ["✗Invalid"]
    assert TEXTS["en"]["fields-unsigned" if about != "message" else "key"] in visit.said()
    visit.page.click("#clear")
    *others, last = files.items()
    assert visit.drop(dict(others), tmp_path).verdicts() == ["?Cannot tell"]
    assert TEXTS["en"]["why.no-key"] in visit.said()
    assert visit.drop(dict([last]), tmp_path).verdicts() == ["✓Valid"]


def test_both_languages(visit: Visit, keys: Path, tmp_path: Path) -> None:
    """The switch changes every text, that of the result too, and the page says which language it is in."""
    _, files = pagefiles.valid(keys)["archive"]
    visit.drop(files, tmp_path)
    visit.page.click("[data-language=de]")
    assert visit.verdicts() == ["✓Gültig"]
    assert "Zählerstand am Ende" in visit.said()
    assert visit.page.get_attribute("html", "lang") == "de"
    assert visit.page.title() == f"ecpure: {TEXTS['de']['title']}"
    shown = visit.page.inner_text("body")
    assert not [text for name, text in TEXTS["en"].items() if len(text) > 25 and text in shown], "English is left"


@pytest.mark.parametrize(("locale", "words"), [("de-AT", "de"), ("fr-FR", "en"), ("en-US", "en")])
def test_the_browsers_language_chooses(locale: str, words: str, browser: Browser, built: Path) -> None:
    """German for those who read it, English for all others."""
    visit = Visit(browser, built.as_uri(), locale=locale)
    assert visit.page.inner_text("h1") == TEXTS[words]["title"]
    visit.context.close()


@pytest.mark.parametrize("name", [name for name in pagefiles.hostile() if name != "deep.json"])
def test_hostile_files(name: str, visit: Visit, keys: Path, tmp_path: Path) -> None:
    """A sentence for each; no markup of a name or a field becomes markup; what comes after it has its verdict."""
    title = visit.page.title()
    visit.drop({name: pagefiles.hostile()[name]}, tmp_path)
    assert [one for one in visit.page.locator(".verdict .banner p, #said p").all_inner_texts() if len(one) > 20]
    assert visit.page.locator("#results img, #results b").count() == 0
    assert visit.page.title() == title
    assert "\u202e" not in visit.said()
    _, files = pagefiles.valid(keys)["archive"]
    assert "✓Valid" in visit.drop(files, tmp_path).verdicts()


def test_a_file_that_ends_the_side_thread(browser: Browser, built: Path, keys: Path, tmp_path: Path) -> None:
    """JSON nested so deep that WebAssembly's stack is not enough: it is left out, and the others are judged."""
    visit = Visit(browser, built.as_uri()).ready()
    _, files = pagefiles.valid(keys)["archive"]
    visit.drop({"deep.json": pagefiles.hostile()["deep.json"], **files}, tmp_path)
    assert visit.verdicts() == ["✓Valid"]
    assert TEXTS["en"]["said.crashed"] in visit.said()
    visit.page.click("#clear")
    assert visit.drop(files, tmp_path).verdicts() == ["✓Valid"]
    visit.context.close()


def test_a_huge_file_and_too_many(visit: Visit, tmp_path: Path) -> None:
    """They are not read, and it is said."""
    path = tmp_path / "huge"
    with path.open("wb") as file:
        file.truncate((32 << 20) + 1)
    visit.page.set_input_files("#files", [path])
    visit.judged()
    assert TEXTS["en"]["said.large"] in visit.said()
    visit.page.click("#clear")
    visit.drop({str(number): b"x" for number in range(201)}, tmp_path)
    assert TEXTS["en"]["said.many"] in visit.said()


def test_a_file_is_removed(visit: Visit, keys: Path, tmp_path: Path) -> None:
    """And the rest judged anew, without it."""
    _, files = pagefiles.valid(keys)["archive"]
    visit.drop(files, tmp_path)
    visit.page.click("text=Remove >> nth=1")
    visit.page.wait_for_selector(".verdict.unknown")
    assert visit.verdicts() == ["?Cannot tell"]


def test_dropping(visit: Visit) -> None:
    """Files that are let go anywhere on the page are taken."""
    visit.page.evaluate("""() => {
      const dataTransfer = new DataTransfer();
      dataTransfer.items.add(new File(["x"], "dropped"));
      for (const type of ["dragover", "drop"]) {
        document.body.dispatchEvent(new DragEvent(type, { dataTransfer, bubbles: true }));
      }
    }""")
    assert "dropped" in visit.judged().said()
    assert not visit.page.get_attribute("body", "class")


def test_a_key_as_digits(visit: Visit, keys: Path, tmp_path: Path) -> None:
    """A key that is only on the device, or in a letter, is pasted: its point in hex, with spaces and line ends."""
    _, files = pagefiles.valid(keys)["archive"]
    visit.drop({"receipt.tar.bz2": files["receipt.tar.bz2"]}, tmp_path)
    digits = PublicKey.from_pem(files["station.pem"]).to_bytes(compressed=False).hex()
    visit.page.evaluate("get('pasted').closest('details').open = true")
    visit.page.click("#take")  # of nothing
    visit.page.fill("#pasted", " ".join(digits[place : place + 8] for place in range(0, len(digits), 8)).upper())
    visit.page.click("#take")
    visit.page.wait_for_selector(".verdict.valid")
    assert "pasted text 1" in visit.said()


def test_the_example(visit: Visit) -> None:
    """A receipt and its key are inside the page."""
    visit.page.click("#example")
    assert visit.judged().verdicts() == ["✓Valid"]


def test_every_connection_is_refused(browser: Browser, built: Path) -> None:
    """Of every kind, by the policy, with a network: a server of this machine is asked for nothing."""
    visit = Visit(browser, built.as_uri(), offline=False).ready()
    with served(built.parent) as (address, asked):
        attempts = [f"fetch({what})" for what in ("location.href", f"'{address}'", "'data:,x'")]
        attempts.append("fetch(URL.createObjectURL(new Blob(['x'])))")
        attempts += [
            f"new Promise((y, n) => {{ const x = {make}; x.onload = x.onopen = y; x.onerror = n; {go}; }})"
            for make, go in (
                ("new XMLHttpRequest()", f"x.open('GET', '{address}'); x.send()"),
                (f"new WebSocket('{address.replace('http', 'ws')}')", ""),
                ("new Image()", f"x.src = '{address}'"),
            )
        ]
        for attempt in attempts:
            assert visit.page.evaluate(f"{attempt}.then(() => 'done', () => 'refused')") == "refused"
        assert not visit.page.evaluate(f"navigator.sendBeacon('{address}', 'x') && false")
        assert asked == []
        free = visit.context.new_page()
        free.goto(address)
        assert asked == ["/ecpure.html"]
    assert len([fault for fault in visit.faults if "Content Security Policy" in fault]) >= len(attempts)
    visit.context.close()


def test_nothing_is_stored(visit: Visit) -> None:
    """No cookie, no storage, no database."""
    assert visit.context.cookies() == []
    assert visit.page.evaluate("localStorage.length + sessionStorage.length") == 0
    assert visit.page.evaluate("indexedDB.databases()") == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing(
    scheme: str, browser: Browser, built: Path, packages: dict[str, bytes], keys: Path, tmp_path: Path
) -> None:
    """Empty, with every verdict, with everything open; on a phone and on a screen, light and dark."""
    files = {"k.pem": (keys / "public.pem").read_bytes(), "alone.zip": b"x"}
    for name, given in (("v", pagefiles.valid(keys)["pair"][1]), ("w", pagefiles.wrong(keys)["pair"])):
        files |= {f"{name}{kept}": octets for kept, octets in given.items() if not kept.endswith(".pem")}
    for width in (360, 1200):
        size = {"width": width, "height": 900}
        visit = Visit(browser, built.as_uri(), viewport=size, color_scheme=scheme).ready()
        visit.page.evaluate(packages["axe.min.js"].decode("utf-8"))
        for step in ("empty", "judged", "open"):
            if step == "judged":
                visit.drop(files, tmp_path)
            elif step == "open":
                visit.page.evaluate("document.querySelectorAll('details').forEach((one) => (one.open = true))")
            found = visit.page.evaluate("axe.run()")
            assert [(one["id"], [node["html"] for node in one["nodes"]]) for one in found["violations"]] == []
            assert visit.page.evaluate("document.documentElement.scrollWidth") <= width
        assert sorted(visit.verdicts()) == ["?Cannot tell", "✓Valid", "✗Invalid"]
        visit.context.close()


def test_the_keyboard_reaches_everything(visit: Visit, keys: Path, tmp_path: Path) -> None:
    """Tab goes through the page in its order, and the result is where one is after a verdict."""
    _, files = pagefiles.valid(keys)["archive"]
    visit.drop(files, tmp_path)
    assert visit.page.evaluate("document.activeElement.id") == "results"
    visit.page.evaluate("document.activeElement.blur()")
    visit.page.focus("[data-language=de]")
    met = []
    for _ in range(14):
        met.append(visit.page.evaluate("document.activeElement.id || document.activeElement.textContent"))
        visit.page.keyboard.press("Tab")
    assert [one for one in met if one in ("files", "example", "clear", "print")] == [
        "files",
        "example",
        "clear",
        "print",
    ]
    assert TEXTS["en"]["steps"] in met


def test_the_print_view(visit: Visit, keys: Path, tmp_path: Path) -> None:
    """It has verdict, fields, key, and the hashes of the files, and nothing to press."""
    _, files = pagefiles.valid(keys)["archive"]
    visit.drop(files, tmp_path)
    visit.page.emulate_media(media="print")
    try:
        said = visit.said()
        assert all(words in said for words in ("Valid", "86.6 kWh", "Fingerprint", "SHA-256", "Checked on"))
        assert visit.page.locator("button:visible, .drop:visible, details.more:visible").count() == 0
        assert visit.page.pdf().startswith(b"%PDF")
    finally:
        visit.page.emulate_media(media="screen")


def test_the_console(visit: Visit) -> None:
    """The lines of the quick start give what the README says; a loop without end is stopped, and all works again."""
    visit.page.evaluate("get('lines').closest('details').open = true")
    visit.page.click("#run")
    visit.page.wait_for_selector("#output:visible")
    assert visit.page.inner_text("#output").split(">>>")[-1].endswith("False\n")
    visit.page.fill("#lines", "while True: pass")
    visit.page.click("#run")
    visit.page.click("#stop")
    visit.has("#output", TEXTS["en"]["stopped"])
    visit.page.fill("#lines", "6 * 7")
    visit.page.click("#run")
    visit.has("#output", "42")


def test_the_vectors(visit: Visit) -> None:
    """All of them agree, here too; twice, since the suite is unpacked once."""
    cases = sum(len(vectors.read(str(path)).cases) for path in build.suite_paths())
    visit.page.evaluate("get('suite').open = true")
    for _ in range(2):
        visit.page.evaluate("get('vectors-state').textContent = ''")
        visit.page.click("#run-vectors")
        visit.has("#vectors-state", f"All {cases:,} cases agreed")


def test_from_a_web_server(browser: Browser, built: Path, keys: Path, tmp_path: Path) -> None:
    """The same file, from any server: one request, for itself."""
    with served(built.parent) as (address, asked):
        visit = Visit(browser, address, offline=False).ready()
        for kind in ("archive", "p256"):
            assert visit.drop(pagefiles.valid(keys)[kind][1], tmp_path).verdicts()[-1] == "✓Valid"
        assert asked == ["/ecpure.html"]
    visit.context.close()


@contextmanager
def served(folder: Path) -> Iterator[tuple[str, list[str]]]:
    """Serve the page on this machine; yield its address, and the list of what is asked for."""
    asked: list[str] = []

    class Handler(http.server.SimpleHTTPRequestHandler):
        def log_message(self, *_: object) -> None:
            asked.append(self.path)

    handler = functools.partial(Handler, directory=str(folder))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/ecpure.html", asked
        server.shutdown()


def test_a_browser_that_is_too_old(browser: Browser, built: Path) -> None:
    """Without WebAssembly it is said which browser to take."""
    visit = Visit(browser, "about:blank")
    visit.page.add_init_script("delete window.WebAssembly")
    visit.page.goto(built.as_uri())
    visit.has("#state", TEXTS["en"]["old"])
    visit.context.close()
