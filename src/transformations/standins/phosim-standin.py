#!/usr/bin/env python3
"""A stand-in for phoSim: it simulates nothing.

It takes phosim.py's command line, prints its banners and counter lines in their order, and leaves files under its
names, so that everything around phoSim can be tried out without it. Every sensor gets the sources near the pointing.
With two options of its own: `--pace SECONDS` between two lines of progress, and `--fail MODE`, one of FAILURES. As with
phoSim, the exit code says little.
"""

import argparse
import gzip
import os
import shutil
import signal
import subprocess
import sys
import time

sys.dont_write_bytecode = True

from phosim_images import number, place, write_amplifier, write_electrons  # noqa: E402

FAILURES = {
    "missing-sed": "a spectrum is missing: exit code 0, no image, a traceback",
    "bad-sed": "a spectrum holds NaN: exit code 0, no image",
    "off-chip": "no source lands on the sensor: exit code 0, no image, no word",
    "partial": "only the first sensor asked for gets its images: exit code 0",
    "no-screen": "an atmosphere screen is missing: exit code 0, no image",
    "too-large": "the catalog is too large for the arrays: exit code 1",
    "no-instrument": "the instrument is missing: exit code 1",
    "memory": "an allocation fails: exit code 1",
    "killed": "ended by signal 9",
    "empty-image": "no photon is accepted: exit code 0, images without stars",
    "empty-file": "the image is a file of no bytes: exit code 0",
}

# Modern keyword by any name, with phoSim 3.4's default.
KEYWORDS = {
    "obshistid": ("9999", ["opsim_obshistid", "obsid"]),
    "rightascension": ("0", ["unrefracted_ra_deg", "unrefracted_ra"]),
    "declination": ("0", ["unrefracted_dec_deg", "unrefracted_dec"]),
    "filter": ("2", ["opsim_filter"]),
    "mjd": ("49552.3", ["opsim_expmjd"]),
    "vistime": ("33", ["sim_vistime", "obstime"]),
    "nsnap": ("2", ["sim_nsnap", "numexp"]),
    "seed": ("1000", ["sim_seed"]),
    "minsource": ("1", ["sim_minsource"]),
    "camconfig": ("1", ["sim_camconfig"]),
    "altitude": ("89", ["unrefracted_altitude", "opsim_altitude"]),
    "rotskypos": ("0", ["opsim_rotskypos", "camskyangle"]),
}
NAMES = {alias: name for name, (_, aliases) in KEYWORDS.items() for alias in [name, *aliases]}
AMPLIFIERS = [f"C{row}{column}" for row in (0, 1) for column in range(8)]
# Slot of the wavefront half-chips and slots of the guiders of each corner raft.
CORNERS = {"R00": ("S22", "S12 S21"), "R04": ("S20", "S10 S21"), "R40": ("S02", "S01 S12"), "R44": ("S00", "S01 S10")}
FIELD_RADIUS = 2.1  # Degrees.
STEPS = [
    "Installing Universe.",
    "Creating Air.",
    "Generating Turbulence.",
    "Building Optics.",
    "Placing Obstructions.",
    "Perturbing Design.",
    "Electrifying Devices.",
    "Contaminating Surfaces.",
    "Diffracting.",
]
RULE = "-" * 92


def read_words():
    parser = argparse.ArgumentParser(prog="phosim.py", description=__doc__)
    parser.add_argument("catalog")
    parser.add_argument("-c", "--command", default="none")
    parser.add_argument("-s", "--sensor", default="all")
    parser.add_argument("-i", "--instrument", default="lsst")
    parser.add_argument("-o", "--output", default="output")
    parser.add_argument("-w", "--work", default="work")
    for option in (["-b", "--bin"], ["-d", "--data"], ["--sed"], ["--image"], ["--site"], ["-u", "--universe"]):
        parser.add_argument(*option)
    parser.add_argument("-e", "--e2adc", type=int, choices=(0, 1), default=1)
    parser.add_argument("-p", "--proc", type=int, default=1)
    parser.add_argument("-t", "--thread", type=int, default=1)
    parser.add_argument("-g", "--grid", choices=("no", "condor", "cluster", "diagrid"), default="no")
    parser.add_argument("--checkpoint", type=int, default=12)
    parser.add_argument("--keepscreens", nargs="?", const="1", default="0")
    for flag in ("keepcatalog", "keepfea", "keepraytrace", "nothreadatm", "ds9", "visualize"):
        parser.add_argument(f"--{flag}", action="store_true")
    parser.add_argument("-v", "--version", action="version", version="a stand-in for phoSim, which simulates nothing")
    parser.add_argument("--pace", type=float, default=0.05)
    parser.add_argument("--fail", choices=tuple(FAILURES))
    return parser.parse_args()


