#!/usr/bin/env python3
"""A stand-in for the programs of the LSST science pipelines: it processes nothing.

    pipetask-standin.py PROGRAM [word ...]

It takes the command line of `pipetask run`, and of the older command-line tasks (`processEimage.py REPO --id ...`), prints
their log lines in their order, and ends with their exit codes. With two options of its own: `--pace SECONDS` between two
lines of progress, and `--fail MODE`, one of FAILURES.
"""

import argparse
import json
import os
import re
import signal
import sys
import time

FAILURES = {
    "empty-graph": "the data query finds nothing: exit code 1",
    "quantum": "a task raises an exception: exit code 1",
    "repeatable": "a repeatable error, with --fail-fast: exit code 20",
    "invalid": "an invalid quantum, with --fail-fast: exit code 21",
    "no-output": "exit code 0 with nothing left",
    "memory": "ended by signal 9",
    "fatal": "an older task logs FATAL and ends with exit code 0",
}


def say(level, logger, text):
    print(f"{level} {time.strftime('%Y-%m-%dT%H:%M:%S', time.gmtime())}+00:00 {logger} - {text}", file=sys.stderr, flush=True)


def add_own(parser):
    parser.add_argument("--pace", type=float, default=0.05)
    parser.add_argument("--fail", choices=tuple(FAILURES))


def read_words(words):
    parser = argparse.ArgumentParser(prog="pipetask", allow_abbrev=False)
    parser.add_argument("--long-log", action="store_true")
    parser.add_argument("--log-level", action="append")
    parser.add_argument("--log-file", action="append")
    commands = parser.add_subparsers(dest="verb", required=True)
    run = commands.add_parser("run", allow_abbrev=False)
    run.add_argument("-b", "--butler-config", required=True)
    run.add_argument("-i", "--input")
    run.add_argument("-o", "--output")
    run.add_argument("--output-run")
    run.add_argument("-p", "--pipeline", required=True)
    run.add_argument("-d", "--data-query")
    run.add_argument("-c", "--config", action="append", default=[])
    run.add_argument("-C", "--config-file", action="append", default=[])
    run.add_argument("--instrument")
    run.add_argument("-t", "--task", action="append", default=[])
    run.add_argument("-j", "--processes", type=int, default=1)
    for flag in (
        "register-dataset-types extend-run skip-existing clobber-outputs prune-replaced replace-run fail-fast".split()
    ):
        run.add_argument(f"--{flag}", action="store_true")
    for option in ("memory-per-quantum", "cores-per-quantum", "qgraph-datastore-records", "skip-existing-in"):
        run.add_argument(f"--{option}")
    run.add_argument("--timeout", type=float)
    run.add_argument("--save-qgraph")
    run.add_argument("--summary")
    add_own(run)
    return parser.parse_args(words)


def labels_of(pipeline):
    """Labels of the tasks, or those asked for behind the #; without a YAML reader, by how such files are written."""
    path, _, wanted = pipeline.partition("#")
    if "$" in path:
        return wanted.split(",") if wanted else ["task"]  # Part of a release, which is not here.
    if not os.path.exists(path):
        print(f"Error: Invalid value for '-p' / '--pipeline': {path} does not exist.", file=sys.stderr)
        sys.exit(2)
    with open(path, encoding="utf-8", errors="replace") as file:
        text = file.read()
    block = re.search(r"^tasks:[^\n]*\n((?:[ \t]+[^\n]*\n|\s*\n|#[^\n]*\n)*)", text + "\n", re.M)
    indent = re.search(r"^([ \t]+)\S", block.group(1), re.M).group(1) if block and block.group(1).strip() else ""
    labels = re.findall(rf"^{indent}([A-Za-z_][\w-]*)\s*:", block.group(1), re.M) if indent else []
    return wanted.split(",") if wanted else labels or ["task"]


