"""Numbers and facts with unit and source, and the code that reads them; no logic."""

from tonmeister.knowledge.rows import (
    DeliveryTarget,
    Number,
    Role,
    Source,
    number,
    numbers,
    role,
    roles,
    sources,
    targets,
)

__all__ = [
    "DeliveryTarget",
    "Number",
    "Role",
    "Source",
    "number",
    "numbers",
    "role",
    "roles",
    "sources",
    "targets",
]
