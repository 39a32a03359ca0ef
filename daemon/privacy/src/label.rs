//! Words that say what follows: `password:`, `手机号：`, `IBAN`. The table, and the way from a word
//! to its value; what a value may look like is in `labelled`.

use std::sync::LazyLock;

use aho_corasick::{AhoCorasick, MatchKind};

use crate::email;
use crate::find::Finding;
use crate::labelled;
use crate::text::{Text, is_han, is_word};
use crate::{address_chinese, url};

/// Bytes between a label and its value: quote marks, emphasis, a sign, spaces.
const LINK_BYTES_MAX: usize = 32;

/// What a label says that its value is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Field {
    Password,
    /// The words from which a wallet is made again.
    Mnemonic,
    Pin,
    /// `mysql … -pPASSWORD`
    MysqlCommand,
    /// `curl -u USER:PASSWORD`
    UserCommand,
    /// `sshpass -p PASSWORD`
    PasswordCommand,
    Key,
    /// A word so common (`key`) that its value must be chance beyond doubt.
    BareKey,
    Bearer,
    OneTimeCode,
    /// A code only where it is somebody's: `your … code is`.
    CodeIs,
    /// A code that stands before its label.
    CodeBefore,
    Phone,
    /// A verb, after which only a whole number of North America is one.
    Call,
    ChineseId,
    Card,
    Account,
    Passport,
    Document,
    SocialSecurity,
    NationalInsurance,
    PostalCode,
    PostBox,
    Coordinates,
    Qq,
    WeChat,
    Handle,
    BirthDate,
    /// A birthday if 出生 follows it.
    BornOn,
    Plate,
    ChineseAddress,
    Wallet,
    /// Not a label: `://`, before which a scheme and behind which credentials may stand.
    Url,
    /// Not a label: `(at)` in an e-mail address that hides.
    HiddenAt,
    /// Not a label: ` at ` in an e-mail address whose dot is spelled too.
    SpelledAt,
    /// Not a label: `#` for the `@` of a host that everybody has.
    HashAt,
    /// Not a label: what a Chinese house number ends with.
    HouseUnit,
}