def run_pipeline(words):
    run = read_words(words)
    print("This is a STAND-IN for pipetask: it imitates its words, and processes nothing.", flush=True)
    labels = labels_of(run.pipeline)
    for config in run.config:
        if not re.fullmatch(r"[\w-]+:[\w.\[\]'\"]+=.*", config, re.S):
            print(f"Error: Invalid value for '-c' / '--config': {config}", file=sys.stderr)
            sys.exit(2)
    time.sleep(run.pace)
    if run.fail == "empty-graph":
        say("CRITICAL", "lsst.daf.butler.cli.utils", "QuantumGraph was empty; ERROR logs above should provide details.")
        sys.exit(1)
    say("INFO", "lsst.ctrl.mpexec.cmdLineFwk", f"QuantumGraph contains {len(labels)} quanta for {len(labels)} tasks")
    data_id = "{" + (run.data_query or "").replace("'", "") + "}"
    done, failed = 0, 0
    for label in labels:
        say("INFO", "lsst.ctrl.mpexec.singleQuantumExecutor", f"Preparing execution of quantum for label={label} dataId={data_id}.")
        time.sleep(run.pace)
        fail_quantum(run.fail, label, data_id)
        if run.fail == "quantum" and label == labels[-1]:
            failed += 1
            say("ERROR", "lsst.ctrl.mpexec.mpGraphExecutor", f"Task <{label} dataId={data_id}> failed. Exception RuntimeError: no stars in the image; processing will continue for remaining tasks.")
        else:
            done += 1
            say("INFO", "lsst.ctrl.mpexec.singleQuantumExecutor", f"Execution of task '{label}' on quantum {data_id} took {run.pace:.3f} seconds")
    counts = f"Executed {done} quanta successfully, {failed} failed and 0 remain out of total {len(labels)} quanta."
    say("INFO", "lsst.ctrl.mpexec.mpGraphExecutor", counts)
    if failed:
        say("ERROR", "lsst.ctrl.mpexec.mpGraphExecutor", "Failed jobs:")
        say("ERROR", "lsst.ctrl.mpexec.mpGraphExecutor", f"  - FAILED: <{labels[-1]} dataId={data_id}>")
        sys.exit(1)
    if run.summary and run.fail != "no-output":
        with open(run.summary, "w", encoding="utf-8") as file:
            json.dump({"standIn": True, "cmdLine": words, "status": "success", "quanta": labels}, file, indent=2)


def fail_quantum(fail, label, data_id):
    if fail == "memory":
        os.kill(os.getpid(), signal.SIGKILL)
    codes = {"repeatable": (20, "RepeatableQuantumError"), "invalid": (21, "InvalidQuantumError")}
    if fail in codes:
        code, name = codes[fail]
        say("CRITICAL", "lsst.ctrl.mpexec.mpGraphExecutor", f"Task <{label} dataId={data_id}> failed. Exception {name}: caused by the stand-in, as it was told to")
        sys.exit(code)


def run_older(program, words):
    parser = argparse.ArgumentParser(prog=program, allow_abbrev=False)
    parser.add_argument("repository")
    for option in ("output", "rerun", "configfile"):
        parser.add_argument(f"--{option}")
    for option in ("id", "selectId", "config"):
        parser.add_argument(f"--{option}", nargs="*", action="append", default=[])
    parser.add_argument("-j", "--processes", type=int, default=1)
    for flag in ("doraise", "clobber-config", "no-versions"):
        parser.add_argument(f"--{flag}", action="store_true")
    add_own(parser)
    run = parser.parse_args(words)
    print(f"This is a STAND-IN for {program}: it imitates its words, and processes nothing.", flush=True)
    name = os.path.splitext(program)[0]
    ids = [" ".join(one) for one in run.id] or [""]
    for data_id in ids:
        print(f"{name} INFO: Processing {data_id}", flush=True)
        time.sleep(run.pace)
        if run.fail in ("fatal", "quantum"):
            print(f"{name} FATAL: Failed on dataId={data_id}: no stars in the image", file=sys.stderr, flush=True)
            sys.exit(1 if run.doraise else 0)
    fail_quantum(run.fail, name, ids[0])


def main():
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    program, words = os.path.basename(sys.argv[1]), sys.argv[2:]
    if program == "pipetask":
        run_pipeline(words)
    elif program.endswith(".py"):
        run_older(program, words)
    else:
        print(f"{program}: command not found", file=sys.stderr)
        sys.exit(127)


if __name__ == "__main__":
    main()
