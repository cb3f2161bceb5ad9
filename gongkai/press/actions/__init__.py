"""The verbs of press. Each locks, asks, changes and reports; packs do the counting."""

from gongkai.press.actions.accounts import (
    PUSH,
    activate,
    close_account,
    deliver,
    draft_post,
    edit_post,
    note_month,
    note_reads,
    note_update,
    post_signed,
    post_unsigned,
    push,
    request_account,
    revise_account,
    submit_post,
)
from gongkai.press.actions.evaluation import (
    EVALUATE,
    appearances,
    circulate,
    close_failing,
    decide_accountability,
    evaluate,
    find_failing,
    finish_evaluation,
    order_rectification,
    propose_accountability,
    rectify,
    set_reading,
    to_evaluate,
)
from gongkai.press.actions.events import (
    OVERALL,
    announce,
    answer,
    ask,
    ask_online,
    cancel,
    choose,
    close,
    edit,
    hold,
    name_attendance,
    plan,
    prepare,
    publish,
    record_line,
    reschedule,
    signed,
    submit,
    tie,
    unsigned,
    update,
)
from gongkai.press.actions.media import (
    INVITE,
    accept,
    invite,
    letter_of,
    note_answer,
    receive_request,
    record_interview,
    refuse,
    send_invitation,
)
from gongkai.press.actions.people import (
    add_training,
    save_expert,
    save_journalist,
    save_outlet,
    save_spokesperson,
)
from gongkai.press.actions.plans import note_dissemination, plan_dissemination
from gongkai.press.actions.report import ACCOUNTS, FAILINGS, POSTS, REQUESTS, ROOM

__all__ = [
    "ACCOUNTS", "EVALUATE", "FAILINGS", "INVITE", "OVERALL", "POSTS", "PUSH", "REQUESTS", "ROOM", "accept", "activate",
    "add_training", "announce", "answer", "appearances", "ask", "ask_online", "cancel", "choose", "circulate", "close",
    "close_account", "close_failing", "decide_accountability", "deliver", "draft_post", "edit", "edit_post", "evaluate", "find_failing",
    "finish_evaluation", "hold", "invite", "letter_of", "name_attendance", "note_answer", "note_dissemination",
    "note_month", "note_reads", "note_update", "order_rectification", "plan", "plan_dissemination", "post_signed",
    "post_unsigned", "prepare", "propose_accountability", "publish", "push", "receive_request", "record_interview",
    "record_line", "rectify", "refuse", "request_account", "reschedule", "revise_account", "save_expert",
    "save_journalist", "save_outlet", "save_spokesperson", "send_invitation", "set_reading", "signed", "submit",
    "submit_post", "tie", "to_evaluate", "unsigned", "update",
]  # fmt: skip
