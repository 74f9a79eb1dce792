from hypothesis import given
from hypothesis import strategies as st

from tonmeister.daw.names import clean_name, unique_names


@given(st.lists(st.text(), max_size=8))
def test_names_are_unique_even_where_capitals_do_not_count_and_hold_nothing_forbidden(names: list[str]) -> None:
    found = unique_names(names, otherwise="Track")
    assert len({name.casefold() for name in found}) == len(names)
    assert all(name == name.strip() and not set(name) & set('/\\:*?"<>|\0\n\t') for name in found)


def test_a_name_that_ardour_needs_itself_gets_a_number() -> None:
    assert unique_names(["Master", "master", "Vox"], otherwise="Track") == ["Master 2", "master 3", "Vox"]


def test_a_name_of_which_nothing_is_left_gets_another() -> None:
    assert clean_name("\0 ///", otherwise="Track") == "Track"


def test_a_long_name_is_cut() -> None:
    assert len(clean_name("x" * 300, otherwise="Track")) == 60
