"""The vocabulary of documents: from the draft to the release, and what comes after it."""

from __future__ import annotations

from gongkai.ledger.vocabulary import kind

DRAFTED = kind(
    "document.drafted", "起草", unit="责任单位", sort="文稿类别", genre="文种", policy="政策性文件",
    normative="规范性文件", rule="规章", for_government="代拟政府文件", important="重要", origin="制作或获取",
    time_critical="时效性强", activity="民生重要政务活动", key_area="重点领域",
)  # fmt: skip
EDITED = kind("document.edited", "修改文稿", edition="版次")
FILE_CLEANED = kind("document.file_cleaned", "取出附件里隐藏的信息", found="处数")
ATTRIBUTE_PROPOSED = kind(
    "document.attribute_proposed", "提出公开属性", attribute="公开属性", ground="理由类别", reason="理由"
)
PREREVIEWED = kind("document.prereviewed", "公开机构预审", attribute="公开属性", agrees="是否同意")
RETURNED = kind("document.returned", "退文", ground="退文情形")
SIGNED = kind("document.signed", "签发", attribute="公开属性")
ISSUED = kind("document.issued", "印发", number="发文字号", attribute="公开属性", made_on="成文日期")
SECRECY_REVIEWED = kind("document.secrecy_reviewed", "保密审查", outcome="结论", edition="版次")
SECRECY_REFERRED = kind("document.secrecy_referred", "报请确定是否保密", party="确定单位")
SECRECY_DETERMINED = kind("document.secrecy_determined", "确定是否保密", party="确定单位", outcome="结论")
CONFIRMATION_ASKED = kind("document.confirmation_asked", "发布前请相关单位确认", party="相关单位")
CONFIRMED = kind("document.confirmed", "相关单位确认", party="相关单位", agrees="是否一致")
DISAGREEMENT_REFERRED = kind("document.disagreement_referred", "分歧报主管单位协调", party="协调单位")
DISAGREEMENT_SETTLED = kind(
    "document.disagreement_settled", "主管单位协调结果", party="协调单位", outcome="结论"
)
RELEASE_SIGNED = kind("document.release_signed", "审定发布", edition="版次")
SCHEDULED = kind("document.scheduled", "定时发布", on="发布时间")
SCHEDULE_FAILED = kind("document.schedule_failed", "定时发布没有发出", reason="原因")
PUBLISHED = kind(
    "document.published", "发布", public="已发布", edition="版次", channel="渠道", attribute="公开属性",
    interpreted="有解读",
)  # fmt: skip
ALSO_RELEASED = kind("document.also_released", "在其他渠道发布", channel="渠道")
REVISED = kind("document.revised", "发布新版", public="内容有更新", edition="版次", major="重要变更")
CORRECTED = kind("document.corrected", "更正", public="已更正", reason="更正理由", edition="版次")
CORRECTION_ORDERED = kind(
    "document.correction_ordered", "责令改正", reason="理由", unit="责任单位", party="责令单位"
)
WITHDRAWN = kind("document.withdrawn", "撤回", public="已撤回", ground="撤回情形", reason="理由")
PLACED = kind("document.placed", "放入栏目", columns="栏目")
SERVICES_TIED = kind("document.services_tied", "关联服务事项", services="服务事项")
RELATED = kind("document.related", "登记与其他文件的关系", other="哪份文件", kind="关系")
CONVERTED = kind("document.converted", "公开属性转换", attribute="公开属性", reason="理由")
INTERPRETATION_PLANNED = kind("interpretation.planned", "确定解读方案", unit="解读单位", form="解读形式")
INTERPRETATION_SIGNED = kind("interpretation.signed", "解读材料审定", unit="解读单位")
INTERPRETATION_PUBLISHED = kind("interpretation.published", "发布解读", public="已发布解读", form="解读形式")

TAKEN_OVER = kind("document.taken_over", "由承接单位负责", unit="承接单位", before="原单位")

CATALOGUE_REVISED = kind("catalogue.revised", "修订主动公开目录", unit="单位", entries="条数")
SELF_CHECKED = kind(
    "disclosure.self_checked",
    "自查不予公开和申请较多的信息",
    unit="单位",
    looked="件数",
    converted="转公开件数",
)
SELF_CHECK_REPORTED = kind("disclosure.self_check_reported", "报告自查整改结果", unit="单位")
SPOT_CHECKED = kind("disclosure.spot_checked", "抽查应公开未公开情况", unit="被抽查单位", wrong="问题件数")
RECTIFIED = kind("disclosure.rectified", "整改完成", unit="单位")
WITHHELD_FILED = kind("withheld.filed", "不予公开目录报备", unit="单位", entries="条数")
WITHHELD_PUBLISHED = kind("withheld.published", "公布不予公开目录", unit="单位")
FAULT_REPORTED = kind("site.fault_reported", "收到网站找错", public="收到网站找错", what="错误类别")
FAULT_ANSWERED = kind("site.fault_answered", "答复网站找错", public="已答复", outcome="处理结果")
