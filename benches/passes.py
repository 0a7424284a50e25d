#!/usr/bin/env python3
"""Measures the passes over a list: the survey and one reading of a clean UTF-8 list, and its cleaning,
each beside polars' own `scan_csv` of the same file, in turn; and the memory that very large files take.

    benches/passes.py                    1,000,000 rows, 7 rounds
    benches/passes.py --large            and a CSV of 2 GB and a workbook of 300 MB, for the memory
    benches/passes.py --large --check    fails if a limit of docs/performance.md is broken
    benches/passes.py --large --write    puts the results into docs/performance.md

Needs what `compare.py` needs; `--large` needs 12 GB of disk.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import shutil
import subprocess
import sys
import time
import zipfile
from pathlib import Path
from statistics import median
from typing import NamedTuple
from xml.sax.saxutils import escape

from compare import (
    HERE,
    ROOT,
    Fault,
    built,
    cores_given,
    machine,
    newer,
    rival_python,
    say,
    table,
    write,
)

ROWS = 1_000_000
LARGE_ROWS = 12_500_000
SHEET_ROWS = 1_048_575

# The limits of `--check`. A megabyte is a million bytes.
MOST_READING = 3.0
MOST_CLEANING = 3.0
MOST_MEGABYTES = 400
# Runs of a round.
RUNS = 3
# Types of columns whose values are kept to find duplicates, besides the whole rows. (A telephone with a
# name is kept too: as often as there are telephones, at least.)
KEYS = ("cpf", "cnpj", "email", "phone")

POLARS = """
import sys, time, polars
begin = time.perf_counter()
rows = polars.scan_csv(sys.argv[1], separator=";").collect().height
print(rows, time.perf_counter() - begin)
"""


def generated(rows: int, work: Path) -> Path:
    path, generator = work / f"clean-{rows}.csv", HERE / "generate.py"
    if not (path.exists() and newer(path, generator)):
        say(f"generating {rows:,} rows")
        partial = path.with_suffix(".partial")
        command = [sys.executable, generator, str(rows), partial, "--encoding", "utf-8"]
        subprocess.run(command, check=True)
        partial.replace(path)
    return path


def workbook(work: Path) -> Path:
    """A workbook as Excel writes it, its texts shared, of about 300 MB."""
    path = work / "large.xlsx"
    if path.exists() and newer(path, Path(__file__)):
        return path
    say(f"writing a workbook of {SHEET_ROWS:,} rows")
    source, sheet, strings = generated(ROWS, work), work / "sheet.xml", work / "strings.xml"
    randomly = random.Random(1)
    count = 0
    with open(sheet, "w", encoding="utf-8") as cells, open(strings, "w", encoding="utf-8") as texts:
        spreadsheet = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
        cells.write(f'<?xml version="1.0"?><worksheet xmlns="{spreadsheet}"><sheetData>')
        texts.write(f'<?xml version="1.0"?><sst xmlns="{spreadsheet}">')
        for row, values in enumerate(rows_of(source, randomly), 1):
            cells.write(f'<row r="{row}">')
            for column, value in enumerate(values):
                if not value:
                    continue
                name = (chr(64 + column // 26) if column >= 26 else "") + chr(65 + column % 26)
                cells.write(f'<c r="{name}{row}" t="s"><v>{count}</v></c>')
                texts.write(f"<si><t>{escape(value)}</t></si>")
                count += 1
            cells.write("</row>")
        cells.write("</sheetData></worksheet>")
        texts.write("</sst>")
    relationships = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    package = "http://schemas.openxmlformats.org/package/2006"
    partial = path.with_suffix(".partial")
    with zipfile.ZipFile(partial, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        archive.writestr(
            "[Content_Types].xml",
            f'<Types xmlns="{package}/content-types">'
            '<Default Extension="xml" ContentType="application/xml"/></Types>',
        )
        archive.writestr(
            "_rels/.rels",
            f'<Relationships xmlns="{package}/relationships"><Relationship Id="r1" '
            f'Type="{relationships}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
        )
        archive.writestr(
            "xl/workbook.xml",
            f'<workbook xmlns="{spreadsheet}" xmlns:r="{relationships}"><sheets>'
            '<sheet name="Clientes" sheetId="1" r:id="r1"/></sheets></workbook>',
        )
        archive.writestr(
            "xl/_rels/workbook.xml.rels",
            f'<Relationships xmlns="{package}/relationships"><Relationship Id="r1" '
            f'Type="{relationships}/worksheet" Target="worksheets/sheet1.xml"/><Relationship '
            f'Id="r2" Type="{relationships}/sharedStrings" Target="sharedStrings.xml"/>'
            "</Relationships>",
        )
        archive.write(sheet, "xl/worksheets/sheet1.xml")
        archive.write(strings, "xl/sharedStrings.xml")
    sheet.unlink()
    strings.unlink()
    partial.replace(path)
    return path


def rows_of(source: Path, randomly: random.Random):
    """The rows of the list, again from its start if it is short, with a note that no archive can
    make small."""
    written = 0
    while written <= SHEET_ROWS:
        with open(source, encoding="utf-8", newline="") as lines:
            header = next(lines).rstrip("\r\n").split(";")[:18] + ["Observações"]
            if written == 0:
                yield header
                written = 1
            for line in lines:
                if written > SHEET_ROWS:
                    return
                yield line.rstrip("\r\n").split(";")[:18] + [f"{randomly.getrandbits(1600):x}"]
                written += 1


class Seconds(NamedTuple):
    """Of each round."""

    reading: list[float]
    cleaning: list[float]
    polars: list[float]

    def ratio(self, ours: list[float]) -> float:
        return median(one / other for one, other in zip(ours, self.polars))


def compared(bench: Path, python: Path, path: Path, rounds: int) -> Seconds:
    """In each round the fastest of a few runs of each: what a machine does besides makes a run slower,
    never faster."""
    seconds = Seconds([], [], [])
    for number in range(1, rounds + 1):
        reading, cleaning, polars = [], [], []
        for _ in range(RUNS):
            told = json.loads(said([str(bench), str(path)]))
            told_rows, told_seconds = said([str(python), "-c", POLARS, str(path)]).split()
            if told["rows"] != ROWS or int(told_rows) != ROWS:
                raise Fault(f"{told['rows']} and {told_rows} rows of {ROWS}")
            reading.append(told["seconds"])
            cleaning.append(told["cleaning"])
            polars.append(float(told_seconds))
        seconds.reading.append(min(reading))
        seconds.cleaning.append(min(cleaning))
        seconds.polars.append(min(polars))
        say(
            f"round {number}: reading {seconds.reading[-1]:.2f} s, cleaning "
            f"{seconds.cleaning[-1]:.2f} s, polars {seconds.polars[-1]:.2f} s"
        )
    return seconds


def said(command: list[str]) -> str:
    return subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout


class Peak(NamedTuple):
    seconds: float
    # Of the largest process.
    megabytes: float
    rows: int
    # Of it, what knows duplicates.
    duplicates: float


def state(entries: int) -> float:
    """Megabytes of a hash table of 16-byte slots, three quarters full at most, that foresees how many
    it will hold."""
    return max(1024, entries * 1.05 * 4 / 3) * 16 / 1e6


def peak(binary: Path, path: Path, work: Path) -> Peak:
    """One treatment."""
    out = work / "out"
    shutil.rmtree(out, ignore_errors=True)
    begin = time.perf_counter()
    command = [str(binary), "process", str(path), "--out", str(out)]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, cwd=work)
    _, status, usage = os.wait4(process.pid, 0)
    if os.waitstatus_to_exitcode(status) != 0:
        raise Fault(f"pyservice failed over {path.name}")
    manifest = json.loads(next(out.glob("*.json")).read_text(encoding="utf-8"))
    shutil.rmtree(out)
    unit = 1 if sys.platform == "darwin" else 1024
    keys = (column for column in manifest["columns"] if column["type"] in KEYS)
    rows = manifest["rows"]["read"]
    return Peak(
        time.perf_counter() - begin,
        usage.ru_maxrss * unit / 1e6,
        rows,
        state(rows) + sum(state(column["distinct"]) for column in keys),
    )


def bench_binary() -> Path:
    say("building the benchmark")
    command = ["cargo", "bench", "--bench", "passes", "--no-run", "--message-format", "json"]
    built = subprocess.run(command, cwd=ROOT, check=True, stdout=subprocess.PIPE, text=True)
    messages = (json.loads(line) for line in built.stdout.splitlines())
    found = (m["executable"] for m in messages if m.get("target", {}).get("name") == "passes")
    return Path(next(found))


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--large", action="store_true")
    parser.add_argument("--check", action="store_true")
    parser.add_argument("--write", action="store_true")
    asked = parser.parse_args()
    binary, target = built()
    work = target / "compare"
    work.mkdir(parents=True, exist_ok=True)
    on, broken = machine(), []
    bench, python = bench_binary(), rival_python(work)
    cores = cores_given()
    seconds = compared(bench, python, generated(ROWS, work), asked.rounds)
    reading, cleaning = seconds.ratio(seconds.reading), seconds.ratio(seconds.cleaning)
    if reading > MOST_READING:
        broken.append(f"survey and reading take {reading:.2f} times what polars takes")
    if cleaning > MOST_CLEANING:
        broken.append(f"cleaning takes {cleaning:.2f} times what polars takes to read")
    text = (
        f"{on.date}, {on.text}; it gave {cores:.1f} cores' worth of work. {ROWS:,} rows, "
        f"{asked.rounds} rounds of {RUNS} runs in turn: the fastest of each, and of those the medians.\n\n"
        + table(
            [
                ["", "seconds", "fastest to slowest", "to polars"],
                [*row("pyservice: survey and reading", seconds.reading), f"{reading:.2f} ×"],
                [*row("pyservice: cleaning", seconds.cleaning), f"{cleaning:.2f} ×"],
                [*row("polars: `scan_csv`", seconds.polars), "1.00 ×"],
            ]
        )
        + "\n\nThe ratios are the medians of those of each round."
    )
    print(text)
    if asked.write:
        write("passes", text)
    if asked.large:
        lines = [["", "size", "rows", "seconds", "peak memory", "of it duplicates", "the rest"]]
        for name, path in (
            ("CSV", generated(LARGE_ROWS, work)),
            ("XLSX", workbook(work)),
        ):
            done = peak(binary, path, work)
            rest = done.megabytes - done.duplicates
            say(f"{name}: {done.seconds:.0f} s, {done.megabytes:.0f} MB, {rest:.0f} of it the rest")
            if rest > MOST_MEGABYTES:
                broken.append(f"{name}: {rest:.0f} MB beyond the state of duplicates")
            lines.append(
                [
                    name,
                    f"{path.stat().st_size / 1e6:,.0f} MB",
                    f"{done.rows:,}",
                    f"{done.seconds:,.0f}",
                    f"{done.megabytes:,.0f} MB",
                    f"{done.duplicates:,.0f} MB",
                    f"{rest:,.0f} MB",
                ]
            )
        text = f"{on.date}, same machine; one run each.\n\n" + table(lines)
        print(text)
        if asked.write:
            write("very large", text)
    for limit in broken:
        say(f"BROKEN: {limit}")
    return 1 if asked.check and broken else 0


def row(name: str, seconds: list[float]) -> list[str]:
    return [name, f"{median(seconds):.2f}", f"{min(seconds):.2f} to {max(seconds):.2f}"]


if __name__ == "__main__":
    try:
        sys.exit(main())
    except Fault as fault:
        say(f"error: {fault}")
        sys.exit(1)
