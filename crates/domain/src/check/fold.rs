//! A text as it looks to a reader: without what cannot be seen, look-alikes taken for what they look like.
//!
//! Nothing here is complete (Unicode's own table of look-alikes has thousands of rows). It holds what a person
//! would use to slip a word past a filter and what a model writes by itself.

/// One character of a folded text, with the bytes of the original that it came from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Glyph {
    pub(super) c: char,
    pub(super) start: usize,
    pub(super) end: usize,
    /// Whether the original was an upper-case letter.
    pub(super) upper: bool,
}

/// Lower case, without diacritics, invisible characters and look-alikes.
pub(super) fn fold(text: &str) -> Vec<Glyph> {
    let mut glyphs = Vec::with_capacity(text.len());
    for (start, original) in text.char_indices() {
        // What most of a text is, without the tables.
        if matches!(original, ' '..='~') && original != '`' {
            let (c, upper) = (original.to_ascii_lowercase(), original.is_ascii_uppercase());
            glyphs.push(Glyph { c, start, end: start + 1, upper });
            continue;
        }
        if is_unseen(original) || is_combining(original) {
            continue;
        }
        let end = start + original.len_utf8();
        for lower in look(original).to_lowercase().filter(|c| !is_combining(*c)) {
            let (first, second) = plain(lower);
            let glyph = Glyph { c: first, start, end, upper: original.is_uppercase() };
            glyphs.push(glyph);
            glyphs.extend(second.map(|c| Glyph { c, ..glyph }));
        }
    }
    glyphs
}

/// The folded characters alone.
pub(super) fn folded_text(text: &str) -> String {
    fold(text).into_iter().map(|glyph| glyph.c).collect()
}

/// The bytes of the original under these glyphs.
pub(super) fn quote<'a>(text: &'a str, glyphs: &[Glyph]) -> &'a str {
    match (glyphs.first(), glyphs.last()) {
        (Some(first), Some(last)) => &text[first.start..last.end],
        _ => "",
    }
}

/// Whether any of these ranges of bytes touches the glyphs.
pub(super) fn overlaps(ranges: &[std::ops::Range<usize>], glyphs: &[Glyph]) -> bool {
    let (Some(first), Some(last)) = (glyphs.first(), glyphs.last()) else { return false };
    ranges.iter().any(|range| first.start < range.end && range.start < last.end)
}

/// Characters that take no room on screen, or change the order of what does.
pub(crate) fn is_unseen(c: char) -> bool {
    matches!(c,
        '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}' | '\u{180b}'..='\u{180f}'
        | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{2800}' | '\u{3164}'
        | '\u{fe00}'..='\u{fe0f}' | '\u{feff}' | '\u{ffa0}' | '\u{fff9}'..='\u{fffb}'
        | '\u{e0000}'..='\u{e0fff}')
        || (c.is_control() && !c.is_whitespace())
}

fn is_combining(c: char) -> bool {
    matches!(c, '\u{300}'..='\u{36f}' | '\u{483}'..='\u{489}' | '\u{1ab0}'..='\u{1aff}' | '\u{1dc0}'..='\u{1dff}'
        | '\u{20d0}'..='\u{20ff}' | '\u{fe20}'..='\u{fe2f}')
}

/// The starts of the runs of ten decimal digits that are in use.
const ZEROS: [u32; 19] = [
    0x660, 0x6f0, 0x7c0, 0x966, 0x9e6, 0xa66, 0xae6, 0xb66, 0xbe6, 0xc66, 0xce6, 0xd66, 0xe50, 0xed0, 0xf20, 0x1040,
    0x17e0, 0x1810, 0xff10,
];

/// What a character in an unusual dress looks like: full-width, mathematical, circled, raised, foreign digits.
fn look(c: char) -> char {
    let code = u32::from(c);
    let ascii = |offset: u32, first: char| char::from_u32(u32::from(first) + offset).unwrap_or(c);
    if let Some(zero) = ZEROS.iter().find(|zero| (**zero..**zero + 10).contains(&code)) {
        return ascii(code - zero, '0');
    }
    match code {
        0x2460..=0x2468 => ascii(code - 0x2460, '1'),
        0x24b6..=0x24cf => ascii(code - 0x24b6, 'a'),
        0x24d0..=0x24e9 => ascii(code - 0x24d0, 'a'),
        0x2070 | 0x2074..=0x2079 => ascii(code - 0x2070, '0'),
        0x2080..=0x2089 => ascii(code - 0x2080, '0'),
        0xb2 | 0xb3 => ascii(code - 0xb0, '0'),
        0xb9 => '1',
        0xff01..=0xff5e => ascii(code - 0xff01, '!'),
        0xffe0 => '¢',
        0xffe1 => '£',
        0xffe5 => '¥',
        0x1d400..=0x1d6a3 => {
            let letter = (code - 0x1d400) % 52;
            ascii(letter % 26, 'a')
        }
        0x1d7ce..=0x1d7ff => ascii((code - 0x1d7ce) % 10, '0'),
        0x1f130..=0x1f149 => ascii(code - 0x1f130, 'a'),
        0x1f170..=0x1f189 => ascii(code - 0x1f170, 'a'),
        0x2010..=0x2015 | 0x2212 | 0x2043 | 0xfe58 | 0xfe63 => '-',
        0x2018 | 0x2019 | 0x201b | 0x2032 | 0x2bc | 0x60 | 0xb4 => '\'',
        0x201c..=0x201f | 0xab | 0xbb => '"',
        0x3002 | 0x2024 | 0xff61 => '.',
        0x66b => '.',
        0x66c => ',',
        // Spaces that hold a number together.
        0xa0 | 0x2007 | 0x2009 | 0x202f => '\u{a0}',
        0x2000..=0x200a | 0x205f | 0x3000 => ' ',
        _ => c,
    }
}

