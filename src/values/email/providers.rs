//! The mail providers Brazilians use, and how their names are mistyped.

use crate::values::fold::{is_one_of, lengths};

/// Domains of providers.
const KNOWN: [&str; 27] = [
    "aol.com",
    "bol.com.br",
    "email.com",
    "globo.com",
    "globomail.com",
    "gmail.com",
    "hotmail.com",
    "hotmail.com.br",
    "icloud.com",
    "ig.com.br",
    "live.com",
    "mail.com",
    "me.com",
    "msn.com",
    "oi.com.br",
    "outlook.com",
    "outlook.com.br",
    "proton.me",
    "protonmail.com",
    "r7.com",
    "rocketmail.com",
    "terra.com.br",
    "uol.com.br",
    "yahoo.com",
    "yahoo.com.br",
    "ymail.com",
    "zipmail.com.br",
];

/// Real domains within a slip's reach of a provider's; country endings are allowed by rule.
const ALLOWED: [&str; 18] = [
    "att.net",
    "gmx.com",
    "gmx.net",
    "googlemail.com",
    "hey.com",
    "live.com.br",
    "mac.com",
    "pm.me",
    "tutanota.com",
    "uai.com.br",
    "veloxmail.com.br",
    "webmail.com",
    "fastmail.com",
    "hushmail.com",
    "zoho.com",
    "mail.ru",
    "cloud.com",
    "global.com",
];

/// May well be meant as a provider of Brazil, but belong to somebody (`bol.com` is a shop).
pub(super) const SUGGESTIONS: [&str; 3] = ["bol.com", "terra.com", "uol.com"];

pub(super) const ROLES: [&str; 21] = [
    "contato",
    "vendas",
    "sac",
    "financeiro",
    "comercial",
    "rh",
    "nfe",
    "atendimento",
    "noreply",
    "no-reply",
    "nao-responda",
    "naoresponda",
    "adm",
    "administrativo",
    "compras",
    "faturamento",
    "fiscal",
    "contabilidade",
    "diretoria",
    "suporte",
    "info",
];

pub(super) const DISPOSABLE: [&str; 14] = [
    "10minutemail.com",
    "discard.email",
    "dispostable.com",
    "getnada.com",
    "guerrillamail.com",
    "maildrop.cc",
    "mailinator.com",
    "mohmal.com",
    "sharklasers.com",
    "temp-mail.org",
    "tempmail.com",
    "throwawaymail.com",
    "trashmail.com",
    "yopmail.com",
];

/// Whether this is a provider's domain.
pub(super) fn is_known(domain: &str) -> bool {
    const LENGTHS: [u32; 256] = lengths(&KNOWN);
    is_one_of(&KNOWN, &LENGTHS, domain.as_bytes())
}

pub(super) fn is_allowed(domain: &str) -> bool {
    is_known(domain) || ALLOWED.contains(&domain) || DISPOSABLE.contains(&domain)
}

/// Typed because a form insisted: `nao@tem.com`, `naotem@…`, `nt@nt.com`.
pub(super) fn is_stand_in(local: &str, domain: &str) -> bool {
    matches!(
        local,
        "naotem"
            | "nao.tem"
            | "nao_tem"
            | "naopossui"
            | "nao.possui"
            | "nao_possui"
            | "sememail"
            | "sem.email"
            | "sem_email"
            | "naoinformado"
            | "nao.informado"
            | "nao_informado"
    ) || matches!(
        (local, domain),
        (
            "nao" | "não",
            "tem.com" | "tem.com.br" | "possui.com" | "possui.com.br"
        )
    ) || matches!(
        (local, domain),
        ("sem", "email.com" | "email.com.br" | "mail.com")
    ) || matches!((local, domain), ("nt", "nt.com" | "nt.com.br"))
}

/// Valid, but of nobody: `teste@…`, `x@x.com`.
pub(super) fn is_filler(local: &str, domain: &str) -> bool {
    let name = domain.split('.').next().unwrap_or_default();
    matches!(
        local,
        "teste" | "test" | "teste1" | "teste123" | "asdf" | "qwerty"
    ) || (local == name
        && local.len() <= 3
        && local.bytes().all(|byte| Some(byte) == local.bytes().next()))
}

