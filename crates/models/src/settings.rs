//! Which model, by settings: variables are text, and a wrong one is answered with a sentence that names it.

use std::rc::Rc;

use domain::price::PicturePrice;
use domain::{MicroUsd, ProviderKind};
use ports::{Llm, NoLlm, Response, Timeouts};

use crate::anthropic::Anthropic;
use crate::embedding::Embedder;
use crate::model::Model;
use crate::ollama::Ollama;
use crate::openai::{Dialect, OpenAi};
use crate::price::Prices;
use crate::rehearsal::Rehearsal;
use crate::spin_llm::SpinLlm;
use crate::wire::TIMEOUTS;

/// Fewest bytes of a key that is cut out of whole answers.
const CUT_BYTES_MIN: usize = 8;

/// A key. It has no `Debug`, no `Display` and no serde, so that it cannot end in a log, a job or a page.
#[derive(Clone, Default)]
pub struct Secret(String);

impl Secret {
    /// Keeps a key.
    pub fn new(key: impl Into<String>) -> Self {
        Self(key.into())
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The key itself, for the header that carries it.
    pub(crate) fn reveal(&self) -> &str {
        &self.0
    }

    /// An answer without the key, in its body and its headers. A key so short that it is part of words stays.
    pub(crate) fn cut_from(&self, mut response: Response) -> Response {
        if self.0.len() < CUT_BYTES_MIN {
            return response;
        }
        for (_, value) in &mut response.headers {
            *value = self.scrub(value);
        }
        let holds = response.body.windows(self.0.len()).any(|part| part == self.0.as_bytes());
        if holds {
            response.body = self.scrub(&String::from_utf8_lossy(&response.body)).into_bytes();
        }
        response
    }

    /// A text without the key, for a provider that repeats it.
    pub(crate) fn scrub(&self, text: &str) -> String {
        if self.is_empty() { text.into() } else { text.replace(&self.0, "[key]") }
    }
}

/// The settings as the variables have them.
#[derive(Clone)]
pub struct Settings {
    /// `model_provider`: `rehearsal` (the default), `openai` (and whatever speaks like it), `anthropic`, `ollama`
    /// or `spin_llm`.
    pub provider: String,
    /// `model_base_url`; empty for the provider's own.
    pub base_url: String,
    /// `model_key`; may be empty for a server of one's own.
    pub key: Secret,
    /// `model_name`, at the provider.
    pub name: String,
    /// `model_price_in`: US dollars per million tokens read; empty or 0 for "not priced".
    pub price_in: String,
    /// `model_price_cached`: the same for tokens from the cache; empty for `model_price_in`.
    pub price_cached: String,
    /// `model_price_out`: the same for tokens written.
    pub price_out: String,
    /// `model_image`: its model for pictures; empty for none.
    pub image_name: String,
    /// `model_price_image`: US dollars for a picture; empty for what is known of the provider's own.
    pub image_price: String,
    /// `model_dialect`: what an OpenAI-compatible server understands, [`Dialect`]; empty for the full one.
    pub dialect: String,
    /// `model_embedding`: the provider's model for vectors; empty for none.
    pub embedding: String,
    /// `model_price_embedding`: US dollars per million tokens that it reads; empty or 0 for "not priced".
    pub price_embedding: String,
    /// Limits of time; tests shorten them.
    pub timeouts: Timeouts,
    /// The models of the host itself; no variable, but what the component was given.
    pub llm: Rc<dyn Llm>,
}

impl Default for Settings {
    fn default() -> Self {
        Self::from_variables(|_| None)
    }
}

/// A setting that cannot be used.
#[derive(Clone, Debug, thiserror::Error, PartialEq, Eq)]
#[error("`{variable}` {complaint}")]
pub struct SettingsError {
    /// The variable.
    pub variable: &'static str,
    /// What is wrong with it, and what would be right.
    pub complaint: String,
}

impl Settings {
    /// Reads the variables by their names; one that is missing is as good as empty.
    pub fn from_variables(variable: impl Fn(&str) -> Option<String>) -> Self {
        let read = |name: &str| variable(name).unwrap_or_default().trim().to_string();
        Self {
            provider: read("model_provider"),
            base_url: read("model_base_url"),
            key: Secret::new(read("model_key")),
            name: read("model_name"),
            price_in: read("model_price_in"),
            price_cached: read("model_price_cached"),
            price_out: read("model_price_out"),
            image_name: read("model_image"),
            image_price: read("model_price_image"),
            dialect: read("model_dialect"),
            embedding: read("model_embedding"),
            price_embedding: read("model_price_embedding"),
            timeouts: TIMEOUTS,
            llm: Rc::new(NoLlm),
        }
    }
}

/// The model that the settings name.
pub fn from_settings(settings: &Settings) -> Result<Box<dyn Model>, SettingsError> {
    match settings.provider.as_str() {
        "" | "rehearsal" => Ok(Box::new(Rehearsal)),
        "openai" => Ok(Box::new(OpenAi {
            base_url: base_url(settings)?,
            key: settings.key.clone(),
            name: name(settings)?,
            prices: prices(settings)?,
            dialect: dialect(settings)?,
            timeouts: settings.timeouts,
        })),
        "anthropic" => Ok(Box::new(Anthropic {
            base_url: base_url(settings)?,
            key: settings.key.clone(),
            name: name(settings)?,
            prices: prices(settings)?,
            timeouts: settings.timeouts,
        })),
        "ollama" => Ok(Box::new(Ollama {
            base_url: base_url(settings)?,
            key: settings.key.clone(),
            name: name(settings)?,
            timeouts: settings.timeouts,
        })),
        "spin_llm" => {
            Ok(Box::new(SpinLlm { llm: settings.llm.clone(), name: name(settings)?, prices: prices(settings)? }))
        }
        other => wrong(
            "model_provider",
            format!("is `{other}`; it must be `rehearsal`, `openai`, `anthropic`, `ollama` or `spin_llm`"),
        ),
    }
}

/// Who turns texts into vectors, as the settings say; none where they name no model for it.
pub fn embedder_from_settings(settings: &Settings) -> Result<Option<Embedder>, SettingsError> {
    let model = match settings.embedding.as_str() {
        "" => return Ok(None),
        model if model.chars().any(char::is_control) => return wrong("model_embedding", "holds a control character"),
        model => model.to_string(),
    };
    let kind = settings.provider.parse::<ProviderKind>().ok().filter(|kind| kind.has_embeddings());
    let Some(kind) = kind else {
        return wrong("model_embedding", "is set, and `model_provider` names nobody who makes vectors");
    };
    let price = price("model_price_embedding", &settings.price_embedding, MicroUsd(0))?;
    let prices = Prices { input: price, cached_input: price, ..Prices::default() };
    let base_url = if kind.is_the_host() { kind.own_url().into() } else { base_url(settings)? };
    let (key, timeouts, llm) = (settings.key.clone(), settings.timeouts, settings.llm.clone());
    Ok(Embedder::of(Offer { kind, base_url, key, model, prices, timeouts, llm }))
}

/// Where pictures are drawn, by which model, and for how much. Whoever draws for a price that nobody knows could be
/// stopped by no budget.
pub(crate) fn from_image_settings(settings: &Settings) -> Result<(String, String, PicturePrice), SettingsError> {
    const WRONG: &str = "names a model for pictures; only `openai`, and what speaks like it, has one";
    if settings.provider != "openai" {
        return wrong("model_image", WRONG);
    }
    let (base_url, name) = (base_url(settings)?, settings.image_name.clone());
    if name.chars().any(char::is_control) {
        return wrong("model_image", "holds a control character");
    }
    let price = match settings.image_price.as_str() {
        "" => domain::price::known_picture(ProviderKind::OpenAi, &base_url, &name).map(|known| known.price),
        text => domain::price::parse_usd(text).map(|each| PicturePrice { each, ..PicturePrice::default() }),
    };
    match price {
        Some(price) => Ok((base_url, name, price)),
        None => {
            wrong("model_price_image", "must be what a picture costs in US dollars, such as `0.04`; `0` for nothing")
        }
    }
}

/// A model of a workspace's own provider.
pub struct Offer {
    /// Whose wire it speaks.
    pub kind: ProviderKind,
    /// Where it is, as `domain::provider::base_url` let it pass.
    pub base_url: String,
    /// Its key, if it has one.
    pub key: Secret,
    /// The model's name there.
    pub model: String,
    /// What its tokens cost; all zero: not priced.
    pub prices: Prices,
    /// Limits of time.
    pub timeouts: Timeouts,
    /// The models of the host itself.
    pub llm: Rc<dyn Llm>,
}

/// The model that a workspace's provider offers.
pub fn offered(offer: Offer) -> Box<dyn Model> {
    let Offer { kind, base_url, key, model: name, prices, timeouts, llm } = offer;
    match kind {
        ProviderKind::OpenAi => Box::new(OpenAi { base_url, key, name, prices, dialect: Dialect::OPENAI, timeouts }),
        ProviderKind::Anthropic => Box::new(Anthropic { base_url, key, name, prices, timeouts }),
        ProviderKind::Ollama => Box::new(Ollama { base_url, key, name, timeouts }),
        ProviderKind::SpinLlm => Box::new(SpinLlm { llm, name, prices }),
    }
}

fn wrong<T>(variable: &'static str, complaint: impl Into<String>) -> Result<T, SettingsError> {
    Err(SettingsError { variable, complaint: complaint.into() })
}

/// Where a provider is to whom no address is given.
pub fn own_url(provider: &str) -> Option<&'static str> {
    match provider {
        "openai" => Some("https://api.openai.com/v1"),
        "anthropic" => Some("https://api.anthropic.com"),
        "ollama" => Some("http://127.0.0.1:11434"),
        _ => None,
    }
}

