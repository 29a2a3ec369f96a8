//! What people with bad intentions, or with a spreadsheet, write: the one corpus for pages and for the API.

/// In every payload, so that what comes of it is known.
pub const MARK: &str = "zqx7";

/// What people with bad intentions, or with a spreadsheet, put into fields.
pub const PAYLOADS: &[(&str, &str)] = &[
    ("script", "<script>zqx7()</script>"),
    ("double quote", "\"><img src=zqx7 onerror=zqx7()>"),
    ("single quote", "'><svg onload='zqx7()"),
    ("bare attribute", "zqx7 onfocus=zqx7() autofocus zqx7="),
    ("end of text", "</textarea></title></style></script></template><zqx7>"),
    ("script address", "javascript:zqx7()//"),
    ("script address, hidden", "java\tscript:zqx7()"),
    ("data address", "data:text/html,<script>zqx7()</script>"),
    ("svg", "<svg><script href=zqx7 /><animate onbegin=zqx7()></svg>"),
    (
        "mutation",
        "<math><mtext><table><mglyph><style><!--</style><img title=\"--&gt;&lt;img src=zqx7 onerror=zqx7()&gt;\">",
    ),
    ("template", "{{zqx7}} ${zqx7} <%= zqx7 %> #{zqx7} {%zqx7%}"),
    ("comment", "--><zqx7><!--]]><zqx7>"),
    ("entities", "&lt;zqx7&gt; &#60;zqx7&#62; &zqx7; &amp;amp;"),
    ("json", "\"},{\"zqx7\":\"</script><script>zqx7()//"),
    ("markdown", "[zqx7](javascript:zqx7()) ![zqx7](x\"onerror=\"zqx7) <zqx7@zqx7>"),
    ("equals", "=HYPERLINK(\"http://zqx7.example\";\"x\")"),
    ("plus", "+zqx7+cmd|' /C calc'!A0"),
    ("minus", "-zqx7+cmd|' /C calc'!A0"),
    ("at", "@SUM(zqx7)"),
    ("tab", "zqx7\t=zqx7"),
    ("header", "zqx7\r\nSet-Cookie: zqx7=1\r\n\r\n<zqx7>"),
    ("right to left", "zqx7 \u{202e}txt.exe\u{2066}\u{200f}"),
    ("zero width", "zq\u{200b}x7\u{feff}\u{2060}\u{200d} zqx7"),
    ("emoji", "zqx7 👩‍👩‍👧‍👦🏳️‍🌈🇩🇪"),
    ("combining", "zqx7 Z\u{351}\u{36b}\u{343}\u{36a}\u{302}\u{36b}\u{33d}\u{34f}\u{334}\u{319}\u{324}"),
    ("lines", "zqx7\u{2028}zqx7\u{2029}zqx7\u{85}zqx7"),
    ("path", "../../etc/passwd%00 zqx7"),
    ("sql", "'; drop table post; -- zqx7"),
    ("null", "zqx7\0zqx7"),
    ("control", "zqx7\u{1b}[31m\u{8}\u{c}\u{ffff}"),
];

/// The payload that is looked for on every page.
pub const DEEP: &str = "\"><img src=zqx7 onerror=zqx7()>";

/// Those whose first letter counts, or that are always refused, one by one; all others at once.
pub fn payloads() -> Vec<(&'static str, String)> {
    let alone = |name: &str| ["equals", "plus", "minus", "at", "header", "null", "control"].contains(&name);
    let (mut all, rest): (Vec<_>, Vec<_>) =
        PAYLOADS.iter().map(|(name, text)| (*name, (*text).to_string())).partition(|(name, _)| alone(name));
    all.push(("double quote", DEEP.into()));
    let texts: Vec<String> = rest.into_iter().map(|(_, text)| text).collect();
    all.push(("all", texts.join(" ")));
    all
}

/// For fields that are too short for all at once.
pub const SHORT: &[&str] = &["script", "single quote", "end of text", "script address", "emoji"];

/// Bytes that are no text, as a form and an address write them.
pub const NO_TEXT: &[&str] = &["%ff%fe", "%ed%a0%80", "%c0%af", "%f4%90%80%80"];

/// What a file may be called.
pub const FILE_NAMES: &[&str] = &[
    "../../etc/zqx7",
    "..\\..\\zqx7.csv",
    "zqx7\".csv",
    "zqx7'.csv",
    "zqx7\r\nSet-Cookie: a=b.csv",
    "<script>zqx7()</script>.csv",
    "=zqx7.csv",
    "\u{202e}vsc.zqx7",
    "zqx7.csv\0.exe",
    "",
    "CON",
];

/// What a file may hold.
pub const FILES: &[&[u8]] = &[
    b"text,channel\n\"<script>zqx7()</script>\",\"=zqx7()\"\n",
    b"zqx7\xff\xfe\xed\xa0\x80",
    b"zqx7\0,text\n1,2\n",
    b"[{\"text\":\"<zqx7>\",\"url\":\"javascript:zqx7()\",\"channel\":\"\\ud83d\"}]",
    b"[brand]\nname = \"<zqx7>\"\n",
    b"",
];

/// 100 KB of words.
pub fn long() -> String {
    "zqx7 and so on. ".repeat(100 * 1024 / 16)
}
