//! A browser without scripts: it opens pages, and sends their forms as they are, with what a person typed into them.

use crate::http::{Answer, Api};

/// One browser, perhaps signed in.
pub struct Browser {
    api: Api,
}

impl Browser {
    /// One that is signed in by this cookie, or by none.
    pub fn new(app: &Api, cookie: &str) -> Self {
        let api = app.anonymous();
        Self { api: if cookie.is_empty() { api } else { api.with("cookie", cookie) } }
    }

    /// Opens a page.
    #[track_caller]
    pub fn open(&self, path: &str) -> impl Future<Output = String> {
        let (api, path) = (self.api.clone(), path.to_owned());
        async move { api.get(&path).await.expect(200).body }
    }

    /// Sends the page's form of this action, with these fields instead of those that it holds.
    pub async fn send(&self, page: &str, action: &str, typed: &[(&str, &str)]) -> Answer {
        let mut fields = fields(page, action);
        fields.retain(|(name, _)| !typed.iter().any(|(other, _)| other == name));
        let kept = fields.iter().map(|(name, value)| (name.as_str(), value.as_str()));
        self.api.form(action, &kept.chain(typed.iter().copied()).collect::<Vec<_>>()).await
    }

    /// Its requests, for waiting.
    pub fn api(&self) -> &Api {
        &self.api
    }
}

/// The cookie that an answer sets.
pub fn cookie(answer: &Answer) -> String {
    answer.header("set-cookie").split(';').next().unwrap_or_default().to_owned()
}

/// What stands between two texts of a page.
pub fn between(text: &str, before: &str, after: &str) -> Option<String> {
    Some(text.split_once(before)?.1.split_once(after)?.0.to_owned())
}

fn unescaped(text: &str) -> String {
    text.replace("&lt;", "<").replace("&gt;", ">").replace("&quot;", "\"").replace("&amp;", "&")
}

/// What a browser would send of the form with this action.
#[track_caller]
fn fields(page: &str, action: &str) -> Vec<(String, String)> {
    let form = between(page, &format!("action=\"{action}\""), "</form>");
    let form = form.unwrap_or_else(|| panic!("no form {action} on the page {page}"));
    let mut found = Vec::new();
    for tag in form.split('<') {
        let attribute = |name: &str| between(tag, &format!(" {name}=\""), "\"").map(|text| unescaped(&text));
        let Some(name) = attribute("name") else { continue };
        match attribute("type").as_deref() {
            Some("submit" | "file") => {}
            Some("radio" | "checkbox") if !tag.contains(" checked") => {}
            _ if tag.starts_with("textarea") => {
                let value = tag.split_once('>').map_or("", |(_, value)| value);
                found.push((name, unescaped(value.strip_prefix('\n').unwrap_or(value))));
            }
            _ => found.push((name, attribute("value").unwrap_or_default())),
        }
    }
    found
}
