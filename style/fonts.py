"""Builds public/fonts/*.woff2 from the packages of the two families.

    npm install --no-save --prefix FOLDER @fontsource-variable/atkinson-hyperlegible-next@5.3.0 @fontsource-variable/spline-sans-mono@5.3.0
    python -m pip install fonttools brotli
    python style/fonts.py FOLDER/node_modules public/fonts

It limits the weights, and makes tabular figures the default: the shorthand `font` of CSS resets `font-variant-numeric`. Each family
has a file with the letters that every page needs, and one with the other Latin letters, whose ranges are in base.css.
"""
import io
import sys

from fontTools.subset import Options, Subsetter
from fontTools.ttLib import TTFont
from fontTools.varLib.instancer import instantiateVariableFont

LATIN = [*range(0x20, 0x7F), *range(0xA0, 0x100), 0x131, 0x152, 0x153, 0x2C6, 0x2DA, 0x2DC, *range(0x2010, 0x2016),
         *range(0x2018, 0x201F), 0x2020, 0x2021, 0x2022, 0x2026, 0x2030, 0x2032, 0x2033, 0x2039, 0x203A, 0x2044,
         0x20AC, 0x2122, *range(0x2190, 0x2194), 0x2212, 0x2215]
EXTENDED = [*range(0x100, 0x131), *range(0x132, 0x152), *range(0x154, 0x2BB), *range(0x1E00, 0x1F00),
            *range(0x20A0, 0x20AC), *range(0x20AD, 0x20C1), *range(0x2C60, 0x2C80), *range(0xA720, 0xA800)]
FACES = [("atkinson-hyperlegible-next", 400, 700), ("spline-sans-mono", 400, 600)]
# By the name of a package's file: the letters that are kept, and the end of the new file's name.
SUBSETS = [("latin", LATIN, ""), ("latin-ext", EXTENDED, "-ext")]


def tabular(font):
    gsub, swap = font["GSUB"].table, {}
    for record in gsub.FeatureList.FeatureRecord:
        if record.FeatureTag == "tnum":
            for index in record.Feature.LookupListIndex:
                for sub in gsub.LookupList.Lookup[index].SubTable:
                    swap.update(getattr(getattr(sub, "ExtSubTable", sub), "mapping", {}))
    for table in font["cmap"].tables:
        for code, glyph in list(table.cmap.items()):
            table.cmap[code] = swap.get(glyph, glyph)


def again(font):
    """Write and read back: glyph order and lookups are settled only by a round trip."""
    buffer = io.BytesIO()
    font.save(buffer)
    buffer.seek(0)
    return TTFont(buffer)


def build(source, weights, letters, target):
    font = TTFont(source)
    font.flavor = None
    instantiateVariableFont(font, {"wght": weights}, inplace=True)
    font = again(font)
    if "GSUB" in font:
        tabular(font)
        font = again(font)
    options = Options(layout_features=["kern", "liga", "calt", "ccmp", "locl", "mark", "mkmk", "case"])
    subset = Subsetter(options)
    subset.populate(unicodes=letters)
    subset.subset(font)
    font.flavor = "woff2"
    font.save(target)


def main(modules, out):
    for name, low, high in FACES:
        for subset, letters, end in SUBSETS:
            source = f"{modules}/@fontsource-variable/{name}/files/{name}-{subset}-wght-normal.woff2"
            build(source, (low, high), letters, f"{out}/{name}-{low}-{high}{end}.woff2")


main(*sys.argv[1:3])
