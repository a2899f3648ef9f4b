#!/usr/bin/env python3
"""A stand-in for phoSim: it simulates nothing.

It takes phosim.py's command line, prints its banners and counter lines in their order, and leaves files under its
names, so that everything around phoSim can be tried out without it. With two options of its own: `--pace SECONDS`
between two lines of progress, and `--fail MODE`, one of FAILURES. As with phoSim, the exit code says little.
"""

import argparse
import array
import gzip
import os
import signal
import sys
import time

FAILURES = {
    "missing-sed": "a spectrum is missing: exit code 0, no image, a traceback",
    "bad-sed": "a spectrum holds NaN: exit code 0, no image",
    "off-chip": "no source lands on the sensor: exit code 0, no image, no word",
    "partial": "only the first sensor asked for gets its images: exit code 0",
    "no-screen": "an atmosphere screen is missing: exit code 0, no image",
    "no-instrument": "the instrument is missing: exit code 1",
    "memory": "an allocation fails: exit code 1",
    "killed": "ended by signal 9",
    "empty-image": "no photon is accepted: exit code 0, images without stars",
    "empty-file": "the image is a file of no bytes: exit code 0",
}

# Modern keyword by any name, with phoSim 3.4's default.
KEYWORDS = {
    "obshistid": ("9999", ["opsim_obshistid", "obsid"]),
    "rightascension": ("0", ["unrefracted_ra_deg"]),
    "declination": ("0", ["unrefracted_dec_deg"]),
    "filter": ("2", ["opsim_filter"]),
    "mjd": ("49552.3", ["opsim_expmjd"]),
    "vistime": ("33", ["sim_vistime", "obstime"]),
    "nsnap": ("2", ["sim_nsnap", "numexp"]),
    "seed": ("1000", ["sim_seed"]),
    "minsource": ("1", ["sim_minsource"]),
    "altitude": ("89", ["unrefracted_altitude"]),
    "rotskypos": ("0", ["opsim_rotskypos"]),
}
NAMES = {alias: name for name, (_, aliases) in KEYWORDS.items() for alias in [name, *aliases]}
FILTERS = "ugrizy"
AMPLIFIERS = [f"C{row}{column}" for row in (0, 1) for column in range(8)]
# A sensor has 4000 by 4072 pixels; an eighth of each side shows as much of nothing.
WIDTH, HEIGHT = 500, 509
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
    parser.add_argument("-b", "--bin")
    parser.add_argument("-d", "--data")
    parser.add_argument("--sed")
    parser.add_argument("--image")
    parser.add_argument("-e", "--e2adc", type=int, choices=(0, 1), default=1)
    parser.add_argument("-p", "--proc", type=int, default=1)
    parser.add_argument("-t", "--thread", type=int, default=1)
    parser.add_argument("-g", "--grid", choices=("no",), default="no")
    parser.add_argument("-u", "--universe")
    parser.add_argument("--checkpoint", type=int, default=0)
    parser.add_argument("--keepscreens", nargs="?", const="1")
    parser.add_argument("--keepcatalog", action="store_true")
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
        self.physics = []
        if words.command != "none":
            self.read_physics(words.command)
        extra = dict(line.split()[:2] for line in self.physics if len(line.split()) > 1)
        self.visit = self.settings["obshistid"] + extra.get("extraid", "")
        self.checkpoints = int(extra.get("checkpointtotal", words.checkpoint))
        self.checkpoint = int(extra.get("checkpointcount", self.checkpoints))

    def read_physics(self, path):
        with open(path, encoding="utf-8", errors="replace") as file:
            text = file.read()
        if not text.endswith("\n"):
            say("Error: No endline character found in command file.")
            sys.exit(0)
        self.physics = [line.split("#")[0].strip() for line in text.splitlines() if line.split("#")[0].strip()]

    def pause(self):
        time.sleep(self.words.pace)

    def work(self, name, text="stand-in\n"):
        with open(os.path.join(self.words.work, name), "w", encoding="ascii", errors="replace") as file:
            file.write(text)

    def on_field(self):
        """Objects near enough to the pointing to land on some sensor."""
        ra, dec = float(self.settings["rightascension"]), float(self.settings["declination"])
        near = []
        for words in self.objects:
            try:
                d_ra = (float(words[2]) - ra + 180) % 360 - 180
                if abs(d_ra) < 3 * FIELD_RADIUS and abs(float(words[3]) - dec) < FIELD_RADIUS:
                    near.append(words)
            except (IndexError, ValueError):
                continue
        return near


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
    sensors = ["R22_S11"] if words.sensor == "all" else words.sensor.split("|")
    near = [] if words.fail == "off-chip" else run.on_field()
    if not near or len(near) < int(run.settings["minsource"]):
        return
    for index, sensor in enumerate(sensors):
        if words.fail == "partial" and index > 0:
            continue
        say(f"Found {len(near)} source(s) for chip {sensor}.")
        run.work(f"trimcatalog_{run.visit}_{sensor}.pars")
        for snap in range(int(run.settings["nsnap"])):
            if raytrace(run, sensor, snap, near) and words.e2adc == 1:
                digitise(run, sensor, snap)


