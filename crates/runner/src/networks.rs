//! Ranges of IP addresses, and those that the operator has closed to every component.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

use anyhow::{Context, Result, bail};

/// A range in CIDR notation; bits behind the prefix do not count.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Network {
    address: IpAddr,
    prefix: u8,
}

impl Network {
    pub fn parse(text: &str) -> Result<Self> {
        let (address, prefix) = text.split_once('/').with_context(|| format!("`{text}` is not address/prefix"))?;
        let network = Self { address: address.parse()?, prefix: prefix.parse()? };
        if network.prefix > network.bits() {
            bail!("`{text}` has a prefix longer than its address");
        }
        Ok(network)
    }

    pub fn contains(&self, address: IpAddr) -> bool {
        let shift = u32::from(self.bits() - self.prefix);
        match (self.address, address) {
            (IpAddr::V4(own), IpAddr::V4(other)) => {
                (own.to_bits() ^ other.to_bits()).checked_shr(shift).unwrap_or(0) == 0
            }
            (IpAddr::V6(own), IpAddr::V6(other)) => {
                (own.to_bits() ^ other.to_bits()).checked_shr(shift).unwrap_or(0) == 0
            }
            _ => false,
        }
    }

    fn bits(&self) -> u8 {
        if self.address.is_ipv4() { 32 } else { 128 }
    }
}

/// Where no component may connect, whatever its manifest says.
#[derive(Clone, Debug, Default)]
pub struct Blocked {
    networks: Vec<Network>,
    private: bool,
}

impl Blocked {
    /// Reads `block_networks`: CIDR ranges, and the word `private`.
    pub fn parse(entries: &[String]) -> Result<Self> {
        let mut blocked = Self::default();
        for entry in entries {
            match entry.as_str() {
                "private" => blocked.private = true,
                range => blocked.networks.push(Network::parse(range).with_context(|| {
                    format!("block_networks takes \"private\" and ranges like 10.0.0.0/8, not {range:?}")
                })?),
            }
        }
        Ok(blocked)
    }

    pub fn blocks(&self, address: IpAddr) -> bool {
        if self.private && !is_global(address) {
            return true;
        }
        if self.networks.iter().any(|network| network.contains(address)) {
            return true;
        }
        // An IPv4 address in IPv6 clothes is still that address.
        match address {
            IpAddr::V6(address) => address.to_ipv4().is_some_and(|inner| self.blocks(IpAddr::V4(inner))),
            IpAddr::V4(_) => false,
        }
    }

    /// The addresses left over. `None` if there were some and all of them are blocked.
    pub fn filter(&self, addresses: Vec<SocketAddr>) -> Option<Vec<SocketAddr>> {
        let found = !addresses.is_empty();
        let open: Vec<_> = addresses.into_iter().filter(|address| !self.blocks(address.ip())).collect();
        (!found || !open.is_empty()).then_some(open)
    }
}

fn is_global(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(address) => is_global_v4(address),
        IpAddr::V6(address) => is_global_v6(address),
    }
}

fn is_global_v4(address: Ipv4Addr) -> bool {
    let [a, b, c, _] = address.octets();
    let this_network = a == 0;
    let carrier_nat = a == 100 && (64..128).contains(&b);
    let protocol_assignments = [a, b, c] == [192, 0, 0];
    let benchmarking = a == 198 && (b == 18 || b == 19);
    let reserved = a >= 240;
    !(this_network
        || carrier_nat
        || protocol_assignments
        || benchmarking
        || reserved
        || address.is_private()
        || address.is_loopback()
        || address.is_link_local()
        || address.is_multicast()
        || address.is_documentation())
}

fn is_global_v6(address: Ipv6Addr) -> bool {
    let documentation = address.segments()[..2] == [0x2001, 0xdb8];
    !(documentation
        || address.is_unspecified()
        || address.is_loopback()
        || address.is_unique_local()
        || address.is_unicast_link_local()
        || address.is_multicast())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn blocked(entries: &[&str]) -> Blocked {
        Blocked::parse(&entries.iter().map(|entry| entry.to_string()).collect::<Vec<_>>()).unwrap()
    }

    #[test]
    fn private_covers_everything_that_the_internet_does_not_route() {
        let blocked = blocked(&["private"]);
        for closed in [
            "0.0.0.0",
            "10.1.2.3",
            "100.64.1.1",
            "127.0.0.1",
            "169.254.169.254",
            "172.16.0.1",
            "192.0.0.1",
            "192.168.1.1",
            "198.18.0.1",
            "255.255.255.255",
            "::",
            "::1",
            "::ffff:10.10.10.10",
            "fc00::1",
            "fe80::1",
            "2001:db8::1",
        ] {
            assert!(blocked.blocks(closed.parse().unwrap()), "{closed}");
        }
        for open in ["1.1.1.1", "100.128.0.1", "172.32.0.1", "2600::beef"] {
            assert!(!blocked.blocks(open.parse().unwrap()), "{open}");
        }
    }

    #[test]
    fn a_range_blocks_its_addresses_in_either_notation() {
        let blocked = blocked(&["123.123.0.0/16", "2001::/96"]);
        for closed in ["123.123.9.9", "::ffff:123.123.9.9", "2001::1000"] {
            assert!(blocked.blocks(closed.parse().unwrap()), "{closed}");
        }
        for open in ["123.100.1.1", "127.0.0.1", "2002::1000"] {
            assert!(!blocked.blocks(open.parse().unwrap()), "{open}");
        }
    }

    #[test]
    fn the_widest_and_the_narrowest_prefix_work() {
        assert!(Network::parse("0.0.0.0/0").unwrap().contains("9.9.9.9".parse().unwrap()));
        assert!(Network::parse("::/0").unwrap().contains("::9".parse().unwrap()));
        let one = Network::parse("9.9.9.9/32").unwrap();
        assert!(one.contains("9.9.9.9".parse().unwrap()) && !one.contains("9.9.9.8".parse().unwrap()));
        Network::parse("9.9.9.9/33").unwrap_err();
    }

    #[test]
    fn filtering_tells_nothing_found_from_nothing_allowed() {
        let blocked = blocked(&["private"]);
        let private: SocketAddr = "10.0.0.1:80".parse().unwrap();
        let public: SocketAddr = "9.9.9.9:80".parse().unwrap();
        assert_eq!(blocked.filter(vec![private, public]), Some(vec![public]));
        assert_eq!(blocked.filter(vec![private]), None);
        assert_eq!(blocked.filter(vec![]), Some(vec![]));
    }
}
