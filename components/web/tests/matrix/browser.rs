//! A page as a browser reads it: its forms, what they send, and what of it is not ours.

use scraper::{ElementRef, Html, Node, Selector};
use serve::{Method, Reply, Request};

use super::World;

/// Something in a form that is sent with it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Control {
    pub name: String,
    /// An input's type, `textarea`, `select` or `button`.
    pub kind: String,
    /// What it holds; of a box, what it sends when it is ticked.
    pub value: String,
    /// Whether a box is ticked; anything else always counts.
    pub on: bool,
    /// Marked as wrong.
    pub wrong: bool,
    /// What can be chosen.
    pub options: Vec<String>,
}

impl Control {
    /// Whether a person types or chooses it.
    pub fn is_typed(&self) -> bool {
        !matches!(self.kind.as_str(), "hidden" | "button")
    }

    /// Whether a person types words into it.
    pub fn is_text(&self) -> bool {
        self.is_typed() && !matches!(self.kind.as_str(), "select" | "checkbox" | "radio" | "file" | "password")
    }

    fn is_box(&self) -> bool {
        matches!(self.kind.as_str(), "checkbox" | "radio")
    }
}

/// A form.
#[derive(Clone, Debug)]
pub struct Form {
    pub action: String,
    pub is_post: bool,
    pub is_multipart: bool,
    pub controls: Vec<Control>,
}

/// A file that somebody chose.
pub struct Upload {
    pub field: String,
    pub name: String,
    pub bytes: Vec<u8>,
}

fn one_line(text: &str) -> String {
    text.replace("\r\n", "\n").replace('\r', "\n")
}

impl Form {
    fn of(form: ElementRef<'_>, page: &str) -> Self {
        let of = |name: &str| form.value().attr(name).unwrap_or_default();
        let here = page.split('?').next().unwrap_or_default();
        Self {
            action: if of("action").is_empty() { here.into() } else { of("action").into() },
            is_post: of("method").eq_ignore_ascii_case("post"),
            is_multipart: of("enctype") == "multipart/form-data",
            controls: form.descendants().filter_map(ElementRef::wrap).filter_map(control).collect(),
        }
    }

    /// The first control of this name.
    pub fn control(&self, name: &str) -> Option<&Control> {
        self.controls.iter().find(|one| one.name == name)
    }

    /// Which one it is: its action, and the names and kinds of what is typed.
    pub fn typed(&self) -> Vec<(String, String)> {
        let mut found: Vec<_> = Vec::new();
        for one in self.controls.iter().filter(|one| one.is_typed()) {
            let row = (one.name.clone(), one.kind.clone());
            if !found.contains(&row) {
                found.push(row);
            }
        }
        found
    }

    /// What a person writes or chooses.
    pub fn fill(&mut self, name: &str, value: &str) {
        for one in self.controls.iter_mut().filter(|one| one.name == name) {
            if one.is_box() {
                one.on = one.value == value;
            } else {
                one.value = value.into();
            }
        }
        // One that is not offered, sent all the same.
        let boxes = self.controls.iter().filter(|one| one.name == name && one.is_box());
        if boxes.clone().count() > 0 && !boxes.clone().any(|one| one.on) {
            let forged = Control {
                value: value.into(),
                on: true,
                kind: "hidden".into(),
                ..boxes.clone().next_back().unwrap().clone()
            };
            self.controls.push(forged);
        }
    }

    /// Everything but this field is typed or chosen otherwise than it came.
    pub fn change_all_but(&mut self, field: &str) {
        let mut ticked: Vec<String> = Vec::new();
        for one in self.controls.iter_mut().rev().filter(|one| one.is_typed() && one.name != field) {
            match one.kind.as_str() {
                "radio" => {
                    one.on = !ticked.contains(&one.name);
                    ticked.push(one.name.clone());
                }
                "checkbox" => one.on = !one.on,
                "select" => one.value = one.options.last().cloned().unwrap_or_default(),
                "number" => one.value = one.value.parse().map_or(2, |number: i64| number + 1).to_string(),
                "text" | "textarea" => one.value = format!("{} mine", one.value).trim().into(),
                _ => {}
            }
        }
    }

