"""The vocabulary of reviews: recorded in the matter of whatever is reviewed."""

from __future__ import annotations

from gongkai.ledger.vocabulary import kind

SUBMITTED = kind("review.submitted", "送审", subject="审什么", chain="审签规则", steps="步数")
AWAITED = kind("review.awaited", "等待签批", sheet="审签单", step="步骤", party="签批单位", name="步骤名称")
SIGNED = kind(
    "review.signed",
    "签批同意",
    sheet="审签单",
    step="步骤",
    party="签批单位",
    name="步骤名称",
    stood_in="代谁签批",
)
RETURNED = kind(
    "review.returned", "退回修改", sheet="审签单", step="步骤", party="签批单位", reason="退回理由"
)
PASSED = kind("review.passed", "审签完成", subject="审什么", sheet="审签单")
RECALLED = kind("review.recalled", "撤回送审", sheet="审签单")
OVERRIDDEN = kind(
    "review.overridden", "紧急先发", subject="审什么", sheet="审签单", reason="紧急理由", skipped="未签步骤"
)
OVERRIDE_APPROVED = kind("review.override_approved", "补办审签", sheet="审签单")
