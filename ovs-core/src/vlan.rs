//! Which VLANs a port of a bridge belongs to, as a bridge that learns addresses has them
//! (ovs-vswitchd.conf.db(5), "VLAN Configuration").

use alloc::boxed::Box;

/// VLAN ids from 0 to 4095.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VlanSet(Box<[u64; 64]>);

impl VlanSet {
    /// No VLAN.
    pub fn none() -> Self {
        Self(Box::new([0; 64]))
    }

    /// All VLANs.
    pub fn all() -> Self {
        Self(Box::new([u64::MAX; 64]))
    }

    /// Is this one of them?
    pub fn contains(&self, vlan: u16) -> bool {
        self.0.get(usize::from(vlan) / 64).is_some_and(|word| word >> (vlan % 64) & 1 != 0)
    }

    /// Adds one; a number that no VLAN has is not added.
    pub fn insert(&mut self, vlan: u16) {
        if let Some(word) = self.0.get_mut(usize::from(vlan) / 64) {
            *word |= 1 << (vlan % 64);
        }
    }
}

impl FromIterator<u16> for VlanSet {
    fn from_iter<I: IntoIterator<Item = u16>>(vlans: I) -> Self {
        let mut set = Self::none();
        vlans.into_iter().for_each(|vlan| set.insert(vlan));
        set
    }
}

/// How a port carries VLANs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum VlanMode {
    /// Frames of one VLAN, without a tag.
    Access(u16),
    /// Frames of these VLANs, with their tags; frames without a tag are in VLAN 0.
    Trunk(VlanSet),
    /// The same, and frames without a tag are in the native VLAN. They leave with a tag.
    NativeTagged(u16, VlanSet),
    /// The same, and frames of the native VLAN leave without a tag.
    NativeUntagged(u16, VlanSet),
    /// A service provider's port to a customer: the customer's frames, tagged or not, are in one VLAN,
    /// behind a tag of their own.
    Dot1qTunnel {
        /// The service VLAN.
        vlan: u16,
        /// The customer VLANs that are let in.
        customers: VlanSet,
        /// Ethernet type of the service tag: 0x88a8 or 0x8100.
        tag_type: u16,
    },
}

/// Whether a frame that leaves without a VLAN gets a tag of VLAN 0 to carry its priority.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum PriorityTags {
    /// Never.
    #[default]
    Never,
    /// If the priority is not zero.
    IfNonzero,
    /// Whenever it came with a tag.
    Always,
}

/// How bridging treats a port.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VlanConfig {
    /// Which VLANs it carries, and how.
    pub mode: VlanMode,
    /// Whether frames keep a priority when they leave without a VLAN.
    pub priority_tags: PriorityTags,
    /// Frames do not pass from one protected port to another.
    pub protected: bool,
}

/// A trunk of all VLANs.
impl Default for VlanConfig {
    fn default() -> Self {
        let mode = VlanMode::Trunk(VlanSet::all());
        Self { mode, priority_tags: PriorityTags::default(), protected: false }
    }
}

impl VlanMode {
    /// May a frame with this VLAN id (0 without a tag) come in?
    pub(crate) fn admits(&self, vid: u16) -> bool {
        match self {
            Self::Access(_) => vid == 0,
            Self::Trunk(vlans) => vlans.contains(vid),
            Self::NativeTagged(_, vlans) | Self::NativeUntagged(_, vlans) => {
                vid == 0 || vlans.contains(vid)
            }
            Self::Dot1qTunnel { customers, .. } => customers.contains(vid),
        }
    }

    /// Is the port in this VLAN?
    pub(crate) fn carries(&self, vlan: u16) -> bool {
        match self {
            Self::Access(own) | Self::Dot1qTunnel { vlan: own, .. } => *own == vlan,
            Self::Trunk(vlans) => vlans.contains(vlan),
            Self::NativeTagged(own, vlans) | Self::NativeUntagged(own, vlans) => {
                *own == vlan || vlans.contains(vlan)
            }
        }
    }
}

/// Copies of frames for who watches (ovs-vswitchd.conf.db(5), table `Mirror`).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mirror {
    /// Its name.
    pub name: alloc::string::String,
    /// Every frame is copied, whatever `sources` and `destinations` say.
    pub all: bool,
    /// Frames that came in by these ports are copied.
    pub sources: alloc::vec::Vec<crate::PortNo>,
    /// Frames that leave by these ports are copied.
    pub destinations: alloc::vec::Vec<crate::PortNo>,
    /// Only frames of these VLANs are; `None` for all.
    pub vlans: Option<VlanSet>,
    /// Where the copies go.
    pub output: MirrorOutput,
    /// Bytes of a copy that are kept; `None`: all.
    pub max_len: Option<u16>,
}

/// Where the copies of a [`Mirror`] go.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MirrorOutput {
    /// To a port, which then takes part in nothing else: what comes in there is dropped, and flooding leaves it
    /// out. A rule may still send to it.
    Port(crate::PortNo),
    /// Into a VLAN.
    Vlan(u16),
}
