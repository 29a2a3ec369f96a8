//! A picture that nobody drew: hills, a sun, and the word REHEARSAL across it, in colours that follow from the idea. It
//! is written by hand as PNG, four colours, its data stored as it is, so that no encoder is needed.

use sha2::{Digest, Sha256};

/// Pixels of a side.
const SIDE: usize = 384;
/// Four pixels of two bits each.
const ROW_BYTES: usize = SIDE / 4;
/// Longest stored block of deflate, in bytes.
const BLOCK_BYTES_MAX: usize = 65_535;
/// Sky, hills, band and letters: one of these.
const PALETTES: [[[u8; 3]; 4]; 6] = [
    [[0xe8, 0xee, 0xf5], [0x9f, 0xb6, 0xcf], [0x2c, 0x45, 0x61], [0xff, 0xff, 0xff]],
    [[0xf4, 0xec, 0xe2], [0xd8, 0xb4, 0x8a], [0x5c, 0x3d, 0x23], [0xff, 0xff, 0xff]],
    [[0xe9, 0xf2, 0xea], [0x9c, 0xc3, 0xa5], [0x25, 0x4f, 0x35], [0xff, 0xff, 0xff]],
    [[0xf3, 0xea, 0xf2], [0xcb, 0xa3, 0xc6], [0x55, 0x2b, 0x50], [0xff, 0xff, 0xff]],
    [[0xf6, 0xe9, 0xe6], [0xde, 0xa3, 0x96], [0x66, 0x2d, 0x22], [0xff, 0xff, 0xff]],
    [[0xe6, 0xf1, 0xf2], [0x8f, 0xc0, 0xc4], [0x1f, 0x4d, 0x52], [0xff, 0xff, 0xff]],
];
const SKY: u8 = 0;
const HILLS: u8 = 1;
const BAND: u8 = 2;
const LETTERS: u8 = 3;

/// Five columns of seven, the highest bit on the left.
const WORD: [[u8; 7]; 9] = {
    const R: [u8; 7] = [0b11110, 0b10001, 0b10001, 0b11110, 0b10100, 0b10010, 0b10001];
    const E: [u8; 7] = [0b11111, 0b10000, 0b10000, 0b11110, 0b10000, 0b10000, 0b11111];
    const H: [u8; 7] = [0b10001, 0b10001, 0b10001, 0b11111, 0b10001, 0b10001, 0b10001];
    const A: [u8; 7] = [0b01110, 0b10001, 0b10001, 0b11111, 0b10001, 0b10001, 0b10001];
    const S: [u8; 7] = [0b01111, 0b10000, 0b10000, 0b01110, 0b00001, 0b00001, 0b11110];
    const L: [u8; 7] = [0b10000, 0b10000, 0b10000, 0b10000, 0b10000, 0b10000, 0b11111];
    [R, E, H, E, A, R, S, A, L]
};
/// Pixels of a letter's dot.
const DOT: usize = 5;
/// From one letter to the next, in dots.
const ADVANCE: usize = 6;

/// The placeholder for an idea: the same for the same words.
pub fn png(prompt: &str) -> Vec<u8> {
    let hash = Sha256::digest(prompt.as_bytes());
    let palette = PALETTES[usize::from(hash[0]) % PALETTES.len()];
    let side = u32::try_from(SIDE).unwrap_or_default().to_be_bytes();
    let mut file = b"\x89PNG\r\n\x1a\n".to_vec();
    // Two bits a pixel, by palette.
    chunk(&mut file, b"IHDR", &[&side[..], &side, &[2, 3, 0, 0, 0]].concat());
    chunk(&mut file, b"PLTE", &palette.concat());
    chunk(&mut file, b"tEXt", b"Comment\0A placeholder of Rondo's rehearsal: nobody drew it.");
    chunk(&mut file, b"IDAT", &stored(&rows(&hash)));
    chunk(&mut file, b"IEND", &[]);
    file
}

