//! Unsolicited mail and comments: prizes, loans, gambling, contact details of strangers.

use std::sync::LazyLock;

use super::classes::Classes;
use super::findings::Findings;
use super::phrases::{Group, Phrases, length_in_words};
use super::rule::{Kind, Rule, RuleId, Subject, en_out, en_same, zh_out, zh_same};
use crate::left_out::Reason;
use crate::piece::Genre;

pub(super) const RULE: Rule = Rule {
    id: RuleId::new("spam"),
    version: 1,
    title: "spam",
    why: "Spam reaches a workspace in saved comments and mail. It takes phrases of two kinds, \
          close together and outside of quotations: text that tells about spam stays, and so does \
          fiction.",
    default_on: true,
    kind: Kind::LeaveOut(Reason::Spam),
    examples: &[
        en_out("CONGRATULATIONS!!! You have won $1,000,000. Click here to claim your prize now!"),
        en_out("Earn money from home, no experience, guaranteed income. WhatsApp me today."),
        zh_out("恭喜您中奖了\u{ff01}点击链接领取奖品\u{ff0c}名额有限。"),
        zh_out("兼职刷单\u{ff0c}日赚三百\u{ff0c}加微信 abc123"),
        zh_out("无抵押贷款\u{ff0c}当天放款\u{ff0c}黑户也可\u{ff0c}联系电话[PHONE]"),
        en_same("The casino closed in March, and nobody has won anything there since."),
        en_same("A mail said \"You have won, click here to claim your prize\", and I deleted it."),
        zh_same("他加我微信以后\u{ff0c}我们聊了很久房贷和贷款利率的事。"),
        zh_same("我找了一份兼职。"),
        zh_out("同城交友\u{ff0c}美女在线视频聊天\u{ff0c}加薇信").genre(Genre::CommentReply),
    ],
    needs: Classes::ANY,
    mends_addresses: false,
    apply,
};

const GROUPS_MIN: u32 = 2;
const WEIGHT_MIN: u32 = 4;
/// Words for each point of weight, at most: a story may hold all of it, pages apart.
const WORDS_PER_WEIGHT_MAX: usize = 15;

static PHRASES: LazyLock<Phrases> = LazyLock::new(|| Phrases::of(GROUPS));

fn apply(subject: &Subject<'_>, found: &mut Findings<'_>) {
    if subject.context.genre == Some(Genre::Fiction) {
        return;
    }
    let score = PHRASES.score(subject.text);
    let is_dense =
        || length_in_words(subject.text) <= WORDS_PER_WEIGHT_MAX * score.weight as usize;
    if score.groups >= GROUPS_MIN && score.weight >= WEIGHT_MIN && is_dense() {
        found.refuse();
    }
}

