use super::*;
use proptest::prelude::*;

fn parse(text: &str) -> Outcome<Email<'_>> {
    Email::parse(text, &|_| false)
}

fn shown(text: &str) -> String {
    parse(text)
        .value
        .map_or_else(|| "-".into(), |email| email.to_string())
}

#[test]
fn a_clean_address_is_borrowed() {
    let outcome = parse("joao.silva@gmail.com");
    assert_eq!(outcome.status, Status::Ok);
    assert!(matches!(outcome.value.unwrap().address, Cow::Borrowed(_)));
}

#[test]
fn case_and_surroundings_are_only_form() {
    for text in [
        " Joao.Silva@Gmail.com ",
        "mailto:joao.silva@gmail.com",
        "<joao.silva@gmail.com>",
        "João Silva <joao.silva@gmail.com>",
        "joao.silva@gmail.com.",
        "joao.silva@gmail.com;",
        "\"joao.silva@gmail.com\"",
        "joao.silva @ gmail. com",
    ] {
        let outcome = parse(text);
        assert_eq!(shown(text), "joao.silva@gmail.com", "{text}");
        assert_eq!(outcome.status, Status::Padronizado, "{text}");
    }
}

#[test]
fn slips_of_known_providers_are_corrected() {
    for (domain, provider) in [
        ("gmial.com", "gmail.com"),
        ("gmail.com.br", "gmail.com"),
        ("gmail.con", "gmail.com"),
        ("gmail.co", "gmail.com"),
        ("gmail.cm", "gmail.com"),
        ("gmail.om", "gmail.com"),
        ("gmail", "gmail.com"),
        (".gmail", "gmail.com"),
        ("gnail.com", "gmail.com"),
        ("hotmal.com", "hotmail.com"),
        ("hotmail.con", "hotmail.com"),
        ("hotmal.com.br", "hotmail.com.br"),
        ("outlok.com", "outlook.com"),
        ("outlook.con", "outlook.com"),
        ("yaho.com", "yahoo.com"),
        ("yaho.com.br", "yahoo.com.br"),
        ("yahoo.com.b", "yahoo.com.br"),
        ("icoud.com", "icloud.com"),
        ("uol.co.br", "uol.com.br"),
        ("uol.combr", "uol.com.br"),
        ("ig.com,br", "ig.com.br"),
        ("hotmaiil.com", "hotmail.com"),
        ("gmaíl.com", "gmail.com"),
        ("yahoo.com.bt", "yahoo.com.bt"),
        ("uol.com.brr", "uol.com.br"),
        ("hotmail.comm", "hotmail.com"),
        ("rocketmial.com", "rocketmail.com"),
    ] {
        let text = format!("joao.silva@{domain}");
        assert_eq!(shown(&text), format!("joao.silva@{provider}"), "{text}");
        if domain != provider {
            let outcome = parse(&text);
            assert_eq!(
                (outcome.status, outcome.reason),
                (Status::Corrigido, Some(Reason::Dominio)),
                "{text}"
            );
        }
    }
}

#[test]
fn another_domain_is_not_a_slip() {
    for domain in [
        "yahoo.com.ar",
        "yahoo.co.uk",
        "hotmail.fr",
        "live.com.br",
        "googlemail.com",
        "empresa.com.br",
        "mail.ru",
        "pm.me",
        "outlook.pt",
    ] {
        assert_eq!(
            parse(&format!("joao@{domain}")).status,
            Status::Ok,
            "{domain}"
        );
    }
    for domain in ["uol.com", "terra.com", "bol.com", "ib.com.br"] {
        let text = format!("joao@{domain}");
        let outcome = parse(&text);
        assert_eq!(
            (outcome.status, outcome.reason),
            (Status::Alerta, Some(Reason::Sugestao)),
            "{domain}"
        );
        assert_eq!(shown(&text), text);
    }
    let frequent = Email::parse("joao@hotmaiil.com", &|domain| domain == "hotmaiil.com");
    assert_eq!(frequent.status, Status::Ok);
}

#[test]
fn each_fault_has_its_name() {
    for (text, reason) in [
        ("www.altasa.com.br", Reason::NaoEhEmail),
        ("gdezorzi2yhaoo.com.br", Reason::NaoEhEmail),
        ("atendimento@datasul", Reason::DominioInvalido),
        ("joao..silva@gmail.com", Reason::LocalInvalido),
        (".joao@gmail.com", Reason::LocalInvalido),
        ("@gmail.com", Reason::LocalInvalido),
        ("joao silva@gmail.com", Reason::LocalInvalido),
        ("joao@x.com recado", Reason::DominioInvalido),
        ("joao@-x.com", Reason::DominioInvalido),
        ("joao@x..com", Reason::DominioInvalido),
        ("joao@[10.0.0.1]", Reason::DominioInvalido),
        ("joao@10.0.0.1", Reason::DominioInvalido),
        ("nao@tem.com", Reason::Placeholder),
        ("sem@email.com", Reason::Placeholder),
        ("naotem@gmail.com", Reason::Placeholder),
        ("nt@nt.com", Reason::Placeholder),
    ] {
        assert_eq!(parse(text), Outcome::rejected(reason), "{text}");
    }
    assert_eq!(parse("").status, Status::Vazio);
}

