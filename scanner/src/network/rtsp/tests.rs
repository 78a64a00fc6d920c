//! RTSP cameras: a real server on loopback that describes, plays, cuts, stalls and falls out of step.

use std::io::{BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::Arc;
use std::thread::{sleep, spawn};

use super::*;
use crate::decode::decode;
use crate::live::{Pauses, Watched};
use crate::network::rtp::tests::{packets, saying};
use crate::source::{Loss, Source, Step};
use crate::test_uptime;

/// A camera's own way.
#[derive(Clone)]
struct Manner {
    sdp: &'static str,
    /// Bytes after `PLAY`, and whether the connection is kept open then.
    stream: Vec<u8>,
    stays: bool,
    login: bool,
    description: usize,
}

const SDP: &str = "v=0\r\na=control:*\r\nm=video 0 RTP/AVP 26\r\na=control:track1\r\n";

impl Manner {
    fn good(stream: Vec<u8>) -> Self {
        Self { sdp: SDP, stream, stays: true, login: false, description: 0 }
    }
}

/// Serves one visitor after the other, each as told; gives the requests.
fn serve(manners: Vec<Manner>) -> (Url, std::sync::mpsc::Receiver<String>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = Url::parse(&format!("rtsp://{}/live", listener.local_addr().unwrap())).unwrap();
    let (requests, asked) = std::sync::mpsc::channel();
    spawn(move || {
        for manner in manners {
            let (stream, _) = listener.accept().unwrap();
            let requests = requests.clone();
            spawn(move || visit(&stream, &manner, &requests));
        }
    });
    (url, asked)
}

fn visit(mut stream: &TcpStream, manner: &Manner, requests: &std::sync::mpsc::Sender<String>) {
    let mut from = BufReader::new(stream.try_clone().unwrap());
    loop {
        let mut request = String::new();
        while !request.ends_with("\r\n\r\n") {
            if from.read_line(&mut request).unwrap_or(0) == 0 {
                return;
            }
        }
        let number =
            request.lines().find(|l| l.starts_with("CSeq")).unwrap_or("CSeq: 0").to_owned();
        let method = request.split(' ').next().unwrap_or_default().to_owned();
        let logged_in = !manner.login || request.contains("Authorization: Digest username=\"eve\"");
        let _ = requests.send(request);
        let (status, more, body) = match method.as_str() {
            _ if !logged_in => (
                "401 Unauthorized",
                "WWW-Authenticate: Digest realm=\"c\", nonce=\"n\"\r\n".to_owned(),
                "",
            ),
            "DESCRIBE" => {
                let length = manner.description.max(manner.sdp.len());
                (
                    "200 OK",
                    format!("Content-Type: application/sdp\r\nContent-Length: {length}\r\n"),
                    manner.sdp,
                )
            }
            // Other channels than those asked for.
            "SETUP" => (
                "200 OK",
                "Session: 12ab;timeout=2\r\nTransport: RTP/AVP/TCP;interleaved=4-5\r\n".to_owned(),
                "",
            ),
            _ => ("200 OK", "Session: 12ab\r\n".to_owned(), ""),
        };
        let answer = format!("RTSP/1.0 {status}\r\n{number}\r\n{more}\r\n{body}");
        if stream.write_all(answer.as_bytes()).is_err() {
            return;
        }
        if method == "PLAY" && logged_in {
            let _ = stream.write_all(&manner.stream);
            if !manner.stays {
                return;
            }
        }
    }
}

/// Frames that say `text`, with packets of another channel between them.
fn frames(text: &str, count: u32) -> Vec<u8> {
    let (data, blocks) = saying(text);
    let mut stream = Vec::new();
    let mut interleave = |channel: u8, packet: &[u8]| {
        stream.extend([b'$', channel]);
        stream.extend((packet.len() as u16).to_be_bytes());
        stream.extend(packet);
    };
    for timestamp in 0..count {
        for packet in packets(&data, blocks, 60, timestamp, 300) {
            interleave(4, &packet);
            interleave(5, b"RTCP");
        }
    }
    stream
}

fn camera(url: Url, login: Option<Login>) -> Watched {
    let patience = Duration::from_millis(700);
    let pauses = Pauses {
        frame_deadline: patience,
        reopen_min: Duration::from_millis(5),
        reopen_max: Duration::from_millis(20),
    };
    let camera = RtspCamera::new(url, login, patience, test_uptime());
    Watched::new(Arc::new(camera), pauses, test_uptime())
}

/// `o` opened, `f` a frame, `b` broken, `l` lost, `h` hung; and what the frames say.
fn events(source: &mut Watched, count: usize) -> (String, Vec<String>) {
    let (mut seen, mut said) = (String::new(), Vec::new());
    while seen.len() < count {
        match source.next(Duration::from_millis(10)) {
            Step::Opened(words) => {
                seen.push('o');
                said.push(words);
            }
            Step::Frame(picture) => {
                seen.push('f');
                let codes = decode(&picture.into_luma().unwrap());
                said.extend(codes.into_iter().filter_map(|c| c.payload.text().map(str::to_owned)));
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

#[test]
fn a_stream_is_described_set_up_played_and_read() {
    let (url, asked) = serve(vec![Manner { login: true, ..Manner::good(frames("LIVE", 2)) }]);
    let mut address = url.clone();
    address.set_username("eve").unwrap();
    address.set_password(Some("hush")).unwrap();
    let (seen, said) = events(&mut camera(address, None), 3);
    assert_eq!(seen, "off");
    assert_eq!(said, [format!("{url}, MJPEG over RTSP"), "LIVE".into(), "LIVE".into()]);
    let requests: Vec<_> = asked.try_iter().collect();
    let first: Vec<_> = requests.iter().map(|r| r.lines().next().unwrap_or_default()).collect();
    let expected = [
        format!("DESCRIBE {url} RTSP/1.0"),
        format!("DESCRIBE {url} RTSP/1.0"),
        format!("SETUP {url}/track1 RTSP/1.0"),
        format!("PLAY {url} RTSP/1.0"),
    ];
    assert_eq!(first, expected);
    assert!(requests[3].contains("Session: 12ab\r\n"), "{requests:?}");
    assert!(!requests.concat().contains("hush"));
}

#[test]
fn a_cut_a_stall_and_a_stream_out_of_step_are_mended() {
    let whole = frames("AGAIN", 1);
    let mut astray = whole.clone();
    astray.extend(b"#nothing of ours");
    let manners = vec![
        Manner { stays: false, ..Manner::good(whole[..whole.len() - 40].to_vec()) },
        Manner::good(astray),
        Manner::good([&whole[..], &whole[..50]].concat()),
        Manner::good(whole),
    ];
    let (url, _asked) = serve(manners);
    let (seen, said) = events(&mut camera(url, None), 10);
    assert!(["oloflofhof", "olofloflof"].contains(&seen.as_str()), "{seen} {said:?}");
    assert!(said.iter().any(|why| why.contains("out of step")), "{said:?}");
}

#[test]
fn a_session_is_kept_alive() {
    let (url, asked) = serve(vec![Manner::good(frames("ALIVE", 1))]);
    let camera = RtspCamera::new(url, None, Duration::from_millis(300), test_uptime());
    let mut device = camera.open(&Leash::default()).unwrap().0;
    assert!(matches!(device.next(), Ok(Shot::Frame(_))));
    assert!(device.next().is_err(), "the camera is silent");
    sleep(Duration::from_millis(800));
    // The session said two seconds: after one, the next step reminds the camera, and reads past its answer.
    assert!(device.next().is_err());
    let reminded = |r: &String| r.starts_with("OPTIONS") && r.contains("Session: 12ab");
    assert!(asked.try_iter().any(|r| reminded(&r)));
}

#[test]
fn cameras_without_such_a_stream_say_why() {
    let h264 = "v=0\r\nm=video 0 RTP/AVP 96\r\na=rtpmap:96 H264/90000\r\n";
    let manners = vec![
        Manner { sdp: h264, ..Manner::good(Vec::new()) },
        Manner { login: true, ..Manner::good(Vec::new()) },
        Manner { description: 1 << 20, ..Manner::good(Vec::new()) },
    ];
    let (url, _asked) = serve(manners);
    let (seen, said) = events(&mut camera(url, None), 3);
    assert_eq!(seen, "lll");
    for (said, word) in said.iter().zip(["H264", "user and a password", "over 65536"]) {
        assert!(said.contains(word), "{said:?} without {word:?}");
    }
}