#[rustfmt::skip] // One field a block, as a table.
const LABELS: &[(Field, &[&str])] = &[
    (Field::Password, &[
        "password", "passwd", "pwd", "passphrase", "passcode", "pass phrase", "pass word", "wifi key",
        "pass", "pw", "psw", "pswd", "recovery code", "backup code", "activation code",
        "密码", "口令", "密碼", "暗号", "密语", "恢复码", "备用码", "解压码", "激活码", "兑换码",
    ]),
    (Field::Mnemonic, &[
        "seed phrase", "recovery phrase", "backup phrase", "secret phrase", "mnemonic", "mnemonic phrase",
        "助记词", "助記詞", "恢复短语", "种子短语",
    ]),
    (Field::Pin, &[
        "pin", "pin code", "door code", "gate code", "entry code", "alarm code", "access code",
        "pin码", "取件码", "提取码", "门禁码", "开门码", "取餐码",
    ]),
    (Field::MysqlCommand, &["mysql", "mysqldump", "mysqladmin"]),
    (Field::UserCommand, &["curl -u", "curl --user"]),
    (Field::PasswordCommand, &["sshpass -p"]),
    (Field::Key, &[
        "api key", "api-key", "api_key", "apikey", "access key", "access_key", "access-key", "accesskey",
        "secret key", "secret_key", "secret-key", "secretkey", "secret access key", "secret_access_key",
        "client secret", "client_secret", "clientsecret", "app secret", "app_secret", "appsecret",
        "private key", "private_key", "privatekey", "private_key_id", "account key", "accountkey",
        "account_key", "access token", "access_token", "accesstoken", "auth token", "auth_token", "authtoken",
        "refresh token", "refresh_token", "session token", "session_token", "id_token", "bot token",
        "bot_token", "secret", "token", "signing key", "encryption key", "encryption_key", "sharedaccesskey",
        "secret id", "secretid", "secret_id",
        "phpsessid", "jsessionid", "sessionid", "csrftoken", "connect.sid", "authorization", "密钥", "令牌", "私钥", "秘钥", "访问令牌", "授权码",
    ]),
    (Field::BareKey, &["key", "auth", "credential", "credentials", "signature", "sig", "_session", "cookie"]),
    (Field::Bearer, &["bearer", "authorization: basic"]),
    (Field::OneTimeCode, &[
        "verification code", "security code", "one-time code", "one-time password", "login code", "otp", "cvv", "cvc",
        "验证码", "校验码", "动态码", "动态密码", "短信码", "安全码",
    ]),
    (Field::CodeIs, &["code is"]),
    (Field::CodeBefore, &[
        "is your verification code", "is your security code", "is your login code", "is your one-time code",
        "为您的验证码", "是您的验证码", "是你的验证码",
    ]),
    (Field::Call, &["call", "dial", "ring", "text"]),
    (Field::Phone, &[
        "phone", "telephone", "tel", "tel.", "mobile", "cell", "cellphone", "fax", "whatsapp", "phone number",
        "call me at", "call me on", "call us at", "call us on", "reach me at", "reach me on", "text me at", "text me on",
        "ring me on", "mobile number", "phone no.", "hotline",
        "电话", "手机", "手机号", "手机号码", "电话号码", "联系电话", "联系方式", "热线", "传真", "座机", "拨打", "致电",
        "电联", "電話", "手機",
    ]),
    (Field::ChineseId, &["身份证", "身份证号", "身份证号码", "公民身份号码", "身分证", "身份證", "身分證", "身份证字号", "身份證字號", "身分證字號", "身份證號碼",
        "hkid", "hkid number", "證件號碼", "证件号", "证件号码", "id card number"]),
    (Field::Card, &[
        "card number", "card no.", "card no", "credit card", "debit card", "bank card",
        "卡号", "银行卡", "银行卡号", "信用卡", "信用卡号", "储蓄卡", "借记卡", "卡",
    ]),
    (Field::Account, &[
        "account number", "account no.", "account no", "acct no.", "acct", "a/c no.", "a/c no", "routing number", "sort code",
        "账号", "帐号", "账户", "帐户", "银行账号", "银行账户", "对公账户", "公积金账号",
    ]),
    (Field::Passport, &[
        "passport", "passport number", "passport no.", "passport no", "passport #", "passport:",
        "护照", "护照号", "护照号码", "通行证", "通行证号", "通行证号码", "台胞证", "台胞证号", "回乡证", "回乡证号",
    ]),
    (Field::Document, &[
        "driver's license", "driver's licence", "driving licence", "driving license", "driver license",
        "driver's license number", "driving licence number", "license number", "licence number", "medicare number",
        "student id", "employee id", "tax id", "imei", "nhs number", "ein", "itin", "sin", "social insurance number",
        "vin", "vehicle identification number", "车架号", "车辆识别代号",
        "驾驶证", "驾驶证号", "驾照号", "驾驶证档案编号", "社保号", "社保卡号", "社会保障号", "学号", "工号", "军官证", "军官证号", "医保卡号", "准考证号",
    ]),
    (Field::SocialSecurity, &["ssn", "social security", "social security number", "social security no."]),
    (Field::NationalInsurance, &["national insurance", "national insurance number", "ni number", "nino"]),
    (Field::PostalCode, &["zip", "zip code", "zipcode", "postcode", "post code", "postal code", "邮编", "邮政编码", "郵編"]),
    (Field::PostBox, &["p.o. box", "po box", "post office box"]),
    (Field::Coordinates, &[
        "coordinates", "coords", "gps", "latitude", "longitude", "lat", "lng", "lon", "latlng", "lat/lng", "lat, lng", "geo", "location",
        "坐标", "经纬度", "定位", "位置", "经度", "纬度", "北纬", "东经", "南纬", "西经",
    ]),
    (Field::Qq, &["qq", "qq号", "qq号码", "扣扣", "企鹅号", "qq群", "qq number"]),
    (Field::WeChat, &["微信", "微信号", "微信id", "vx", "wx号", "v信", "威信", "加微", "加微信", "wechat", "wechat id", "weixin", "weixin id", "加v", "薇信", "支付宝", "支付宝账号", "抖音号", "小红书号"]),
    (Field::Handle, &["telegram", "skype", "skype id", "line id", "discord", "instagram", "twitter", "snapchat", "微博"]),
    (Field::BirthDate, &[
        "date of birth", "birth date", "birthdate", "born:", "dob", "d.o.b.", "my birthday", "i was born on", "birthday",
        "出生日期", "出生年月", "出生年月日", "生日", "我生于", "我出生于", "出生于",
    ]),
    (Field::BornOn, &["我是", "我于"]),
    (Field::Plate, &["number plate", "license plate", "licence plate", "registration plate", "车牌", "车牌号", "车牌号码"]),
    (Field::ChineseAddress, &["地址", "住址", "收货地址", "家庭住址", "通讯地址", "家庭地址", "联系地址", "寄到", "寄往", "户籍所在地", "户籍地址"]),
    (Field::Wallet, &["wallet", "wallet address", "btc", "eth", "sol", "钱包", "钱包地址", "bitcoin address", "solana address"]),
    (Field::Url, &["://"]),
    (Field::HiddenAt, &["(at)", "[at]", "{at}", "（at）", "＠"]),
    (Field::SpelledAt, &[" at "]),
    (Field::HashAt, &["#qq.com", "#163.com", "#126.com", "#gmail.com", "#outlook.com", "#hotmail.com", "#foxmail.com", "#sina.com"]),
    (Field::HouseUnit, &["号", "弄", "栋", "幢", "座", "单元", "室", "號"]),
];

