//! German frames. The facts' own words stand in quotation marks where the brand speaks another language.

use super::intent::Intent;
use super::lexicon::{Frame, Kind, Lexicon, PillarWords, PlanWords, Tone, Topic};

const fn frame(kind: Kind, tone: Tone, hook: &'static str, body: &'static str) -> Frame {
    Frame { kind, tone, hook, body }
}

const FRAMES: &[Frame] = &[
    frame(Kind::What, Tone::Any, "Was ist {brand}? Hier kommt die kurze Antwort.", "{one}\n\n{fact}"),
    frame(Kind::What, Tone::Any, "Neu hier? Dann am besten von vorn.", "{one}\n\nUnd das gehört dazu:\n{fact}"),
    frame(Kind::What, Tone::Dry, "{brand}, ohne Zutaten.", "{one}\n\n{fact}"),
    frame(Kind::What, Tone::Any, "Der Name {brand} ist bekannt. Und was steckt dahinter?", "{one}\n\n{fact}"),
    frame(Kind::What, Tone::Warm, "Schön, dass du da bist. Wir sind {brand}.", "{one}\n\nEtwas mehr über uns:\n{fact}"),
    frame(Kind::What, Tone::Any, "Wie erklärt man {brand} im Freundeskreis? Vielleicht so:", "{one}\n\n{fact}"),
    frame(Kind::Proof, Tone::Any, "Genau genommen: {Label}.", "{fact}"),
    frame(Kind::Proof, Tone::Dry, "{Label}, ganz ohne Adjektive.", "{fact}\n\nMehr steht da nicht."),
    frame(Kind::Proof, Tone::Dry, "An dieser Stelle steht sonst ein Superlativ.", "Wir sagen lieber das:\n\n{fact}"),
    frame(Kind::Proof, Tone::Any, "Ein Detail zu {brand}, das man kennen sollte.", "{fact}"),
    frame(Kind::Proof, Tone::Any, "Das Kleingedruckte, groß gedruckt: {Label}.", "{fact}"),
    frame(Kind::Proof, Tone::Warm, "Wir mögen Dinge, die sich nachprüfen lassen.", "{fact}\n\nSchau gern selbst nach."),
    frame(Kind::Proof, Tone::Any, "Worauf stützt sich {brand}? Unter anderem darauf.", "{fact}"),
    frame(Kind::People, Tone::Any, "Für {audience}, und bewusst kurz.", "{one}\n\n{fact}"),
    frame(Kind::People, Tone::Any, "Für wen ist {brand} da? Zum Beispiel für {audience}.", "{one}\n\n{fact}"),
    frame(Kind::People, Tone::Any, "Fühlst du dich angesprochen? Dann lies kurz weiter.", "{one}\n\n{fact}"),
    frame(Kind::People, Tone::Warm, "Du musst uns nicht kennen, um willkommen zu sein.", "{one}\n\n{fact}"),
    frame(
        Kind::People,
        Tone::Any,
        "Vielleicht kennst du jemanden, der genau das sucht.",
        "{one}\n\n{fact}\n\nSag es gern weiter.",
    ),
    frame(Kind::People, Tone::Dry, "Wer wenig Zeit hat, bekommt hier das Wesentliche.", "{one}\n\n{fact}"),
    frame(Kind::Start, Tone::Any, "Wo fängt es an? Genau hier.", "{fact}"),
    frame(Kind::Start, Tone::Dry, "Glauben muss man uns nichts. Nachsehen genügt.", "{fact}"),
    frame(Kind::Start, Tone::Warm, "Du überlegst noch? Ein kleiner Schritt genügt.", "{fact}\n\nNimm dir ruhig Zeit."),
    frame(Kind::Start, Tone::Any, "Zum Aufheben, bis es losgehen soll.", "{fact}"),
    frame(Kind::Start, Tone::Warm, "Neugierig? Das ist ein guter Anfang.", "{fact}"),
    frame(Kind::Start, Tone::Any, "Der Anfang ist kürzer als dieser Beitrag.", "{fact}"),
    frame(Kind::Answer, Tone::Any, "{Label}? Gute Frage.", "{fact}"),
    frame(Kind::Answer, Tone::Dry, "Eine klare Frage verdient eine klare Antwort.", "{fact}"),
    frame(Kind::Answer, Tone::Any, "Was sollte man wissen, bevor man sich entscheidet?", "Zum Beispiel das:\n\n{fact}"),
    frame(
        Kind::Answer,
        Tone::Dry,
        "So etwas steht sonst ganz unten auf der Seite.",
        "Bei uns steht es oben:\n\n{fact}",
    ),
    frame(Kind::Answer, Tone::Warm, "Keine Frage ist zu klein.", "{fact}\n\nWenn deine fehlt, frag einfach."),
    frame(
        Kind::Answer,
        Tone::Any,
        "Noch unsicher, ob {brand} das Richtige ist?",
        "{one}\n\nVielleicht hilft das weiter:\n{fact}",
    ),
];

