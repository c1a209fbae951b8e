//! The command line: the same host as in the page, with threads in place of workers.

#[cfg(target_arch = "wasm32")]
fn main() {}

#[cfg(not(target_arch = "wasm32"))]
fn main() -> std::process::ExitCode {
    native::main()
}

#[cfg(not(target_arch = "wasm32"))]
#[allow(clippy::print_stdout)] // this is the one place that prints
mod native {
    use std::{path::PathBuf, process::ExitCode};

    use assay::{
        engine::{
            data::{exports, reader::ReadOptions, sample},
            models::tune::SearchKind,
            pipeline::recipe::Recipe,
        },
        host::{Host, VERSION, notice, threads, walk},
        protocol::{Notice, Reply, Request},
    };

    const HELP: &str = "\
Assay: from a CSV of ads or customers to a decision somebody can defend.

  assay profile FILE            what was read, as JSON
      --recipe FILE             read it as this recipe says
  assay run FILE --out DIR      the whole way; writes report.html, report.md,
                                recipe.json and results.json into DIR
      --recipe FILE             carry out this recipe instead of the suggested one
      --target COLUMN           predict this column
      --seed N                  seed of every random draw (42)
      --tune FAMILY             search for better settings of a model first,
                                such as gradient_boosting
      --candidates N            how many settings to try (30)
      --search random|halving   how to look for them (random)
      --threads N               threads to use (all); the numbers do not depend on it
      --mask-small-groups       leave out what rests on fewer than ten rows
  assay sample ads|customers|daily    a sample CSV, made by the built-in generator;
                                meta, google-excel, ga4, shopify-orders, …: an export
      --rows N                  how many rows
      --seed N                  seed of the generator (42)
  assay --version
";

    /// The formats `run` writes.
    const FORMATS: [&str; 4] = ["html", "markdown", "recipe", "results"];

    pub fn main() -> ExitCode {
        match run(std::env::args().skip(1).collect()) {
            Ok(()) => ExitCode::SUCCESS,
            Err(problem) => {
                eprintln!("{problem}");
                ExitCode::FAILURE
            }
        }
    }

    fn run(mut args: Vec<String>) -> Result<(), String> {
        if args.is_empty() || args.iter().any(|a| a == "--help" || a == "-h") {
            print!("{HELP}");
            return Ok(());
        }
        match args.remove(0).as_str() {
            "profile" => profile(Options::of(args, &["--recipe"])?),
            "run" => {
                let n_args = args.len();
                args.retain(|a| a != "--mask-small-groups");
                let is_masked = args.len() < n_args;
                let names = [
                    "--out",
                    "--recipe",
                    "--target",
                    "--seed",
                    "--threads",
                    "--tune",
                    "--candidates",
                    "--search",
                ];
                whole_way(Options::of(args, &names)?, is_masked)
            }
            "sample" => sample_csv(Options::of(args, &["--rows", "--seed"])?),
            "--version" | "-V" => {
                println!("assay {VERSION}");
                Ok(())
            }
            other => Err(format!("there is no command “{other}”; try assay --help")),
        }
    }

    fn profile(options: Options) -> Result<(), String> {
        let mut host = Host::new();
        let recipe = options.value("--recipe").map(read_recipe).transpose()?;
        let read = recipe.map_or_else(ReadOptions::default, |r| r.read);
        let loaded = open_with(&mut host, &options.one("a FILE")?, read)?;
        let profile = serde_json::json!({ "receipt": loaded.receipt, "table": loaded.table });
        println!("{profile:#}");
        Ok(())
    }

    fn whole_way(options: Options, mask_small_groups: bool) -> Result<(), String> {
        let file = options.one("a FILE")?;
        let out = PathBuf::from(options.value("--out").ok_or("say where to write: --out DIR")?);
        let recipe = match options.value("--recipe") {
            Some(path) => Some(read_recipe(path)?),
            None => None,
        };
        let n_threads = match options.number("--threads")? {
            Some(n) => (n as usize).max(1),
            None => std::thread::available_parallelism().map_or(1, usize::from),
        };
        let asked = walk::Asked {
            recipe,
            target: options.value("--target").map(str::to_owned),
            seed: options.number("--seed")?,
            tune: tuning(&options)?,
        };

        let mut host = Host::new();
        let options = asked.recipe.as_ref().map_or_else(ReadOptions::default, |r| r.read.clone());
        let loaded = open_with(&mut host, &file, options)?;
        eprintln!("{}", loaded.receipt.sentence);
        let executor: walk::Executor<'_> = &mut |shared, tasks| threads::run(shared, tasks, n_threads);
        let skipped = walk::walk(&mut host, asked, executor, &mut |what| eprintln!("{what} …"))
            .map_err(|n| words(&n))?;
        for skipped in skipped {
            eprintln!("Skipped {}: {}", skipped.what, skipped.why);
        }

        std::fs::create_dir_all(&out).map_err(|e| format!("{} cannot be made: {e}", out.display()))?;
        for format in FORMATS {
            let request =
                Request::Export { format: format.to_owned(), pictures: Vec::new(), mask_small_groups };
            let (reply, bytes) = walk::ask(&mut host, request, executor).map_err(|n| words(&n))?;
            let Reply::Exported { file_name, .. } = reply else { continue };
            let path = out.join(file_name);
            std::fs::write(&path, bytes.concat())
                .map_err(|e| format!("{} cannot be written: {e}", path.display()))?;
            println!("{}", path.display());
        }
        Ok(())
    }

