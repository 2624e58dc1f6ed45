"""Name countries by their ISO 3166-1 alpha-2 code, and Kosovo by the one in common use."""

import gettext
import unicodedata
from collections.abc import Iterator, Mapping
from functools import cache
from typing import Final

from pycountry import LOCALES_DIR, countries, remove_accents

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
NAMES: Final[Mapping[str, str]] = dict(COUNTRIES)
CODES_BY_NAME: Final[Mapping[str, str]] = {name.casefold(): code for code, name in names()}
# Names in common use that no list of the library has, as `folded`.
MORE_NAMES: Final[Mapping[str, str]] = {
    "burma": "MM",
    "capeverde": "CV",
    "czechrepublic": "CZ",
    "easttimor": "TL",
    "england": "GB",
    "gb": "GB",
    "greatbritain": "GB",
    "holland": "NL",
    "ivorycoast": "CI",
    "kosovo": "XK",
    "macedonia": "MK",
    "northernireland": "GB",
    "scotland": "GB",
    "swaziland": "SZ",
    "turkey": "TR",
    "uae": "AE",
    "uk": "GB",
    "unitedstatesofamerica": "US",
    "wales": "GB",
}
LANGUAGES: Final = (
    *("de", "fr", "es", "it", "pt", "pt_BR", "nl", "pl", "sv", "da", "nb_NO", "fi", "cs", "hu"),
    *("ro", "tr", "el", "ru", "uk", "ja", "ko", "zh_CN", "zh_TW"),
)


def code_of(text: str) -> str | None:
    """Return the code of a country by either ISO code, or by a name in one of the LANGUAGES."""
    return CODES_BY_NAME.get(text.strip().casefold()) or codes_by_folded_name().get(folded(text))


def folded(text: str) -> str:
    """Return the letters of a name without case, accents, punctuation and a leading "the"."""
    plain = unicodedata.normalize("NFKD", text).casefold().strip().removeprefix("the ")
    return "".join(letter for letter in plain if letter.isalnum())


@cache
def codes_by_folded_name() -> Mapping[str, str]:
    """Return the codes by name, read when first needed; a name of two countries is left out."""
    codes: dict[str, str | None] = {}
    for language in LANGUAGES:
        translate = gettext.translation("iso3166-1", LOCALES_DIR, [language]).gettext
        for name, code in ((translate(name), code) for code, name in names()):
            known = codes.setdefault(folded(name), code)
            if known != code:
                codes[folded(name)] = None
    for country in countries:
        codes |= {country.alpha_2.casefold(): country.alpha_2}
        codes |= {country.alpha_3.casefold(): country.alpha_2}
    english = {folded(name): code for code, name in names()}
    unambiguous = {name: code for name, code in codes.items() if code}
    return {**unambiguous, **english, **MORE_NAMES}
