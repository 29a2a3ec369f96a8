//! The files of `static/` that pages name, each with a stamp of its content in its URL, so that browsers may keep
//! them for good and still never show an old one.

/// A file of `static/`.
#[derive(Clone, Copy, Debug)]
pub struct Asset {
    path: &'static str,
    stamp: u32,
}

impl std::fmt::Display for Asset {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "/static/{}?v={:08x}", self.path, self.stamp)
    }
}

/// FNV-1a. Evaluated by the compiler: the files' bytes do not become part of the component.
const fn stamp(bytes: &[u8]) -> u32 {
    let (mut hash, mut at) = (0x811c_9dc5_u32, 0);
    while at < bytes.len() {
        hash = (hash ^ bytes[at] as u32).wrapping_mul(0x0100_0193);
        at += 1;
    }
    hash
}

/// The stamp of several files together.
const fn stamp_of(assets: &[Asset]) -> u32 {
    let (mut hash, mut at) = (0x811c_9dc5_u32, 0);
    while at < assets.len() {
        hash = (hash ^ assets[at].stamp).wrapping_mul(0x0100_0193);
        at += 1;
    }
    hash
}

impl Asset {
    /// Under `static/`.
    pub fn path(&self) -> &'static str {
        self.path
    }
}

macro_rules! assets {
    ($($path:literal),+ $(,)?) => {
        &[$(Asset { path: $path, stamp: const { stamp(include_bytes!(concat!("../../../static/", $path))) } }),+]
    };
}

/// Every style sheet, the order of layers first.
pub const STYLES: &[Asset] = assets![
    "css/layers.css",
    "css/reset.css",
    "css/base.css",
    "css/page.css",
    "css/bar.css",
    "css/button.css",
    "css/form.css",
    "css/card.css",
    "css/channel.css",
    "css/badge.css",
    "css/notice.css",
    "css/stage-strip.css",
    "css/campaign.css",
    "css/agent.css",
    "css/conductor.css",
    "css/brand.css",
    "css/strategy.css",
    "css/post.css",
    "css/scores.css",
    "css/review.css",
    "css/learning.css",
    "css/diff.css",
    "css/preview.css",
    "css/inbox.css",
    "css/calendar.css",
    "css/stage.css",
    "css/door.css",
    "css/settings.css",
    "css/gallery.css",
    "css/history.css",
    "css/utilities.css",
];

/// All of them as one file, which is what pages name: one request instead of many, and no comments. `static_files`
/// makes it of the others.
pub const SHEET: Asset = Asset { path: "all.css", stamp: stamp_of(STYLES) };

/// Every script. Each does nothing where its element is not on the page.
pub const SCRIPTS: &[Asset] = assets![
    "js/live-part.js",
    "js/live-page.js",
    "js/local-time.js",
    "js/own-zone.js",
    "js/copy-button.js",
    "js/submit-now.js",
    "js/drop.js",
    "js/tick-count.js",
    "js/calendar-drag.js",
    "js/keys.js",
];

/// The icon.
pub const ICON: Asset = assets!["icons/rondo.svg"][0];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_style_sheet_and_script_of_the_folder_is_named_here() {
        for (folder, listed) in [("css", STYLES), ("js", SCRIPTS)] {
            let path = format!("{}/../../static/{folder}", env!("CARGO_MANIFEST_DIR"));
            for file in std::fs::read_dir(path).unwrap() {
                let name = file.unwrap().file_name().into_string().unwrap();
                // `ask.js` is imported by the others.
                let is_listed = name == "ask.js" || listed.iter().any(|asset| asset.path == format!("{folder}/{name}"));
                assert!(is_listed, "add `{folder}/{name}` to assets.rs, or remove it");
            }
        }
    }
}
