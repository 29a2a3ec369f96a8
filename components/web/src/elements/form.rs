//! Forms: fields with their label, hint and error beside them; the token that shows that a form is ours.

use domain::brief::Complaint;
use maud::{Markup, html};
use serve::{Caller, Form, Problem};

/// The form's proof that it is ours.
pub fn csrf(caller: &Caller) -> Markup {
    html! { input type="hidden" name="csrf" value=(caller.csrf()); }
}

/// What was typed, and what is wrong with it. Nothing typed is ever lost.
#[derive(Clone, Debug, Default)]
pub struct Typed {
    form: Form,
    complaints: Vec<Complaint>,
    is_stale: bool,
}

impl Typed {
    /// A form that came back, with its complaints.
    pub fn with(form: Form, complaints: &[Complaint]) -> Self {
        Self { form, complaints: complaints.to_vec(), is_stale: false }
    }

    /// A form that was refused: with its complaints, or because somebody else was quicker. Then what they saved stands
    /// beside what was typed.
    pub fn of(form: Form, problem: &Problem) -> Self {
        let is_stale = matches!(problem, Problem::Stale | Problem::Superseded);
        Self { is_stale, ..Self::with(form, problem.complaints()) }
    }

    /// What somebody else saved meanwhile, where that is not what was typed. `now`: as it is saved, and in words.
    pub fn theirs(&self, name: &str, (now, words): (&str, &str)) -> Markup {
        let normal = |text: &str| text.replace("\r\n", "\n").trim().to_string();
        let differs = self.is_stale && normal(self.value(name)) != normal(now);
        html! {
            @if differs {
                p.hint.theirs id={ (name.replace('.', "-")) "-theirs" } { "Saved meanwhile by somebody else: " q { (words) } }
            }
        }
    }

    /// What a field holds.
    pub fn value(&self, name: &str) -> &str {
        self.form.get(name).unwrap_or_default()
    }

    /// The whole form.
    pub fn form(&self) -> &Form {
        &self.form
    }

    /// What a field holds, or where nothing was typed yet, this.
    pub fn value_or<'a>(&'a self, name: &str, otherwise: &'a str) -> &'a str {
        self.form.get(name).unwrap_or(otherwise)
    }

    /// Whether a box is ticked, or one of several chosen.
    pub fn has(&self, name: &str, value: &str) -> bool {
        self.form.all(name).contains(&value)
    }

    /// Whether nothing was sent yet.
    pub fn is_fresh(&self) -> bool {
        self.form.fields.is_empty()
    }

    /// What is wrong with a field.
    pub fn complaint(&self, name: &str) -> Option<&str> {
        self.complaints.iter().find(|one| one.field == name).map(|one| one.complaint.as_str())
    }

    /// All that is wrong.
    pub fn complaints(&self) -> &[Complaint] {
        &self.complaints
    }
}

/// What nobody is shown again. A field for one is made by [`Field::secret`] alone, and a test holds every page to it:
/// so what is sent back to people, or kept for them, knows by this list what to leave out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Secret {
    /// The password of who signs in, or a new one.
    Password,
    /// The present one, beside a new one.
    OldPassword,
    /// The present one, to turn the second factor off.
    OffPassword,
    /// A code of an authenticator app, or a recovery code.
    Code,
    /// A provider's.
    Key,
}

impl Secret {
    /// All of them.
    pub const ALL: &'static [Self] = &[Self::Password, Self::OldPassword, Self::OffPassword, Self::Code, Self::Key];

    /// What its field is called in a form.
    pub fn name(self) -> &'static str {
        match self {
            Self::Password => "password",
            Self::OldPassword => "old_password",
            Self::OffPassword => "off_password",
            Self::Code => "code",
            Self::Key => "key",
        }
    }

    /// The secret that has this name.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|one| one.name() == name)
    }

    /// Its label, and how browsers fill it in, where a form does not say it otherwise.
    fn words(self) -> (&'static str, &'static str) {
        match self {
            Self::Password => ("Password", "new-password"),
            Self::OldPassword => ("Present password", "current-password"),
            Self::OffPassword => ("Your password", "current-password"),
            Self::Code => ("Code", "one-time-code"),
            Self::Key => ("Key", "new-password"),
        }
    }

    /// A code is read off a device and typed: it may be seen while it is.
    fn kind(self) -> &'static str {
        if self == Self::Code { "text" } else { "password" }
    }
}

/// What kind of control a field has.
#[derive(Clone, Copy)]
pub enum Control<'a> {
    /// One line of this input type.
    Input(&'a str),
    /// A number from … to …
    Number(u32, u32),
    /// Several lines; the class says how it looks.
    Text(&'a str),
    /// One line that is never sent back.
    Secret(Secret),
}

/// One field.
#[derive(Clone, Copy)]
pub struct Field<'a> {
    /// Its name in the form, and in complaints.
    pub name: &'a str,
    /// Its label.
    pub label: &'a str,
    /// What to write.
    pub hint: &'a str,
    /// What it is filled in with.
    pub control: Control<'a>,
    /// What it holds before anybody typed.
    pub initial: &'a str,
    /// Browsers insist on it.
    pub required: bool,
    /// `autocomplete`.
    pub complete: &'a str,
    /// What its id ends with, where a page has several forms with this field.
    pub within: &'a str,
}

