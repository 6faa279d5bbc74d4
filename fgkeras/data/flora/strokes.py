"""Brush strokes: shaded petals, leaves, stems and balls on a NumPy canvas."""

import colorsys

import numpy as np

STEPS = 256
T = np.linspace(0, 1, STEPS, dtype="float32")


def colour_of(hue, saturation, value):
    """RGB in 0..255 of a hue, saturation and value in [0, 1]."""
    rgb = colorsys.hsv_to_rgb(hue % 1, min(saturation, 1), min(value, 1))
    return np.array(rgb, dtype="float32") * 255


def flower_hue(place):
    """Maps [0, 1] to blue, violet, red, orange, yellow: no green."""
    return 0.58 + 0.58 * place


def outline(rise, fall):
    """Half width along the petal, largest 1, negative at both ends."""
    width = T**rise * (1 - T) ** fall
    width = width / width.max()
    width[0] = width[-1] = -1
    return width


def petal_colour(place, saturation, value):
    """Colour of a petal; a pure blue looks painted."""
    blue = min(max(0.0, 1 - 3 * place), 1)
    return colour_of(flower_hue(place), saturation * (1 - 0.3 * blue), value)


def mix(a, b, weight):
    return a + (b - a) * weight


def blade(
    canvas,
    origin,
    basis,
    angle,
    length,
    half_width,
    profile,
    ramp,
    *,
    notch=0.0,
    bend=0.0,
    edge=0.25,
    side=0.1,
    veins=0.0,
    vein_colour=None,
    margin=0.0,
    spots=0.0,
    soft=1.0,
    opacity=1.0,
):
    """Draws one petal, leaf or stem: the outline of `profile` along an axis.

    Args:
        canvas: `float32` array of shape `(h, w, 3)`, changed in place.
        origin: Pixel `(x, y)` of the base.
        basis: 2 x 2 matrix from the plane of the flower to pixels.
        angle: Radians, direction in the plane.
        length: Length in units of the plane.
        half_width: Half width in units of the plane.
        profile: Half width along the axis, shape `(256,)`.
        ramp: Colour along the axis, shape `(256, 3)`.
        notch, bend, edge, side, veins, margin, spots: Strengths.
        vein_colour: Colour of veins, margin and spots.
        soft: Pixels over which the outline fades.
        opacity: Float in [0, 1].
    """
    c, s = np.cos(angle), np.sin(angle)
    local = basis @ np.array([[c, -s], [s, c]])
    reach = half_width + abs(bend) * length
    corners = local @ np.array(
        [[0, 0, length, length], [-reach, reach, -reach, reach]]
    )
    height, width = canvas.shape[:2]
    x0, y0 = np.floor(corners.min(axis=1) + origin - 1).astype(int)
    x1, y1 = np.ceil(corners.max(axis=1) + origin + 2).astype(int)
    x0, y0 = max(x0, 0), max(y0, 0)
    x1, y1 = min(x1, width), min(y1, height)
    if x0 >= x1 or y0 >= y1:
        return
    inverse = np.linalg.inv(local).astype("float32")
    xs = np.arange(x0, x1, dtype="float32") - np.float32(origin[0])
    ys = (np.arange(y0, y1, dtype="float32") - np.float32(origin[1]))[:, None]
    t = (inverse[0, 0] * xs + inverse[0, 1] * ys) * np.float32(1 / length)
    v = inverse[1, 0] * xs + inverse[1, 1] * ys
    if bend:
        v -= np.float32(bend * length) * t * t
    v *= np.float32(1 / half_width)
    away = np.abs(v)
    if notch:
        t = t * (1 + np.float32(notch) * np.maximum(0, 1 - 3 * away))
    index = (np.clip(t, 0, 1) * (STEPS - 1)).astype(np.intp)
    limit = profile[index]
    pixels = np.sqrt(abs(np.linalg.det(local))) * half_width / soft
    alpha = np.clip((limit - away) * np.float32(pixels) + 0.5, 0, opacity)
    # Half of the rectangle is outside: go on with the inside alone.
    inside = alpha > 0
    alpha, t, v = alpha[inside], t[inside], v[inside]
    away, limit, index = away[inside], limit[inside], index[inside]
    across = np.minimum(away / np.maximum(limit, np.float32(0.05)), 1)
    colour = ramp[index]
    mark = None
    if veins:
        wave = np.cos(9.5 * v / np.maximum(limit, np.float32(0.3)))
        mark = np.maximum(0, wave) ** 2 * (veins * (1 - 0.6 * t))
    if margin:
        rim = np.maximum(across, t * 1.08) - np.float32(0.74)
        mark = np.clip(rim * 9, 0, margin)
    if spots:
        dots = np.cos(26 * t + 3 * np.sign(v)) * np.cos(9 * v)
        near = np.clip(2.6 - 3.2 * t, 0, 1)
        mark = np.clip((dots - 0.35) * 6, 0, spots) * near
    if mark is not None:
        colour = colour + mark[..., None] * (vein_colour - colour)
    rim = across * across
    shade = 1 - np.float32(edge) * rim * rim + np.float32(side) * v
    part = canvas[y0:y1, x0:x1]
    under = part[inside]
    under += alpha[:, None] * (colour * shade[:, None] - under)
    part[inside] = under


def ball(canvas, centre, radius, colour, *, rim=0.45, gloss=0.0, squash=1.0):
    """Draws a shaded disc at pixel `centre`."""
    height, width = canvas.shape[:2]
    x0, x1 = int(max(centre[0] - radius - 1, 0)), int(centre[0] + radius + 2)
    y0, y1 = int(max(centre[1] - radius - 1, 0)), int(centre[1] + radius + 2)
    x1, y1 = min(x1, width), min(y1, height)
    if x0 >= x1 or y0 >= y1:
        return
    xs = (np.arange(x0, x1, dtype="float32") - centre[0]) / radius
    ys = (np.arange(y0, y1, dtype="float32") - centre[1])[:, None]
    ys = ys / (radius * squash)
    square = xs * xs + ys * ys
    alpha = np.clip((1 - np.sqrt(square)) * radius + 0.5, 0, 1)[..., None]
    shade = 1.1 - rim * square
    if gloss:
        glint = (xs + 0.35) ** 2 + (ys + 0.4) ** 2
        shade = shade + gloss * np.exp(-9 * glint)
    part = canvas[y0:y1, x0:x1]
    part += alpha * (colour * shade[..., None] - part)
