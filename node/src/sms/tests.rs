//! A real HTTP server on a local port, and a modem played at a pseudo-terminal.

use std::{
    fs::File,
    io::{BufRead, BufReader, Read, Write},
    net::TcpListener,
    os::unix::fs::PermissionsExt,
    path::PathBuf,
    thread::{self, JoinHandle},
};

use node_core::phone::Phone;
use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};

use super::*;
use crate::config::{SmsForm, SmsMethod};

const TO: &str = "+77012345678";

/// Answers each connection once, in turn; what it was asked.
fn server(answers: &'static [&'static str]) -> (String, JoinHandle<Vec<String>>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    let asked = thread::spawn(move || {
        let answer = |answer: &&str| {
            let (socket, _) = listener.accept().unwrap();
            let mut reader = BufReader::new(socket);
            let mut head = String::new();
            while !head.ends_with("\r\n\r\n") {
                assert_ne!(reader.read_line(&mut head).unwrap(), 0);
            }
            let lower = head.to_lowercase();
            let length = lower.split("content-length: ").nth(1).and_then(|l| l.lines().next());
            let mut body = vec![0; length.map_or(0, |l| l.parse().unwrap())];
            reader.read_exact(&mut body).unwrap();
            let mut socket = reader.into_inner();
            write!(socket, "HTTP/1.1 {answer}").unwrap();
            head + &String::from_utf8(body).unwrap()
        };
        answers.iter().map(answer).collect()
    });
    (address, asked)
}

