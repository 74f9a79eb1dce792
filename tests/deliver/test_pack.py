"""Names and papers of a delivery."""

import json

from tonmeister.deliver.pack import file_name, safe_name, write_checksums, write_manifest


def test_a_name_is_one_that_every_system_takes() -> None:
    assert safe_name('AC/DC: "Live"?  ') == "AC DC Live"
    assert safe_name("...") == "song"
    assert len(safe_name("x" * 500)) == 120


def test_files_lie_by_format_and_stems_by_themselves() -> None:
    assert file_name("Song", "main", "wav", ".wav") == "wav/Song.wav"
    assert file_name("Song", "tv", "aac", ".m4a") == "aac/Song (TV mix).m4a"
    assert file_name("Song", "Drums", "wav", ".wav", is_stem=True) == "wav/stems/Song - Drums.wav"


def test_checksums_are_lines_that_sha256sum_reads_by_name() -> None:
    assert write_checksums({"b": "2", "a": "1"}) == "1  a\n2  b\n"


def test_the_manifest_is_the_same_for_the_same_delivery() -> None:
    text = write_manifest({"title": "Straße", "tags": {}}, [{"name": "wav/Straße.wav"}])
    assert json.loads(text) == {"title": "Straße", "tags": {}, "files": [{"name": "wav/Straße.wav"}]}
    assert "Straße" in text
