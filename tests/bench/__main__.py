"""make bench: how well the engine finds, and how fast the road from a list change to open cases is.

Accuracy needs the shared benchmark beside the project (../shared/bench, ../shared/data); without it that part says so.
Speed is printed as ratios between things timed in this one run, so that figures of different machines compare.
"""

from __future__ import annotations

import csv
import gzip
import hashlib
import json
import os
import random
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
SHARED = ROOT.parent / "shared"
CLEAN_NAMES = 4000
LISTED = 1200
COUNTERPARTIES = 5000


def say(text: str) -> None:
    print(text, flush=True)


def run(*args: object, cwd: Path = ROOT, **env: str) -> str:
    command = [sys.executable, *map(str, args)]
    done = subprocess.run(command, cwd=cwd, env={**os.environ, **env}, capture_output=True, text=True, check=False)
    if done.returncode:
        raise SystemExit(f"{' '.join(map(str, args))} failed:\n{done.stderr[-2000:]}")
    return done.stdout


def clean_names(count: int, *, even: bool) -> list[tuple[str, str]]:
    """Real company names that are on no list; even and odd SHA-1 split what may be tuned on from the final figure."""
    with gzip.open(SHARED / "data" / "companies" / "gleif_names.csv.gz", "rt", encoding="utf-8", newline="") as file:
        rows = [
            (row["name"], row["country"])
            for row in csv.DictReader(file)
            if (int(hashlib.sha1(row["name"].encode()).hexdigest(), 16) % 2 == 0) == even  # noqa: S324 - a split
        ]
    random.Random(11).shuffle(rows)
    return rows[:count]


def accuracy(folder: Path) -> None:
    """Recall at a given number of alerts, on clean names never used for weights (odd SHA-1), and time for each name."""
    listed = SHARED / "bench" / "list_2022.csv.gz"
    if not listed.exists():
        say("accuracy: skipped, ../shared/bench is not beside the project")
        return
    plain = folder / "list.csv"
    plain.write_bytes(gzip.decompress(listed.read_bytes()))
    clean = folder / "clean.csv"
    with clean.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["name", "country"])
        writer.writerows(clean_names(CLEAN_NAMES, even=False))
    probes, hits = folder / "probes.csv", folder / "hits.csv"
    counts = ("--positives", LISTED, "--negatives", CLEAN_NAMES)
    run(SHARED / "bench" / "probes.py", plain, clean, probes, "--seed", 11, *counts)
    began = time.perf_counter()
    run("-m", "screening", "batch", probes, "--entries", plain, "--out", hits)
    whole = time.perf_counter() - began
    with probes.open(encoding="utf-8", newline="") as file:
        names = [row["name"] for row in csv.DictReader(file)]
    say(f"accuracy on {len(names)} probes against the list of 2022 (names only; clean names with odd SHA-1):")
    rows = json.loads(run(SHARED / "bench" / "score.py", probes, hits, "--json", "--threshold", "0.60"))
    for row in rows:
        say(
            f"  {row['operating_point']:<30} threshold {row['threshold']:.3f}  recall {row['recall']:.4f}  "
            f"alerts/1,000 clean {row['alerts_per_1000_clean']:.2f}"
        )
    worst = sorted(rows[-2]["by_kind"].items(), key=lambda item: item[1])[:5]
    say("  weakest treatments at 10 alerts: " + ", ".join(f"{kind} {value:.2f}" for kind, value in worst))
    say(f"  {1e6 * whole / len(names):.0f} us a name, all in (start-up and index too)")
    say(f"  brute-force WRatio in the same run takes {brute_force(plain, names):.1f} times as long a name")


def brute_force(plain: Path, names: list[str]) -> float:
    """How many times longer RapidFuzz's WRatio over every listed name takes than the engine, per name, index warm."""
    from rapidfuzz import fuzz, process

    from screening import Name, Party, ScoringConfig, screen_batch
    from screening.__main__ import read_entries
    from screening.index import Index

    entries = list(read_entries(plain))
    index = Index.build(entries, ScoringConfig())
    sample = random.Random(3).sample(names, 300)
    began = time.perf_counter()
    screen_batch([Party(id=str(n), names=(Name(name),)) for n, name in enumerate(sample)], index)
    engine = (time.perf_counter() - began) / len(sample)
    flat = [name.text for entry in entries for name in entry.names]
    began = time.perf_counter()
    for name in sample[:30]:
        process.extractOne(name, flat, scorer=fuzz.WRatio)
    return (time.perf_counter() - began) / 30 / engine


