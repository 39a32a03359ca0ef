//! What English has for itself: contractions, tense, spelling, function words, names in capitals.
//!
//! Simple evidence, word by word, without a parser: the numbers are compared with each other (two
//! writers, two years), where what is missed is missed on both sides. Used by [`super::tally`].

use std::collections::{BTreeMap, HashMap};
use std::sync::LazyLock;

use inkstone_prose::characters::is_spaced;

use super::tally::{Habit, Tally};
use crate::word;

/// Words without which no grammar does; their rates tell writers apart (Mosteller and Wallace 1964).
pub const FUNCTION_WORDS: &[&str] = &[
    "a",
    "about",
    "after",
    "all",
    "also",
    "although",
    "an",
    "and",
    "any",
    "as",
    "at",
    "because",
    "before",
    "between",
    "both",
    "but",
    "by",
    "can",
    "could",
    "down",
    "each",
    "either",
    "even",
    "every",
    "for",
    "from",
    "had",
    "has",
    "have",
    "however",
    "if",
    "in",
    "into",
    "is",
    "it",
    "its",
    "just",
    "may",
    "might",
    "more",
    "most",
    "much",
    "must",
    "never",
    "no",
    "nor",
    "not",
    "of",
    "on",
    "only",
    "or",
    "other",
    "our",
    "out",
    "over",
    "perhaps",
    "quite",
    "rather",
    "shall",
    "should",
    "since",
    "so",
    "some",
    "still",
    "such",
    "than",
    "that",
    "the",
    "then",
    "there",
    "therefore",
    "these",
    "this",
    "those",
    "though",
    "through",
    "thus",
    "to",
    "too",
    "under",
    "until",
    "up",
    "upon",
    "very",
    "was",
    "were",
    "what",
    "when",
    "where",
    "whether",
    "which",
    "while",
    "who",
    "whom",
    "whose",
    "will",
    "with",
    "without",
    "would",
    "yet",
];

const HABITS: &[(Habit, &str)] = &[
    (
        Habit::FirstSingular,
        "i me my mine myself i'm i've i'd i'll",
    ),
    (
        Habit::FirstPlural,
        "we us our ours ourselves we're we've we'd we'll",
    ),
    (
        Habit::Second,
        "you your yours yourself yourselves you're you've you'd you'll",
    ),
    (
        Habit::Third,
        "he him his himself she her hers herself they them their theirs themselves he's she's \
         they're he'd she'd they'd he'll she'll they'll they've",
    ),
    (
        Habit::Past,
        "was were had did went came saw took gave got knew thought found told felt left kept began \
         stood sat heard ran held brought fell rose grew spoke wrote lay led made became met lost \
         won broke drew rode woke hid sang died said paid sent spent built bought caught taught \
         sold slept wore threw flew blew chose drove ate drank wasn't weren't hadn't didn't",
    ),
    (
        Habit::Present,
        "is are am has have do does says goes comes makes takes gives gets knows thinks means \
         isn't aren't hasn't haven't don't doesn't i'm you're we're they're i've you've we've \
         they've it's that's there's",
    ),
    (
        Habit::Future,
        "will shall won't shan't i'll you'll he'll she'll it'll we'll they'll that'll",
    ),
    (
        Habit::Contracted,
        "aren't can't couldn't didn't doesn't don't hadn't hasn't haven't isn't mustn't shan't \
         shouldn't wasn't weren't won't wouldn't i'm i've i'd i'll you're you've you'd you'll he's \
         he'd he'll she's she'd she'll it's it'll we're we've we'd we'll they're they've they'd \
         they'll that's there's what's who's let's",
    ),
];

/// The long forms of contractions, as pairs.
const EXPANDED: &str = "are not,cannot,can not,could not,did not,does not,do not,had not,has not,\
    have not,is not,must not,shall not,should not,was not,were not,will not,would not,i am,i have,\
    i would,i will,you are,you have,you would,you will,he is,he would,he will,she is,she would,\
    she will,it is,it will,we are,we have,we would,we will,they are,they have,they would,they will,\
    that is,there is,what is,who is,let us";

