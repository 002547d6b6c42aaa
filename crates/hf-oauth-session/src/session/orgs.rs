//! Organisations as bytes: first those that are written at length, then those that fit into bits.
//!
//! In bits, ids are sorted and only the distance between their first 32 bits is written, which is worth 80 bytes and
//! more of a cookie with 200 of them; so the order is the Hub's only where organisations are written at length.

use hf_oauth_core::{OAuthOrgInfo, OrgRole, SecurityRestriction};

use super::detail::Detail;
use super::tri::{tri, untri};
use crate::bytes::{Reader, Writer, hex, hub_id};

const ROLES: [OrgRole; 4] = [OrgRole::Admin, OrgRole::Write, OrgRole::Contributor, OrgRole::Read];
const RESTRICTIONS: [SecurityRestriction; 4] = [
    SecurityRestriction::Mfa,
    SecurityRestriction::Sso,
    SecurityRestriction::Ip,
    SecurityRestriction::TokenPolicy,
];

pub(super) fn put(writer: &mut Writer, orgs: Option<&[OAuthOrgInfo]>, detail: Detail, most: usize) {
    let Some(orgs) = orgs else { return writer.byte(0) };
    writer.byte(1);
    let kept = &orgs[..orgs.len().min(most)];
    let mut packed = Vec::new();
    let mut long = Vec::new();
    for org in kept {
        match Packed::of(org).filter(|_| detail >= Detail::Ids) {
            Some(org) => packed.push(org),
            None => long.push(org),
        }
    }
    writer.number(long.len() as u64);
    long.into_iter().for_each(|org| put_long(writer, org, detail));
    put_packed(writer, packed);
}

pub(super) fn take(reader: &mut Reader<'_>) -> Option<Option<Vec<OAuthOrgInfo>>> {
    match reader.byte()? {
        0 => return Some(None),
        1 => {}
        _ => return None,
    }
    let count = reader.count()?;
    let mut orgs = (0..count).map(|_| take_long(reader)).collect::<Option<Vec<_>>>()?;
    orgs.append(&mut take_packed(reader)?);
    Some(Some(orgs))
}

fn put_long(writer: &mut Writer, org: &OAuthOrgInfo, detail: Detail) {
    writer.id(&org.sub);
    let text = |text: &Option<String>, last: Detail| text.clone().filter(|_| detail <= last);
    writer.optional_text(text(&org.preferred_username, Detail::Usernames).as_deref());
    writer.optional_text(text(&org.name, Detail::NoPictures).as_deref());
    writer.optional_text(text(&org.plan, Detail::NoPictures).as_deref());
    writer.optional_text(text(&org.picture, Detail::All).as_deref());
    writer.byte(
        tri(org.is_enterprise)
            | tri(org.can_pay) << 2
            | tri(org.pending_sso) << 4
            | tri(org.missing_mfa) << 6,
    );
    writer.optional_text(org.role_in_org.as_ref().map(OrgRole::as_str));
    match &org.security_restrictions {
        None => writer.number(0),
        Some(restrictions) => {
            writer.number(restrictions.len() as u64 + 1);
            restrictions.iter().for_each(|restriction| writer.text(restriction.as_str()));
        }
    }
}

fn take_long(reader: &mut Reader<'_>) -> Option<OAuthOrgInfo> {
    let mut org = OAuthOrgInfo::new(reader.id()?);
    org.preferred_username = reader.optional_text()?;
    org.name = reader.optional_text()?;
    org.plan = reader.optional_text()?;
    org.picture = reader.optional_text()?;
    let flags = reader.byte()?;
    org.is_enterprise = untri(flags)?;
    org.can_pay = untri(flags >> 2)?;
    org.pending_sso = untri(flags >> 4)?;
    org.missing_mfa = untri(flags >> 6)?;
    org.role_in_org = reader.optional_text()?.map(|role| OrgRole::from(role.as_str()));
    org.security_restrictions = match reader.count()? {
        0 => None,
        count => {
            Some((1..count).map(|_| reader.text().map(SecurityRestriction::from)).collect::<Option<_>>()?)
        }
    };
    Some(org)
}