def read_commands(path):
    """Settings by modern name and object lines, as far as they matter here; the last value wins."""
    settings, objects, includes = {}, [], []
    with open(path, encoding="utf-8", errors="replace") as lines:
        for line in lines:
            words = line.split("#")[0].split()
            if not words:
                continue
            if words[0] == "object":
                objects.append(words)
            elif words[0] == "includeobj" and len(words) > 1:
                includes.append(words[1])
            elif len(words) > 1:
                settings[NAMES.get(words[0].lower(), words[0])] = words[1]
    return settings, objects, includes


def read_include(path):
    opened = gzip.open if ".gz" in path else open
    with opened(path, "rt", encoding="utf-8", errors="replace") as lines:
        return [words for words in map(str.split, lines) if words and words[0] == "object"]


def focal_plane(camconfig):
    """Sensors that a catalog asks for, in groups of a raft as phoSim trims them."""
    groups = []
    for raft in (f"R{x}{y}" for x in range(5) for y in range(5)):
        wavefront, guide = CORNERS.get(raft, ("", ""))
        science = [] if wavefront else [f"{raft}_S{i}{j}" for i in range(3) for j in range(3)]
        found = science if camconfig & 1 or camconfig == 0 else []
        if wavefront and (camconfig & 2 or camconfig == 0):
            found += [f"{raft}_{wavefront}_C{half}" for half in (0, 1)]
        if guide and (camconfig & 4 or camconfig == 0):
            found += [f"{raft}_{slot}" for slot in guide.split()]
        groups.append(found)
    return [group for group in groups if group]


class Run:
    def __init__(self, words):
        self.words = words
        settings, self.objects, includes = read_commands(words.catalog)
        self.settings = {name: settings.get(name, default) for name, (default, _) in KEYWORDS.items()}
        folder = os.path.dirname(os.path.abspath(words.catalog))
        for include in includes:
            path = os.path.join(folder, include)
            if not os.path.exists(path):
                say("Error: Cannot open catalog file: " + path)
                sys.exit(1)
            self.objects += read_include(path)
        self.physics = [] if words.command == "none" else read_physics(words.command)
        extra = dict(line.split()[:2] for line in self.physics if len(line.split()) > 1)
        self.extra = extra
        self.visit = self.settings["obshistid"] + extra.get("extraid", "")
        self.snaps = self.whole("nsnap")
        self.checkpoints = int(float(extra.get("checkpointtotal", 0)))
        self.checkpoint = int(float(extra.get("checkpointcount", 0)))

    def whole(self, name):
        return int(float(self.settings[name]))

    def switch(self, name):
        return (number(self.extra.get(name, "0")) or 0) >= 1

    def pause(self):
        time.sleep(self.words.pace)

    def work(self, name, text="stand-in\n", folder=None):
        with open(os.path.join(folder or self.words.work, name), "w", encoding="ascii", errors="replace") as file:
            file.write(text)

    def on_field(self):
        """Objects near enough to the pointing to land on some sensor."""
        ra, dec = float(self.settings["rightascension"]), float(self.settings["declination"])
        near = []
        for words in self.objects:
            try:
                d_ra = (float(words[2]) - ra + 180) % 360 - 180
                if abs(d_ra) < 3 * FIELD_RADIUS and abs(float(words[3]) - dec) < FIELD_RADIUS and len(words) > 5:
                    near.append(words)
            except (IndexError, ValueError):
                continue
        return near


def read_physics(path):
    if not os.path.exists(path):
        raise RuntimeError(f"{path} does not exist.")
    with open(path, encoding="utf-8", errors="replace") as file:
        text = file.read()
    if not text.endswith("\n"):
        say("Error: No endline character found in command file.")
        sys.exit(0)
    return [line.split("#")[0].strip() for line in text.splitlines() if line.split("#")[0].strip()]


def say(text):
    print(text, flush=True)


def banner(title):
    say(f"{RULE}\n{title}\n{RULE}")


