//! Reckoning with decimals without rounding them.

use std::cmp::Ordering;

use crate::values::Decimal;

/// Both with the scale of the finer one; `None` if that takes too many digits.
fn aligned(a: Decimal, b: Decimal) -> Option<(i128, i128, u8)> {
    let scale = a.scale().max(b.scale());
    let at = |decimal: Decimal| {
        let more = u32::from(scale - decimal.scale());
        decimal.mantissa().checked_mul(10i128.checked_pow(more)?)
    };
    Some((at(a)?, at(b)?, scale))
}

/// `None` if the sum has too many digits, as the next.
pub(super) fn sum(a: Decimal, b: Decimal) -> Option<Decimal> {
    let (a, b, scale) = aligned(a, b)?;
    Some(Decimal::new(a.checked_add(b)?, scale))
}

pub(super) fn difference(a: Decimal, b: Decimal) -> Option<Decimal> {
    let (a, b, scale) = aligned(a, b)?;
    Some(Decimal::new(a.checked_sub(b)?, scale))
}

/// By value: 1.5 is 1.50.
pub(super) fn compare(a: Decimal, b: Decimal) -> Ordering {
    match aligned(a, b) {
        Some((a, b, _)) => a.cmp(&b),
        None => a.to_f64().total_cmp(&b.to_f64()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tenth_ten_times_is_one() {
        let tenth = Decimal::new(1, 1);
        let all = (0..10).try_fold(Decimal::new(0, 0), |all, _| sum(all, tenth));
        assert_eq!(all, Some(Decimal::new(10, 1)));
        let cent = Decimal::new(1, 2);
        assert_eq!(difference(tenth, cent), Some(Decimal::new(9, 2)));
        assert_eq!(compare(tenth, Decimal::new(10, 2)), Ordering::Equal);
        assert_eq!(compare(tenth, cent), Ordering::Greater);
        let most = Decimal::new(i128::MAX, 0);
        assert_eq!(sum(most, cent), None);
        assert_eq!(compare(most, cent), Ordering::Greater);
    }
}
