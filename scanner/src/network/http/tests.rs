//! HTTP cameras: real servers on loopback that stream, cut, stall, ask for a login and send nonsense.

use std::io::{BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::mpsc::{self, Receiver};
use std::thread::spawn;

use super::*;
use crate::live::{Pauses, Watched};
use crate::source::{Loss, Source, Step};
use crate::test_uptime;

fn jpeg(grey: u8) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut encoder = image::codecs::jpeg::JpegEncoder::new_with_quality(&mut bytes, 90);
    encoder.encode(&[grey; 64 * 48], 64, 48, image::ExtendedColorType::L8).unwrap();
    bytes
}

/// A server that treats its n-th visitor as the n-th of `plans` says; and the heads of all requests.
type Plan = Box<dyn FnOnce(&mut TcpStream) + Send>;

fn serve(plans: Vec<Plan>) -> (Url, Receiver<String>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}/video?fps=5", listener.local_addr().unwrap());
    let (heads, asked) = mpsc::channel();
    spawn(move || {
        for plan in plans {
            let (mut stream, _) = listener.accept().unwrap();
            let mut lines = BufReader::new(stream.try_clone().unwrap()).lines();
            let head: Vec<_> = lines
                .by_ref()
                .map(|l| l.unwrap_or_default())
                .take_while(|l| !l.is_empty())
                .collect();
            if heads.send(head.join("\n")).is_err() {
                return;
            }
            // Whoever is visited by nobody any more just ends.
            spawn(move || plan(&mut stream));
        }
    });
    (Url::parse(&url).unwrap(), asked)
}

fn says(bytes: Vec<u8>) -> Plan {
    Box::new(move |stream| drop(stream.write_all(&bytes)))
}

fn says_and_stalls(bytes: Vec<u8>) -> Plan {
    Box::new(move |stream| {
        let _ = stream.write_all(&bytes);
        let _ = stream.read(&mut [0; 1]); // until the camera's reader hangs up
    })
}

fn answer(head: &str, body: &[&[u8]]) -> Vec<u8> {
    [format!("HTTP/1.1 200 OK\r\n{head}\r\n").as_bytes(), &body.concat()].concat()
}

fn camera(url: Url, login: Option<Login>) -> Watched {
    let patience = Duration::from_millis(400);
    let pauses = Pauses {
        frame_deadline: patience,
        reopen_min: Duration::from_millis(5),
        reopen_max: Duration::from_millis(20),
    };
    Watched::new(Arc::new(HttpCamera::new(url, login, 50, patience)), pauses, test_uptime())
}

/// `o` opened, `f` a frame, `b` broken, `l` lost, `h` hung.
fn events(source: &mut Watched, count: usize) -> (String, Vec<String>) {
    let (mut seen, mut said) = (String::new(), Vec::new());
    while seen.len() < count {
        match source.next(Duration::from_millis(10)) {
            Step::Opened(words) => {
                seen.push('o');
                said.push(words);
            }
            Step::Frame(picture) => {
                assert_eq!(picture.into_luma().unwrap().width(), 64);
                seen.push('f');
            }
            Step::Broken(_) => seen.push('b'),
            Step::Lost(loss, why) => {
                seen.push(if loss == Loss::Hung { 'h' } else { 'l' });
                said.push(why);
            }
            Step::Nothing | Step::Alive => {}
            Step::Text(_) | Step::Ended => unreachable!("a camera has no such step"),
        }
    }
    (seen, said)
}

const MULTIPART: &str = "Content-Type: multipart/x-mixed-replace;boundary=--cut\r\n";

#[test]
fn a_stream_of_parts_is_read_with_and_without_lengths_and_in_chunks() {
    let (a, b) = (jpeg(10), jpeg(200));
    let length = format!("Content-Type: image/jpeg\r\nContent-Length: {}\r\n\r\n", a.len());
    let with = answer(MULTIPART, &[b"--cut\r\n", length.as_bytes(), &a, b"\r\n--cut\r\n\r\n", &b]);
    let without =
        answer(MULTIPART, &[b"--cut\r\nContent-Type: image/jpeg\r\n\r\n", &a, &b, b"\r\n--other"]);
    let mut chunked = answer(&format!("{MULTIPART}Transfer-Encoding: chunked\r\n"), &[]);
    for part in [&a[..], b"\r\n--cut\r\n\r\n", &b].concat().chunks(100) {
        chunked.extend([format!("{:x}\r\n", part.len()).as_bytes(), part, b"\r\n"].concat());
    }
    let (url, asked) = serve(vec![says(with), says(without), says_and_stalls(chunked)]);
    let (seen, said) = events(&mut camera(url, None), 11);
    assert_eq!(seen, "offloffloff");
    assert!(said[0].contains("MJPEG over HTTP"), "{said:?}");
    let head = asked.recv().unwrap();
    assert!(head.starts_with("GET /video?fps=5 HTTP/1.1\nHost: 127.0.0.1:"), "{head}");
}

