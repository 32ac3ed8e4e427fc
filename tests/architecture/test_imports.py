"""The import order of docs/architecture.md, read from the source of every module."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
ORDER = (
    "screening",
    "compliance.core",
    "compliance.audit",
    "compliance.accounts",
    "compliance.jobs",
    "compliance.watchlists",
    "compliance.counterparties",
    "compliance.runs",
    "compliance.cases",
    "compliance.licenses",
    "compliance.desk",
    "compliance.config",
)
LONGEST_MODULE = 500
DEMO_FACTS = "compliance.config.demo"


def module_files() -> list[Path]:
    return sorted(path for package in ("screening", "compliance") for path in (ROOT / package).rglob("*.py"))


def module_name(path: Path) -> str:
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def imported(tree: ast.AST, importer: str, *, is_package: bool) -> Iterator[tuple[int, str]]:
    """(line, module) for each import anywhere in the tree; `from a import b` gives a.b, since b may be a module."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from ((node.lineno, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = node.module or ""
            if node.level:
                parts = importer.split(".")
                parts = parts[: len(parts) - node.level + is_package]
                base = ".".join([*parts, base]) if base else ".".join(parts)
            yield from ((node.lineno, f"{base}.{alias.name}") for alias in node.names)


def place(module: str) -> int | None:
    """The step of the order that a module belongs to; None for what is not ours."""
    for step, package in enumerate(ORDER):
        if module == package or module.startswith(package + "."):
            return step
    return None


def faults(source: str, importer: str, *, is_package: bool = False) -> list[str]:
    """What is wrong with the imports of one module, as sentences."""
    tree = ast.parse(source)
    own = place(importer)
    found = []
    for line, module in imported(tree, importer, is_package=is_package):
        step = place(module)
        if step is not None and own is not None and step > own:
            found.append(f"{importer}:{line} imports {module}, which stands above {ORDER[own]}")
        if module.split(".")[0] == "tests":
            found.append(f"{importer}:{line} imports {module}: the product knows nothing of its tests")
        if importer.split(".")[0] == "screening" and module.split(".")[0] == "django":
            found.append(f"{importer}:{line} imports {module}: the engine is plain Python")
        if (importer + ".").startswith(DEMO_FACTS + ".") and module.split(".")[0] in ("django", "rest_framework"):
            found.append(f"{importer}:{line} imports {module}: the demo is facts, without Django")
    for function in ast.walk(tree):
        if isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef):
            for line, module in imported(function, importer, is_package=is_package):
                if module.split(".")[0] in ("screening", "compliance"):
                    found.append(f"{importer}:{line} hides the import of {module} in {function.name}()")
    return found


def test_every_module_imports_from_lower_steps_only():
    found = [
        fault
        for path in module_files()
        for fault in faults(path.read_text("utf-8"), module_name(path), is_package=path.name == "__init__.py")
    ]

    assert found == []


@pytest.mark.parametrize(
    ("importer", "source"),
    [
        ("compliance.audit.services", "from compliance.cases import services"),
        ("compliance.audit.services", "from compliance import cases"),
        ("compliance.runs.models", "from ..cases import models"),
        ("compliance.runs.models", "import compliance.desk.views"),
        ("screening.score", "def score():\n    from compliance.core import errors"),
        ("compliance.cases.services", "def decide():\n    from compliance.cases import rules"),
        ("screening.fold", "from django.utils import timezone"),
        ("compliance.config.demo.people", "import django"),
        ("compliance.core.http", "from tests.factories import CaseFactory"),
    ],
)
def test_a_wrong_import_is_found(importer, source):
    assert faults(source, importer)


@pytest.mark.parametrize(
    ("importer", "source"),
    [
        ("compliance.cases.services", "from compliance.cases import rules\nfrom compliance.runs.models import Match"),
        ("compliance.cases.services", "from . import rules"),
        ("compliance.runs.engine", "import screening"),
        ("compliance.config.urls", "from compliance.desk import views"),
    ],
)
def test_a_right_import_passes(importer, source):
    assert faults(source, importer) == []


def test_every_package_has_its_step():
    packages = {path.parent.name for path in (ROOT / "compliance").glob("*/__init__.py")}

    assert packages == {name.split(".")[1] for name in ORDER if "." in name}


def test_the_engine_loads_without_django():
    code = "import sys, screening; sys.exit('django' in sys.modules or 'compliance' in sys.modules)"

    assert subprocess.run([sys.executable, "-c", code], cwd=ROOT, timeout=60).returncode == 0


def test_no_module_is_longer_than_500_lines():
    lengths = {module_name(path): len(path.read_text("utf-8").splitlines()) for path in module_files()}

    assert {name: length for name, length in lengths.items() if length > LONGEST_MODULE} == {}