struct Labels {
    automaton: AhoCorasick,
    fields: Vec<Field>,
}

static AUTOMATON: LazyLock<Option<Labels>> = LazyLock::new(|| {
    let of = |&(field, words): &(Field, &'static [&'static str])| {
        words.iter().map(move |&word| (field, word))
    };
    let (fields, words): (Vec<Field>, Vec<&str>) = LABELS.iter().flat_map(of).unzip();
    let automaton = AhoCorasick::builder()
        .match_kind(MatchKind::LeftmostLongest)
        .ascii_case_insensitive(true)
        .build(words)
        .ok()?;
    Some(Labels { automaton, fields })
});

/// What joins a label to its value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Link {
    /// `:`, `=`, `：`, `->`.
    Sign,
    /// `is`, `was`, `是`, `为`.
    Word,
    /// A space only.
    Space,
    /// Nothing: Chinese puts a number right behind its label.
    None,
    /// Some words and then `is`: `the password for the router is …`, `密码我改成了…`.
    Far,
}

/// A label and where its value would begin.
#[derive(Clone, Copy)]
pub(crate) struct Label {
    pub(crate) field: Field,
    pub(crate) start: usize,
    pub(crate) link: Link,
    pub(crate) value: usize,
    /// Whether a quote mark opens the value, and which.
    pub(crate) quote: Option<u8>,
}

/// Finds every labelled value, and what else is found from a fixed word on.
pub(crate) fn find(text: Text<'_>, found: &mut Vec<Finding>) {
    let Some(Labels { automaton, fields }) = AUTOMATON.as_ref() else {
        return;
    };
    let mut covered = 0;
    for hit in automaton.find_iter(text.bytes()) {
        let Some(&field) = fields.get(hit.pattern().as_usize()) else {
            continue;
        };
        if hit.end() <= covered {
            continue;
        }
        let finding = match field {
            Field::Url => url::credentials(text, hit.end()),
            Field::HiddenAt => email::hidden(text, hit.start()..hit.end()),
            Field::SpelledAt => email::spelled(text, hit.start()..hit.end()),
            Field::HashAt => email::hashed(text, hit.start()..hit.end()),
            Field::CodeBefore => labelled::code_before(text, hit.start()),
            Field::HouseUnit => address_chinese::find(text, hit.start()),
            _ => labelled_value(text, field, hit.start(), hit.end()),
        };
        if let Some(finding) = finding {
            covered = covered.max(finding.range.end);
            found.push(finding);
        }
    }
}

