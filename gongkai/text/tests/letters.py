"""Invented letters of 清源县 to learn from and to group."""

PLACES = ("城东花园", "兰溪新村", "东港路", "河滨苑", "松园小区", "石室村", "桂花里", "荷塘街")

TOPICS = {
    "环境保护": (
        "{place}工地夜间施工噪音扰民",
        "{place}附近河道污水横流散发臭味",
        "{place}烧烤店油烟直排",
        "{place}垃圾堆放多日没有清运",
    ),
    "教育文体": (
        "{place}幼儿园什么时候开始报名",
        "{place}小学学区怎么划分",
        "{place}中学教师资格认定材料",
        "{place}图书馆周末开放时间",
    ),
    "交通运输": (
        "{place}公交车班次太少等候时间长",
        "{place}路口红绿灯损坏",
        "{place}客运站发车时刻调整",
        "{place}道路坑洼车辆颠簸",
    ),
}


def topical() -> tuple[list[str], list[str]]:
    """Letters and their topics."""
    pairs = [
        (line.format(place=place), topic)
        for topic, lines in TOPICS.items()
        for line in lines
        for place in PLACES
    ]
    return [text for text, _ in pairs], [topic for _, topic in pairs]
