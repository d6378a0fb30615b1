//! Analyzers: how text becomes terms, when it is indexed and when it is searched for.
//!
//! The standard analyzer cuts at the word boundaries of UAX #29, as Lucene's does, and lower-cases; tantivy's own
//! tokenizers cut elsewhere. Text that is all ASCII, as logs mostly are, takes a path without tables.
//!
//! Sources: <https://unicode.org/reports/tr29/#Word_Boundaries>, <https://docs.opensearch.org/latest/analyzers/>

mod standard;

use tantivy::tokenizer::{TextAnalyzer, Token as TantivyToken, TokenStream, Tokenizer, TokenizerManager};

use crate::limits::MAX_TOKEN_CHARS;

/// A built-in analyzer, by the name it has in a mapping.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Analyzer {
    /// `standard`: UAX #29 words, lower-cased.
    Standard,
    /// `simple`: runs of letters, lower-cased.
    Simple,
    /// `whitespace`: runs of anything but white space.
    Whitespace,
    /// `keyword`: the whole text as one term.
    Keyword,
    /// `stop`: as `simple`, without English stop words.
    Stop,
}

/// A term of a text, and where it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Token {
    /// The term.
    pub text: String,
    /// Offset of the first byte in the text.
    pub start: usize,
    /// Offset after the last byte in the text.
    pub end: usize,
    /// Number of the word, from 0; removed stop words count.
    pub position: usize,
}

/// Lucene's English stop words.
const STOP_WORDS: [&str; 33] = [
    "a", "an", "and", "are", "as", "at", "be", "but", "by", "for", "if", "in", "into", "is", "it", "no", "not", "of",
    "on", "or", "such", "that", "the", "their", "then", "there", "these", "they", "this", "to", "was", "will", "with",
];

impl Analyzer {
    /// All analyzers.
    pub const ALL: [Self; 5] = [Self::Standard, Self::Simple, Self::Whitespace, Self::Keyword, Self::Stop];

    /// The analyzer that a mapping calls `name`.
    pub fn named(name: &str) -> Option<Self> {
        if name == "default" {
            return Some(Self::Standard);
        }
        Self::ALL.into_iter().find(|analyzer| analyzer.name() == name)
    }

    /// The name in a mapping, which is also the tokenizer's name in tantivy.
    pub fn name(self) -> &'static str {
        match self {
            Self::Standard => "standard",
            Self::Simple => "simple",
            Self::Whitespace => "whitespace",
            Self::Keyword => "keyword",
            Self::Stop => "stop",
        }
    }

    /// The terms of `text`, in order.
    pub fn tokens(self, text: &str) -> Vec<Token> {
        let mut stream = Stream::new(self, text);
        let mut tokens = Vec::new();
        while stream.advance() {
            let token = stream.token();
            tokens.push(Token {
                text: token.text.clone(),
                start: token.offset_from,
                end: token.offset_to,
                position: token.position,
            });
        }
        tokens
    }

    /// The next term's bytes at or after `from`, or `None` at the end of the text.
    fn next_word(self, text: &str, from: usize) -> Option<(usize, usize)> {
        match self {
            Self::Standard => standard::next_word(text, from),
            Self::Simple | Self::Stop => next_run(text, from, char::is_alphabetic),
            Self::Whitespace => next_run(text, from, |character| !character.is_whitespace()),
            Self::Keyword => (from == 0 && !text.is_empty()).then_some((0, text.len())),
        }
    }

    fn lower_cases(self) -> bool {
        matches!(self, Self::Standard | Self::Simple | Self::Stop)
    }
}

/// The tokenizers of every segment's index, by analyzer name.
pub(crate) fn tokenizers() -> TokenizerManager {
    let manager = TokenizerManager::new();
    for analyzer in Analyzer::ALL {
        manager.register(analyzer.name(), TextAnalyzer::from(AnalyzerTokenizer(analyzer)));
    }
    // tantivy looks this one up for fields that are no text, too.
    manager.register("default", TextAnalyzer::from(AnalyzerTokenizer(Analyzer::Standard)));
    manager.register("raw", TextAnalyzer::from(tantivy::tokenizer::RawTokenizer::default()));
    manager
}

/// Appends `text` lower-cased a character at a time, as Lucene does: a character that lower-cases to several stays one.
pub fn push_lowercase(target: &mut String, text: &str) {
    if text.is_ascii() {
        let start = target.len();
        target.push_str(text);
        if let Some(added) = target.get_mut(start..) {
            added.make_ascii_lowercase();
        }
        return;
    }
    for character in text.chars() {
        let mut lower = character.to_lowercase();
        match (lower.next(), lower.next()) {
            (Some(single), None) => target.push(single),
            (Some(first), Some(_)) => target.push(first),
            _ => target.push(character),
        }
    }
}

/// The next run of characters that `keep` accepts.
fn next_run(text: &str, from: usize, keep: impl Fn(char) -> bool) -> Option<(usize, usize)> {
    let rest = text.get(from..)?;
    let start = from + rest.find(&keep)?;
    let run = text.get(start..)?;
    let end = run.find(|character| !keep(character)).map_or(text.len(), |length| start + length);
    Some((start, end))
}

/// An analyzer as tantivy calls it.
#[derive(Clone)]
struct AnalyzerTokenizer(Analyzer);

impl Tokenizer for AnalyzerTokenizer {
    type TokenStream<'a> = Stream<'a>;

