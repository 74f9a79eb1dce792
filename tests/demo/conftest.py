"""One short demo song for all tests of this folder."""

import pytest

from tonmeister.demo import SHORT_FORM, DemoSong, render_song


@pytest.fixture(scope="session")
def short_song() -> DemoSong:
    """Return the song with every kind of section, 26 s."""
    return render_song(form=SHORT_FORM)
