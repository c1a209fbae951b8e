//! Finding delimiters and line ends, 64 bytes at a time: SIMD in WebAssembly and on x86-64, words elsewhere.

/// Walks over the places of a text where an unquoted cell can end.
pub struct Scanner<'a> {
    bytes: &'a [u8],
    delimiter: u8,
    /// Where the current 64 bytes start.
    base: usize,
    /// A bit for each of them that ends a cell and was not yet passed.
    ends: u64,
}

impl<'a> Scanner<'a> {
    /// A scanner that starts at `at`.
    pub fn new(bytes: &'a [u8], delimiter: u8, at: usize) -> Self {
        let mut scanner = Self { bytes, delimiter, base: 0, ends: 0 };
        scanner.load(at & !63);
        scanner.seek(at);
        scanner
    }

    /// Goes on at `at`, which is not before the place passed last.
    #[inline]
    pub fn seek(&mut self, at: usize) {
        if at >= self.base + 64 {
            self.load(at & !63);
        }
        self.ends &= !0 << (at & 63);
    }

    /// The next place where a cell ends: a delimiter, a line end or the end of the text. It is then passed.
    #[inline]
    pub fn next_end(&mut self) -> usize {
        while self.ends == 0 {
            if self.base + 64 >= self.bytes.len() {
                return self.bytes.len();
            }
            self.load(self.base + 64);
        }
        let at = self.base + self.ends.trailing_zeros() as usize;
        self.ends &= self.ends - 1;
        at
    }

    #[inline]
    fn load(&mut self, base: usize) {
        self.base = base;
        let rest = self.bytes.get(base..).unwrap_or_default();
        self.ends = match rest.first_chunk::<64>() {
            Some(block) => ends_of(block, self.delimiter),
            None => {
                let mut block = [0; 64];
                block[..rest.len()].copy_from_slice(rest);
                // What was filled in behind the text ends nothing, whatever the delimiter.
                ends_of(&block, self.delimiter) & !(!0 << rest.len())
            }
        };
    }
}

/// A bit for each byte that is the delimiter, a line feed or a carriage return.
#[inline]
fn ends_of(block: &[u8; 64], delimiter: u8) -> u64 {
    let (parts, _) = block.as_chunks::<16>();
    let mut ends = 0;
    for (i, part) in parts.iter().enumerate() {
        ends |= u64::from(ends_of_16(part, delimiter)) << (16 * i);
    }
    ends
}

#[cfg(all(target_arch = "wasm32", target_feature = "simd128"))]
#[inline]
fn ends_of_16(part: &[u8; 16], delimiter: u8) -> u16 {
    use core::arch::wasm32::{u8x16_bitmask, u8x16_eq, u8x16_splat, v128_load, v128_or};
    // The pointer comes from a reference to 16 bytes, so 16 bytes can be read from it; `v128_load` asks for no alignment.
    #[allow(unsafe_code)]
    let bytes = unsafe { v128_load(part.as_ptr().cast()) };
    let is = |byte: u8| u8x16_eq(bytes, u8x16_splat(byte));
    u8x16_bitmask(v128_or(is(delimiter), v128_or(is(b'\n'), is(b'\r'))))
}

#[cfg(target_arch = "x86_64")]
#[inline]
fn ends_of_16(part: &[u8; 16], delimiter: u8) -> u16 {
    use core::arch::x86_64::{
        __m128i, _mm_cmpeq_epi8, _mm_loadu_si128, _mm_movemask_epi8, _mm_or_si128, _mm_set1_epi8,
    };
    // SSE2 is part of every x86-64. The pointer comes from a reference to 16 bytes, so 16 bytes can be read from it;
    // `loadu` asks for no alignment.
    #[allow(unsafe_code)]
    unsafe {
        let bytes = _mm_loadu_si128(part.as_ptr().cast::<__m128i>());
        let is = |byte: u8| _mm_cmpeq_epi8(bytes, _mm_set1_epi8(byte.cast_signed()));
        _mm_movemask_epi8(_mm_or_si128(is(delimiter), _mm_or_si128(is(b'\n'), is(b'\r')))) as u16
    }
}

#[cfg(not(any(all(target_arch = "wasm32", target_feature = "simd128"), target_arch = "x86_64")))]
#[inline]
fn ends_of_16(part: &[u8; 16], delimiter: u8) -> u16 {
    words_of_16(part, delimiter)
}

/// The same eight bytes at a time: a byte of `x` is zero exactly where the top bit of `!(((x & 0x7f…) + 0x7f…) | x)` is set.
#[cfg(any(test, not(any(all(target_arch = "wasm32", target_feature = "simd128"), target_arch = "x86_64"))))]
fn words_of_16(part: &[u8; 16], delimiter: u8) -> u16 {
    const LOW: u64 = 0x7f7f_7f7f_7f7f_7f7f;
    let (words, _) = part.as_chunks::<8>();
    let mut ends = 0;
    for (i, word) in words.iter().enumerate() {
        let word = u64::from_le_bytes(*word);
        let is = |byte: u8| {
            let x = word ^ (u64::from(byte) * 0x0101_0101_0101_0101);
            !(((x & LOW) + LOW) | x | LOW)
        };
        let tops = is(delimiter) | is(b'\n') | is(b'\r');
        // Gathers the eight top bits into the highest byte.
        let bits = (tops >> 7).wrapping_mul(0x0102_0408_1020_4080) >> 56;
        ends |= (bits as u16) << (8 * i);
    }
    ends
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_end_is_found_once() {
        let mut rng = crate::engine::numeric::random::Rng::stream(7, 1);
        for len in 0..300 {
            let bytes: Vec<u8> = (0..len)
                .map(|_| *b"ab,\n\r\"\0\xff,;".get(rng.below(10) as usize).unwrap_or(&b'x'))
                .collect();
            for delimiter in [b',', b';', b'\0', b'\t'] {
                let is_end = |b: u8| b == delimiter || b == b'\n' || b == b'\r';
                let start = rng.below(len + 1) as usize;
                let expected: Vec<usize> = (start..bytes.len()).filter(|&i| is_end(bytes[i])).collect();
                let mut scanner = Scanner::new(&bytes, delimiter, start);
                let found: Vec<usize> =
                    std::iter::from_fn(|| Some(scanner.next_end()).filter(|&at| at < bytes.len())).collect();
                assert_eq!(found, expected);
            }
        }
    }

    #[test]
    fn words_and_vectors_agree() {
        for byte in 0..=255_u8 {
            for place in 0..16 {
                let mut part = [b'x'; 16];
                part[place] = byte;
                part[(place + 5) % 16] = b'\n';
                assert_eq!(words_of_16(&part, b';'), ends_of_16(&part, b';'), "{byte}");
            }
        }
    }

    #[test]
    fn seeking_passes_what_lies_between() {
        let text = ",".repeat(500);
        let mut scanner = Scanner::new(text.as_bytes(), b',', 3);
        for at in [3, 4, 60, 63, 64, 65, 200, 320, 499] {
            scanner.seek(at);
            assert_eq!(scanner.next_end(), at);
        }
        assert_eq!(scanner.next_end(), 500);
    }
}