const PILLARS: &[PillarWords] = &[
    PillarWords {
        kind: Kind::What,
        name: "Was es ist",
        why: "Viele lesen hier von {brand}; der Auftrag sagt es in einem Satz.",
        angle: "Sagen, was {brand} ist, und es belegen mit dem Punkt „{Label}“.",
    },
    PillarWords {
        kind: Kind::Proof,
        name: "Fakten zum Nachprüfen",
        why: "Der Auftrag nennt Fakten, die jeder prüfen kann; sie überzeugen ohne Superlativ.",
        angle: "Den Punkt „{Label}“ auf den Tisch legen, genau wie er in den Fakten steht.",
    },
    PillarWords {
        kind: Kind::People,
        name: "Für wen es ist",
        why: "Der Auftrag sagt, für wen es gemacht ist; gelesen wird, was einen angeht.",
        angle: "Ansprache an {audience}, mit dem Punkt „{Label}“.",
    },
    PillarWords {
        kind: Kind::Start,
        name: "Der Anfang",
        why: "Das Ziel will, dass Menschen handeln; ein kleiner, klarer Schritt macht das wahrscheinlich.",
        angle: "Den Anfang leicht machen, mit dem Punkt „{Label}“.",
    },
    PillarWords {
        kind: Kind::Answer,
        name: "Fragen und Antworten",
        why: "Eine offene Frage hält Menschen fern; die Fakten beantworten einige.",
        angle: "Die Frage zum Punkt „{Label}“ beantworten, bevor sie gestellt wird.",
    },
];

const CALLS: &[(Intent, &[&str])] = &[
    (
        Intent::Buy,
        &[
            "Ansehen, was es gibt: {url}",
            "Erst lesen, dann entscheiden: {url}",
            "Hier aussuchen: {url}",
            "Mehr darüber: {url}",
        ],
    ),
    (
        Intent::Try,
        &[
            "Ausprobieren: {url}",
            "So geht es los: {url}",
            "Kurz lesen, dann ausprobieren: {url}",
            "Selbst testen: {url}",
        ],
    ),
    (
        Intent::Come,
        &[
            "Mitmachen: {url}",
            "Komm dazu: {url}",
            "Mehr erfahren und mitmachen: {url}",
            "Sei dabei: {url}",
            "Bring jemanden mit: {url}",
        ],
    ),
    (
        Intent::Follow,
        &[
            "Dranbleiben: {url}",
            "Hier abonnieren: {url}",
            "In Verbindung bleiben: {url}",
            "Weiterlesen und abonnieren: {url}",
        ],
    ),
    (
        Intent::Give,
        &[
            "Hier helfen: {url}",
            "Mehr lesen und unterstützen: {url}",
            "Unterstützen: {url}",
            "Sehen, was Hilfe bewirkt: {url}",
        ],
    ),
    (
        Intent::Apply,
        &[
            "Hier bewerben: {url}",
            "Mehr lesen und bewerben: {url}",
            "Stell dich vor: {url}",
            "Sehen, ob es passt: {url}",
        ],
    ),
    (
        Intent::Read,
        &["Mehr lesen: {url}", "Selbst nachsehen: {url}", "Mehr erfahren: {url}", "Alles Weitere hier: {url}"],
    ),
];

