//! Adverts that stand in somebody's text.

use std::sync::LazyLock;

use super::classes::Classes;
use super::findings::Findings;
use super::phrases::{Group, Phrases, length_in_words};
use super::rule::{Kind, Rule, RuleId, Subject, en_out, en_same, zh_out, zh_same};
use super::words::words;
use crate::left_out::Reason;
use crate::piece::Genre;

pub(super) const RULE: Rule = Rule {
    id: RuleId::new("adverts"),
    version: 2,
    title: "adverts",
    why: "Calls to buy, prices and haste together are an advert; so is the disclosure of one. Who \
          tells what they bought uses the same words: text in the first person without a call \
          stays. A writer of marketing writes such text for a living: of that genre nothing is \
          left out, nor of fiction.",
    default_on: true,
    kind: Kind::LeaveOut(Reason::Advertising),
    examples: &[
        en_out("Buy now and get 20% off with free shipping, today only!"),
        en_out("This post contains affiliate links."),
        en_out("Subscribe to our newsletter and follow us on Twitter for more."),
        zh_out("限时优惠\u{ff0c}全场五折包邮\u{ff0c}立即购买\u{ff01}"),
        zh_out("长按识别二维码\u{ff0c}关注公众号领取优惠券。"),
        en_same("The shop gave me a discount because the box was open."),
        zh_same("这家店包邮\u{ff0c}我买了两件。"),
        en_same(
            "I bought the kettle on Black Friday with 20% off and free shipping, and it broke in a week.",
        ),
        zh_same(
            "双十一我买了三件毛衣\u{ff0c}满减以后打了七折\u{ff0c}还包邮\u{ff0c}结果只有一件能穿。",
        ),
        en_same("Buy now and get 20% off with free shipping!").genre(Genre::Marketing),
        en_same("Add an item to the cart and apply the coupon; the test then checks the total."),
    ],
    needs: Classes::ANY,
    mends_addresses: false,
    apply,
};

const GROUPS_MIN: u32 = 2;
const WEIGHT_MIN: u32 = 3;
/// A disclosure alone is enough.
const EVIDENT_WEIGHT_MIN: u32 = 4;
const WORDS_PER_WEIGHT_MAX: usize = 15;

static PHRASES: LazyLock<Phrases> = LazyLock::new(|| Phrases::of(GROUPS));

fn apply(subject: &Subject<'_>, found: &mut Findings<'_>) {
    if matches!(
        subject.context.genre,
        Some(Genre::Marketing | Genre::Fiction)
    ) {
        return;
    }
    let score = PHRASES.score(subject.text);
    if score.weight < WEIGHT_MIN || is_told(subject) {
        return;
    }
    let is_enough = score.groups >= GROUPS_MIN && score.weight >= WEIGHT_MIN
        || score.weight >= EVIDENT_WEIGHT_MIN;
    if is_enough && length_in_words(subject.text) <= WORDS_PER_WEIGHT_MAX * score.weight as usize {
        found.refuse();
    }
}

/// Whether somebody tells of what they bought: I and 我, and nobody is called to do anything.
fn is_told(subject: &Subject<'_>) -> bool {
    let text = subject.text;
    let has_first_person = if subject.is_chinese() {
        text.match_indices('我')
            .any(|(at, me)| !text[at + me.len()..].starts_with('们'))
    } else {
        words(text).any(|word| {
            ["i", "i'm", "i've", "i'd", "i\u{2019}m", "i\u{2019}ve", "my"]
                .iter()
                .any(|own| word.is(own))
        })
    };
    has_first_person && CALLS.score(text).weight == 0
}

/// What calls its reader to act, or says that it is an advert.
static CALLS: LazyLock<Phrases> = LazyLock::new(|| Phrases::of(CALLING));

const CALLING: &[Group] = &[
    Group {
        weight: 1,
        phrases: &[
            "buy now",
            "shop now",
            "order now",
            "order today",
            "order yours",
            "get yours",
            "sign up",
            "subscribe",
            "book now",
            "call us",
            "call today",
            "visit our",
            "link in bio",
            "shop our",
            "grab yours",
            "start your",
            "download now",
            "try it free",
            "join our",
            "join now",
            "click here",
            "contact us",
            "use my",
            "use code",
            "follow",
            "like and",
            "smash",
            "sponsored",
            "affiliate",
            "commission",
            "brought to you",
        ],
    },
    Group {
        weight: 1,
        phrases: &[
            "点击",
            "立即",
            "马上",
            "赶快",
            "快来",
            "欢迎",
            "热线",
            "加购",
            "回复关键词",
            "戳",
            "领券",
            "私信",
            "扫码",
            "扫描",
            "长按",
            "关注",
            "三连",
            "点赞",
            "转发",
            "客服",
            "在看",
            "商务合作",
            "广告",
            "推广",
            "赞助",
            "加我",
            "联系我",
        ],
    },
];

