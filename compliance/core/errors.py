"""The one family of errors that a person may read: each has a code and a sentence."""

from __future__ import annotations


class ComplianceError(Exception):
    """A refusal with a reason. `sentence` is shown to people, `code` to programs."""

    code = "error"
    status = 400

    def __init__(self, sentence: str, *, code: str | None = None) -> None:
        super().__init__(sentence)
        self.sentence = sentence
        if code:
            self.code = code


class NotAllowed(ComplianceError):
    """This person may not do this."""

    code = "not_allowed"
    status = 403


class WrongState(ComplianceError):
    """The thing has moved on; the act no longer fits its state."""

    code = "wrong_state"
    status = 409


class Invalid(ComplianceError):
    """What was given can't be taken; the sentence says what and how to mend it."""

    code = "invalid"
    status = 422