    /// What `--tune` and its companions ask for.
    fn tuning(options: &Options) -> Result<Option<walk::AskedTuning>, String> {
        let n_candidates = options.number("--candidates")?;
        let search = options.value("--search");
        let Some(family) = options.value("--tune") else {
            return match (n_candidates, search) {
                (None, None) => Ok(None),
                _ => Err("say what to tune: --tune FAMILY".to_owned()),
            };
        };
        let kind = match search {
            Some(slug) => SearchKind::from_slug(slug)
                .ok_or_else(|| format!("there is no search “{slug}”; choose random or halving"))?,
            None => SearchKind::Random,
        };
        let n_candidates = n_candidates.unwrap_or(30).min(u64::from(u32::MAX)) as u32;
        Ok(Some(walk::AskedTuning { family: family.to_owned(), kind, n_candidates }))
    }

    fn sample_csv(options: Options) -> Result<(), String> {
        let seed = options.number("--seed")?.unwrap_or(42);
        let rows = options.number("--rows")?.map(|n| n as usize);
        let text = match options.one("ads, customers or daily")?.as_str() {
            "daily" => {
                sample::daily_ads(seed, rows.unwrap_or(1_000_000), &mut |part| print!("{part}"));
                return Ok(());
            }
            "ads" => sample::ads(seed, rows.unwrap_or(1_000)),
            "customers" => sample::customers(seed, rows.unwrap_or(2_000)),
            other => match exports::export(other, seed) {
                Some(export) => return write_bytes(&export.bytes),
                None => {
                    let names = exports::EXPORTS.join(", ");
                    return Err(format!(
                        "there is no sample “{other}”; choose ads, customers, daily, {names}"
                    ));
                }
            },
        };
        print!("{text}");
        Ok(())
    }

    fn write_bytes(bytes: &[u8]) -> Result<(), String> {
        std::io::Write::write_all(&mut std::io::stdout(), bytes).map_err(|e| e.to_string())
    }

    fn open_with(
        host: &mut Host,
        path: &str,
        options: ReadOptions,
    ) -> Result<Box<assay::protocol::Loaded>, String> {
        // The words for a file that is not there name its path.
        std::fs::File::open(path).map_err(|e| format!("{path} cannot be opened: {e}"))?;
        let n_threads = std::thread::available_parallelism().map_or(1, usize::from);
        threads::load(host, std::path::Path::new(path), options, n_threads).map_err(|n| words(&n))
    }

    fn read_recipe(path: &str) -> Result<Recipe, String> {
        let text = std::fs::read_to_string(path).map_err(|e| format!("{path} cannot be opened: {e}"))?;
        Recipe::from_json(&text).map_err(|e| words(&notice::notice(&e.into())))
    }

    fn words(notice: &Notice) -> String {
        format!("{}\n{}\nTry: {}", notice.title, notice.detail, notice.remedy)
    }

    /// Words after the command: `--name value` pairs and the rest.
    struct Options {
        named: Vec<(String, String)>,
        rest: Vec<String>,
    }

    impl Options {
        fn of(args: Vec<String>, known: &[&str]) -> Result<Self, String> {
            let (mut named, mut rest) = (Vec::new(), Vec::new());
            let mut args = args.into_iter();
            while let Some(arg) = args.next() {
                if known.contains(&arg.as_str()) {
                    let value = args.next().ok_or_else(|| format!("{arg} needs a value"))?;
                    named.push((arg, value));
                } else if arg.starts_with("--") {
                    return Err(format!("there is no option {arg} here; try assay --help"));
                } else {
                    rest.push(arg);
                }
            }
            Ok(Self { named, rest })
        }

        fn one(&self, what: &str) -> Result<String, String> {
            match self.rest.as_slice() {
                [one] => Ok(one.clone()),
                [] => Err(format!("name {what}; try assay --help")),
                _ => Err(format!("name one of {what}, not {}", self.rest.len())),
            }
        }

        fn value(&self, name: &str) -> Option<&str> {
            self.named.iter().rev().find(|(n, _)| n == name).map(|(_, v)| v.as_str())
        }

        fn number(&self, name: &str) -> Result<Option<u64>, String> {
            self.value(name)
                .map(|v| v.parse().map_err(|_| format!("{name} must be a whole number, not “{v}”")))
                .transpose()
        }
    }
}
