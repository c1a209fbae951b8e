//! The command line: the same host as in the page, with threads in place of workers.

#[cfg(target_arch = "wasm32")]
fn main() {}

#[cfg(not(target_arch = "wasm32"))]
fn main() -> std::process::ExitCode {
    native::main()
}

#[cfg(not(target_arch = "wasm32"))]
mod native {
    use std::{
        io::{ErrorKind, Read, Write},
        path::{Path, PathBuf},
        process::ExitCode,
        sync::Arc,
        time::Instant,
    };

    use assay::{
        engine::{
            data::{
                combine::{Aside, FilePart, JoinPlan, Put, Repeats, WorkbookInfo},
                exports,
                reader::{self, ReadOptions},
                sample, workbook,
            },
            models::tune::SearchKind,
            pipeline::recipe::Recipe,
            words,
        },
        host::{
            Host, VERSION, draw, notice,
            threads::{self, Bytes},
            walk,
        },
        protocol::{FileAsk, Loaded, Notice, Reply, Request},
    };

    const HELP: &str = "\
Assay: from a CSV of ads or customers to a decision somebody can defend.

  assay profile FILE [FILE …]   what was read, as JSON
      --recipe FILE             read it as this recipe says
  assay run FILE [FILE …] --out DIR
                                the whole way; writes report.html, report.md,
                                recipe.json and results.json into DIR
      --recipe FILE             carry out this recipe instead of the suggested one
      --target COLUMN           predict this column
      --seed N                  seed of every random draw (42)
      --tune FAMILY             search for better settings of a model first,
                                such as gradient_boosting
      --candidates N            how many settings to try (30)
      --search random|halving   how to look for them (random)
      --seconds N               end the search after so long, with the best so far
      --ladder                  ask the harder questions of a large table, too
      --learning-curve          see whether more rows would help
      --threads N               threads to use (all); the numbers do not depend on it
      --mask-small-groups       leave out what rests on fewer than ten rows
Files are .csv, .tsv, .txt or .xlsx. Several of the same shape become one table:
      FILE FILE …               appended when their columns are the same
      --append FILE             appended in any case; absent columns are missing
      --join FILE --key COLUMN  its columns come beside, matched by a key; with
                                --key LEFT=RIGHT where the names differ
      --repeats combine|first|every
                                what to do with keys that occur more than once in
                                the joined file (refused otherwise): make one row
                                of them, take the first, or repeat the rows
      --sheet NAME              which sheet of the workbook named before
      --missing WORDS           words read as missing in every file, separated by
                                commas, in place of the standing ones

  assay sample ads|customers|daily    a sample CSV, made by the built-in generator;
                                meta, google-excel, ga4, shopify-orders, …: an export
      --rows N                  how many rows
      --seed N                  seed of the generator (42)
  assay --version
";

    /// Options that name files and say how they are put together.
    const FILE_OPTIONS: [&str; 6] = ["--append", "--join", "--key", "--repeats", "--sheet", "--missing"];

    /// The formats `run` writes.
    const FORMATS: [&str; 4] = ["html", "markdown", "recipe", "results"];

    /// What a shell reports of a program that was ended because nobody reads its output any more (128 + SIGPIPE).
    const NOBODY_READS: i32 = 141;

    /// Writes to standard output: this is the one place that does. Ends the program quietly where nobody reads on, as behind
    /// `| head`.
    fn put(bytes: &[u8]) -> Result<(), String> {
        let mut out = std::io::stdout().lock();
        match out.write_all(bytes).and_then(|()| out.flush()) {
            Err(e) if e.kind() == ErrorKind::BrokenPipe => std::process::exit(NOBODY_READS),
            result => result.map_err(|e| format!("the output cannot be written: {e}")),
        }
    }

    fn put_line(line: &str) -> Result<(), String> {
        put(format!("{line}\n").as_bytes())
    }

