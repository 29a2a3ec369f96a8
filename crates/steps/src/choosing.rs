//! Which model answers: the workspace's own providers, as its agents chose, else the operator's by the variables.

use std::rc::Rc;

use domain::price::PicturePrice;
use domain::{AgentRole, CheckVerdict, MicroUsd, provider};
use engine::Outcome;
use futures::future::join_all;
use models::drawing::Painter;
use models::embedding::Embedder;
use models::{Link, Model, ModelError, Offer, Prices, Secret, Settings, SettingsError, Spent};
use ports::{DbError, Llm, NoLlm, Ports, Timeouts};
use store::envelope::Envelopes;
use store::job::Claimed;
use store::provider as providers;

use crate::asking::stored;

/// Whoever can be asked.
pub struct Models<'a> {
    /// What answers where the workspace has nobody of its own.
    operators: Operators<'a>,
    /// What makes vectors where the workspace has nobody of its own for it.
    operators_embedder: Option<Embedder>,
    /// Who draws there; none where the operator names nobody.
    painter: Result<Option<Painter>, SettingsError>,
    /// What keys are sealed with; none: what the install made.
    seal_key: Option<String>,
    /// What the operator lets a workspace's providers be.
    hosts: Vec<String>,
    /// What the operator lets workspaces ask of the host's own models.
    hosts_models: Vec<String>,
    timeouts: Timeouts,
    /// The host's own models.
    llm: Rc<dyn Llm>,
}

enum Operators<'a> {
    Model(Box<dyn Model>),
    Wrong(SettingsError),
    /// For tests: nobody has a choice.
    Only(&'a dyn Model),
}

/// A job whose model is not set up well waits so long for the operator, in milliseconds.
const SETTINGS_MS: i64 = 60_000;

impl Models<'static> {
    /// Reads the variables; a model's first byte may take so long. `llm`: the host's own models.
    pub fn from_variables(
        variable: impl Fn(&str) -> Option<String>,
        first_byte_ms: u32,
        llm: impl Llm + 'static,
    ) -> Self {
        let mut settings = Settings::from_variables(&variable);
        settings.timeouts.first_byte_ms = first_byte_ms;
        settings.llm = Rc::new(llm);
        let operators = match models::from_settings(&settings) {
            Ok(model) => Operators::Model(model),
            Err(error) => Operators::Wrong(error),
        };
        // Memory is found by words alone without it, so that a wrong setting holds nothing up.
        let operators_embedder = models::embedder_from_settings(&settings).unwrap_or_else(|error| {
            eprintln!("memory is not looked through by meaning: {error}");
            None
        });
        let painter = Painter::of_the_operator(&settings);
        let (hosts, hosts_models) = (provider::hosts(&variable), provider::hosts_models(&variable));
        let seal_key = variable("seal_key").filter(|text| !text.trim().is_empty());
        let Settings { timeouts, llm, .. } = settings;
        Self { operators, operators_embedder, painter, seal_key, hosts, hosts_models, timeouts, llm }
    }
}

impl<'a> Models<'a> {
    /// This one and no other, whatever a workspace has.
    pub fn only(model: &'a dyn Model) -> Self {
        let painter = (model.provider() == "rehearsal").then_some(Painter::Rehearsal);
        Self {
            operators: Operators::Only(model),
            operators_embedder: None,
            painter: Ok(painter),
            seal_key: None,
            hosts: Vec::new(),
            hosts_models: Vec::new(),
            timeouts: Settings::default().timeouts,
            llm: Rc::new(NoLlm),
        }
    }

    /// With somebody else who draws.
    #[must_use]
    pub fn drawing(self, painter: Painter) -> Self {
        Self { painter: Ok(Some(painter)), ..self }
    }

