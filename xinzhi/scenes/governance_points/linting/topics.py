"""What a points charter may not touch, as data (village.md 1.4, 7.1): a pattern over a rule's plain words, and what to say about it.

A topic is found in rules that give and in rules that take alike unless `only` says otherwise: points for “no petition this year”
punish a petition as a deduction would. `unless` is blotted out first; `help` are words with which a rule that gives points concerns those
who help, not those concerned; `settled` is a legal basis by which somebody else decides first.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

from django.utils.translation import gettext_lazy as _

from xinzhi.kernel.workflow.lifecycle import Text
from xinzhi.scenes.governance_points.linting.finding import Severity

ORGANIC_LAW = "村民委员会组织法第二十七条：村规民约不得侵犯村民的人身权利、民主权利和合法财产权利"
CRITICISM = "宪法第四十一条：公民有批评、建议、申诉、控告或者检举的权利，任何人不得压制和打击报复"
CREDIT = "国务院办公厅关于进一步完善失信约束制度构建诚信建设长效机制的指导意见（国办发〔2020〕49号）"
FORMALISM = "中央网信办等《关于防治“指尖上的形式主义”的若干意见》（2023年）"


@dataclass(frozen=True, slots=True)
class Topic:
    """One thing a charter leaves alone."""

    code: str
    pattern: re.Pattern[str]
    label: Text
    why: Text
    article: str
    instead: Text
    severity: Severity = "error"
    only: Literal["", "reward", "deduction"] = ""
    unless: re.Pattern[str] | None = None
    help: re.Pattern[str] | None = None
    settled: re.Pattern[str] | None = None


def _any(*patterns: str) -> re.Pattern[str]:
    return re.compile("|".join(patterns))


TOPICS: tuple[Topic, ...] = (
    Topic(
        "petitioning",
        _any("信访", "[上息罢集缠闹截越]访", "越级(反映|告|投诉)", "(进|赴|去|到)(京|省|市|县)里?(反映|告)", "告状", "12345", "市长热线"),
        _("Petitioning"),
        _("Whoever turns to the authorities uses a right. Points neither punish it nor reward its absence."),
        CRITICISM,
        _("Leave the rule out. Reward what settles quarrels early, for example mediation that succeeded."),
    ),
    Topic(
        "speech",
        _any(
            "言论", "发帖", "跟帖", "说三道四", "妄议", "非议", "议论", "说坏话", "发牢骚", "抱怨", "顶撞", "唱反调", "抹黑",
            "大声(喧哗|说话|吵)", "朋友圈", "微信群.{0,6}[发说传]", "(抖音|快手|短视频).{0,6}[发传]", "(负面|不当|不实)(信息|消息|评论)",
        ),
        _("Speech"),
        _("What people say about the village or its office is theirs to say, at meetings and online."),
        "宪法第三十五条：公民有言论自由；" + ORGANIC_LAW,
        _("Leave the rule out. What breaks a law is for the police to establish; then name that decision and its article."),
        help=_any("宣传", "推介", "推广"),
    ),
    Topic(
        "rumours",
        _any("造谣", "传谣", "谣言", "诽谤", "辱骂", "侮辱"),
        _("Rumours and insults"),
        _("Whether somebody spread rumours or insulted somebody is decided by the police or a court, not by who enters points."),
        "治安管理处罚法；" + ORGANIC_LAW,
        _("Let the rule begin with a decision of the police, and name the article of the law on public security as its basis."),
        severity="warning",
        only="deduction",
        settled=_any("治安管理处罚法", "刑法", "民法典"),
    ),
    Topic(
        "illness",
        _any(
            "患病", "疾病", "[生得有重大]病", "病人", "病史", "病情", "传染病", "艾滋", "[乙甲丙]肝", "肝炎", "结核", "精神(病|障碍)", "抑郁", "癌",
            "残疾", "不孕", "体检(不合格|异常)",
        ),
        _("Illness and disability"),
        _("Health is sensitive personal information, and nobody answers for being ill."),
        "个人信息保护法第二十八条：医疗健康属于敏感个人信息；" + ORGANIC_LAW,
        _("Leave the rule out, or reward those who help: visiting, accompanying, caring."),
        help=_any(
            "看望", "慰问", "照顾", "照料", "帮", "陪", "护送", "护理", "关爱", "关心", "捐", "救助", "宣传", "预防", "防控", "防治", "服务", "接送",
            "志愿", "代办", "探望", "敬",
        ),
    ),
    Topic(
        "religion",
        _any(
            "宗教", "信教", "教徒", "信徒", "(做|参加)礼拜", "基督", "天主教", "伊斯兰", "穆斯林", "佛教", "(?<!街)道教(?![育师学])", "拜佛", "念经", "祷告", "传教", "烧香拜",
            "(去|进|到|参加)(教堂|寺庙|寺院|清真寺|道观)",
        ),
        _("Religion"),
        _("Belief is free, and so is having none."),
        "宪法第三十六条：公民有宗教信仰自由",
        _("Leave the rule out. For cults the law has its own words: 邪教, with its article."),
        unless=_any("邪教"),
        help=_any("宣传", "政策", "法规"),
    ),
    Topic(
        "marriage_and_birth",
        _any(
            "[离结再早晚不未复]婚", "婚姻", "婚育", "婚恋", "婚配", "[出改]嫁", "入赘", "上门女婿", "(?<!学)生育(?![苗林种])", "[二三]胎", "多孩", "超生",
            "(?<![统估设])计生(?![活产态])",
            "节育", "结扎", "堕胎", "流产(?![业品生出地量值])", "怀孕", "[生育](男|女)孩", "独生子女",
        ),
        _("Marriage and birth"),
        _("Whom one marries and whether one has children is nobody else's affair."),
        "民法典第一千零四十二条：禁止干涉婚姻自由；" + ORGANIC_LAW,
        _("Leave the rule out. How weddings and funerals are held may be agreed in the village rules (移风易俗)."),
        unless=_any("婚姻(家庭)?(纠纷|矛盾|调解)", "婚丧(嫁娶|喜庆)?", "婚事新办", "[新简]办婚[事礼宴]", "(零|低)彩礼结婚", "集体婚礼"),
    ),
    Topic(
        "forced_blood_donation",
        _any("(必须|应当|须|强制|任务|指标|[不未拒]).{0,6}[献捐]血", "[献捐]血(任务|指标|义务)"),
        _("Compulsory blood donation"),
        _("Blood is given freely or not at all."),
        "献血法第二条：提倡健康公民自愿献血",
        _("Leave the rule out. An honour for those who gave may stay, without goods behind it."),
    ),
    Topic(
        "blood_donation",
        _any("[献捐]血"),
        _("Blood donation"),
        _("Blood is given freely and unpaid; points that buy goods come near a payment."),
        "献血法第二条：国家实行无偿献血制度，提倡健康公民自愿献血",
        _("Thank those who gave with an honour instead of points, or confirm that the meeting wants the points all the same."),
        severity="warning",
    ),
    Topic(
        "reporting_others",
        _any("举报", "检举", "揭发", "告密", "告发", "打小报告"),
        _("Reporting others"),
        _("Reporting is a right: it costs nothing, and points for it would set neighbours against each other."),
        CRITICISM,
        _("Leave the rule out. Reward telling of things, not of people: a broken lamp, a blocked ditch, a danger of fire."),
    ),
    Topic(
        "joint_liability",
        _any(
            "连坐", "连带", "株连", "牵连", "联保", "互保", "一(人|户).{0,8}全(家|组|户|村)", "全(组|村)(扣|受|取消|连)",
            # Not where they are those who suffer from it: 与邻居…, 不赡养父母…
            "(?<![与和跟对向给占用扰碍害打骂养待弃])(亲属|亲戚|子女|父母|配偶|家人|家属|邻居|邻户|同组|租客|房客).{0,10}(违法|违纪|犯|受罚|被罚|被查|被拘|判刑|吸毒|欠|违规|未|不配合)",
        ),
        _("Joint liability"),
        _("Everybody answers for what he did himself, not for relatives, neighbours or his group."),
        ORGANIC_LAW,
        _("Let the rule name what the household itself did or left undone."),
        only="deduction",
        unless=_any("子女.{0,6}(辍学|失学)", "义务教育.{0,10}", "子女未.{0,4}(上学|入学)"),
    ),
    Topic(
        "votes_and_signatures",
        _any("([不未拒]|缺席).{0,6}(选举|投票|参选|表决|签字|按手印)", "投?(反对|弃权)票", "弃权"),
        _("Votes and signatures"),
        _("To vote, to vote against and to stay away are each a democratic right; a signature is given freely."),
        ORGANIC_LAW,
        _("Leave the rule out. Buying votes or forging them may be named, with the article of the Organic Law."),
        only="deduction",
    ),
    Topic(
        "property_and_joining",
        _any(
            "([不未拒]).{0,6}(参加|参与|加入|配合|同意|支持|缴|交).{0,8}(项目|流转|征收|征地|拆迁|搬迁|入股|合作社|集资|筹资|捐款|捐资|贷款|保险|医保)",
            "[不未拒].{0,2}(捐|入股|流转|搬迁|拆迁)",
        ),
        _("Property and joining in"),
        _("Nobody has to join a project, give money, take an insurance or hand over land to keep his points."),
        ORGANIC_LAW,
        _("Leave the rule out, or reward those who take part of their own will."),
        only="deduction",
    ),
    Topic(
        "entitlements",
        _any(
            "(取消|扣发|停发|扣除|减发|停止|停缴|暂停|不予|不享受).{0,8}(低保|补贴|补助|救助|福利|分红|股份|股权|股金|承包|宅基地|征地款|补偿款|成员资格|养老金|医保)",
        ),
        _("Entitlements"),
        _("Shares, membership, land and relief are rights; points can not touch them."),
        "农村集体经济组织法第十三条：成员依法享有的权利",
        _("Leave the rule out. A deduction takes points, and at most the points part of a dividend or a title for this cycle."),
    ),
    Topic(
        "credit",
        _any("失信", "征信", "黑名单", "黑榜", "信用(等级|评级|记录|分|惩戒)"),
        _("Credit records and lists of shame"),
        _("Points are no credit score: nothing goes to credit records, and nobody is put on a list of shame."),
        CREDIT,
        _("Leave the rule out, and keep the points a matter between neighbours."),
    ),
    Topic(
        "apps_and_clicks",
        _any(
            "打卡", "转发", "点赞", "集赞", "关注.{0,4}公众号", "(下载|安装|注册).{0,8}(app|应用|软件|小程序|客户端)", "在线时长",
            "(登录|登陆).{0,6}(app|平台|系统|软件)", "学习强国",
        ),
        _("Apps, clicks and check-ins by telephone"),
        _("Installing, logging in, forwarding and liking are no deeds, and nobody may be made to do them."),
        FORMALISM,
        _("Reward what was done for the village, not what was clicked."),
    ),
    Topic(
        "ranking",
        _any("积分排名", "末位", "排名靠后", "倒数第?"),
        _("Ranking"),
        _("Last places by quota hit small and old households first."),
        FORMALISM + "：不得以积分排名",
        _("Use a threshold that everybody can reach, or who has come furthest."),
        severity="warning",
    ),
)  # fmt: skip