def road(folder: Path) -> None:
    """From a changed list to open cases through the product, on SQLite: a delta run against a full one."""
    from compliance.config.demo import entity_list, rules
    from compliance.config.demo.counterparties import counterparties_csv

    env = {"DATA_DIR": str(folder / "var"), "DATABASE_URL": "", "REDIS_URL": ""}
    demo = list(csv.DictReader(counterparties_csv().decode("utf-8-sig").splitlines()))
    parties = folder / "parties.csv"
    with parties.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, fieldnames=list(demo[0]))
        writer.writeheader()
        for number in range(COUNTERPARTIES):
            row = dict(demo[number % len(demo)])
            row["external_id"] = f"B-{number:06d}"
            writer.writerow(row)
    for name, content in (("list.csv", entity_list.csl_csv()), ("rule.json", rules.rule_json(rules.OCTOBER_2019))):
        (folder / name).write_bytes(content)
    run("manage.py", "migrate", "-v0", **env)
    began = time.perf_counter()
    run("manage.py", "import_counterparties", parties, **env)
    imported = time.perf_counter() - began
    run("manage.py", "load_list", "csl", folder / "list.csv", "--effective", "2019-10-08", "--activate", **env)
    run("manage.py", "rescreen", "--wait", **env)
    run("manage.py", "load_list", "rule", folder / "rule.json", "--activate", **env)
    delta = json.loads(run("manage.py", "rescreen", "--wait", "--json", **env))
    full = json.loads(run("manage.py", "rescreen", "--full", "--wait", "--json", **env))
    say(f"road with {COUNTERPARTIES} counterparties on SQLite:")
    say(f"  import {COUNTERPARTIES / imported:.0f} rows a second")
    say(
        f"  change of {delta['entries']} entries: {delta['seconds']:.1f} s, {delta['cases_opened']} cases; "
        f"full rescreen against {full['entries']} entries: {full['seconds']:.1f} s; "
        f"the change alone takes {delta['seconds'] / full['seconds']:.2f} of the full one"
    )


LIST_FILES = (
    ("csl", "csl/csl_2022-04-21_full.csv.gz"),
    ("ecfr744", "ecfr/title-15_part-744_2026-03-25.xml.gz"),
    ("ecfr744", "ecfr/title-15_part-744_2026-07-18.xml.gz"),
    ("dpl", "other_lists/bis_dpl_2023-11.txt.gz"),
    ("un", "other_lists/un_consolidated_2026-02-27.xml.gz"),
    ("uk", "other_lists/uk_hmt_consolidated_2020-04-27.csv.gz"),
)


def lists(folder: Path) -> None:
    """Official files loaded and activated one after the other: seconds and memory of the whole command, and what
    that is in readings of the file alone."""
    if not (SHARED / "data").is_dir():
        say("lists: skipped, ../shared/data is not beside the project")
        return
    database_url = os.environ.get("BENCH_DATABASE_URL", "")
    env = {"DATA_DIR": str(folder / "lists"), "DATABASE_URL": database_url, "REDIS_URL": ""}
    if env["DATABASE_URL"]:  # an empty database of PostgreSQL, given to measure on, with a Redis beside it
        env |= {
            "REDIS_URL": os.environ["BENCH_REDIS_URL"],
            "DJANGO_SECRET_KEY": "x" * 50,
            "DJANGO_ALLOWED_HOSTS": "bench",
        }
    run("manage.py", "migrate", "-v0", **env)
    database = "PostgreSQL" if env["DATABASE_URL"] else "SQLite"
    say(f"lists parsed, compared, gated and activated on {database}, each in a process of its own:")
    for key, name in LIST_FILES:
        file = SHARED / "data" / name
        alone = float(run("-c", READ_ALONE, key, file))
        began = time.perf_counter()
        loaded = json.loads(run("-c", WITH_MEMORY, "load_list", key, file, "--activate", "--json", **env))
        seconds = time.perf_counter() - began
        say(
            f"  {name}: {loaded['entries']:,} entries, {loaded['added']:,} added, {loaded['cosmetic']} cosmetic, "
            f"{loaded['state']}; {seconds:.1f} s ({seconds / alone:.0f} times reading it), {loaded['peak_mb']} MB"
        )


READ_ALONE = """
import sys, time, pathlib
from compliance.watchlists.parsers import parse
data = pathlib.Path(sys.argv[2]).read_bytes()
began = time.perf_counter()
parse(sys.argv[1], data, "bench")
print(time.perf_counter() - began)
"""
WITH_MEMORY = """
import io, json, os, resource, sys
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "compliance.config.settings")
import django
django.setup()
from django.core.management import call_command
out = io.StringIO()
call_command(*sys.argv[1:], stdout=out)
peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
print(json.dumps({**json.loads(out.getvalue()), "peak_mb": peak}))
"""


def main() -> None:
    with tempfile.TemporaryDirectory(prefix="entitydesk-bench-") as name:
        folder = Path(name)
        lists(folder)
        accuracy(folder)
        road(folder)


if __name__ == "__main__":
    main()
