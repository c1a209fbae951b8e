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
            data::{reader::ReadOptions, sample},
            pipeline::recipe::Recipe,
        },
        host::{Host, VERSION, notice, threads, walk},
        protocol::{Notice, Reply, Request},
    };

    const HELP: &str = "\
Assay: from a CSV of ads or customers to a decision somebody can defend.

  assay profile FILE            what was read, as JSON
  assay run FILE --out DIR      the whole way; writes report.html, report.md,
                                recipe.json and results.json into DIR
      --recipe FILE             carry out this recipe instead of the suggested one
      --target COLUMN           predict this column
      --seed N                  seed of every random draw (42)
      --threads N               threads to use (all); the numbers do not depend on it
      --mask-small-groups       leave out what rests on fewer than ten rows
  assay sample ads|customers|daily    a sample CSV, made by the built-in generator
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
            "profile" => profile(Options::of(args, &[])?),
            "run" => {
                let n_args = args.len();
                args.retain(|a| a != "--mask-small-groups");
                let is_masked = args.len() < n_args;
                let names = ["--out", "--recipe", "--target", "--seed", "--threads"];
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
        let loaded = open(&mut host, &options.one("a FILE")?)?;
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
            other => return Err(format!("there is no sample “{other}”; choose ads, customers or daily")),
        };
        print!("{text}");
        Ok(())
    }

    fn open(host: &mut Host, path: &str) -> Result<Box<assay::protocol::Loaded>, String> {
        open_with(host, path, ReadOptions::default())
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
