//! Actions that a version writes in the form of others.

use super::super::Named;
use super::super::scalar::{bits, is_old, mac, port, queue, u8s, u16s, u64s};
use ovs_core::action::Action;
use ovs_core::field::Field;
use ovs_openflow::Protocol;
use proptest::prelude::*;

/// Actions that the version has another form for, which sets the same.
pub(crate) fn legacy_actions(protocol: Protocol) -> Named<Action> {
    let ecn = (0..4u8).prop_map(Action::SetIpEcn).boxed();
    // In a mask with gaps there are several parts to be loaded.
    let masked = bits(32)
        .prop_map(|value| Action::SetField {
            field: Field::Reg3,
            value: value & 0x00ff_0000,
            mask: 0x00ff_0000,
        })
        .boxed();
    let set = |field: Field| {
        bits(field.n_bits())
            .prop_map(move |value| Action::SetField { field, value, mask: field.ones() })
            .boxed()
    };
    if is_old(protocol) {
        return vec![
            ("SetIpEcn", ecn),
            ("PopVlan", Just(Action::PopVlan).boxed()),
            ("SetIpTtl", u8s().prop_map(Action::SetIpTtl).boxed()),
            ("SetField masked", masked),
            ("SetField eth_src", set(Field::EthSrc)),
            ("SetField eth_dst", set(Field::EthDst)),
            ("SetField ip_src", set(Field::Ipv4Src)),
            ("SetField ip_dst", set(Field::Ipv4Dst)),
            ("SetField ip_dscp", set(Field::IpDscp)),
            ("SetField reg3", set(Field::Reg3)),
            ("SetField metadata", set(Field::Metadata)),
            ("SetField tun_id", set(Field::TunId)),
        ];
    }
    let ip = || any::<[u8; 4]>().prop_map(std::net::Ipv4Addr::from);
    vec![
        ("SetIpEcn", ecn),
        ("SetField masked", masked),
        ("StripVlan", Just(Action::StripVlan).boxed()),
        ("SetEthSrc", mac().prop_map(Action::SetEthSrc).boxed()),
        ("SetEthDst", mac().prop_map(Action::SetEthDst).boxed()),
        ("SetIpv4Src", ip().prop_map(Action::SetIpv4Src).boxed()),
        ("SetIpv4Dst", ip().prop_map(Action::SetIpv4Dst).boxed()),
        ("SetIpTos", (0..64u8).prop_map(|dscp| Action::SetIpTos(dscp << 2)).boxed()),
        ("SetMplsLabel", (0..1u32 << 20).prop_map(Action::SetMplsLabel).boxed()),
        ("SetMplsTc", (0..8u8).prop_map(Action::SetMplsTc).boxed()),
        (
            "SetTunnel",
            (u64s(), any::<bool>()).prop_map(|(id, wide)| Action::SetTunnel { id, wide }).boxed(),
        ),
        ("SetVlanVid", (0..0x1000u16).prop_map(Action::SetVlanVid).boxed()),
        ("SetVlanPcp", (0..8u8).prop_map(Action::SetVlanPcp).boxed()),
        ("SetTpSrc", u16s().prop_map(Action::SetTpSrc).boxed()),
        ("SetTpDst", u16s().prop_map(Action::SetTpDst).boxed()),
        (
            "Enqueue",
            (port(), queue()).prop_map(|(port, queue)| Action::Enqueue { port, queue }).boxed(),
        ),
    ]
}
