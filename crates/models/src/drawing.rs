//! Pictures drawn of an idea: OpenAI's images and whatever speaks like them, and the rehearsal's placeholder. What comes
//! back is untrusted bytes: it is a picture by its own structure, or it is nothing. An address instead of a picture is
//! never followed.

use base64ct::{Base64, Encoding};
use domain::picture::{Drawn, PICTURE_BYTES_MAX};
use domain::price::PicturePrice;
use domain::{Image, MicroUsd, ProviderKind};
use ports::{Http, Timeouts};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use crate::model::{ModelError, Spent, Usage};
use crate::rehearsal::{self, placeholder};
use crate::settings::{Offer, Secret, Settings, SettingsError, from_image_settings};
use crate::untrusted::{clean, excerpt};
use crate::{openai, price, wire};

/// How a drawing stands in the books.
pub const PROMPT_VERSION: &str = "drawing-1";
/// Most bytes of an answer: the largest picture in base64, and what is said around it.
const ANSWER_BYTES_MAX: usize = 8 * 1024 * 1024 + 512 * 1024;
/// The square that is asked for, in the words of the wire.
const SIZE: &str = "1024x1024";
/// Most tokens that a square of medium quality is counted as: 1,056 as published, and as much again.
const PICTURE_TOKENS_MAX: u64 = 2_112;
/// What every picture is told: words in it would be claims that nobody checked.
const RULES: &str = "No lettering, no figures, no logos, no watermark, no frame.";
/// What a server may not know; it is asked again without.
const PARTS: [&str; 4] = ["output_compression", "output_format", "quality", "response_format"];

/// Who draws.
pub enum Painter {
    /// A model behind `POST {base_url}/images/generations`.
    Model(ImagesModel),
    /// Nobody: a placeholder, labelled as one.
    Rehearsal,
}

/// A model for pictures.
pub struct ImagesModel {
    base_url: String,
    key: Secret,
    name: String,
    price: PicturePrice,
    timeouts: Timeouts,
}

/// A picture.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Painting {
    /// What its bytes are.
    pub drawn: Drawn,
    /// The bytes.
    pub bytes: Vec<u8>,
    /// What it took, where the provider tells.
    pub spent: Option<Spent>,
}

impl Painter {
    /// Behind an offer, at a price; none where such a provider has no images.
    pub fn of(offer: Offer, price: PicturePrice) -> Option<Self> {
        let Offer { kind, base_url, key, model: name, timeouts, .. } = offer;
        let model = ImagesModel { base_url, key, name, price, timeouts };
        (kind == ProviderKind::OpenAi).then_some(Self::Model(model))
    }

    /// The operator's; none where no images model is set.
    pub fn of_the_operator(settings: &Settings) -> Result<Option<Self>, SettingsError> {
        if settings.image_name.is_empty() {
            // What the rehearsal model thinks of is rehearsed to its end.
            return Ok(matches!(settings.provider.as_str(), "" | "rehearsal").then_some(Self::Rehearsal));
        }
        let (base_url, name, price) = from_image_settings(settings)?;
        let (key, timeouts) = (settings.key.clone(), settings.timeouts);
        Ok(Some(Self::Model(ImagesModel { base_url, key, name, price, timeouts })))
    }

    /// Who runs it.
    pub fn provider(&self) -> &'static str {
        match self {
            Self::Model(_) => ProviderKind::OpenAi.as_str(),
            Self::Rehearsal => "rehearsal",
        }
    }

    /// Its name at the provider.
    pub fn name(&self) -> &str {
        match self {
            Self::Model(model) => &model.name,
            Self::Rehearsal => rehearsal::NAME,
        }
    }

    /// The most that a picture of this idea can cost.
    pub fn cost_max(&self, idea: &Image) -> MicroUsd {
        match self {
            Self::Model(model) => {
                let read = price::tokens_max(prompt(idea).len()) as u64;
                model.cost(Usage { input_tokens: read, output_tokens: PICTURE_TOKENS_MAX, cached_tokens: 0 })
            }
            Self::Rehearsal => MicroUsd(0),
        }
    }

    /// Lower-case hex SHA-256 of what is asked, so that the same question is known again.
    pub fn sha256(&self, idea: &Image) -> String {
        let asked = format!("{}/{}\n{SIZE}\n{}", self.provider(), self.name(), prompt(idea));
        domain::post::hex(&Sha256::digest(asked.as_bytes()))
    }

    /// One picture of an idea.
    pub async fn draw(&self, http: &dyn Http, idea: &Image) -> Result<Painting, ModelError> {
        let by = format!("{}/{}", self.provider(), self.name());
        let (bytes, spent) = match self {
            Self::Model(model) => model.draw(http, idea).await?,
            Self::Rehearsal => (placeholder::png(&idea.prompt), Some(Spent::default())),
        };
        match Drawn::of(&bytes, &by) {
            Ok(drawn) => Ok(Painting { drawn, bytes, spent }),
            Err(why) => Err(ModelError::Unusable { reason: format!("what it drew {why}"), spent }),
        }
    }
}