    /// Says what happens, to whom it may interest.
    fn say(line: &str) {
        let _ = writeln!(std::io::stderr(), "{line}");
    }

    pub fn main() -> ExitCode {
        match run(std::env::args().skip(1).collect()) {
            Ok(()) => ExitCode::SUCCESS,
            Err(problem) => {
                say(&problem);
                ExitCode::FAILURE
            }
        }
    }

    fn run(mut args: Vec<String>) -> Result<(), String> {
        if args.is_empty() || args.iter().any(|a| a == "--help" || a == "-h") {
            return put(HELP.as_bytes());
        }
        match args.remove(0).as_str() {
            "profile" => {
                let names: Vec<&str> = ["--recipe"].into_iter().chain(FILE_OPTIONS).collect();
                profile(Options::of(args, &names)?)
            }
            "run" => {
                let mut has = |flag: &str| {
                    let n_args = args.len();
                    args.retain(|a| a != flag);
                    args.len() < n_args
                };
                let is_masked = has("--mask-small-groups");
                let (ladder, curve) = (has("--ladder"), has("--learning-curve"));
                let names = [
                    "--out",
                    "--recipe",
                    "--target",
                    "--seed",
                    "--threads",
                    "--tune",
                    "--candidates",
                    "--search",
                    "--seconds",
                ];
                let names: Vec<&str> = names.into_iter().chain(FILE_OPTIONS).collect();
                let options = Options::of(args, &names)?;
                whole_way(options, is_masked, ladder, curve)
            }
            "sample" => sample_csv(Options::of(args, &["--rows", "--seed"])?),
            "--version" | "-V" => put_line(&format!("assay {VERSION}")),
            other => Err(format!("there is no command “{other}”; try assay --help")),
        }
    }

    fn profile(options: Options) -> Result<(), String> {
        let mut host = Host::new();
        let recipe = options.value("--recipe").map(read_recipe).transpose()?;
        let n_threads = std::thread::available_parallelism().map_or(1, usize::from);
        let loaded = open(&mut host, &options, recipe.as_ref(), n_threads)?;
        let profile = serde_json::json!({ "receipt": loaded.receipt, "table": loaded.table });
        put_line(&format!("{profile:#}"))
    }

    fn whole_way(options: Options, mask_small_groups: bool, ladder: bool, curve: bool) -> Result<(), String> {
        let out = PathBuf::from(options.value("--out").ok_or("say where to write: --out DIR")?);
        let recipe = match options.value("--recipe") {
            Some(path) => Some(read_recipe(path)?),
            None => None,
        };
        let n_threads = match options.number("--threads")? {
            Some(n) => (n as usize).max(1),
            None => std::thread::available_parallelism().map_or(1, usize::from),
        };
        let mut asked = walk::Asked {
            recipe,
            target: options.value("--target").map(str::to_owned),
            seed: options.number("--seed")?,
            tune: tuning(&options)?,
            ladder,
            curve,
        };

        let mut host = Host::new();
        let loaded = open(&mut host, &options, asked.recipe.as_ref(), n_threads)?;
        if let Some(recipe) = &mut asked.recipe {
            say_what_differs(recipe, &loaded.files);
            // From here on the recipe is that of the files that are open.
            recipe.files.clone_from(&loaded.files);
            recipe.read = loaded.files.first().map_or_else(ReadOptions::default, |f| f.read.clone());
        }
        say(&loaded.receipt.sentence);
        let executor: walk::Executor<'_> = &mut |shared, tasks| threads::run(shared, tasks, n_threads);
        let skipped = walk::walk(&mut host, asked, executor, &mut |what| say(&format!("{what} …")))
            .map_err(|n| in_words(&n))?;
        for skipped in skipped {
            say(&format!("Skipped {}: {}", skipped.what, skipped.why));
        }

        std::fs::create_dir_all(&out).map_err(|e| format!("{} cannot be made: {e}", out.display()))?;
        say("Drawing charts …");
        let pictures = draw::report_pictures(&mut host).map_err(|n| in_words(&n))?;
        for format in FORMATS {
            let request =
                Request::Export { format: format.to_owned(), pictures: pictures.clone(), mask_small_groups };
            let (reply, bytes) = walk::ask(&mut host, request, executor).map_err(|n| in_words(&n))?;
            let Reply::Exported { file_name, .. } = reply else { continue };
            let path = out.join(file_name);
            std::fs::write(&path, bytes.concat())
                .map_err(|e| format!("{} cannot be written: {e}", path.display()))?;
            put_line(&path.display().to_string())?;
        }
        Ok(())
    }

