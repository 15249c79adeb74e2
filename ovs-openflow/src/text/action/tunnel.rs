//! Tunnel keys and options of tunnel headers.

use super::Read;
use crate::text::error::ParseError;
use crate::text::field::{self, unknown};
use crate::text::number;
use crate::text::piece::Piece;
use core::fmt;
use ovs_core::action::Action;
use ovs_core::field::Field;

pub(super) fn read(name: &str, value: Piece<'_>) -> Option<Read> {
    Some(match name {
        "set_tunnel" => read_tunnel(value, false),
        "set_tunnel64" => read_tunnel(value, true),
        "delete_field" => read_delete(value),
        _ => return None,
    })
}

fn read_tunnel(value: Piece<'_>, wide: bool) -> Read {
    number::long(value).map(|id| Action::SetTunnel { id, wide: wide || id > u32::MAX.into() })
}

fn read_delete(value: Piece<'_>) -> Result<Action, ParseError> {
    let named = |field: &Field| field.headers().iter().any(|header| header.name == value.text);
    let field = Field::all().find(named).or_else(|| field::from_name(value.text));
    let field = field.ok_or_else(|| unknown(value))?;
    match field.is_tunnel_option() {
        true => Ok(Action::DeleteField(field)),
        false => {
            Err(value.refused("cannot be deleted, only `tun_metadata0` to `tun_metadata63` can"))
        }
    }
}

pub(super) fn show(f: &mut fmt::Formatter<'_>, action: &Action) -> Option<fmt::Result> {
    Some(match action {
        Action::SetTunnel { id, wide } => {
            let wide = *wide || *id > u32::MAX.into();
            let name = if wide { "set_tunnel64" } else { "set_tunnel" };
            write!(f, "{name}:").and_then(|()| field::show_hex(f, (*id).into()))
        }
        Action::DeleteField(field) => write!(f, "delete_field:{}", field::name(*field)),
        _ => return None,
    })
}
