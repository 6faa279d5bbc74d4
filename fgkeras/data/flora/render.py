"""Draws flowers, and things that are none, with NumPy and Pillow."""

import io

import numpy as np
from PIL import Image
from PIL import ImageDraw
from PIL import ImageFilter

from fgkeras.data.flora.strokes import STEPS
from fgkeras.data.flora.strokes import T
from fgkeras.data.flora.strokes import ball
from fgkeras.data.flora.strokes import blade
from fgkeras.data.flora.strokes import colour_of
from fgkeras.data.flora.strokes import flower_hue
from fgkeras.data.flora.strokes import mix
from fgkeras.data.flora.strokes import outline
from fgkeras.data.flora.strokes import petal_colour

# Part of the key of every cache: raise it with each change of the pictures.
RENDERER_VERSION = 1
_KINDS = ("foliage", "berries", "pebbles", "mushroom", "butterfly")


def _background(rng, size):
    """Blurred surroundings: a gradient with discs of light and leaves."""
    small = 40
    kind = rng.choice(5, p=[0.45, 0.15, 0.15, 0.1, 0.15])
    hue, value = rng.uniform(0.2, 0.4), rng.uniform(0.2, 0.75)
    saturation = rng.uniform(0.25, 0.7)
    if kind == 1:
        hue, saturation = rng.uniform(0.04, 0.12), rng.uniform(0.2, 0.5)
    elif kind == 2:
        hue, value = rng.uniform(0.5, 0.62), rng.uniform(0.55, 0.95)
        saturation = rng.uniform(0.1, 0.45)
    elif kind == 3:
        saturation, value = rng.uniform(0, 0.2), rng.uniform(0.05, 0.95)
    top = colour_of(hue, saturation, value)
    shift = rng.uniform(-0.08, 0.08)
    low = colour_of(hue + shift, saturation, value * rng.uniform(0.35, 1.1))
    fade = np.linspace(0, 1, small, dtype="float32")[:, None, None]
    field = mix(top, low, fade) * np.ones((1, small, 1), dtype="float32")
    image = Image.fromarray(np.clip(field, 0, 255).astype("uint8"))
    draw = ImageDraw.Draw(image, "RGBA")
    for _ in range(rng.integers(4, 16)):
        x, y, r = rng.uniform(0, small, 2).tolist() + [rng.uniform(1, 8)]
        if rng.random() < 0.25:
            place, s = rng.random(), rng.uniform(0.2, 0.8)
            rgb = colour_of(flower_hue(place), s, rng.uniform(0.6, 1))
        else:
            rgb = colour_of(
                hue + rng.normal(0, 0.05), saturation, rng.uniform(0.1, 0.9)
            )
        colour = (*rgb.astype(int).tolist(), int(rng.uniform(60, 190)))
        wide = r * rng.uniform(0.3, 1)
        draw.ellipse((x - r, y - wide, x + r, y + wide), fill=colour)
    image = image.filter(ImageFilter.GaussianBlur(rng.uniform(0.5, 1.3)))
    image = image.resize((size, size), Image.Resampling.BICUBIC)
    return np.asarray(image).astype("float32")


def _leaf_ramp(rng, hue):
    value = rng.uniform(0.3, 0.7)
    base = colour_of(hue + rng.normal(0, 0.015), rng.uniform(0.45, 0.8), value)
    return mix(base * 0.8, base * 1.15, T[:, None])


_LEAF = outline(0.6, 0.9)
_STEM = np.concatenate([[-1], np.ones(STEPS - 2), [-1]]).astype("float32")
_GRASS = outline(0.1, 0.9)


def _leaf(canvas, rng, origin, angle, length, width, hue, **options):
    ramp = _leaf_ramp(rng, hue)
    blade(
        canvas,
        origin,
        np.eye(2),
        angle,
        length,
        max(length * width, 1.5),
        _LEAF,
        ramp,
        bend=rng.uniform(-0.25, 0.25),
        side=rng.choice([-0.2, 0.2]),
        veins=rng.uniform(0, 0.3),
        vein_colour=ramp[-1] * 1.25,
        **options,
    )


