"""Ask a fresh service the reference queries and fail if an answer is not what a parts dealer would expect."""

import json
import sys
import urllib.parse
import urllib.request


def search(base_url: str, query: str, **parameters: str) -> dict:
    """Return the answer of /search as a dictionary."""
    address = f"{base_url}/search?{urllib.parse.urlencode({'q': query, **parameters})}"
    with urllib.request.urlopen(address, timeout=30) as response:
        return json.load(response)


def names(hit: dict) -> str:
    """All names of a hit, in lower case."""
    return " | ".join(name for name in hit["names"].values() if name).lower()


PADS = ("колодк", "колодок", "klock", "klocek")


def main() -> int:
    """Run every check; return the number of failures."""
    base_url = sys.argv[1]
    checks = [
        ("SEM143", lambda hit: hit["vendor_code"].startswith("SEM143")),
        ("81432206012", lambda hit: "81.43220-6012" in hit["original_numbers"]),
        ("81 43220 6012", lambda hit: "81.43220-6012" in hit["original_numbers"]),
        ("тормозні колодки", lambda hit: any(word in names(hit) for word in PADS)),
        ("тормозные колодки", lambda hit: any(word in names(hit) for word in PADS)),
        ("гальмівні колодки", lambda hit: any(word in names(hit) for word in PADS)),
        ("klocki hamulcowe", lambda hit: any(word in names(hit) for word in PADS)),
        ("brake pads", lambda hit: any(word in names(hit) for word in PADS)),
        ("амотризатор", lambda hit: any(word in names(hit) for word in ("амортиз", "amortyz"))),
        ("nzuf", lambda hit: any(word in names(hit) for word in ("тяга", "drążek", "drazek"))),
    ]
    failures = 0
    for query, fits in checks:
        answer = search(base_url, query)
        hits = answer["hits"][:5]
        good = bool(hits) and all(fits(hit) for hit in hits)
        failures += not good
        shown = " / ".join(f"{hit['vendor_code'] or '-'} {hit['name']}" for hit in hits[:3])
        print(f"{'ok  ' if good else 'FAIL'} {query:<20} {answer['took_ms']:6.1f} ms  {shown}")
    return failures


if __name__ == "__main__":
    sys.exit(main())
