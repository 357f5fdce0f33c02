"""Make the two files of bitmaps that the crate protocols holds, and print what its tests expect of them.

    python3 scripts/golden/bitmaps.py digits.csv.gz 5x7.bdf protocols/src/source

digits.csv.gz is that of scikit-learn (sklearn/datasets/data), a copy of the test set of E. Alpaydin and C. Kaynak,
"Optical Recognition of Handwritten Digits", UCI Machine Learning Repository 1998, doi 10.24432/C50P49, CC BY 4.0:
1797 images of 8 x 8 counts from 0 to 16, each the pixels that are set in a block of 4 x 4. A pixel is +1 from a
count of 8 on, half of its block; of equal bitmaps the first stays. A byte is a row, its lowest bit leftmost.

5x7.bdf is that of X.Org's misc-misc (also in the crate embedded-graphics, fonts/src), "Public domain font. Share and
enjoy.": the characters '!' to '~', seven bytes each, a row a byte, its lowest bit leftmost.
"""

import gzip
import pathlib
import sys

import numpy as np

digits, font, folder = sys.argv[1:]

table = np.loadtxt(gzip.open(digits), delimiter=",")
pixels = table[:, :64].reshape(-1, 8, 8) >= 8
rows = [(image @ (1 << np.arange(8))).astype(np.uint8).tobytes() for image in pixels.astype(int)]
distinct = list(dict.fromkeys(rows))
pathlib.Path(folder, "digits.bin").write_bytes(b"".join(distinct))
print(len(rows), "images,", len(distinct), "distinct bitmaps, share of +1", pixels.mean())

glyphs = {}
ascent = 6
for block in pathlib.Path(font).read_text(encoding="latin-1").split("STARTCHAR")[1:]:
    lines = block.splitlines()
    value = lambda key: next(line.split()[1:] for line in lines if line.startswith(key))
    code = int(value("ENCODING")[0])
    width, height, x, y = map(int, value("BBX"))
    start = lines.index("BITMAP") + 1
    cell = np.zeros((7, 5), int)
    for row, line in enumerate(lines[start : start + height]):
        bits = int(line, 16)
        for column in range(width):
            cell[ascent - y - height + row, x + column] = bits >> (4 * len(line) - 1 - column) & 1
    glyphs[code] = cell
chosen = [glyphs[code] for code in range(33, 127)]
data = b"".join((glyph @ (1 << np.arange(5))).astype(np.uint8).tobytes() for glyph in chosen)
pathlib.Path(folder, "small_glyphs.bin").write_bytes(data)
print(len({glyph.tobytes() for glyph in chosen}), "distinct glyphs, share of +1", np.mean(chosen))
print("\n".join("".join(".#"[pixel] for pixel in row) for row in glyphs[ord("R")]))
print("\n".join("".join(".#"[pixel] for pixel in row) for row in glyphs[ord("g")]))
