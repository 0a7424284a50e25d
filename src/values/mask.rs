//! Personal data masked for reports: enough to recognise one's own row, too little to use.
//!
//! Rejected values are shown as well, so nothing here trusts its input to be valid.

use super::digits::Gathered;

/// `***.982.247-**`.
pub fn cpf(text: &str) -> String {
    match digits(text).exactly::<11>() {
        Some(d) => {
            let d = d.map(char::from);
            format!("***.{}{}{}.{}{}{}-**", d[3], d[4], d[5], d[6], d[7], d[8])
        }
        None => anything(text),
    }
}

/// `(11) 9****-4321` or `(11) 3***-4444`.
pub fn phone(text: &str) -> String {
    let all = digits(text);
    let all = all.as_slice();
    let national = match (all.len(), all.strip_prefix(b"55")) {
        (12 | 13, Some(rest)) => rest,
        _ => all,
    };
    if !matches!(national.len(), 10 | 11) {
        return anything(text);
    }
    let place = |at: usize| char::from(national[at]);
    let last: String = national[national.len() - 4..]
        .iter()
        .copied()
        .map(char::from)
        .collect();
    let stars = "*".repeat(national.len() - 7);
    format!("({}{}) {}{stars}-{last}", place(0), place(1), place(2))
}

/// `j***@gmail.com`.
pub fn email(text: &str) -> String {
    let plain = |domain: &str| {
        domain.contains('.')
            && domain
                .bytes()
                .all(|b| b.is_ascii_alphabetic() || b == b'.' || b == b'-')
    };
    match text.trim().split_once('@') {
        Some((local, domain)) if plain(domain) => match local.chars().next() {
            Some(first) => format!("{first}***@{domain}"),
            None => format!("***@{domain}"),
        },
        _ => anything(text),
    }
}

/// `J. Silva`: the first letter and the last name.
pub fn name(text: &str) -> String {
    let mut words = text.split_whitespace();
    let (Some(first), Some(last)) = (words.next(), words.next_back()) else {
        return anything(text);
    };
    let a_name = |word: &str| {
        word.chars()
            .all(|c| c.is_alphabetic() || matches!(c, '\'' | '’' | '-' | '.'))
    };
    match first.chars().next() {
        Some(initial) if a_name(first) && a_name(last) => format!("{initial}. {last}"),
        _ => anything(text),
    }
}

/// The first character and `***`.
pub fn anything(text: &str) -> String {
    text.trim()
        .chars()
        .next()
        .map_or_else(String::new, |first| format!("{first}***"))
}

fn digits(text: &str) -> Gathered<13> {
    let mut digits = Gathered::new();
    text.bytes()
        .filter(u8::is_ascii_digit)
        .for_each(|digit| digits.push(digit));
    digits
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn valid_values_keep_their_shape() {
        assert_eq!(cpf("529.982.247-25"), "***.982.247-**");
        assert_eq!(cpf("52998224725"), "***.982.247-**");
        assert_eq!(phone("(11) 98765-4321"), "(11) 9****-4321");
        assert_eq!(phone("+5511987654321"), "(11) 9****-4321");
        assert_eq!(phone("1133334444"), "(11) 3***-4444");
        assert_eq!(email("joao@gmail.com"), "j***@gmail.com");
        assert_eq!(name("João da Silva"), "J. Silva");
        assert_eq!(anything("12.345"), "1***");
    }

    #[test]
    fn invalid_values_give_away_no_more() {
        assert_eq!(cpf("5299822472"), "5***");
        assert_eq!(phone("98765-4321"), "9***");
        assert_eq!(phone("1234567890123456"), "1***");
        assert_eq!(email("joao.gmail.com"), "j***");
        assert_eq!(email("joao@52998224725.com"), "j***");
        assert_eq!(name("João"), "J***");
        assert_eq!(name("João 52998224725"), "J***");
        assert_eq!(name(""), "");
    }

    proptest! {
        #[test]
        fn no_text_panics_and_at_most_seven_digits_show(text in "\\PC*|[0-9 ().+@-]{0,30}") {
            for shown in [cpf(&text), phone(&text), email(&text), name(&text), anything(&text)] {
                prop_assert!(shown.chars().filter(char::is_ascii_digit).count() <= 7);
            }
        }
    }
}
