//! Groups.

use super::action::List;
use super::error::{Complaint, ParseError};
use super::field::{self, show_value, unknown};
use super::flow::take_command;
use super::number;
use super::piece::{Pair, Piece};
use super::similar::similar;
use super::syntax::{Show, Syntax};
use alloc::vec::Vec;
use core::fmt;
use ovs_core::PortNo;
use ovs_core::field::Field;
use ovs_core::group::{Bucket, BucketPlace, Group, GroupId, GroupKind, GroupMod, Selection};

/// Commands that a line may begin with; a shortened one is looked for in this order.
const COMMANDS: [&str; 6] =
    ["add", "delete", "modify", "add_or_mod", "insert_bucket", "remove_bucket"];
const KEYWORDS: [&str; 7] = [
    "group_id",
    "type",
    "bucket",
    "selection_method",
    "selection_method_param",
    "fields",
    "command_bucket_id",
];
/// The highest number of a bucket (`OFPG15_BUCKET_MAX`).
const MAX_BUCKET: u32 = 0xffff_ff00;
/// Bytes of a selection method's name, at most.
const MAX_METHOD: usize = 15;

/// A group as it is read.
struct Parts<'a> {
    id: Option<GroupId>,
    kind: Option<GroupKind>,
    selection: Selection,
    place: Option<BucketPlace>,
    /// The keywords of `command_bucket_id`, `fields` and `selection_method_param`.
    place_key: Option<Piece<'a>>,
    fields_key: Option<Piece<'a>>,
    parameter_key: Option<Piece<'a>>,
    buckets: Vec<Bucket>,
    /// The whole text.
    text: Piece<'a>,
    /// Where the buckets begin.
    bucket_text: Option<Piece<'a>>,
}

/// Reads a group.
pub(super) fn read(syntax: Syntax<'_>, text: Piece<'_>) -> Result<Group, ParseError> {
    Parts::read(syntax, text)?.group()
}

/// Reads a change of a group that may begin with its command.
pub(super) fn read_mod(syntax: Syntax<'_>, mut text: Piece<'_>) -> Result<GroupMod, ParseError> {
    let command = take_command(&mut text, &COMMANDS);
    let command = command.and_then(|number| COMMANDS.get(number)).copied().unwrap_or("add");
    if command == "delete" && text.trim().is_empty() {
        return Ok(GroupMod::Delete(GroupId::ALL));
    }
    let parts = Parts::read(syntax, text)?;
    Ok(match command {
        "add" => GroupMod::Add(parts.group()?),
        "modify" => GroupMod::Modify(parts.group()?),
        "add_or_mod" => GroupMod::AddOrModify(parts.group()?),
        "delete" => GroupMod::Delete(parts.without_buckets()?),
        "remove_bucket" => {
            let place = parts.place.unwrap_or(BucketPlace::All);
            GroupMod::RemoveBuckets(parts.without_buckets()?, place)
        }
        _ => {
            let missing = || parts.text.missing("`command_bucket_id=`");
            let place = parts.place.filter(|place| *place != BucketPlace::All);
            let place = place.ok_or_else(missing)?;
            let (id, buckets) = (parts.id()?, parts.buckets);
            // Of an insertion only the buckets count.
            let group = Group { id, kind: GroupKind::All, buckets, selection: None };
            GroupMod::InsertBuckets(group, place)
        }
    })
}

impl<'a> Parts<'a> {
    fn read(syntax: Syntax<'_>, text: Piece<'a>) -> Result<Self, ParseError> {
        let start = text.text.find("bucket=");
        let mut parts = Self {
            id: None,
            kind: None,
            selection: Selection::default(),
            place: None,
            place_key: None,
            fields_key: None,
            parameter_key: None,
            buckets: Vec::new(),
            text,
            bucket_text: start.map(|start| text.from(start)),
        };
        for pair in text.cut(0..start.unwrap_or(text.text.len())).pairs() {
            parts.read_keyword(syntax, pair)?;
        }
        let mut rest = parts.bucket_text;
        while let Some(bucket) = rest {
            let bucket = bucket.from("bucket=".len());
            let end = bucket.text.find("bucket=");
            let content = bucket.cut(0..end.unwrap_or(bucket.text.len()));
            let bucket_read = read_bucket(syntax, content, parts.kind)?;
            parts.buckets.push(bucket_read);
            rest = end.map(|end| bucket.from(end));
        }
        Ok(parts)
    }

