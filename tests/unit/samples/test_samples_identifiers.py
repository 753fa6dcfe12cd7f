"""Check digits against the published vectors."""

from datetime import date

import pytest

from xueshi_samples.identifiers import credit_check, credit_code, resident_check, resident_id


def test_resident_check_matches_the_standards_vector() -> None:
    assert resident_check("11010519491231002") == "X"


def test_credit_check_matches_the_published_vector() -> None:
    assert credit_check("91350100M000100Y4") == "3"


@pytest.mark.parametrize("sequence", [1, 10, 999])
def test_a_resident_id_lies_in_the_area_that_does_not_exist(sequence: int) -> None:
    number = resident_id(date(1990, 3, 7), sequence)
    assert number.startswith("35990019900307")
    assert len(number) == 18


def test_a_credit_code_names_its_region_and_a_made_up_organisation() -> None:
    code = credit_code("91", "350504", 42)
    assert code.startswith("91350504XUE00042")
    assert code[17] == credit_check(code[:17])