    /// What `--tune` and its companions ask for.
    #[allow(clippy::disallowed_methods)] // a limit of seconds is by the clock
    fn tuning(options: &Options) -> Result<Option<walk::AskedTuning>, String> {
        let n_candidates = options.number("--candidates")?;
        let search = options.value("--search");
        let Some(family) = options.value("--tune") else {
            return match (n_candidates, search, options.value("--seconds")) {
                (None, None, None) => Ok(None),
                _ => Err("say what to tune: --tune FAMILY".to_owned()),
            };
        };
        let kind = match search {
            Some(slug) => SearchKind::from_slug(slug)
                .ok_or_else(|| format!("there is no search “{slug}”; choose random or halving"))?,
            None => SearchKind::Random,
        };
        let begun = Instant::now();
        let clock = walk::Clock(Arc::new(move || begun.elapsed().as_secs_f64()));
        let within = options.number("--seconds")?.map(|n| (n as f64, clock));
        // With a limit of time as many as there is time for.
        let n_candidates = n_candidates.unwrap_or(if within.is_some() { 2_000 } else { 30 });
        let n_candidates = n_candidates.min(u64::from(u32::MAX)) as u32;
        Ok(Some(walk::AskedTuning { family: family.to_owned(), kind, n_candidates, within }))
    }

    fn sample_csv(options: Options) -> Result<(), String> {
        let seed = options.number("--seed")?.unwrap_or(42);
        let rows = options.number("--rows")?.map(|n| n as usize);
        let text = match options.one("ads, customers or daily")?.as_str() {
            "daily" => {
                let mut written = Ok(());
                sample::daily_ads(seed, rows.unwrap_or(1_000_000), &mut |part| {
                    if written.is_ok() {
                        written = put(part.as_bytes());
                    }
                });
                return written;
            }
            "ads" => sample::ads(seed, rows.unwrap_or(1_000)),
            "customers" => sample::customers(seed, rows.unwrap_or(2_000)),
            other => match exports::export(other, seed) {
                Some(export) => return put(&export.bytes),
                None => {
                    let names = exports::EXPORTS.join(", ");
                    return Err(format!(
                        "there is no sample “{other}”; choose ads, customers, daily, {names}"
                    ));
                }
            },
        };
        put(text.as_bytes())
    }

