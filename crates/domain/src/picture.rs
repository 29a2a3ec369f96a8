//! Pictures as bytes: what a drawn one is, and how untrusted bytes are held to be one. Only PNG, JPEG and WebP whose
//! own structure goes from their first byte to their last are taken; nothing is decoded here.

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::post::hex;
use crate::words::words;

/// Most bytes of a picture.
pub const PICTURE_BYTES_MAX: usize = 6 * 1024 * 1024;
/// Fewest pixels of a side.
pub const SIDE_PX_MIN: u32 = 16;
/// Most pixels of a side.
pub const SIDE_PX_MAX: u32 = 4_096;

words! {
    /// What a picture can be.
    pub enum MediaType {
        /// Portable Network Graphics.
        Png = "image/png",
        /// JPEG.
        Jpeg = "image/jpeg",
        /// WebP.
        Webp = "image/webp",
    }
}

/// A picture that was made of an idea. It is part of a version's content, so that its hash is part of what is approved.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Drawn {
    /// Lower-case hex SHA-256 of its bytes.
    pub sha256: String,
    /// What its bytes are.
    pub media_type: MediaType,
    /// In pixels.
    pub width: u32,
    /// In pixels.
    pub height: u32,
    /// How many bytes it has.
    pub bytes: u32,
    /// Who drew it: provider and model.
    pub model: String,
}

impl Drawn {
    /// What these bytes are, drawn by this model; or why they are no picture.
    pub fn of(bytes: &[u8], model: &str) -> Result<Self, String> {
        if bytes.len() > PICTURE_BYTES_MAX {
            return Err(format!("has {} bytes; the most is {PICTURE_BYTES_MAX}", bytes.len()));
        }
        let (media_type, (width, height)) = read(bytes)?;
        let fits = |side: u32| (SIDE_PX_MIN..=SIDE_PX_MAX).contains(&side);
        if !fits(width) || !fits(height) {
            return Err(format!("is {width} × {height} pixels; a side has {SIDE_PX_MIN} to {SIDE_PX_MAX}"));
        }
        let sha256 = hex(&Sha256::digest(bytes));
        let count = u32::try_from(bytes.len()).unwrap_or(u32::MAX);
        Ok(Self { sha256, media_type, width, height, bytes: count, model: model.into() })
    }

    /// Whether nobody drew it: it stands in for a picture while a campaign is tried out.
    pub fn is_rehearsed(&self) -> bool {
        self.model.starts_with("rehearsal/")
    }
}

/// Whether a text is the name of a picture: a lower-case hex SHA-256.
pub fn is_name(text: &str) -> bool {
    text.len() == 64 && text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
}

const PNG: &[u8] = b"\x89PNG\r\n\x1a\n";

fn read(bytes: &[u8]) -> Result<(MediaType, (u32, u32)), String> {
    if bytes.starts_with(PNG) {
        png(bytes).map(|size| (MediaType::Png, size)).ok_or_else(|| broken("PNG"))
    } else if bytes.starts_with(&[0xff, 0xd8, 0xff]) {
        jpeg(bytes).map(|size| (MediaType::Jpeg, size)).ok_or_else(|| broken("JPEG"))
    } else if bytes.starts_with(b"RIFF") && bytes.get(8..12) == Some(b"WEBP") {
        webp(bytes).map(|size| (MediaType::Webp, size)).ok_or_else(|| broken("WebP"))
    } else {
        Err("is neither PNG nor JPEG nor WebP".into())
    }
}

fn broken(kind: &str) -> String {
    format!("begins like {kind}, and is cut off, broken, or followed by something else")
}

fn be32(bytes: &[u8], at: usize) -> Option<u32> {
    Some(u32::from_be_bytes(bytes.get(at..at.checked_add(4)?)?.try_into().ok()?))
}

fn le32(bytes: &[u8], at: usize) -> Option<u32> {
    Some(u32::from_le_bytes(bytes.get(at..at.checked_add(4)?)?.try_into().ok()?))
}

fn be16(bytes: &[u8], at: usize) -> Option<u32> {
    Some(u16::from_be_bytes(bytes.get(at..at.checked_add(2)?)?.try_into().ok()?).into())
}