impl<'a> Field<'a> {
    /// A required line of text.
    pub fn new(name: &'a str, label: &'a str) -> Self {
        let control = Control::Input("text");
        Self { name, label, hint: "", control, initial: "", required: true, complete: "off", within: "" }
    }

    /// A required line that nobody is shown again.
    pub fn secret(secret: Secret) -> Self {
        let (label, complete) = secret.words();
        Self { control: Control::Secret(secret), complete, ..Self::new(secret.name(), label) }
    }

    /// With this label.
    pub fn label(self, label: &'a str) -> Self {
        Self { label, ..self }
    }

    /// One of several of this name on the page: the id ends with this.
    pub fn within(self, within: &'a str) -> Self {
        Self { within, ..self }
    }

    /// With this hint.
    pub fn hint(self, hint: &'a str) -> Self {
        Self { hint, ..self }
    }

    /// With this control.
    pub fn control(self, control: Control<'a>) -> Self {
        Self { control, ..self }
    }

    /// Holding this at first.
    pub fn initial(self, initial: &'a str) -> Self {
        Self { initial, ..self }
    }

    /// May stay empty.
    pub fn optional(self) -> Self {
        Self { required: false, ..self }
    }

    /// With this `autocomplete`.
    pub fn complete(self, complete: &'a str) -> Self {
        Self { complete, ..self }
    }

    /// As it stands on the page.
    pub fn show(self, typed: &Typed) -> Markup {
        let (error, id) = (typed.complaint(self.name), id_of(self.name, self.within));
        let value = typed.value_or(self.name, self.initial);
        let described = match (self.hint.is_empty(), error) {
            (true, None) => None,
            (true, Some(_)) => Some(format!("{id}-error")),
            (false, None) => Some(format!("{id}-hint")),
            (false, Some(_)) => Some(format!("{id}-error {id}-hint")),
        };
        let invalid = error.map(|_| "true");
        html! {
            div.field {
                label for=(id) { (self.label) @if !self.required { " " span.soft.small { "(optional)" } } }
                @if !self.hint.is_empty() { p.hint id={ (id) "-hint" } { (self.hint) } }
                @match self.control {
                    Control::Text(class) => {
                        textarea.control.(class) id=(id) name=(self.name) required[self.required] spellcheck="true"
                            aria-invalid=[invalid] aria-describedby=[described] { "\n" (value) }
                    }
                    Control::Number(min, max) => {
                        input.control id=(id) name=(self.name) type="number" inputmode="numeric" min=(min) max=(max) value=(value)
                            required[self.required] autocomplete=(self.complete) aria-invalid=[invalid] aria-describedby=[described];
                    }
                    Control::Input(kind) => {
                        input.control id=(id) name=(self.name) type=(kind) value=(value) required[self.required]
                            autocomplete=(self.complete) aria-invalid=[invalid] aria-describedby=[described];
                    }
                    Control::Secret(secret) => {
                        input.control id=(id) name=(self.name) type=(secret.kind()) required[self.required]
                            autocomplete=(self.complete) aria-invalid=[invalid] aria-describedby=[described];
                    }
                }
                @if let Some(error) = error { p.error id={ (id) "-error" } { span { (sentence(self.label, error)) } } }
                @if !self.initial.is_empty() { (typed.theirs(self.name, (self.initial, self.initial))) }
            }
        }
    }
}

/// The id of a field's control; `within` parts those of one name.
fn id_of(name: &str, within: &str) -> String {
    let id = name.replace('.', "-");
    if within.is_empty() { id } else { format!("{id}-{within}") }
}

/// `Goal` + `is empty; say it …` → `Goal is empty; say it …`.
fn sentence(label: &str, complaint: &str) -> String {
    format!("{label} {complaint}.").replace("..", ".")
}

/// What is wrong, above the form, each with a way to its field. `labels`: names and labels of the fields that have one.
pub fn summary(typed: &Typed, labels: &[(&str, &str)]) -> Markup {
    summary_within(typed, labels, "")
}

/// The same, for a form whose fields stand [`Field::within`] this.
pub fn summary_within(typed: &Typed, labels: &[(&str, &str)], within: &str) -> Markup {
    html! {
        @if !typed.complaints().is_empty() {
            div.errors role="alert" tabindex="-1" {
                h2 { "Nothing was saved yet. Please mend:" }
                ul {
                    @for one in typed.complaints() {
                        @match labels.iter().find(|(name, _)| *name == one.field) {
                            Some((name, label)) => li { a href={ "#" (id_of(name, within)) } { (sentence(label, &one.complaint)) } },
                            None => li { (one.field) " " (one.complaint) },
                        }
                    }
                }
            }
        }
    }
}

/// One of several choices, or a box to tick.
pub fn choice(kind: &str, (name, value): (&str, &str), (label, hint): (&str, &str), checked: bool) -> Markup {
    let id = format!("{}-{value}", name.replace('.', "-"));
    html! {
        div.choice {
            input id=(id) type=(kind) name=(name) value=(value) checked[checked] aria-describedby={ (id) "-hint" };
            label for=(id) { (label) }
            span.hint id={ (id) "-hint" } { (hint) }
        }
    }
}

/// A form of one button.
pub fn act(caller: &Caller, action: &str, class: &str, label: &str, hidden: &[(&str, &str)]) -> Markup {
    html! {
        form method="post" action=(action) {
            (csrf(caller))
            @for (name, value) in hidden { input type="hidden" name=(name) value=(value); }
            button.button.(class) type="submit" { (label) }
        }
    }
}
