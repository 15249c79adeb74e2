//! Parts of a key that come and go together when the headers of a frame change.

use crate::key::FlowKey;

/// Copies the named members of one key to another.
macro_rules! copy_members {
    ($from:expr => $to:expr; $($member:ident)*) => {{
        let (from, to): (&FlowKey, &mut FlowKey) = ($from, $to);
        $(to.$member = from.$member;)*
    }};
}

/// All bits of what stands behind the Ethernet type.
pub(super) fn behind_eth_type() -> FlowKey {
    let mut region = behind_ip_proto();
    copy_members!(&FlowKey::ONES => &mut region;
        mpls pbb_itag nsh_flags nsh_ttl nsh_mdtype nsh_np nsh_path nsh_context
        ipv4_src ipv4_dst ipv6_src ipv6_dst ip_proto ip_tos ip_ttl ip_frag ipv6_label ipv6_exthdr
        arp_sha arp_op arp_tha);
    region
}

/// All bits of what stands behind the IP header.
pub(super) fn behind_ip_proto() -> FlowKey {
    let mut region = behind_icmp();
    copy_members!(&FlowKey::ONES => &mut region; tp_src tp_dst tcp_flags igmp_group);
    region
}

/// All bits of what stands behind the ICMPv6 header.
pub(super) fn behind_icmp() -> FlowKey {
    let mut region = FlowKey::ZERO;
    copy_members!(&FlowKey::ONES => &mut region; nd_target arp_sha arp_tha nd_options_type nd_reserved);
    region
}

/// All bits that come from the frame.
pub(super) fn frame() -> FlowKey {
    let mut region = behind_eth_type();
    copy_members!(&FlowKey::ONES => &mut region; eth_dst eth_src eth_type vlans);
    region
}

/// All bits that do not come from the frame, but for the connection tracker's.
pub(super) fn metadata() -> FlowKey {
    let mut region = FlowKey::ZERO;
    copy_members!(&FlowKey::ONES => &mut region;
        in_port packet_type tun_id tun_src tun_dst tun_ipv6_src tun_ipv6_dst tun_flags tun_tos tun_ttl
        tun_tp_src tun_tp_dst tun_gbp_id tun_gbp_flags tun_erspan_ver tun_erspan_idx tun_erspan_dir
        tun_erspan_hwid tun_gtpu_flags tun_gtpu_msgtype pkt_mark skb_priority dp_hash conj_id metadata
        regs in_phy_port actset_output tun_metadata_present tun_metadata);
    region
}

/// All bits of what the connection tracker says.
pub(super) fn connection() -> FlowKey {
    let mut region = FlowKey::ZERO;
    copy_members!(&FlowKey::ONES => &mut region;
        ct_state ct_mark ct_zone ct_nw_proto ct_tp_src ct_tp_dst ct_label ct_nw_src ct_nw_dst
        ct_ipv6_src ct_ipv6_dst);
    region
}

/// A key with some members changed.
pub(super) fn with(key: FlowKey, change: impl FnOnce(&mut FlowKey)) -> FlowKey {
    let mut key = key;
    change(&mut key);
    key
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::key::WORDS;

    /// Every bit of a key is in one region, or is `recirc_id` or reserved.
    #[test]
    fn the_regions_are_the_key() {
        let (frame, metadata, connection) = (frame(), metadata(), connection());
        let mut reserved = FlowKey::ZERO;
        for index in 0..WORDS {
            let words = [&frame, &metadata, &connection].map(|key| key.words()[index]);
            assert_eq!(words[0] & words[1] | words[0] & words[2] | words[1] & words[2], 0);
            reserved.words_mut()[index] = !(words[0] | words[1] | words[2]);
        }
        assert_eq!(reserved.recirc_id.get(), u32::MAX);
        let bits: u32 = reserved.words().iter().map(|word| word.count_ones()).sum();
        assert_eq!(bits, 32 + 16 + 8 + 8);
    }
}
