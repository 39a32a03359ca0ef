//! The words that give a genre away, in English and Chinese.
//!
//! Not how much they weigh: that is [`super::genre`]. A cue counts for one feature; English ones are
//! one or two words in lower case, Chinese ones stand anywhere in the text.

use std::collections::HashMap;
use std::sync::LazyLock;

use super::feature::Feature;

/// Cues of one feature.
type Cues = &'static [(Feature, &'static str)];

/// English, separated by commas.
const ENGLISH: Cues = &[
    (
        Feature::First,
        "i, me, my, mine, myself, i'm, i've, i'd, i'll",
    ),
    (
        Feature::Plural,
        "we, us, our, ours, we're, we've, we'll, we'd",
    ),
    (
        Feature::Second,
        "you, your, yours, yourself, you're, you've, you'll, you'd",
    ),
    (
        Feature::Third,
        "he, she, him, his, her, hers, himself, herself, he'd, she'd, they, them, their",
    ),
    (
        Feature::Past,
        "was, were, had, did, went, came, saw, took, gave, got, knew, thought, found, told, felt, \
         left, kept, began, stood, sat, heard, ran, held, brought, fell, rose, grew, spoke, wrote, \
         lay, led, made, became, met, lost, won, broke, drew, rode, woke, hid, sang, died, put, \
         poured, wasn't, weren't, hadn't, didn't, couldn't, wouldn't",
    ),
    (
        Feature::Said,
        "said, asked, replied, whispered, cried, shouted, answered, murmured, muttered, exclaimed",
    ),
    (
        Feature::Attribution,
        "according to, officials, spokesperson, spokesman, spokeswoman, announced, police, \
         minister, ministry, government, council, councillor, commission, parliament, court, union, \
         analysts, investors, scientists, researchers, authorities, residents, president, \
         statement, reported, said on, reporters, expected to, percent, per cent, million, billion, \
         on monday, on tuesday, on wednesday, on thursday, on friday, on saturday, on sunday, \
         monday night, late on, early on, shares, revenue, quarter, killed, injured, rescued, \
         investigated, mayor, senator, agency, spokespeople, estimate, critics, ruling, election",
    ),
    (
        Feature::Sell,
        "buy, buy now, order today, order now, free, free trial, shop, shop now, save, discount, \
         offer, limited, exclusive, guarantee, guaranteed, guarantees, shipping, delivery, sign up, \
         get started, start your, join, join over, don't miss, try, introducing, upgrade, \
         subscribe, subscribe now, book now, pre-order, stocks last, money-back, returns, deal, \
         sale, best-selling, bestselling, award-winning, loved, trusted, trust us, discover, \
         perfect, say goodbye, tired of, effortless, effortlessly, stunning, beautiful, designed, \
         experts, credit card, customers, deserves, deserve, cancel anytime, anytime, a month, \
         off, sign-up, premium, ultimate, luxury, ready to, today and, transform, boost, unlock",
    ),
    (
        Feature::Scene,
        "eyes, hand, hands, door, night, dark, darkness, lantern, candle, voice, face, lips, \
         shoulder, window, moon, shadow, shadows, whispered, trembled, tremble, nodded, smiled, \
         laughed, stared, glanced, turned, looked, silence, slowly, suddenly, woman, man, girl, boy, \
         mother, father, brother, sister, grandfather, grandmother, king, rain, wind, sea, trees, \
         heart, breath, blood, floor, fire, horse, stood, listening, behind, beneath, village, \
         once upon, never been, had never, nobody, inspector, ship, closed, opened, moved",
    ),
    (
        Feature::Reflect,
        "i think, i've, i suppose, i wonder, i believe, i realised, i realized, i learned, i found, \
         i spent, i started, i decided, i remember, i've been, honestly, lately, recently, \
         in my, this post, this blog, years ago, last week, last year, these days, people often, \
         everyone, nobody tells, i'm not, i'm still, i don't, we think, maybe, perhaps, somehow, \
         confession, personally, to me, let me, i tried, i used, i wanted, i've never, i never, \
         i was, reflections, thoughts on, worth, wondered, reminded, lesson, lessons, of course",
    ),
    (
        Feature::Addressed,
        "i agree, i disagree, agreed, you're right, you're wrong, great post, good point, \
         nice post, great article, thanks for, thank you, same here, your point, your example, \
         your comment, your argument, you cite, you mention, you said, you say, you're forgetting, \
         is it, lgtm, nit, nits, exactly this, spot on, well said, didn't work, for me, \
         works for, worked for, did you, have you, would be, curious, sorry but, sorry, this is \
         wrong, simply wrong, happy to, the op, op, imo, imho, workaround, same problem, \
         same issue, same error, one question, any ideas, the article, the author, actually, \
         write-up, might be, step, hear how, others",
    ),
    (
        Feature::Memo,
        "todo, fixme, idea, ideas, note, notes, ask, check, call, buy, re, cf, maybe, tbd, asap, \
         mtg, meeting, list, outline, draft, book notes, look up, next, w, p, ch, vs, etc, esp, \
         pls, min, max, by fri, by mon, reminder, remember to, packing, agenda, title",
    ),
    (
        Feature::Instruct,
        "the following, must be, must not, defaults to, default, optional, required, parameter, \
         parameters, returns, argument, arguments, function, method, command, option, options, \
         settings, file, files, server, install, installation, configuration, version, button, \
         tab, example, supported, see the, note that, make sure, string, error, errors, code, \
         token, request, requests, module, package, directory, device, cable, step, steps, api, \
         click, select, format, timeout, user, users, database, backup, restart, query",
    ),
];