fn gateway(url: String) -> HttpGateway {
    HttpGateway {
        method: SmsMethod::Post,
        url,
        header: Some("Authorization: Bearer secret".to_owned().into()),
        body: Some(r#"{"to":"{phone}","text":"{text}"}"#.into()),
        form: SmsForm::Json,
        expect: None,
        timeout: Duration::from_secs(5),
    }
}

const YES: &str = "200 OK\r\ncontent-length: 11\r\nconnection: close\r\n\r\n{\"ok\":true}";
const NO: &str = "503 Busy\r\ncontent-length: 0\r\nconnection: close\r\n\r\n";
const BAD: &str = "400 Bad\r\ncontent-length: 12\r\nconnection: close\r\n\r\n+77012345678";

#[test]
fn a_gateway_gets_the_request_that_the_operator_wrote() {
    let (address, asked) = server(&[YES, YES]);
    let post = gateway(format!("{address}/send"));
    post.send(TO, "Код \"123456\"").unwrap();
    let get = HttpGateway {
        method: SmsMethod::Get,
        body: None,
        ..gateway(format!("{address}/s?to={{phone}}&t={{text}}"))
    };
    get.send(TO, "Code 1").unwrap();
    let asked = asked.join().unwrap();
    assert!(asked[0].starts_with("POST /send HTTP/1.1\r\n"), "{}", asked[0]);
    assert!(asked[0].to_lowercase().contains("authorization: bearer secret"));
    assert!(asked[0].to_lowercase().contains("content-type: application/json"));
    assert!(asked[0].ends_with(r#"{"to":"+77012345678","text":"Код \"123456\""}"#), "{}", asked[0]);
    assert!(
        asked[1].starts_with("GET /s?to=%2B77012345678&t=Code%201 HTTP/1.1\r\n"),
        "{}",
        asked[1]
    );
}

#[test]
fn a_gateway_that_is_busy_is_tried_again_and_one_that_refuses_is_not() {
    let (address, asked) = server(&[NO, YES]);
    Gateway::Http(gateway(address)).send_surely(TO, "Code 1").unwrap();
    assert_eq!(asked.join().unwrap().len(), 2);
    let (address, asked) = server(&[BAD]);
    let error = Gateway::Http(gateway(address)).send_surely(TO, "Code 1").unwrap_err();
    assert_eq!(error.to_string(), "the gateway answered 400", "and nothing of what it said");
    assert_eq!(asked.join().unwrap().len(), 1);
    let (address, _asked) = server(&[YES]);
    let strict = HttpGateway { expect: Some("queued".into()), ..gateway(address) };
    assert!(matches!(strict.send(TO, "Code 1"), Err(SmsError::Unexpected)));
    let gone = gateway("http://127.0.0.1:1/send?to={phone}".into());
    let error = gone.send(TO, "Code 1").unwrap_err().to_string();
    assert!(error.contains("cannot be reached") && !error.contains("7701"), "{error}");
}

/// A modem's own end, and the name of the other.
fn terminal() -> (File, PathBuf) {
    let end = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY).unwrap();
    grantpt(&end).unwrap();
    unlockpt(&end).unwrap();
    let name = ptsname(&end, Vec::new()).unwrap().into_string().unwrap();
    (File::from(end), name.into())
}

/// Plays a modem: hears up to the end of a command or a message and answers with what stands beside it.
fn play(
    mut end: File,
    part: &'static [(&'static str, &'static str)],
) -> JoinHandle<(Vec<String>, File)> {
    thread::spawn(move || {
        let mut heard = Vec::new();
        for (expected, answer) in part {
            let mut said = Vec::new();
            let mut byte = [0];
            while !matches!(said.last(), Some(b'\r' | 0x1A | 0x1B)) {
                end.read_exact(&mut byte).unwrap();
                said.push(byte[0]);
            }
            let said = String::from_utf8(said).unwrap();
            assert!(said.starts_with(expected), "{said:?}, not {expected:?}");
            heard.push(said);
            end.write_all(answer.as_bytes()).unwrap();
        }
        // A modem stays plugged in: closed, what it said last would be lost.
        (heard, end)
    })
}

fn modem(device: PathBuf) -> Modem {
    Modem { device, baud: 115_200, sim_pin: None, timeout: Duration::from_secs(3) }
}

#[test]
fn a_modem_takes_a_plain_text_in_text_mode() {
    let (end, name) = terminal();
    // Echoes the first command, and talks of other things between.
    let playing = play(
        end,
        &[
            ("AT\r", "AT\r\r\nOK\r\n"),
            ("ATE0\r", "ATE0\r\r\nOK\r\n\r\n^RSSI: 17\r\n"),
            ("AT+CPIN?\r", "\r\n+CPIN: READY\r\n\r\nOK\r\n"),
            ("AT+CMGF=1\r", "\r\nOK\r\n"),
            ("AT+CSCS=", "\r\n+CMTI: \"SM\",3\r\n\r\nOK\r\n"),
            ("AT+CMGS=\"+77012345678\"\r", "\r\n> "),
            ("Code 123456.\u{1a}", "\r\n+CMGS: 12\r\n\r\nOK\r\n"),
        ],
    );
    modem(name).send(TO, "Code 123456.").unwrap();
    assert_eq!(playing.join().unwrap().0.len(), 7);
}

#[test]
fn a_modem_takes_other_letters_in_pdu_mode_and_its_sim_pin_first() {
    let (end, name) = terminal();
    let playing = play(
        end,
        &[
            ("AT\r", "\r\nOK\r\n"),
            ("ATE0\r", "\r\nOK\r\n"),
            ("AT+CPIN?\r", "\r\n+CPIN: SIM PIN\r\n\r\nOK\r\n"),
            ("AT+CPIN=\"0000\"\r", "\r\nOK\r\n"),
            ("AT+CMGF=0\r", "\r\nOK\r\n"),
            ("AT+CMGS=20\r", "\r\n> "),
            ("0011000B917710325476F800080006041A043E0434\u{1a}", "\r\n+CMGS: 13\r\n\r\nOK\r\n"),
        ],
    );
    let modem = Modem { sim_pin: Some("0000\n".to_owned().into()), ..modem(name) };
    modem.send(TO, "Код").unwrap();
    playing.join().unwrap();
}

#[test]
fn what_a_modem_refuses_and_when_it_is_silent_is_said_without_the_number() {
    let (end, name) = terminal();
    let playing = play(
        end,
        &[
            ("AT\r", "\r\nOK\r\n"),
            ("ATE0\r", "\r\nOK\r\n"),
            ("AT+CPIN?\r", "\r\n+CPIN: READY\r\n\r\nOK\r\n"),
            ("AT+CMGF=1\r", "\r\nOK\r\n"),
            ("AT+CSCS=", "\r\nOK\r\n"),
            ("AT+CMGS=", "\r\n> "),
            ("Code 1", "\r\n+CMS ERROR: 38\r\n"),
        ],
    );
    let error = modem(name).send(TO, "Code 1").unwrap_err();
    assert_eq!(error.to_string(), "the modem refused AT+CMGS: +CMS ERROR: 38");
    playing.join().unwrap();

    let (end, name) = terminal();
    let playing = play(
        end,
        &[
            ("AT\r", "\r\nOK\r\n"),
            ("ATE0\r", "\r\nOK\r\n"),
            ("AT+CPIN?\r", "\r\n+CPIN: SIM PIN\r\n\r\nOK\r\n"),
        ],
    );
    assert!(matches!(modem(name).send(TO, "Code 1"), Err(SmsError::Sim)), "no PIN is guessed");
    playing.join().unwrap();

    let (end, name) = terminal();
    let playing = play(
        end,
        &[
            ("AT\r", "\r\nOK\r\n"),
            ("ATE0\r", "\r\nOK\r\n"),
            ("AT+CPIN?\r", "\r\n+CPIN: READY\r\n\r\nOK\r\n"),
            ("AT+CMGF=1\r", "\r\nOK\r\n"),
            ("AT+CSCS=", "\r\nOK\r\n"),
            ("AT+CMGS=", "\r\n"),
            ("\u{1b}", ""),
        ],
    );
    let hasty = Modem { timeout: Duration::from_millis(200), ..modem(name) };
    let error = hasty.send(TO, "Code 1").unwrap_err();
    assert!(matches!(error, SmsError::Silent("AT+CMGS")), "{error}");
    playing.join().unwrap();

    let error = modem("/dev/no-such-modem".into()).send(TO, "Code 1").unwrap_err().to_string();
    assert!(error.contains("/dev/no-such-modem") && !error.contains("7701"), "{error}");
    let (_end, name) = terminal();
    let long = "я".repeat(71);
    assert!(!matches!(modem(name).send(TO, &long), Ok(())));
}

#[tokio::test]
async fn messages_go_out_one_after_another_and_each_asker_is_told() {
    let (address, asked) = server(&[YES, BAD]);
    let (outbox, messages) = mpsc::channel(4);
    let stop = CancellationToken::new();
    let running = run(Gateway::Http(gateway(address)), messages, stop.clone());
    let asking = async {
        let to = Phone::read(TO, "").unwrap();
        let first = node_core::sms::send(&outbox, to.clone(), "Code 1".into()).await;
        let second = node_core::sms::send(&outbox, to, "Code 2".into()).await;
        stop.cancel();
        (first, second)
    };
    let ((), (first, second)) = tokio::join!(running, asking);
    assert_eq!(first, Ok(()));
    assert_eq!(second, Err("the gateway answered 400".to_owned()));
    assert_eq!(asked.join().unwrap().len(), 2);
}

#[test]
fn secrets_are_files_of_their_owner_alone() {
    let dir = tempfile::tempdir().unwrap();
    let header = dir.path().join("sms.header");
    std::fs::write(&header, "Authorization: Bearer x\n").unwrap();
    let section =
        SmsSection { header: Some(header.clone()), ..SmsSection::http("http://a.example") };
    std::fs::set_permissions(&header, std::fs::Permissions::from_mode(0o644)).unwrap();
    assert!(Gateway::open(&section).is_err());
    std::fs::set_permissions(&header, std::fs::Permissions::from_mode(0o600)).unwrap();
    let Ok(Gateway::Http(gateway)) = Gateway::open(&section) else { panic!("no gateway") };
    assert_eq!(gateway.header.as_ref().unwrap().as_str(), "Authorization: Bearer x");
    assert_eq!(format!("{gateway:?}"), "HttpGateway(…)");
}
