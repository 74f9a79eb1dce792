"""What a person owns is found by name, kept on this machine, and never opened."""

from pathlib import Path

import pytest

from tonmeister.assistant.guidance import own_plugins, owned_plugins, scan_plugins
from tonmeister.errors import InputError


def test_plugins_are_found_by_name_in_folders_of_makers(tmp_path: Path) -> None:
    (tmp_path / "Softube" / "Tube-Tech CL 1B.vst3" / "Contents").mkdir(parents=True)
    (tmp_path / "FabFilter Pro-Q 3.clap").write_bytes(b"not opened")
    (tmp_path / "readme.txt").write_text("no", "utf-8")
    assert scan_plugins((tmp_path, tmp_path / "absent")) == ("FabFilter Pro-Q 3", "Tube-Tech CL 1B")


def test_what_is_told_is_remembered_and_known_names_are_recognised(tmp_path: Path) -> None:
    own_plugins(("CL1B", "Zorblax 9"), place=tmp_path)
    owned = own_plugins(("Pro-Q 3", "CL1B"), place=tmp_path)
    assert owned == owned_plugins(place=tmp_path)
    assert owned.names == ("CL1B", "Zorblax 9", "Pro-Q 3")
    assert owned.known == ("Tube-Tech CL 1B", "FabFilter Pro-Q 3")


def test_no_list_and_a_broken_list_are_nothing(tmp_path: Path) -> None:
    assert owned_plugins(place=tmp_path).names == ()
    (tmp_path / "plugins.json").write_text("{", "utf-8")
    assert owned_plugins(place=tmp_path).names == ()
    with pytest.raises(InputError, match="No plug-in was named"):
        own_plugins((" ",), place=tmp_path)