/// What is drawn, in words: an idea is a person's or a model's text.
fn prompt(idea: &Image) -> String {
    format!("{}\n\n{RULES}", clean(&idea.prompt).trim())
}

impl ImagesModel {
    fn cost(&self, usage: Usage) -> MicroUsd {
        self.price.each
            + MicroUsd::for_tokens(usage.input_tokens, self.price.input)
            + MicroUsd::for_tokens(usage.output_tokens, self.price.output)
    }

    /// Those that count tokens answer in base64 by themselves and refuse to be asked for it.
    fn body(&self, idea: &Image) -> Value {
        let mut body = json!({ "model": self.name, "prompt": prompt(idea), "n": 1, "size": SIZE });
        let more = if ["gpt-image", "chatgpt-image"].iter().any(|family| self.name.starts_with(family)) {
            json!({ "quality": "medium", "output_format": "jpeg", "output_compression": 90 })
        } else {
            json!({ "response_format": "b64_json" })
        };
        if let (Some(body), Value::Object(more)) = (body.as_object_mut(), more) {
            body.extend(more);
        }
        body
    }

    async fn draw(&self, http: &dyn Http, idea: &Image) -> Result<(Vec<u8>, Option<Spent>), ModelError> {
        let mut body = self.body(idea);
        // Every round loses a part, so this ends; requests that were turned down cost nothing.
        loop {
            let response = self.send(http, &body).await?;
            if response.status == 200 {
                return self.read(&response);
            }
            let error = wire::failure(&response, &self.key, openai::quota_spent);
            let ModelError::BadRequest { status: 400 | 422, reason } = &error else { return Err(error) };
            if is_refused(&response) {
                return Err(ModelError::Refused { reason: reason.clone(), spent: Some(Spent::default()) });
            }
            let unknown = PARTS.iter().find(|part| reason.contains(**part) && body.get(**part).is_some());
            match unknown {
                Some(part) => drop(body.as_object_mut().and_then(|body| body.remove(*part))),
                None => return Err(error),
            }
        }
    }

    async fn send(&self, http: &dyn Http, body: &Value) -> Result<ports::Response, ModelError> {
        let mut headers = Vec::new();
        if !self.key.is_empty() {
            headers.push(("authorization".into(), format!("Bearer {}", self.key.reveal())));
        }
        let url = format!("{}/images/generations", self.base_url);
        wire::post_for(http, (url, &self.key), headers, body, (self.timeouts, ANSWER_BYTES_MAX)).await
    }

    fn read(&self, response: &ports::Response) -> Result<(Vec<u8>, Option<Spent>), ModelError> {
        let body = wire::body(response, &self.key)?;
        let spent = self.spent(&body, response);
        let unusable = |reason: &str| Err(ModelError::Unusable { reason: excerpt(reason, 300), spent: spent.clone() });
        let one = body.pointer("/data/0").unwrap_or(&Value::Null);
        let Some(text) = one.get("b64_json").and_then(Value::as_str).filter(|text| !text.is_empty()) else {
            return unusable(match one.get("url") {
                Some(Value::String(_)) => "it gives an address instead of a picture, and no address is followed",
                _ => "it holds no picture",
            });
        };
        if text.len() / 4 * 3 > PICTURE_BYTES_MAX + 2 {
            return unusable(&format!("its picture has more than {PICTURE_BYTES_MAX} bytes"));
        }
        match Base64::decode_vec(text) {
            Ok(bytes) => Ok((bytes, spent)),
            Err(_) => unusable("its picture is no base64, or cut off"),
        }
    }

    fn spent(&self, body: &Value, response: &ports::Response) -> Option<Spent> {
        let usage = Usage {
            input_tokens: wire::count(body, "/usage/input_tokens"),
            output_tokens: wire::count(body, "/usage/output_tokens"),
            cached_tokens: 0,
        };
        wire::is_told(usage)?;
        Some(Spent { usage, cost: self.cost(usage), request_id: wire::request_id(response) })
    }
}

/// Whether a 400 says that such a picture is not drawn.
fn is_refused(response: &ports::Response) -> bool {
    let body: Value = serde_json::from_slice(&response.body).unwrap_or(Value::Null);
    let code = body.pointer("/error/code").and_then(Value::as_str).unwrap_or_default();
    matches!(code, "content_policy_violation" | "moderation_blocked" | "content_filter")
}

#[cfg(test)]
mod tests;
