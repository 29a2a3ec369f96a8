//! What is to be planned: a brief from a file, or the least one that a sentence makes.

use std::path::PathBuf;

use anyhow::{Context, Result, bail};
use domain::Mode;
use domain::brief::{Brand, Brief, Claims, Complaint, Fact, Goal, Style};
use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{ToSpan, Zoned};
use serde_json::{Value, json};

/// The brand of a goal without one. It says itself that it is none.
const NO_BRAND: &str = "Your brand";
/// Reserved for examples: it leads nowhere that anybody owns.
const NO_URL: &str = "https://brand.example";

#[derive(clap::Args)]
#[group(id = "plan")]
pub struct Args {
    /// The goal, in a sentence or two
    #[arg(required_unless_present_any = ["brief", "campaign"])]
    goal: Option<String>,
    /// A brief file (TOML) instead; tests/fixtures/briefs has three
    #[arg(long, value_name = "FILE", conflicts_with = "goal")]
    brief: Option<PathBuf>,
    /// `rehearsal`: nothing leaves the building. `performance`: what a person approves goes out
    #[arg(long, default_value = "rehearsal", value_name = "MODE")]
    pub mode: Mode,
    /// Lets a rehearsal wait for the planned times, instead of playing it in time-lapse
    #[arg(long)]
    real_time: bool,
    /// The most that its model calls may cost, in US dollars: 2.50
    #[arg(long, value_name = "USD", value_parser = parse_usd)]
    budget: Option<i64>,
    /// What the campaign is called [default: the API names it after the brand]
    #[arg(long)]
    name: Option<String>,
    #[command(flatten)]
    words: Words,
}

/// What a brief of one sentence lacks.
#[derive(clap::Args)]
#[command(next_help_heading = "For a goal without a brief")]
struct Words {
    /// Who speaks
    #[arg(long, value_name = "NAME", conflicts_with = "brief")]
    brand: Option<String>,
    /// Its home page: the one URL that posts may name
    #[arg(long, value_name = "URL", conflicts_with = "brief")]
    brand_url: Option<String>,
    /// What it is, in a sentence
    #[arg(long, value_name = "SENTENCE", conflicts_with = "brief")]
    one_line: Option<String>,
    /// For whom; may be repeated
    #[arg(long, value_name = "WHO", conflicts_with = "brief")]
    audience: Vec<String>,
    /// How it sounds; may be repeated
    #[arg(long, value_name = "HOW", conflicts_with = "brief")]
    voice: Vec<String>,
    /// A fact that posts may use, name=text; may be repeated. Numbers come from facts alone
    #[arg(long, value_name = "NAME=TEXT", value_parser = crate::settings::parse_variable, conflicts_with = "brief")]
    fact: Vec<(String, String)>,
    /// A claim that no post may make; may be repeated
    #[arg(long, value_name = "CLAIM", conflicts_with = "brief")]
    ban: Vec<String>,
    /// Words that every post must hold; may be repeated
    #[arg(long, value_name = "WORDS", conflicts_with = "brief")]
    require: Vec<String>,
    /// Posts a week
    #[arg(long, default_value_t = 3, conflicts_with = "brief")]
    posts_per_week: u32,
    /// Weeks
    #[arg(long, default_value_t = 2, conflicts_with = "brief")]
    weeks: u32,
    /// IANA time zone [default: this machine's]
    #[arg(long, value_name = "ZONE", conflicts_with = "brief")]
    timezone: Option<String>,
    /// First day, YYYY-MM-DD [default: tomorrow]
    #[arg(long, value_name = "DATE", conflicts_with = "brief")]
    start: Option<Date>,
}

impl Args {
    /// The body of the request that creates the campaign.
    pub fn body(&self) -> Result<Value> {
        let mut body = match &self.brief {
            Some(path) => {
                let text = std::fs::read_to_string(path).with_context(|| format!("cannot read {}", path.display()))?;
                Brief::parse(&text).or_else(|complaints| refuse(&path.display().to_string(), &complaints))?;
                json!({ "brief_toml": text })
            }
            None => {
                let brief = self.words.brief(self.goal.clone().unwrap_or_default(), &Zoned::now())?;
                match brief.complaints() {
                    complaints if complaints.is_empty() => json!({ "brief": brief }),
                    complaints => refuse("this goal", &complaints)?,
                }
            }
        };
        body["mode"] = json!(self.mode);
        body["time_lapse"] = json!(self.mode == Mode::Rehearsal && !self.real_time);
        if let Some(name) = &self.name {
            body["name"] = json!(name);
        }
        if let Some(budget) = self.budget {
            body["budget_micro_usd"] = json!(budget);
        }
        Ok(body)
    }
}

