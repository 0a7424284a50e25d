#!/usr/bin/env python3
"""Measures pyservice beside what it replaces: the same list through each, whole processes, in
interleaved rounds on one machine.

    benches/compare.py                      100,000 rows, 5 rounds
    benches/compare.py --large              and 1,000,000 rows through pyservice, for its memory
    benches/compare.py --large --check      fails if a limit of docs/performance.md is broken
    benches/compare.py --large --write      puts the results into docs/performance.md

Needs Python 3.9 and cargo, and the network once, for the packages of the rivals
(`rivals/requirements.txt`); without them only pyservice is measured, and it says so. Lists,
packages and results are kept in `compare/` in cargo's target folder.
"""

from __future__ import annotations

import argparse
import datetime
import json
import os
import platform
import shutil
import subprocess
import sys
import time
import venv
from pathlib import Path
from statistics import median
from typing import Iterator, NamedTuple, Optional, TextIO

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent
RIVALS = HERE / "rivals"
PERFORMANCE = ROOT / "docs" / "performance.md"

LARGE_ROWS = 1_000_000
WARM_UP_ROWS = 2_000

# The limits of `--check`. A megabyte is a million bytes.
LEAST_RATIO = 8.0
MOST_MEGABYTES = {100_000: 250, LARGE_ROWS: 450}

OURS = "pyservice"
POLARS = "polars, XlsxWriter"
PANDAS = "pandas, openpyxl"
RIVAL_SCRIPTS = {POLARS: "baseline_polars.py", PANDAS: "baseline.py"}


class Fault(Exception):
    """What ends the run, for people."""


class Run(NamedTuple):
    """One process from its start to its end."""

    seconds: float
    cpu_seconds: float
    megabytes: float
    # Milliseconds by phase, as the program itself tells them.
    phases: dict[str, float]


class Inputs(NamedTuple):
    rows: int
    path: Path
    reference: Optional[Path]


class Machine(NamedTuple):
    text: str
    date: str


# --- running a program once


def run(program: str, command: list[str], inputs: Inputs, work: Path) -> Run:
    """Runs it into an empty folder and checks that it did its work."""
    out = work / "out"
    shutil.rmtree(out, ignore_errors=True)
    out.mkdir()
    # What earlier runs wrote is not to be written back during this one.
    os.sync()
    with open(work / "stdout", "w+") as stdout, open(work / "stderr", "w+") as stderr:
        begin = time.perf_counter()
        # This process is small, and must be: on Linux a child's peak memory is never told as less
        # than its parent's was at the fork.
        process = subprocess.Popen(command, stdout=stdout, stderr=stderr, cwd=work)
        _, status, usage = os.wait4(process.pid, 0)
        seconds = time.perf_counter() - begin
        process.returncode = os.waitstatus_to_exitcode(status)
        said, complained = whole(stdout), whole(stderr)
    if process.returncode != 0:
        raise Fault(f"{program} failed with {process.returncode}:\n{complained[-2000:]}")
    rows, phases = told_by_us(out) if program == OURS else told_by_rival(said)
    if rows != inputs.rows:
        raise Fault(f"{program} read {rows} rows of {inputs.rows}")
    for kind in ("csv", "xlsx", "pdf"):
        if not any(file.stat().st_size for file in out.glob(f"*.{kind}")):
            raise Fault(f"{program} wrote no {kind}")
    shutil.rmtree(out)
    # Kibibytes, but bytes on macOS.
    unit = 1 if sys.platform == "darwin" else 1024
    cpu_seconds = usage.ru_utime + usage.ru_stime
    return Run(seconds, cpu_seconds, usage.ru_maxrss * unit / 1e6, phases)


def whole(file: TextIO) -> str:
    file.seek(0)
    return file.read()


def told_by_us(out: Path) -> tuple[int, dict[str, float]]:
    manifest = json.loads(next(out.glob("*.json")).read_text(encoding="utf-8"))
    return manifest["rows"]["read"], manifest["timings_ms"]


def told_by_rival(said: str) -> tuple[int, dict[str, float]]:
    told = json.loads(said)
    phases = {phase: seconds * 1000 for phase, seconds in told["timing"].items()}
    return told["stats"]["linhas_lidas"], phases


