//! Actions about tables and rules.

use super::*;
use crate::codec::scalar::{port_from_u16, port_to_u16};
use ovs_core::TableId;

pub(super) fn take(subtype: u16, body: &mut Reader<'_>) -> Result<Action, DecodeError> {
    let at = body.clone();
    let action = match subtype {
        RESUBMIT => {
            let port = port_from_u16(body.u16()?);
            body.skip(4)?;
            Action::Resubmit { port, table: None, with_ct: false }
        }
        RESUBMIT_TABLE | RESUBMIT_TABLE_CT => {
            let port = port_from_u16(body.u16()?);
            let table = Some(TableId(body.u8()?));
            body.zeros_of(3, ErrorCode::OFPBAC_BAD_ARGUMENT)?;
            Action::Resubmit { port, table, with_ct: subtype == RESUBMIT_TABLE_CT }
        }
        CONJUNCTION => {
            let (clause, n_clauses, id) = (body.u8()?, body.u8()?, body.u32()?);
            if !(2..=64).contains(&n_clauses) || clause >= n_clauses {
                return Err(at.refuse(ErrorCode::NXBAC_BAD_CONJUNCTION));
            }
            Action::Conjunction { id, clause, n_clauses }
        }
        _ => {
            let (idle, hard) = (body.u16()?, body.u16()?);
            body.skip(2)?;
            Action::FinTimeout { idle, hard }
        }
    };
    body.end()?;
    Ok(action)
}

pub(super) fn put(writer: &mut Writer<'_>, action: &Action) -> Result<(), EncodeError> {
    match action {
        Action::Resubmit { port, table, with_ct } => {
            let subtype = match table {
                _ if *with_ct => RESUBMIT_TABLE_CT,
                Some(_) => RESUBMIT_TABLE,
                None => RESUBMIT,
            };
            put_nicira(writer, subtype, |writer| {
                writer.u16(port_to_u16(*port)?);
                let unsaid = if *with_ct { 0xff } else { 0 };
                writer.u8(table.map_or(unsaid, |table| table.0));
                writer.zeros(3);
                Ok(())
            })
        }
        Action::Conjunction { id, clause, n_clauses } => {
            put_nicira(writer, CONJUNCTION, |writer| {
                writer.u8(*clause);
                writer.u8(*n_clauses);
                writer.u32(*id);
                Ok(())
            })
        }
        Action::FinTimeout { idle, hard } => put_nicira(writer, FIN_TIMEOUT, |writer| {
            writer.u16(*idle);
            writer.u16(*hard);
            writer.zeros(2);
            Ok(())
        }),
        _ => Ok(()),
    }
}
