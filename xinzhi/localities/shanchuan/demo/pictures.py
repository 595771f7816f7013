"""Drawn pictures that stand for photos: a hill, bamboo, a path. Nobody is in them."""

from __future__ import annotations

from io import BytesIO
from random import Random

from PIL import Image, ImageDraw


def picture(seed: str) -> bytes:
    """A JPEG of 960 × 720, different for every seed."""
    pick = Random(seed)  # noqa: S311 (demo data must be the same each time)
    width, height = 960, 720
    image = Image.new("RGB", (width, height), (214, 230, 238))
    draw = ImageDraw.Draw(image)
    far = pick.randint(240, 320)
    draw.polygon(
        [
            (0, far + 120),
            (pick.randint(180, 380), far - 90),
            (620, far + 60),
            (width, far - 40),
            (width, height),
            (0, height),
        ],
        fill=(143, 176, 140),
    )
    draw.polygon(
        [(0, far + 220), (width // 2, far + 110), (width, far + 200), (width, height), (0, height)],
        fill=(104, 150, 104),
    )
    draw.polygon(
        [
            (pick.randint(300, 460), height),
            (pick.randint(470, 520), far + 160),
            (540, far + 160),
            (pick.randint(600, 800), height),
        ],
        fill=(222, 214, 196),
    )
    for _stem in range(pick.randint(14, 26)):
        x = pick.choice([pick.randint(0, 330), pick.randint(640, width)])
        top, foot = pick.randint(60, 240), pick.randint(520, 700)
        green = (pick.randint(40, 80), pick.randint(110, 150), pick.randint(60, 90))
        draw.line([(x, foot), (x + pick.randint(-14, 14), top)], fill=green, width=pick.randint(5, 9))
        for _leaf in range(9):
            y = pick.randint(top, top + 200)
            draw.ellipse([x - 34 + pick.randint(-8, 8), y, x + 6, y + 9], fill=green)
    for _house in range(pick.randint(1, 2)):
        x, y = pick.randint(360, 620), far + pick.randint(90, 150)
        draw.rectangle([x, y, x + 90, y + 62], fill=(242, 240, 234))
        draw.polygon([(x - 10, y), (x + 45, y - 34), (x + 100, y)], fill=(84, 88, 92))
    out = BytesIO()
    image.save(out, "JPEG", quality=80)
    return out.getvalue()