/// Chunk by chunk from the header to `IEND`, which ends it.
fn png(bytes: &[u8]) -> Option<(u32, u32)> {
    let mut at = PNG.len();
    let (mut size, mut has_data) = (None, false);
    loop {
        let length = be32(bytes, at)? as usize;
        let kind = bytes.get(at.checked_add(4)?..at.checked_add(8)?)?;
        let end = at.checked_add(12)?.checked_add(length)?;
        if end > bytes.len() {
            return None;
        }
        match (kind, size) {
            (b"IHDR", None) if length == 13 => size = Some((be32(bytes, at + 8)?, be32(bytes, at + 12)?)),
            (b"IHDR", _) | (_, None) => return None,
            (b"IDAT", _) => has_data = true,
            (b"IEND", _) => return size.filter(|_| has_data && length == 0 && end == bytes.len()),
            _ => {}
        }
        at = end;
    }
}

/// Segment by segment up to the scan; the last two bytes end it.
fn jpeg(bytes: &[u8]) -> Option<(u32, u32)> {
    let mut at = 2;
    let mut size = None;
    loop {
        if *bytes.get(at)? != 0xff {
            return None;
        }
        let marker = *bytes.get(at + 1)?;
        if marker == 0xff {
            at += 1;
            continue;
        }
        let length = be16(bytes, at + 2)? as usize;
        if length < 2 || at + 2 + length > bytes.len() {
            return None;
        }
        match marker {
            // Start of frame, of whichever coding; not the tables that have their numbers among them.
            0xc0..=0xcf if !matches!(marker, 0xc4 | 0xc8 | 0xcc) => {
                size = Some((be16(bytes, at + 7)?, be16(bytes, at + 5)?));
            }
            0xda => return size.filter(|_| bytes.ends_with(&[0xff, 0xd9])),
            0x00..=0xbf | 0xd0..=0xd9 => return None,
            _ => {}
        }
        at += 2 + length;
    }
}

