//! `--help` of every verb and sub-verb, found by asking for the verbs; and wrong use of each.

use crate::Place;

/// The verbs under a list of words, as its help names them.
fn verbs(help: &str) -> Vec<String> {
    let commands = help.lines().skip_while(|line| *line != "Commands:").skip(1);
    let named = commands.take_while(|line| !line.is_empty());
    let first = named.filter_map(|line| line.strip_prefix("  ")?.split_whitespace().next());
    first.filter(|verb| *verb != "help").map(str::to_owned).collect()
}

/// Asks for the help of `words` and of everything under it; how many there were.
fn ask(place: &Place, words: &str) -> usize {
    let help = place.run(&format!("{words} --help")).yes();
    assert!(help.out.contains("Usage: vestibule"), "vestibule {words}: {}", help.out);
    assert!(help.out.contains("Examples:\n  "), "no examples in: vestibule {words} --help");
    let under: Vec<_> = verbs(&help.out);
    if !under.is_empty() {
        place.run(words).ends(2);
        place.run(&format!("{words} no-such-verb")).wrong_use().mentions(&["no-such-verb"]);
    }
    let deeper = under.iter().map(|verb| ask(place, format!("{words} {verb}").trim_start()));
    1 + deeper.sum::<usize>()
}

#[test]
fn every_verb_has_help_with_examples() {
    let asked = ask(&Place::new(), "");
    assert!(asked >= 22, "only {asked} verbs were found: is the help still read rightly?");
}

#[test]
fn wrong_use_of_every_verb_is_told_apart_from_a_negative_answer() {
    let place = Place::new();
    let top = place.run("--help").yes().out;
    for verb in verbs(&top) {
        let said = place.run(&format!("{verb} --no-such-option")).wrong_use();
        assert_eq!(said.out, "", "vestibule {verb}: complaints belong on standard error");
    }
}

#[test]
fn the_version_is_that_of_vestibule() {
    Place::new().run("--version").yes().mentions(&["vestibule 0."]);
}