fn refuse<T>(what: &str, complaints: &[Complaint]) -> Result<T> {
    let lines: Vec<_> = complaints.iter().map(|complaint| format!("\n  {complaint}")).collect();
    bail!("{what} cannot be used as a brief:{}", lines.concat())
}

impl Words {
    fn brief(&self, text: String, now: &Zoned) -> Result<Brief> {
        let zone = match &self.timezone {
            Some(name) => name.clone(),
            None => now.time_zone().iana_name().unwrap_or("UTC").to_owned(),
        };
        // A zone that does not exist is told with everything else that is wrong.
        let today = TimeZone::get(&zone).map_or_else(|_| now.date(), |zone| now.with_time_zone(zone).date());
        let tomorrow = today.checked_add(1.day()).context("there is no tomorrow in the calendar")?;
        let name = self.brand.clone().unwrap_or_else(|| NO_BRAND.into());
        let facts = self.fact.iter().map(|(name, text)| (name.clone(), Fact::Text(text.clone())));
        Ok(Brief {
            brand: Brand {
                one_line: self.one_line.clone().unwrap_or_else(|| format!("{name}.")),
                name,
                url: self.brand_url.clone().unwrap_or_else(|| NO_URL.into()),
                audience: self.audience.clone(),
                voice: self.voice.clone(),
                language: "en".into(),
                also_in: Vec::new(),
            },
            facts: facts.collect(),
            claims: Claims { allowed: Vec::new(), required: self.require.clone(), banned: self.ban.clone() },
            style: Style::default(),
            goal: Goal {
                text,
                channels: vec!["stage".into()],
                posts_per_week: self.posts_per_week,
                weeks: self.weeks,
                timezone: zone,
                start: self.start.unwrap_or(tomorrow),
            },
        })
    }
}

/// Dollars with up to six digits behind the point, in micro-USD.
fn parse_usd(text: &str) -> Result<i64, String> {
    let wrong = || format!("`{text}` is no amount; write it as 2.50");
    let (whole, part) = text.split_once('.').unwrap_or((text, ""));
    let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    if whole.is_empty() || !digits(whole) || !digits(part) || part.len() > 6 {
        return Err(wrong());
    }
    let micro = format!("{whole}{part:0<6}");
    micro.parse().map_err(|_| wrong())
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::*;

    #[derive(Parser)]
    struct Line {
        #[command(flatten)]
        plan: Args,
        #[arg(long)]
        campaign: Option<String>,
    }

    fn plan(arguments: &[&str]) -> Args {
        let line = Line::try_parse_from([&["goal"], arguments].concat()).unwrap();
        assert!(line.campaign.is_none());
        line.plan
    }

    #[test]
    fn a_sentence_makes_a_brief_that_the_domain_accepts() {
        let body = plan(&["Sell 60 loaves a week"]).body().unwrap();
        assert_eq!(body["brief"]["goal"]["text"], "Sell 60 loaves a week");
        assert_eq!(body["brief"]["brand"]["name"], NO_BRAND);
        assert_eq!((&body["mode"], &body["time_lapse"]), (&json!("rehearsal"), &json!(true)));
    }

    #[test]
    fn it_starts_tomorrow_where_the_campaign_is() {
        let now: Zoned = "2027-03-01T23:30:00[America/New_York]".parse().unwrap();
        let starts = |arguments: &[&str]| {
            let arguments = [&["Sell bread"], arguments].concat();
            plan(&arguments).words.brief("Sell bread".into(), &now).unwrap().goal.start.to_string()
        };
        assert_eq!(starts(&[]), "2027-03-02");
        assert_eq!(starts(&["--timezone", "Asia/Tokyo"]), "2027-03-03");
        assert_eq!(starts(&["--start", "2027-04-01"]), "2027-04-01");
    }

    #[test]
    fn a_performance_is_never_played_in_time_lapse() {
        let body = plan(&["Sell bread", "--mode", "performance"]).body().unwrap();
        assert_eq!(body["time_lapse"], json!(false));
    }

    #[test]
    fn everything_that_is_wrong_is_said_at_once() {
        let arguments = ["Sell bread", "--timezone", "Mars/Olympus", "--weeks", "0", "--brand-url", "bread"];
        let error = plan(&arguments).body().unwrap_err().to_string();
        for field in ["goal.timezone", "goal.weeks", "brand.url"] {
            assert!(error.contains(field), "{field} is not in: {error}");
        }
    }

    #[test]
    fn dollars_become_micro_dollars_to_the_digit() {
        for (text, expect) in [("2.50", 2_500_000), ("0.000001", 1), ("3", 3_000_000), ("10.", 10_000_000)] {
            assert_eq!(parse_usd(text), Ok(expect), "{text}");
        }
        for text in ["", ".5", "-1", "1.2.3", "1,50", "1e3", "0.0000001", "99999999999999"] {
            assert!(parse_usd(text).is_err(), "{text}");
        }
    }
}