/// Verbs that begin an instruction.
const IMPERATIVES: &str = "run, install, open, click, select, set, use, add, remove, press, hold, \
    enter, choose, create, copy, paste, type, save, close, stop, start, check, make, turn, connect, \
    disconnect, replace, call, pass, import, export, configure, enable, disable, see, note, place, \
    fill, rinse, wait, release, repeat, extract, download, update, ensure, combine, delete, restart, \
    read, specify, define, return, insert, attach, verify, test, build, clone, commit, push, edit, \
    do, don't, go, put, if, when, to";

/// Chinese, separated by spaces.
const CHINESE: Cues = &[
    (Feature::First, "我 自己"),
    (Feature::Plural, "我们 咱们"),
    (Feature::Second, "你 您"),
    (Feature::Third, "他 她 他们 她们 那人"),
    (Feature::Past, "了 过 着"),
    (
        Feature::Said,
        "说道 问道 答道 笑道 喊道 叫道 冷笑 低声 他说 她说 说着 道：“ 说：“ 骂道 嚷道",
    ),
    (
        Feature::Attribution,
        "记者 日前 近日 据悉 据介绍 据了解 表示 负责人 有关部门 发布 指出 称 昨日 昨天 昨晚 今日 \
         公布 宣布 声明 新华社 本报 讯 同比 增长 下降 人次 当地 政府 部门 全省 全市 截至 亿 \
         百分之 发言人 官员 外交部 总理 主席 媒体 报道 市民 居民 分析人士 专家 调查 事故 伤亡 \
         警方 法院 营收 财报 采访 世界联赛 战胜 周一 周二 周三 周四 周五 周六 周日 项目 通知",
    ),
    (
        Feature::Sell,
        "限时 优惠 免费 立即 抢购 开抢 下单 包邮 扫码 报名 仅售 特价 折 满减 领取 专享 预约 首付 \
         热销 爆款 名额有限 数量有限 先到先得 无理由 送货 买一送 买二送 告别 还在为 立减 礼包 \
         优惠券 大促 新客 会员 首发 预售 定金 尊享 钜惠 咨询热线 体验课 注册 试用 一站式 轻松 \
         让您 让你 全新 升级 品质 选择 好礼 直降 秒杀 加购 赶快 快来 点击下方 享 焕新 精选 一口价 助力",
    ),
    (
        Feature::Scene,
        "眼睛 手里 脸上 门外 窗 灯 月光 夜里 半夜 影子 声音 泪 姑娘 少年 母亲 父亲 祖父 掌柜 剑 \
         沉默 半晌 低头 抬头 回头 转身 点头 摇头 跪 心跳 地上 沙滩 树林 不做声 老头子 走进 走出 站起 \
         坐在 看见 听得 听见 忽而 笑起来 睁开 出声 天空",
    ),
    (
        Feature::Reflect,
        "我觉得 我想 我一直 我发现 我决定 我认为 我自己 我忽然 最近 前几天 上个月 去年 今年 这些年 \
         其实 说实话 也许 大概 好像 原以为 意识到 体会 感受 思考 坚持 这篇文章 很多人 生活 \
         越来越 总想 我们总 收获 经历 焦虑 写博客 治愈 意义 聊聊 分享一下 不知道 结果 不过 \
         与其说 终于 居然 习惯 时候 我以为 我们的 所谓 总之 倘 譬如 例如 社会 问题 文章 议论 批评 主张 \
         道理 文明 时代 罢了 至于 即使 中国 世界上 人类 思想 文学 理由",
    ),
    (
        Feature::Addressed,
        "楼主 楼上 博主 同意 赞同 说得对 说得太对 写得好 写得太好 写得很好 感谢分享 谢谢分享 \
         谢谢博主 回复 你说的 你引用 你的例子 你忽略 你第 不同意 顶 沙发 收藏 同样的问题 同问 \
         请问 我这边 我这里 真的吗 还有别的 建议 不好意思 是错的 合并 辛苦 +1 其他人 有没有人 \
         不明白 上面那位 照着做 报错 补充 而已 学习了 已阅 支持",
    ),
    (
        Feature::Memo,
        "待办 灵感 待定 待查 未定 存疑 备忘 别忘 清单 提纲 笔记 参见 查一下 下次 想法 要买 记一下 \
         TO\u{44}O 顺便问 页 或者 ？ 找 问 会议记录 要不要 修 发给 确认 试试 先 题目 控制在 读书笔记",
    ),
    (
        Feature::Instruct,
        "点击 打开 选择 设置 参数 返回 默认 配置 安装 运行 执行 调用 函数 接口 命令 文件 目录 步骤 \
         如果 使用 请参阅 注意 必填 可选 支持 错误 用户 页面 按钮 重启 指示灯 复制 替换 升级 版本 \
         备份 服务 组件 数据 缓存 更新 建议每 取下 旋转 关闭 例如 可以 需要 若要 进入 单位 表示 \
         以下 时 则 请将 参考 示例",
    ),
];

