//! The revisions of the protocol that a client can speak.

use rmcp::model::ProtocolVersion;

/// A revision of the protocol.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Revision {
    /// 2025-06-18, with sessions or without.
    June2025,
    /// 2025-11-25, with sessions or without.
    November2025,
    /// 2026-07-28, whose requests stand for themselves.
    July2026,
}

impl Revision {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::June2025, Self::November2025, Self::July2026];

    /// The date, as on the wire.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::June2025 => "2025-06-18",
            Self::November2025 => "2025-11-25",
            Self::July2026 => "2026-07-28",
        }
    }

    /// rmcp's name for it.
    #[must_use]
    pub const fn version(self) -> ProtocolVersion {
        match self {
            Self::June2025 => ProtocolVersion::V_2025_06_18,
            Self::November2025 => ProtocolVersion::V_2025_11_25,
            Self::July2026 => ProtocolVersion::V_2026_07_28,
        }
    }

    /// Whether a client starts with `initialize`.
    #[must_use]
    pub fn initializes(self) -> bool {
        self != Self::July2026
    }
}
