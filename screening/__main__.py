"""The engine from the shell, on CSV files.

    python -m screening name "Hikvision Digital Tech" --entries LIST.csv
    python -m screening batch PROBES.csv --entries LIST.csv --out HITS.csv

LIST.csv has the columns entity_id,type,name,country, several rows an entity (.gz is read too). PROBES.csv has
probe_id,name or id,name. Files that cannot be read end the command with exit code 2 and a sentence that says why.
"""

from __future__ import annotations

import argparse
import csv
import gzip
import itertools
import sys
import zlib
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TextIO, cast

from screening import Entry, Index, Name, Party, ScoringConfig, explain, screen_batch
from screening.types import PARTY_KINDS

_BLOCK = 500


class BadFile(Exception):
    """A file that cannot be used; the text names the file, the line and the cure."""


def _open(path: Path) -> TextIO:
    if path.suffix == ".gz":
        return cast(TextIO, gzip.open(path, "rt", encoding="utf-8-sig", newline=""))
    return path.open(encoding="utf-8-sig", newline="")


def read_rows(path: Path, *needed: Sequence[str]) -> Iterator[tuple[int, dict[str, str]]]:
    """Rows of a CSV file with their line numbers. Each of `needed` lists column names of which one must be there."""
    reader: csv.DictReader[str] | None = None
    try:
        with _open(path) as file:
            reader = csv.DictReader(file, strict=True)
            columns = reader.fieldnames or []
            for names in needed:
                if not set(names) & set(columns):
                    wanted, there = " or ".join(repr(name) for name in names), ", ".join(columns) or "nothing"
                    raise BadFile(f"{path}, line 1: no column {wanted}. Add a header row with it; found: {there}.")
            for row in reader:
                if None in row or None in row.values():
                    where = f"{path}, line {reader.line_num}"
                    raise BadFile(f"{where}: not {len(columns)} fields. Quote a field that holds a comma.")
                yield reader.line_num, row
    except (OSError, EOFError, zlib.error) as error:
        reason = getattr(error, "strerror", None) or error
        raise BadFile(f"{path}: cannot be read ({reason}). Check the path, and that a .gz file is whole.") from error
    except UnicodeDecodeError as error:
        raise BadFile(f"{path}: not UTF-8 at byte {error.start}. Save the file as UTF-8.") from error
    except csv.Error as error:
        raise BadFile(
            f"{path}, line {reader.line_num if reader else 1}: {error}. Correct the quotes of this row."
        ) from error


def read_entries(path: Path) -> list[Entry]:
    """Listed parties from a CSV file: rows with the same entity_id are the names of one party."""
    names: dict[str, list[Name]] = {}
    kinds: dict[str, str] = {}
    countries: dict[str, dict[str, None]] = {}
    for line, row in read_rows(path, ["entity_id"], ["name"]):
        entity, kind = row["entity_id"].strip(), (row.get("type") or "unknown").strip().lower()
        if not entity:
            raise BadFile(f"{path}, line {line}: entity_id is empty. Give every row the id of its party.")
        if kind not in PARTY_KINDS:
            raise BadFile(f"{path}, line {line}: type {kind!r} is unknown. Use one of {', '.join(PARTY_KINDS)}.")
        known = names.setdefault(entity, [])
        known.append(Name(row["name"], "alias" if known else "legal"))
        kinds.setdefault(entity, kind)
        if country := (row.get("country") or "").strip():
            countries.setdefault(entity, {})[country] = None
    if not names:
        raise BadFile(f"{path}: no rows. An empty list is never screened against; check the file.")
    return [Entry(id=e, names=tuple(n), countries=tuple(countries.get(e, ())), kind=kinds[e]) for e, n in names.items()]


def show_name(arguments: argparse.Namespace) -> int:
    """Screen one name and print what was found and why."""
    index = Index.build(read_entries(arguments.entries), ScoringConfig())
    party = Party(id="name", names=(Name(arguments.name),), country=arguments.country.upper())
    result = screen_batch([party], index)[0]
    if not result.screenable:
        print("Not screenable: the name holds nothing to match on. This is not the same as no match.")
        return 0
    if not result.matches:
        print(f"No match at or above {index.config.review * 100:.1f}.")
    for match in result.matches:
        listed = next((part.listed for part in match.evidence if part.listed), "")
        print(f"{match.score * 100:5.1f}  {match.band:<6}  {match.entry_id}  {listed}")
        for sentence in explain.sentences(match):
            print(f"       {sentence}")
    return 0


def run_batch(arguments: argparse.Namespace) -> int:
    """Screen every row of a file and write the hits, a block at a time."""
    index = Index.build(read_entries(arguments.entries), ScoringConfig())
    rows = read_rows(arguments.probes, ["probe_id", "id"], ["name"])
    with arguments.out.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["probe_id", "entity_id", "score"])
        while block := list(itertools.islice(rows, _BLOCK)):
            parties = [Party(row.get("probe_id") or row.get("id") or "", (Name(row["name"]),)) for _, row in block]
            for screening in screen_batch(parties, index, floor=arguments.min_score):
                for match in screening.matches:
                    writer.writerow([match.party_id, match.entry_id, f"{match.score:.3f}"])
    return 0


def main(argv: Sequence[str] | None = None) -> int:
    """Read the command line and run; the exit code is 0, or 2 for input that cannot be used."""
    parser = argparse.ArgumentParser(prog="python -m screening", description="Screen names against a list.")
    commands = parser.add_subparsers(required=True)
    name = commands.add_parser("name", help="screen one name and print why it matches")
    name.add_argument("name")
    name.add_argument("--entries", type=Path, required=True, help="list: entity_id,type,name,country (.csv or .csv.gz)")
    name.add_argument("--country", default="", help="country of the record, two letters")
    name.set_defaults(run=show_name)
    batch = commands.add_parser("batch", help="screen a file of names and write the hits")
    batch.add_argument("probes", type=Path, help="names: probe_id,name or id,name")
    batch.add_argument("--entries", type=Path, required=True)
    batch.add_argument("--out", type=Path, required=True, help="written: probe_id,entity_id,score")
    batch.add_argument("--min-score", type=float, default=ScoringConfig().review, help="least score written, 0 to 1")
    batch.set_defaults(run=run_batch)
    arguments = parser.parse_args(argv)
    try:
        return int(arguments.run(arguments))
    except BadFile as error:
        print(f"error: {error}", file=sys.stderr)
        return 2


if __name__ == "__main__":
    sys.exit(main())