/// Its own length, and the header of the first chunk.
fn webp(bytes: &[u8]) -> Option<(u32, u32)> {
    if le32(bytes, 4)? as usize != bytes.len() - 8 {
        return None;
    }
    let length = le32(bytes, 16)? as usize;
    if length.checked_add(20)? > bytes.len() {
        return None;
    }
    let at = |place: usize| bytes.get(place).map(|byte| u32::from(*byte));
    let u24 = |place: usize| Some(at(place)? | at(place + 1)? << 8 | at(place + 2)? << 16);
    match bytes.get(12..16)? {
        b"VP8 " if bytes.get(23..26)? == [0x9d, 0x01, 0x2a] => {
            let side = |place: usize| Some((at(place)? | at(place + 1)? << 8) & 0x3fff);
            Some((side(26)?, side(28)?))
        }
        b"VP8L" if at(20)? == 0x2f => {
            let bits = le32(bytes, 21)?;
            Some(((bits & 0x3fff) + 1, (bits >> 14 & 0x3fff) + 1))
        }
        b"VP8X" if length >= 10 => Some((u24(24)? + 1, u24(27)? + 1)),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn chunk(kind: &[u8], data: &[u8]) -> Vec<u8> {
        let length = u32::try_from(data.len()).unwrap().to_be_bytes();
        [&length[..], kind, data, &[0; 4]].concat()
    }

    fn png_of(width: u32, height: u32) -> Vec<u8> {
        let header = [&width.to_be_bytes()[..], &height.to_be_bytes(), &[8, 2, 0, 0, 0]].concat();
        [PNG, &chunk(b"IHDR", &header), &chunk(b"IDAT", &[1, 2, 3]), &chunk(b"IEND", &[])].concat()
    }

    fn jpeg_of(width: u16, height: u16) -> Vec<u8> {
        let (w, h) = (width.to_be_bytes(), height.to_be_bytes());
        let frame = [&[0xff, 0xc2, 0, 11, 8][..], &h, &w, &[1, 1, 0x11, 0]].concat();
        [&[0xff, 0xd8, 0xff, 0xe0, 0, 4, 0, 0][..], &frame, &[0xff, 0xda, 0, 2, 7, 7, 0xff, 0xd9]].concat()
    }

    fn webp_of(kind: &[u8], data: &[u8]) -> Vec<u8> {
        let length = u32::try_from(data.len()).unwrap();
        let whole = [b"WEBP", kind, &length.to_le_bytes(), data].concat();
        [b"RIFF", &u32::try_from(whole.len()).unwrap().to_le_bytes()[..], &whole].concat()
    }

    fn check(bytes: &[u8], expect: (MediaType, u32, u32)) {
        let found = Drawn::of(bytes, "openai/m").unwrap();
        assert_eq!((found.media_type, found.width, found.height), expect);
        assert_eq!((found.bytes as usize, found.sha256), (bytes.len(), hex(&Sha256::digest(bytes))));
    }

    #[test]
    fn the_three_kinds_tell_how_large_they_are() {
        check(&png_of(1024, 768), (MediaType::Png, 1024, 768));
        check(&jpeg_of(640, 480), (MediaType::Jpeg, 640, 480));
        check(&webp_of(b"VP8X", &[0, 0, 0, 0, 0xff, 3, 0, 0xff, 1, 0]), (MediaType::Webp, 1024, 512));
        check(&webp_of(b"VP8L", &[0x2f, 0xff, 0xc3, 0x7f, 0, 0]), (MediaType::Webp, 1024, 512));
        check(&webp_of(b"VP8 ", &[0, 0, 0, 0x9d, 0x01, 0x2a, 0, 4, 0, 2]), (MediaType::Webp, 1024, 512));
    }

    #[test]
    fn what_is_anything_else_is_refused_whatever_it_begins_with() {
        let follows = |bytes: Vec<u8>, more: &[u8]| [&bytes, more].concat();
        let script = b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>";
        let wrong: [&[u8]; 16] = [
            b"",
            b"<!doctype html><script>alert(1)</script>",
            script,
            b"GIF89a\x01\x00\x01\x00",
            b"%PDF-1.7",
            PNG,
            &png_of(1024, 768)[..59],
            &follows(png_of(64, 64), script),
            &follows(png_of(64, 64), b"PK\x03\x04"),
            &[PNG, script].concat(),
            &[0xff, 0xd8, 0xff, 0xd9],
            &[&[0xff, 0xd8, 0xff][..], script].concat(),
            &follows(jpeg_of(64, 64), script),
            &follows(webp_of(b"VP8L", &[0x2f, 0xff, 0xc3, 0x7f, 0, 0]), script),
            &webp_of(b"VP8L", script),
            b"RIFF\xff\xff\xff\xffWEBP",
        ];
        for bytes in wrong {
            assert!(Drawn::of(bytes, "m").is_err(), "{:?}", String::from_utf8_lossy(bytes));
        }
    }

    #[test]
    fn a_picture_that_is_too_large_or_too_small_is_refused() {
        for (width, height) in [(0, 64), (64, 0), (8, 8), (5_000, 64), (u32::MAX, u32::MAX)] {
            assert!(Drawn::of(&png_of(width, height), "m").unwrap_err().contains("pixels"));
        }
        let mut heavy = png_of(64, 64);
        heavy.resize(PICTURE_BYTES_MAX + 1, 0);
        assert!(Drawn::of(&heavy, "m").unwrap_err().contains("bytes"));
    }

    #[test]
    fn no_length_in_a_picture_leads_out_of_it() {
        for length in [u32::MAX, u32::MAX - 11, 1 << 31] {
            let mut bytes = png_of(64, 64);
            bytes[33..37].copy_from_slice(&length.to_be_bytes());
            assert!(Drawn::of(&bytes, "m").is_err());
        }
        let whole = [png_of(64, 64), jpeg_of(64, 64), webp_of(b"VP8X", &[0; 10])];
        for cut in whole.iter().flat_map(|bytes| (0..bytes.len()).map(|end| &bytes[..end])) {
            assert!(Drawn::of(cut, "m").is_err(), "{cut:?}");
        }
    }

    #[test]
    fn a_name_is_a_hash_and_nothing_else() {
        assert!(is_name(&"0a".repeat(32)));
        for wrong in ["", "0A", &"0A".repeat(32), &"0a".repeat(33), &"../".repeat(21)] {
            assert!(!is_name(wrong), "{wrong}");
        }
    }
}
