"""The linter stops what a charter may not touch, asks about what is doubtful, and leaves honest rules alone (village.md 1.3, 1.4)."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from xinzhi.kernel.rules.legal_profile import standard
from xinzhi.scenes.governance_points.charter import Cap, CharterRule
from xinzhi.scenes.governance_points.linting import Budget, lint


def reward(title, code="R01", points=50, **changes):
    wanted = {"evidence": "photo", "caps": (Cap("month", times=2),)} | changes
    return CharterRule(code, "公共参与", title, "fixed", points_tenths=points, **wanted)


def deduction(title, code="X01", points=-50, basis="村规民约第八条", **changes):
    return CharterRule(
        code,
        "负面清单",
        title,
        "fixed",
        points_tenths=points,
        evidence="record",
        legal_basis=basis,
        **changes,
    )


def said(*rules, **more):
    return {(f.code, f.severity) for f in lint(rules, **more)}


#: What must stop: taken from the real catalogue of 2020 that was corrected, and from its neighbours (village.md 1.4).
STOPPED = [
    ("petitioning", deduction("越级上访"), "宪法第四十一条"),
    ("petitioning", deduction("到市里反映问题"), "宪法第四十一条"),
    ("petitioning", deduction("信 · 访"), "宪法第四十一条"),
    ("petitioning", deduction("ｘ信-访ｘ"), "宪法第四十一条"),
    ("petitioning", deduction("拨打12345投诉村里"), "宪法第四十一条"),
    ("petitioning", reward("全年无信访户"), "宪法第四十一条"),
    ("speech", deduction("在网上发表不当言论"), "宪法第三十五条"),
    ("speech", deduction("对上级说三道四"), "宪法第三十五条"),
    ("speech", deduction("会场大声喧哗"), "宪法第三十五条"),
    ("speech", deduction("在微信群里乱说村干部"), "宪法第三十五条"),
    ("speech", reward("不发表负面言论"), "宪法第三十五条"),
    ("illness", deduction("隐瞒传染病史"), "个人信息保护法第二十八条"),
    ("illness", reward("家中无残疾、无重病"), "个人信息保护法第二十八条"),
    ("religion", deduction("参加宗教活动"), "宪法第三十六条"),
    ("religion", deduction("去教堂做礼拜"), "宪法第三十六条"),
    ("religion", reward("全家不信教"), "宪法第三十六条"),
    ("marriage_and_birth", deduction("未婚先孕"), "民法典第一千零四十二条"),
    ("marriage_and_birth", reward("生育二胎"), "民法典第一千零四十二条"),
    ("marriage_and_birth", deduction("离婚"), "民法典第一千零四十二条"),
    ("forced_blood_donation", deduction("未完成献血任务"), "献血法第二条"),
    ("forced_blood_donation", deduction("不参加无偿献血"), "献血法第二条"),
    ("blood_donation", deduction("献血次数少"), "献血法第二条"),
    ("reporting_others", deduction("向上级举报村干部"), "宪法第四十一条"),
    ("reporting_others", reward("举报邻居乱搭乱建"), "宪法第四十一条"),
    ("joint_liability", deduction("一人违规全家扣分"), "村民委员会组织法第二十七条"),
    ("joint_liability", deduction("亲属违法被查"), "村民委员会组织法第二十七条"),
    ("joint_liability", deduction("十户联保中有一户未达标"), "村民委员会组织法第二十七条"),
    ("votes_and_signatures", deduction("不参加选举投票"), "村民委员会组织法第二十七条"),
    ("votes_and_signatures", deduction("表决时投反对票"), "村民委员会组织法第二十七条"),
    ("property_and_joining", deduction("不参加合作社项目"), "村民委员会组织法第二十七条"),
    ("property_and_joining", deduction("未缴纳城乡居民医保"), "村民委员会组织法第二十七条"),
    ("entitlements", deduction("打架斗殴，取消低保"), "农村集体经济组织法第十三条"),
    ("entitlements", deduction("赌博停发集体分红"), "农村集体经济组织法第十三条"),
    ("credit", deduction("列入失信黑名单"), "国办发〔2020〕49号"),
    ("apps_and_clicks", deduction("未下载安装手机APP"), "指尖上的形式主义"),
    ("no_basis", deduction("乱停车辆", basis="领导要求"), "湖州市法治乡村建设条例第十四条"),
    ("no_basis", deduction("乱停车辆", basis=""), "村民委员会组织法第二十七条"),
    ("too_large", deduction("引发山火", points=-1500), "最高 100 分"),
    ("too_large", CharterRule("R01", "公益", "植树", "per_unit", points_tenths=100, unit="棵", max_quantity_tenths=500), "最高 100 分"),
]  # fmt: skip


@pytest.mark.parametrize(("code", "rule", "article"), STOPPED, ids=[f"{c}-{r.title}" for c, r, _a in STOPPED])
def test_what_a_charter_may_not_touch_is_stopped_with_its_article(code, rule, article):
    found = [f for f in lint([rule]) if f.code == code]
    assert [f.severity for f in found] == ["error"]
    assert article in found[0].article
    assert all(str(words) for words in (found[0].what, found[0].why, found[0].instead))


#: What is asked about.
DOUBTFUL = [
    ("rumours", deduction("造谣传谣")),
    ("blood_donation", reward("无偿献血")),
    ("apps_and_clicks", reward("转发村里的公众号文章")),
    ("ranking", deduction("积分排名末位")),
    ("harsh", deduction("失火烧山", points=-600)),
    ("no_cap", reward("捡拾垃圾", caps=())),
    ("no_evidence", reward("参加清扫", evidence="none")),
    ("paid_already", reward("保洁员上班")),
]


@pytest.mark.parametrize(("code", "rule"), DOUBTFUL, ids=[f"{c}-{r.title}" for c, r in DOUBTFUL])
def test_what_is_doubtful_is_asked_about_and_stops_nobody(code, rule):
    assert said(rule) == {(code, "warning")}


#: Honest rules with words that stand near a forbidden one.
HONEST = [
    reward("照顾独居老人"), reward("看望生病邻居"), reward("帮扶残疾人家庭"), reward("参加传染病防控志愿服务"), reward("陪同老人就医体检"),
    reward("调解婚姻家庭纠纷"), reward("婚事新办、丧事简办"), reward("零彩礼结婚"), reward("举办集体婚礼"), reward("参加街道教育培训"),
    reward("大学生育苗志愿服务"), reward("统计生活垃圾重量"), reward("参加物流产业培训"), reward("走访困难户"), reward("宣传民族宗教政策"),
    reward("礼拜天清扫村道"), reward("清扫寺庙周边"), reward("拍短视频宣传家乡"), reward("发现路灯损坏并报告"), reward("代表村参加比赛获前三名"),
    reward("带病人家属参加义诊服务"), reward("家庭读书活动带头人"), reward("到市上学获奖学金", evidence="document"), reward("参加会议签到"),
    deduction("参与邪教活动", basis="治安管理处罚法"), deduction("婚丧嫁娶大操大办"), deduction("不赡养父母"), deduction("虐待家人未改正"),
    deduction("与邻居打架"), deduction("占用邻居宅基地未退还"), deduction("让子女辍学", basis="义务教育法第十一条"), deduction("贿选拉票", basis="村民委员会组织法第十七条"),
    deduction("乱搭乱建"), deduction("露天焚烧秸秆", basis="大气污染防治法"), deduction("造谣传谣受到治安处罚", basis="治安管理处罚法第二十九条"),
    deduction("犬只不牵绳", basis="浙江省动物防疫条例"), deduction("垃圾未分类", basis="浙江省生活垃圾管理条例"),
]  # fmt: skip


@pytest.mark.parametrize("rule", HONEST, ids=[r.title for r in HONEST])
def test_an_honest_rule_with_a_similar_word_is_left_alone(rule):
    assert [(f.code, f.found) for f in lint([rule])] == []


def test_a_basis_for_the_prohibition_does_not_hide_the_topic():
    assert ("petitioning", "error") in said(deduction("越级上访", basis="信访工作条例"))


@pytest.mark.parametrize(
    ("first", "second", "severity"),
    [
        ("参加村道清扫", "积极开展村道清扫", "error"),
        ("清扫村道路面", "清扫村道路面活动组织", "error"),
        ("参加村庄环境卫生清扫", "村庄环境卫生清扫保洁", "warning"),
    ],
)
def test_one_deed_under_two_numbers_is_seen(first, second, severity):
    found = lint([reward(first, "A01"), reward(second, "A02")])
    assert [(f.code, f.severity, f.rule_code) for f in found] == [("double", severity, "A02")]
    assert found[0].found == f"A01 {first}"


def test_like_words_in_a_reward_and_a_deduction_are_no_double():
    assert said(reward("村道清扫", "A01"), deduction("村道清扫")) == set()


@pytest.mark.parametrize(
    ("expected", "budget", "outcome"),
    [
        (10_001, 10_000, {("over_budget", "error")}),
        (10_000, 10_000, {("near_budget", "warning")}),
        (8_000, 10_000, {("near_budget", "warning")}),
        (7_999, 10_000, set()),
    ],
)
def test_more_points_than_the_budget_holds_stop_the_charter(expected, budget, outcome):
    assert said(reward("植树"), budget=Budget(points_tenths=budget, expected_tenths=expected)) == outcome


@pytest.mark.parametrize(("days", "stops"), [(2, True), (3, False), (15, False), (16, True)])
def test_lists_hang_as_long_as_is_usual_there(days, stops):
    day, code = date(2026, 11, 23), "330523206203"
    found = lint(
        [reward("植树")],
        publication_days=days,
        least_days=standard("charter.publication_least", code, day),
        most_days=standard("charter.publication_most", code, day),
    )
    assert [f.code for f in found] == (["publication_days"] if stops else [])


def test_who_changes_the_words_is_asked_again_and_who_changes_nothing_is_not():
    rule = reward("无偿献血")
    (first,), (again,), (changed,) = (
        lint([rule]),
        lint([rule]),
        lint([replace(rule, title="参加无偿献血活动")]),
    )
    assert first.key == again.key != changed.key


def test_errors_come_first_then_the_order_of_the_rules():
    found = lint([reward("无偿献血", "A01"), deduction("越级上访", "X02"), deduction("离婚", "X03")])
    assert [(f.severity, f.rule_code) for f in found] == [
        ("error", "X02"),
        ("error", "X03"),
        ("warning", "A01"),
    ]