    /// Whom an agent asks, one after the other.
    pub(crate) async fn chain(&self, ports: &Ports<'_>, job: &Claimed, role: AgentRole) -> Result<Chain<'_>, Outcome> {
        if let Operators::Only(model) = self.operators {
            return Ok(Chain::of_the_operator(model));
        }
        let found = providers::chain(ports.db, ports.clock.pinned_ms(), &job.workspace_id, role).await;
        let found = found.map_err(|error| stored(&error))?;
        if found.is_empty() {
            return match &self.operators {
                Operators::Model(model) => Ok(Chain::of_the_operator(model.as_ref())),
                Operators::Only(model) => Ok(Chain::of_the_operator(*model)),
                Operators::Wrong(error) => Err(wait(format!("no model is set up: {error}"))),
            };
        }
        let envelopes = self.envelopes(ports).await.map_err(wait)?;
        let mut own = Vec::new();
        let mut wrong = None;
        for link in found {
            match self.model(&envelopes, &link) {
                Ok(model) => own.push((link, model)),
                Err(complaint) => wrong = Some(format!("{} cannot be asked: {complaint}", link.name)),
            }
        }
        match wrong {
            Some(reason) if own.is_empty() => Err(wait(reason)),
            _ => Ok(Chain { own, operators: None }),
        }
    }

    /// Who turns texts into vectors, and which of the workspace's providers it is; without one the operator's. None
    /// where there is nobody, or the workspace's own cannot be asked.
    pub(crate) async fn embedder(&self, ports: &Ports<'_>, job: &Claimed) -> Option<(Embedder, Option<String>)> {
        if let Operators::Only(_) = self.operators {
            return None;
        }
        let own = providers::embedder(ports.db, ports.clock.pinned_ms(), &job.workspace_id).await.ok()?;
        let Some(link) = own else { return self.operators_embedder.clone().map(|embedder| (embedder, None)) };
        let envelopes = self.envelopes(ports).await.ok()?;
        let embedder = Embedder::of(self.offer(&envelopes, &link).ok()?)?;
        Some((embedder, Some(link.id)))
    }

    /// Who draws pictures, and which provider it is where it is the workspace's own. None: nobody. An error: somebody is
    /// to, and cannot.
    pub(crate) async fn painter(
        &self,
        ports: &Ports<'_>,
        job: &Claimed,
    ) -> Result<Option<(Hand<'_>, Option<String>)>, String> {
        if matches!(self.operators, Operators::Only(_)) {
            return Ok(self.operators_painter()?.map(|painter| (painter, None)));
        }
        let (db, pinned_ms, workspace_id) = (ports.db, ports.clock.pinned_ms(), job.workspace_id.as_str());
        let found = providers::painter(db, pinned_ms, workspace_id).await.map_err(|error| error.to_string())?;
        let Some(link) = found else {
            let has_own = !providers::list(db, workspace_id).await.map_err(|error| error.to_string())?.is_empty();
            let painter = if has_own { None } else { self.operators_painter()? };
            return Ok(painter.map(|painter| (painter, None)));
        };
        let offer = self.offer(&self.envelopes(ports).await?, &link);
        let offer = offer.map_err(|complaint| format!("{} cannot be asked: {complaint}", link.name))?;
        let price = match (link.prices, domain::price::known_picture(link.kind, &offer.base_url, &link.model)) {
            (Some((input, _, output)), _) => PicturePrice {
                each: MicroUsd(link.picture_micro_usd.unwrap_or(0)),
                input: MicroUsd(input),
                output: MicroUsd(output),
            },
            (None, Some(known)) => known.price,
            (None, None) => {
                return Err(format!("nobody said what a picture of {} costs (Settings, Models)", link.model));
            }
        };
        Ok(Painter::of(offer, price).map(|painter| (Hand::Own(painter), Some(link.id))))
    }

    fn operators_painter(&self) -> Result<Option<Hand<'_>>, String> {
        let painter = self.painter.as_ref().map_err(|error| format!("no model for pictures is set up: {error}"))?;
        Ok(painter.as_ref().map(Hand::Operators))
    }

    async fn envelopes(&self, ports: &Ports<'_>) -> Result<Envelopes, String> {
        Envelopes::of(ports.db, self.seal_key.as_deref()).await.map_err(|error| error.to_string())
    }

    /// The model behind a link. What the operator allows is asked again: it may have changed since it was saved.
    fn model(&self, envelopes: &Envelopes, link: &providers::Link) -> Result<Box<dyn Model>, String> {
        self.offer(envelopes, link).map(models::offered)
    }

    fn offer(&self, envelopes: &Envelopes, link: &providers::Link) -> Result<Offer, String> {
        let base_url = provider::base_url(link.kind, &link.base_url, self.hosts.iter().map(String::as_str))
            .map_err(|complaint| format!("its address {complaint}"))?;
        if link.kind.is_the_host() {
            provider::allowed_of_host(std::slice::from_ref(&link.model), &self.hosts_models)
                .map_err(|complaint| format!("its models {complaint}"))?;
        }
        let key = link.key(envelopes).map_err(|error| format!("its key: {error}"))?;
        let prices = match link.prices {
            Some((input, cached, output)) => prices(input, cached, output),
            None => match domain::price::known(link.kind, &base_url, &link.model) {
                Some(known) => prices(known.input.0, known.cached.0, known.output.0),
                None => Prices::default(),
            },
        };
        let key = key.map(Secret::new).unwrap_or_default();
        let model = link.model.clone();
        let (timeouts, llm) = (self.timeouts, self.llm.clone());
        Ok(Offer { kind: link.kind, base_url, key, model, prices, timeouts, llm })
    }

    /// Tries the providers that somebody wants tried, and says what came of it. Safe to run twice.
    pub async fn try_wanted(&self, ports: &Ports<'_>) -> Result<(), DbError> {
        let wanted = providers::wanted(ports.db, ports.clock.pinned_ms(), CHECKS_MAX).await?;
        if wanted.is_empty() {
            return Ok(());
        }
        let envelopes = self.envelopes(ports).await;
        let tries = wanted.iter().map(async |link| {
            let model = envelopes.as_ref().map_err(Clone::clone).and_then(|envelopes| self.model(envelopes, link));
            let said = match model {
                Ok(model) => said(model.probe(ports.http).await, link),
                Err(complaint) => (CheckVerdict::Failed, format!("It was not asked: {complaint}.")),
            };
            (link, said)
        });
        for (link, (verdict, says)) in join_all(tries).await {
            providers::checked(ports.db, ports.clock.pinned_ms(), link, (verdict, &says)).await?;
        }
        Ok(())
    }
}

