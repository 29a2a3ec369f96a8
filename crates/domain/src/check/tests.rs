//! The three briefs: good posts pass, each planted flaw is found, and so are attempts to slip past.

use super::*;

const BAKERY: &str = r#"
[brand]
name = "Night Shift Bakery"
url = "https://nightshift.example"
one_line = "A bakery that opens at 22:00 and sells out by 04:00, for people who work nights."
language = "en"
[facts]
hours = "Tuesday to Saturday, 22:00 to 04:00"
address = "14 Canal Street"
prices = { rye_loaf = "4.80 EUR", cardamom_bun = "2.90 EUR", night_box = "11.50 EUR" }
offer = "Until 30 April 2027, a night box costs 9.50 EUR for anyone with a hospital badge."
allergens = "Everything is made in a room where wheat, milk, egg and nuts are used."
[claims]
allowed = ["open at night", "baked while you wait", "badge discount until 30 April 2027"]
required = ["Until 30 April 2027"]
banned = ["gluten-free", "healthy", "cheapest", "organic", "free delivery"]
[goal]
text = "Sell 60 night boxes a week to hospital staff by the end of April."
timezone = "Australia/Lord_Howe"
start = "2027-03-29"
"#;

const RIPGREP: &str = r#"
[brand]
name = "ripgrep"
url = "https://github.com/BurntSushi/ripgrep"
one_line = "A line-oriented search tool that recursively searches the current directory for a regex pattern."
language = "en"
[facts]
licence = "MIT or the Unlicense"
written_in = "Rust"
platforms = ["Linux", "macOS", "Windows"]
respects_gitignore = "By default it respects .gitignore and skips hidden and binary files."
engine = "Built on Rust's regex engine, which uses finite automata, SIMD and literal optimizations."
pcre2 = "PCRE2 is optional, with -P, for look-around and backreferences."
binary_name = "rg"
install = ["cargo install ripgrep", "brew install ripgrep", "apt-get install ripgrep"]
[claims]
allowed = ["fast", "respects .gitignore", "works on Windows, macOS and Linux", "Unicode by default"]
banned = ["fastest in the world", "replaces grep entirely", "blazing", "revolutionary", "AI-powered"]
[goal]
text = "Get 500 developers who still type 'grep -r' to try rg this month, without bad-mouthing grep."
timezone = "America/New_York"
start = "2027-03-08"
"#;

const WIKIPEDIA: &str = r#"
[brand]
name = "Wikipedia edit-a-thon: women in science"
url = "https://en.wikipedia.org/wiki/Wikipedia:WikiProject_Women_in_Red"
one_line = "An evening where newcomers learn to edit Wikipedia and write biographies of women scientists."
language = "en"
also_in = ["de"]
[facts]
project = "Women in Red is a WikiProject that turns red links to women's biographies into blue ones."
free = "Taking part is free; bring a laptop."
no_experience = "No experience is needed; an experienced editor sits at each table."
licence = "Text on Wikipedia is under CC BY-SA 4.0."
[claims]
allowed = ["free", "no experience needed", "experienced editors help"]
required = ["bring a laptop"]
banned = ["paid", "guaranteed", "viral", "fix Wikipedia", "girls"]
[goal]
text = "Fill 40 seats, at least half by first-time editors."
timezone = "Europe/Berlin"
start = "2027-03-15"
"#;

const LIMITS: Limits = Limits { text_graphemes_max: 600, title_graphemes_max: 80 };

fn findings(brief: &str, title: &str, text: &str) -> Vec<Finding> {
    let brief = Brief::parse(brief).unwrap();
    let content = Content { language: "en".into(), title: title.into(), text: text.into(), image: None };
    let found = check(&content, &brief, &LIMITS);
    for finding in &found {
        assert!(title.contains(&finding.quote) || text.contains(&finding.quote), "not a quote: {finding:?}");
        assert!(!finding.advice.is_empty(), "{finding:?}");
    }
    found
}

#[track_caller]
fn passes(brief: &str, title: &str, text: &str) {
    assert_eq!(findings(brief, title, text), [], "{text}");
}

