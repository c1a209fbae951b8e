//! Texts held once each in the order of their first appearance, with an own fast look-up.

use serde::{Deserialize, Serialize};

/// Distinct texts, numbered from 0.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct Texts {
    /// All of them, one behind the other.
    letters: String,
    /// Where each ends.
    ends: Vec<u32>,
    /// Open addressing: high half of the hash, and the number plus one; 0 is free. Made anew after a journey.
    #[serde(skip)]
    slots: Vec<u64>,
}

impl Texts {
    /// How many there are.
    pub fn len(&self) -> usize {
        self.ends.len()
    }

    /// The text of a number; empty where there is none.
    #[inline]
    pub fn get(&self, code: u32) -> &str {
        let (start, end) = self.place(code);
        self.letters.get(start..end).unwrap_or_default()
    }

    /// Whether a number is that of a text.
    #[inline]
    pub fn is(&self, code: u32, text: &[u8]) -> bool {
        let (start, end) = self.place(code);
        self.letters.as_bytes().get(start..end).is_some_and(|known| same(known, text))
    }

    #[inline]
    fn place(&self, code: u32) -> (usize, usize) {
        let code = code as usize;
        let start = code.checked_sub(1).and_then(|before| self.ends.get(before)).map_or(0, |&e| e as usize);
        (start, self.ends.get(code).map_or(0, |&e| e as usize))
    }

    /// All of them in order.
    pub fn iter(&self) -> impl Iterator<Item = &str> {
        (0..self.len() as u32).map(|code| self.get(code))
    }

    /// The number of a text, which is kept if it is new.
    pub fn code(&mut self, text: &str) -> u32 {
        self.code_of(text.as_bytes())
    }

    /// The same of the bytes of a text.
    #[inline]
    pub fn code_of(&mut self, text: &[u8]) -> u32 {
        if 2 * (self.ends.len() + 1) > self.slots.len() {
            self.grow();
        }
        let hash = hash(text);
        let mask = self.slots.len() - 1;
        let mut at = hash as usize & mask;
        let tag = hash >> 32 << 32;
        loop {
            let Some(&slot) = self.slots.get(at) else { return 0 };
            if slot == 0 {
                let code = self.ends.len() as u32;
                self.letters.push_str(std::str::from_utf8(text).unwrap_or_default());
                self.ends.push(self.letters.len() as u32);
                self.slots[at] = tag | u64::from(code + 1);
                return code;
            }
            if slot >> 32 << 32 == tag {
                let code = slot as u32 - 1;
                let (start, end) = self.place(code);
                if self.letters.as_bytes().get(start..end).is_some_and(|known| same(known, text)) {
                    return code;
                }
            }
            at = (at + 1) & mask;
        }
    }

    #[cold]
    fn grow(&mut self) {
        let size = (4 * (self.ends.len() + 1)).next_power_of_two().max(64);
        self.slots = vec![0; size];
        let mask = size - 1;
        for code in 0..self.ends.len() as u32 {
            let hash = hash(self.get(code).as_bytes());
            let mut at = hash as usize & mask;
            while self.slots[at] != 0 {
                at = (at + 1) & mask;
            }
            self.slots[at] = hash >> 32 << 32 | u64::from(code + 1);
        }
    }

    /// Bytes held.
    pub fn n_bytes(&self) -> u64 {
        (self.letters.len() + 4 * self.ends.len() + 8 * self.slots.len()) as u64
    }
}

/// Whether two texts are the same: most are short, where a call to compare memory costs more than the comparison.
#[inline]
fn same(a: &[u8], b: &[u8]) -> bool {
    if a.len() != b.len() {
        return false;
    }
    let ((words_a, rest_a), (words_b, rest_b)) = (a.as_chunks::<8>(), b.as_chunks::<8>());
    words_a.iter().zip(words_b).all(|(a, b)| u64::from_le_bytes(*a) == u64::from_le_bytes(*b))
        && rest_a.iter().zip(rest_b).all(|(a, b)| a == b)
}

/// Multiply and fold, eight bytes at a time. Only the speed of the look-up depends on it, never a result.
#[inline]
fn hash(bytes: &[u8]) -> u64 {
    const A: u64 = 0x9e37_79b9_7f4a_7c15;
    let mut hash = (bytes.len() as u64).wrapping_mul(A);
    let (words, rest) = bytes.as_chunks::<8>();
    let mix = |hash: u64, word: u64| {
        let mixed = (hash ^ word).wrapping_mul(A);
        mixed ^ mixed >> 29
    };
    for word in words {
        hash = mix(hash, u64::from_le_bytes(*word));
    }
    if !rest.is_empty() {
        let mut last = 0_u64;
        for &byte in rest {
            last = last << 8 | u64::from(byte);
        }
        hash = mix(hash, last);
    }
    hash = hash.wrapping_mul(0xd6e8_feb8_6659_fd93);
    hash ^ hash >> 32
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_are_numbered_as_they_appear() {
        let mut texts = Texts::default();
        assert_eq!(["b", "a", "", "b", "a"].map(|t| texts.code(t)), [0, 1, 2, 0, 1]);
        assert_eq!(texts.iter().collect::<Vec<_>>(), ["b", "a", ""]);
    }

    #[test]
    fn many_texts_keep_their_numbers() {
        let mut texts = Texts::default();
        let of = |i: u32| format!("{}/{}", i.wrapping_mul(2_654_435_761), "x".repeat(i as usize % 20));
        for i in 0..20_000 {
            assert_eq!(texts.code(&of(i)), i);
        }
        // Also after a journey without the look-up.
        let mut texts = Texts { slots: Vec::new(), ..texts };
        for i in 0..20_000 {
            assert_eq!((texts.code(&of(i)), texts.get(i)), (i, of(i).as_str()));
        }
        assert_eq!(texts.len(), 20_000);
    }
}
