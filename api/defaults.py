from typing import Final

from people.defaults import EDIT, Grants, ensure_grants
from people.roles import Role

GRANTS: Final[Grants] = {Role.OPERATIONS: {"apikey": EDIT}}


def ensure_api() -> list[str]:
    ensure_grants("api", GRANTS)
    return []
