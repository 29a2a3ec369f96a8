//! Number words of languages that a brief does not list: nobody who reads the post expects them, so that they can only
//! smuggle a number past whoever looks for one. A word that is an ordinary one in a language of the brief stays that, and
//! so do words up to ten: most of them mean something else somewhere. What goes together (`treinta y cinco`) is read as
//! far as its first word goes, which is enough to see that a number stands there.

use super::number_words::{SMALL_MAX, german};
use crate::brief::Brief;

/// Languages whose number words are known.
const KNOWN: [&str; 8] = ["en", "de", "fr", "es", "it", "nl", "pt", "pl"];

/// In which languages numbers are read as words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Tongues {
    /// The brief's.
    listed: Vec<String>,
    /// All of the brief's are known, so that a word which is none of theirs can be told.
    are_known: bool,
}

impl Tongues {
    /// Those of a brief.
    pub(crate) fn of(brief: &Brief) -> Self {
        Self::listed(&brief.languages())
    }

    /// Those of these tags.
    pub(super) fn listed(tags: &[&str]) -> Self {
        let primary = |tag: &&str| tag.split('-').next().unwrap_or_default().to_ascii_lowercase();
        let listed: Vec<String> = tags.iter().map(primary).collect();
        let are_known = listed.iter().all(|tag| KNOWN.contains(&tag.as_str()));
        Self { listed, are_known }
    }

    fn lists_any(&self, languages: &[&str]) -> bool {
        self.listed.iter().any(|listed| languages.contains(&listed.as_str()))
    }

    /// Whether German is one of them.
    pub(super) fn german(&self) -> bool {
        self.lists_any(&["de"])
    }

    /// The number that these words begin with, in a language that is none of them.
    pub(super) fn foreign(&self, words: &[&str]) -> Option<(u64, usize)> {
        let first = *words.first().filter(|_| self.are_known)?;
        if let Ok(at) = NUMBERS.binary_search_by_key(&first, |number| number.word) {
            let number = &NUMBERS[at];
            let counts = !self.lists_any(number.of) && !self.lists_any(number.ordinary_in);
            return counts.then_some((number.value, 1));
        }
        if self.german() { None } else { german(words).filter(|(value, _)| *value > SMALL_MAX) }
    }
}

/// A number in one word. German ones are made by rule; here are those that other languages have as well.
struct Number {
    /// As it is folded.
    word: &'static str,
    value: u64,
    /// The languages whose number it is.
    of: &'static [&'static str],
    /// Others in which it is a word like any other.
    ordinary_in: &'static [&'static str],
}