    fn read_keyword(&mut self, syntax: Syntax<'_>, pair: Pair<'a>) -> Result<(), ParseError> {
        let Pair { key, value } = pair;
        match key.text {
            "command_bucket_id" => {
                self.place = Some(read_place(value)?);
                self.place_key = Some(key);
            }
            "group_id" => {
                self.id = Some(match value.text {
                    "all" => GroupId::ALL,
                    _ => match GroupId(number::word(value)?) {
                        id if id > GroupId::MAX && id != GroupId::ALL => {
                            return Err(
                                value.error(Complaint::TooLarge { max: GroupId::MAX.0.into() })
                            );
                        }
                        id => id,
                    },
                });
            }
            "type" => {
                self.kind = Some(match value.text {
                    "all" => GroupKind::All,
                    "select" => GroupKind::Select,
                    "indirect" => GroupKind::Indirect,
                    "ff" | "fast_failover" => GroupKind::FastFailover,
                    _ => return Err(value.expected("`all`, `select`, `indirect` or `ff`")),
                });
            }
            "selection_method" if value.text.len() > MAX_METHOD => {
                return Err(value.refused("has more than 15 bytes"));
            }
            "selection_method" => self.selection.method = value.text.into(),
            "selection_method_param" => {
                self.selection.parameter = number::long(value)?;
                self.parameter_key = Some(key);
            }
            "fields" => {
                read_fields(syntax, value, &mut self.selection.fields)?;
                self.fields_key = Some(key);
            }
            _ => {
                let similar = similar(key.text, KEYWORDS.into_iter());
                return Err(
                    key.error(Complaint::Unknown { what: "no keyword of a group", similar })
                );
            }
        }
        Ok(())
    }

    fn id(&self) -> Result<GroupId, ParseError> {
        self.id.ok_or_else(|| self.text.missing("`group_id=`"))
    }

    fn without_buckets(&self) -> Result<GroupId, ParseError> {
        match self.bucket_text {
            Some(buckets) => Err(buckets.refused("cannot stand here")),
            None => self.id(),
        }
    }

    fn group(self) -> Result<Group, ParseError> {
        let text = self.text;
        let id = self.id()?;
        let kind = self.kind.ok_or_else(|| text.missing("`type=`"))?;
        let buckets = self.bucket_text.unwrap_or(text);
        if kind != GroupKind::Select && self.buckets.iter().any(|bucket| bucket.weight != 0) {
            return Err(buckets.refused("has a weight, which only buckets of a select group have"));
        }
        if kind == GroupKind::Indirect && self.buckets.len() > 1 {
            return Err(buckets.refused("is more than the one bucket of an indirect group"));
        }
        let Selection { method, parameter, .. } = &self.selection;
        if let Some(key) = self.fields_key.filter(|_| method != "hash") {
            return Err(key.refused("can stand only with `selection_method=hash`"));
        }
        if let Some(key) = self.parameter_key.filter(|_| method.is_empty() && *parameter != 0) {
            return Err(key.refused("can stand only with `selection_method`"));
        }
        if let Some(key) = self.place_key {
            return Err(key.refused("cannot stand here"));
        }
        let selection = Some(self.selection).filter(|selection| !selection.method.is_empty());
        Ok(Group { id, kind, buckets: self.buckets, selection })
    }
}

fn read_place(value: Piece<'_>) -> Result<BucketPlace, ParseError> {
    Ok(match value.text {
        "all" => BucketPlace::All,
        "first" => BucketPlace::First,
        "last" => BucketPlace::Last,
        _ => match number::word(value)? {
            0xffff_fffd => BucketPlace::First,
            0xffff_fffe => BucketPlace::Last,
            0xffff_ffff => BucketPlace::All,
            id @ 0..=MAX_BUCKET => BucketPlace::Bucket(id),
            _ => return Err(value.error(Complaint::TooLarge { max: MAX_BUCKET.into() })),
        },
    })
}

/// Reads fields with masks, which count for a selection; without a mask all bits do.
fn read_fields(
    syntax: Syntax<'_>,
    text: Piece<'_>,
    fields: &mut Vec<(Field, u128)>,
) -> Result<(), ParseError> {
    for Pair { key, value } in text.pairs() {
        let field = field::from_name(key.text).ok_or_else(|| unknown(key))?;
        if fields.iter().any(|(known, _)| *known == field) {
            return Err(key.refused("is said twice"));
        }
        let mask = match value.is_empty() {
            true => field.ones(),
            false => field::read_exact(syntax, field, value)?,
        };
        if mask == 0 && !field.is_tunnel_option() {
            return Err(value.refused("is a mask without any bit"));
        }
        fields.push((field, mask));
    }
    fields.sort_by_key(|(field, _)| field::rank(*field));
    Ok(())
}

