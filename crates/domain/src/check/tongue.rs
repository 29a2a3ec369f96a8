//! Which language a text is in, by the small words that no text goes without. It says something only when it is
//! sure: enough small words of another language, and next to none of the one that was asked for.

use super::blocker;
use super::reading::primary;
use crate::post::Content;
use crate::review::Finding;

/// Fewest small words of another language that say something.
const HITS_MIN: usize = 8;
/// How many times more of the other language's than of its own.
const TIMES_MIN: usize = 3;

/// By language, words that are frequent in it and rare in the others; what several share counts for each.
const SMALL_WORDS: [(&str, &str); 8] = [
    (
        "en",
        "the and of to is are you your we our it its that this with for from at on in a an who what when how have has \
        not no but or if by be can will they them their there here as than then all more out up just don't i he she",
    ),
    (
        "de",
        "der die das den dem des und oder ist sind war ein eine einen einem einer wir ihr sie ich du dich dir euch uns \
        unser unsere mit für von zu zum zur bei im am auf aus nach nicht kein keine auch noch nur wenn dass wie was wer \
        wo hier es er an als um über durch wird werden haben hat habt kann jede jeder jedem schon mehr dein deine",
    ),
    (
        "fr",
        "le la les un une des du de et est sont vous nous votre notre nos avec pour dans sur qui que ne pas plus il \
        elle au aux ce cette ces ou mais par on se sa son ses c'est à où",
    ),
    (
        "es",
        "el la los las un una unos de del y es son usted tu su sus nuestro con para por en que no más se lo al como \
        pero o este esta estos está muy también cuando",
    ),
    (
        "it",
        "il lo la i gli le un una di del della e è sono con per in che non più si al alla come ma o questo questa \
        anche quando ci vi nostro vostro nel nella dei delle",
    ),
    (
        "nl",
        "de het een en van is zijn wij we jij je jullie ons onze met voor op in niet geen ook nog maar als dat dit die \
        er naar bij uit om te wordt worden heeft hebben kan",
    ),
    (
        "pt",
        "o a os as um uma de do da dos das e é são você nós nosso com para por em no na que não mais se ao à como mas \
        ou este esta também quando seu sua",
    ),
    (
        "pl",
        "i w na z do jest są nie się to że o od po za przez dla jak ale lub co kto gdy już tylko my wy nas was twój \
        nasz który która które",
    ),
];

/// A finding where a text, by its own words, is surely in another language than its tag says.
pub(super) fn tongue(content: &Content, own: &str) -> Option<Finding> {
    let tag = content.language.to_ascii_lowercase();
    let wanted = SMALL_WORDS.iter().find(|(language, _)| *language == primary(&tag))?;
    let words: Vec<&str> =
        own.split(|c: char| !(c.is_alphabetic() || c == '\'')).filter(|word| !word.is_empty()).collect();
    let hits = |small: &str| {
        let small: Vec<&str> = small.split_ascii_whitespace().collect();
        words.iter().filter(|word| small.contains(word)).count()
    };
    let others = SMALL_WORDS.iter().filter(|(language, _)| language != &wanted.0);
    let (other, most) = others.map(|(language, small)| (*language, hits(small))).max_by_key(|(_, count)| *count)?;
    if most < HITS_MIN || most < TIMES_MIN * hits(wanted.1) {
        return None;
    }
    let first = content.text.lines().find(|line| !line.trim().is_empty()).unwrap_or_default();
    let advice =
        format!("This reads as `{other}`, and the post is to be in `{}`; write it in that language.", content.language);
    Some(blocker("wrong_language", first, advice))
}