const fn topic(names: &'static [&'static str], label: &'static str, phrase: &'static str, says: &'static str) -> Topic {
    Topic { names, label, phrase, says }
}

const TOPICS: &[Topic] = &[
    topic(
        &["hours", "opening hours", "opening", "open", "öffnungszeiten"],
        "Öffnungszeiten",
        "die Öffnungszeiten",
        "Geöffnet: {value}.",
    ),
    topic(
        &["address", "location", "place", "venue", "where", "adresse", "ort"],
        "Adresse",
        "die Adresse",
        "Zu finden unter: {value}.",
    ),
    topic(
        &["price", "prices", "pricing", "cost", "costs", "fee", "fees", "preis", "preise"],
        "Preise",
        "die Preise",
        "",
    ),
    topic(&["offer", "offers", "discount", "deal", "angebot"], "Angebot", "das Angebot", ""),
    topic(&["allergens", "allergen", "allergene"], "Allergene", "die Allergene", ""),
    topic(&["ingredients", "zutaten"], "Zutaten", "die Zutaten", ""),
    topic(&["licence", "license", "lizenz"], "Lizenz", "die Lizenz", "Die Lizenz: {value}."),
    topic(&["written in", "programmiersprache"], "Geschrieben in", "die Programmiersprache", "Geschrieben in {value}."),
    topic(&["platforms", "platform", "plattformen"], "Plattformen", "die Plattformen", "Läuft auf {value}."),
    topic(&["engine", "technology", "technik"], "Technik", "die Technik", ""),
    topic(
        &["install", "installation"],
        "Installation",
        "die Installation",
        "Zur Installation genügt eines davon:\n{value}",
    ),
    topic(&["binary name", "command", "befehl"], "Befehl", "der Befehl", "Auf der Befehlszeile heißt es {value}."),
    topic(&["free", "kosten"], "Kosten", "die Kosten", ""),
    topic(
        &["no experience", "experience", "requirements", "voraussetzungen"],
        "Vorkenntnisse",
        "die Vorkenntnisse",
        "",
    ),
    topic(&["project", "about", "projekt"], "Projekt", "das Projekt", ""),
    topic(&["neutrality", "neutralität"], "Neutralität", "die Neutralität", ""),
    topic(&["team", "people", "staff"], "Team", "das Team", ""),
    topic(&["material", "materials"], "Material", "das Material", ""),
    topic(&["shipping", "delivery", "lieferung"], "Lieferung", "die Lieferung", ""),
    topic(&["support", "help", "contact", "kontakt"], "Hilfe", "die Hilfe", ""),
    topic(&["privacy", "datenschutz"], "Datenschutz", "der Datenschutz", ""),
    topic(&["security", "sicherheit"], "Sicherheit", "die Sicherheit", ""),
    topic(&["date", "dates", "time", "when", "termin", "termine"], "Termin", "der Termin", ""),
    topic(&["speakers", "programme", "program", "agenda", "programm"], "Programm", "das Programm", ""),
    topic(&["accessibility", "barrierefreiheit"], "Barrierefreiheit", "die Barrierefreiheit", ""),
    topic(&["unicode"], "Unicode", "Unicode", ""),
    topic(&["respects gitignore", "gitignore"], "Was ausgelassen wird", "was ausgelassen wird", ""),
];

