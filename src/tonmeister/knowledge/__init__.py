"""Numbers and facts with unit and source, and the code that reads them; no logic."""

from tonmeister.knowledge.rows import (
    Arc,
    DeliveryTarget,
    Number,
    Role,
    Source,
    arcs,
    number,
    numbers,
    role,
    roles,
    sources,
    targets,
)

__all__ = [
    "Arc",
    "DeliveryTarget",
    "Number",
    "Role",
    "Source",
    "arcs",
    "number",
    "numbers",
    "role",
    "roles",
    "sources",
    "targets",
]
