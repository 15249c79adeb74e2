//! The switch itself: features, configuration, ports, queues.

use super::flow::flags;
use super::scalar::{bytes, is_old, mac, out_port, port, queue, text, u8s, u16s, u32s, u64s};
use ovs_core::PortNo;
use ovs_openflow::Protocol;
use ovs_openflow::message::{
    ActionBits, Capabilities, ConfigFlags, PortConfig, PortDesc, PortFeatures, PortMod, PortReason,
    PortState, PortStatus, QueueConfig, QueueProperty, SwitchConfig, SwitchFeatures, TableConfig,
    TableMod,
};
use proptest::collection::vec;
use proptest::prelude::*;

pub(crate) fn features(protocol: Protocol) -> BoxedStrategy<SwitchFeatures> {
    let old = is_old(protocol);
    let both = [
        Capabilities::FLOW_STATS,
        Capabilities::TABLE_STATS,
        Capabilities::PORT_STATS,
        Capabilities::IP_REASM,
        Capabilities::QUEUE_STATS,
    ];
    let own = if old {
        [Capabilities::ARP_MATCH_IP, Capabilities::STP]
    } else {
        [Capabilities::GROUP_STATS, Capabilities::PORT_BLOCKED]
    };
    let ports = if old { vec(port_desc(protocol), 0..4).boxed() } else { Just(Vec::new()).boxed() };
    let actions = if old { u32s() } else { Just(0).boxed() };
    let auxiliary = if old { Just(0).boxed() } else { u8s() };
    (u64s(), u32s(), u8s(), auxiliary, flags(both.into_iter().chain(own)), actions, ports)
        .prop_map(|(datapath_id, n_buffers, n_tables, auxiliary_id, capabilities, bits, ports)| {
            let actions = ActionBits(bits);
            SwitchFeatures {
                datapath_id,
                n_buffers,
                n_tables,
                auxiliary_id,
                capabilities,
                actions,
                ports,
            }
        })
        .boxed()
}

pub(crate) fn config() -> BoxedStrategy<SwitchConfig> {
    (0..4u16, u16s())
        .prop_map(|(flags, miss_send_len)| SwitchConfig {
            flags: ConfigFlags(flags),
            miss_send_len,
        })
        .boxed()
}

/// How ports of this version can be configured.
fn port_config(protocol: Protocol) -> BoxedStrategy<PortConfig> {
    let mut all = vec![
        PortConfig::PORT_DOWN,
        PortConfig::NO_RECV,
        PortConfig::NO_FWD,
        PortConfig::NO_PACKET_IN,
    ];
    if is_old(protocol) {
        all.extend([PortConfig::NO_STP, PortConfig::NO_RECV_STP, PortConfig::NO_FLOOD]);
    }
    flags(all)
}

fn port_state(protocol: Protocol) -> BoxedStrategy<PortState> {
    if is_old(protocol) {
        let stp = (0..4u32).prop_map(|state| PortState::from_bits_retain(state << 8));
        return (flags([PortState::LINK_DOWN]), stp).prop_map(|(link, stp)| link | stp).boxed();
    }
    flags([PortState::LINK_DOWN, PortState::BLOCKED, PortState::LIVE])
}

fn port_features(protocol: Protocol) -> BoxedStrategy<PortFeatures> {
    let mut all = vec![
        PortFeatures::F_10MB_HD,
        PortFeatures::F_10MB_FD,
        PortFeatures::F_100MB_HD,
        PortFeatures::F_100MB_FD,
        PortFeatures::F_1GB_HD,
        PortFeatures::F_1GB_FD,
        PortFeatures::F_10GB_FD,
        PortFeatures::COPPER,
        PortFeatures::FIBER,
        PortFeatures::AUTONEG,
        PortFeatures::PAUSE,
        PortFeatures::PAUSE_ASYM,
    ];
    if !is_old(protocol) {
        all.extend([
            PortFeatures::F_40GB_FD,
            PortFeatures::F_100GB_FD,
            PortFeatures::F_1TB_FD,
            PortFeatures::OTHER,
        ]);
    }
    flags(all)
}

fn number() -> BoxedStrategy<PortNo> {
    prop_oneof![4 => port(), 1 => Just(PortNo::LOCAL)].boxed()
}