#[test]
fn suspicious_addresses_are_kept_with_an_alert() {
    for (text, reason) in [
        ("vendas@empresa.com.br", Reason::Funcao),
        ("a@mailinator.com", Reason::Descartavel),
        ("teste@empresa.com.br", Reason::Placeholder),
        ("x@x.com", Reason::Placeholder),
    ] {
        let outcome = parse(text);
        assert_eq!(
            (outcome.status, outcome.reason),
            (Status::Alerta, Some(reason)),
            "{text}"
        );
        assert_eq!(shown(text), text);
    }
}

#[test]
fn what_real_files_hold_is_read() {
    assert_eq!(shown("gar@opportunity.com.br."), "gar@opportunity.com.br");
    assert_eq!(shown("santa-cecilia@ig.com,br"), "santa-cecilia@ig.com.br");
    assert_eq!(shown("alcalis @ dig. com. br"), "alcalis@dig.com.br");
    let accented = parse("joão.mendes46@gmail.com");
    assert_eq!(
        (accented.status, accented.reason),
        (Status::Corrigido, Some(Reason::SemAcentos))
    );
    assert_eq!(shown("joão.mendes46@gmail.com"), "joao.mendes46@gmail.com");
    assert_eq!(shown("a@açúcar.com.br"), "a@xn--acar-0oa8i.com.br");
}

#[test]
fn the_first_valid_of_several_is_taken() {
    let outcome = parse("cguerreiro@x1.com.br / lpaiva@x1.com.br");
    assert_eq!(outcome.reason, Some(Reason::VariosEmails));
    assert_eq!(outcome.value.unwrap().as_str(), "cguerreiro@x1.com.br");
    assert_eq!(shown("a@b, c@empresa.com.br"), "c@empresa.com.br");
    let all: Vec<_> = split("a@x.com; b@y.com c@z.com").collect();
    assert_eq!(all, ["a@x.com", "b@y.com", "c@z.com"]);
}

#[test]
fn gmail_addresses_that_arrive_together_have_one_key() {
    assert_eq!(
        parse("jo.ao+loja@gmail.com").value.unwrap().key(),
        "joao@gmail.com"
    );
    assert_eq!(
        parse("jo.ao@uol.com.br").value.unwrap().key(),
        "jo.ao@uol.com.br"
    );
}

proptest! {
    #[test]
    fn the_hash_is_of_the_key(address in "[a-z.+]{0,9}@(gmail.com|googlemail.com|a.com)|[a-z.+]{60,70}@gmail.com|\\PC{0,9}") {
        prop_assert_eq!(key_hash(&address), xxh3_64(key(&address).as_bytes()));
    }

    #[test]
    fn a_plain_address_is_read_as_any_other(text in "[a-z.+_-]{0,9}@(gmail.com|gmial.com|a.com|[a-z.]{0,9})|[A-Za-z.+_-]{0,9}@(gmail.com|GMAIL.COM|Gmial.com|a.com|[A-Za-z.]{0,9})|(nao|NAO|teste|www.a|WWW.A|sac|SAC|x)@(tem|TEM|gmail|x).com(.br)?|[a-zA.@]{0,9}|[a-z]{60,70}@gmail.com") {
        prop_assert_eq!(parse(&text), Email::parse_any(&text, &|_| false));
    }

    #[test]
    fn no_text_panics(text in "\\PC*|[a-zé@.,;/ <>-]{0,30}") {
        parse(&text);
    }

    #[test]
    fn the_delivered_form_reads_back(text in "[a-zA-Z.é+]{1,8} ?@ ?([a-z]{1,6}[.,]){1,2}[a-z]{1,4}|[a-z]{1,5}@(gmia|gmail|hotmal|yaho|iclou|outloo)[a-z]?[.](com|con|co|com.b|combr)") {
        if let Some(email) = parse(&text).value {
            let address = email.to_string();
            let again = parse(&address);
            prop_assert_eq!(again.value.map(|email| email.to_string()), Some(address.clone()));
            prop_assert!(matches!(again.status, Status::Ok | Status::Alerta), "{}", address);
        }
    }
}