const GROUPS: &[Group] = &[
    Group {
        weight: 1,
        phrases: &[
            "% off",
            "discount",
            "coupon",
            "coupon code",
            "promo code",
            "use code",
            "discount code",
            "sale ends",
            "best price",
            "lowest price",
            "lowest prices",
            "save up to",
            "half price",
            "free shipping",
            "free delivery",
            "money-back guarantee",
            "money back guarantee",
            "special offer",
            "exclusive offer",
            "clearance",
            "free trial",
            "buy one get one",
            "great deals",
            "best deals",
            "flash sale",
            "starting at just",
            "only $",
            "for just $",
        ],
    },
    Group {
        weight: 1,
        phrases: &[
            "buy now",
            "shop now",
            "order now",
            "order today",
            "order yours",
            "get yours",
            "buy yours",
            "sign up today",
            "sign up now",
            "subscribe now",
            "book now",
            "call us today",
            "call us now",
            "call today",
            "visit our website",
            "visit our store",
            "visit us at",
            "link in bio",
            "shop our",
            "grab yours",
            "start your free trial",
            "download now",
            "try it free",
            "join now",
            "shop the",
            "click here",
            "add to cart",
            "contact us today",
            "get a quote",
            "get started today",
        ],
    },
    Group {
        weight: 1,
        phrases: &[
            "limited time",
            "limited-time",
            "while supplies last",
            "while stocks last",
            "today only",
            "hurry",
            "don't miss",
            "last chance",
            "black friday",
            "cyber monday",
            "selling fast",
            "only a few left",
            "this weekend only",
            "offer ends",
            "ends tonight",
            "before it's gone",
            "act fast",
        ],
    },
    Group {
        weight: 4,
        phrases: &[
            "contains affiliate links",
            "affiliate commission",
            "paid partnership",
            "this post is sponsored",
            "sponsored content",
            "this article is sponsored",
            "earn a commission",
            "earn a small commission",
            "this video is sponsored by",
            "episode is brought to you by",
            "advertisement:",
        ],
    },
    Group {
        weight: 2,
        phrases: &[
            "subscribe to our newsletter",
            "join our newsletter",
            "sign up for our newsletter",
            "like and subscribe",
            "smash that like button",
            "smash the like button",
            "join our mailing list",
            "today's sponsor",
            "use my link",
            "sponsored by",
        ],
    },
    Group {
        weight: 1,
        phrases: &[
            "follow us on",
            "like us on facebook",
            "share this post",
            "hit the bell",
            "share with your friends",
            "never miss an update",
            "straight to your inbox",
            "subscribe to my channel",
        ],
    },
    Group {
        weight: 1,
        phrases: &[
            "best-selling",
            "award-winning",
            "industry-leading",
            "world-class",
            "premium quality",
            "top-rated",
            "trusted by thousands",
            "satisfied customers",
            "100% natural",
            "high quality products",
            "customer satisfaction",
        ],
    },
    Group {
        weight: 1,
        phrases: &[
            "限时优惠",
            "立减",
            "满减",
            "包邮",
            "特价",
            "秒杀",
            "优惠券",
            "半价",
            "买一送一",
            "到手价",
            "原价",
            "低至",
            "史低",
            "领券",
            "五折",
            "八折",
            "七折",
            "六折",
            "三折",
            "九折",
            "折起",
            "特惠",
            "优惠价",
            "红包",
            "清仓",
            "大促",
            "双十一",
            "全场",
            "打折",
            "钜惠",
            "免费试听",
            "免费体验",
        ],
    },
    Group {
        weight: 1,
        phrases: &[
            "点击购买",
            "立即购买",
            "马上抢购",
            "立即下单",
            "点击下单",
            "欢迎咨询",
            "欢迎选购",
            "咨询热线",
            "订购热线",
            "加购",
            "立即抢购",
            "赶快下单",
            "快来下单",
            "下单",
            "点击链接",
            "私信领取",
            "回复关键词",
            "拨打电话",
            "立即咨询",
            "欢迎来电",
            "进店",
            "抢购",
            "预约电话",
            "立即报名",
            "报名热线",
            "戳链接",
        ],
    },
    Group {
        weight: 1,
        phrases: &[
            "限时",
            "限量",
            "售完即止",
            "先到先得",
            "最后一天",
            "手慢无",
            "数量有限",
            "仅限今天",
            "仅此一天",
            "错过再等",
            "名额有限",
            "倒计时",
            "火热报名",
            "不容错过",
        ],
    },
    Group {
        weight: 1,
        phrases: &[
            "厂家直销",
            "品质保证",
            "正品保证",
            "诚招代理",
            "招商加盟",
            "免费试用",
            "七天无理由",
            "全国联保",
            "假一赔十",
            "量大从优",
            "价格实惠",
            "一手货源",
            "支持定制",
            "诚邀加盟",
            "源头工厂",
            "售后无忧",
            "质保",
            "专业团队",
            "一站式服务",
            "行业领先",
            "值得信赖",
            "匠心打造",
        ],
    },
    Group {
        weight: 2,
        phrases: &[
            "关注公众号",
            "关注我们的公众号",
            "扫码关注",
            "长按识别",
            "长按二维码",
            "扫描二维码",
            "扫描下方二维码",
            "点击关注",
            "点赞关注",
            "一键三连",
            "点赞收藏",
            "转发抽奖",
            "添加客服微信",
            "点个在看",
            "微信公众号",
            "商务合作",
        ],
    },
    Group {
        weight: 4,
        phrases: &[
            "本文为广告",
            "本文系广告",
            "本内容为推广",
            "本文由品牌赞助",
            "广告合作请",
            "本期视频由",
            "以下为广告",
        ],
    },
];