/// German.
pub static GERMAN: Lexicon = Lexicon {
    tag: "de",
    quotes: ("„", "“"),
    frames: FRAMES,
    titles: &[
        "{Label}, in klaren Worten",
        "{brand}: {Label}",
        "Kurz erklärt: {Label}",
        "{Label}: die kurze Fassung",
        "Stichwort: {Label}",
        "{Label}, genauer betrachtet",
        "Gut zu wissen: {Label}",
        "{Label} und sonst nichts",
        "{brand} in Kürze: {Label}",
        "Notiz zum Thema {Label}",
    ],
    and: " und ",
    sources: &[
        "Im Wortlaut: {fact}",
        "Wörtlich heißt es: {fact}",
        "So steht es im Original: {fact}",
        "Dort steht: {fact}",
    ],
    additions: &[
        "Außerdem wichtig: {fact}",
        "Und noch etwas: {fact}",
        "Dazu passt: {fact}",
        "Der Vollständigkeit halber: {fact}",
        "{fact}",
    ],
    summaries: &[
        "Kurz gesagt: {claims}.",
        "In Stichworten: {claims}.",
        "Unterm Strich: {claims}.",
        "Was bleibt: {claims}.",
    ],
    reminders: &[
        "Gut zu wissen: {claim}.",
        "Bitte beachten: {claim}.",
        "Nicht vergessen: {claim}.",
        "Wichtig: {claim}.",
    ],
    calls: CALLS,
    closers: &[
        "Sag es gern weiter.",
        "Danke fürs Lesen.",
        "Mehr folgt.",
        "Frag gern nach.",
        "Zum Aufheben.",
        "Das war es für jetzt.",
        "Teil es mit anderen.",
        "Lies es in Ruhe.",
    ],
    echoes: &[
        "Fortsetzung",
        "noch ein Blick darauf",
        "der nächste Teil",
        "von einer anderen Seite",
        "zum Nachlesen",
        "mit anderen Worten",
        "noch einmal",
        "eine weitere Notiz",
    ],
    weak_hooks: &[
        "Wir freuen uns sehr, Neuigkeiten mit euch teilen zu dürfen.",
        "Hallo zusammen, wir hoffen, es geht euch gut.",
        "In unserer modernen Welt sind viele Dinge wichtig.",
    ],
    boasts: &[
        "Manche sagen dazu {claim}, und wir auch.",
        "Mit anderen Worten: {claim}.",
        "Sagen wir es offen: {claim}.",
    ],
    padding: &[
        "Dazu ließe sich noch sehr viel mehr sagen, und am liebsten würden wir alles davon sagen, weil jeder Teil seinen Platz verdient.",
        "Natürlich wäre das alles nicht vollständig ohne ein paar weitere Worte darüber, warum wir es überhaupt schreiben.",
        "Wir haben lange darüber nachgedacht, und je länger wir nachdachten, desto mehr schien es zu erzählen zu geben.",
    ],
    pillars: PILLARS,
    topics: TOPICS,
    plan: PlanWords {
        positioning: "{one} Die Kampagne sagt das in klaren Worten, stützt jeden Beitrag auf einen Fakt des Auftrags und endet jedes Mal mit einem nächsten Schritt.",
        positioning_audience: "Sie richtet sich an {audience}.",
        share: "Die Beiträge wechseln reihum über die Kanäle des Auftrags, damit jeder seinen Teil trägt.",
        cadence: "So viele Beiträge in der Woche, wie das Ziel sagt, gleichmäßig verteilt und zu wechselnden Tageszeiten.",
        measures: &[
            "Was das Ziel selbst zählt, am Ende jeder Woche und am Ende der Kampagne.",
            "Besuche auf der Seite der Marke, die von den Beiträgen kommen.",
            "Welche Säule und welche Zielgruppe sie gebracht hat, damit die nächste Runde daraus lernt.",
        ],
        taken_up: "Neu geplant mit diesem Wunsch im Sinn: {claim}",
    },
};