/// What an English word says.
#[derive(Default)]
pub(super) struct Cue {
    /// The features it counts for.
    pub(super) features: Vec<Feature>,
    /// Whether some cue of two words begins with it: most words begin none, and are not looked up
    /// again with the next.
    pub(super) begins_pair: bool,
}

/// English cues, and the verbs that begin an instruction.
pub(super) static ENGLISH_CUES: LazyLock<HashMap<&str, Cue>> = LazyLock::new(|| {
    let mut cues: HashMap<&str, Cue> = HashMap::new();
    let verbs = (Feature::Imperative, IMPERATIVES);
    for (feature, list) in ENGLISH.iter().copied().chain([verbs]) {
        for cue in list.split(',').map(str::trim) {
            cues.entry(cue).or_default().features.push(feature);
            if let Some((first, _)) = cue.split_once(' ') {
                cues.entry(first).or_default().begins_pair = true;
            }
        }
    }
    cues
});

/// Chinese cues by their first character, longer ones first.
pub(super) static CHINESE_CUES: LazyLock<HashMap<char, Vec<(&str, Feature)>>> =
    LazyLock::new(|| {
        let mut cues: HashMap<char, Vec<(&str, Feature)>> = HashMap::new();
        for (feature, list) in CHINESE {
            for cue in list.split_whitespace() {
                let first = cue.chars().next().unwrap_or_default();
                cues.entry(first).or_default().push((cue, *feature));
            }
        }
        for list in cues.values_mut() {
            list.sort_by_key(|(cue, _)| std::cmp::Reverse(cue.len()));
        }
        cues
    });

/// How a letter begins, in lower case.
pub(super) const SALUTATIONS: &[&str] = &[
    "dear ",
    "hi ",
    "hello ",
    "hey ",
    "good morning ",
    "good afternoon ",
    "good evening ",
    "to whom",
];

/// How a letter begins in Chinese.
pub(super) const CHINESE_SALUTATIONS: &[&str] =
    &["尊敬的", "亲爱的", "敬爱的", "您好", "你好", "各位"];

/// How a letter ends, in lower case: the first words of its last lines.
pub(super) const SIGN_OFFS: &[&str] = &[
    "best",
    "kind regards",
    "warm regards",
    "regards",
    "yours",
    "sincerely",
    "love",
    "lots of love",
    "cheers",
    "many thanks",
    "all the best",
    "best wishes",
    "take care",
    "with love",
    "warmly",
    "respectfully",
    "your ",
];

/// How a letter ends in Chinese.
pub(super) const CHINESE_SIGN_OFFS: &[&str] = &[
    "此致",
    "敬礼",
    "祝好",
    "敬上",
    "顺祝",
    "顺颂",
    "祝您",
    "祝你",
    "祝工作",
    "谨上",
    "敬启",
    "安好",
    "祝安",
    "上",
    "盼复",
];