/// What guards decide on: id, role, restrictions (the older members count among them).
#[derive(PartialEq, Eq, PartialOrd, Ord)]
struct Packed {
    id: [u8; 12],
    role: u64,
    restrictions: u64,
}

impl Packed {
    /// `None` when the id, the role or a restriction is none that has a number.
    fn of(org: &OAuthOrgInfo) -> Option<Self> {
        let role = match &org.role_in_org {
            None => 0,
            Some(role) => ROLES.iter().position(|known| known == role)? as u64 + 1,
        };
        let mut restrictions = 0;
        for restriction in org.restrictions() {
            restrictions |= 1 << RESTRICTIONS.iter().position(|known| *known == restriction)?;
        }
        Some(Self { id: hub_id(&org.sub)?, role, restrictions })
    }

    /// Ids of the Hub begin with the second in which they were made.
    fn head(&self) -> u64 {
        let [a, b, c, d, ..] = self.id;
        u64::from(u32::from_be_bytes([a, b, c, d]))
    }

    fn into_org(self) -> Option<OAuthOrgInfo> {
        let mut org = OAuthOrgInfo::new(hex(&self.id));
        if self.role > 0 {
            org.role_in_org = Some(ROLES.get(self.role as usize - 1)?.clone());
        }
        if self.restrictions > 0 {
            let set = RESTRICTIONS.iter().enumerate().filter(|(bit, _)| self.restrictions >> bit & 1 == 1);
            org.security_restrictions = Some(set.map(|(_, restriction)| restriction.clone()).collect());
        }
        Some(org)
    }
}

fn put_packed(writer: &mut Writer, mut orgs: Vec<Packed>) {
    orgs.sort_unstable();
    writer.number(orgs.len() as u64);
    let distances: Vec<u64> = std::iter::once(0)
        .chain(orgs.iter().map(Packed::head))
        .zip(orgs.iter().map(Packed::head))
        .map(|(before, head)| head - before)
        .collect();
    let width = distances.iter().skip(1).max().map_or(0, |most| 64 - most.leading_zeros());
    let mut bits = writer.bits();
    for (index, (org, distance)) in orgs.iter().zip(distances).enumerate() {
        if index == 0 {
            bits.put(u64::from(width), 6);
        }
        bits.put(distance, if index == 0 { 32 } else { width });
        org.id[4..].iter().for_each(|byte| bits.put(u64::from(*byte), 8));
        bits.put(org.role, 3);
        bits.put(u64::from(org.restrictions > 0), 1);
        if org.restrictions > 0 {
            bits.put(org.restrictions, 4);
        }
    }
}

/// The last part of a record: whatever is left are its bits.
fn take_packed(reader: &mut Reader<'_>) -> Option<Vec<OAuthOrgInfo>> {
    let count = reader.count()?;
    let mut bits = reader.all_bits();
    let mut orgs = Vec::with_capacity(count);
    let (mut width, mut head) = (0, 0_u32);
    for index in 0..count {
        if index == 0 {
            width = bits.take(6)? as u32;
        }
        let distance = bits.take(if index == 0 { 32 } else { width })?;
        head = head.checked_add(u32::try_from(distance).ok()?)?;
        let mut org = Packed { id: [0; 12], role: 0, restrictions: 0 };
        org.id[..4].copy_from_slice(&head.to_be_bytes());
        for byte in &mut org.id[4..] {
            *byte = bits.take(8)? as u8;
        }
        org.role = bits.take(3)?;
        if bits.take(1)? == 1 {
            org.restrictions = bits.take(4)?;
        }
        orgs.push(org.into_org()?);
    }
    Some(orgs)
}