    /// What is sent: all that counts, with the first button that has a name.
    pub fn fields(&self) -> Vec<(String, String)> {
        let mut button = false;
        let counts = |one: &&Control| match one.kind.as_str() {
            "button" => !std::mem::replace(&mut button, true),
            "file" => false,
            _ => one.on && !one.name.is_empty(),
        };
        self.controls.iter().filter(counts).map(|one| (one.name.clone(), as_sent(&one.value))).collect()
    }

    /// The request, as a browser sends it.
    pub fn request(&self, cookie: &str, files: &[Upload]) -> Request {
        let (content_type, body) = if self.is_multipart {
            ("multipart/form-data; boundary=zzBOUNDARYzz", multipart(&self.fields(), files))
        } else {
            let body = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(self.fields()).finish();
            ("application/x-www-form-urlencoded", body.into_bytes())
        };
        let request = if self.is_post {
            World::request(Method::POST, &self.action).with_body(content_type, body)
        } else {
            let query = String::from_utf8(body).unwrap();
            World::request(Method::GET, &format!("{}?{query}", self.action))
        };
        if cookie.is_empty() { request } else { request.with_header("cookie", cookie) }
    }
}

/// Browsers send lines so.
pub fn as_sent(value: &str) -> String {
    one_line(value).replace('\n', "\r\n")
}

fn multipart(fields: &[(String, String)], files: &[Upload]) -> Vec<u8> {
    let quoted = |text: &str| text.replace('"', "%22").replace('\r', "%0D").replace('\n', "%0A");
    let mut body = Vec::new();
    for (name, value) in fields {
        let head = format!("--zzBOUNDARYzz\r\nContent-Disposition: form-data; name=\"{}\"\r\n\r\n", quoted(name));
        body.extend([head.as_bytes(), value.as_bytes(), b"\r\n"].concat());
    }
    for file in files {
        let head = format!(
            "--zzBOUNDARYzz\r\nContent-Disposition: form-data; name=\"{}\"; filename=\"{}\"\r\nContent-Type: text/plain\r\n\r\n",
            quoted(&file.field),
            quoted(&file.name)
        );
        body.extend([head.as_bytes(), &file.bytes, b"\r\n"].concat());
    }
    body.extend(b"--zzBOUNDARYzz--\r\n");
    body
}

fn control(element: ElementRef<'_>) -> Option<Control> {
    let of = |name: &str| element.value().attr(name);
    let name = of("name").unwrap_or_default().to_string();
    let (wrong, on, options) = (of("aria-invalid") == Some("true"), true, Vec::new());
    let text = || one_line(&element.text().collect::<String>());
    match element.value().name() {
        "textarea" => Some(Control { name, kind: "textarea".into(), value: text(), on, wrong, options }),
        "select" => {
            let options = Selector::parse("option").unwrap();
            let all: Vec<ElementRef<'_>> = element.select(&options).collect();
            let chosen = all.iter().rev().find(|one| one.value().attr("selected").is_some()).or(all.first());
            let value = |one: &ElementRef<'_>| {
                one.value().attr("value").map_or_else(|| one.text().collect::<String>(), Into::into)
            };
            let options: Vec<String> = all.iter().map(value).collect();
            let value = chosen.map_or(String::new(), value);
            Some(Control { name, kind: "select".into(), value, on, wrong, options })
        }
        "button" if !name.is_empty() => Some(Control {
            name,
            kind: "button".into(),
            value: of("value").unwrap_or_default().into(),
            on,
            wrong,
            options,
        }),
        "input" => {
            let kind = of("type").unwrap_or("text").to_string();
            let is_box = matches!(kind.as_str(), "checkbox" | "radio");
            let on = !is_box || of("checked").is_some();
            let value = one_line(of("value").unwrap_or(if is_box { "on" } else { "" }));
            Some(Control { name, kind, value, on, wrong, options })
        }
        _ => None,
    }
}

