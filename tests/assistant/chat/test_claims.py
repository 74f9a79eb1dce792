"""No number reaches a person that neither a tool nor the person said."""

import pytest

from tonmeister.assistant.chat.claims import MARK, check_claims

EVIDENCE = [
    '{"integrated_lufs": -13.98, "true_peak_dbtp": -1.04, "share": 0.37, "frequency_hz": 2500.0}',
    "lift it by 2 dB",
]


@pytest.mark.parametrize(
    "text",
    [
        "The master is at -14.0 LUFS, true peak -1.0 dBTP.",
        "It lies at −14 LUFS.",
        "About 37 % of the time, near 2.5 kHz.",
        "I lift it by 2 dB, as you asked.",
        "1. Look\n2. Propose\n3. Apply",
        "One of 2 ways.",
    ],
)
def test_what_a_tool_returned_or_the_person_said_may_be_written(text: str) -> None:
    assert check_claims(text, EVIDENCE).unsupported == ()


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("The master is at -9.5 LUFS.", "-9.5"),
        ("I took 3 dB off.", "3"),
        ("True peak is -1.3 dBTP.", "-1.3"),
        ("It sits near 4 kHz.", "4"),
        ("The song has 128 BPM.", "128"),
        ("It was 1,234 Hz.", "1,234"),
    ],
)
def test_other_numbers_are_withheld(text: str, number: str) -> None:
    checked = check_claims(text, EVIDENCE)
    assert checked.unsupported == (number,)
    assert MARK in checked.text
    assert number not in checked.text.replace(MARK, "")