/// The text breaks exactly this rule, at exactly these words.
#[track_caller]
fn breaks(brief: &str, text: &str, rule: &str, quote: &str) {
    let required = Brief::parse(brief).unwrap().claims.required.join(". ");
    let text = format!("{text} {required}.");
    let found = findings(brief, "A title", &text);
    let broken: Vec<(&str, &str)> =
        found.iter().map(|finding| (finding.rule.as_str(), finding.quote.as_str())).collect();
    assert_eq!(broken, [(rule, quote)], "{text}");
}

#[test]
fn good_posts_of_the_bakery_pass() {
    passes(
        BAKERY,
        "Still up? So are we.",
        "Rye at 4.80 EUR. Cardamom buns at 2.90 EUR.\n\nUntil 30 April 2027, show your hospital badge \
        and the night box is €9.50 instead of €11.50. We open at 10 pm and sell out by 4 am.\n\n14 Canal Street, https://nightshift.example",
    );
    passes(
        BAKERY,
        "Two colleagues, one box",
        "One of you buys, two of you eat 🥐👩‍⚕️. Until 30 April 2027 a night box costs 9,50 € with \
        your badge. Tuesday to Saturday, 22:00–04:00. The first tram won't wait; we do. nightshift.example/badge",
    );
    passes(
        BAKERY,
        "Before the exam",
        "1. Come after 22 h.\n2. Eat a bun.\n3. Pass.\n\nThe badge offer runs UNTIL  30 April\n2027.",
    );
}

#[test]
fn good_posts_of_ripgrep_pass() {
    passes(
        RIPGREP,
        "grep -r, but it knows .gitignore",
        "rg searches the current directory and skips hidden and binary files. Unicode is on. \
        Need look-around? PCRE2 is there, with -P.\n\n$ cargo install ripgrep\n\nhttps://github.com/BurntSushi/ripgrep/releases",
    );
    passes(
        RIPGREP,
        "grep is fine",
        "grep is fine. rg is for the days when the tree is deep: literal optimizations, SIMD, finite \
        automata. MIT or the Unlicense. (github.com/BurntSushi/ripgrep)",
    );
}

#[test]
fn good_posts_of_the_edit_a_thon_pass() {
    passes(
        WIKIPEDIA,
        "Your first edit",
        "No experience needed: an experienced editor sits at each table. Taking part is free; bring a laptop. \
        What we write is under CC BY-SA 4.0. https://en.wikipedia.org/wiki/Wikipedia:WikiProject_Women_in_Red",
    );
}

#[test]
fn an_invented_price_is_found() {
    for (text, quote) in [
        ("A night box for 8.50 EUR!", "8.50 EUR"),
        ("A night box for $9.50.", "$9.50"),
        ("Rye: £4.80.", "£4.80"),
        ("Rye for four euros.", "four euros"),
        ("All buns half price.", "half price"),
        ("Only ８€ today.", "８€"),
        ("Save 60 EUR.", "60 EUR"),
    ] {
        breaks(BAKERY, text, "invented_price", quote);
    }
}

#[test]
fn an_invented_number_is_found_even_if_the_goal_holds_it() {
    breaks(BAKERY, "We sell 60 boxes a week.", "invented_number", "60");
    breaks(BAKERY, "We sell sixty boxes a week.", "invented_number", "sixty");
    breaks(BAKERY, "Now 20% off.", "invented_number", "20%");
    breaks(BAKERY, "Thousands of nurses love it.", "invented_number", "Thousands");
    breaks(BAKERY, "Baked in two hours.", "invented_number", "two");
    breaks(BAKERY, "6O boxes.", "invented_number", "6O");
    breaks(BAKERY, "Rye, the #1 at night.", "invented_number", "1");
    breaks(RIPGREP, "Up to 10x faster.", "invented_number", "10");
    breaks(RIPGREP, "Join 500 developers.", "invented_number", "500");
    breaks(WIKIPEDIA, "Forty seats.", "invented_number", "Forty");
    breaks(WIKIPEDIA, "Vierzig Plätze.", "invented_number", "Vierzig");
}