def main():
    words = read_words()
    say("This is a STAND-IN for phoSim: it imitates its words and files, and simulates nothing.")
    for folder in (words.output, words.work):
        if not os.path.isdir(folder):
            raise RuntimeError(f"{folder} does not exist.")
    if words.fail == "no-instrument" or words.instrument != "lsst":
        raise RuntimeError(f"/stand-in/data/{words.instrument} does not exist.")
    run = Run(words)
    set_up(run)
    groups = focal_plane(run.whole("camconfig"))
    asked = words.sensor.split("|")
    # As phoSim does, it says nothing of sensors that there are none of.
    chosen = [[one for one in group if asked == ["all"] or one in asked] for group in groups]
    if words.grid != "no":
        write_steps(run, chosen)
        return
    near = [] if words.fail == "off-chip" else run.on_field()
    if len(near) < run.whole("minsource"):
        return
    for index, sensor in enumerate(one for group in chosen for one in group):
        if words.fail == "partial" and index > 0:
            continue
        say(f"Found {len(near)} source(s) for chip {sensor}.")
        for name in ("trimcatalog", "chip", "readout"):
            run.work(f"{name}_{run.visit}_{sensor}.pars")
        for snap in range(run.snaps):
            if raytrace(run, sensor, snap, near) and words.e2adc == 1:
                digitise(run, sensor, snap)


def set_up(run):
    banner("Atmosphere Creator")
    run.work(f"obs_{run.visit}.pars", f"obshistid {run.visit}\n")
    for layer in range(7):
        run.pause()
        say(f"Creating layer {layer}.")
        for size in ("coarse", "fine", "medium", "large"):
            for kind in "pxyh":
                run.work(f"atmospherescreen_{run.visit}_{layer}_{size}{kind}.fits.gz")
        run.work(f"cloudscreen_{run.visit}_{layer}.fits.gz")
    run.work(f"airglowscreen_{run.visit}.fits.gz")
    banner("Instrument Configuration")
    for name in ("atmosphere", "optics", "tracking", "catlist", "objectcatalog"):
        run.work(f"{name}_{run.visit}.pars")
    run.pause()
    banner("Trim Catalog")
    if run.words.fail == "too-large":
        say("Cannot split into that many files.")
        sys.exit(1)
    run.pause()


def write_steps(run, groups):
    """A file for each step of a workflow engine, and their order; nothing is run here."""
    segments = range(run.words.checkpoint + 1)
    lines = []

    def job(name, program, parents=()):
        keys = f"executable = /stand-in/bin/{program}\ninitialdir = {run.words.work}\nUniverse = {run.words.universe or 'standard'}\n"
        run.work(f"{name}.submit", f"{keys}Input = {name}.pars\nOutput = {name}.out\nError = {name}.error\nLog = {name}.log\nQueue\n")
        run.work(f"{name}.pars")
        lines.extend([f"JOB {name} {name}.submit", f"RETRY {name} 20", *(f"PARENT {one} CHILD {name}" for one in parents)])
        return name

    for index, group in enumerate(groups):
        trim = job(f"trim_{run.visit}_{index}", "trim") if group else ""
        for sensor in group:
            for snap in range(run.snaps):
                before, exposure = trim, f"{run.visit}_{sensor}_E{snap:03d}"
                for segment in segments:
                    before = job(f"raytrace_{exposure}_{segment}", "raytrace", [before])
                if run.words.e2adc == 1:
                    job(f"e2adc_{exposure}", "e2adc", [before])
    dag = f"dag_{run.visit}.dag"
    run.work(dag, "\n".join(lines) + "\n")
    submit = shutil.which("condor_submit_dag")
    if submit is None:
        raise RuntimeError(f"Error running condor_submit_dag -MaxPre 8 -MaxPost 8 -AutoRescue 0 {dag}")
    subprocess.run([submit, "-MaxPre", "8", "-MaxPost", "8", "-AutoRescue", "0", dag], cwd=run.words.work, check=True)


