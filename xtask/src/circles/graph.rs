//! Circles among what files name of each other.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use super::resolve::Import;
use super::tree::Tree;

/// Two rooms, and an import between files below them.
type Edges<'a> = BTreeMap<usize, BTreeMap<usize, &'a Import>>;

/// For each group of rooms that name each other in a round, its shortest circle.
pub(super) fn circles(tree: &Tree, imports: &[Import]) -> Vec<Vec<Import>> {
    // By the file whose children they are: the lowest that has both.
    let mut folders: BTreeMap<usize, Edges<'_>> = BTreeMap::new();
    for import in imports {
        if let Some((folder, from, to)) = rooms(tree, import) {
            folders.entry(folder).or_default().entry(from).or_default().entry(to).or_insert(import);
        }
    }
    folders.values().flat_map(shortest).collect()
}

/// The lowest file that both stand below, and its children that they are or stand below. None where one stands below the
/// other.
fn rooms(tree: &Tree, import: &Import) -> Option<(usize, usize, usize)> {
    let [from, to] = [import.from, import.to].map(|file| line(tree, file));
    let same = from.iter().zip(&to).take_while(|(from, to)| from == to).count();
    Some((*from.get(same.checked_sub(1)?)?, *from.get(same)?, *to.get(same)?))
}

/// From the crate's first file down to this one.
fn line(tree: &Tree, file: usize) -> Vec<usize> {
    let mut line: Vec<_> = std::iter::successors(Some(file), |file| tree.files[*file].parent).collect();
    line.reverse();
    line
}

/// One circle for each group; a room stands in one group only.
fn shortest(edges: &Edges<'_>) -> Vec<Vec<Import>> {
    let mut told: BTreeSet<usize> = BTreeSet::new();
    let mut all = Vec::new();
    for start in edges.keys() {
        if told.contains(start) {
            continue;
        }
        if let Some(circle) = back_to(edges, *start) {
            let reached = reach(edges, *start);
            told.extend(reached.iter().filter(|room| reach(edges, **room).contains(start)));
            all.push(circle);
        }
    }
    all
}

/// The shortest way from `start` to itself.
fn back_to(edges: &Edges<'_>, start: usize) -> Option<Vec<Import>> {
    let mut ways = VecDeque::from([(start, Vec::new())]);
    let mut seen = BTreeSet::new();
    while let Some((room, way)) = ways.pop_front() {
        for (next, import) in edges.get(&room).into_iter().flatten() {
            let mut longer = way.clone();
            longer.push((*import).clone());
            if *next == start {
                return Some(longer);
            }
            if seen.insert(*next) {
                ways.push_back((*next, longer));
            }
        }
    }
    None
}

fn reach(edges: &Edges<'_>, start: usize) -> BTreeSet<usize> {
    let (mut seen, mut next) = (BTreeSet::new(), vec![start]);
    while let Some(room) = next.pop() {
        let more = edges.get(&room).into_iter().flat_map(BTreeMap::keys);
        next.extend(more.filter(|room| seen.insert(**room)));
    }
    seen
}
