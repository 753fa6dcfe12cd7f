"""Every error that the rulebook raises.

::

    RulebookError
    ├── RulebookDataError      the packaged data is wrong: file, line, reason
    ├── UnknownRuleError       no rule has this id
    ├── UnknownCodeError       no guidance has this code
    ├── UnknownJurisdictionError  no jurisdiction has this code
    ├── UnknownKindError       the jurisdiction has no such subject kind
    ├── UnknownFormError       the jurisdiction has no such learning form
    ├── UnknownPeriodError     not a credit year of the jurisdiction
    ├── UnknownDivisionError   not a division code, or none of that name
    ├── NoSuchRuleError        the jurisdiction's notices do not rule this question
    ├── UnknownTitleError      no title series or level has this code
    ├── UnknownDeadlineError   the jurisdiction has no such deadline
    ├── UnknownCalendarYearError  the working days of that year are not known
    ├── DeadlineQuestionError  the question does not fit the deadline
    ├── NotInForceError        no value is in force on that day
    ├── UnknownApplicationError  no notice knows an application of this code
    ├── UnknownFactError       nothing asks about this fact
    ├── FactTypeError          a fact is not of the kind that is measured
    └── IdentifierError        an identity number or employer code is malformed
"""

from datetime import date


class RulebookError(Exception):
    """Base of all errors of this package."""


class RulebookDataError(RulebookError):
    """The rulebook's data is refused at load; ``line`` counts from 1."""

    def __init__(self, file: str, line: int, reason: str) -> None:
        """Name the place and the reason."""
        super().__init__(f"{file}:{line}: {reason}")
        self.file = file
        self.line = line
        self.reason = reason


class UnknownRuleError(RulebookError):
    """No rule has this id."""

    def __init__(self, rule_id: str) -> None:
        """Name the id asked for."""
        super().__init__(f"no rule {rule_id!r}")
        self.rule_id = rule_id


class UnknownCodeError(RulebookError):
    """The catalogue has no guidance for this code."""

    def __init__(self, code: str) -> None:
        """Name the code asked for."""
        super().__init__(f"no guidance for code {code!r}")
        self.code = code


class UnknownJurisdictionError(RulebookError):
    """No jurisdiction has this code."""

    def __init__(self, code: str) -> None:
        """Name the code asked for."""
        super().__init__(f"no jurisdiction {code!r}")
        self.code = code


class UnknownKindError(RulebookError):
    """The jurisdiction has no such subject kind."""

    def __init__(self, kind: str) -> None:
        """Name the kind asked for."""
        super().__init__(f"no subject kind {kind!r}")
        self.kind = kind


class UnknownFormError(RulebookError):
    """The jurisdiction has no such learning form."""

    def __init__(self, form: str) -> None:
        """Name the form asked for."""
        super().__init__(f"no learning form {form!r}")
        self.form = form


class UnknownPeriodError(RulebookError):
    """Not written as the jurisdiction writes its credit periods."""

    def __init__(self, period: str) -> None:
        """Name the period asked for."""
        super().__init__(f"no credit period {period!r}")
        self.period = period


class UnknownDivisionError(RulebookError):
    """Not a six-digit division code, or one that the table does not name."""

    def __init__(self, code: str) -> None:
        """Name the code asked for."""
        super().__init__(f"no division {code!r}")
        self.code = code


class NoSuchRuleError(RulebookError):
    """The jurisdiction's notices do not rule this question."""

    def __init__(self, jurisdiction: str, question: str) -> None:
        """Name the jurisdiction and the question."""
        super().__init__(f"{jurisdiction} has no rule on {question!r}")
        self.jurisdiction = jurisdiction
        self.question = question


class UnknownTitleError(RulebookError):
    """No title series has this code, or the series has no level of this code."""

    def __init__(self, code: str) -> None:
        """Name the code asked for."""
        super().__init__(f"no title series or level {code!r}")
        self.code = code


class UnknownDeadlineError(RulebookError):
    """The jurisdiction has no such deadline."""

    def __init__(self, code: str) -> None:
        """Name the code asked for."""
        super().__init__(f"no deadline {code!r}")
        self.code = code


class UnknownCalendarYearError(RulebookError):
    """The calendar does not have the working days of that year."""

    def __init__(self, year: int) -> None:
        """Name the year needed."""
        super().__init__(f"the working days of {year} are not known")
        self.year = year


class DeadlineQuestionError(RulebookError):
    """A question about a deadline lacks its event, or names what the deadline does not have."""

    def __init__(self, code: str, reason: str) -> None:
        """Name the deadline and what does not fit."""
        super().__init__(f"deadline {code!r} {reason}")
        self.code = code


class NotInForceError(RulebookError):
    """No value of the named parameter is in force on that day."""

    def __init__(self, what: str, on: date) -> None:
        """Name the parameter and the day."""
        super().__init__(f"{what} has no value in force on {on}")
        self.what = what
        self.on = on


class UnknownApplicationError(RulebookError):
    """No notice of the jurisdiction knows an application of this code."""

    def __init__(self, code: str) -> None:
        """Name the code asked for."""
        super().__init__(f"no application {code!r}")
        self.code = code


class UnknownFactError(RulebookError):
    """Nothing asks about this fact."""

    def __init__(self, code: str) -> None:
        """Name the fact."""
        super().__init__(f"no condition asks about {code!r}")
        self.code = code


class FactTypeError(RulebookError):
    """A fact is not of the kind that its condition measures."""

    def __init__(self, code: str, expected: str) -> None:
        """Name the fact and what it should be."""
        super().__init__(f"{code!r} must be {expected}")
        self.code = code
        self.expected = expected


class IdentifierError(RulebookError):
    """A malformed identifier. The messages never repeat the number, so that they may be logged."""

    def __init__(self, code: str, message_en: str, message_zh: str) -> None:
        """Keep the stable code (one of the guidance catalogue) and the message in both languages."""
        super().__init__(message_en)
        self.code = code
        self.message_en = message_en
        self.message_zh = message_zh
