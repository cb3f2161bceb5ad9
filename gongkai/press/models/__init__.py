"""The records of press: who speaks, what is held, who asked, the accounts, the plans, how it was done."""

from gongkai.press.models.accounts import Account, AccountMonth, Push, SocialPost
from gongkai.press.models.evaluation import Evaluation, Failing
from gongkai.press.models.event import Attendee, PressEvent, Statement
from gongkai.press.models.interview import CitizenQuestion, Line
from gongkai.press.models.media import InterviewRequest, Invitation, Journalist, MediaQuestion, Outlet
from gongkai.press.models.people import Expert, Spokesperson, Training
from gongkai.press.models.plan import Plan
from gongkai.press.models.stages import Case, WrongMove

__all__ = [
    "Account",
    "AccountMonth",
    "Attendee",
    "Case",
    "CitizenQuestion",
    "Evaluation",
    "Expert",
    "Failing",
    "InterviewRequest",
    "Invitation",
    "Journalist",
    "Line",
    "MediaQuestion",
    "Outlet",
    "Plan",
    "PressEvent",
    "Push",
    "SocialPost",
    "Spokesperson",
    "Statement",
    "Training",
    "WrongMove",
]
