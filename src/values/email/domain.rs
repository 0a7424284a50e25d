//! The part after the `@`.

use std::borrow::Cow;

use super::{joined, providers, unaccented};
use crate::values::Reason;

/// What was done to a domain.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Fix {
    None,
    /// Replaced by another, this sure in percent.
    Certain(u8),
    /// Left alone, though it resembles a provider's.
    Suggested,
}

impl Fix {
    fn or(self, other: Fix) -> Fix {
        if self == Fix::None { other } else { self }
    }
}

/// Reads and mends a domain.
pub(super) fn read<'d>(
    typed: &'d str,
    is_frequent: &dyn Fn(&str) -> bool,
) -> Result<(Cow<'d, str>, Fix), Reason> {
    if providers::is_known(typed) {
        return Ok((Cow::Borrowed(typed), Fix::None));
    }
    let (domain, fix) = spelt(typed)?;
    if let Some(mended) = mended_suffix(&domain) {
        return finished(Cow::Owned(mended), Fix::Certain(95), is_frequent);
    }
    if !is_valid(&domain) {
        return match mended_whole(&domain) {
            Some(provider) => Ok((Cow::Borrowed(provider), Fix::Certain(95))),
            None => Err(Reason::DominioInvalido),
        };
    }
    finished(domain, fix, is_frequent)
}

/// A valid-looking domain compared with the providers'.
fn finished<'d>(
    domain: Cow<'d, str>,
    fix: Fix,
    is_frequent: &dyn Fn(&str) -> bool,
) -> Result<(Cow<'d, str>, Fix), Reason> {
    if !is_valid(&domain) {
        return Err(Reason::DominioInvalido);
    }
    if let Some(provider) = mended_whole(&domain) {
        return Ok((Cow::Borrowed(provider), Fix::Certain(95)));
    }
    if providers::is_allowed(&domain) {
        return Ok((domain, fix));
    }
    let near = providers::nearest(&domain).filter(|_| !is_frequent(&domain));
    match near {
        _ if providers::SUGGESTIONS.contains(&&*domain) => Ok((domain, fix.or(Fix::Suggested))),
        Some((provider, true)) => Ok((Cow::Borrowed(provider), Fix::Certain(85))),
        Some((_, false)) => Ok((domain, fix.or(Fix::Suggested))),
        None => Ok((domain, fix)),
    }
}

/// In lower-case ASCII, spaces gone, a comma that was meant as a dot made one.
fn spelt(typed: &str) -> Result<(Cow<'_, str>, Fix), Reason> {
    let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || matches!(c, '.' | '-');
    if typed.chars().all(plain) {
        return Ok((Cow::Borrowed(typed), Fix::None));
    }
    let compact = joined(typed)
        .ok_or(Reason::DominioInvalido)?
        .replace(',', ".");
    let fix = if typed.contains(',') {
        Fix::Certain(90)
    } else {
        Fix::None
    };
    if compact.is_ascii() {
        return Ok((Cow::Owned(compact.to_ascii_lowercase()), fix));
    }
    // an accent in a provider's name is a slip; elsewhere it may be the name
    match unaccented(&compact).filter(|plain| providers::is_known(plain)) {
        Some(provider) => Ok((Cow::Owned(provider), Fix::Certain(95))),
        None => punycode(&compact).map(|domain| (Cow::Owned(domain), fix)),
    }
}

fn punycode(domain: &str) -> Result<String, Reason> {
    match url::Host::parse(domain) {
        Ok(url::Host::Domain(domain)) => Ok(domain),
        _ => Err(Reason::DominioInvalido),
    }
}

fn is_valid(domain: &str) -> bool {
    let label = |label: &str| {
        (1..=63).contains(&label.len())
            && !label.starts_with('-')
            && !label.ends_with('-')
            && label
                .bytes()
                .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
    };
    let Some((_, top)) = domain.rsplit_once('.') else {
        return false;
    };
    let top_is_name =
        top.len() >= 2 && (top.starts_with("xn--") || top.bytes().all(|b| b.is_ascii_lowercase()));
    top_is_name && domain.split('.').all(label)
}

/// `.com.b` and the like, which are nobody's: `.com.br`.
fn mended_suffix(domain: &str) -> Option<String> {
    [
        ".com.b", ".com.brr", ".com.bbr", ".combr", ".cobr", ".co.br", ".com.rb",
    ]
    .into_iter()
    .find_map(|slip| domain.strip_suffix(slip))
    .filter(|name| !name.is_empty())
    .map(|name| format!("{name}.com.br"))
}

/// The provider a whole domain is a known slip of: its name by the list, its ending by `.con` and
/// the like, which are corrected only where the name before them is a provider's.
fn mended_whole(domain: &str) -> Option<&'static str> {
    let (name, ending) = domain
        .trim_start_matches('.')
        .split_once('.')
        .unwrap_or((domain.trim_start_matches('.'), ""));
    let brazilian = match ending {
        "com" | "con" | "cm" | "cim" | "comm" | "co" | "om" | "vom" | "xom" | "clm" => false,
        "com.br" => true,
        // `fulano@gmail`: the one provider that has no other ending
        "" => return matches!(name, "gmail" | "gmial" | "gmal" | "gmai").then_some("gmail.com"),
        _ => return None,
    };
    let provider = providers::by_slip(name, brazilian)?;
    (provider != domain).then_some(provider)
}
