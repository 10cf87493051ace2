"""Makes the README's pictures from those that the journeys in tests/pages/test_journeys.py have kept: run these first."""

import sys
from pathlib import Path

from PIL import Image

ROOT = Path(__file__).parents[1]
KEPT, SHOWN = ROOT / "test-artifacts", ROOT / "docs" / "pictures"
PICTURES = {
    "consent": "journey-consent-wide",
    "operation": "journey-live-wide",
    "done": "journey-done-wide-dark",
    "products": "journey-products-wide",
}
QUALITY = 82  # of WebP


def main() -> int:
    """Write each; says which is missing."""
    missing = [kept for kept in PICTURES.values() if not (KEPT / f"{kept}.png").exists()]
    if missing:
        sys.stderr.write(f"Not kept yet: {', '.join(missing)}. Run: pytest tests/pages/test_journeys.py\n")
        return 1
    for name, kept in PICTURES.items():
        with Image.open(KEPT / f"{kept}.png") as picture:
            picture.convert("RGB").save(SHOWN / f"{name}.webp", quality=QUALITY, method=6)
    return 0


if __name__ == "__main__":
    sys.exit(main())
