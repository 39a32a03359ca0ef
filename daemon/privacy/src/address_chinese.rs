//! Chinese street addresses: province, city, district, road and number, building and room.
//!
//! Found from the unit behind a number (`27号`, `3栋`, `501室`), since those are rarer than the names.
//! A road or village before the number, or two units of a building, make an address; districts before
//! it belong to it. Where a name begins is a guess without a dictionary: at a province or city that is
//! known, else behind the verbs and particles that lead to addresses.

use std::ops::Range;

use crate::find::Finding;
use crate::kind::Kind;
use crate::text::{Text, is_han};

/// Characters looked at on either side of a unit.
const SIDE_CHARS_MAX: usize = 40;
/// A character of UTF-8.
const CHAR_BYTES_MAX: usize = 4;
/// Characters of a name before `市`, `区`, `路`.
const NAME_CHARS_MAX: usize = 6;
/// Characters between two units: the name of a housing estate.
const GAP_CHARS_MAX: usize = 10;

const UNITS: &str = "号弄巷栋幢座室楼层院组號樓層";
const BUILDING_UNITS: &str = "栋幢座室元";
/// Behind `号` these make another word of it: a line of the underground, a typhoon, a document.
const AFTER_NO_HOUSE: &str = "线線文令";
const ROADS: &str = "路街道巷弄同段村屯组庄里庭镇乡坊区苑园";
const DISTRICTS: &str = "省市区县州旗镇乡";
const NUMERALS: &str = "〇零一二三四五六七八九十百甲乙丙丁";
/// What leads to an address and is no part of one.
const BEFORE_NAMES: &str = "在住址是寄到往了的去为离开搬叫送给从找即至于位回来过家着";
/// Words that end like a road and are none.
const NO_ROADS: [&str; 34] = [
    "条路",
    "的路",
    "公路",
    "铁路",
    "线路",
    "电路",
    "思路",
    "走路",
    "问路",
    "带路",
    "半路",
    "一路",
    "这路",
    "那路",
    "上街",
    "逛街",
    "这条街",
    "知道",
    "味道",
    "频道",
    "通道",
    "渠道",
    "管道",
    "轨道",
    "跑道",
    "车道",
    "难道",
    "不同",
    "相同",
    "共同",
    "合同",
    "阶段",
    "时段",
    "手段",
];
const PROVINCES: [&str; 34] = [
    "北京",
    "上海",
    "天津",
    "重庆",
    "河北",
    "山西",
    "辽宁",
    "吉林",
    "黑龙江",
    "江苏",
    "浙江",
    "安徽",
    "福建",
    "江西",
    "山东",
    "河南",
    "湖北",
    "湖南",
    "广东",
    "海南",
    "四川",
    "贵州",
    "云南",
    "陕西",
    "甘肃",
    "青海",
    "台湾",
    "内蒙古",
    "广西",
    "西藏",
    "宁夏",
    "新疆",
    "香港",
    "澳门",
];

/// The address around a unit at `unit` (the end of its number).
pub(crate) fn find(text: Text<'_>, unit: usize) -> Option<Finding> {
    let first = text.char_at(unit)?;
    let is_unit = UNITS.contains(first) || text.starts_with(unit, "单元");
    if !is_unit || !text.char_before(unit).is_some_and(is_number) {
        return None;
    }
    let run = Run::around(text, unit);
    let (from, to) = run.address()?;
    Some(Finding::new(
        Kind::ChineseAddress,
        run.chars[from].0..run.end_of(to),
    ))
}

/// What follows `地址：`: all of the run, if it names a district or road and has a number or is long.
pub(crate) fn labelled(text: Text<'_>, at: usize) -> Option<Range<usize>> {
    const CHARS_MIN: usize = 6;
    let mut end = at;
    let mut count = 0;
    let (mut has_district, mut has_number) = (false, false);
    for (offset, c) in text
        .after(at, SIDE_CHARS_MAX * CHAR_BYTES_MAX)
        .char_indices()
    {
        if !is_part(c) {
            break;
        }
        has_district |= count > 0 && (DISTRICTS.contains(c) || "路街村".contains(c));
        has_number |= is_number(c);
        count += 1;
        end = at + offset + c.len_utf8();
    }
    let is_one =
        count >= CHARS_MIN && has_district && has_number && text.char_at(at).is_some_and(is_han);
    is_one.then_some(at..end)
}

fn is_number(c: char) -> bool {
    c.is_ascii_alphanumeric() || NUMERALS.contains(c)
}

fn is_part(c: char) -> bool {
    is_han(c) || c.is_ascii_alphanumeric() || matches!(c, '-' | '－' | '#' | '·')
}

/// The characters around a unit that an address could be made of.
struct Run {
    chars: Vec<(usize, char)>,
}

/// A number with its unit: the index of the number's first character and behind the unit.
#[derive(Clone, Copy)]
struct Numbered {
    start: usize,
    end: usize,
    unit: char,
}

impl Run {
    fn around(text: Text<'_>, unit: usize) -> Self {
        let before = text.before(unit, SIDE_CHARS_MAX * CHAR_BYTES_MAX);
        let back = before
            .chars()
            .rev()
            .take_while(|&c| is_part(c))
            .take(SIDE_CHARS_MAX);
        let start = unit - back.map(char::len_utf8).sum::<usize>();
        let rest = text.after(start, 2 * SIDE_CHARS_MAX * CHAR_BYTES_MAX);
        let chars = rest
            .char_indices()
            .take_while(|&(_, c)| is_part(c))
            .take(2 * SIDE_CHARS_MAX);
        Self {
            chars: chars.map(|(offset, c)| (start + offset, c)).collect(),
        }
    }

    fn at(&self, index: usize) -> char {
        self.chars.get(index).map_or('\0', |&(_, c)| c)
    }

