//! Messages as text, as `ovs-ofctl ofp-print` writes them.