/// The forms of a page.
pub fn forms(html: &str, page: &str) -> Vec<Form> {
    let forms = Selector::parse("form").unwrap();
    Html::parse_document(html).select(&forms).map(|form| Form::of(form, page)).collect()
}

/// Attributes that hold an address.
const ADDRESSES: &[&str] = &[
    "href",
    "src",
    "action",
    "formaction",
    "poster",
    "xlink:href",
    "data",
    "ping",
    "background",
    "srcset",
    "cite",
    "manifest",
];

/// What of a page came from data with this mark in it: elements, attributes, addresses that run, scripts.
pub fn not_ours(html: &str, mark: &str) -> Vec<String> {
    let marked = |text: &str| text.to_lowercase().contains(mark);
    let mut found = Vec::new();
    for node in Html::parse_document(html).tree.nodes() {
        match node.value() {
            Node::Comment(comment) if marked(comment) => found.push(format!("a comment: {}", &**comment)),
            Node::Element(element) => {
                let name = element.name();
                let inside = || node.children().filter_map(|one| one.value().as_text().map(|text| text.to_string()));
                let src = element.attr("src").unwrap_or_default();
                if marked(name) || matches!(name, "iframe" | "object" | "embed" | "base" | "frame" | "applet") {
                    found.push(format!("an element: {name}"));
                }
                if name == "script" && (!src.starts_with("/static/") || inside().any(|text| !text.trim().is_empty())) {
                    found.push(format!("a script: {src}"));
                }
                if name == "style" && inside().any(|text| marked(&text)) {
                    found.push("a style".into());
                }
                for (key, value) in element.attrs() {
                    let start: String = value.chars().filter(|c| !c.is_control() && !c.is_whitespace()).collect();
                    let scheme = start.split([':', '/', '?', '#']).next().unwrap_or_default().to_lowercase();
                    let runs = start.contains(':') && matches!(scheme.as_str(), "javascript" | "vbscript" | "data");
                    let is_wrong = marked(key)
                        || key.starts_with("on")
                        || key == "srcdoc"
                        || (key == "style" && marked(value))
                        || (ADDRESSES.contains(&key) && runs)
                        || (matches!(key, "src" | "srcset" | "formaction") && marked(value))
                        || (name == "meta" && element.attr("http-equiv").is_some());
                    if is_wrong {
                        found.push(format!("an attribute: <{name} {key}={value:?}>"));
                    }
                }
            }
            _ => {}
        }
    }
    found
}

/// Whether this text stands on the page, whole: in a control, in an attribute, or as the text of an element.
pub fn shows(html: &str, text: &str) -> bool {
    let normal = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
    let wanted = normal(text);
    if wanted.is_empty() {
        return true;
    }
    let page = Html::parse_document(html);
    let mut all = String::new();
    for node in page.tree.nodes() {
        match node.value() {
            Node::Element(element) if element.attrs().any(|(_, value)| normal(value).contains(&wanted)) => return true,
            Node::Text(text) => all += text,
            _ => {}
        }
    }
    normal(&all).contains(&wanted)
}

/// That no header can be split or carries what it must not.
pub fn headers_are_whole(reply: &Reply) -> Result<(), String> {
    for (name, value) in &reply.headers {
        if !value.bytes().all(|byte| (b' '..=b'~').contains(&byte)) {
            return Err(format!("{name}: {value:?}"));
        }
    }
    match reply.headers.iter().find(|(name, _)| name == "location") {
        Some((_, to)) if !to.starts_with('/') || to.starts_with("//") => Err(format!("it leads to {to}")),
        _ => Ok(()),
    }
}