def our_command(binary: Path, inputs: Inputs) -> list[str]:
    command = [str(binary), "process", str(inputs.path), "--out", "out"]
    return command + (["--reference", str(inputs.reference)] if inputs.reference else [])


def rival_command(python: Path, script: str, inputs: Inputs) -> list[str]:
    command = [str(python), str(RIVALS / script), "job", str(inputs.path), "out"]
    return command + (["--ref", str(inputs.reference)] if inputs.reference else [])


# --- what is needed before


def built() -> tuple[Path, Path]:
    """The release binary, and cargo's target folder."""
    metadata = json.loads(cargo("metadata", "--no-deps", "--format-version", "1"))
    target = Path(metadata["target_directory"])
    say("building the release binary")
    cargo("build", "--release", "--bin", "pyservice")
    return target / "release" / "pyservice", target


def cargo(*words: str) -> str:
    try:
        done = subprocess.run(
            ["cargo", *words], cwd=ROOT, stdout=subprocess.PIPE, check=True, text=True
        )
    except FileNotFoundError:
        raise Fault("cargo is not installed: name a binary with --binary") from None
    except subprocess.CalledProcessError as error:
        raise Fault(f"cargo {words[0]} failed with {error.returncode}") from None
    return done.stdout


def generated(rows: int, work: Path) -> Inputs:
    """The list of so many rows and its base; kept until the generator changes."""
    generator = HERE / "generate.py"
    inputs = Inputs(rows, work / f"list-{rows}.csv", work / f"base-{rows}.jsonl")
    # The base is written last: if it is there, the list is whole.
    if not (inputs.reference.exists() and newer(inputs.reference, generator)):
        say(f"generating {rows:,} rows")
        inputs.reference.unlink(missing_ok=True)
        partial = work / "base.partial"
        command = [sys.executable, generator, str(rows), inputs.path, "--reference", partial]
        subprocess.run(command, check=True)
        partial.replace(inputs.reference)
    return inputs


def newer(file: Path, than: Path) -> bool:
    return file.stat().st_mtime > than.stat().st_mtime