#[test]
fn a_number_in_words_of_a_language_that_nobody_asked_for_is_found_and_ordinary_words_are_not() {
    for word in ["sechzig", "Fünfundzwanzig", "soixante", "treinta", "sessanta", "honderd", "oitenta", "dwadzieścia"]
    {
        breaks(BAKERY, &format!("We bake {word} boxes."), "invented_number", word);
    }
    breaks(BAKERY, "A box for zwanzig Euro.", "invented_price", "zwanzig Euro");
    let until = "Until 30 April 2027.";
    for text in ["Seize the day, and doze once.", "Quince and rye, by elf and owl.", "Dos and don'ts, due at ten."] {
        passes(BAKERY, "A title", &format!("{text} {until}"));
    }
    // The control: where the facts hold that number, it is one of theirs.
    let with_a_fact = BAKERY.replace("address =", "seats = \"Sixty seats\"\naddress =");
    passes(&with_a_fact, "A title", &format!("We have sechzig seats. {until}"));
}

#[test]
fn an_invented_date_or_time_is_found() {
    breaks(BAKERY, "Until 30 April 2028.", "invented_date", "30 April 2028");
    breaks(BAKERY, "Closed on May 1.", "invented_date", "May 1");
    breaks(BAKERY, "Starts 2027-04-29.", "invented_date", "2027-04-29");
    breaks(BAKERY, "Open from 21:00.", "invented_date", "21:00");
    breaks(BAKERY, "Open from 10 am.", "invented_date", "10 am");
    breaks(BAKERY, "Open from ten pm to five am.", "invented_date", "five am");
    breaks(RIPGREP, "New in June.", "invented_date", "June");
}

#[test]
fn a_banned_claim_is_found_with_its_exact_words() {
    breaks(BAKERY, "Gluten‑free rye.", "banned_claim", "Gluten‑free");
    breaks(BAKERY, "The healthiest bun.", "banned_claim", "healthiest");
    breaks(BAKERY, "With FREE  DELIVERY.", "banned_claim", "FREE  DELIVERY");
    breaks(BAKERY, "So h-e-a-l-t-h-y.", "banned_claim", "h-e-a-l-t-h-y");
    breaks(RIPGREP, "Blazingly fast.", "banned_claim", "Blazingly");
    breaks(RIPGREP, "It will replace grep entirely.", "banned_claim", "replace grep entirely");
    breaks(WIKIPEDIA, "A paid evening.", "banned_claim", "paid");
    passes(WIKIPEDIA, "Unpaid, and glad", "You will be repaid in thanks. bring a laptop");
}

#[test]
fn a_missing_required_claim_is_found_and_told() {
    let found = findings(BAKERY, "Buns", "Buns until the end of April 2027.");
    assert_eq!(found.iter().map(|finding| finding.rule.as_str()).collect::<Vec<_>>(), ["required_claim"]);
    assert!(found[0].advice.contains("Until 30 April 2027"));
}

#[test]
fn an_unknown_address_is_found_however_it_is_written() {
    for quote in [
        "https://evil.example/x",
        "evil.example",
        "bit.ly/3xyz?a=b",
        "www.evil.agency",
        "evil[.]com",
        "evil dot com",
        "https://nightshift.example@evil.com",
        "nightshift.example.evil.com",
        "https://n\u{456}ghtshift.example",
        "javascript:alert",
        "ftp://nightshift.example",
        "HTTPS://EVIL.COM",
    ] {
        let found = findings(BAKERY, "A title", &format!("Until 30 April 2027 see {quote} for more."));
        assert!(
            found.iter().any(|finding| finding.rule == "unknown_url" && finding.quote == quote),
            "{quote}: {found:?}"
        );
    }
    breaks(RIPGREP, "See github.com/evil/ripgrep now.", "unknown_url", "github.com/evil/ripgrep");
    passes(RIPGREP, "A title", "See www.github.com/burntsushi/ripgrep, e.g. its README, i.e. the guide.");
}

