"""Images of the stand-in for phoSim: small, valid FITS files that simulate nothing."""

import array
import gzip
import math
import sys

# A sensor has 4000 by 4072 pixels; an eighth of each side shows as much of nothing.
WIDTH, HEIGHT = 500, 509
PIXEL = 1.6 / 3600  # Degrees.
READ_OUT = 3  # Seconds.
FILTERS = "ugrizy"
MOST_SPOTS = 400


def number(text):
    """The number that a text is; None for nan, infinities and all that is none."""
    try:
        value = float(text)
    except ValueError:
        return None
    return value if math.isfinite(value) else None


def write_electrons(path, settings, facts, sources):
    """An electron image with a spot for each source. `facts`: cards of the sensor and the exposure."""
    pixels = array.array("f", bytes(4 * WIDTH * HEIGHT))
    for words in sources[:MOST_SPOTS]:
        draw(pixels, words, settings)
    write_fits(path, -32, (WIDTH, HEIGHT), cards(settings, facts), pixels)


def write_amplifier(path, settings, facts, index):
    pixels = array.array("h", [1000 + 10 * index] * (64 * 256))
    write_fits(path, 16, (64, 256), cards(settings, facts), pixels)


def place(words, settings):
    """Pixel of a source; a source outside comes in again at the other side."""
    d_ra = float(words[2]) - (number(settings["rightascension"]) or 0)
    d_dec = float(words[3]) - (number(settings["declination"]) or 0)
    return int(WIDTH / 2 + d_ra / PIXEL) % WIDTH, int(HEIGHT / 2 + d_dec / PIXEL) % HEIGHT


def draw(pixels, words, settings):
    """A spot at a place that follows from the object: not a simulation, but something to look at."""
    x, y = place(words, settings)
    magnitude = number(words[4]) if len(words) > 4 else None
    light = 10 ** (0.4 * (25 - min(max(25 if magnitude is None else magnitude, 10), 30)))
    for dy in range(-4, 5):
        for dx in range(-4, 5):
            if 0 <= x + dx < WIDTH and 0 <= y + dy < HEIGHT:
                pixels[(y + dy) * WIDTH + x + dx] += light * 2.718 ** (-(dx * dx + dy * dy) / 4)


def cards(settings, facts):
    band = number(settings["filter"])
    altitude = number(settings["altitude"]) or 89
    return [
        *facts,
        ("FILTER", FILTERS[int(band)] if band is not None and 0 <= band < len(FILTERS) else settings["filter"]),
        ("FILTNM", settings["filter"]),
        ("EXPTIME", exposure_time(settings)),
        ("SEED", settings["seed"]),
        ("RA_DEG", settings["rightascension"]),
        ("DEC_DEG", settings["declination"]),
        ("AIRMASS", round(1 / max(math.sin(math.radians(altitude)), 0.02), 6)),
        ("ROTANG", settings["rotskypos"]),
        ("MJD-OBS", settings["mjd"]),
        ("CTYPE1", "RA---TAN"),
        ("CTYPE2", "DEC--TAN"),
        ("CUNIT1", "deg"),
        ("CUNIT2", "deg"),
        ("CRVAL1", settings["rightascension"]),
        ("CRVAL2", settings["declination"]),
        ("CRPIX1", WIDTH / 2),
        ("CRPIX2", HEIGHT / 2),
        ("CDELT1", PIXEL),
        ("CDELT2", PIXEL),
        ("COMMENT", "made by a stand-in for phoSim: this image simulates nothing"),
    ]


def exposure_time(settings):
    """Seconds of one exposure: the visit's time less what is read out between exposures."""
    total, count = number(settings["vistime"]), number(settings["nsnap"])
    if total is None or not count:
        return settings["vistime"]
    return round(max(total - (count - 1) * READ_OUT, 0) / count, 6)


# Settings that are texts although they may look like numbers.
TEXTS = ("OBSID", "CHIPID", "FILTER", "OUTFILE")


def card(name, value):
    """One line of a FITS header: 80 characters."""
    if name == "COMMENT":
        return f"{name:<8}{value}"[:80].ljust(80)
    return f"{name:<8}= {card_value(name, value)}".ljust(80)


def card_value(name, value):
    if value is True:
        return f"{'T':>20}"
    read = None if name in TEXTS or name.startswith("PHOV") else number(str(value))
    if read is None:
        # Quotes are doubled, and a text must end on the line.
        text = "".join(letter if " " <= letter <= "~" else "?" for letter in str(value))
        while len(text.replace("'", "''")) > 66:
            text = text[:-1]
        return "'{:<8}'".format(text.replace("'", "''"))
    whole = isinstance(value, int) or (isinstance(value, str) and value.lstrip("+-").isdigit())
    return f"{int(value) if whole else repr(read).upper():>20}"


def write_fits(path, bitpix, size, header, pixels):
    fixed = [("SIMPLE", True), ("BITPIX", bitpix), ("NAXIS", 2), ("NAXIS1", size[0]), ("NAXIS2", size[1])]
    text = "".join(card(name, value) for name, value in fixed + header) + "END".ljust(80)
    if sys.byteorder == "little":
        pixels.byteswap()
    data = pixels.tobytes()
    with gzip.GzipFile(path, "wb", compresslevel=6, mtime=0) as file:
        file.write(text.ljust(-(-len(text) // 2880) * 2880).encode("ascii", "replace"))
        file.write(data.ljust(-(-len(data) // 2880) * 2880, b"\0"))
