"""What a post says, read from cue words: what may harm, how it speaks, what kind of misgiving it is.

Every reading names the words it rests on. A word that is denied (没有伤亡, 未发现泄漏) does not count. The kinds of
misgiving are those a reply has to meet (国办发〔2016〕61号: 疑虑、误解、歪曲和谣言). All of it is a suggestion: what is
true, and what a rumour, is for a person to say.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

import ahocorasick_rs

from gongkai.text.cut import normal

DOUBT, MISTAKE, DISTORTION, RUMOUR = "疑虑", "误解", "歪曲", "谣言"
KINDS = (DOUBT, MISTAKE, DISTORTION, RUMOUR)
_CLAUSE = re.compile(r"[,。!?;:、，！？；：\s]")
NEGATIVE, NEUTRAL, POSITIVE = "负面", "中性", "正面"


@dataclass(frozen=True, slots=True)
class Risk:
    """A group of words about one kind of harm; `points` (of 100) is what it counts for in an assessment."""

    name: str
    points: int
    words: tuple[str, ...]


def _words(text: str) -> tuple[str, ...]:
    return tuple(text.split())


RISKS: Mapping[str, Risk] = {
    risk.name: risk
    for risk in (
        Risk("伤亡", 35, _words("死亡 遇难 身亡 伤亡 受伤 重伤 坠亡 溺亡 溺水 触电 失踪 昏迷 抢救 轻生 自杀 跳楼 跳河 尸体 丧生 致死 打死 撞死 猝死 命案")),
        Risk("事故灾害", 30, _words("坍塌 倒塌 垮塌 爆炸 火灾 起火 着火 燃爆 泄漏 泄露 塌方 滑坡 泥石流 决口 溃坝 洪水 内涝 地震 车祸 翻车 追尾 侧翻 踩踏 坠落 事故 险情 爆管")),
        Risk("聚集冲突", 30, _words("聚集 围堵 堵路 堵门 拉横幅 罢工 罢市 罢运 罢课 游行 静坐 集体上访 群体性 冲突 对峙 警民 打砸 械斗 请愿")),
        Risk("食品药品和饮水", 25, _words("食物中毒 中毒 变质 过期食品 毒食品 地沟油 假药 疫苗 自来水发黄 自来水发臭 自来水异味 水质异常 水源污染 大面积停水 长时间停水")),
        Risk("校园", 25, _words("校园欺凌 霸凌 欺凌 体罚 猥亵 性侵 虐童 学校食堂 校园餐 校车 坠楼")),
        Risk("征地拆迁", 25, _words("强拆 强征 暴力拆迁 征地 拆迁 拆迁款 补偿款 安置房 征收 失地")),
        Risk("执法", 25, _words("暴力执法 野蛮执法 打人 殴打 城管打 钓鱼执法 乱罚款 粗暴执法 刑讯 非法拘禁 滥用职权")),
        Risk("疫病", 25, _words("疫情 传染 确诊 暴发 禽流感 流感暴发 诺如 鼠疫 霍乱")),
        Risk("环境", 20, _words("污染 排污 偷排 恶臭 死鱼 毒气 废水 废气 黑臭 垃圾焚烧 化工厂")),
        Risk("欠薪和劳资", 20, _words("欠薪 讨薪 拖欠工资 农民工工资 血汗钱 裁员 工伤 欠社保")),
        Risk("贪腐", 20, _words("受贿 贪污 腐败 贪官 保护伞 黑恶 权钱交易 吃拿卡要 挪用 克扣 官商勾结 买官")),
        Risk("金融和房产", 20, _words("非法集资 爆雷 跑路 烂尾 挤兑 停工 延期交房 交房 维权 集资 诈骗")),
        Risk("尊严和信仰", 20, _words("民族歧视 地域歧视 性别歧视 侮辱民族 侮辱烈士 诋毁英烈 侮辱国旗 邪教 宗教冲突")),
    )
}  # fmt: skip

CLAIMS: Mapping[str, tuple[str, ...]] = {
    RUMOUR: _words(
        "网传 据传 听说 谣传 传言 造谣 谣言 辟谣 求扩散 扩散 速转 快转 转起来 帮转 求转 紧急通知 内部消息 小道消息 据知情人 知情人士 刚刚接到 不转不是"
        " 千真万确 亲眼所见 朋友说 震惊 惊天 惊呆 封锁消息 封口 删帖 压消息 不敢报道 不让报道 隐瞒 瞒报 真实死亡人数 官方不敢 央视都 刚刚发生 万人 请转发"
    ),
    DISTORTION: _words(
        "黑幕 内幕 官官相护 一手遮天 洗地 作秀 摆拍 甩锅 愚弄 糊弄 忽悠 欺骗百姓 掩盖 真相 阴谋 骗局 收买 水军 粉饰 草菅人命 无法无天 猫腻 临时工干的"
    ),
    MISTAKE: _words(
        "凭什么 不是说 说好的 我以为 难道 一刀切 强制 强迫 又要收费 乱收费 变相 只许 换汤不换药 政策变了 突然取消 取消了 又改 怎么又 为啥又 白交"
    ),
    DOUBT: _words(
        "是不是 是否 真的吗 真的假的 真假 会不会 能不能 安全吗 有害吗 担心 担忧 怀疑 质疑 疑问 怎么回事 为什么 为何 谁能告诉 求证 求解释 给个说法 什么情况 到底"
        " 还能喝吗 还能吃吗 敢吃吗 靠谱吗 有没有人管 何时 什么时候"
    ),
}  # fmt: skip

BAD = _words(
    "愤怒 气愤 气死 恶心 无语 失望 绝望 痛心 可恶 可怕 恐怖 害怕 吓人 难受 崩溃 受不了 忍无可忍 苦不堪言 坑人 坑爹 黑心 无耻 缺德 垃圾 骗子 骗人 欺骗 霸道 霸王 嚣张"
    " 推诿 扯皮 踢皮球 敷衍 不作为 乱作为 不管 没人管 无人管 置之不理 拖延 拖欠 迟迟 投诉 举报 曝光 维权 抗议 谴责 严惩 追责 滚蛋 下课 混账 王八 畜生 该死 活该 可怜 惨"
    " 悲剧 噩梦 扰民 噪音 恶臭 臭 脏乱 污染 违法 违规 腐败 贪 黑幕 糟糕 差劲 太差 很差 极差 恶劣 严重 危险 隐患 堵死 瘫痪 乱收费 强制 欺负 打人 殴打 受伤 死亡 事故 塌 坏了 吐槽 呵呵"
)  # fmt: skip
GOOD = _words(
    "点赞 表扬 感谢 谢谢 致敬 辛苦 暖心 感动 温暖 满意 高兴 开心 欣慰 幸福 支持 赞 很好 真好 太好了 不错 给力 优秀 及时 贴心 放心 祝贺 恭喜 加油 平安 顺利 圆满 成功 获奖"
    " 改善 提升 便民 惠民 解决了 已解决 处理好了 修好了 方便多了 正能量 好评 棒"
)  # fmt: skip

DENIES = {
    "没有": 6,
    "并非": 6,
    "不是": 6,
    "未造成": 6,
    "排除": 6,
    "否认": 6,
    "没": 3,
    "无": 3,
    "未": 3,
    "不": 2,
}
"""Words that deny, and within how many characters before a word of the same clause."""
_DENIAL = re.compile(f"[{''.join({word[0] for word in DENIES})}]")
NOT_DENIALS = ("不得不", "不仅", "不但", "不光", "无数", "不少", "不断", "不知")

_RISK, _CLAIM, _BAD, _GOOD = range(4)


def _entries() -> dict[str, list[tuple[int, str]]]:
    """For each cue word the lists it stands in."""
    lists = (
        *((risk.words, _RISK, risk.name) for risk in RISKS.values()),
        *((words, _CLAIM, kind) for kind, words in CLAIMS.items()),
        (BAD, _BAD, NEGATIVE),
        (GOOD, _GOOD, POSITIVE),
    )
    entries: dict[str, list[tuple[int, str]]] = {}
    for words, what, name in lists:
        for word in words:
            entries.setdefault(word, []).append((what, name))
    return entries


_ENTRIES = _entries()
_WORDS = list(_ENTRIES)
_FINDER = ahocorasick_rs.AhoCorasick(_WORDS, matchkind=ahocorasick_rs.MatchKind.LeftmostLongest)


@dataclass(frozen=True, slots=True)
class Reading:
    """What the cue words of a post say.

    `risks`: words by group of harm. `kind` ('' where nothing speaks for one) and `kind_words` that led to it.
    `stance` with `stance_words`. `is_rumoured`: at least two signs of hearsay or of a call to spread it.
    """

    risks: Mapping[str, tuple[str, ...]]
    kind: str
    kind_words: tuple[str, ...]
    stance: str
    stance_words: tuple[str, ...]
    rumour_words: tuple[str, ...]

    @property
    def is_rumoured(self) -> bool:
        return len(self.rumour_words) > 1

    @property
    def words(self) -> tuple[str, ...]:
        """All the words the reading rests on, each once."""
        risks = (word for words in self.risks.values() for word in words)
        return tuple(dict.fromkeys((*risks, *self.kind_words, *self.rumour_words, *self.stance_words)))


def read(text: str) -> Reading:
    """Read a post (its title and text)."""
    return read_normal(normal(text))


def read_normal(text: str) -> Reading:
    """As `read`, for a text that is `cut.normal` already."""
    risks: dict[str, list[str]] = {}
    claims: dict[str, list[str]] = {}
    tone: dict[str, list[str]] = {NEGATIVE: [], POSITIVE: []}
    for word, what, name, is_denied in _cues(text):
        if what == _RISK and not is_denied:
            risks.setdefault(name, []).append(word)
        elif what == _CLAIM:
            claims.setdefault(name, []).append(word)
        elif what == _BAD:
            if not is_denied:
                tone[NEGATIVE].append(word)
        elif what == _GOOD:
            tone[NEGATIVE if is_denied else POSITIVE].append(word)
    harm = sum(map(len, risks.values()))
    kind = _kind(claims)
    stance = _stance(len(tone[NEGATIVE]) + 0.5 * harm, len(tone[POSITIVE]))
    return Reading(
        risks={name: tuple(dict.fromkeys(risks[name])) for name in RISKS if name in risks},
        kind=kind,
        kind_words=_once(claims.get(kind, ())),
        stance=stance,
        stance_words=_once(tone.get(stance, ())),
        rumour_words=_once(claims.get(RUMOUR, ())),
    )


def _cues(text: str) -> Iterator[tuple[str, int, str, bool]]:
    for at, start, _end in _FINDER.find_matches_as_indexes(text):
        word = _WORDS[at]
        is_denied = _is_denied(text, start)
        for what, name in _ENTRIES[word]:
            yield word, what, name, is_denied


def _is_denied(text: str, start: int) -> bool:
    """Whether a denial stands before a word, in the same clause."""
    before = text[max(0, start - 6) : start]
    if not _DENIAL.search(before):
        return False
    before = _CLAUSE.split(before)[-1]
    if any(phrase in before for phrase in NOT_DENIALS):
        return False
    return any(word in before[-reach:] for word, reach in DENIES.items())


def _kind(claims: Mapping[str, list[str]]) -> str:
    """The kind most cue words speak for, the graver one where they are even; one sign of hearsay alone gives way."""
    found = {kind: len(set(claims.get(kind, ()))) for kind in KINDS}
    if found[RUMOUR] == 1 and any(found[kind] for kind in KINDS[:-1]):
        found[RUMOUR] = 0
    best = max(KINDS, key=lambda kind: (found[kind], KINDS.index(kind)))
    return best if found[best] else ""


def _stance(bad: float, good: float) -> str:
    if bad > good:
        return NEGATIVE
    return POSITIVE if good > bad else NEUTRAL


def _once(words: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(words))
