"""The vocabulary of opinion: found, judged, assigned, answered, reported, ended."""

from __future__ import annotations

from gongkai.ledger.vocabulary import kind

DETECTED = kind(
    "opinion.detected", "发现舆情", found_by="发现方式", channel="渠道", detected_at="发现时间",
    occurred_at="事件发生时间", lead="暂由谁负责", must_respond="重点回应情形", ordered_by="要求回应的上级",
)  # fmt: skip
STORY_TAKEN = kind("opinion.story_taken", "并入监测到的线索", story="线索", posts="条数")
WARNED = kind("opinion.warned", "预警", words="预警内容")
ASSESSED = kind("opinion.assessed", "研判", suggested="建议等级", value="回应价值")
JUDGED = {
    "grade": "等级", "before": "原等级", "kind": "类型", "subject": "涉及事项", "must_respond": "重点回应情形",
    "priority": "优先发布情形", "scope": "涉及范围", "triage": "分类", "emergency": "突发事件", "sensitive": "重大敏感",
    "major": "重大以上", "rumour": "严重造谣传谣", "needs_release": "需发新闻通稿", "detected_at": "发现时间",
    "occurred_at": "事件发生时间",
}  # fmt: skip
GRADED = kind("opinion.graded", "研判定级", **JUDGED)
REGRADED = kind("opinion.regraded", "调整等级", **JUDGED)
DISMISSED = kind("opinion.dismissed", "不作舆情处理", reason="理由")
REOPENED = kind("opinion.reopened", "重新办理", reason="理由")
ESCALATED = kind("opinion.escalated", "舆情升级", reason="表现")
LEADER_NAMED = kind("opinion.leader_named", "明确领导责任人", leader="领导责任人")
ASSIGNED = kind(
    "opinion.assigned", "交办", lead="第一责任单位", party="责任单位", role="责任", several="多个单位"
)
JOINED = kind("opinion.joined", "请其他单位分工负责", party="单位", role="责任")
ACCEPTED = kind("opinion.accepted", "签收", party="责任单位")
RELIEVED = kind("opinion.relieved", "不再由其负责", party="单位", reason="理由")
CONSULTATION_CALLED = kind("opinion.consultation_called", "召集会商", party="召集单位", units="邀请单位")
CONSULTED = kind("opinion.consulted", "完成会商", party="召集单位", units="参加单位")
MEASURES_SUBMITTED = kind("opinion.measures_submitted", "预控处置意见报审")
MEASURES_APPROVED = kind("opinion.measures_approved", "预控处置意见审定")
FACTS_GATHERED = kind("opinion.facts_gathered", "汇集权威信息", party="单位")
LINE_SET = kind("opinion.line_set", "拟定统一口径")
LINE_ASKED = kind("opinion.line_asked", "请确认统一口径", party="单位")
LINE_ANSWERED = kind("opinion.line_answered", "对口径表态", party="单位", agrees="是否一致")
REPORTED = kind("opinion.reported", "报送舆情", to="报给谁", party="接收单位", way="渠道")
HANDED_OVER = kind("opinion.handed_over", "移送", to="移送给谁", party="接收单位")
RECEIVED = kind("opinion.dispatch_received", "接收单位签收", party="接收单位")
RESPONDED = kind(
    "opinion.responded", "首次回应", public="已回应", form="回应形式", party="发布单位", serial="第几次"
)
UPDATED = kind(
    "opinion.updated", "后续发布", public="又有新进展", form="回应形式", party="发布单位", serial="第几次"
)
RESPONSE_RETURNED = kind("opinion.response_returned", "退回回应稿", ground="情形")
RESPONSE_WITHDRAWN = kind(
    "opinion.response_withdrawn", "撤下回应", reason="理由", serial="第几次", none_left="没有别的回应了"
)
HANDLED = kind("opinion.handled", "线下处置", party="单位")
MEASURED = kind("opinion.measured", "测评回应效果", before="回应前", after="回应后", reached="覆盖人次")
CLOSED = kind("opinion.closed", "办结", reason="结论")

ACCOUNTABILITY_PROPOSED = kind(
    "opinion.accountability_proposed", "提出追责建议", party="责任单位", rule="情形", measure="措施"
)
ACCOUNTABILITY_DECIDED = kind(
    "opinion.accountability_decided",
    "决定是否追责",
    party="责任单位",
    measure="措施",
    decided="是否采取",
    borne="容错",
)
CIRCULATED = kind("opinion.circulated", "通报办理情况")
INSPECTED = kind("opinion.inspected", "督查回应工作", unit="被督查单位", what="督查内容")
MENDED = kind("opinion.mended", "督查整改完成", unit="单位")
CHECK_ASKED = kind(
    "opinion.check_asked", "安排互查", party="检查单位", checked="被查单位", area="试点领域", due_on="期限"
)
CHECKED = kind("opinion.checked", "报告互查情况", party="检查单位", checked="被查单位")
YEAR_REPORTED = kind("opinion.year_reported", "报送年度考核", year="年度", figures="各单位的数字")
SHARED = kind("opinion.shared", "互通经验", unit="单位", sort="类别")

RISK_OPENED = kind("risk.opened", "开始舆情风险评估", unit="决策单位")
RISK_ASSESSED = kind("risk.assessed", "舆情风险评估", unit="决策单位", level="风险等级", methods="评估方法")
RISK_APPROVED = kind("risk.approved", "风险评估审定", level="风险等级")