def raytrace(run, sensor, snap, near):
    """Whether there is an image now."""
    name = f"{run.visit}_f{run.settings['filter']}_{sensor}_E{snap:03d}"
    banner("Photon Raytrace")
    run.work(f"raytrace_{run.visit}_{sensor}_E{snap:03d}.pars")
    fail = run.words.fail
    for step in STEPS:
        run.pause()
        say(step)
        if step.startswith("Generating") and fail == "no-screen":
            return fail_child(run, sensor, snap, f"Error reading atmospherescreen_{run.visit}_3_mediump.fits.gz")
        if step.startswith("Electrifying") and fail == "memory":
            say("Allocation error")
            sys.exit(1)
    if fail == "missing-sed":
        return fail_child(run, sensor, snap, f"Can't find SED file: /stand-in/data/SEDs/{near[0][5]}")
    if fail == "bad-sed":
        return fail_child(run, sensor, snap, f"Error:   SED file: /stand-in/data/SEDs/{near[0][5]} contains a NaN!")
    if fail == "killed":
        os.kill(os.getpid(), signal.SIGKILL)
    for kind in ("ckptdt", "ckptfp"):
        before = f"lsst_e_{name}_{kind}_{run.checkpoint - 1}.fits.gz"
        if run.checkpoint > 0 and not os.path.exists(os.path.join(run.words.work, before)):
            return fail_child(run, sensor, snap, f"Error reading {before}")
    return count_photons(run, sensor, snap, name, near)


def fail_child(run, sensor, snap, text):
    """As when a program that the driver started fails: the driver's child dies, the driver goes on."""
    say(text)
    pars = os.path.join(run.words.work, f"raytrace_{run.visit}_{sensor}_E{snap:03d}.pars")
    print(
        "Traceback (most recent call last):\n"
        '  File "phosim.py", line 1, in jobchip\n'
        f"RuntimeError: Error running /stand-in/bin/raytrace < {pars}",
        file=sys.stderr,
        flush=True,
    )
    return False


def count_photons(run, sensor, snap, name, near):
    say("Type                 Sources         Photons  (Sat,Rem,Rej,Acc)%  Time (s)       Photons/s")
    accepted = 0 if run.words.fail == "empty-image" else 79
    magnitudes = [int(value) for value in (number(words[4]) for words in near) if value is not None]
    for magnitude in sorted(set(magnitudes)):
        run.pause()
        count = magnitudes.count(magnitude)
        say(
            f"Astrophysical m={magnitude:<3} {count:>8} {count * 507967:>15,}"
            f"  ({0:>3},{12:>3},{88 - accepted:>3},{accepted:>3})"
            f" {0.42 * count:>8.2f} {1209445:>15,}"
        )
    if run.checkpoint < run.checkpoints:
        for kind in ("ckptdt", "ckptfp"):
            run.work(f"lsst_e_{name}_{kind}_{run.checkpoint}.fits.gz")
        return False
    leave_files(run, sensor, snap, name, near, accepted)
    return True


def leave_files(run, sensor, snap, name, near, accepted):
    path = os.path.join(run.words.output, f"lsst_e_{name}.fits.gz")
    if run.words.fail == "empty-file":
        open(path, "wb").close()
    else:
        write_electrons(path, run.settings, facts(run, sensor, snap, path), near if accepted else [])
    if run.switch("centroidfile"):
        rows = [(words[1], 507967, *place(words, run.settings)) for words in near]
        lines = ["SourceID Photons AvgX AvgY", *(" ".join(map(str, row)) for row in rows)]
        run.work(f"centroid_lsst_e_{name}.txt", "\n".join(lines) + "\n", run.words.output)
    if run.switch("throughputfile"):
        run.work(f"throughput_lsst_e_{name}.txt", folder=run.words.output)
    if run.switch("eventfile"):
        run.work("output.fits", folder=run.words.output)


def digitise(run, sensor, snap):
    banner("Electron to ADC Image Converter")
    say(f"Reading out chip {sensor}")
    run.work(f"e2adc_{run.visit}_{sensor}_E{snap:03d}.pars")
    name = f"{run.visit}_f{run.settings['filter']}_{sensor}"
    for index, amplifier in enumerate(AMPLIFIERS):
        path = os.path.join(run.words.output, f"lsst_a_{name}_{amplifier}_E{snap:03d}.fits.gz")
        write_amplifier(path, run.settings, facts(run, sensor, snap, path), index)
    run.pause()


def facts(run, sensor, snap, path):
    """What the header of one image says of it."""
    named = [("OBSID", run.visit), ("CHIPID", sensor), ("PAIRID", snap), ("OUTFILE", os.path.basename(path))]
    return named + [(f"PHOV{index}", line) for index, line in enumerate(run.physics)]


if __name__ == "__main__":
    main()