    /// Opens the files named, put together as asked: by the options, else by the recipe, else by their columns.
    fn open(
        host: &mut Host,
        options: &Options,
        recipe: Option<&Recipe>,
        n_threads: usize,
    ) -> Result<Box<Loaded>, String> {
        let wanted = Wanted::of(options)?;
        let mut parts: Vec<Option<&FilePart>> =
            recipe.map_or(Vec::new(), |r| r.files.iter().map(Some).collect());
        let mut files = Vec::new();
        for (i, wanted) in wanted.iter().enumerate() {
            let path = Path::new(&wanted.path);
            let name = path.file_name().map_or_else(String::new, |n| n.to_string_lossy().into_owned());
            // The file of that name in the recipe, else the one at this place.
            let by_name = parts.iter().position(|p| p.is_some_and(|p| p.name == name));
            let part = by_name.or(Some(i)).and_then(|i| parts.get_mut(i)).and_then(Option::take);
            let mut read = match (i, part, recipe) {
                (0, _, Some(recipe)) => recipe.read.clone(),
                (_, Some(part), _) => part.read.clone(),
                _ => ReadOptions::default(),
            };
            if wanted.sheet.is_some() {
                read.sheet.clone_from(&wanted.sheet);
            }
            if let Some(words) = options.value("--missing") {
                read.missing = Some(reader::missing_words(words));
            }
            let put = match (&wanted.put, part) {
                (Put::ByShape, Some(part)) if i > 0 => part.put.clone(),
                (put, _) => put.clone(),
            };
            let missing = |e: std::io::Error| format!("{} cannot be opened: {e}", wanted.path);
            let (n_bytes, bytes, workbook) = if is_workbook(path, &name).map_err(missing)? {
                let bytes = std::fs::read(path).map_err(missing)?;
                let sheet = workbook::read_sheet(&bytes, read.sheet.as_deref(), &mut |_| {})
                    .map_err(|e| format!("{}: {}", wanted.path, in_words(&notice::workbook(&e))))?;
                read.sheet = Some(sheet.name.clone());
                let text = sheet.csv.into_bytes();
                let info =
                    WorkbookInfo { sheet: sheet.name, sheets: sheet.sheets, n_bytes: bytes.len() as u64 };
                (text.len() as u64, Bytes::Text(text), Some(info))
            } else {
                (std::fs::metadata(path).map_err(missing)?.len(), Bytes::File(path.to_owned()), None)
            };
            files.push((FileAsk { name, n_bytes, options: read, put, workbook }, bytes));
        }
        if let Some(join) = parts.iter().flatten().find(|p| matches!(p.put, Put::Join(_))) {
            return Err(format!("the recipe joins {}; name that file, or one like it, too", join.name));
        }
        let loaded = threads::load_files(host, files, n_threads).map_err(|n| in_words(&n))?;
        for (name, notice) in &loaded.refused {
            say(&format!("Left out {name}: {}. {}", notice.title, notice.detail));
        }
        if let Some(aside) = loaded.aside.first() {
            return Err(how_to_join(aside));
        }
        Ok(loaded)
    }

    fn is_workbook(path: &Path, name: &str) -> std::io::Result<bool> {
        let mut first = Vec::new();
        if workbook::may_be_workbook(name) {
            std::fs::File::open(path)?.take(workbook::N_LOOKED_AT as u64).read_to_end(&mut first)?;
        }
        Ok(workbook::is_workbook(name, &first))
    }

    /// A file of another shape: what the columns let expect of joining it.
    fn how_to_join(aside: &Aside) -> String {
        let offer = aside.best.as_ref().map(|join| {
            let key = if join.left == join.right {
                join.left.clone()
            } else {
                format!("{}={}", join.left, join.right)
            };
            let matched = words::count(join.n_rows_matched);
            let share = words::share(join.n_rows_matched, join.n_rows);
            format!("--join {} --key \"{key}\" would match {matched} rows ({share})", aside.name)
        });
        format!(
            "{} has other columns than the file before it: {} of its {} are shared\nTry: {}",
            aside.name,
            words::count(aside.n_shared),
            words::count(aside.columns.len() as u64),
            offer.unwrap_or_else(|| format!("--append {} to append it all the same", aside.name))
        )
    }

    /// A recipe on other files gives other numbers: that is said.
    fn say_what_differs(recipe: &Recipe, files: &[FilePart]) {
        for (made_with, file) in recipe.files.iter().zip(files) {
            if made_with.fingerprint != file.fingerprint {
                say(&format!("{} is not the {} the recipe was made with", file.name, made_with.name));
            }
        }
        if !recipe.files.is_empty() && recipe.files.len() != files.len() {
            say(&format!("The recipe was made with {} files, not with {}", recipe.files.len(), files.len()));
        }
    }

