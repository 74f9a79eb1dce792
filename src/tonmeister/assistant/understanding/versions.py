"""Words that ask for another version of a song."""

import re


def asks_version(text: str) -> bool:
    """Say whether a note asks for another version to be delivered, such as an instrumental: that is no wish about the sound."""
    return _VERSION.search(text) is not None


_VERSION = re.compile(r"\b(?:instrumental|a ?cappella|acapella|tv|clean|radio|stems?|multitracks?)\b(?: [a-z]+)? ?(?:versions?|mix|edit|files?)?", re.IGNORECASE)  # fmt: skip