/// By their words.
#[rustfmt::skip]
const NUMBERS: [Number; 118] = [
    Number { word: "achttien", value: 18, of: &["nl"], ordinary_in: &[] },
    Number { word: "catorce", value: 14, of: &["es"], ordinary_in: &[] },
    Number { word: "cento", value: 100, of: &["it", "pt"], ordinary_in: &[] },
    Number { word: "cien", value: 100, of: &["es"], ordinary_in: &[] },
    Number { word: "ciento", value: 100, of: &["es"], ordinary_in: &[] },
    Number { word: "cincuenta", value: 50, of: &["es"], ordinary_in: &[] },
    Number { word: "cinquanta", value: 50, of: &["it"], ordinary_in: &[] },
    Number { word: "cinquante", value: 50, of: &["fr"], ordinary_in: &[] },
    Number { word: "cinquecento", value: 500, of: &["it"], ordinary_in: &[] },
    Number { word: "cinquenta", value: 50, of: &["pt"], ordinary_in: &[] },
    Number { word: "cuarenta", value: 40, of: &["es"], ordinary_in: &[] },
    Number { word: "czterdziesci", value: 40, of: &["pl"], ordinary_in: &[] },
    Number { word: "czternascie", value: 14, of: &["pl"], ordinary_in: &[] },
    Number { word: "dertien", value: 13, of: &["nl"], ordinary_in: &[] },
    Number { word: "dertig", value: 30, of: &["nl"], ordinary_in: &[] },
    Number { word: "dezanove", value: 19, of: &["pt"], ordinary_in: &[] },
    Number { word: "dezassete", value: 17, of: &["pt"], ordinary_in: &[] },
    Number { word: "dezenove", value: 19, of: &["pt"], ordinary_in: &[] },
    Number { word: "dezesseis", value: 16, of: &["pt"], ordinary_in: &[] },
    Number { word: "dezessete", value: 17, of: &["pt"], ordinary_in: &[] },
    Number { word: "dezoito", value: 18, of: &["pt"], ordinary_in: &[] },
    Number { word: "diciannove", value: 19, of: &["it"], ordinary_in: &[] },
    Number { word: "diciassette", value: 17, of: &["it"], ordinary_in: &[] },
    Number { word: "diciotto", value: 18, of: &["it"], ordinary_in: &[] },
    Number { word: "diecinueve", value: 19, of: &["es"], ordinary_in: &[] },
    Number { word: "dieciocho", value: 18, of: &["es"], ordinary_in: &[] },
    Number { word: "dieciseis", value: 16, of: &["es"], ordinary_in: &[] },
    Number { word: "diecisiete", value: 17, of: &["es"], ordinary_in: &[] },
    Number { word: "doce", value: 12, of: &["es"], ordinary_in: &[] },
    Number { word: "dodici", value: 12, of: &["it"], ordinary_in: &[] },
    Number { word: "doscientos", value: 200, of: &["es"], ordinary_in: &[] },
    Number { word: "douze", value: 12, of: &["fr"], ordinary_in: &[] },
    Number { word: "doze", value: 12, of: &["pt"], ordinary_in: &["en"] },
    Number { word: "duecento", value: 200, of: &["it"], ordinary_in: &[] },
    Number { word: "duizend", value: 1_000, of: &["nl"], ordinary_in: &[] },
    Number { word: "duzentos", value: 200, of: &["pt"], ordinary_in: &[] },
    Number { word: "dwadziescia", value: 20, of: &["pl"], ordinary_in: &[] },
    Number { word: "dwanascie", value: 12, of: &["pl"], ordinary_in: &[] },
    Number { word: "dwiescie", value: 200, of: &["pl"], ordinary_in: &[] },
    Number { word: "dziewiecdziesiat", value: 90, of: &["pl"], ordinary_in: &[] },
    Number { word: "dziewietnascie", value: 19, of: &["pl"], ordinary_in: &[] },
    Number { word: "elf", value: 11, of: &["de", "nl"], ordinary_in: &["en", "fr", "pl"] },
    Number { word: "honderd", value: 100, of: &["nl"], ordinary_in: &[] },
    Number { word: "jedenascie", value: 11, of: &["pl"], ordinary_in: &[] },
    Number { word: "negentien", value: 19, of: &["nl"], ordinary_in: &[] },
    Number { word: "negentig", value: 90, of: &["nl"], ordinary_in: &[] },
    Number { word: "nonante", value: 90, of: &["fr"], ordinary_in: &[] },
    Number { word: "novanta", value: 90, of: &["it"], ordinary_in: &[] },
    Number { word: "noventa", value: 90, of: &["es", "pt"], ordinary_in: &[] },
    Number { word: "ochenta", value: 80, of: &["es"], ordinary_in: &[] },
    Number { word: "octante", value: 80, of: &["fr"], ordinary_in: &[] },
    Number { word: "oitenta", value: 80, of: &["pt"], ordinary_in: &[] },
    Number { word: "once", value: 11, of: &["es"], ordinary_in: &["en", "fr"] },
    Number { word: "onze", value: 11, of: &["fr", "pt"], ordinary_in: &["nl"] },
    Number { word: "osiemdziesiat", value: 80, of: &["pl"], ordinary_in: &[] },
    Number { word: "osiemnascie", value: 18, of: &["pl"], ordinary_in: &[] },
    Number { word: "ottanta", value: 80, of: &["it"], ordinary_in: &[] },
    Number { word: "piecdziesiat", value: 50, of: &["pl"], ordinary_in: &[] },
    Number { word: "piecset", value: 500, of: &["pl"], ordinary_in: &[] },
    Number { word: "pietnascie", value: 15, of: &["pl"], ordinary_in: &[] },
    Number { word: "quaranta", value: 40, of: &["it"], ordinary_in: &[] },
    Number { word: "quarante", value: 40, of: &["fr"], ordinary_in: &[] },
    Number { word: "quarenta", value: 40, of: &["pt"], ordinary_in: &[] },
    Number { word: "quatorze", value: 14, of: &["fr", "pt"], ordinary_in: &[] },
    Number { word: "quattordici", value: 14, of: &["it"], ordinary_in: &[] },
    Number { word: "quince", value: 15, of: &["es"], ordinary_in: &["en", "fr"] },
    Number { word: "quindici", value: 15, of: &["it"], ordinary_in: &[] },
    Number { word: "quinhentos", value: 500, of: &["pt"], ordinary_in: &[] },
    Number { word: "quinientos", value: 500, of: &["es"], ordinary_in: &[] },
    Number { word: "quinze", value: 15, of: &["fr", "pt"], ordinary_in: &[] },
    Number { word: "sedici", value: 16, of: &["it"], ordinary_in: &[] },
    Number { word: "seize", value: 16, of: &["fr"], ordinary_in: &["en"] },
    Number { word: "septante", value: 70, of: &["fr"], ordinary_in: &[] },
    Number { word: "sesenta", value: 60, of: &["es"], ordinary_in: &[] },
    Number { word: "sessanta", value: 60, of: &["it"], ordinary_in: &[] },
    Number { word: "sessenta", value: 60, of: &["pt"], ordinary_in: &[] },
    Number { word: "setenta", value: 70, of: &["es", "pt"], ordinary_in: &[] },
    Number { word: "settanta", value: 70, of: &["it"], ordinary_in: &[] },
    Number { word: "siedemdziesiat", value: 70, of: &["pl"], ordinary_in: &[] },
    Number { word: "siedemnascie", value: 17, of: &["pl"], ordinary_in: &[] },
    Number { word: "soixante", value: 60, of: &["fr"], ordinary_in: &[] },
    Number { word: "szescdziesiat", value: 60, of: &["pl"], ordinary_in: &[] },
    Number { word: "szesnascie", value: 16, of: &["pl"], ordinary_in: &[] },
    Number { word: "tachtig", value: 80, of: &["nl"], ordinary_in: &[] },
    Number { word: "trece", value: 13, of: &["es"], ordinary_in: &[] },
    Number { word: "trecento", value: 300, of: &["it"], ordinary_in: &[] },
    Number { word: "tredici", value: 13, of: &["it"], ordinary_in: &[] },
    Number { word: "treinta", value: 30, of: &["es"], ordinary_in: &[] },
    Number { word: "treize", value: 13, of: &["fr"], ordinary_in: &[] },
    Number { word: "trenta", value: 30, of: &["it"], ordinary_in: &[] },
    Number { word: "trente", value: 30, of: &["fr"], ordinary_in: &[] },
    Number { word: "trescientos", value: 300, of: &["es"], ordinary_in: &[] },
    Number { word: "treze", value: 13, of: &["pt"], ordinary_in: &[] },
    Number { word: "trezentos", value: 300, of: &["pt"], ordinary_in: &[] },
    Number { word: "trinta", value: 30, of: &["pt"], ordinary_in: &[] },
    Number { word: "trzydziesci", value: 30, of: &["pl"], ordinary_in: &[] },
    Number { word: "trzynascie", value: 13, of: &["pl"], ordinary_in: &[] },
    Number { word: "trzysta", value: 300, of: &["pl"], ordinary_in: &[] },
    Number { word: "twaalf", value: 12, of: &["nl"], ordinary_in: &[] },
    Number { word: "twintig", value: 20, of: &["nl"], ordinary_in: &[] },
    Number { word: "tysiac", value: 1_000, of: &["pl"], ordinary_in: &[] },
    Number { word: "tysiecy", value: 1_000, of: &["pl"], ordinary_in: &[] },
    Number { word: "undici", value: 11, of: &["it"], ordinary_in: &[] },
    Number { word: "veertien", value: 14, of: &["nl"], ordinary_in: &[] },
    Number { word: "veertig", value: 40, of: &["nl"], ordinary_in: &[] },
    Number { word: "veinte", value: 20, of: &["es"], ordinary_in: &[] },
    Number { word: "veinticinco", value: 25, of: &["es"], ordinary_in: &[] },
    Number { word: "veintiuno", value: 21, of: &["es"], ordinary_in: &[] },
    Number { word: "venticinque", value: 25, of: &["it"], ordinary_in: &[] },
    Number { word: "vijfentwintig", value: 25, of: &["nl"], ordinary_in: &[] },
    Number { word: "vijftien", value: 15, of: &["nl"], ordinary_in: &[] },
    Number { word: "vijftig", value: 50, of: &["nl"], ordinary_in: &[] },
    Number { word: "vingt", value: 20, of: &["fr"], ordinary_in: &[] },
    Number { word: "vinte", value: 20, of: &["pt"], ordinary_in: &[] },
    Number { word: "zestien", value: 16, of: &["nl"], ordinary_in: &[] },
    Number { word: "zestig", value: 60, of: &["nl"], ordinary_in: &[] },
    Number { word: "zeventien", value: 17, of: &["nl"], ordinary_in: &[] },
    Number { word: "zeventig", value: 70, of: &["nl"], ordinary_in: &[] },
];