def _petal_ramp(species, main, second, strength):
    t = T[:, None]
    ramp = mix(main * 0.82, main * 1.05, np.sqrt(t))
    if species.pattern == "blotch":
        weight = np.clip((0.52 - t) * 7, 0, 1)
    elif species.pattern == "tipped":
        weight = np.clip((t - 0.58) * 4, 0, 1)
    else:
        return ramp.astype("float32")
    return mix(ramp, second, weight * strength).astype("float32")


def _centre(canvas, rng, species, origin, basis, radius):
    """The disc, stamens, trumpet or eye in the middle of the petals."""
    scale = np.sqrt(abs(np.linalg.det(basis)))
    size = species.centre_size * radius * scale * rng.uniform(0.92, 1.08)
    main = colour_of(species.centre_hue, 0.85, rng.uniform(0.75, 0.95))
    dark = main * 0.45
    tilt = np.linalg.norm(basis @ [0, 1]) / np.linalg.norm(basis @ [1, 0])
    squash = float(np.clip(tilt, 0.5, 1))
    if species.centre == "trumpet":
        for k in range(8):
            blade(
                canvas,
                origin,
                basis,
                k * np.pi / 4,
                species.centre_size * radius * 1.5,
                species.centre_size * radius * 0.8,
                outline(0.8, 0.25),
                mix(dark, main, T[:, None]).astype("float32"),
                edge=0.35,
            )
        ball(canvas, origin, size * 0.55, dark, squash=squash)
    elif species.centre == "eye":
        ball(canvas, origin, size, main, squash=squash)
        ball(canvas, origin, size * 0.62, main * 0.22, squash=squash)
    elif species.centre == "disc":
        ball(canvas, origin, size, main, rim=0.6, squash=squash)
        for k in range(14):
            r, a = size * 0.82 * np.sqrt(k / 14), 2.39996 * k
            spot = origin + np.array([r * np.cos(a), squash * r * np.sin(a)])
            ball(canvas, spot, max(size * 0.12, 1), dark)
    else:
        ball(canvas, origin, size * 0.5, dark * [0.8, 1.2, 0.7])
        turn = rng.uniform(0, 6.3)
        for k in range(11):
            a, r = turn + 2.39996 * k, radius * species.centre_size
            r *= 1.1 + 0.45 * (k % 3)
            spot = origin + basis @ [r * np.cos(a), r * np.sin(a)]
            ball(canvas, spot, max(size * 0.17, 1.2), main, gloss=0.4)


def _flower(canvas, rng, species, origin, scale, wild):
    """Draws one flower of the species in a random pose."""
    turn, roll = rng.uniform(0, 2 * np.pi, 2)
    tilt = np.cos(np.deg2rad(rng.uniform(0, 28 + 42 * wild)))
    c, s = np.cos(roll), np.sin(roll)
    plane = np.array([[c, -s], [s, c]]) @ np.diag([scale, scale * tilt])
    place = species.hue + rng.normal(0, 0.012 + 0.06 * wild)
    saturation = species.saturation + rng.normal(0, 0.03 + 0.12 * wild)
    saturation = float(np.clip(saturation, 0.03, 0.97))
    main = petal_colour(place, saturation, rng.uniform(0.82, 1))
    second = colour_of(
        flower_hue(species.pattern_hue),
        0.25 if species.saturation > 0.6 and species.pattern_hue > 0.5 else 0.9,
        0.95 if species.pattern_hue > 0.5 else 0.6,
    )
    strength = species.pattern_strength * rng.uniform(1 - 0.6 * wild, 1.1)
    strength = min(strength, 1.0)
    ramp = _petal_ramp(species, main, second, strength)
    stout = species.width * (1 + rng.normal(0, 0.08 * wild))
    marks = {
        "veined": {"veins": strength},
        "margin": {"margin": strength},
        "spots": {"spots": strength},
    }.get(species.pattern, {})
    profile = outline(species.rise, species.fall)
    cup = rng.uniform(-0.25, 0.35) * np.sqrt(1 - tilt**2)
    for row in range(species.rows):
        length = 1 - 0.3 * row
        for k in range(species.petals):
            # Every second one first, so that neighbours overlap.
            half = (species.petals + 1) // 2
            k = 2 * k if k < half else 2 * (k - half) + 1
            angle = turn + (k + 0.5 * row) * 2 * np.pi / species.petals
            angle += rng.normal(0, 0.03 + 0.05 * wild)
            own = length * (1 + rng.normal(0, 0.03 + 0.04 * wild))
            own *= 1 + cup * np.sin(angle)
            if rng.random() < 0.03 * wild:
                continue
            light = np.float32(rng.uniform(0.88, 1.06) - 0.05 * row)
            blade(
                canvas,
                origin,
                plane,
                angle,
                own,
                stout * own * (1 + rng.normal(0, 0.05 + 0.04 * wild)),
                profile,
                ramp * light,
                notch=species.notch,
                bend=rng.normal(0, 0.05),
                edge=0.38,
                side=rng.normal(0.08, 0.05),
                vein_colour=second * light,
                **marks,
            )
    _centre(canvas, rng, species, origin, plane, 1.0)