/// Most providers that are tried at a time.
const CHECKS_MAX: u32 = 8;

fn wait(reason: String) -> Outcome {
    Outcome::Wait { reason, after_ms: SETTINGS_MS, blocked_until: None }
}

fn prices(input: i64, cached: i64, output: i64) -> Prices {
    Prices { input: MicroUsd(input), cached_input: MicroUsd(cached), output: MicroUsd(output) }
}

/// What came of a try, in a word and a sentence, and what it cost. The answer may be cut or refused: it was reached.
fn said(came: Result<Option<Spent>, ModelError>, link: &providers::Link) -> (CheckVerdict, String) {
    let model = &link.model;
    let spent = came.as_ref().map_or_else(ModelError::spent, Option::as_ref);
    let paid = spent.map_or(String::new(), |spent| match spent.usage.input_tokens + spent.usage.output_tokens {
        0 => String::new(),
        tokens => format!(" The try took {tokens} tokens and cost {}.", spent.cost),
    });
    match came {
        Ok(_) | Err(ModelError::Length { .. } | ModelError::Refused { .. }) => {
            (CheckVerdict::Reached, format!("It answered, as {model}.{paid}"))
        }
        Err(ModelError::Auth { .. }) if !link.has_key() => {
            (CheckVerdict::KeyWrong, "It wants a key, and has none here.".into())
        }
        Err(ModelError::Auth { .. }) => (CheckVerdict::KeyWrong, "It does not take the key.".into()),
        Err(ModelError::QuotaSpent) => {
            (CheckVerdict::Quota, "It takes the key, but the account has no credit left.".into())
        }
        Err(ModelError::BadRequest { status: 404, .. }) => {
            (CheckVerdict::ModelUnknown, format!("It has no model {model}, or its address is another."))
        }
        Err(ModelError::BadRequest { status: 0 | 400, reason }) if reason.to_lowercase().contains("model") => {
            (CheckVerdict::ModelUnknown, format!("It has no model {model}: {reason}"))
        }
        Err(error @ (ModelError::RateLimited { .. } | ModelError::Overloaded { .. })) => {
            (CheckVerdict::Busy, format!("It was reached: {error}."))
        }
        Err(ModelError::NoAnswer { .. }) => (CheckVerdict::TimedOut, "It gave no whole answer in time.".into()),
        Err(ModelError::Unreachable { reason }) => (CheckVerdict::Unreachable, format!("It is not reached: {reason}")),
        Err(error) => (CheckVerdict::Failed, format!("{error}.")),
    }
}

/// Whose words are judged.
#[derive(Clone, Copy)]
pub(crate) struct Judged<'a> {
    /// Who wrote them: `provider/model`; empty: no model.
    pub(crate) writer: &'a str,
    /// Whether the model that people chose for the judge stands, even if it is the one that wrote.
    pub(crate) choice_counts: bool,
}

/// Whose painter it is.
pub(crate) enum Hand<'a> {
    /// The workspace's.
    Own(Painter),
    /// The operator's.
    Operators(&'a Painter),
}

impl std::ops::Deref for Hand<'_> {
    type Target = Painter;

    fn deref(&self) -> &Painter {
        match self {
            Self::Own(painter) => painter,
            Self::Operators(painter) => painter,
        }
    }
}

/// Who is asked for one job, in turn.
pub(crate) struct Chain<'a> {
    own: Vec<(providers::Link, Box<dyn Model>)>,
    operators: Option<&'a dyn Model>,
}

impl<'a> Chain<'a> {
    fn of_the_operator(model: &'a dyn Model) -> Self {
        Self { own: Vec::new(), operators: Some(model) }
    }

    /// As a judge of somebody's words (`provider/model`) is asked: who wrote them goes last, for nobody judges their
    /// own words while there is another.
    pub(crate) fn judges(&self, of: Judged<'_>) -> Vec<Link<'_>> {
        let mut links = self.links();
        let is_chosen = |link: &Link<'_>| {
            let chosen = self.own.iter().any(|(own, _)| own.is_chosen && Some(own.id.as_str()) == link.id);
            chosen && of.choice_counts
        };
        links.sort_by_key(|link| {
            format!("{}/{}", link.model.provider(), link.model.name()) == of.writer && !is_chosen(link)
        });
        links
    }

    /// As it is asked.
    pub(crate) fn links(&self) -> Vec<Link<'_>> {
        let own =
            self.own.iter().map(|(link, model)| Link { model: model.as_ref(), id: Some(&link.id), name: &link.name });
        let operators = self.operators.iter().map(|model| Link { model: *model, id: None, name: model.provider() });
        own.chain(operators).collect()
    }
}
