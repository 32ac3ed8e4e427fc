"""The engine from the shell: answers on the screen or in a file, and errors that say the cure."""

from __future__ import annotations

import csv
import gzip
from pathlib import Path

import pytest

from screening.__main__ import main

LIST = (
    "entity_id,type,name,country\nc1,organization,Dahua Technology,CN\nc1,organization,Zhejiang Dahua,CN\n"
    "c2,,Yitu Technologies,CN\n"
)


@pytest.fixture
def entries(tmp_path: Path) -> Path:
    path = tmp_path / "list.csv.gz"
    path.write_bytes(gzip.compress(LIST.encode()))
    return path


def test_name_prints_matches_and_why(entries: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code = main(["name", "Dahua Tech", "--entries", str(entries)])

    out = capsys.readouterr().out
    assert code == 0
    assert "100.0  strong  c1  Dahua Technology" in out
    assert "stand for the same word" in out


@pytest.mark.parametrize(("name", "answer"), [("Quiet Bakery", "No match"), ("Ltd", "Not screenable")])
def test_name_says_no_match_and_not_screenable_apart(
    entries: Path, capsys: pytest.CaptureFixture[str], name: str, answer: str
) -> None:
    main(["name", name, "--entries", str(entries)])

    assert capsys.readouterr().out.startswith(answer)


@pytest.mark.parametrize("column", ["probe_id", "id"])
def test_batch_writes_one_row_a_hit(entries: Path, tmp_path: Path, column: str) -> None:
    probes, hits = tmp_path / "probes.csv", tmp_path / "hits.csv"
    probes.write_text(f"{column},name\np1,YITU Technology\np2,Quiet Bakery\np3,Dahua\n", encoding="utf-8")

    code = main(["batch", str(probes), "--entries", str(entries), "--out", str(hits)])

    rows = list(csv.DictReader(hits.open(encoding="utf-8")))
    assert code == 0
    assert [(row["probe_id"], row["entity_id"]) for row in rows] == [("p1", "c2"), ("p3", "c1")]
    assert all(0.6 <= float(row["score"]) <= 1 for row in rows)


@pytest.mark.parametrize(
    ("content", "where", "cure"),
    [
        (b"", "line 1", "Add a header row"),
        (b"entity_id,type\nc1,x\n", "line 1", "no column 'name'"),
        (b"entity_id,type,name,country\nc1,organization,A,B,C,D\n", "line 2", "Quote a field"),
        (b"entity_id,type,name,country\nc1,planet,Mars,\n", "line 2", "Use one of"),
        (b"entity_id,type,name,country\n,person,Mars,\n", "line 2", "Give every row"),
        (b"entity_id,type,name,country\n", "list.csv", "no rows"),
        (b"entity_id,type,name,country\nc1,person,\xff\xfe,\n", "list.csv", "Save the file as UTF-8"),
        (b'entity_id,type,name,country\nc1,person,"Mars,\n', "list.csv", "quotes"),
    ],
)
def test_bad_list_ends_with_file_line_and_cure(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], content: bytes, where: str, cure: str
) -> None:
    path = tmp_path / "list.csv"
    path.write_bytes(content)

    code = main(["name", "Dahua", "--entries", str(path)])

    error = capsys.readouterr().err
    assert code == 2
    assert str(path) in error
    assert where in error
    assert cure in error


@pytest.mark.parametrize("name", ["missing.csv", "broken.csv.gz"])
def test_unreadable_file_is_an_error_and_not_an_empty_list(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], name: str
) -> None:
    (tmp_path / "broken.csv.gz").write_bytes(gzip.compress(LIST.encode())[:-20])

    code = main(["name", "Dahua", "--entries", str(tmp_path / name)])

    assert code == 2
    assert "cannot be read" in capsys.readouterr().err