def _finish(canvas, rng, size, wild):
    """Light, camera and JPEG."""
    height = canvas.shape[0]
    a = rng.uniform(0, 2 * np.pi)
    axis = np.linspace(-1, 1, height, dtype="float32")
    slope = np.cos(a) * axis + np.sin(a) * axis[:, None]
    gain = 1 + rng.uniform(0, 0.1 + 0.4 * wild) * slope
    warm = rng.normal(0, 0.03 + 0.07 * wild)
    tint = np.array([1 + warm, 1, 1 - warm], dtype="float32")
    tint = tint * np.float32(rng.uniform(1 - 0.5 * wild, 1 + 0.3 * wild))
    canvas *= gain[..., None] * tint
    image = Image.fromarray(np.clip(canvas, 0, 255).astype("uint8"))
    image = image.resize((size, size), Image.Resampling.HAMMING)
    blur = max(0.0, rng.normal(0, 0.3 + 0.7 * wild)) * size / 96
    if blur > 0.2:
        image = image.filter(ImageFilter.GaussianBlur(blur))
    pixels = np.asarray(image).astype("float32")
    grain = rng.uniform(1, 3 + 8 * wild)
    pixels += grain * rng.standard_normal(pixels.shape, dtype="float32")
    image = Image.fromarray(np.clip(pixels, 0, 255).astype("uint8"))
    out = io.BytesIO()
    image.save(out, "JPEG", quality=92, subsampling=0)
    return out.getvalue()


def _leaves(canvas, rng, origin, radius, number, width, hue):
    for _ in range(number):
        angle = rng.uniform(0, 2 * np.pi)
        start = origin + radius * rng.normal(0, 0.35, 2)
        length = radius * rng.uniform(1.0, 1.9)
        _leaf(canvas, rng, start, angle, length, width, hue)


def _in_front(canvas, rng, size, wild):
    """Grass and leaves between the camera and the flower."""
    for _ in range(rng.poisson(0.4 + 1.6 * wild)):
        start = np.array([rng.uniform(0, size), size * 1.05])
        angle = -np.pi / 2 + rng.normal(0, 0.5)
        if rng.random() < 0.5:
            blade(
                canvas,
                start,
                np.eye(2),
                angle,
                size * rng.uniform(0.5, 1.1),
                size * rng.uniform(0.012, 0.03),
                _GRASS,
                _leaf_ramp(rng, rng.uniform(0.18, 0.4)),
                bend=rng.normal(0, 0.3),
                soft=rng.uniform(1, 5),
            )
        else:
            start = rng.uniform(0, size, 2)
            start[rng.integers(2)] = rng.choice([-0.05, 1.05]) * size
            to_middle = size * rng.uniform(0.35, 0.65, 2) - start
            _leaf(
                canvas,
                rng,
                start,
                np.arctan2(to_middle[1], to_middle[0]),
                size * rng.uniform(0.2, 0.25 + 0.3 * wild),
                rng.uniform(0.15, 0.4),
                rng.uniform(0.2, 0.42),
                soft=rng.uniform(1, 6),
            )


