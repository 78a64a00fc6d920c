//! Posters in every language with the fonts of this machine; what is wrong with an order is named.

use super::{letters::Thick, *};

fn order<'a>(zone: &'a Zone, languages: [&'a str; 2]) -> PosterOrder<'a> {
    PosterOrder {
        venue: "Көк базар · 中央市场",
        entrance: "North",
        way: Direction::In,
        code: "VW1:QUAACAYSAEAQB4GAAIAQ",
        address: "http://192.168.100.200:8080",
        wifi: Some("Market guests"),
        contact: Some("+7 727 000-00-00"),
        version: 3,
        valid_from: UnixMillis::from_secs(1_790_000_000),
        made: UnixMillis::from_secs(1_790_100_000),
        zone,
        languages,
    }
}

#[test]
fn every_language_has_its_letters_in_the_pdf_and_the_same_code_each_time() {
    let (zone, letters) = (Zone::utc(), letters(None));
    for lang in Lang::ALL {
        let order = order(&zone, [lang.tag(), lang.second().tag()]);
        let poster = Poster::draw(&order, &letters).unwrap();
        assert_eq!(poster.address(), "HTTP://192.168.100.200:8080/P/VW1:QUAACAYSAEAQB4GAAIAQ");
        let pdf = poster.to_pdf().unwrap();
        assert!(pdf.starts_with(b"%PDF-"));
        let count = |word: &[u8]| pdf.windows(word.len()).filter(|w| *w == word).count();
        assert!(count(b"/FontFile") >= 2, "{lang:?}: no font inside");
        assert!(count(b"NotoSans") >= 1, "{lang:?}");
        assert_eq!(count(b"/Subtype/Image"), 0, "{lang:?}: it is drawn, not painted");
        let svg = poster.to_svg();
        assert!(!svg.contains("<text") && !svg.contains("<image"), "letters are outlines");
        assert_eq!(Poster::draw(&order, &letters).unwrap().to_svg(), svg);
    }
}

#[test]
fn nothing_stands_beyond_the_sheets_edge() {
    let (zone, letters) = (Zone::utc(), letters(None));
    for lang in Lang::ALL {
        for way in [Direction::In, Direction::Out] {
            let order = PosterOrder { way, ..order(&zone, [lang.tag(), lang.second().tag()]) };
            let languages = [lang, lang.second()];
            let lines = Sheet { order: &order, languages, letters: &letters }.lines().unwrap();
            for line in lines {
                let thick = if line.weight == 700 { Thick::Bold } else { Thick::Regular };
                let end = line.x + letters.width(line.family, thick, &line.text) * line.size;
                assert!(end <= 197.0, "{lang:?}: {:?} ends at {end} mm", line.text);
                let beside = line.x > 120.0 && (80.0..188.0).contains(&line.y);
                assert!(!beside || line.y < 182.0, "{lang:?}: {:?} at {} mm", line.text, line.y);
                let step = (210.0..258.0).contains(&line.y);
                assert!(!step || line.y < 252.5, "{lang:?}: {:?} at {} mm", line.text, line.y);
                assert!(line.y < 291.5, "{lang:?}: {:?} at {} mm", line.text, line.y);
                let promise = line.size == 2.9;
                assert!(!promise || line.y < 287.5, "{lang:?}: {:?} at {} mm", line.text, line.y);
            }
        }
    }
}

#[test]
fn what_is_wrong_with_an_order_is_named() {
    let (zone, here) = (Zone::utc(), letters(None));
    let good = order(&zone, ["kk", "ru"]);
    let said = |order: &PosterOrder<'_>, letters: &Letters| {
        Poster::draw(order, letters).unwrap_err().to_string()
    };
    assert!(said(&PosterOrder { languages: ["kk", "tlh"], ..good.clone() }, &here).contains("tlh"));
    for address in ["door.example", "http://", "http://door.example/page", "ftp://a"] {
        let wrong = PosterOrder { address, ..good.clone() };
        assert!(said(&wrong, &here).contains(&format!("{address:?} is no address")));
    }
    let long = format!("https://{}.example", "a".repeat(900));
    let wrong = PosterOrder { address: &long, ..good.clone() };
    assert!(said(&wrong, &here).contains("too fine"));
    let empty = tempfile::tempdir().unwrap();
    let none = letters(Some(empty.path()));
    assert!(said(&good, &none).contains("fonts-noto-core"), "{}", said(&good, &none));
    let chinese = PosterOrder { languages: ["zh-Hans", "en"], venue: "X", ..good.clone() };
    assert!(said(&chinese, &none).contains("fonts-noto"), "{}", said(&chinese, &none));
    let strange = PosterOrder { venue: "\u{10ffff}", ..good };
    assert!(said(&strange, &here).contains("U+10FFFF"));
}