    fn token_stream<'a>(&'a mut self, text: &'a str) -> Stream<'a> {
        Stream::new(self.0, text)
    }
}

/// The terms of one text, made one at a time in one reused buffer.
struct Stream<'a> {
    analyzer: Analyzer,
    text: &'a str,
    /// Where the next word is looked for.
    at: usize,
    /// The rest of a word that is longer than a term may be.
    pending: Option<(usize, usize)>,
    next_position: usize,
    token: TantivyToken,
}

impl<'a> Stream<'a> {
    fn new(analyzer: Analyzer, text: &'a str) -> Self {
        Self { analyzer, text, at: 0, pending: None, next_position: 0, token: TantivyToken::default() }
    }

    /// Takes the next word, or the next piece of a long one.
    fn next_piece(&mut self) -> Option<(usize, usize)> {
        let (start, end) = if let Some(rest) = self.pending.take() {
            rest
        } else {
            let word = self.analyzer.next_word(self.text, self.at)?;
            self.at = word.1;
            word
        };
        if self.analyzer == Analyzer::Keyword || end - start <= MAX_TOKEN_CHARS {
            return Some((start, end));
        }
        let word = self.text.get(start..end)?;
        let cut = word.char_indices().nth(MAX_TOKEN_CHARS).map_or(end, |(offset, _)| start + offset);
        self.pending = (cut < end).then_some((cut, end));
        Some((start, cut))
    }
}

impl TokenStream for Stream<'_> {
    fn advance(&mut self) -> bool {
        while let Some((start, end)) = self.next_piece() {
            let word = self.text.get(start..end).unwrap_or_default();
            self.token.text.clear();
            if self.analyzer.lower_cases() {
                push_lowercase(&mut self.token.text, word);
            } else {
                self.token.text.push_str(word);
            }
            let position = self.next_position;
            self.next_position += 1;
            if self.analyzer == Analyzer::Stop && STOP_WORDS.contains(&self.token.text.as_str()) {
                continue;
            }
            self.token.offset_from = start;
            self.token.offset_to = end;
            self.token.position = position;
            self.token.position_length = 1;
            return true;
        }
        false
    }

    fn token(&self) -> &TantivyToken {
        &self.token
    }

    fn token_mut(&mut self) -> &mut TantivyToken {
        &mut self.token
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(analyzer: Analyzer, text: &str, expected: &[&str]) {
        let tokens = analyzer.tokens(text);
        let terms: Vec<_> = tokens.iter().map(|token| token.text.as_str()).collect();
        assert_eq!(terms, expected, "{} of {text:?}", analyzer.name());
        for token in &tokens {
            assert!(text.get(token.start..token.end).is_some(), "offsets of {token:?} in {text:?}");
        }
    }

    #[test]
    fn standard_cuts_where_lucene_does() {
        let standard = Analyzer::Standard;
        check(
            standard,
            "a:b 14:44:44 foo_bar ___ don't a.b 1.2 1,2 a,b 3;4 1a.b2 a.1 1.a x-y /usr/lib 10.0.0.1 e@mail.com",
            &[
                "a:b", "14", "44", "44", "foo_bar", "don't", "a.b", "1.2", "1,2", "a", "b", "3;4", "1a.b2", "a", "1",
                "1", "a", "x", "y", "usr", "lib", "10.0.0.1", "e", "mail.com",
            ],
        );
        check(
            standard,
            "日本語 テスト ひらがな สวัสดี 👍ok",
            &["日", "本", "語", "テスト", "ひ", "ら", "が", "な", "สวัสดี", "👍", "ok"],
        );
        check(standard, "Ünïcode STRASSE, naïve. İx", &["ünïcode", "strasse", "naïve", "ix"]);
        check(standard, "", &[]);
        check(standard, "... --- !!!", &[]);
        check(standard, "a. 'b' c' 1. _x_ x_ 1_2", &["a", "b", "c", "1", "_x_", "x_", "1_2"]);
    }

    #[test]
    fn standard_cuts_long_words_into_pieces() {
        let lengths: Vec<_> =
            Analyzer::Standard.tokens(&"x".repeat(600)).iter().map(|token| token.text.len()).collect();
        assert_eq!(lengths, [255, 255, 90]);
    }

    #[test]
    fn ascii_words_are_the_words_of_the_unicode_tables() {
        let alphabet = ['a', 'Z', '0', '9', '_', '.', ',', ':', ';', '\'', '-', ' ', '"', '\n'];
        let mut state = 12_345_u64;
        for _ in 0..5_000 {
            let text: String = (0..12)
                .map(|_| {
                    state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
                    alphabet[usize::try_from(state >> 33).unwrap() % alphabet.len()]
                })
                .collect();
            assert_eq!(standard::words(&text), standard::unicode_words(&text), "{text:?}");
        }
    }

    #[test]
    fn the_other_analyzers_cut_as_documented() {
        check(Analyzer::Simple, "Hello2World foo_bar", &["hello", "world", "foo", "bar"]);
        check(Analyzer::Whitespace, " A b\tc-d\n", &["A", "b", "c-d"]);
        check(Analyzer::Keyword, "New York", &["New York"]);
        check(Analyzer::Stop, "The quick fox", &["quick", "fox"]);
        assert_eq!(Analyzer::Stop.tokens("the fox")[0].position, 1);
    }
}
