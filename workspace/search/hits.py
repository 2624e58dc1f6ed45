from typing import NamedTuple


class Hit(NamedTuple):
    title: str
    detail: str
    href: str
    icon: str


class Group(NamedTuple):
    label: str
    hits: list[Hit]