def render_flower(species, size, difficulty, rng):
    """Returns one picture of a species.

    Args:
        species: `Species`.
        size: Integer, pixels of each side.
        difficulty: Float in [0, 1]; more of it means stronger variation.
        rng: NumPy `Generator`, which decides everything else.

    Returns:
        Bytes of a JPEG of `size` x `size`.
    """
    work, wild = size * 3 // 2, 0.25 + 0.75 * difficulty
    canvas = _background(rng, work)
    origin = work * (0.5 + rng.uniform(-1, 1, 2) * (0.05 + 0.13 * wild))
    scale = work * rng.uniform(0.46 - 0.32 * wild, 0.5)
    blade(
        canvas,
        origin,
        np.eye(2),
        np.pi / 2 + rng.normal(0, 0.35),
        work * 1.2,
        work * 0.013,
        _STEM,
        _leaf_ramp(rng, species.leaf_hue),
        bend=rng.normal(0, 0.15),
    )
    number = int(rng.integers(1, 5))
    _leaves(
        canvas,
        rng,
        origin,
        scale,
        number,
        species.leaf_width,
        species.leaf_hue,
    )
    if rng.random() < 0.25:
        aside = origin + scale * 1.5 * rng.choice([-1, 1], 2)
        _flower(canvas, rng, species, aside, scale * 0.7, wild)
    _flower(canvas, rng, species, origin, scale, wild)
    _in_front(canvas, rng, work, wild)
    return _finish(canvas, rng, size, wild)


def render_distractor(size, difficulty, rng):
    """Returns one picture without a flower: leaves, berries, a butterfly...

    Args:
        size: Integer, pixels of each side.
        difficulty: Float in [0, 1], as of the flowers beside it.
        rng: NumPy `Generator`, which decides everything else.

    Returns:
        Bytes of a JPEG of `size` x `size`.
    """
    work, wild = size * 3 // 2, 0.25 + 0.75 * difficulty
    canvas = _background(rng, work)
    kind = rng.choice(_KINDS)
    middle = work * (0.5 + rng.uniform(-0.15, 0.15, 2))
    hue, width = rng.uniform(0.2, 0.42), rng.uniform(0.12, 0.4)
    if kind != "pebbles":
        number = int(rng.integers(2, 9 if kind == "foliage" else 5))
        _leaves(canvas, rng, middle, work * 0.35, number, width, hue)
    colour = colour_of(
        flower_hue(rng.random()), rng.uniform(0.3, 0.9), rng.uniform(0.5, 1)
    )
    if kind in ("berries", "pebbles"):
        reach, grey = (0.15, 0) if kind == "berries" else (0.4, 0.9)
        for _ in range(rng.integers(4, 14)):
            spot = middle + work * rng.normal(0, reach, 2)
            own = mix(colour, np.full(3, rng.uniform(80, 200)), grey)
            radius = work * rng.uniform(0.04, 0.1)
            squash = 1.0 if kind == "berries" else rng.uniform(0.5, 0.9)
            gloss = 0.9 if kind == "berries" else 0.1
            ball(canvas, spot, radius, own, gloss=gloss, squash=squash)
    elif kind == "mushroom":
        ramp = colour_of(0.1, 0.15, 0.85) * (0.7 + 0.3 * T[:, None])
        stem = work * rng.uniform(0.03, 0.06)
        blade(
            canvas, middle, np.eye(2), np.pi / 2, work * 0.35, stem, _STEM, ramp
        )
        cap, reach = middle - [0, work * 0.02], work * rng.uniform(0.15, 0.28)
        ball(canvas, cap, reach, colour, squash=0.55, gloss=0.2)
    elif kind == "butterfly":
        turn = rng.uniform(0, 2 * np.pi)
        wing = mix(colour, colour * 0.4, T[:, None] ** 2).astype("float32")
        for angle, length in ((-0.5, 0.38), (0.65, 0.22)):
            for side in (0, np.pi):
                spread = side + (angle if not side else -angle) + turn
                blade(
                    canvas,
                    middle,
                    np.eye(2),
                    spread,
                    work * length,
                    work * length * 0.55,
                    outline(1.0, 0.3),
                    wing,
                    margin=0.8,
                    vein_colour=colour * 0.15,
                )
        for side in (-0.5, 0.5):
            blade(
                canvas,
                middle,
                np.eye(2),
                turn + np.pi * side,
                work * 0.2,
                work * 0.022,
                _LEAF,
                np.full((STEPS, 3), 35, dtype="float32"),
            )
    _in_front(canvas, rng, work, wild)
    return _finish(canvas, rng, size, wild)
