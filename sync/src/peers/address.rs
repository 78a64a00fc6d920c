//! Addresses of peers: as people write them, as the name server knows them now, as libp2p wants them.

use std::{
    io,
    net::{IpAddr, SocketAddr},
    str::FromStr,
};

use libp2p::{Multiaddr, multiaddr::Protocol};

use super::PeersError;

/// Addresses of one peer that a configuration may list.
const LIST_MAX: usize = 16;

/// What carries a connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Carrier {
    Tcp,
    Quic,
}

/// Who turns names into addresses.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Names {
    /// The system's resolver.
    System,
    /// Nobody: only `ip:port` is understood, as in a simulated network.
    #[cfg(feature = "simulation")]
    Literal,
}

/// One address of a peer: `host:port`, or `quic://host:port`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Address {
    pub(super) carrier: Carrier,
    /// `host:port`; the host is a name or an IP address.
    pub(super) place: String,
}

impl FromStr for Address {
    type Err = PeersError;

    fn from_str(text: &str) -> Result<Self, PeersError> {
        let (carrier, place) = match text.strip_prefix("quic://") {
            Some(_) if !cfg!(feature = "quic") => return Err(PeersError::Quic(text.to_owned())),
            Some(place) => (Carrier::Quic, place),
            None => (Carrier::Tcp, text),
        };
        if !is_place(place) {
            return Err(PeersError::Address(text.to_owned()));
        }
        Ok(Self { carrier, place: place.to_owned() })
    }
}

fn is_place(text: &str) -> bool {
    if text.parse::<SocketAddr>().is_ok() {
        return true;
    }
    let Some((host, port)) = text.rsplit_once(':') else { return false };
    let named = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '.';
    !host.is_empty() && host.chars().all(named) && port.parse::<u16>().is_ok()
}

/// The addresses of one peer: one, or several with commas between them.
pub(super) fn parse_list(text: &str) -> Result<Vec<Address>, PeersError> {
    let list: Vec<Address> = text.split(',').map(|a| a.trim().parse()).collect::<Result<_, _>>()?;
    if list.len() > LIST_MAX { Err(PeersError::Address(text.to_owned())) } else { Ok(list) }
}

impl Address {
    /// Where it is now. Asked anew at every call: name servers come and go with the network, and a door that
    /// starts without any must not wait for one.
    pub(super) async fn resolve(&self, names: Names) -> io::Result<Vec<Multiaddr>> {
        let found: Vec<SocketAddr> = match names {
            Names::System => tokio::net::lookup_host(&self.place).await?.collect(),
            #[cfg(feature = "simulation")]
            Names::Literal => vec![self.place.parse().map_err(io::Error::other)?],
        };
        Ok(found.into_iter().map(|a| multiaddr(a, self.carrier)).collect())
    }

    /// From what was announced on the LAN; `None` for carriers that this program does not speak, and for addresses
    /// that are not of a LAN: announcements are anybody's, and nobody may send this node anywhere else.
    pub(super) fn announced(address: &Multiaddr) -> Option<Self> {
        let (at, carrier) = socket_address(address)?;
        let near = match at.ip() {
            IpAddr::V4(ip) => ip.is_private() || ip.is_link_local(),
            IpAddr::V6(ip) => ip.is_unique_local() || ip.is_unicast_link_local(),
        };
        let spoken = carrier == Carrier::Tcp || cfg!(feature = "quic");
        (near && spoken).then(|| Self { carrier, place: at.to_string() })
    }
}

pub(super) fn multiaddr(address: SocketAddr, carrier: Carrier) -> Multiaddr {
    let ip = Multiaddr::from(address.ip());
    match carrier {
        Carrier::Tcp => ip.with(Protocol::Tcp(address.port())),
        Carrier::Quic => ip.with(Protocol::Udp(address.port())).with(Protocol::QuicV1),
    }
}

pub(super) fn socket_address(address: &Multiaddr) -> Option<(SocketAddr, Carrier)> {
    let mut parts = address.iter();
    let ip = match parts.next()? {
        Protocol::Ip4(ip) => ip.into(),
        Protocol::Ip6(ip) => ip.into(),
        _ => return None,
    };
    match (parts.next()?, parts.next()) {
        (Protocol::Tcp(port), None | Some(Protocol::P2p(_))) => {
            Some((SocketAddr::new(ip, port), Carrier::Tcp))
        }
        (Protocol::Udp(port), Some(Protocol::QuicV1)) => {
            Some((SocketAddr::new(ip, port), Carrier::Quic))
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_host_and_port() {
        for good in ["127.0.0.1:4810", "[::1]:4810", "authority.example:443", "door-b.local:4810"] {
            assert_eq!(parse_list(good).unwrap().len(), 1, "{good}");
        }
        let long = ["a:1"; LIST_MAX + 1].join(",");
        for bad in ["", "door", "door:", ":1", "door:99999", "do or:1", "/ip4/1.2.3.4/tcp/1", &long]
        {
            assert!(matches!(parse_list(bad), Err(PeersError::Address(_))), "{bad}");
        }
    }

    #[test]
    fn one_peer_may_have_several_addresses() {
        let list = parse_list("a.example:443, b.example:4810").unwrap();
        assert_eq!(list[0].place, "a.example:443");
        assert_eq!(list[1].place, "b.example:4810");
        assert!(parse_list("a.example:443,").is_err());
        assert_eq!(parse_list("quic://a.example:443").is_ok(), cfg!(feature = "quic"));
    }

    #[test]
    fn addresses_go_through_libp2p_and_back() {
        for text in ["10.0.0.7:4810", "[fe80::1]:7100"] {
            let at: SocketAddr = text.parse().unwrap();
            for carrier in [Carrier::Tcp, Carrier::Quic] {
                assert_eq!(socket_address(&multiaddr(at, carrier)), Some((at, carrier)));
            }
        }
    }

    #[test]
    fn announcements_lead_nowhere_but_to_the_lan() {
        for (text, good) in [
            ("/ip4/192.168.1.7/tcp/4810", true),
            ("/ip6/fd00::7/tcp/4810", true),
            ("/ip4/127.0.0.1/tcp/25", false),
            ("/ip4/203.0.113.7/tcp/443", false),
            ("/dns4/a.example/tcp/1", false),
        ] {
            assert_eq!(Address::announced(&text.parse().unwrap()).is_some(), good, "{text}");
        }
    }
}