pub(crate) fn port_desc(protocol: Protocol) -> BoxedStrategy<PortDesc> {
    let features = || port_features(protocol);
    let (old, speeds) = (is_old(protocol), (u32s(), u32s()));
    let head = (number(), mac(), text(15), port_config(protocol), port_state(protocol));
    let features = (features(), features(), features(), features());
    (head, features, speeds)
        .prop_map(move |(head, features, speeds)| PortDesc {
            number: head.0,
            address: head.1,
            name: head.2,
            config: head.3,
            state: head.4,
            current: features.0,
            advertised: features.1,
            supported: features.2,
            peer: features.3,
            // OpenFlow 1.0 tells no speeds but those that the features say.
            current_speed: if old { speed(features.0) } else { speeds.0 },
            max_speed: if old { speed(features.2) } else { speeds.1 },
        })
        .boxed()
}

/// The highest of some rates, in kbit/s.
fn speed(features: PortFeatures) -> u32 {
    let rates = [
        (PortFeatures::F_10GB_FD, 10_000_000),
        (PortFeatures::F_1GB_HD | PortFeatures::F_1GB_FD, 1_000_000),
        (PortFeatures::F_100MB_HD | PortFeatures::F_100MB_FD, 100_000),
        (PortFeatures::F_10MB_HD | PortFeatures::F_10MB_FD, 10_000),
    ];
    rates.iter().find(|(rate, _)| features.intersects(*rate)).map_or(0, |(_, speed)| *speed)
}

pub(crate) fn port_status(protocol: Protocol) -> BoxedStrategy<PortStatus> {
    (0..3u8, port_desc(protocol))
        .prop_map(|(reason, port)| PortStatus { reason: PortReason(reason), port })
        .boxed()
}

pub(crate) fn port_mod(protocol: Protocol) -> BoxedStrategy<PortMod> {
    let config = || port_config(protocol);
    (number(), mac(), config(), config(), port_features(protocol))
        .prop_map(|(number, address, config, mask, advertise)| PortMod {
            number,
            address,
            // What does not change is not told.
            config: config & mask,
            mask,
            advertise,
        })
        .boxed()
}

pub(crate) fn table_mod() -> BoxedStrategy<TableMod> {
    // Both bits that OpenFlow 1.1 has are reserved later.
    (super::scalar::table_or_all(), 0..4u32)
        .prop_map(|(table, config)| TableMod { table, config: TableConfig(config) })
        .boxed()
}

pub(crate) fn queue_config_request(protocol: Protocol) -> BoxedStrategy<PortNo> {
    let any = if is_old(protocol) { port() } else { Just(PortNo::ANY).boxed() };
    prop_oneof![3 => out_port().prop_filter("a queue is a port's", |port| port.is_assignable()), 1 => any]
        .boxed()
}

/// Answers to a question for the queues of a port.
pub(crate) fn queue_config(protocol: Protocol) -> BoxedStrategy<(PortNo, Vec<QueueConfig>)> {
    let old = is_old(protocol);
    let config = (queue(), port(), vec(queue_property(protocol), 0..4));
    (port(), vec(config, 0..4))
        .prop_map(move |(asked, queues)| {
            let queues = queues.into_iter().map(|(queue, own, properties)| QueueConfig {
                queue,
                port: if old { asked } else { own },
                properties,
            });
            (asked, queues.collect())
        })
        .boxed()
}

fn queue_property(protocol: Protocol) -> BoxedStrategy<QueueProperty> {
    let min = u16s().prop_map(QueueProperty::MinRate);
    let opaque = (100..200u16, bytes(4)).prop_map(|(kind, data)| {
        // It fills its place, so that padding does not become a part of it.
        let mut data = data.to_vec();
        data.resize(12, 0);
        QueueProperty::Opaque { kind, data: data.into() }
    });
    if is_old(protocol) {
        return prop_oneof![3 => min, 1 => opaque].boxed();
    }
    let max = u16s().prop_map(QueueProperty::MaxRate);
    let experimenter = (u32s(), bytes(16)).prop_map(|(experimenter, data)| {
        let data = data.slice(..data.len() & !7);
        QueueProperty::Experimenter { experimenter, data }
    });
    prop_oneof![2 => min, 2 => max, 1 => opaque, 1 => experimenter].boxed()
}
