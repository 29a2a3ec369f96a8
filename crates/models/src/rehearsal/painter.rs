//! An idea for a picture, rehearsed: what the brand is in its own words, from a distance that follows from the post's
//! place in the calendar. It breaks no rule: an idea that the checks would find fault with is not had.

use domain::{Content, Image, check};

use crate::tasks::Picturing;

/// How a picture is looked at, in both languages: for whoever makes it, and as alternative text begins.
const VIEWS: [[(&str, &str); 2]; 3] = [
    [("Seen from above", "From above"), ("Von oben gesehen", "Von oben")],
    [("Close up", "Close up"), ("Aus der Nähe", "Aus der Nähe")],
    [("From a little distance", "From a little distance"), ("Aus etwas Entfernung", "Aus etwas Entfernung")],
];

/// The first idea that the checks find no fault with.
pub fn paint(picturing: &Picturing) -> Image {
    let [english, german] = VIEWS[(picturing.entry.slot + picturing.pass) as usize % VIEWS.len()];
    let brand = &picturing.brief.brand;
    let is_in = |tag: &str, language: &str| tag.split('-').next().is_some_and(|one| one.eq_ignore_ascii_case(language));
    let language = picturing.content.language.as_str();
    let is_german = is_in(language, "de");
    let (view, begins) = if is_german { german } else { english };
    // The brand's sentence is in the brand's language; another's post does without it.
    let own = brand.language.split('-').next().is_some_and(|main| is_in(language, main));
    let subjects = [own.then(|| brand.one_line.trim()), Some(brand.name.trim())];
    let mut ideas: Vec<Image> = subjects
        .into_iter()
        .flatten()
        .filter(|subject| !subject.is_empty())
        .map(|subject| {
            let light = if is_german {
                "Natürliches Licht, keine Schrift im Bild."
            } else {
                "Natural light, no writing in the picture."
            };
            Image {
                prompt: format!("{view}: {}. {light}", subject.trim_end_matches('.')),
                alt: format!("{begins}: {subject}"),
                drawn: None,
            }
        })
        .collect();
    let table = if is_german { "ein leerer Tisch im Morgenlicht." } else { "an empty table in the morning light." };
    ideas.push(Image { prompt: format!("{view}: {table}"), alt: format!("{begins}: {table}"), drawn: None });
    let last = ideas.len() - 1;
    let passing = ideas.iter().position(|image| passes(image, picturing)).unwrap_or(last);
    ideas.swap_remove(passing)
}

fn passes(image: &Image, picturing: &Picturing) -> bool {
    let content = Content { image: Some(image.clone()), ..picturing.content.clone() };
    let found = check::check(&content, &picturing.brief, &picturing.limits);
    let again =
        picturing.previous.as_ref().is_some_and(|previous| previous.image == *image && !previous.findings.is_empty());
    !again && !found.iter().any(domain::Finding::is_about_the_picture)
}