/// British and American stems. An ending may follow: [`ENDINGS`].
const SPELLINGS: &[(&str, &str)] = &[
    ("armour", "armor"),
    ("behaviour", "behavior"),
    ("colour", "color"),
    ("endeavour", "endeavor"),
    ("favour", "favor"),
    ("favourite", "favorite"),
    ("flavour", "flavor"),
    ("harbour", "harbor"),
    ("honour", "honor"),
    ("humour", "humor"),
    ("labour", "labor"),
    ("neighbour", "neighbor"),
    ("neighbourhood", "neighborhood"),
    ("odour", "odor"),
    ("parlour", "parlor"),
    ("rumour", "rumor"),
    ("saviour", "savior"),
    ("splendour", "splendor"),
    ("vapour", "vapor"),
    ("vigour", "vigor"),
    ("centre", "center"),
    ("theatre", "theater"),
    ("fibre", "fiber"),
    ("litre", "liter"),
    ("grey", "gray"),
    ("defence", "defense"),
    ("offence", "offense"),
    ("travelled", "traveled"),
    ("travelling", "traveling"),
    ("traveller", "traveler"),
    ("cancelled", "canceled"),
    ("labelled", "labeled"),
    ("modelling", "modeling"),
    ("analyse", "analyze"),
    ("apologise", "apologize"),
    ("organise", "organize"),
    ("organisation", "organization"),
    ("realise", "realize"),
    ("recognise", "recognize"),
    ("catalogue", "catalog"),
    ("plough", "plow"),
    ("jewellery", "jewelry"),
    ("mould", "mold"),
    ("moustache", "mustache"),
    ("sceptical", "skeptical"),
    ("aluminium", "aluminum"),
    ("skilful", "skillful"),
    ("fulfil", "fulfill"),
];

/// What may follow a stem. Not -ous, -ary and -ious, before which both write -or.
const ENDINGS: &[&str] = &[
    "", "s", "d", "ed", "ing", "able", "ably", "ful", "less", "ly", "er", "ers", "hood", "ment",
];

/// Words that end in -ed and are no past tense.
const NOT_PAST: &[&str] = &[
    "bleed", "breed", "exceed", "hundred", "indeed", "kindred", "naked", "proceed", "sacred",
    "speed", "succeed", "wicked", "wretched", "agreed",
];

/// Capitalised words that name nobody and nothing, beside months and days: titles before a name, I.
const NO_NAMES: &[&str] = &[
    "mr", "mrs", "ms", "miss", "dr", "prof", "sir", "lady", "lord", "st", "i", "i'm", "i've",
    "i'd", "i'll", "o", "oh",
];

/// Titles that are abbreviated with a period.
const TITLES: &[&str] = &["mr", "mrs", "ms", "dr", "prof", "st"];

/// A name has at most so many words.
const NAME_WORDS_MAX: usize = 3;

static BY_WORD: LazyLock<HashMap<&str, Vec<Habit>>> = LazyLock::new(|| {
    let mut words: HashMap<&str, Vec<Habit>> = HashMap::new();
    for (habit, list) in HABITS {
        for word in list.split_whitespace() {
            words.entry(word).or_default().push(*habit);
        }
    }
    for pair in EXPANDED.split(',').map(str::trim) {
        words.entry(pair).or_default().push(Habit::Expanded);
    }
    words.entry("going to").or_default().push(Habit::Future);
    words
});

static BY_SPELLING: LazyLock<HashMap<String, Habit>> = LazyLock::new(|| {
    let mut words = HashMap::new();
    for (british, american) in SPELLINGS {
        for ending in ENDINGS {
            words.insert(format!("{british}{ending}"), Habit::British);
            words.insert(format!("{american}{ending}"), Habit::American);
        }
    }
    words
});

static IS_FUNCTION_WORD: LazyLock<std::collections::HashSet<&str>> =
    LazyLock::new(|| FUNCTION_WORDS.iter().copied().collect());

/// A sentence while it is read.
#[derive(Default)]
pub(super) struct Sentence {
    word: String,
    previous: String,
    pair: String,
    name: String,
    name_words: usize,
    words: usize,
}

impl Sentence {
    /// Counts the words of a sentence, and returns how many they are.
    pub(super) fn count(&mut self, sentence: &str, tally: &mut Tally) -> usize {
        self.previous.clear();
        self.words = 0;
        let mut at = 0;
        let mut gap = Gap::Start;
        while let Some(c) = sentence[at..].chars().next() {
            if !is_spaced(c) {
                gap = gap.then(c);
                at += c.len_utf8();
                continue;
            }
            let length = word::length(&sentence[at..]);
            self.add(&sentence[at..at + length], gap, tally);
            at += length;
            gap = Gap::None;
        }
        self.end_name(tally);
        self.words
    }

    fn add(&mut self, word: &str, gap: Gap, tally: &mut Tally) {
        self.words += 1;
        word::lower_into(word, &mut self.word);
        self.count_habits(tally);
        if !self.is_name(word, gap) {
            self.end_name(tally);
            tally.add_word(&self.word);
        } else if gap == Gap::Space && (1..NAME_WORDS_MAX).contains(&self.name_words) {
            self.name.push(' ');
            self.name.push_str(word);
            self.name_words += 1;
        } else {
            self.end_name(tally);
            self.name.push_str(word);
            self.name_words = 1;
        }
        std::mem::swap(&mut self.previous, &mut self.word);
    }

