//! The settings that say who may register.

use control::person::SignUp;

use super::{load, load_error};

#[test]
fn everybody_may_register_by_default() {
    let rule = |toml: &str| load(toml, &[], &[]).unwrap().sign_up;
    let domains = |domains: &[&str]| SignUp::Domains(domains.iter().map(|domain| (*domain).to_owned()).collect());
    assert_eq!(rule(""), SignUp::Open);
    assert_eq!(rule("sign_up = 'closed'"), SignUp::Closed);
    assert_eq!(
        rule("sign_up = 'domains'\nsign_up_domains = ['Example.ORG', 'b.example']"),
        domains(&["example.org", "b.example"])
    );
    assert_eq!(rule("sign_up = 'domains'\nsign_up_domains = 'a.org, b.org'"), domains(&["a.org", "b.org"]));
}

#[test]
fn wrong_settings_of_sign_up_are_rejected_by_the_name_of_the_key() {
    for (lines, key, text) in [
        ("sign_up = 'invited'", "sign_up", "expected open, domains or closed, got \"invited\""),
        ("sign_up = 'domains'", "sign_up", "set sign_up_domains too"),
        ("sign_up = 'closed'\nsign_up_domains = 'a.org'", "sign_up_domains", "expected sign_up = \"domains\" with it"),
        ("sign_up_domains = 'a.org'", "sign_up_domains", "expected sign_up = \"domains\" with it"),
        ("sign_up = 'domains'\nsign_up_domains = []", "sign_up_domains", "got an empty text"),
        ("sign_up = 'domains'\nsign_up_domains = 'a.org,'", "sign_up_domains", "expected domains of email addresses"),
        ("sign_up = 'domains'\nsign_up_domains = '@a.org'", "sign_up_domains", "got \"@a.org\""),
        ("sign_up = 'domains'\nsign_up_domains = '*.a.org'", "sign_up_domains", "got \"*.a.org\""),
        ("sign_up = 'domains'\nsign_up_domains = 'a b.org'", "sign_up_domains", "got \"a b.org\""),
    ] {
        let error = load_error(lines, &[], &[]);
        assert!(error.starts_with(&format!("{key} (/")) && error.contains(text), "{lines}\n{error}");
    }
}
