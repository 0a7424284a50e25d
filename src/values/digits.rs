//! What the numbered documents share: short digit strings and check digits.

/// Up to `N` ASCII characters gathered without allocating.
#[derive(Clone, Copy)]
pub(super) struct Gathered<const N: usize> {
    bytes: [u8; N],
    /// How many were pushed, which may be more than fit.
    length: usize,
}

impl<const N: usize> Gathered<N> {
    pub fn new() -> Self {
        Gathered {
            bytes: [b'0'; N],
            length: 0,
        }
    }

    pub fn push(&mut self, byte: u8) {
        if let Some(slot) = self.bytes.get_mut(self.length) {
            *slot = byte;
        }
        self.length += 1;
    }

    /// How many characters there were, fitting or not.
    pub fn len(&self) -> usize {
        self.length
    }

    pub fn as_slice(&self) -> &[u8] {
        &self.bytes[..self.length.min(N)]
    }

    /// The characters as a whole of exactly `M`.
    pub fn exactly<const M: usize>(&self) -> Option<[u8; M]> {
        if self.length > N {
            return None;
        }
        self.as_slice().try_into().ok()
    }

    /// The characters with zeros put before them, up to `M`.
    pub fn zero_padded<const M: usize>(&self) -> Option<[u8; M]> {
        let mut padded = [b'0'; M];
        let start = M.checked_sub(self.length)?;
        padded[start..].copy_from_slice(self.as_slice());
        Some(padded)
    }
}

/// The check digit of modulus 11 for a weighted sum, as documents of the Receita compute it.
pub(super) fn check_digit(sum: u32) -> u8 {
    match sum % 11 {
        0 | 1 => b'0',
        rest => b'0' + (11 - rest) as u8,
    }
}

/// Writes the last digits of a number, as many as there is room for.
pub(super) fn put_digits(mut number: u32, into: &mut [u8]) {
    for slot in into.iter_mut().rev() {
        *slot = b'0' + (number % 10) as u8;
        number /= 10;
    }
}

pub(super) fn all_equal(digits: &[u8]) -> bool {
    digits.windows(2).all(|pair| pair[0] == pair[1])
}

/// The separators documents are written with.
pub(super) fn is_separator(c: char) -> bool {
    matches!(c, '.' | '-' | '/') || c.is_whitespace()
}

/// A number a spreadsheet wrote in its own way.
pub(super) enum SheetNumber<const N: usize> {
    /// Not one: neither `5,2E+10` nor `601.0`.
    Not,
    /// All digits are there.
    Exact(Gathered<N>),
    /// The exponent asks for digits that are gone.
    Lost,
}

/// Reads `5.2998224725E+10` and `52998224725.0` digit by digit, never through a float.
pub(super) fn sheet_number<const N: usize>(text: &str) -> SheetNumber<N> {
    let (mantissa, exponent) = match text.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => (mantissa, exponent.strip_prefix('+').unwrap_or(exponent)),
        None => (text, ""),
    };
    let (whole, fraction) = mantissa.split_once(['.', ',']).unwrap_or((mantissa, ""));
    let digits = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
    if whole.is_empty() || !digits(whole) || !digits(fraction) || !digits(exponent) {
        return SheetNumber::Not;
    }
    if exponent.is_empty() {
        return match fraction {
            "0" if whole.len() > 3 && !text.contains(['e', 'E']) => gather(whole, "", 0),
            _ => SheetNumber::Not,
        };
    }
    if mantissa.ends_with(['.', ',']) {
        return SheetNumber::Not;
    }
    match exponent.parse::<usize>() {
        Ok(exponent) => gather(whole, fraction, exponent),
        Err(_) => SheetNumber::Lost,
    }
}

fn gather<const N: usize>(whole: &str, fraction: &str, exponent: usize) -> SheetNumber<N> {
    let Some((kept, rest)) = fraction.split_at_checked(exponent) else {
        return SheetNumber::Lost;
    };
    if rest.bytes().any(|byte| byte != b'0') {
        return SheetNumber::Lost;
    }
    let mut gathered = Gathered::new();
    whole
        .bytes()
        .chain(kept.bytes())
        .for_each(|byte| gathered.push(byte));
    SheetNumber::Exact(gathered)
}