fn labelled_value(text: Text<'_>, field: Field, start: usize, end: usize) -> Option<Finding> {
    if !is_whole(text, field, start, end) {
        return None;
    }
    let of = |(link, value, quote)| Label {
        field,
        start,
        link,
        value,
        quote,
    };
    labelled::value(text, of(link(text, end))).or_else(|| {
        let far = (field == Field::Password).then(|| far_link(text, end))??;
        labelled::value(text, of(far))
    })
}

/// Whether the label is a word of its own. A hump counts as a beginning (`clientSecret`), and an
/// underscore on the left does (`DB_PASSWORD`); a plural or a longer name is another word,
/// but a number may stand right behind `QQ`.
fn is_whole(text: Text<'_>, field: Field, start: usize, end: usize) -> bool {
    let (first, last) = (text.byte(start), text.byte(end - 1));
    let before = text.byte_before(start);
    let is_hump = before.is_ascii_lowercase() && first.is_ascii_uppercase();
    let begins = !first.is_ascii_alphanumeric() || !before.is_ascii_alphanumeric() || is_hump;
    let next = text.byte(end);
    let is_number_behind = field == Field::Qq && next.is_ascii_digit();
    let ends = !last.is_ascii_alphanumeric() || !is_word(next) || is_number_behind;
    begins && ends
}

fn link(text: Text<'_>, end: usize) -> (Link, usize, Option<u8>) {
    let after = text.after(end, LINK_BYTES_MAX);
    let closed = after.trim_start_matches(['"', '\'', '`', '*', ')', ']', '）', '】', '」', '”']);
    let spaced = trim_spaces(closed);
    let (link, rest) = if let Some(rest) = sign(spaced) {
        (Link::Sign, rest)
    } else if let Some(rest) = word(spaced) {
        (Link::Word, rest)
    } else if spaced.len() < closed.len() {
        (Link::Space, spaced)
    } else {
        (Link::None, spaced)
    };
    let rest = trim_spaces(rest);
    let opened = rest.trim_start_matches(['*', '“', '「', '『', '（', '【']);
    let quote = opened
        .bytes()
        .next()
        .filter(|byte| matches!(byte, b'"' | b'\'' | b'`'));
    let opened = opened.trim_start_matches(['"', '\'', '`', '(', '<']);
    (link, end + after.len() - opened.len(), quote)
}

/// The value behind some words and `is`.
fn far_link(text: Text<'_>, end: usize) -> Option<(Link, usize, Option<u8>)> {
    /// Bytes of the words between.
    const WORDS_BYTES_MAX: usize = 48;
    const CHINESE: [&str; 6] = ["是", "为", "改成了", "改成", "换成", "设成"];
    let after = text.after(end, WORDS_BYTES_MAX);
    let english = [" is ", " was "].into_iter().filter_map(|verb| {
        let at = after.find(verb)?;
        let is_words = |c: char| c.is_ascii_lowercase() || matches!(c, ' ' | '\'' | '’' | '-');
        after[..at].chars().all(is_words).then_some(at + verb.len())
    });
    let han = after.find(|c| !is_han(c)).unwrap_or(after.len());
    let chinese = CHINESE
        .into_iter()
        .find_map(|verb| after[..han].ends_with(verb).then_some(han));
    let verb_end = english.min().or(chinese)?;
    let (_, value, quote) = link(text, end + verb_end);
    Some((Link::Far, value, quote))
}

fn trim_spaces(text: &str) -> &str {
    text.trim_start_matches([' ', '\t', '\u{a0}', '\u{3000}'])
}

fn sign(text: &str) -> Option<&str> {
    const SIGNS: [&str; 12] = [
        ":=", "=>", "->", "==", "：", ":", "=", "＝", "→", "- ", "– ", "— ",
    ];
    SIGNS.iter().find_map(|sign| text.strip_prefix(sign))
}

fn word(text: &str) -> Option<&str> {
    const WORDS: [&str; 12] = [
        "is ", "was ", "are ", "to ", "of ", "at ", "on ", "number ", "是", "为", "就是", "改成",
    ];
    let rest = WORDS.iter().find_map(|word| text.strip_prefix(word))?;
    let rest = trim_spaces(rest);
    Some(
        rest.strip_prefix('：')
            .or_else(|| rest.strip_prefix(':'))
            .unwrap_or(rest),
    )
}
