"""Name countries by their ISO 3166-1 alpha-2 code, and Kosovo by the one in common use."""

from collections.abc import Iterator, Mapping
from typing import Final

from pycountry import countries, remove_accents

# Where pycountry has only the formal name.
SHORT_NAMES: Final = {
    "BN": "Brunei",
    "CD": "Congo (Kinshasa)",
    "CG": "Congo (Brazzaville)",
    "CI": "Côte d’Ivoire",
    "FK": "Falkland Islands",
    "FM": "Micronesia",
    "PS": "Palestine",
    "RU": "Russia",
    "VA": "Holy See",
    "VG": "British Virgin Islands",
    "VI": "United States Virgin Islands",
    "XK": "Kosovo",
}


def names() -> Iterator[tuple[str, str]]:
    """Yield every name of every country with its code, the most familiar one last."""
    for country in countries:
        fields = dict(country)
        for kind in ("official_name", "name", "common_name"):
            if kind in fields:
                yield fields["alpha_2"], fields[kind]
    yield from SHORT_NAMES.items()


COUNTRIES: Final[tuple[tuple[str, str], ...]] = tuple(
    sorted(dict(names()).items(), key=lambda choice: remove_accents(choice[1]))
)
CODES_BY_NAME: Final[Mapping[str, str]] = {name.casefold(): code for code, name in names()}
