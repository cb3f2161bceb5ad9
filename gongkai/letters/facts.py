"""The vocabulary of letters. What the packs' clocks hear, and what the citizen reads of it."""

from __future__ import annotations

from gongkai.ledger.vocabulary import kind

RECEIVED = kind(
    "letter.received", "收到来信", public="收到来信",
    source="来源", lead="牵头单位", nature="诉求性质", alone="是否只涉及来信人本人",
)  # fmt: skip
OPENED = kind("letter.opened", "打开来信", unit="打开的单位")
CLASSIFIED = kind(
    "letter.classified",
    "分类",
    public="已分类",
    nature="诉求性质",
    **{"class": "办理时类"},
    triage="分流",
    topic="主题",
)
FILLED = kind("letter.filled", "系统填写", what="填的项", value="填的内容", confidence="把握")
ASSIGNED = kind("letter.assigned", "交办", public="已交办", unit="承办单位")
SIGNED_FOR = kind("letter.signed_for", "签收", public="承办单位已签收", unit="承办单位")
RETURNED = kind("letter.returned", "退回", unit="承办单位", reason="退回理由")
JOINT_ASKED = kind("letter.joint_asked", "请协办", public="请其他单位协办", party="协办单位")
JOINT_ANSWERED = kind("letter.joint_answered", "协办单位回复", party="协办单位")
FINDINGS_NOTED = kind("letter.findings_noted", "记录核实情况", public="已核实", unit="承办单位")
EXTENDED = kind(
    "letter.extended", "延期", public="延期办理", by="延长多少", approved_by="批准人", reason="延期理由"
)
REPLY_SUBMITTED = kind("letter.reply_submitted", "答复送审", unit="承办单位")
REPLY_SIGNED = kind("letter.reply_signed", "审签答复", unit="承办单位")
REPLY_RETURNED = kind("letter.reply_returned", "退回答复稿", unit="承办单位", reason="理由")
ANSWERED = kind("letter.answered", "答复来信人", public="已答复", unit="答复单位")
RATED = kind("letter.rated", "来信人评价", public="来信人已评价", rating="评价", merged="并入来信")
FOLLOWED_UP = kind("letter.followed_up", "回访", public="已回访", outcome="结果")
RECHECK_CHOSEN = kind("letter.recheck_chosen", "抽中复查", unit="承办单位")
RECHECKED = kind("letter.rechecked", "复查", outcome="结果")
SAMPLE_DRAWN = kind("letter.sample_drawn", "抽取复查样本", count="件数")
MERGED = kind("letter.merged", "并案", public="与相同来信合并办理", into="主件编号")
HANDED_TO_PETITION = kind(
    "letter.handed_to_petition", "移送信访部门", public="已移送信访部门", party="信访部门"
)
REPORTED_TO_CYBERSPACE = kind("letter.reported_to_cyberspace", "报网信部门", party="网信部门", ground="理由")
DECLINED = kind("letter.declined", "不予受理", public="不予受理", reason="理由", channel="应走的渠道")
WITHDRAWN = kind("letter.withdrawn", "来信人撤回", public="来信人撤回")
PUBLISHED = kind("letter.published", "公开问答", public="问答已公开")
UNPUBLISHED = kind("letter.unpublished", "撤下问答", reason="理由")
UNMASKED = kind("letter.unmasked", "查看来信人信息", reason="事由")
WRITER_FORGOTTEN = kind("letter.writer_forgotten", "删除来信人信息", years="保存年限（年）")
SUPPLEMENTED = kind("letter.supplemented", "来信人补充", public="来信人补充")