fn base_url(settings: &Settings) -> Result<String, SettingsError> {
    if settings.base_url.is_empty() {
        if settings.key.is_empty() && settings.provider != "ollama" {
            return wrong(
                "model_key",
                "is empty; the provider wants one (a server of your own needs `model_base_url`)",
            );
        }
        return own_url(&settings.provider)
            .map_or_else(|| wrong("model_base_url", "is empty; say where the model answers"), |url| Ok(url.into()));
    }
    let Ok(url) = url::Url::parse(&settings.base_url) else {
        return wrong("model_base_url", "is no URL; try `http://127.0.0.1:11434/v1`");
    };
    if !matches!(url.scheme(), "http" | "https") || url.host().is_none() {
        return wrong("model_base_url", "is no http or https URL; try `http://127.0.0.1:11434/v1`");
    }
    if !url.username().is_empty() || url.password().is_some() || url.query().is_some() || url.fragment().is_some() {
        return wrong("model_base_url", "holds more than host, port and path; a key belongs into `model_key`");
    }
    Ok(url.as_str().trim_end_matches('/').into())
}

fn name(settings: &Settings) -> Result<String, SettingsError> {
    match settings.name.as_str() {
        "" => wrong("model_name", "is empty; give the model's name at the provider"),
        name if name.chars().any(char::is_control) => wrong("model_name", "holds a control character"),
        name => Ok(name.into()),
    }
}