    /// Capitalised where no sentence and no quotation begins.
    fn is_name(&self, word: &str, gap: Gap) -> bool {
        // "Mr. Darcy": the period ends no sentence.
        let is_inside = matches!(gap, Gap::Space | Gap::Comma)
            || (gap == Gap::Other && TITLES.contains(&self.previous.as_str()));
        is_inside
            && self.words > 1
            && word.chars().next().is_some_and(char::is_uppercase)
            && ![NO_NAMES, &word::MONTHS, &word::WEEKDAYS]
                .iter()
                .any(|words| words.contains(&self.word.as_str()))
    }

    fn end_name(&mut self, tally: &mut Tally) {
        if self.name_words > 0 {
            let name = self
                .name
                .strip_suffix("'s")
                .or(self.name.strip_suffix("’s"));
            tally.add_name(name.unwrap_or(&self.name));
        }
        self.name.clear();
        self.name_words = 0;
    }

    fn count_habits(&mut self, tally: &mut Tally) {
        let word = self.word.as_str();
        if IS_FUNCTION_WORD.contains(word) {
            tally.add_function_word(word);
        }
        let mut is_past = false;
        for habit in BY_WORD.get(word).into_iter().flatten() {
            is_past |= *habit == Habit::Past;
            tally.add_habit(*habit, 1);
        }
        let is_regular = word.len() > 4 && word.ends_with("ed") && !NOT_PAST.contains(&word);
        if !is_past && is_regular {
            tally.add_habit(Habit::Past, 1);
        }
        if let Some(habit) = BY_SPELLING.get(word) {
            tally.add_habit(*habit, 1);
        }
        if !self.previous.is_empty() {
            self.pair.clear();
            self.pair.push_str(&self.previous);
            self.pair.push(' ');
            self.pair.push_str(word);
            for habit in BY_WORD.get(self.pair.as_str()).into_iter().flatten() {
                tally.add_habit(*habit, 1);
            }
        }
    }
}

/// What stands between two words.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Gap {
    /// The sentence has just begun.
    Start,
    /// Nothing yet.
    None,
    /// One space or line break.
    Space,
    /// A comma or semicolon, and spaces.
    Comma,
    /// Anything else: a quotation or a clause may begin.
    Other,
}

impl Gap {
    fn then(self, c: char) -> Self {
        match (self, c) {
            (Self::None, ' ' | '\n') => Self::Space,
            (Self::None | Self::Space, ',' | ';') | (Self::Comma, ' ' | '\n') => Self::Comma,
            (Self::Start, _) => Self::Start,
            _ => Self::Other,
        }
    }
}

/// Names without those that are more often written small: "Chapter", "God's" in a text of gods.
pub(super) fn names(tally: &Tally) -> BTreeMap<&str, u64> {
    let is_name = |(name, count): &(&String, &u64)| {
        let small = tally.vocabulary.get(&name.to_lowercase());
        small.is_none_or(|small| small < count)
    };
    let names = tally.names.iter().filter(is_name);
    names.map(|(name, count)| (name.as_str(), *count)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(text: &str) -> Tally {
        let mut tally = Tally::default();
        tally.add(text, "en", &|_| Vec::new());
        tally
    }

    #[test]
    fn names_are_capitalised_within_sentences() {
        let tally = of(
            "Yesterday we met Mr. Darcy in New York, near Anna's house. “Go,” said Tom. \
                        On Monday I saw Anna again — She waved.",
        );
        let names: Vec<&str> = tally.names.keys().map(String::as_str).collect();
        assert_eq!(names, ["Anna", "Darcy", "New York", "Tom"]);
        assert_eq!(tally.names["Anna"], 2);
    }

    #[test]
    fn words_that_are_mostly_small_are_no_names() {
        let tally =
            of("The spring of 1900. We love spring, and the Spring of Anna. spring, spring.");
        assert_eq!(names(&tally).into_keys().collect::<Vec<_>>(), ["Anna"]);
    }

    #[test]
    fn habits_are_counted() {
        let tally = of(
            "I don't know; I did not ask. We will travel, and you are going to see \
                        colours and a gray harbour. He walked indeed.",
        );
        let get = |habit| tally.habits.get(&habit).copied().unwrap_or(0);
        assert_eq!(get(Habit::Contracted), 1);
        assert_eq!(get(Habit::Expanded), 2 + 1);
        assert_eq!(get(Habit::British), 2);
        assert_eq!(get(Habit::American), 1);
        assert_eq!(get(Habit::FirstSingular), 2);
        assert_eq!(get(Habit::FirstPlural), 1);
        assert_eq!(get(Habit::Second), 1);
        assert_eq!(get(Habit::Third), 1);
        assert_eq!(get(Habit::Future), 2);
        assert_eq!(get(Habit::Past), 2);
    }
}
