import pytest

from tonmeister.document import migrate
from tonmeister.errors import DocumentError


def test_a_document_of_today_stays_as_it_is() -> None:
    data = {"version": 1, "anything": 2}
    assert migrate.migrate(data) == data


def test_old_documents_go_up_one_version_at_a_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(migrate, "VERSION", 3)
    monkeypatch.setattr(
        migrate, "STEPS", {1: lambda old: {**old, "two": 2}, 2: lambda old: {**old, "three": old["two"] + 1}}
    )
    assert migrate.migrate({"version": 1}) == {"version": 3, "two": 2, "three": 3}


@pytest.mark.parametrize("data", [None, [], {}, {"version": "1"}, {"version": True}, {"version": 99}, {"version": -1}])
def test_what_has_no_version_of_ours_is_refused(data: object) -> None:
    with pytest.raises(DocumentError):
        migrate.migrate(data)