def set_up(run):
    banner("Atmosphere Creator")
    run.work(f"obs_{run.visit}.pars", f"obshistid {run.visit}\n")
    for layer in range(7):
        run.pause()
        say(f"Creating layer {layer}.")
        run.work(f"atmospherescreen_{run.visit}_{layer}_coarsep.fits.gz")
    banner("Instrument Configuration")
    for name in ("atmosphere", "optics", "tracking", "catlist", "objectcatalog"):
        run.work(f"{name}_{run.visit}.pars")
    run.pause()
    banner("Trim Catalog")
    run.pause()


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
    for magnitude in sorted({int(float(words[4])) for words in near if number(words[4])}):
        run.pause()
        count = sum(1 for words in near if number(words[4]) and int(float(words[4])) == magnitude)
        say(
            f"Astrophysical m={magnitude:<3} {count:>8} {count * 507967:>15,}"
            f"  ({0:>3},{12:>3},{88 - accepted - 3 if accepted else 88:>3},{accepted:>3})"
            f" {0.42 * count:>8.2f} {1209445:>15,}"
        )
    if run.checkpoint < run.checkpoints:
        for kind in ("ckptdt", "ckptfp"):
            run.work(f"lsst_e_{name}_{kind}_{run.checkpoint}.fits.gz")
        return False
    write_image(run, sensor, snap, name, near if accepted else [])
    return True


def number(text):
    try:
        return float(text) == float(text)
    except ValueError:
        return False


def write_image(run, sensor, snap, name, near):
    path = os.path.join(run.words.output, f"lsst_e_{name}.fits.gz")
    if run.words.fail == "empty-file":
        open(path, "wb").close()
        return
    pixels = array.array("f", bytes(4 * WIDTH * HEIGHT))
    for words in near[:400]:
        draw(pixels, words, run)
    header = cards(run, sensor, snap, os.path.basename(path))
    write_fits(path, -32, (WIDTH, HEIGHT), header, pixels)


def draw(pixels, words, run):
    """A spot at a place that follows from the object: not a simulation, but something to look at."""
    d_ra = float(words[2]) - float(run.settings["rightascension"])
    d_dec = float(words[3]) - float(run.settings["declination"])
    x = int(WIDTH / 2 + d_ra * 3600 / 1.6) % WIDTH
    y = int(HEIGHT / 2 + d_dec * 3600 / 1.6) % HEIGHT
    light = 10 ** (0.4 * (25 - min(max(float(words[4]) if number(words[4]) else 25, 10), 30)))
    for dy in range(-4, 5):
        for dx in range(-4, 5):
            if 0 <= x + dx < WIDTH and 0 <= y + dy < HEIGHT:
                pixels[(y + dy) * WIDTH + x + dx] += light * 2.718 ** (-(dx * dx + dy * dy) / 4)


def digitise(run, sensor, snap):
    banner("Electron to ADC Image Converter")
    say(f"Reading out chip {sensor}")
    name = f"{run.visit}_f{run.settings['filter']}_{sensor}"
    for index, amplifier in enumerate(AMPLIFIERS):
        path = os.path.join(run.words.output, f"lsst_a_{name}_{amplifier}_E{snap:03d}.fits.gz")
        pixels = array.array("h", [1000 + 10 * index] * (64 * 256))
        write_fits(path, 16, (64, 256), cards(run, sensor, snap, os.path.basename(path)), pixels)
    run.pause()


def cards(run, sensor, snap, name):
    settings = run.settings
    band = int(float(settings["filter"]))
    found = [
        ("OBSID", f"'{run.visit}'"),
        ("CHIPID", f"'{sensor}'"),
        ("FILTER", f"'{FILTERS[band] if band < len(FILTERS) else band}'"),
        ("FILTNM", band),
        ("EXPTIME", settings["vistime"]),
        ("SEED", settings["seed"]),
        ("PAIRID", snap),
        ("RA_DEG", settings["rightascension"]),
        ("DEC_DEG", settings["declination"]),
        ("ROTANG", settings["rotskypos"]),
        ("MJD-OBS", settings["mjd"]),
        ("OUTFILE", f"'{name}'"),
        ("CTYPE1", "'RA---TAN'"),
        ("CTYPE2", "'DEC--TAN'"),
        ("CRVAL1", settings["rightascension"]),
        ("CRVAL2", settings["declination"]),
        ("CRPIX1", WIDTH / 2),
        ("CRPIX2", HEIGHT / 2),
        ("CDELT1", 1.6 / 3600),
        ("CDELT2", 1.6 / 3600),
    ]
    found += [(f"PHOV{index}", f"'{line[:60]}'") for index, line in enumerate(run.physics)]
    return found + [("COMMENT", "made by a stand-in for phoSim: this image simulates nothing")]


def card(name, value):
    text = f"{name:<8}{'' if name == 'COMMENT' else '= '}"
    quoted = name == "COMMENT" or (isinstance(value, str) and value.startswith("'"))
    return (text + (f"{value}" if quoted else f"{value:>20}"))[:80].ljust(80)


def write_fits(path, bitpix, size, header, pixels):
    head = [("SIMPLE", "T"), ("BITPIX", bitpix), ("NAXIS", 2), ("NAXIS1", size[0]), ("NAXIS2", size[1]), *header]
    text = "".join(card(name, value) for name, value in head) + "END".ljust(80)
    if sys.byteorder == "little":
        pixels.byteswap()
    data = pixels.tobytes()
    with gzip.GzipFile(path, "wb", compresslevel=6, mtime=0) as file:
        file.write(text.ljust(-(-len(text) // 2880) * 2880).encode("ascii", "replace"))
        file.write(data.ljust(-(-len(data) // 2880) * 2880, b"\0"))


if __name__ == "__main__":
    main()