fn rows(hash: &[u8]) -> Vec<u8> {
    let mut rows = Vec::with_capacity(SIDE * (1 + ROW_BYTES));
    for y in 0..SIDE {
        rows.push(0);
        for left in (0..SIDE).step_by(4) {
            rows.push((0..4).fold(0, |byte, x| byte << 2 | colour(left + x, y, hash)));
        }
    }
    rows
}

fn colour(x: usize, y: usize, hash: &[u8]) -> u8 {
    let number = |at: usize| usize::from(hash[at]);
    let (band_top, band_bottom) = (SIDE * 5 / 8, SIDE * 13 / 16);
    if (band_top..band_bottom).contains(&y) {
        return if is_letter(x, y, (band_top + band_bottom) / 2) { LETTERS } else { BAND };
    }
    let sun = (60 + number(1), 50 + number(2) / 4);
    if x.abs_diff(sun.0).pow(2) + y.abs_diff(sun.1).pow(2) < (26 + number(3) / 16).pow(2) {
        return LETTERS;
    }
    let hill = |peak: (usize, usize)| y > peak.1 + x.abs_diff(peak.0) * 3 / 4;
    let peaks = [(40 + number(4) / 2, 130 + number(5) / 6), (200 + number(6) / 2, 110 + number(7) / 4)];
    if peaks.into_iter().any(hill) { HILLS } else { SKY }
}

fn is_letter(x: usize, y: usize, middle: usize) -> bool {
    let width = (WORD.len() * ADVANCE - 1) * DOT;
    let (left, top) = ((SIDE - width) / 2, middle - 7 * DOT / 2);
    let (Some(right), Some(down)) = (x.checked_sub(left), y.checked_sub(top)) else { return false };
    let (column, row) = (right / DOT, down / DOT);
    let (letter, column) = (column / ADVANCE, column % ADVANCE);
    let lines = WORD.get(letter).and_then(|letter| letter.get(row));
    column < 5 && lines.is_some_and(|line| line >> (4 - column) & 1 == 1)
}

/// As zlib has it, nothing compressed.
fn stored(data: &[u8]) -> Vec<u8> {
    let mut out = vec![0x78, 0x01];
    let mut blocks = data.chunks(BLOCK_BYTES_MAX).peekable();
    while let Some(block) = blocks.next() {
        let length = u16::try_from(block.len()).unwrap_or(u16::MAX);
        out.push(u8::from(blocks.peek().is_none()));
        out.extend(length.to_le_bytes());
        out.extend((!length).to_le_bytes());
        out.extend(block);
    }
    let (low, high) = data.iter().fold((1_u32, 0_u32), |(low, high), byte| {
        let low = (low + u32::from(*byte)) % 65_521;
        (low, (high + low) % 65_521)
    });
    out.extend((high << 16 | low).to_be_bytes());
    out
}

fn chunk(file: &mut Vec<u8>, kind: &[u8; 4], data: &[u8]) {
    file.extend(u32::try_from(data.len()).unwrap_or_default().to_be_bytes());
    let from = file.len();
    file.extend(kind);
    file.extend(data);
    let sum = crc32(&file[from..]);
    file.extend(sum.to_be_bytes());
}

/// As PNG has it: the reversed polynomial, bit by bit.
fn crc32(bytes: &[u8]) -> u32 {
    let step = |sum: u32, _| if sum & 1 == 1 { sum >> 1 ^ 0xedb8_8320 } else { sum >> 1 };
    !bytes.iter().fold(!0, |sum, byte| (0..8).fold(sum ^ u32::from(*byte), step))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sums_are_those_that_decoders_expect() {
        assert_eq!(crc32(b"IEND"), 0xae42_6082);
        assert_eq!(stored(b"Wikipedia").last_chunk(), Some(&0x11e6_0398_u32.to_be_bytes()));
    }

    #[test]
    fn it_bears_its_word_and_is_small() {
        let middle = SIDE * 23 / 32;
        let letters = (0..SIDE).filter(|x| is_letter(*x, middle, middle)).count();
        assert!(letters > 9 * DOT, "{letters}");
        assert!(png("any").len() < 40_000);
    }
}
