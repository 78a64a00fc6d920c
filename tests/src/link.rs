//! A network link between two nodes: a TCP relay on loopback that can be cut and healed.

use std::{
    io::{Read, Write},
    net::{Shutdown, SocketAddr, TcpListener, TcpStream},
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, Ordering},
    },
    thread,
};

/// The link. Whoever dials [`Link::address`] reaches the target while the link is up.
#[derive(Clone, Debug)]
pub struct Link {
    address: SocketAddr,
    up: Arc<AtomicBool>,
    carried: Arc<Mutex<Vec<TcpStream>>>,
}

impl Link {
    /// A link to a port on loopback.
    ///
    /// # Panics
    /// When the system has no port or thread to give.
    pub fn to(port: u16) -> Self {
        let listener = TcpListener::bind(("127.0.0.1", 0)).expect("loopback has a free port");
        let link = Self {
            address: listener.local_addr().expect("a bound port"),
            up: Arc::new(AtomicBool::new(true)),
            carried: Arc::default(),
        };
        let relay = link.clone();
        thread::spawn(move || {
            for arriving in listener.incoming().flatten() {
                if relay.up.load(Ordering::SeqCst) {
                    relay.carry(arriving, port);
                }
            }
        });
        link
    }

    /// `host:port` for whoever dials.
    pub fn address(&self) -> String {
        self.address.to_string()
    }

    /// Cuts the link: connections break, new ones are not carried.
    ///
    /// # Panics
    /// Never in practice: only if a relay thread panicked.
    pub fn cut(&self) {
        self.up.store(false, Ordering::SeqCst);
        for stream in self.carried.lock().expect("no relay panics").drain(..) {
            let _ = stream.shutdown(Shutdown::Both); // already gone is fine
        }
    }

    /// Heals the link.
    pub fn heal(&self) {
        self.up.store(true, Ordering::SeqCst);
    }

    fn carry(&self, arriving: TcpStream, port: u16) {
        let Ok(leaving) = TcpStream::connect(("127.0.0.1", port)) else {
            return;
        };
        for (from, to) in [(&arriving, &leaving), (&leaving, &arriving)] {
            let (Ok(from), Ok(to)) = (from.try_clone(), to.try_clone()) else {
                return;
            };
            thread::spawn(move || relay(from, to));
        }
        self.carried.lock().expect("no relay panics").extend([arriving, leaving]);
    }
}

fn relay(mut from: TcpStream, mut to: TcpStream) {
    let mut buffer = [0; 16 << 10];
    while let Ok(n @ 1..) = from.read(&mut buffer) {
        if to.write_all(&buffer[..n]).is_err() {
            break;
        }
    }
    let _ = to.shutdown(Shutdown::Both); // the other side is told
    let _ = from.shutdown(Shutdown::Both);
}
