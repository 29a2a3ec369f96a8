//! The same against a running app: everything is computed here from what its API gives.

use anyhow::{Result, bail};
use domain::seal::{Break, Chain, Seal, Sealed};
use serde::Deserialize;
use store::seal::{Unsealed, Verdict};

use crate::api::Api;

/// Entries of a page; the API's own limit.
const PAGE: u32 = 200;

#[derive(Deserialize)]
struct Seals {
    workspace_id: String,
    sealed_to: i64,
    items: Vec<Seal>,
    next: Option<i64>,
}

#[derive(Deserialize)]
struct Lines {
    items: Vec<Text>,
    next: Option<i64>,
}

#[derive(Deserialize)]
struct Text {
    seq: i64,
    line: String,
}

#[derive(Deserialize)]
struct Me {
    workspace: Workspace,
}

#[derive(Deserialize)]
struct Workspace {
    name: String,
}

/// Follows the chain of the workspace that the token belongs to; gives its name.
pub async fn verify(url: &str, token: Option<String>, kept: Option<&str>) -> Result<(String, Verdict)> {
    let api = Api::new(url, token)?;
    let me: Me = api.get("/me").await?;
    let mut seals: Seals = api.get(&format!("/seals?limit={PAGE}")).await?;
    let through = seals.sealed_to;
    let mut chain = Chain::begin(&seals.workspace_id);
    let mut lines =
        Reader { api: &api, workspace_id: seals.workspace_id.clone(), ahead: Vec::new(), next: Some(i64::MIN) };
    let (mut met, mut broken) = (false, None);
    'chain: loop {
        for seal in &seals.items {
            let events = lines.up_to(seal.seq_to).await?;
            if let Err(found) = chain.follow(seal, &events) {
                broken = Some(found);
                break 'chain;
            }
            met |= kept == Some(&chain.hash);
        }
        match seals.next {
            Some(number) => seals = api.get(&format!("/seals?limit={PAGE}&after={number}")).await?,
            None => break,
        }
    }
    let mut unsealed = Unsealed::default();
    if broken.is_none() {
        let rest = lines.up_to(i64::MAX).await?;
        broken = rest.first().filter(|event| event.seq <= through).map(|event| Break::Inserted { seq: event.seq });
        unsealed.events = i64::try_from(rest.len())?;
    }
    if broken.is_none() && kept.is_some() && !met {
        broken = Some(Break::HeadMissing);
    }
    Ok((me.workspace.name, Verdict { chain, broken, met, unsealed }))
}

/// Reads the lines of events page by page.
struct Reader<'a> {
    api: &'a Api,
    workspace_id: String,
    ahead: Vec<Sealed>,
    next: Option<i64>,
}

impl Reader<'_> {
    async fn up_to(&mut self, seq_to: i64) -> Result<Vec<Sealed>> {
        while let Some(after) = self.next
            && self.ahead.last().is_none_or(|event| event.seq <= seq_to)
        {
            let page: Lines = self.api.get(&format!("/seals/lines?limit={PAGE}&after={after}")).await?;
            for text in page.items {
                match Sealed::of_text(&self.workspace_id, text.seq, &text.line) {
                    Some(event) => self.ahead.push(event),
                    None => bail!("the app gives a line for event {} that is of another event", text.seq),
                }
            }
            // A page that does not lead on would be asked for again for ever.
            self.next = page.next.filter(|next| *next > after);
        }
        let end = self.ahead.partition_point(|event| event.seq <= seq_to);
        let rest = self.ahead.split_off(end);
        Ok(std::mem::replace(&mut self.ahead, rest))
    }
}
