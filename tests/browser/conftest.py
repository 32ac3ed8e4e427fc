"""Chromium for the browser tests: found on the machine, strict about its console, signed in by hand.

A test takes `page` (or `new_page()` for a second person), `sign_in(page, username, password)` and `axe(page)`.
Whatever the browser writes to its console under our Content-Security-Policy fails the test at its end.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.urls import reverse
from playwright.sync_api import Browser, ConsoleMessage, Page, expect, sync_playwright
from pytest_django.live_server_helper import LiveServer

# Playwright's synchronous interface keeps an event loop on this thread, which Django's database guard would refuse.
os.environ.setdefault("DJANGO_ALLOW_ASYNC_UNSAFE", "true")

HERE = Path(__file__).parent
NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
ARGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
ABSENT = "NO CHROMIUM FOUND: browser tests are skipped. Install it: sudo apt-get install -y chromium (or set CHROMIUM)"
SKIPPED = pytest.StashKey[int]()

NewPage = Callable[[], Page]


def chromium() -> str | None:
    """The browser to use: $CHROMIUM, else the first known name on PATH."""
    candidates = (os.environ.get("CHROMIUM") or "", *NAMES)
    return next((found for name in candidates if name and (found := shutil.which(name))), None)


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    browser_tests = [item for item in items if HERE in item.path.parents]
    skipping = not chromium() and os.environ.get("REQUIRE_BROWSER") != "1"
    for item in browser_tests:
        item.add_marker(pytest.mark.browser)
        if skipping:
            item.add_marker(pytest.mark.skip(reason="no Chromium"))
    config.stash[SKIPPED] = len(browser_tests) if skipping else 0


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    if count := config.stash.get(SKIPPED, 0):
        terminalreporter.write_line(f"*** {ABSENT} ({count} tests)", red=True, bold=True)


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    executable = chromium()
    if executable is None:
        pytest.fail("REQUIRE_BROWSER=1, but no Chromium was found")
    with sync_playwright() as playwright:
        chrome = playwright.chromium.launch(executable_path=executable, args=ARGS)
        yield chrome
        chrome.close()


@pytest.fixture
def console() -> list[str]:
    """What the pages of this test logged. A test that provokes an answer such as 403 clears it afterwards."""
    return []


@pytest.fixture
def new_page(browser: Browser, live_server: LiveServer, console: list[str]) -> Iterator[NewPage]:
    """Makes a page in a browser session of its own, so that two people can work side by side."""
    contexts = []

    def note(message: ConsoleMessage) -> None:
        if message.type in ("error", "warning"):
            console.append(f"{message.type}: {message.text} ({message.location.get('url', '')})")

    def make() -> Page:
        context = browser.new_context(base_url=live_server.url, viewport={"width": 1440, "height": 900})
        context.set_default_timeout(15_000)
        contexts.append(context)
        page = context.new_page()
        page.on("console", note)
        page.on("pageerror", lambda error: console.append(f"page error: {error}"))
        return page

    yield make

    for context in contexts:
        context.close()
    assert console == [], "the browser's console must stay empty"


@pytest.fixture
def page(new_page: NewPage) -> Page:
    return new_page()


@pytest.fixture
def sign_in() -> Callable[[Page, str, str], None]:
    """Fill in the sign-in form as a person does; fails if the form comes back."""

    def fill(page: Page, username: str, password: str) -> None:
        page.goto(reverse("login"))
        page.locator("input[name=username]").fill(username)
        page.locator("input[name=password]").fill(password)
        page.locator("input[name=password]").press("Enter")
        expect(page.locator("input[name=password]")).to_have_count(0)

    return fill


@pytest.fixture
def axe() -> Callable[[Page], None]:
    """Fail on any serious or critical accessibility finding on the page as it stands."""

    def check(page: Page) -> None:
        violations = Axe().run(page).response["violations"]
        grave = [
            f"{found['id']} ({found['impact']}): {found['help']}: "
            + " | ".join(node["html"][:160] for node in found["nodes"][:4])
            for found in violations
            if found["impact"] in ("serious", "critical")
        ]
        assert grave == [], f"on {page.url}"

    return check