const GROUPS: &[Group] = &[
    // Prizes and money for nothing.
    Group {
        weight: 2,
        phrases: &[
            "you have won", "you've won", "you have been selected", "lottery winner", "lucky winner",
            "cash prize", "claim your prize", "claim your reward", "unclaimed funds", "inheritance fund",
            "million dollars", "$1,000,000", "earn money", "earn extra cash", "make money fast",
            "make money online", "make $", "earn $", "double your income", "financial freedom",
            "work from home", "per week from home", "free gift card", "iphone for free", "free iphone",
            "next of kin", "beneficiary", "wire transfer", "passive income",
        ],
    },
    Group {
        weight: 2,
        phrases: &[
            "viagra", "cialis", "lose weight fast", "weight loss pills", "miracle cure", "no prescription",
            "online pharmacy", "cheap meds", "male enhancement", "diet pills", "burn fat",
        ],
    },
    Group {
        weight: 2,
        phrases: &[
            "online casino", "casino bonus", "free spins", "bet now", "betting tips", "jackpot",
            "sports betting", "slot games", "deposit bonus",
        ],
    },
    Group {
        weight: 2,
        phrases: &[
            "bitcoin giveaway", "guaranteed returns", "guaranteed profit", "double your bitcoin",
            "crypto investment", "trading signals", "forex signals", "recover your lost", "binary options",
            "guaranteed income", "daily profit", "invest now", "hacker for hire",
        ],
    },
    Group {
        weight: 2,
        phrases: &[
            "hot singles", "sexy girls", "xxx videos", "nude pics", "escort service", "lonely women",
            "adult dating", "meet singles",
        ],
    },
    Group {
        weight: 2,
        phrases: &[
            "verify your account", "account has been suspended", "account will be suspended",
            "account has been limited", "confirm your password", "confirm your identity",
            "update your billing", "update your payment", "unusual activity", "your account was limited",
            "dear customer", "dear beneficiary", "dear winner", "your parcel is on hold", "customs fee",
        ],
    },
    Group {
        weight: 1,
        phrases: &[
            "act now", "click here", "click below", "click the link", "click this link", "click on the link",
            "reply now", "call now", "expires today", "expire today", "within 24 hours", "limited spots", "hurry",
            "urgent", "immediately", "don't delay", "spots are limited", "today only", "don't miss",
        ],
    },
    Group {
        weight: 1,
        phrases: &[
            "100% free", "risk free", "risk-free", "no risk", "no obligation", "no credit check",
            "satisfaction guaranteed", "100% guaranteed", "guaranteed", "no experience", "bad credit",
            "no fees", "absolutely free", "100% legit", "legit", "approved instantly",
        ],
    },
    Group {
        weight: 1,
        phrases: &[
            "whatsapp", "telegram", "dm me", "inbox me", "contact me on", "contact him on", "add me on",
            "check my profile", "visit my site", "visit my channel", "my channel", "text me", "message me",
            "reach out to him", "link in my bio", "sub4sub", "follow for follow", "sub to my",
        ],
    },
    Group {
        weight: 2,
        phrases: &[
            "博彩", "六合彩", "时时彩", "菠菜平台", "百家乐", "真人荷官", "棋牌平台", "送彩金", "彩金", "首充", "开户送",
            "体育投注", "在线投注", "真人娱乐", "澳门娱乐", "电子游艺",
        ],
    },
    Group {
        weight: 2,
        phrases: &[
            "无抵押", "秒批", "当天放款", "当日放款", "黑户", "套现", "提额", "下款", "无视征信", "不看征信", "快速放款", "急用钱",
        ],
    },
    Group { weight: 1, phrases: &["贷款", "征信", "利息低", "额度高"] },
    Group {
        weight: 2,
        phrases: &[
            "刷单", "日赚", "日入", "月入过万", "月入上万", "轻松赚钱", "在家赚钱", "躺赚", "日结", "宝妈", "手机兼职", "打字员", "一单一结",
        ],
    },
    Group { weight: 1, phrases: &["兼职", "副业", "赚钱", "工资高", "无需经验"] },
    Group {
        weight: 2,
        phrases: &[
            "代开发票", "开发票", "办证", "刻章", "代考", "包过", "代写论文", "论文代写", "代孕", "代办证件", "学历提升",
        ],
    },
    Group {
        weight: 1,
        phrases: &[
            "加微信", "加我微信", "加薇", "加威信", "加V", "+V", "微信号", "微信：", "微信:", "VX", "QQ群", "扣扣", "企鹅号", "私聊",
            "私信我", "联系电话", "电报群", "进群", "加群", "扫码加", "主页有", "看我主页", "联系客服", "加QQ", "详情咨询", "咨询电话", "同号",
        ],
    },
    Group {
        weight: 1,
        phrases: &[
            "点击链接", "点击下方", "点击领取", "名额有限", "速来", "机会难得", "抓紧", "先到先得", "逾期", "立即点击", "请点击", "马上领取",
            "赶快", "立即登录", "24小时内",
        ],
    },
    Group {
        weight: 1,
        phrases: &[
            "稳赚不赔", "包赚", "零风险", "无风险", "绝对真实", "正规平台", "信誉保证", "诚信经营", "无需押金", "不收押金", "百分百", "保密", "安全可靠",
            "内部消息", "老师带单", "跟单",
        ],
    },
    Group {
        weight: 2,
        phrases: &[
            "裸聊", "约炮", "同城交友", "上门服务", "激情视频", "美女在线", "视频聊天", "寂寞少妇", "附近美女", "同城约",
        ],
    },
    Group {
        weight: 2,
        phrases: &[
            "恭喜您", "恭喜你中奖", "中奖", "幸运用户", "领取奖品", "领取大奖", "获得大奖", "免费领取", "兑奖", "一等奖奖金", "账户异常", "账户已被冻结",
            "银行卡异常", "积分即将过期", "积分兑换", "电子券",
        ],
    },
    Group {
        weight: 2,
        phrases: &[
            "根治", "祖传秘方", "包治", "壮阳", "一月瘦", "月瘦", "不反弹", "三天见效", "无效退款", "纯中药", "老中医", "减肥药",
        ],
    },
    Group {
        weight: 2,
        phrases: &["涨停", "牛股", "荐股", "黑马股", "带单", "炒币", "虚拟币投资", "稳定收益", "高收益", "保本"],
    },
];