/// Letters without diacritics, and the Cyrillic, Greek and other letters that look like Latin ones.
fn plain(c: char) -> (char, Option<char>) {
    let one = match c {
        'à'..='å' | 'ā' | 'ă' | 'ą' | 'ǎ' | 'а' | 'α' | 'ɑ' | 'ạ' | 'ả' => 'a',
        'в' | 'ʙ' | 'ƀ' => 'b',
        'ç' | 'ć' | 'ĉ' | 'ċ' | 'č' | 'с' | 'ϲ' => 'c',
        'ď' | 'đ' | 'ԁ' => 'd',
        'è'..='ë' | 'ē' | 'ĕ' | 'ė' | 'ę' | 'ě' | 'е' | 'є' | 'ε' | 'ẹ' | 'ё' => 'e',
        'ğ' | 'ĝ' | 'ġ' | 'ģ' | 'ɡ' => 'g',
        'ĥ' | 'ħ' | 'н' | 'һ' => 'h',
        'ì'..='ï' | 'ĩ' | 'ī' | 'ĭ' | 'į' | 'ı' | 'і' | 'ї' | 'ι' | 'ɩ' | 'ⅰ' => 'i',
        'ĵ' | 'ј' => 'j',
        'ķ' | 'к' | 'κ' => 'k',
        'ĺ' | 'ļ' | 'ľ' | 'ł' | 'ӏ' => 'l',
        'м' | 'ⅿ' => 'm',
        'ñ' | 'ń' | 'ņ' | 'ň' | 'ո' | 'η' => 'n',
        'ò'..='ö' | 'ø' | 'ō' | 'ŏ' | 'ő' | 'о' | 'ο' | 'օ' | 'ọ' | 'ơ' => 'o',
        'р' | 'ρ' => 'p',
        'ԛ' => 'q',
        'ŕ' | 'ŗ' | 'ř' => 'r',
        'ś' | 'ŝ' | 'ş' | 'š' | 'ș' | 'ѕ' => 's',
        'ţ' | 'ť' | 'ț' | 'т' | 'τ' => 't',
        'ù'..='ü' | 'ũ' | 'ū' | 'ŭ' | 'ů' | 'ű' | 'ų' | 'υ' | 'ս' | 'ư' => 'u',
        'ν' | 'ѵ' => 'v',
        'ŵ' | 'ԝ' | 'ω' => 'w',
        'х' | 'χ' => 'x',
        'ý' | 'ÿ' | 'ŷ' | 'у' | 'γ' => 'y',
        'ź' | 'ż' | 'ž' => 'z',
        'ß' => return ('s', Some('s')),
        'æ' => return ('a', Some('e')),
        'œ' => return ('o', Some('e')),
        _ => c,
    };
    (one, None)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn look_alikes_and_unseen_characters_fold_to_what_one_reads() {
        for (text, expect) in [
            ("gluten\u{200b}-fr\u{ad}ee", "gluten-free"),
            ("ｈｅａｌｔｈｙ", "healthy"),
            ("𝐡𝐞𝐚𝐥𝐭𝐡𝐲 𝗛𝗘𝗔𝗟𝗧𝗛𝗬", "healthy healthy"),
            ("Ⓗealthy", "healthy"),
            ("оrgаniс", "organic"),
            ("h\u{301}ealthy", "healthy"),
            ("４.８０ and ٤٢", "4.80 and 42"),
            ("dreißig fünf", "dreissig funf"),
        ] {
            assert_eq!(folded_text(text), expect);
        }
    }

    #[test]
    fn a_quote_is_the_original_with_all_that_was_folded_away_inside() {
        let text = "so gluten\u{200b}-free!";
        let glyphs = fold(text);
        assert_eq!(quote(text, &glyphs[3..14]), "gluten\u{200b}-free");
    }
}