fn read_bucket(
    syntax: Syntax<'_>,
    text: Piece<'_>,
    kind: Option<GroupKind>,
) -> Result<Bucket, ParseError> {
    let weight = u16::from(kind == Some(GroupKind::Select));
    let mut bucket = Bucket { weight, ..Bucket::new([]) };
    let mut actions = List::new(syntax);
    let mut has_actions = false;
    for pair in text.pairs() {
        let Pair { key, value } = pair;
        match key.text.to_ascii_lowercase().as_str() {
            "weight" => bucket.weight = number::short(value)?,
            "watch_port" => {
                let port = syntax.read_port(value)?;
                let is_port = port.0 < 0xff00 || matches!(port, PortNo::ANY | PortNo::CONTROLLER);
                if !is_port {
                    return Err(value.refused("cannot be watched"));
                }
                bucket.watch_port = port;
            }
            "watch_group" => match GroupId(number::word(value)?) {
                id if id > GroupId::MAX => return Err(value.refused("is no group")),
                id => bucket.watch_group = id,
            },
            "bucket_id" => match number::word(value)? {
                id @ 0..=MAX_BUCKET => bucket.id = Some(id),
                _ => return Err(value.error(Complaint::TooLarge { max: MAX_BUCKET.into() })),
            },
            "action" | "actions" => {
                has_actions = true;
                actions.take_all(value)?;
            }
            // What follows `actions=` are keys and values like these.
            _ => {
                has_actions = true;
                actions.take(pair)?;
            }
        }
    }
    bucket.actions = actions.finish()?;
    if !has_actions {
        return Err(text.missing("`actions=`"));
    }
    let watches = bucket.watch_port != PortNo::ANY || bucket.watch_group != GroupId::ANY;
    if kind == Some(GroupKind::FastFailover) && !watches {
        return Err(text.missing("`watch_port=` or `watch_group=`"));
    }
    Ok(bucket)
}

impl fmt::Display for Show<'_, Group> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { syntax, what: group } = *self;
        write!(f, "group_id={}", group.id.0)?;
        f.write_str(match group.kind {
            GroupKind::All => ",type=all",
            GroupKind::Select => ",type=select",
            GroupKind::Indirect => ",type=indirect",
            GroupKind::FastFailover => ",type=ff",
        })?;
        show_selection(f, syntax, group)?;
        let weight = u16::from(group.kind == GroupKind::Select);
        group.buckets.iter().try_for_each(|bucket| show_bucket(f, syntax, bucket, weight))
    }
}

fn show_selection(f: &mut fmt::Formatter<'_>, syntax: Syntax<'_>, group: &Group) -> fmt::Result {
    let Some(Selection { method, parameter, fields }) = &group.selection else {
        return Ok(());
    };
    write!(f, ",selection_method={method}")?;
    if *parameter != 0 {
        write!(f, ",selection_method_param={parameter}")?;
    }
    let (open, close) = match fields.as_slice() {
        [] => return Ok(()),
        [_] => (",fields=", ""),
        _ => (",fields(", ")"),
    };
    f.write_str(open)?;
    let mut separator = "";
    for (field, mask) in fields {
        write!(f, "{separator}{}", field::name(*field))?;
        if *mask != field.ones() {
            f.write_str("=")?;
            show_value(f, syntax, *field, *mask, field.ones())?;
        }
        separator = ",";
    }
    f.write_str(close)
}

fn show_bucket(
    f: &mut fmt::Formatter<'_>,
    syntax: Syntax<'_>,
    bucket: &Bucket,
    default_weight: u16,
) -> fmt::Result {
    f.write_str(",bucket=")?;
    if let Some(id) = bucket.id {
        write!(f, "bucket_id:{id},")?;
    }
    if bucket.weight != default_weight {
        write!(f, "weight:{},", bucket.weight)?;
    }
    if bucket.watch_port != PortNo::ANY {
        write!(f, "watch_port:{},", syntax.show_port(bucket.watch_port))?;
    }
    if bucket.watch_group != GroupId::ANY {
        write!(f, "watch_group:{},", bucket.watch_group.0)?;
    }
    write!(f, "actions={}", syntax.show_actions(&bucket.actions))
}