#[test]
fn an_unknown_account_or_address_of_a_person_is_found() {
    breaks(BAKERY, "Ask @nurse_joy!", "unknown_mention", "@nurse_joy");
    breaks(BAKERY, "Ask ＠nurse_joy!", "unknown_mention", "＠nurse_joy");
    breaks(BAKERY, "Write to joy@hospital.example.", "personal_data", "joy@hospital.example");
    breaks(BAKERY, "Call +49 30 1234567.", "personal_data", "+49 30 1234567");
    breaks(BAKERY, "Call (555) 123-4567.", "personal_data", "(555) 123-4567");
    passes(BAKERY, "A title", "@10pm we open. Until 30 April 2027.");
}

#[test]
fn a_secret_is_found_and_not_repeated_in_full() {
    let token = format!("ghp_{}", "a1B2c3D4e5F6g7H8i9J0k1L2");
    let found = findings(BAKERY, "A title", &format!("Until 30 April 2027 use {token} please."));
    assert!(found.iter().any(|finding| finding.rule == "secret"), "{found:?}");
    assert!(
        found.iter().all(|finding| !finding.quote.contains(&token) && !finding.advice.contains(&token)),
        "{found:?}"
    );
    let found = findings(RIPGREP, "A title", "The password: hunter2hunter2");
    assert!(found.iter().any(|finding| finding.rule == "secret"), "{found:?}");
}

#[test]
fn an_invisible_character_is_found_and_named() {
    for c in [
        '\u{200b}',
        '\u{202e}',
        '\u{2066}',
        '\u{feff}',
        '\u{ad}',
        '\u{7}',
        '\u{0}',
        '\u{e0041}',
        '\u{2028}',
        '\u{200d}',
    ] {
        let found = findings(RIPGREP, "A title", &format!("so pl{c}ain"));
        let code = format!("U+{:04X}", u32::from(c));
        assert!(
            found.iter().any(|finding| finding.rule == "invisible_character" && finding.advice.contains(&code)),
            "{code}: {found:?}"
        );
    }
    passes(RIPGREP, "Pictures are fine", "👩‍💻 ❤️ 🏴󠁧󠁢󠁥󠁮󠁧󠁿 and\ttabs\r\nand lines");
}

#[test]
fn shape_is_checked_in_graphemes() {
    let rules = |title: &str, text: &str| {
        findings(RIPGREP, title, text).into_iter().map(|finding| finding.rule).collect::<Vec<_>>()
    };
    assert_eq!(rules("t", &"👩‍💻".repeat(600)), Vec::<String>::new());
    assert_eq!(rules("t", &"👩‍💻".repeat(601)), ["too_long"]);
    assert_eq!(rules("t", " \n "), ["empty"]);
    assert_eq!(rules("", "text"), ["title_missing"]);
    assert_eq!(rules("two\nlines", "text"), ["title_lines"]);
    assert_eq!(rules(&"é".repeat(81), "text"), ["title_too_long"]);
}

#[test]
fn the_language_must_be_one_of_the_brief() {
    let rules = |language: &str| {
        let content =
            Content { language: language.into(), title: "t".into(), text: "bring a laptop".into(), image: None };
        check(&content, &Brief::parse(WIKIPEDIA).unwrap(), &LIMITS).len()
    };
    assert_eq!(["en", "de", "EN", "en-GB", "de-AT"].map(rules), [0; 5]);
    assert_eq!(["fr", "", "english", "e", "den"].map(rules), [1; 5]);
}

#[test]
fn the_check_does_not_depend_on_the_order_of_calls_and_is_bounded() {
    let brief = Brief::parse(BAKERY).unwrap();
    let numbers: String = (100..400).map(|n| format!("{n} boxes, ")).collect();
    let content = Content { language: "en".into(), title: "t".into(), text: numbers, image: None };
    let found = check(&content, &brief, &LIMITS);
    assert_eq!(found.len(), FINDINGS_MAX);
    assert_eq!(found, check(&content, &brief, &LIMITS));
}
