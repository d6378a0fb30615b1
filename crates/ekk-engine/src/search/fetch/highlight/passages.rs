//! Pieces of a text around what is marked in it.

use std::ops::Range;

use unicode_segmentation::UnicodeSegmentation;

use super::Options;

/// A piece of one of a field's values.
struct Passage {
    /// Which value.
    value: usize,
    bytes: Range<usize>,
    spans: Vec<Range<usize>>,
    /// Different marked texts.
    score: usize,
}

/// The pieces of a field's values, marked.
pub(super) fn fragments(
    texts: impl Iterator<Item = String>,
    spans: impl Fn(&str) -> Vec<Range<usize>>,
    options: &Options,
) -> Vec<String> {
    let texts: Vec<String> = texts.collect();
    let mut passages = Vec::new();
    for (value, text) in texts.iter().enumerate() {
        let spans = spans(text);
        if spans.is_empty() {
            continue;
        }
        let whole = options.number_of_fragments == 0;
        let ranges = if whole { vec![(0..text.len(), spans)] } else { cut(text, spans, options.fragment_size) };
        for (bytes, spans) in ranges {
            let mut different: Vec<&str> = spans.iter().filter_map(|span| text.get(span.clone())).collect();
            different.sort_unstable();
            different.dedup();
            passages.push(Passage { value, bytes, score: different.len(), spans });
        }
    }
    if passages.is_empty() {
        let start = texts.first().filter(|_| options.no_match_size > 0);
        return start.map(|text| text.chars().take(options.no_match_size).collect()).into_iter().collect();
    }
    if options.number_of_fragments > 0 {
        passages.sort_by_key(|passage| std::cmp::Reverse(passage.score));
        passages.truncate(options.number_of_fragments);
        if !options.by_score {
            passages.sort_by_key(|passage| (passage.value, passage.bytes.start));
        }
    }
    let marked = passages.iter().filter_map(|passage| Some(mark(texts.get(passage.value)?, passage, options)));
    marked.collect()
}

fn mark(text: &str, passage: &Passage, options: &Options) -> String {
    let mut out = String::new();
    let mut at = passage.bytes.start;
    for span in &passage.spans {
        out.push_str(text.get(at..span.start).unwrap_or_default());
        out.push_str(&options.pre_tag);
        out.push_str(text.get(span.clone()).unwrap_or_default());
        out.push_str(&options.post_tag);
        at = span.end;
    }
    out.push_str(text.get(at..passage.bytes.end).unwrap_or_default());
    out.trim_end().to_owned()
}

/// Pieces that begin where a sentence does and take in whole sentences up to the size; a sentence that is longer is cut
/// between words.
fn cut(text: &str, spans: Vec<Range<usize>>, size: usize) -> Vec<(Range<usize>, Vec<Range<usize>>)> {
    let mut pieces: Vec<(Range<usize>, Vec<Range<usize>>)> = Vec::new();
    let sentences: Vec<Range<usize>> =
        text.split_sentence_bound_indices().map(|(start, sentence)| start..start + sentence.len()).collect();
    for span in spans {
        if let Some((bytes, spans)) = pieces.last_mut()
            && span.end <= bytes.end
        {
            spans.push(span);
            continue;
        }
        let floor = pieces.last().map_or(0, |(bytes, _)| bytes.end);
        let at = sentences.iter().position(|sentence| span.start < sentence.end).unwrap_or(0);
        let sentence = sentences.get(at).cloned().unwrap_or(0..text.len());
        let start = sentence.start.max(floor);
        let chars = |range: Range<usize>| text.get(range).map_or(0, |piece| piece.chars().count());
        let bytes = if chars(start..sentence.end) > size {
            words_around(text, start..sentence.end, &span, size)
        } else {
            let following = sentences.iter().skip(at + 1).take_while(|next| chars(start..next.end) <= size);
            start..following.last().map_or(sentence.end, |last| last.end)
        };
        pieces.push((bytes, vec![span]));
    }
    pieces
}

/// About `size` characters of a sentence with `span` in the middle, cut between words.
fn words_around(text: &str, sentence: Range<usize>, span: &Range<usize>, size: usize) -> Range<usize> {
    let before = text.get(sentence.start..span.start).unwrap_or_default();
    let marked = text.get(span.clone()).map_or(0, |marked| marked.chars().count());
    let room = size.saturating_sub(marked) / 2;
    let mut start = span.start;
    for (at, word) in before.split_word_bound_indices().rev() {
        let from = sentence.start + at;
        if text.get(from..span.start).map_or(0, |piece| piece.chars().count()) > room {
            break;
        }
        if !word.trim().is_empty() {
            start = from;
        }
    }
    let mut end = span.end;
    for (at, word) in text.get(span.end..sentence.end).unwrap_or_default().split_word_bound_indices() {
        let to = span.end + at + word.len();
        if text.get(start..to).map_or(0, |piece| piece.chars().count()) > size {
            break;
        }
        end = to;
    }
    start..end
}
