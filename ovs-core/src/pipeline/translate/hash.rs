//! Choices by a hash of the packet: select groups, `multipath`, `bundle`.

use super::{Stop, Walk};
use crate::action::{Bundle, BundleAlgorithm, HashFields, Multipath, MultipathAlgorithm};
use crate::drops::DropReason;
use crate::field::{Field, Prerequisite};
use crate::pipeline::GroupEntry;
use crate::port::PortNo;

/// A hash that is being made of numbers.
#[derive(Clone, Copy)]
struct Mix(u64);

impl Mix {
    fn new(basis: u64) -> Self {
        Self(basis ^ 0x9e37_79b9_7f4a_7c15)
    }

    fn number(self, number: u64) -> Self {
        // The finalizer of SplitMix64: every bit of the number changes half of the hash.
        let mut hash = (self.0 ^ number).wrapping_add(0x9e37_79b9_7f4a_7c15);
        hash = (hash ^ hash >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        hash = (hash ^ hash >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
        Self(hash ^ hash >> 31)
    }

    fn value(self, value: u128) -> Self {
        self.number(value as u64).number((value >> 64) as u64)
    }

    fn finish(self) -> u32 {
        (self.0 >> 32) as u32
    }
}

impl Walk<'_> {
    /// The hash by which a select group chooses: of the fields that it names, else of all from L2 to L4.
    pub(super) fn select_hash(&mut self, group: &GroupEntry) -> Result<u32, Stop> {
        let mut hash = Mix::new(group.id.0.into());
        if let Some(selection) = &group.selection {
            if !selection.fields.is_empty() {
                hash = hash.number(selection.parameter);
                for (field, mask) in &selection.fields {
                    if self.has(field.prerequisite())? {
                        hash = hash.value(self.key.bits(*field, *mask)?);
                    }
                }
                return Ok(hash.finish());
            }
        }
        for field in [Field::EthSrc, Field::EthDst, Field::EthType] {
            hash = hash.value(self.key.get(field)?);
        }
        if self.has(Prerequisite::Vlan)? {
            hash = hash.value(self.key.get(Field::VlanVid)?);
        }
        let fields = self.addresses()?;
        if fields.is_some() {
            hash = hash.value(self.key.get(Field::IpProto)?);
        }
        for field in fields.into_iter().flatten().chain(self.ports(true)?.into_iter().flatten()) {
            hash = hash.value(self.key.get(field)?);
        }
        Ok(hash.finish())
    }

    /// The fields with the IP addresses that the packet has.
    fn addresses(&mut self) -> Result<Option<[Field; 2]>, Stop> {
        Ok(if self.has(Prerequisite::Ipv4)? {
            Some([Field::Ipv4Src, Field::Ipv4Dst])
        } else if self.has(Prerequisite::Ipv6)? {
            Some([Field::Ipv6Src, Field::Ipv6Dst])
        } else {
            None
        })
    }

    /// The fields with the ports that the packet has.
    fn ports(&mut self, udp: bool) -> Result<Option<[Field; 2]>, Stop> {
        for (prerequisite, fields) in [
            (Prerequisite::Tcp, [Field::TcpSrc, Field::TcpDst]),
            (Prerequisite::Udp, [Field::UdpSrc, Field::UdpDst]),
            (Prerequisite::Sctp, [Field::SctpSrc, Field::SctpDst]),
        ] {
            if (udp || prerequisite != Prerequisite::Udp) && self.has(prerequisite)? {
                return Ok(Some(fields));
            }
        }
        Ok(None)
    }

    /// A hash of the fields that `multipath` and `bundle` name (ovs-actions(7)).
    fn hash_of(&mut self, fields: HashFields, basis: u16) -> Result<u32, Stop> {
        let mut hash = Mix::new(basis.into());
        let symmetric = |walk: &mut Self, [a, b]: [Field; 2]| -> Result<u128, Stop> {
            let (a, b) = (walk.key.get(a)?, walk.key.get(b)?);
            Ok(a.wrapping_add(b) ^ (a ^ b).rotate_left(7))
        };
        match fields {
            HashFields::EthSrc => hash = hash.value(self.key.get(Field::EthSrc)?),
            HashFields::NwSrc | HashFields::NwDst => {
                if let Some([src, dst]) = self.addresses()? {
                    let field = if fields == HashFields::NwSrc { src } else { dst };
                    hash = hash.value(self.key.get(field)?);
                }
            }
            HashFields::SymmetricL3
            | HashFields::SymmetricL4
            | HashFields::SymmetricL3L4
            | HashFields::SymmetricL3L4Udp => {
                if fields == HashFields::SymmetricL4 {
                    hash = hash.value(symmetric(self, [Field::EthSrc, Field::EthDst])?);
                    hash = hash.value(self.key.get(Field::EthType)?);
                    if self.has(Prerequisite::Vlan)? {
                        hash = hash.value(self.key.get(Field::VlanVid)?);
                    }
                }
                if let Some(addresses) = self.addresses()? {
                    hash = hash.value(symmetric(self, addresses)?);
                    if fields != HashFields::SymmetricL3 {
                        hash = hash.value(self.key.get(Field::IpProto)?);
                        let udp = fields != HashFields::SymmetricL3L4;
                        if let Some(ports) = self.ports(udp)? {
                            hash = hash.value(symmetric(self, ports)?);
                        }
                    }
                }
            }
        }
        Ok(hash.finish())
    }

    pub(super) fn multipath(&mut self, multipath: &Multipath) -> Result<(), Stop> {
        let hash = self.hash_of(multipath.fields, multipath.basis)?;
        let n = u32::from(multipath.max_link) + 1;
        let link = match multipath.algorithm {
            MultipathAlgorithm::Modulo => hash % n,
            MultipathAlgorithm::HashThreshold => ((u64::from(hash) * u64::from(n)) >> 32) as u32,
            MultipathAlgorithm::HighestRandomWeight => highest_weight(hash, 0..n),
            MultipathAlgorithm::IterativeHash => iterate(hash, n, multipath.argument),
        };
        self.store(multipath.destination, link.into())
    }

    pub(super) fn bundle(&mut self, bundle: &Bundle) -> Result<(), Stop> {
        let hash = match bundle.algorithm {
            BundleAlgorithm::ActiveBackup => 0,
            BundleAlgorithm::HighestRandomWeight => self.hash_of(bundle.fields, bundle.basis)?,
        };
        let bridge = self.bridge()?;
        let up = |n: &u32| {
            bundle.members.get(*n as usize).is_some_and(|port| {
                is_always_up(*port) || bridge.ports.get(*port).is_some_and(|port| port.is_up())
            })
        };
        let mut members = (0..bundle.members.len() as u32).filter(up);
        let chosen = match bundle.algorithm {
            BundleAlgorithm::ActiveBackup => members.next(),
            BundleAlgorithm::HighestRandomWeight => members.max_by_key(|n| weight(hash, *n)),
        };
        let port = chosen.and_then(|n| bundle.members.get(n as usize)).copied();
        match bundle.destination {
            // In the 16 bits that ports have there, also the one that says "none" (ovs-actions(7),
            // "bundle_load").
            Some(destination) => {
                let number = port.unwrap_or(PortNo::ANY).0 as u16;
                self.store(destination, number.into())
            }
            None => match port {
                Some(port) => self.output_to(port, 0),
                None => {
                    self.stays(DropReason::NoLiveBucket);
                    Ok(())
                }
            },
        }
    }
}

/// Ports that a bundle can name and that are not ports of the bridge.
fn is_always_up(port: PortNo) -> bool {
    [PortNo::IN_PORT, PortNo::TABLE, PortNo::NORMAL, PortNo::FLOOD, PortNo::ALL, PortNo::ANY]
        .contains(&port)
}

fn weight(hash: u32, n: u32) -> u64 {
    Mix::new(hash.into()).number(n.into()).0
}

fn highest_weight(hash: u32, links: core::ops::Range<u32>) -> u32 {
    links.max_by_key(|link| weight(hash, *link)).unwrap_or(0)
}

/// Hashes again until the number is one of the links, each a power of two of which is tried.
fn iterate(hash: u32, n: u32, argument: u32) -> u32 {
    let modulus = n.max(argument).max(1).next_power_of_two();
    let tries = (0..64).map(|round| (weight(hash, round) as u32) & (modulus - 1));
    tries.into_iter().find(|link| *link < n).unwrap_or(hash % n.max(1))
}
