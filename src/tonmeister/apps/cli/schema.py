"""`tonmeister schema`: the JSON Schema of mix.json."""

from tonmeister.apps.cli.show import show_json


def schema() -> None:
    """Print the JSON Schema of mix.json."""
    from tonmeister.document.text import schema as schema_of_mix

    show_json(schema_of_mix())