#[test]
fn a_cut_a_stall_and_garbage_cost_what_they_must() {
    let a = jpeg(10);
    let cut = answer(MULTIPART, &[&a, &a[..a.len() / 2]]);
    let stall = answer(MULTIPART, &[&a, &a[..100]]);
    let garbage = answer(MULTIPART, &[b"\xFF\xD8\xFF\xE1\x00\x00 no frame ", &a]);
    let (url, _asked) = serve(vec![says(cut), says_and_stalls(stall), says_and_stalls(garbage)]);
    let (seen, said) = events(&mut camera(url, None), 10);
    // The stall is ended by the reader's own patience or by its watcher, whichever looks first.
    assert!(
        ["ofblofl", "ofblofh"].contains(&&seen[..7]) && seen.ends_with("obf"),
        "{seen} {said:?}"
    );
}

#[test]
fn answers_that_are_no_stream_are_refused_by_their_reason() {
    let huge = format!("HTTP/1.1 200 OK\r\nX: {}", "x".repeat(20_000)).into_bytes();
    let plans = vec![
        says(b"HTTP/1.1 404 Not Found\r\n\r\n".to_vec()),
        says(b"HTTP/1.1 302 Found\r\nLocation: http://elsewhere/\r\n\r\n".to_vec()),
        says(answer("Content-Type: text/html\r\n", &[b"<html>"])),
        says_and_stalls(huge),
        says(b"SSH-2.0-OpenSSH\r\n\r\n".to_vec()),
        says(
            b"HTTP/1.1 401 Unauthorized\r\nWWW-Authenticate: Basic realm=\"cam\"\r\n\r\n".to_vec(),
        ),
        says_and_stalls(Vec::new()),
    ];
    let (url, _asked) = serve(plans);
    let (seen, said) = events(&mut camera(url, None), 7);
    assert!(seen.starts_with("llllll"), "{seen}");
    for (said, word) in said.iter().zip([
        "404",
        "302",
        "no pictures",
        "over 16384",
        "not HTTP",
        "user and a password",
        "",
    ]) {
        assert!(said.contains(word), "{said:?} without {word:?}");
    }
}

#[test]
fn a_login_is_given_when_it_is_asked_for_and_never_told() {
    let digest = b"HTTP/1.1 401 Unauthorized\r\nWWW-Authenticate: Digest realm=\"cam\", nonce=\"abc\", qop=\"auth\"\r\nWWW-Authenticate: Basic realm=\"cam\"\r\n\r\n";
    let basic = b"HTTP/1.1 401 Unauthorized\r\nWWW-Authenticate: Basic realm=\"cam\"\r\n\r\n";
    let good = answer(MULTIPART, &[&jpeg(10)]);
    let login = Login::read("eve:hush").unwrap();
    let (url, asked) = serve(vec![says(digest.to_vec()), says(good.clone())]);
    let (seen, said) = events(&mut camera(url, Some(login.clone())), 2);
    assert_eq!(seen, "of");
    assert!(!asked.recv().unwrap().contains("Authorization"));
    let head = asked.recv().unwrap();
    assert!(
        head.contains("Authorization: Digest username=\"eve\"") && !head.contains("hush"),
        "{head}"
    );
    assert!(!said.concat().contains("eve"), "{said:?}");
    // In the address, too.
    let (mut url, asked) = serve(vec![says(basic.to_vec()), says(good)]);
    url.set_username("eve").unwrap();
    url.set_password(Some("h%75sh")).unwrap();
    let (seen, said) = events(&mut camera(url, None), 2);
    assert_eq!((seen.as_str(), said.concat().contains("eve")), ("of", false));
    asked.recv().unwrap();
    assert!(asked.recv().unwrap().contains("Basic ZXZlOmh1c2g="), "base64 of eve:hush");
    // Refused: once asked again is enough.
    let (url, _asked) = serve(vec![says(basic.to_vec()), says(basic.to_vec())]);
    let (_, said) = events(&mut camera(url, Some(login)), 1);
    assert!(said[0].contains("refuses") && !said[0].contains("hush"), "{said:?}");
}

#[test]
fn single_pictures_are_asked_for_again_and_again() {
    let single =
        || says(answer("Content-Type: image/jpeg\r\nContent-Length: 999999\r\n", &[&jpeg(10)]));
    let lengthy = |grey| {
        let jpeg = jpeg(grey);
        says(answer(
            &format!("Content-Type: image/jpeg\r\nContent-Length: {}\r\n", jpeg.len()),
            &[&jpeg],
        ))
    };
    let (url, _asked) = serve(vec![lengthy(1), lengthy(2), lengthy(3), single()]);
    let (seen, said) = events(&mut camera(url, None), 6);
    assert_eq!(seen, "offffl");
    assert!(said[0].contains("single JPEGs"), "{said:?}");
}

#[test]
fn a_camera_that_is_gone_is_waited_for() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = Url::parse(&format!("http://{}/", listener.local_addr().unwrap())).unwrap();
    drop(listener);
    let (seen, said) = events(&mut camera(url, None), 2);
    assert_eq!(seen, "ll");
    assert!(said[0].contains("refused"), "{said:?}");
}

#[test]
fn the_leash_ends_a_reader_in_mid_read() {
    let (url, _asked) = serve(vec![says_and_stalls(answer(MULTIPART, &[&jpeg(10)]))]);
    let leash = Leash::default();
    let camera = HttpCamera::new(url, None, 5, Duration::from_secs(3600));
    let (mut device, _) = camera.open(&leash).unwrap();
    assert!(matches!(device.next(), Ok(Shot::Frame(_))));
    let cutter = spawn(move || leash.cut());
    assert!(device.next().is_err());
    cutter.join().unwrap();
}
