//! One page of the types of a domain.

use std::ops::Bound;

use super::registration::{Registered, RegistrationStatus, TypeName, Types};
use crate::engine::page::Page;
use crate::engine::seed::Seed;

/// Which types are asked for, and which page of them.
pub(in crate::engine) struct TypePage<'a> {
    /// Only types of this name.
    pub(in crate::engine) name: Option<&'a str>,
    pub(in crate::engine) status: RegistrationStatus,
    /// Whether the last name comes first.
    pub(in crate::engine) reverse: bool,
    pub(in crate::engine) page: &'a Page,
}

impl TypePage<'_> {
    /// The page, and the token of the next one.
    pub(in crate::engine) fn of<'t, N: TypeName, D>(
        &self,
        seed: &Seed,
        types: &'t Types<N, D>,
    ) -> (Vec<(&'t N, &'t Registered<D>)>, Option<String>) {
        // No name has a line break in it, and types are in the order of name and version.
        let after = self.page.after().and_then(|after| after.split_once('\n'));
        let after = after.map(|(name, version)| N::of(name, version));
        let after = after.map_or(Bound::Unbounded, Bound::Excluded);
        let asked = |(name, known): &(&N, &Registered<D>)| {
            self.name.is_none_or(|asked| name.name() == asked) && known.status() == self.status
        };
        let cursor = |(name, _): &(&N, _)| format!("{}\n{}", name.name(), name.version());
        if self.reverse {
            let before = types.range((Bound::Unbounded, after));
            self.page.take(seed, before.rev().filter(asked), cursor)
        } else {
            let rest = types.range((after, Bound::Unbounded));
            self.page.take(seed, rest.filter(asked), cursor)
        }
    }
}
