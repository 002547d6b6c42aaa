//! Signing out of everything, whatever is there.

use super::machine::Machine;

#[test]
fn row_134_logout_of_all_takes_away_what_nobody_can_read() {
    for name in ["stored_tokens", "hf-oauth.tokens"] {
        for text in ["{\"a\": 1}", "[a]\nhf_token = hf_x\n[a]\n", "hf_x\n"] {
            let machine = Machine::signed_in();
            machine.write("hf-oauth.tokens", "[work]\nrefresh_token = hf_refresh_dddd\n\n");
            machine.write(name, text);
            assert_eq!(machine.run(["list"]).code, 6, "{name} {text:?}");
            let done = machine.run(["logout", "--all"]);
            assert_eq!((done.code, done.out.as_str()), (0, ""), "{name} {text:?}: {done:?}");
            assert!(done.err.starts_with("Signed out"), "{name} {text:?}: {}", done.err);
            assert!(done.err.contains("it stays good until it expires"), "{}", done.err);
            for file in ["token", "stored_tokens", "hf-oauth.tokens"] {
                assert_eq!(machine.read(file), None, "{name} {text:?}: {file}");
            }
            let again = machine.run(["logout", "--all"]);
            assert_eq!((again.code, again.err.as_str()), (0, "No login was on this machine.\n"));
        }
    }
}

#[test]
fn logout_of_all_of_a_token_without_a_name_says_so() {
    let machine = Machine::new();
    machine.write("token", "hf_aaaaaaaaaaaaaaaaaunnamed");
    let done = machine.run(["logout", "--all"]);
    assert_eq!((done.code, machine.read("token")), (0, None), "{done:?}");
    assert!(done.err.starts_with("Signed out on this machine.\n"), "{}", done.err);
}
