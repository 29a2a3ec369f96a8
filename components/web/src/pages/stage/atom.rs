//! Atom 1.0 (RFC 4287).

use std::collections::BTreeMap;

use quick_xml::Writer;
use quick_xml::events::{BytesDecl, BytesText, Event};
use serve::Problem;
use store::stage::StageEntry;

use super::{Stage, content_html};
use crate::elements::time::rfc3339;

type Xml = Writer<Vec<u8>>;

/// The feed. `updated_at`: of the newest entry.
pub fn feed(
    stage: &Stage,
    entries: &[StageEntry],
    zones: &BTreeMap<String, String>,
    updated_at: Option<i64>,
) -> Result<String, Problem> {
    let broken = |error: std::io::Error| Problem::Internal(error.into());
    let mut xml = Writer::new(Vec::new());
    xml.write_event(Event::Decl(BytesDecl::new("1.0", Some("utf-8"), None))).map_err(broken)?;
    xml.create_element("feed")
        .with_attribute(("xmlns", "http://www.w3.org/2005/Atom"))
        .write_inner_content(|xml| {
            text(xml, "id", &stage.tag(""))?;
            text(xml, "title", &stage.title())?;
            text(xml, "updated", &rfc3339(updated_at.unwrap_or(0)))?;
            link(xml, "self", "application/atom+xml", &stage.url("/atom.xml"))?;
            link(xml, "alternate", "text/html", &stage.url(""))?;
            xml.create_element("author").write_inner_content(|xml| text(xml, "name", &stage.workspace.name))?;
            text(xml, "generator", "Rondo")?;
            entries.iter().try_for_each(|one| entry(xml, stage, one, zones))
        })
        .map_err(broken)?;
    String::from_utf8(xml.into_inner()).map_err(|error| Problem::Internal(error.into()))
}

fn entry(xml: &mut Xml, stage: &Stage, entry: &StageEntry, zones: &BTreeMap<String, String>) -> std::io::Result<()> {
    xml.create_element("entry").with_attribute(("xml:lang", entry.language.as_str())).write_inner_content(|xml| {
        text(xml, "id", &stage.tag(&stage.entry_path(entry)))?;
        text(xml, "title", &without_controls(&entry.title))?;
        text(xml, "published", &rfc3339(entry.published_at))?;
        text(xml, "updated", &rfc3339(entry.published_at))?;
        link(xml, "alternate", "text/html", &stage.url(&stage.entry_path(entry)))?;
        xml.create_element("content")
            .with_attribute(("type", "html"))
            .write_text_content(BytesText::new(&without_controls(&content_html(stage, entry, zones))))?;
        Ok(())
    })?;
    Ok(())
}

fn text(xml: &mut Xml, name: &str, text: &str) -> std::io::Result<()> {
    xml.create_element(name).write_text_content(BytesText::new(text)).map(|_| ())
}

fn link(xml: &mut Xml, rel: &str, kind: &str, href: &str) -> std::io::Result<()> {
    xml.create_element("link").with_attributes([("rel", rel), ("type", kind), ("href", href)]).write_empty().map(|_| ())
}

/// XML 1.0 has no way to write most control characters.
fn without_controls(text: &str) -> String {
    text.chars().filter(|one| !one.is_control() || matches!(one, '\n' | '\t')).collect()
}
