use std::os::unix::fs::symlink;

use super::*;

#[test]
fn row_123_a_link_or_file_at_the_temporarys_path_is_neither_followed_nor_opened() {
    let folder = tempfile::tempdir().unwrap();
    let victim = folder.path().join("victim");
    std::fs::write(&victim, "untouched").unwrap();
    let opened = rustix::fs::open(folder.path(), OFlags::RDONLY, Mode::empty()).unwrap();
    let names: std::collections::BTreeSet<String> =
        (0..100).map(|_| temporary_name(&victim).unwrap()).collect();
    assert_eq!(names.len(), 100, "a name came twice");
    for name in &names {
        assert!(is_temporary(name), "{name}");
        let planted = folder.path().join(name);
        for target in [victim.clone(), folder.path().join("nothing")] {
            symlink(&target, &planted).unwrap();
            assert_eq!(create(&opened, name).unwrap_err(), Errno::EXIST);
            assert!(planted.is_symlink());
            assert!(!folder.path().join("nothing").exists(), "it was made through the link");
            std::fs::remove_file(&planted).unwrap();
        }
        std::fs::hard_link(&victim, &planted).unwrap();
        assert_eq!(create(&opened, name).unwrap_err(), Errno::EXIST);
        std::fs::remove_file(&planted).unwrap();
    }
    assert_eq!(std::fs::read_to_string(&victim).unwrap(), "untouched");
}

fn temporaries(folder: &Path) -> usize {
    let entries = std::fs::read_dir(folder).unwrap();
    entries.filter(|entry| is_temporary(entry.as_ref().unwrap().file_name().to_str().unwrap())).count()
}

#[test]
fn row_125_a_sweep_takes_what_the_dead_left_and_nothing_else() {
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name);
    let path = at("token");
    let name = || temporary_name(&path).unwrap();
    let mut alive = Next::prepare(&path, b"hf_alive").unwrap();
    let (dead, link, hard, inner) = (name(), name(), name(), name());
    std::fs::write(at(&dead), "hf_dead").unwrap();
    std::fs::write(at("victim"), "").unwrap();
    symlink(at("victim"), at(&link)).unwrap();
    std::fs::hard_link(at("victim"), at(&hard)).unwrap();
    std::fs::create_dir(at(&inner)).unwrap();
    let others = [".hf-oauth.x.tmp", ".hf-oauth.tmp", ".other.00000000000000000000000000000000.tmp"];
    for other in others {
        std::fs::write(at(other), "").unwrap();
    }
    sweep(&[&path]);
    assert!(!at(&dead).exists(), "the dead save's is still there");
    let living = alive.temporary.clone();
    for kept in [living.as_str(), "victim", &link, &hard, &inner].into_iter().chain(others) {
        assert!(at(kept).symlink_metadata().is_ok(), "{kept} is gone");
    }
    alive.place().unwrap();
    assert_eq!(std::fs::read(&path).unwrap(), b"hf_alive");
}

#[test]
fn row_123_a_sweep_leaves_what_belongs_to_somebody_else() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("token");
    let theirs = folder.path().join(temporary_name(&path).unwrap());
    std::fs::write(&theirs, "").unwrap();
    if std::os::unix::fs::chown(&theirs, Some(65534), Some(65534)).is_err() {
        println!("left out: only root can give a file away");
        return;
    }
    sweep(&[&path]);
    assert!(theirs.exists());
}

#[test]
fn row_125_saves_and_sweeps_at_once_never_take_a_living_saves_file() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("token");
    std::thread::scope(|scope| {
        let savers: Vec<_> = (0..4)
            .map(|_| {
                scope.spawn(|| (0..200).for_each(|_| Next::prepare(&path, b"hf").unwrap().place().unwrap()))
            })
            .collect();
        while !savers.iter().all(std::thread::ScopedJoinHandle::is_finished) {
            sweep(&[&path]);
        }
    });
    assert_eq!(temporaries(folder.path()), 0);
}