def rival_python(work: Path) -> Path:
    """A Python with the packages of the rivals; kept until they change."""
    requirements = RIVALS / "requirements.txt"
    home, done = work / "venv", work / "venv" / "installed"
    python = home / "bin" / "python"
    if not (done.exists() and newer(done, requirements)):
        say("installing the packages of the rivals")
        venv.create(home, clear=True, with_pip=True)
        pip = [python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
        subprocess.run([*pip, "-r", requirements], check=True)
        done.touch()
    return python


def say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


# --- measuring


Runs = dict[str, list[Run]]


def measured(
    commands: dict[str, list[str]], inputs: Inputs, rounds: int, work: Path
) -> tuple[Runs, list[float]]:
    """The runs of each program, and the cores given in each round. Everyone has a turn in each
    round, and a round begins with whom the last one had second: what slows the machine for a while
    slows all."""
    order, runs = list(commands), {program: [] for program in commands}
    cores = []
    for number in range(1, rounds + 1):
        cores.append(cores_given())
        say(f"round {number}: {cores[-1]:.1f} cores")
        for program in order:
            done = run(program, commands[program], inputs, work)
            runs[program].append(done)
            say(f"round {number}: {program}: {done.seconds:.2f} s, {done.megabytes:.0f} MB")
        order.append(order.pop(0))
    return runs, cores


def fit_rivals(asked: argparse.Namespace, work: Path) -> Optional[Path]:
    """The Python of the rivals, if they run here at all."""
    if asked.no_rivals:
        say("SKIPPED: the rivals, as asked")
        return None
    try:
        python = Path(asked.rival_python) if asked.rival_python else rival_python(work)
        # Also lets matplotlib write its cache of fonts, which it does once.
        inputs = generated(WARM_UP_ROWS, work)
        for program, script in RIVAL_SCRIPTS.items():
            run(program, rival_command(python, script, inputs), inputs, work)
        return python
    except (Fault, OSError, subprocess.CalledProcessError) as error:
        say(f"SKIPPED: the rivals cannot run here: {error}")
        return None


def large_runs(binary: Path, work: Path) -> dict[str, Run]:
    inputs = generated(LARGE_ROWS, work)
    runs = {}
    for base, inputs in (
        ("without a base", inputs._replace(reference=None)),
        ("with a base", inputs),
    ):
        runs[base] = run(OURS, our_command(binary, inputs), inputs, work)
        say(f"{LARGE_ROWS:,} rows {base}: {runs[base].seconds:.1f} s")
    return runs


# --- telling


def machine() -> Machine:
    text = f"{os.cpu_count()} cores"
    model = first_after("model name", Path("/proc/cpuinfo"))
    memory = first_after("MemTotal", Path("/proc/meminfo")).split()
    if model:
        text += f" ({model})"
    if memory:
        text += f", {int(memory[0]) / 2**20:.0f} GiB memory"
    system = first_after("PRETTY_NAME=", Path("/etc/os-release")).strip('"')
    text += f", {system or platform.system()}, Python {platform.python_version()}"
    return Machine(text, datetime.date.today().isoformat())


def cores_given() -> float:
    """How many cores' worth of work gets done just now. Less than there are where others are at
    work, also outside of a virtual machine; that slows most what uses all cores."""
    cores = os.cpu_count() or 1
    return cores * spun(1) / spun(cores)


def spun(count: int) -> float:
    """Seconds that so many processes take to do a fixed piece of work each."""
    work = [sys.executable, "-c", "for i in range(20_000_000): pass"]
    begin = time.perf_counter()
    processes = [subprocess.Popen(work) for _ in range(count)]
    for process in processes:
        process.wait()
    return time.perf_counter() - begin


def first_after(label: str, file: Path) -> str:
    """What follows the label on its line; empty if there is none."""
    try:
        lines = file.read_text().splitlines()
    except OSError:
        return ""
    found = (line for line in lines if line.startswith(label))
    return next(found, "")[len(label) :].strip(" \t:")


def table(rows: list[list[str]]) -> str:
    head, *body = rows
    rule = ["---"] + ["---:"] * (len(head) - 1)
    return "\n".join("| " + " | ".join(row) + " |" for row in [head, rule, *body])


def comparison(runs: Runs, cores: list[float], inputs: Inputs, on: Machine) -> str:
    ours = middle(runs[OURS])
    rows = [["program", "wall", "fastest to slowest", "CPU", "peak memory", "to pyservice"]]
    for program, all_runs in runs.items():
        seconds = sorted(done.seconds for done in all_runs)
        rows.append(
            [
                program,
                f"{median(seconds):.2f} s",
                f"{seconds[0]:.2f} to {seconds[-1]:.2f} s",
                f"{median(done.cpu_seconds for done in all_runs):.2f} s",
                f"{peak(all_runs):.0f} MB",
                f"{median(seconds) / ours:.1f} ×",
            ]
        )
    rounds = len(runs[OURS])
    return (
        f"{on.date}, {on.text}; it gave {min(cores):.1f} cores' worth of work at its worst and "
        f"{max(cores):.1f} at its best. {inputs.rows:,} rows, {rounds} rounds; wall and CPU are "
        f"medians, memory is the highest.\n\n{table(rows)}\n\n"
        f"Phases, in milliseconds (medians, as each program tells them):\n\n{phases(runs)}"
    )


def phases(runs: Runs) -> str:
    lines = []
    for program, all_runs in runs.items():
        told = {
            phase: median(done.phases[phase] for done in all_runs) for phase in all_runs[0].phases
        }
        words = ", ".join(f"{phase} {value:,.0f}" for phase, value in told.items() if value)
        lines.append(f"- {program}: {words}")
    return "\n".join(lines)


def large_table(runs: dict[str, Run], on: Machine) -> str:
    rows = [[f"{LARGE_ROWS:,} rows", "wall", "CPU", "peak memory"]]
    for base, done in runs.items():
        cells = [f"{done.seconds:.1f} s", f"{done.cpu_seconds:.1f} s", f"{done.megabytes:.0f} MB"]
        rows.append([f"pyservice {base}", *cells])
    return f"{on.date}, same machine; one run each.\n\n{table(rows)}"


def middle(runs: list[Run]) -> float:
    return median(done.seconds for done in runs)


def peak(runs: list[Run]) -> float:
    return max(done.megabytes for done in runs)


def write(name: str, text: str) -> None:
    """Replaces what stands between the marks of this name in the document."""
    begin, end = f"<!-- {name} -->\n", f"<!-- end of {name} -->\n"
    document = PERFORMANCE.read_text(encoding="utf-8")
    before, mark, rest = document.partition(begin)
    _, closing, after = rest.partition(end)
    if not (mark and closing):
        raise Fault(f"{PERFORMANCE.name} has no marks `{name}`")
    PERFORMANCE.write_text(f"{before}{begin}\n{text}\n\n{end}{after}", encoding="utf-8")


# --- limits


def verdicts(
    runs: Runs, inputs: Inputs, large: dict[str, Run]
) -> Iterator[tuple[str, Optional[bool]]]:
    """Each limit in words, and whether it holds; `None` if it could not be told."""
    if POLARS in runs:
        ratio = middle(runs[POLARS]) / middle(runs[OURS])
        yield f"{ratio:.1f} times as fast as {POLARS}; at least {LEAST_RATIO}", ratio >= LEAST_RATIO
    else:
        yield f"at least {LEAST_RATIO} times as fast as {POLARS}", None
    memory = {inputs.rows: runs[OURS], LARGE_ROWS: [*large.values()]}
    for rows, most in MOST_MEGABYTES.items():
        if memory.get(rows):
            megabytes = peak(memory[rows])
            yield f"{megabytes:.0f} MB for {rows:,} rows; at most {most}", megabytes <= most
        else:
            yield f"at most {most} MB for {rows:,} rows", None


def judged(found: Iterator[tuple[str, Optional[bool]]]) -> bool:
    """Tells every verdict. True if no limit is broken."""
    names = {True: "held", False: "BROKEN", None: "NOT CHECKED"}
    all_hold = True
    for words, holds in found:
        print(f"{names[holds]}: {words}")
        all_hold &= holds is not False
    return all_hold


# --- the command


def arguments() -> argparse.Namespace:
    words = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    words.add_argument("--rows", type=int, default=100_000)
    words.add_argument("--rounds", type=int, default=5)
    words.add_argument("--large", action="store_true", help="also 1,000,000 rows, pyservice only")
    words.add_argument("--check", action="store_true", help="exit 1 if a limit is broken")
    words.add_argument("--write", action="store_true", help="into docs/performance.md")
    words.add_argument("--binary", help="measure this one instead of building")
    words.add_argument("--list", help="measure with this list instead of a generated one")
    words.add_argument("--reference", help="the base that goes with --list")
    words.add_argument("--no-rivals", action="store_true")
    words.add_argument("--rival-python", help="a Python that has the packages of the rivals")
    words.add_argument("--work", help="the folder for lists, packages and results")
    asked = words.parse_args()
    if asked.write and (asked.list or asked.no_rivals):
        words.error("--write is for generated lists and beside the rivals")
    return asked


def given(asked: argparse.Namespace) -> Inputs:
    path = Path(asked.list).resolve()
    with open(path, "rb") as file:
        rows = sum(1 for _ in file) - 1
    return Inputs(rows, path, Path(asked.reference).resolve() if asked.reference else None)


def compare(asked: argparse.Namespace) -> int:
    binary, target = (Path(asked.binary).resolve(), ROOT / "target") if asked.binary else built()
    work = Path(asked.work).resolve() if asked.work else target / "compare"
    work.mkdir(parents=True, exist_ok=True)
    on = machine()
    inputs = given(asked) if asked.list else generated(asked.rows, work)
    commands = {OURS: our_command(binary, inputs)}
    python = fit_rivals(asked, work)
    if python:
        for program, script in RIVAL_SCRIPTS.items():
            commands[program] = rival_command(python, script, inputs)
    runs, cores = measured(commands, inputs, asked.rounds, work)
    large = large_runs(binary, work) if asked.large else {}
    texts = {"comparison": comparison(runs, cores, inputs, on)}
    if large:
        texts["large"] = large_table(large, on)
    print("\n\n".join(texts.values()))
    if asked.write and not python:
        say(f"SKIPPED: {PERFORMANCE.name} keeps what it says, without the rivals")
    elif asked.write:
        for name, text in texts.items():
            write(name, text)
    print()
    all_hold = judged(verdicts(runs, inputs, large))
    return 0 if all_hold or not asked.check else 1


def main() -> int:
    try:
        return compare(arguments())
    except (Fault, OSError, subprocess.CalledProcessError) as error:
        say(f"error: {error}")
        return 2


if __name__ == "__main__":
    sys.exit(main())
