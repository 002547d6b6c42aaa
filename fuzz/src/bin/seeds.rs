//! Writes the seeds that are missing into `fuzz/corpus`.

use std::path::Path;

fn main() -> std::io::Result<()> {
    let corpora = Path::new(env!("CARGO_MANIFEST_DIR")).join("corpus");
    for seed in hf_oauth_fuzz::seeds::all() {
        let folder = corpora.join(seed.target);
        std::fs::create_dir_all(&folder)?;
        let file = folder.join(seed.name);
        if !file.exists() {
            std::fs::write(file, seed.input)?;
        }
    }
    Ok(())
}