    /// The byte behind the character before `index`.
    fn end_of(&self, index: usize) -> usize {
        self.chars
            .get(index.saturating_sub(1))
            .map_or(0, |&(offset, c)| offset + c.len_utf8())
    }

    fn text(&self, from: usize, to: usize) -> String {
        self.chars
            .get(from..to)
            .unwrap_or(&[])
            .iter()
            .map(|&(_, c)| c)
            .collect()
    }

    /// First character and behind the last of the address, if there is one.
    fn address(&self) -> Option<(usize, usize)> {
        let units = self.units();
        let road = units
            .iter()
            .position(|unit| "号號弄组院".contains(unit.unit) && self.has_road_before(unit.start));
        let buildings: Vec<usize> = (0..units.len())
            .filter(|&index| BUILDING_UNITS.contains(units[index].unit))
            .collect();
        let first = match (road, buildings.as_slice()) {
            (Some(road), [building, ..]) if *building + 1 < road => *building,
            (Some(road), _) => road,
            (None, [first, _, ..]) => *first,
            (None, _) => return None,
        };
        let mut end = units[first].end;
        for unit in &units[first + 1..] {
            let gap = unit.start.saturating_sub(end);
            let is_joined = gap == 0
                || gap <= GAP_CHARS_MAX
                    && "栋幢座室元楼弄号樓層".contains(unit.unit)
                    && !self.has_leader(end, unit.start);
            if !is_joined {
                break;
            }
            end = unit.end;
        }
        // Two buildings of which one is not in the other are no address: `1号楼和2号楼之间`.
        let is_joined = road.is_some() || end > units[first].end;
        // The number of a flat may stand without its unit.
        let flat = (end..self.chars.len())
            .take_while(|index| self.at(*index).is_ascii_digit())
            .count();
        let is_flat = self.at(end.saturating_sub(1)) == '元' && (3..=4).contains(&flat);
        let end = if is_flat { end + flat } else { end };
        is_joined.then(|| (self.beginning(units[first].start), end))
    }

    /// Numbers with their units, in order.
    fn units(&self) -> Vec<Numbered> {
        let mut units = Vec::new();
        for index in 1..self.chars.len() {
            let is_unit = UNITS.contains(self.at(index))
                || self.at(index) == '单' && self.at(index + 1) == '元';
            if !is_unit || !is_number(self.at(index - 1)) {
                continue;
            }
            let mut start = index;
            while start > 0
                && (is_number(self.at(start - 1)) || matches!(self.at(start - 1), '-' | '－'))
            {
                start -= 1;
            }
            // `第三单元`, `一层楼`, `一号` say which and how many, not where.
            if start > 0 && self.at(start - 1) == '第' {
                continue;
            }
            if matches!(self.at(index), '号' | '號') && AFTER_NO_HOUSE.contains(self.at(index + 1))
            {
                continue;
            }
            let is_unit_of_two = self.at(index) == '单';
            let mut end = index + 1 + usize::from(is_unit_of_two);
            if matches!(self.at(index), '号' | '號') && matches!(self.at(end), '楼' | '院') {
                end += 1;
            }
            let unit = if is_unit_of_two {
                '元'
            } else {
                self.at(index)
            };
            let unit = if self.at(end - 1) == '楼' && end - index == 2 {
                '栋'
            } else {
                unit
            };
            units.push(Numbered { start, end, unit });
        }
        units
    }

    /// Whether a road's or village's name ends before `index`.
    fn has_road_before(&self, index: usize) -> bool {
        // `中山北路二段45巷12号`: a numbered lane of a road.
        if index > 0 && matches!(self.at(index - 1), '段' | '巷' | '弄') {
            let mut number = index - 1;
            while number > 0 && is_number(self.at(number - 1)) {
                number -= 1;
            }
            if number + 1 < index && self.has_road_before(number) {
                return true;
            }
        }
        if index < 2 || !ROADS.contains(self.at(index - 1)) || !is_han(self.at(index - 2)) {
            return false;
        }
        let last = self.at(index - 1);
        let tail = self.text(index.saturating_sub(3), index);
        if NO_ROADS.iter().any(|word| tail.ends_with(word))
            || BEFORE_NAMES.contains(self.at(index - 2))
        {
            return false;
        }
        match last {
            '同' => self.at(index - 2) == '胡',
            // Words for lanes that also are other words: only in a district that is named.
            '里' | '区' | '园' | '苑' | '段' | '庭' | '坊' | '镇' | '乡' | '庄' | '组' =>
            {
                let head = self.text(index.saturating_sub(20), index - 1);
                PROVINCES.iter().any(|name| head.contains(name))
                    || head.contains(['市', '县', '路', '村'])
            }
            _ => true,
        }
    }

    fn has_leader(&self, from: usize, to: usize) -> bool {
        (from..to).any(|index| "的了是在到和与去".contains(self.at(index)))
    }

    /// Where the address begins whose first number is at `number`.
    fn beginning(&self, number: usize) -> usize {
        let head = self.text(0, number);
        let known = PROVINCES.iter().filter_map(|name| head.find(name)).min();
        if let Some(bytes) = known {
            return head[..bytes].chars().count();
        }
        let district = (1..number)
            .find(|&index| DISTRICTS.contains(self.at(index)) && self.name_start(index) < index);
        self.name_start(district.unwrap_or_else(|| number.saturating_sub(1)))
    }

    /// Where the name begins that ends before `index`.
    fn name_start(&self, index: usize) -> usize {
        let mut start = index;
        while start > 0
            && index - start < NAME_CHARS_MAX
            && is_han(self.at(start - 1))
            && !BEFORE_NAMES.contains(self.at(start - 1))
        {
            start -= 1;
        }
        start
    }
}
