"""windows(text) -> [(start, end)]: windows of whole sentences, in UTF-16 code units; the twin of src/detectors/classifier/windows.ts.

Written so that a TypeScript port is a transliteration: one pass over code units, no regular expression.
"""
from __future__ import annotations

LIMIT = 480          # code units a window may span
BACKTRACK = 120      # a hard split looks this far back for white space

WHITE = frozenset([9, 10, 11, 12, 13, 32, 0xA0, 0x2028, 0x2029, 0x3000])
STOP = frozenset(map(ord, ".!?\u2026"))                          # ends a sentence only before white space
WIDE_STOP = frozenset(map(ord, "\u3002\uff01\uff1f\uff1b\u0964"))  # 。！？；। end a sentence at once
CLOSER = frozenset(map(ord, "\"')]}*_`\u201d\u2019\u00bb\u300d\u300f\uff09"))
NEWLINE = 10


def units(text: str):
    """UTF-16 code units of text (indexable ints). Lone surrogates survive."""
    if text.isascii() or max(text, default="") < "\U00010000":
        return [ord(c) for c in text]
    raw = text.encode("utf-16-le", "surrogatepass")
    return [raw[i] | raw[i + 1] << 8 for i in range(0, len(raw), 2)]


def pieces(u) -> list[int]:
    """Ends (exclusive) of consecutive pieces that cover u. Trailing white space belongs to the piece before it."""
    ends, i, n = [], 0, len(u)
    while i < n:
        c = u[i]
        i += 1
        if c == NEWLINE or c in WIDE_STOP:
            cut = True
        elif c in STOP:
            j = i
            while j < n and u[j] in CLOSER:
                j += 1
            cut = j < n and u[j] in WHITE
            if cut:
                i = j
        else:
            cut = False
        if cut:
            if c in WIDE_STOP:
                while i < n and u[i] in CLOSER:
                    i += 1
            while i < n and u[i] in WHITE:
                i += 1
            ends.append(i)
    if not ends or ends[-1] < n:
        ends.append(n)
    return ends if n else []


def trim(u, a: int, b: int) -> tuple[int, int]:
    while a < b and u[a] in WHITE:
        a += 1
    while b > a and u[b - 1] in WHITE:
        b -= 1
    return a, b


def windows(text: str, limit: int = LIMIT) -> list[tuple[int, int]]:
    u = units(text)
    out: list[tuple[int, int]] = []

    def put(a: int, b: int) -> None:
        a, b = trim(u, a, b)
        if b > a:
            out.append((a, b))

    start = end = 0                      # the open window is u[start:end]
    for stop in pieces(u):
        a, b = trim(u, start, stop)
        if b - a <= limit:               # the piece fits into the open window
            end = stop
            continue
        put(start, end)                  # close it; the piece opens the next
        start = end
        a, b = trim(u, start, stop)
        while b - a > limit:             # longer than a window on its own: hard split
            cut = a + limit
            k = cut
            while k > cut - BACKTRACK and u[k] not in WHITE:
                k -= 1
            if k > cut - BACKTRACK:
                cut = k
            elif 0xDC00 <= u[cut] <= 0xDFFF and 0xD800 <= u[cut - 1] <= 0xDBFF:
                cut -= 1                 # never inside a surrogate pair
            put(a, cut)
            a, b = trim(u, cut, stop)
        start, end = a, stop
    put(start, end)
    return out


def slices(text: str, spans) -> list[str]:
    """The windows' texts. Fast where no astral character stands in text."""
    if text.isascii() or max(text, default="") < "\U00010000":
        return [text[a:b] for a, b in spans]
    raw = text.encode("utf-16-le", "surrogatepass")
    return [raw[2 * a:2 * b].decode("utf-16-le", "surrogatepass") for a, b in spans]