/// The provider whose name, rightly spelt or by a listed slip, is `name`.
pub(super) fn by_slip(name: &str, brazilian: bool) -> Option<&'static str> {
    let of = |world, brazil| Some(if brazilian { brazil } else { world });
    match name {
        "gmail" | "gmial" | "gmal" | "gmai" | "gmil" | "gamil" | "gnail" | "gmaill" | "gmali"
        | "gmaul" | "gmeil" | "gemail" | "gimail" => of("gmail.com", "gmail.com"),
        "hotmail" | "hotmal" | "hotmai" | "hotmial" | "hotamil" | "hotmil" | "homail"
        | "hotmaill" | "hotimail" | "htmail" | "rotmail" => of("hotmail.com", "hotmail.com.br"),
        "outlook" | "outlok" | "outloock" | "outllok" | "otlook" => {
            of("outlook.com", "outlook.com.br")
        }
        "yahoo" | "yaho" | "yahooo" | "yhaoo" | "yahho" => of("yahoo.com", "yahoo.com.br"),
        "icloud" | "iclod" | "icoud" | "iclould" => of("icloud.com", "icloud.com"),
        _ => KNOWN.into_iter().find(|known| {
            let (known_name, ending) = known.split_once('.').unwrap_or((known, ""));
            known_name == name && ending == if brazilian { "com.br" } else { "com" }
        }),
    }
}

/// The one provider nearest to `domain`, if any is near enough, and whether that is certain:
/// names of fewer than five letters are near too many others to be more than a suggestion.
pub(super) fn nearest(domain: &str) -> Option<(&'static str, bool)> {
    const CERTAIN_NAME: usize = 5;
    let reach = if domain.len() >= 10 { 2 } else { 1 };
    let near = |known: &&'static str| Some((distance(domain, known, reach)?, *known));
    let (best, provider) = KNOWN.iter().filter_map(near).min()?;
    let unique = KNOWN
        .iter()
        .filter_map(near)
        .filter(|(distance, _)| *distance == best)
        .count()
        == 1;
    let ending = |domain: &str| domain.rsplit('.').next().unwrap_or_default().to_owned();
    // another country is another provider: yahoo.com.ar
    let abroad = ending(domain).len() == 2 && ending(domain) != ending(provider);
    let name = provider.split('.').next().unwrap_or_default();
    (unique && !abroad).then_some((provider, name.len() >= CERTAIN_NAME))
}

/// Optimal string alignment distance, if within `limit` (at most 2): insertions, deletions,
/// replacements and swaps of neighbours.
fn distance(a: &str, b: &str, limit: usize) -> Option<usize> {
    const LONGEST: usize = 24;
    let (a, b) = (a.as_bytes(), b.as_bytes());
    if a.len().abs_diff(b.len()) > limit || a.len() >= LONGEST || b.len() >= LONGEST {
        return None;
    }
    let mut before = [0; LONGEST];
    let mut row: [usize; LONGEST] = std::array::from_fn(|at| at);
    for i in 1..=a.len() {
        let mut next = [i; LONGEST];
        for j in 1..=b.len() {
            let cost = usize::from(a[i - 1] != b[j - 1]);
            next[j] = (row[j] + 1).min(next[j - 1] + 1).min(row[j - 1] + cost);
            if i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] {
                next[j] = next[j].min(before[j - 2] + 1);
            }
        }
        let too_far = |row: &[usize]| row[..=b.len()].iter().all(|distance| *distance > limit);
        // A swap reaches back over one row, so it takes two to be lost.
        if too_far(&row) && too_far(&next) {
            return None;
        }
        (before, row) = (row, next);
    }
    Some(row[b.len()]).filter(|distance| *distance <= limit)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn distance_counts_swaps_as_one() {
        assert_eq!(distance("gmial.com", "gmail.com", 2), Some(1));
        assert_eq!(distance("gmail.com", "gmail.com", 2), Some(0));
        assert_eq!(distance("hotmmail.con", "hotmail.com", 2), Some(2));
        assert_eq!(distance("abc.com", "gmail.com", 2), None);
        assert_eq!(distance(&"x".repeat(400), "gmail.com", 2), None);
    }
}