    /// A file as named on the command line.
    struct Wanted {
        path: String,
        put: Put,
        sheet: Option<String>,
    }

    impl Wanted {
        fn of(options: &Options) -> Result<Vec<Self>, String> {
            let mut files: Vec<Self> = Vec::new();
            for (name, value) in &options.words {
                let file = |put| Self { path: value.clone(), put, sheet: None };
                let last = files.last_mut();
                match (name.as_deref(), last) {
                    (None, _) => files.push(file(Put::ByShape)),
                    (Some("--append"), _) => files.push(file(Put::Append)),
                    (Some("--join"), _) => files.push(file(Put::Join(JoinPlan::default()))),
                    (Some("--sheet"), Some(last)) => last.sheet = Some(value.clone()),
                    (Some("--key"), Some(Self { put: Put::Join(plan), .. })) => {
                        let (left, right) = value.split_once('=').unwrap_or((value, value));
                        (plan.left, plan.right) = (left.to_owned(), right.to_owned());
                    }
                    (Some("--repeats"), Some(Self { put: Put::Join(plan), .. })) => {
                        plan.repeats = Repeats::from_slug(value)
                            .ok_or_else(|| format!("--repeats is combine, first or every, not “{value}”"))?;
                    }
                    (Some("--sheet"), None) => return Err("name the workbook before its --sheet".into()),
                    (Some(name @ ("--key" | "--repeats")), _) => {
                        return Err(format!("{name} belongs behind a --join FILE"));
                    }
                    _ => {}
                }
            }
            if files.is_empty() {
                return Err("name a FILE; try assay --help".into());
            }
            match files.iter().find(|f| matches!(&f.put, Put::Join(plan) if plan.left.is_empty())) {
                Some(file) => Err(format!("say by which column to join {}: --key COLUMN", file.path)),
                None => Ok(files),
            }
        }
    }

    fn read_recipe(path: &str) -> Result<Recipe, String> {
        let text = std::fs::read_to_string(path).map_err(|e| format!("{path} cannot be opened: {e}"))?;
        Recipe::from_json(&text).map_err(|e| in_words(&Notice::from(&e)))
    }

    fn in_words(notice: &Notice) -> String {
        format!("{}\n{}\nTry: {}", notice.title, notice.detail, notice.remedy)
    }

    /// Words after the command, in their order: `--name value` pairs and the rest.
    struct Options {
        words: Vec<(Option<String>, String)>,
    }

    impl Options {
        fn of(args: Vec<String>, known: &[&str]) -> Result<Self, String> {
            let mut words = Vec::new();
            let mut args = args.into_iter();
            while let Some(arg) = args.next() {
                if known.contains(&arg.as_str()) {
                    let value = args.next().ok_or_else(|| format!("{arg} needs a value"))?;
                    words.push((Some(arg), value));
                } else if arg.starts_with("--") {
                    return Err(format!("there is no option {arg} here; try assay --help"));
                } else {
                    words.push((None, arg));
                }
            }
            Ok(Self { words })
        }

        fn one(&self, what: &str) -> Result<String, String> {
            let rest: Vec<&String> = self.words.iter().filter(|(n, _)| n.is_none()).map(|(_, v)| v).collect();
            match rest.as_slice() {
                [one] => Ok((*one).clone()),
                [] => Err(format!("name {what}; try assay --help")),
                _ => Err(format!("name one of {what}, not {}", rest.len())),
            }
        }

        fn value(&self, name: &str) -> Option<&str> {
            self.words.iter().rev().find(|(n, _)| n.as_deref() == Some(name)).map(|(_, v)| v.as_str())
        }

        fn number(&self, name: &str) -> Result<Option<u64>, String> {
            self.value(name)
                .map(|v| v.parse().map_err(|_| format!("{name} must be a whole number, not “{v}”")))
                .transpose()
        }
    }
}