fn prices(settings: &Settings) -> Result<Prices, SettingsError> {
    let input = price("model_price_in", &settings.price_in, Prices::default().input)?;
    let output = price("model_price_out", &settings.price_out, Prices::default().output)?;
    let cached_input = price("model_price_cached", &settings.price_cached, input)?;
    Ok(Prices { input, cached_input, output })
}

fn price(variable: &'static str, text: &str, default: MicroUsd) -> Result<MicroUsd, SettingsError> {
    match text {
        "" => Ok(default),
        text => domain::price::parse_usd(text).map_or_else(
            || wrong(variable, format!("is `{text}`; give US dollars per million tokens, such as `2.50`")),
            Ok,
        ),
    }
}

fn dialect(settings: &Settings) -> Result<Dialect, SettingsError> {
    match settings.dialect.as_str() {
        "" | "openai" => Ok(Dialect::OPENAI),
        "max_tokens" => Ok(Dialect::MAX_TOKENS),
        "json_object" => Ok(Dialect::JSON_OBJECT),
        other => wrong("model_dialect", format!("is `{other}`; it must be `openai`, `max_tokens` or `json_object`")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn settings(variables: &[(&str, &str)]) -> Settings {
        Settings::from_variables(|name| variables.iter().find(|(n, _)| *n == name).map(|(_, value)| value.to_string()))
    }

    fn check(variables: &[(&str, &str)], expect: Result<&str, &str>) {
        match (from_settings(&settings(variables)), expect) {
            (Ok(model), Ok(provider)) => assert_eq!(model.provider(), provider),
            (Err(error), Err(variable)) => {
                assert_eq!(error.variable, variable, "{error}");
                assert!(error.to_string().starts_with(&format!("`{variable}` ")), "{error}");
            }
            (Ok(_), Err(variable)) => panic!("{variable} was accepted"),
            (Err(error), Ok(_)) => panic!("{error}"),
        }
    }

    #[test]
    fn with_no_settings_at_all_the_rehearsal_model_plays() {
        check(&[], Ok("rehearsal"));
    }

    #[test]
    fn a_provider_of_ones_own_needs_no_key_and_a_public_one_does() {
        let name = ("model_name", "m");
        check(&[("model_provider", "openai"), name, ("model_base_url", "http://127.0.0.1:11434/v1/")], Ok("openai"));
        check(&[("model_provider", "openai"), name], Err("model_key"));
        check(&[("model_provider", "anthropic"), name], Err("model_key"));
        check(&[("model_provider", "anthropic"), name, ("model_key", "k")], Ok("anthropic"));
    }

    #[test]
    fn spins_own_models_want_a_name_and_nothing_else() {
        check(&[("model_provider", "spin_llm"), ("model_name", "llama2-chat")], Ok("spin_llm"));
        check(&[("model_provider", "spin_llm")], Err("model_name"));
    }

    #[test]
    fn a_wrong_setting_is_named() {
        let openai = ("model_provider", "openai");
        let key = ("model_key", "k");
        let name = ("model_name", "m");
        check(&[("model_provider", "gpt")], Err("model_provider"));
        check(&[openai, key], Err("model_name"));
        check(&[openai, key, name, ("model_base_url", "ftp://x")], Err("model_base_url"));
        check(&[openai, key, name, ("model_base_url", "https://k:v@x/v1")], Err("model_base_url"));
        check(&[openai, key, name, ("model_price_in", "cheap")], Err("model_price_in"));
        check(&[openai, key, name, ("model_price_out", "-1")], Err("model_price_out"));
        check(&[openai, key, name, ("model_price_cached", "x")], Err("model_price_cached"));
        check(&[openai, key, name, ("model_dialect", "klingon")], Err("model_dialect"));
    }

    #[test]
    fn a_model_for_vectors_is_the_providers_that_has_any() {
        let of = |variables: &[(&str, &str)]| embedder_from_settings(&settings(variables));
        let (key, model) = (("model_key", "k"), ("model_embedding", "text-embedding-x"));
        assert!(of(&[("model_provider", "openai"), key]).unwrap().is_none());
        let found =
            of(&[("model_provider", "openai"), key, model, ("model_price_embedding", "0.02")]).unwrap().unwrap();
        assert_eq!((found.provider(), found.name()), ("openai", "text-embedding-x"));
        assert!(found.cost_max(&["x".repeat(100)]) > MicroUsd(0));
        assert!(of(&[("model_provider", "ollama"), model]).unwrap().is_some());
        for provider in ["", "rehearsal", "anthropic"] {
            let error = of(&[("model_provider", provider), key, model]).err().unwrap();
            assert_eq!(error.variable, "model_embedding", "{provider}");
        }
        let dear = of(&[("model_provider", "openai"), key, model, ("model_price_embedding", "cheap")]);
        assert_eq!(dear.err().unwrap().variable, "model_price_embedding");
    }

    #[test]
    fn pictures_are_drawn_by_whom_the_operator_names_at_a_price_that_is_known() {
        use crate::drawing::Painter;
        let check = |more: &[(&str, &str)], expect: Result<Option<&str>, &str>| {
            let openai = [("model_provider", "openai"), ("model_key", "k"), ("model_name", "m")];
            let variables: Vec<_> = more.iter().chain(&openai).copied().collect();
            let found = Painter::of_the_operator(&settings(&variables));
            let found = found.as_ref().map(|one| one.as_ref().map(Painter::name)).map_err(|error| error.variable);
            assert_eq!(found, expect, "{more:?}");
        };
        let image = |name| ("model_image", name);
        check(&[], Ok(None));
        check(&[image("gpt-image-1")], Ok(Some("gpt-image-1")));
        check(&[image("flux")], Err("model_price_image"));
        check(&[image("flux"), ("model_price_image", "free")], Err("model_price_image"));
        check(&[image("flux"), ("model_price_image", "0")], Ok(Some("flux")));
        check(&[("model_base_url", "https://gate.example/v1"), image("gpt-image-1")], Err("model_price_image"));
        check(&[("model_provider", "anthropic"), image("gpt-image-1")], Err("model_image"));
        let rehearsal = Painter::of_the_operator(&settings(&[])).unwrap();
        assert!(matches!(rehearsal, Some(Painter::Rehearsal)));
    }

    #[test]
    fn a_model_without_prices_says_that_its_costs_mean_nothing() {
        let model = from_settings(&settings(&[("model_provider", "openai"), ("model_name", "m"), ("model_key", "k")]));
        assert!(!model.ok().unwrap().priced());
    }

    #[test]
    fn a_key_that_a_provider_repeats_is_taken_out() {
        assert_eq!(Secret::new("sk-1").scrub("wrong key sk-1!"), "wrong key [key]!");
        assert_eq!(Secret::default().scrub("a"), "a");
    }
}
