"""The vocabulary of press: an event from its plan to its file, media, accounts and posts, and how spokespersons did."""

from __future__ import annotations

from gongkai.ledger.vocabulary import kind

PLANNED = kind(
    "press.planned", "计划发布", form="发布形式", topic="题目来源", unit="主办单位", overall="涉全局", major="重大信息",
    hot="热点事件",
)  # fmt: skip
REVISED = kind(
    "press.revised",
    "修改发布计划",
    form="发布形式",
    topic="题目来源",
    overall="涉全局",
    major="重大信息",
    hot="热点事件",
)
PREPARED = kind("press.prepared", "备好议程和材料")
MATERIAL_SIGNED = kind("press.material_signed", "发布材料审定")
ATTENDANCE_NAMED = kind(
    "press.attendance_named", "确定出席人员", heads="部门负责人人数", spokespersons="发言人人数"
)
ANNOUNCED = kind("press.announced", "发布预告", public="已预告", form="发布形式", on="举行时间")
RESCHEDULED = kind("press.rescheduled", "改期", public="已改期", on="举行时间", reason="改期理由")
INVITED = kind("press.invited", "邀请媒体", count="家数")
CONFERENCE_HELD = kind(
    "press.conference_held", "举行新闻发布", public="已举行新闻发布", form="发布形式", unit="主办单位",
    attended_by="出席", number="发布编号",
)  # fmt: skip
UPDATE_PUBLISHED = kind("press.update_published", "发布进展", public="发布了进展", facet="方面")
PUBLISHED = kind("press.published", "公开发布内容", public="已公开发布内容", form="发布形式")
CLOSED = kind("press.closed", "发布归档")
CANCELLED = kind("press.cancelled", "取消发布", public="已取消", reason="取消理由")
OVERALL_HELD = kind("press.overall_held", "举行涉全局发布例会", unit="主办单位", number="发布编号")

QUESTION_ASKED = kind("press.question_asked", "媒体提问", unit="答问单位", question="第几问")
QUESTION_ANSWERED = kind("press.question_answered", "答复媒体提问", unit="答问单位", question="第几问")
QUESTION_REFUSED = kind(
    "press.question_refused", "说明不便答复", unit="答问单位", question="第几问", reason="理由"
)
QUESTIONS_CHOSEN = kind("press.questions_chosen", "选定网友提问", chosen="选用", left="未选用")

INTERVIEW_REQUESTED = kind("interview.requested", "媒体提出采访", unit="受访单位", head="专访负责同志")
INTERVIEW_ACCEPTED = kind("interview.accepted", "接受采访", unit="受访单位", head="负责同志受访")
INTERVIEW_ANSWERED = kind("interview.answered", "受访作答", unit="受访单位", head="负责同志受访")
INTERVIEW_REFUSED = kind("interview.refused", "不接受采访", unit="受访单位", ground="理由类别", reason="理由")

ACCOUNT_REQUESTED = kind("account.requested", "申请开设账号", unit="开设单位", platform="平台")
ACCOUNT_ACTIVATED = kind("account.activated", "账号启用", unit="开设单位", platform="平台")
ACCOUNT_REVISED = kind("account.revised", "修改账号登记", unit="开设单位")
ACCOUNT_UPDATED = kind("account.updated", "账号有更新", unit="开设单位")
ACCOUNT_CLOSED = kind("account.closed", "注销账号", unit="开设单位", reason="注销理由")
POST_DRAFTED = kind("post.drafted", "起草新媒体稿件", unit="单位")
POST_SIGNED = kind("post.signed", "新媒体稿件审定", unit="单位")
POST_PUSHED = kind("post.pushed", "推送到账号", unit="单位", accounts="账号个数")
POST_SENT = kind("post.sent", "账号收到稿件", unit="单位", platform="平台", account="账号")

DISSEMINATION_PLANNED = kind("press.dissemination_planned", "制定发布传播方案", channel="渠道", on="什么时候")
DISSEMINATION_DONE = kind("press.dissemination_done", "按方案传播", channel="渠道", reach="到达人数")

EVALUATED = kind("press.evaluated", "完成发言人年度评估", unit="牵头单位", count="评估人数")
FAULT_FOUND = kind("press.fault_found", "认定发布失职情形", unit="单位", fault="失职情形")
RECTIFICATION_ORDERED = kind("press.rectification_ordered", "责令整改", unit="单位", fault="失职情形")
RECTIFIED = kind("press.rectified", "报告整改结果", unit="单位")
CIRCULAR_ISSUED = kind("press.circular_issued", "通报批评", unit="单位", fault="失职情形")
FAILING_CLOSED = kind("press.failing_closed", "核实整改，了结失职情形", unit="单位")
ACCOUNTABILITY_PROPOSED = kind("press.accountability_proposed", "建议追究责任", unit="单位", fault="失职情形")
ACCOUNTABILITY_DECIDED = kind("press.accountability_decided", "决定是否追究责任", unit="单位", outcome="决定")