#[cfg(test)]
mod tests {
    use super::super::fold::folded_text;
    use super::*;

    fn read(listed: &[&str], word: &str) -> Option<u64> {
        Tongues::listed(listed).foreign(&[&folded_text(word)]).map(|(value, _)| value)
    }

    #[test]
    fn the_list_is_in_order_and_folded_and_of_known_languages() {
        assert!(NUMBERS.windows(2).all(|two| two[0].word < two[1].word));
        for number in &NUMBERS {
            assert_eq!(folded_text(number.word), number.word);
            assert!(number.value > SMALL_MAX, "{}", number.word);
            let languages = number.of.iter().chain(number.ordinary_in);
            assert!(languages.into_iter().all(|language| KNOWN.contains(language)), "{}", number.word);
        }
    }

    #[test]
    fn a_number_of_a_language_that_is_not_listed_is_read() {
        for (word, value) in [
            ("sechzig", 60),
            ("fünfundzwanzig", 25),
            ("zweihundert", 200),
            ("soixante", 60),
            ("treinta", 30),
            ("sessanta", 60),
            ("honderd", 100),
            ("vinte", 20),
            ("dwadzieścia", 20),
        ] {
            assert_eq!(read(&["en-GB"], word), Some(value), "{word}");
        }
        assert_eq!(read(&["de"], "soixante"), Some(60));
        assert_eq!(read(&["fr", "en"], "sechzig"), Some(60));
    }

    #[test]
    fn an_ordinary_word_a_listed_languages_own_and_whatever_stands_beside_an_unknown_language_is_not() {
        for word in
            ["once", "quince", "elf", "seize", "doze", "acht", "null", "drei", "dos", "due", "mil", "cent", "bakery"]
        {
            assert_eq!(read(&["en"], word), None, "{word}");
        }
        assert_eq!(read(&["nl", "en"], "onze"), None, "ours, in Dutch");
        assert_eq!(
            read(&["en", "es"], "treinta"),
            None,
            "the language's own words are for whoever knows how they go on"
        );
        assert_eq!(read(&["en", "de"], "sechzig"), None, "read elsewhere");
        assert_eq!(read(&["en", "da"], "soixante"), None);
    }
}
