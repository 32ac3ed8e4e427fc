"""Forms of the case page: what a person types, tidied. The services judge it."""

from __future__ import annotations

from typing import Any

from django import forms

from compliance.accounts.models import User
from compliance.accounts.roles import PERMISSIONS
from compliance.cases.models import OUTCOMES, ReasonCode, ReviewOutcome
from compliance.cases.reviews import outcomes_of
from compliance.cases.services import Verdict
from compliance.core.permissions import Permission

LONGEST_TEXT = 4000


class CaseForm(forms.Form):
    """A small form on the case page. Its ids carry its name, since several stand on one page."""

    name = ""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("auto_id", f"{self.name}_%s")
        super().__init__(*args, **kwargs)


def text_field(label: str, *, rows: int = 3, required: bool = True, help_text: str = "") -> forms.CharField:
    widget = forms.Textarea(attrs={"rows": rows})
    return forms.CharField(label=label, max_length=LONGEST_TEXT, widget=widget, required=required, help_text=help_text)


class DecisionForm(CaseForm):
    """A first decision or a second review on one match. Whether a note is required, the rules say."""

    name = "decision"
    outcome = forms.ChoiceField(
        label="Answer",
        choices=[(outcome.value, outcome.label) for outcome in OUTCOMES],
        error_messages={"required": "Choose true match, false match or inconclusive."},
    )
    reason = forms.ChoiceField(
        label="Reason",
        choices=[("", "Choose a reason"), *ReasonCode.choices],
        error_messages={"required": "Choose a reason."},
    )
    note = text_field("Note", required=False)
    seen = forms.CharField(required=False, max_length=80, widget=forms.HiddenInput)

    def verdict(self) -> Verdict:
        return Verdict(**{name: self.cleaned_data[name] for name in ("outcome", "reason", "note", "seen")})


class AssignForm(CaseForm):
    name = "assign"
    to = forms.ModelChoiceField(label="Person", queryset=User.objects.none(), empty_label="Choose a person")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        deciders = [role for role, held in PERMISSIONS.items() if Permission.CASE_DECIDE in held]
        field = self.fields["to"]
        assert isinstance(field, forms.ModelChoiceField)  # noqa: S101 - for the type checker; declared above
        field.queryset = User.objects.filter(is_active=True, role__in=deciders).order_by(
            "first_name", "last_name", "pk"
        )


class AskForm(CaseForm):
    name = "ask"
    of = forms.CharField(label="Whom you ask", max_length=200)
    question = forms.CharField(label="Question", max_length=1000, widget=forms.Textarea(attrs={"rows": 3}))


class AnswerForm(CaseForm):
    name = "answer"
    answer = text_field("What came back")


class EscalateForm(CaseForm):
    name = "escalate"
    reason = text_field("Why a manager should decide")


class ReturnForm(CaseForm):
    name = "return"
    reason = text_field("What the officer should do")


class NoteForm(CaseForm):
    name = "note"
    text = text_field("Note", help_text="A note is kept as written; it is never changed.")


class AskReleaseForm(CaseForm):
    name = "release"
    reason = text_field("Why the hold should end", help_text="Another person decides on it.")


class DecideReleaseForm(CaseForm):
    name = "decide_release"
    release = forms.ChoiceField(
        label="Decision",
        widget=forms.RadioSelect,
        choices=[("yes", "Release the hold"), ("no", "Refuse; the hold stands")],
        error_messages={"required": "Choose to release the hold or to refuse."},
    )
    reason = text_field("Reason")


REVIEW_WORDS = {
    ReviewOutcome.STANDS: {"hold": "The hold stands", "clearance": "The clearance stands"},
    ReviewOutcome.RELEASE_ASKED: {"hold": "Ask for the hold's release; a second person decides"},
    ReviewOutcome.ENDED: {
        "hold": "No longer needed: the hold is released", "clearance": "No longer needed: the pair matches no more",
    },
}  # fmt: skip


class ListReviewForm(CaseForm):
    """What a person found who looked at a hold or clearance again."""

    name = "list_review"
    outcome = forms.ChoiceField(
        label="What you found", widget=forms.RadioSelect, error_messages={"required": "Choose what you found."}
    )
    note = text_field("Note", required=False)

    def __init__(self, *args: Any, kind: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["outcome"]
        assert isinstance(field, forms.ChoiceField)  # noqa: S101 - for the type checker; declared above
        field.choices = [(outcome.value, REVIEW_WORDS[outcome][kind]) for outcome in outcomes_of(kind)]
